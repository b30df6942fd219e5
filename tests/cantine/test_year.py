"""The EGAlim trajectory: what the year already holds weighs on what is asked of a plan."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.egalim.models import YearTotal
from cantine.foods.models import Food
from cantine.kitchens.models import Setting
from cantine.planning.build import build_instance
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.year import year_before, year_until
from cantine.suppliers.models import Offer, Supplier
from optim.figures import shortfall_millicents
from optim.instance import Egalim, Instance
from optim.terms import MEAT_FISH, Label
from tests.cantine.plans import simple_plan

KITCHEN = "PORT-BRUME"
DAY = date(2027, 1, 4)
LATER = date(2027, 3, 8)


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département."""
    with Session(marais_engine) as session:
        yield session


def declare(session: Session, until: date, total: int) -> None:
    """Purchases of the year so far: a tenth labelled, nothing organic."""
    session.add(
        YearTotal(
            kitchen=KITCHEN,
            year=until.year,
            until=until,
            total_ht=Decimal(total),
            egalim_ht=Decimal(total) / 10,
            bio_ht=Decimal(0),
            meat_fish_ht=Decimal(total) / 4,
            meat_fish_egalim_ht=Decimal(0),
        )
    )
    session.flush()


def buy(session: Session, offer: Offer, delivery: date, packs: int) -> int:
    """A planned purchase; its price in cents."""
    session.add(
        PlannedPurchase(
            kitchen=KITCHEN, delivery=delivery, offer=offer.code, packs=packs, price_ht=offer.price_ht
        )
    )
    session.flush()
    return round(offer.price_ht * packs * 100)


def question(session: Session, first: date = LATER, hour: time = time.min) -> Instance:
    """Four meals asked."""
    return build_instance(session, KITCHEN, first, 4, "equilibre", first, hour)


def organic_meat(session: Session) -> Offer:
    """An offer of meat made organic."""
    rows = session.exec(select(Offer, Food).where(Offer.food == Food.code).order_by(Offer.code))
    offer = next(offer for offer, food in rows if food.family in MEAT_FISH)
    offer.labels = (Label.BIO.value,)
    session.add(offer)
    session.flush()
    return offer


def test_declared_and_planned_purchases_make_the_past(session: Session) -> None:
    """Each once: planned ones only after the declared date, before the plan, in the same year."""
    declare(session, date(2027, 1, 31), 10_000)
    offer = organic_meat(session)
    buy(session, offer, date(2027, 1, 28), 5)
    buy(session, offer, date(2026, 12, 15), 7)
    cents = buy(session, offer, date(2027, 2, 2), 3)
    buy(session, offer, LATER + timedelta(days=1), 2)
    assert question(session).egalim.model_dump() == {
        "past_cents": 1_000_000 + cents,
        "past_egalim_cents": 100_000 + cents,
        "past_bio_cents": cents,
        "past_meat_fish_cents": 250_000 + cents,
        "past_meat_fish_egalim_cents": cents,
        "target_egalim_permille": 200,
        "target_bio_permille": 50,
        "target_meat_fish_permille": 200,
    }


def test_a_year_behind_its_target_lacks_more(session: Session) -> None:
    """The same plan is further from the targets once the poor year so far is given."""
    fresh = question(session)
    declare(session, date(2027, 2, 28), 20_000)
    behind = question(session)
    plan = simple_plan(fresh)
    assert shortfall_millicents(behind, plan) > shortfall_millicents(fresh, plan)


def test_what_is_planned_again_is_not_counted_before(session: Session) -> None:
    """A delivery that feeds only the asked meals goes with them: the year does not hold it twice."""
    offer = organic_meat(session)
    buy(session, offer, date(2027, 3, 5), 3)
    session.add(
        PlannedUse(
            kitchen=KITCHEN,
            date=LATER,
            food=offer.food,
            grams=500,
            offer=offer.code,
            delivery=date(2027, 3, 5),
        )
    )
    session.flush()
    assert year_before(session, KITCHEN, [LATER]).bought.total == 0
    assert year_before(session, KITCHEN, [LATER + timedelta(days=1)]).bought.total > 0


def test_a_plan_over_new_year_belongs_to_the_year_it_starts_in(session: Session) -> None:
    """December's purchases are its past, January's are not yet; the next year starts from nothing."""
    offer = organic_meat(session)
    december = buy(session, offer, date(2026, 12, 1), 4)
    buy(session, offer, date(2027, 1, 5), 4)
    assert year_before(session, KITCHEN, [date(2026, 12, 17), date(2027, 1, 4)]).bought.total == december
    assert year_before(session, KITCHEN, [date(2027, 1, 4)]).bought.total == 0
    assert year_until(session, KITCHEN, 2026, date(2027, 1, 15)).bought.total == december


def test_nothing_given_means_nothing_past(session: Session) -> None:
    """A new kitchen on the first school day of January: the targets are those of the plan alone."""
    past = question(session, DAY).egalim
    assert past.model_copy(update={"past_cents": 0}) == past
    assert past == Egalim(target_egalim_permille=200, target_bio_permille=50, target_meat_fish_permille=200)


@pytest.mark.parametrize(("hour", "wait"), [(time(9, 59, 59), 0), (time(10), 1), (time(23, 59), 1)])
def test_after_the_hour_an_order_counts_as_tomorrow(session: Session, hour: time, wait: int) -> None:
    """Until ten the order leaves today; from ten on, everything arrives a day later."""
    session.get_one(Setting, "demonstration").value = "false"
    supplier = session.get_one(Supplier, "fournil")
    supplier.cutoff_hour, supplier.lead_days, supplier.delivery_days = "10:00", 1, "12345"
    session.flush()
    monday = date(2027, 3, 8)
    known = next(s for s in question(session, monday, hour).suppliers if s.code == "fournil")
    assert known.delivery_dates[0] == monday + timedelta(days=1 + wait)


def test_a_demonstration_orders_ahead_whatever_the_hour(session: Session) -> None:
    """Its first deliveries have left long ago."""
    early, late = (question(session, DAY, hour).suppliers for hour in (time.min, time(23)))
    assert early == late
