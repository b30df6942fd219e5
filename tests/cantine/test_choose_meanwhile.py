"""« Choisir » beside what others decided or told: a proposal that waits, a product that does not come."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.errors import ConflictError
from cantine.menus.grid import Place
from cantine.planning import runs
from cantine.planning.carry_out import OrdersError, mark_of, put_orders_back
from cantine.planning.choose import choose
from cantine.planning.models import Mishap, PlannedPurchase, Run
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering
from optim.instance import Instance
from optim.plan import Plan, Result, Use
from optim.terms import Slot
from tests.cantine.changes import MORNING, panel, planned, stamp, told
from tests.cantine.plans import FIRST, finished_run
from tests.cantine.site import NOW, OWN

PLACE: Place = date(2027, 1, 19), Slot.PLAT, 1
EVE: Place = date(2027, 1, 8), Slot.PLAT, 1
NEXT = date(2027, 1, 11)


@pytest.fixture
def menus(bought_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus and purchases are in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def waiting(session: Session) -> Run:
    """A proposal to decide that takes all that earlier deliveries leave."""
    run = finished_run(session, OWN, 4, NEXT)
    instance, result = Instance.model_validate_json(run.instance), Result.model_validate_json(run.result)
    assert result.plan is not None
    lots = [lot for lot in instance.stock if lot.code.startswith("livraison@")]
    assert lots
    uses = tuple(Use(date=NEXT, food=lot.food, grams=lot.grams, lot=lot.code) for lot in lots)
    plan = Plan(dishes=result.plan.dishes, uses=uses)
    run.result = result.model_copy(update={"plan": plan}).model_dump_json()
    session.commit()
    return run


def test_a_proposal_cannot_eat_what_a_choice_took(menus: Session) -> None:
    """Chosen on the eve, a dish takes or cancels what was left: accepting is refused, nothing is written."""
    run = waiting(menus)
    with menus.begin_nested() as unchanged:
        runs.accept(menus, run, None, NOW, FIRST)
        unchanged.rollback()
    _, found = panel(menus, EVE)
    chosen = next(a for a in found if a.change and a.change.effect.taken)
    choose(menus, OWN, EVE, chosen.recipe, stamp(menus, EVE[0]), MORNING, told(chosen))
    menus.commit()
    before = planned(menus)
    with pytest.raises(ConflictError, match="restes qui ne sont plus là"):
        runs.accept(menus, run, None, NOW, FIRST)
    assert not run.decision
    assert planned(menus) == before


def moved(session: Session, *, more: bool) -> tuple[str, PlannedPurchase]:
    """A dish whose choice orders packs more (or less) of an order, and that order."""
    supply, found = panel(session, PLACE)
    effects = [(a.recipe, a.change.effect) for a in found if a.change]
    recipe, code, delivery = next(
        (recipe, *key)
        for recipe, effect in effects
        for key, packs in effect.packs.items()
        if (packs > 0) is more
    )
    item = supply.items[code]
    row = PlannedPurchase(
        kitchen=OWN, delivery=delivery, offer=item.offer.code, packs=5, price_ht=item.price_ht
    )
    return recipe, session.merge(row)


@pytest.mark.parametrize("kind", ["offre", "livraison"])
def test_a_delivery_told_stays_as_it_was_ordered(menus: Session, kind: str) -> None:
    """The choice that would order more of a product withdrawn, or less of a delivery told short, does not."""
    recipe, row = moved(menus, more=kind == "offre")
    order, packs = (row.offer, row.delivery), 1 if kind == "livraison" else None
    dates = {"first_date": row.delivery, "last_date": row.delivery}
    menus.add(Mishap(kitchen=OWN, kind=kind, offer=row.offer, packs=packs, created_at=NOW, **dates))
    menus.flush()
    _, found = panel(menus, PLACE)
    again = next(a for a in found if a.recipe == recipe)
    choose(menus, OWN, PLACE, recipe, stamp(menus, PLACE[0]), MORNING, told(again))
    assert planned(menus)[0][order] == row.packs == 5


def test_annuler_notices_what_came_meanwhile(menus: Session) -> None:
    """Every order that fed the meal counts: one that a colleague cancelled, one told withdrawn since."""
    day, session = PLACE[0], menus
    # Under such a minimum, what the meal no longer eats of it stays ordered.
    session.get_one(Supplier, "cremier").min_order_ht = Decimal(10_000)
    session.flush()
    _, found = panel(session, PLACE)
    best = next(a for a in found if a.change and a.change.orders.freed)
    chosen = choose(session, OWN, PLACE, best.recipe, stamp(session, day), MORNING, told(best))
    assert chosen
    state, ordering = chosen.before, load_ordering(session, FIRST, MORNING)
    left = mark_of(session, OWN, day, state)
    session.commit()
    orders = {(offer, delivery): packs for offer, delivery, packs, _ in state["packs"]}
    stayed = next(
        (offer, delivery) for _, _, offer, delivery, _ in state["uses"] if (offer, delivery) not in orders
    )
    put_back = next(order for order, packs in orders.items() if packs)
    for (offer, delivery), words in ((stayed, "ont changé depuis"), (put_back, "a annoncé depuis que")):
        at = date.fromisoformat(delivery)
        if (offer, delivery) == stayed:
            session.get_one(PlannedPurchase, (OWN, at, offer)).packs -= 1
        else:
            session.add(
                Mishap(kitchen=OWN, kind="offre", offer=offer, first_date=at, last_date=at, created_at=NOW)
            )
        with pytest.raises(OrdersError, match=words):
            put_orders_back(session, OWN, day, state, left, ordering, stamp(session, day))
        session.rollback()
    put_orders_back(session, OWN, day, state, left, ordering, stamp(session, day))
    assert all(
        planned(session)[0].get((offer, date.fromisoformat(at)), 0) == n for (offer, at), n in orders.items()
    )
