"""Repair: the fewest changes after each kind of mishap, what was ordered or served never touched."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from optim.check import violations
from optim.instance import Instance, Recipe
from optim.plan import Plan, Purchase
from optim.repair import KEEP, InForce, Repaired, repair
from optim.terms import Niveau, Slot, Vegetarien
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    buy,
    cooked,
    dishes,
    food,
    kitchen,
    lot,
    offer,
    question,
    services,
    supplier,
)

DAYS = (MONDAY, TUESDAY, THURSDAY, FRIDAY)
MENUS = {MONDAY: ["potee"], TUESDAY: ["riz"], THURSDAY: ["dahl"], FRIDAY: ["potee"]}
RECIPES = (
    cooked("potee", {"chou": 100}),
    cooked("riz", {"riz": 100}),
    cooked("dahl", {"lentille": 100}, vegetarian=Vegetarien.AUTRE),
    cooked("gratin", {"chou": 100}),
    cooked("pates", {"pates": 100}),
)
QUIET = frozenset({"V1", "V6", "V7", "vege-plus", "F08", "F09", "couleur", "suite"})


def ask(recipes: tuple[Recipe, ...] = RECIPES, **fields: object) -> Instance:
    """Four plats alone: cabbage, rice, lentils, cabbage; all sold by one supplier, every day of the week."""
    asked = {
        "kitchen": kitchen(choices=dict.fromkeys(Slot, 0) | {Slot.PLAT: 1}),
        "services": services(DAYS),
        "switched_off": QUIET,
        "foods": tuple(food(code, storage="froid") for code in ("chou", "riz", "lentille", "pates")),
        "suppliers": (supplier(dates=[MONDAY + timedelta(days=n) for n in range(5)]),),
        "offers": tuple(offer(f"o-{code}", code) for code in ("chou", "riz", "lentille", "pates")),
        "locks": MENUS,
    }
    return question(recipes, **(asked | fields))


def in_force(menus: Mapping[date, list[str]] = MENUS, **fields: object) -> InForce:
    """The menus of the week, cabbage and rice ordered on Monday, lentils on Thursday."""
    orders = (buy("o-chou", 4), buy("o-riz", 2), buy("o-lentille", 2, THURSDAY))
    return InForce(**({"dishes": dishes(RECIPES, menus), "orders": orders} | fields))


def repaired(instance: Instance, force: InForce | None = None) -> Plan:
    """The plan found, which the checker accepts."""
    plan = repair(instance, force or in_force()).result.plan
    assert plan is not None
    asked = instance.changed(locks=(), switched_off=instance.switched_off | {KEEP})
    assert violations(asked, plan) == []
    return plan


def changed(plan: Plan, menus: Mapping[date, list[str]] = MENUS) -> dict[date, str]:
    """Dishes that are not those of the week."""
    return {dish.date: dish.recipe for dish in plan.dishes if dish.recipe not in menus[dish.date]}


def bought(plan: Plan) -> Counter[str]:
    """Packs of each offer."""
    return sum((Counter({p.offer: p.packs}) for p in plan.purchases), Counter())


def test_nothing_changes_when_nothing_breaks() -> None:
    """The plan in force comes back as it is, dishes and orders."""
    plan = repaired(ask())
    assert changed(plan) == {}
    assert set(plan.purchases) == set(in_force().orders)


def test_a_withdrawn_offer_is_bought_elsewhere() -> None:
    """Another offer of cabbage exists: menus stay, the other orders too."""
    other = offer("autre", "chou", price_cents=700)
    kept = [o for o in ask().offers if o.code != "o-chou"]
    plan = repaired(ask(offers=(*kept, other)))
    assert changed(plan) == {}
    assert bought(plan) == {"autre": 4, "o-riz": 2, "o-lentille": 2}


def test_a_food_that_nobody_sells_changes_its_dishes_alone() -> None:
    """No lentils any more: Thursday changes, nothing else; the reason is the lentils."""
    told = repair(ask(offers=tuple(o for o in ask().offers if o.food != "lentille")), in_force())
    assert told.result.plan is not None
    assert set(changed(told.result.plan)) == {THURSDAY}
    assert told.trouble.foods == {"lentille"}
    assert told.trouble.places == {(THURSDAY, Slot.PLAT)}


def test_a_dish_that_the_chief_keeps_weighs_more() -> None:
    """Cabbage for one meal of two: the one that is kept stays, be it the later."""
    late = lot("l", "chou", 10_000, FRIDAY)
    asked = ask(offers=tuple(o for o in ask().offers if o.food != "chou"), stock=(late,))
    assert set(changed(repaired(asked))) == {FRIDAY}
    firm = in_force(firm=frozenset({(FRIDAY, Slot.PLAT)}))
    assert set(changed(repaired(asked, firm))) == {MONDAY}


def test_a_short_delivery_is_made_up_for() -> None:
    """5 kg come of 20 kg of cabbage ordered for Monday: the rest is bought, what comes is used."""
    orders = (buy("o-riz", 2), buy("o-lentille", 2, THURSDAY))
    asked = ask(stock=(lot("livraison", "chou", 5000, FRIDAY),))
    plan = repaired(asked, in_force(orders=orders))
    assert changed(plan) == {}
    assert sum(p.packs for p in plan.purchases if p.offer == "o-chou") == 3
    assert sum(use.grams for use in plan.uses if use.lot == "livraison") == 5000


def test_what_was_ordered_is_never_bought_again() -> None:
    """Cabbage on its way for Thursday feeds Friday; its packs are not in the new orders, its money counts."""
    coming = lot("en route", "chou", 10_000, FRIDAY).model_copy(update={"available_from": THURSDAY})
    orders = (buy("o-chou", 2), buy("o-riz", 2), buy("o-lentille", 2, THURSDAY))
    plan = repaired(ask(stock=(coming,), ordered_ttc_cents=1000), in_force(orders=orders))
    assert changed(plan) == {}
    assert set(plan.purchases) == set(orders)
    assert {(use.date, use.lot) for use in plan.uses if use.lot} == {(FRIDAY, "en route")}


def test_a_strike_only_takes_its_meal_away() -> None:
    """Without Tuesday's meal, rice is not bought; the other meals stay."""
    rest = tuple(day for day in DAYS if day != TUESDAY)
    menus = {day: MENUS[day] for day in rest}
    force = in_force(menus, mend_menus=True)
    plan = repaired(ask(services=services(rest), locks=menus), force)
    assert changed(plan) == {}
    assert {p.offer for p in plan.purchases} == {"o-chou", "o-lentille"}


def test_a_served_meal_stays_where_it_is() -> None:
    """Monday is eaten: it is no part of the repair."""
    served = services(DAYS, served=1)
    after = {day: MENUS[day] for day in DAYS[1:]}
    asked = ask(services=served, history={MONDAY: ["potee"]}, locks=after)
    plan = repaired(asked, in_force(orders=(buy("o-chou", 2), buy("o-riz", 2))))
    assert {dish.date for dish in plan.dishes} == set(DAYS[1:])
    assert changed(plan) == {}


def test_forty_diners_more_only_add_packs() -> None:
    """40 more on Thursday: one pack more of lentils, nothing else."""
    more = tuple(
        s.model_copy(update={"diners": {Niveau.COLLEGE: 140}}) if s.date == THURSDAY else s
        for s in services(DAYS)
    )
    plan = repaired(ask(services=more), in_force(mend_menus=True))
    assert changed(plan) == {}
    assert set(plan.purchases) == {buy("o-chou", 4), buy("o-riz", 2), buy("o-lentille", 3, THURSDAY)}


def test_a_broken_cold_room_keeps_menus_that_come_on_their_day() -> None:
    """Out of order from Monday to Friday: everything comes on the morning it is cooked."""
    closed = {"froid": frozenset(MONDAY + timedelta(days=n) for n in range(5))}
    plan = repaired(ask(storage_closed=closed))
    assert changed(plan) == {}
    assert {(p.delivery, p.offer) for p in plan.purchases} == {
        (MONDAY, "o-chou"), (TUESDAY, "o-riz"), (THURSDAY, "o-lentille"), (FRIDAY, "o-chou"),
    }  # fmt: skip


def test_menus_that_broke_a_rule_before_are_left_alone() -> None:
    """The chief serves cabbage on both Mondays though it comes back too soon: a repair says nothing of it."""
    recipes = tuple(r.model_copy(update={"repeat_gap": 5}) if r.code == "potee" else r for r in RECIPES)
    kept = tuple(o for o in ask().offers if o.food != "riz")
    plan = repair(ask(recipes, offers=kept), in_force()).result.plan
    assert plan is not None
    assert set(changed(plan)) == {TUESDAY}
    mended = repair(ask(recipes, offers=kept), in_force(mend_menus=True)).result.plan
    assert mended is not None
    assert len(changed(mended)) == 2


def test_impossible_says_why() -> None:
    """Only pasta for one meal is sold and the store is empty: the foods that lack are named."""
    few = tuple(o.model_copy(update={"weekly_packs": 2}) for o in ask().offers if o.food == "pates")
    told: Repaired = repair(ask(offers=few), in_force(orders=()))
    assert told.result.plan is None
    assert "il n'arrive pas assez" in told.result.conflicts[0]
    assert all(name in told.result.conflicts[0] for name in ("Chou", "Riz", "Lentille"))


@pytest.mark.parametrize("minimum", [0, 6000])
def test_a_minimum_order_is_reached_again(minimum: int) -> None:
    """The supplier's minimum holds for what is bought anew."""
    fields = {"suppliers": (supplier(dates=(MONDAY, THURSDAY), min_order_cents=minimum),)}
    kept = tuple(o for o in ask().offers if o.food != "lentille")
    plan = repaired(
        ask(offers=kept, **fields), in_force(orders=(Purchase(offer="o-chou", delivery=MONDAY, packs=4),))
    )
    totals = {p.delivery: 0 for p in plan.purchases}
    for purchase in plan.purchases:
        totals[purchase.delivery] += purchase.packs * 500
    assert all(total >= minimum for total in totals.values())
