"""What was ordered before and is on its way, zones out of order: checker, model and walk agree."""

from datetime import date, timedelta

import pytest

from optim.anneal.walker import Walker
from optim.check import violations
from optim.figures import figures
from optim.generate import Shape, generate
from optim.instance import Instance, StockLot
from optim.plan import Plan, Purchase, Use
from optim.rules.budget import budget_cents, cost_ttc_millicents
from optim.surrogate import MenuGuess
from optim.units import MILLICENTS
from optim.uses import make_plan
from tests.optim.cases import faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    buy,
    cooked,
    draw,
    food,
    lot,
    menu,
    offer,
    question,
    services,
    supplier,
    take,
)

WEDNESDAY = MONDAY + timedelta(days=2)


def ask(*stock: StockLot, closed: tuple[date, ...] = (), **fields: object) -> Instance:
    """10 kg of cabbage a day when it is cooked, sold on Monday and Thursday, kept in a cold room."""
    asked = {
        "foods": (food("chou", storage="froid"),),
        "suppliers": (supplier(dates=(MONDAY, THURSDAY)),),
        "offers": (offer("c5", "chou"),),
        "services": services((MONDAY, TUESDAY, THURSDAY, FRIDAY)),
        "stock": stock,
        "storage_closed": {"froid": frozenset(closed)},
    }
    return question((cooked("potee", {"chou": 100}),), **(asked | fields))


def answer(instance: Instance, day: date, purchases: tuple[Purchase, ...], *uses: Use) -> Plan:
    """Cabbage on one day, with these purchases and uses."""
    return Plan(dishes=menu(instance, {day: ["potee"]}).dishes, purchases=purchases, uses=uses)


def coming(day: date) -> StockLot:
    """Ten kilograms ordered before, that come on a day and keep."""
    return lot("l", "chou", 10_000, FRIDAY).model_copy(update={"available_from": day})


@pytest.mark.parametrize(("day", "kept"), [(TUESDAY, False), (THURSDAY, True), (FRIDAY, True)])
def test_an_order_on_its_way_feeds_from_its_morning(day: date, kept: bool) -> None:
    """What comes on Thursday is of no use on Tuesday; the checker, the rows and the flow say the same."""
    instance = ask(coming(THURSDAY))
    plan = answer(instance, day, (), draw(day, "chou", 10_000, "l"))
    assert [f.message for f in faults_of("conservation", instance, plan)] == (
        [] if kept else ["Chou le mardi 06/01 : livré trop tard, le jeudi 08/01."]
    )
    assert fits(instance, plan, "besoin", "conservation") is kept
    assert (make_plan(instance, plan.dishes, {}) is not None) is kept


@pytest.mark.parametrize(
    ("delivery", "day", "kept"),
    [
        (MONDAY, MONDAY, True),
        (MONDAY, TUESDAY, True),
        (MONDAY, THURSDAY, False),
        (THURSDAY, FRIDAY, True),
    ],
)
def test_nothing_is_kept_in_a_zone_out_of_order(delivery: date, day: date, kept: bool) -> None:
    """Out of order on Tuesday and Wednesday: Monday's cabbage goes on Tuesday at the latest."""
    instance = ask(closed=(TUESDAY, WEDNESDAY))
    plan = answer(instance, day, (buy("c5", 2, delivery),), take(day, "chou", 10_000, "c5", delivery))
    assert (faults_of("conservation", instance, plan) == []) is kept
    assert fits(instance, plan, "besoin", "conservation") is kept
    assert (make_plan(instance, plan.dishes, {("c5", delivery): 2}) is not None) is kept


def test_the_oldest_delivery_still_good_is_the_inverse_of_what_keeps() -> None:
    """Day by day, a delivery is good exactly when it is not before the oldest."""
    instance = ask(closed=(TUESDAY, FRIDAY))
    days = [MONDAY + timedelta(days=n) for n in range(-12, 20)]
    for day in days:
        good = [d for d in days if d <= day <= instance.keeps_to("chou", d)]
        assert not good or (min(good) == max(instance.oldest("chou", day), days[0]))


def test_what_was_ordered_is_paid_by_the_budget() -> None:
    """20 € HT ordered before weigh on the budget and on the cost of a meal."""
    plain = ask(budget_ttc_cents=200)
    paid = plain.model_copy(update={"ordered_ht_cents": 2000, "ordered_ttc_cents": 2110})
    plan = answer(plain, MONDAY, (buy("c5", 2),), take(MONDAY, "chou", 10_000, "c5"))
    assert cost_ttc_millicents(paid, plan) - cost_ttc_millicents(plain, plan) == 2110 * MILLICENTS
    assert budget_cents(plain) - budget_cents(paid) == pytest.approx(2110)
    per_meal = [figures(instance, plan).cost_cents_per_meal for instance in (plain, paid)]
    assert per_meal[1] - per_meal[0] == pytest.approx(2000 / plain.meals)


@pytest.fixture(scope="module", name="disturbed")
def _disturbed() -> Instance:
    """An invented kitchen: its cold rooms break down in week two, much was ordered for the third day."""
    plain = generate(Shape(services=8, meals=320), seed=3)
    days = [service.date for service in plain.horizon]
    lots = tuple(
        StockLot(
            code=f"en route {item.code}",
            food=item.code,
            grams=40_000,
            price_cents_kg=200,
            available_from=days[2],
            expires_on=days[2] + timedelta(days=min(item.shelf_life_days, 30)),
        )
        for item in plain.foods[::3]
    )
    zones = {item.storage for item in plain.foods if item.shelf_life_days < 30}
    closed = dict.fromkeys(zones, frozenset(days[4:6]))
    return plain.model_copy(update={"stock": (*plain.stock, *lots), "storage_closed": closed})


def test_the_walk_knows_both(disturbed: Instance) -> None:
    """The plan of the walk takes from what comes, never before, never from a broken cold room."""
    fresh = Instance.model_validate_json(disturbed.model_dump_json())
    guess = MenuGuess(fresh)
    menus = guess.any_menus(20, 0)
    assert menus is not None
    walker = Walker(fresh, guess, seed=1)
    walker.start_from(menus)
    for warmth in (3000.0, 300.0, 30.0):
        walker.walk(3_000, warmth, 8.0)
    plan = walker.plan()
    assert plan is not None
    assert [fault for fault in violations(fresh, plan) if fault.rule != "budget"] == []
    assert any(use.lot and use.lot.startswith("en route") for use in plan.uses)
