"""A plan written over another: nothing bought twice, nothing eaten twice, nobody's choice lost."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.errors import ConflictError
from cantine.foods.models import Food
from cantine.menus.models import Dish, Service
from cantine.planning.build import build_instance
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.save import check_unchanged, save_plan, versions_of
from cantine.planning.store import stock_at
from cantine.suppliers.models import Offer, StockLot
from optim.instance import Instance
from optim.plan import Result
from tests.cantine.plans import first_found

KITCHEN = "PORT-BRUME"
FIRST = date(2027, 1, 4)
NEXT = date(2027, 1, 11)


def plan(session: Session, first: date, services: int) -> tuple[Instance, Result]:
    """A real proposal."""
    instance = build_instance(session, KITCHEN, first, services, "equilibre", FIRST)
    return instance, first_found(instance)


def accept(session: Session, instance: Instance, result: Result) -> None:
    """Write it."""
    assert result.plan is not None
    save_plan(session, KITCHEN, instance, result.plan)


def balances(session: Session) -> list[str]:
    """Sources from which more is used than there is."""
    uses: Counter[tuple[str, object, object]] = Counter()
    for use in session.exec(select(PlannedUse)):
        uses[use.food, use.offer or use.lot_expires_on, use.delivery] += use.grams
    there: Counter[tuple[str, object, object]] = Counter()
    for row, offer in session.exec(select(PlannedPurchase, Offer).where(PlannedPurchase.offer == Offer.code)):
        there[offer.food, offer.code, row.delivery] += row.packs * offer.pack_g
    for lot in session.exec(select(StockLot).where(StockLot.kitchen == KITCHEN)):
        there[lot.food, lot.expires_on, None] += lot.grams
    return [f"{key}: {grams} of {there[key]}" for key, grams in uses.items() if grams > there[key]]


@pytest.fixture
def session(marais_engine: Engine) -> Session:
    """The invented département, with one lot worth fighting for."""
    session = Session(marais_engine)
    food = session.exec(select(Food.code).where(Food.code == "riz")).one()
    session.add(
        StockLot(kitchen=KITCHEN, food=food, grams=20_000, price_ht_per_kg=2, expires_on=date(2027, 9, 1))
    )
    session.flush()
    return session


def test_two_plans_in_a_row_balance(session: Session) -> None:
    """The second plan starts from what the first one leaves: stock and deliveries balance to the gram."""
    accept(session, *plan(session, FIRST, 8))
    assert balances(session) == []
    fed_before = {
        (use.offer, use.delivery) for use in session.exec(select(PlannedUse).where(PlannedUse.date < NEXT))
    }
    accept(session, *plan(session, NEXT, 4))
    assert balances(session) == []
    kept = {(p.offer, p.delivery) for p in session.exec(select(PlannedPurchase))}
    assert {key for key in fed_before if key[0]} <= kept


def test_what_earlier_meals_take_is_gone(session: Session) -> None:
    """A lot is offered to the next plan less the uses before it; a delivery kept is offered as stock."""
    session.add(Service(kitchen=KITCHEN, date=FIRST, college=100))
    session.flush()
    offer = session.exec(select(Offer).where(Offer.food == "riz")).first()
    assert offer is not None
    session.add(
        PlannedUse(kitchen=KITCHEN, date=FIRST, food="riz", grams=15_000, lot_expires_on=date(2027, 9, 1))
    )
    session.add(
        PlannedPurchase(kitchen=KITCHEN, delivery=FIRST, offer=offer.code, packs=2, price_ht=offer.price_ht)
    )
    session.add(
        PlannedUse(kitchen=KITCHEN, date=FIRST, food="riz", grams=1_000, offer=offer.code, delivery=FIRST)
    )
    session.flush()
    ours = {"riz@2027-09-01", f"livraison@{offer.code}@2027-01-04"}
    left = {lot.code: lot.grams for lot in stock_at(session, KITCHEN, [NEXT]) if lot.code in ours}
    assert left == {"riz@2027-09-01": 5_000, f"livraison@{offer.code}@2027-01-04": 2 * offer.pack_g - 1_000}
    first = {lot.code: lot.grams for lot in stock_at(session, KITCHEN, [FIRST]) if lot.code in ours}
    assert first == {"riz@2027-09-01": 20_000}


def test_a_day_changed_meanwhile_is_never_replaced(session: Session) -> None:
    """A lock, an effectif or an excluded day decided during the search refuses the whole plan."""
    instance = build_instance(session, KITCHEN, FIRST, 4, "equilibre", FIRST)
    versions = versions_of(session, KITCHEN, instance)
    check_unchanged(session, KITCHEN, instance, versions, FIRST)
    session.add(Service(kitchen=KITCHEN, date=instance.horizon[1].date, college=12, status="exclu"))
    session.flush()
    with pytest.raises(ConflictError, match="05/01"):
        check_unchanged(session, KITCHEN, instance, versions, FIRST)
    with pytest.raises(ConflictError, match="est passé"):
        check_unchanged(session, KITCHEN, instance, versions, date(2027, 1, 5))


def test_kept_dishes_stay_kept(session: Session) -> None:
    """A dish the chief keeps is still kept, and still the chief's, once the proposal is accepted."""
    accept(session, *plan(session, FIRST, 2))
    row = session.exec(select(Dish).where(Dish.date == FIRST, Dish.slot == "plat")).one()
    row.locked, row.chosen_by, recipe = True, "chef", row.recipe
    session.flush()
    accept(session, *plan(session, FIRST, 2))
    session.expire_all()
    row = session.exec(select(Dish).where(Dish.date == FIRST, Dish.slot == "plat")).one()
    assert (row.recipe, row.locked, row.chosen_by) == (recipe, True, "chef")
    other = session.exec(select(Dish).where(Dish.date == FIRST, Dish.slot == "dessert")).first()
    assert other is None or (other.locked, other.chosen_by) == (False, "proposition")
