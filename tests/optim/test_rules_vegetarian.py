"""The weekly vegetarian menu of the law, the CNRC's advice on 20 meals, and the kitchen's maximum."""

from datetime import date

import pytest

from optim.check import counts
from optim.instance import Instance
from optim.plan import Plan
from optim.terms import Slot, Vegetarien
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    days,
    kitchen,
    menu,
    question,
    recipe,
    services,
    starter,
)

TWENTY = days(20)
PLATS = (
    recipe("dahl", vegetarian=Vegetarien.CEREALE_LEGUMINEUSE),
    recipe("omelette", vegetarian=Vegetarien.OEUF),
    recipe("tartiflette", vegetarian=Vegetarien.FROMAGE),
    recipe("nuggets", vegetarian=Vegetarien.TRANSFORME),
    recipe("tofu", vegetarian=Vegetarien.SOJA),
    recipe("poulet"),
)
STARTERS = (starter("soupe"), recipe("rillettes", Slot.ENTREE))


def twenty(**fields: object) -> Instance:
    """Twenty services with the plats above."""
    return question(PLATS, services=services(TWENTY), kitchen=kitchen(**fields))


def first(instance: Instance, code: str, times: int, other: str = "poulet") -> Plan:
    """A plat on the first ``times`` days of the horizon, another on the rest."""
    dates = [s.date for s in instance.horizon]
    return menu(instance, {day: [code if rank < times else other] for rank, day in enumerate(dates)})


def _weekly() -> Case:
    instance = question((*PLATS, *STARTERS))
    meat = {day: ["soupe", "poulet"] for day in days(4)}
    return Case(
        rule="V1",
        instance=instance,
        trivial=menu(instance, {day: ["soupe", "dahl"] for day in days(4)}),
        broken=menu(instance, meat),
        repaired=menu(instance, meat | {TUESDAY: ["soupe", "omelette"]}),
        says="Semaine du lundi 05/01 : il manque un menu végétarien.",
    )


def _spoilt() -> Case:
    instance = question((*PLATS, *STARTERS))
    week = {day: ["rillettes", "dahl"] for day in days(4)}
    return Case(
        rule="V1",
        about="meat in the starter",
        instance=instance,
        trivial=menu(instance, {TUESDAY: ["dahl"]}),
        broken=menu(instance, week),
        repaired=menu(instance, week | {TUESDAY: ["soupe", "dahl"]}),
        says="il manque un menu végétarien",
    )


def _block(rule: str, code: str, trivial: int, broken: int, repaired: int, **fields: object) -> Case:
    instance = twenty(**fields)
    return Case(
        rule=rule,
        about=f"{code} {broken} times",
        instance=instance,
        trivial=first(instance, code, trivial),
        broken=first(instance, code, broken),
        repaired=first(instance, code, repaired),
        says=f"{broken} ",
    )


CASES = (
    _weekly(),
    _spoilt(),
    _block("V6", "dahl", 20, 4, 5),
    _block("V6", "dahl", 20, 3, 4, week_days=5),
    _block("vege-plus", "dahl", 0, 8, 7),
    _block("vege-plus", "dahl", 0, 7, 6, week_days=5),
    _block("V7", "dahl", 20, 1, 2),
    _block("V7-oeuf", "omelette", 0, 2, 1),
    _block("V7-fromage", "tartiflette", 0, 2, 1),
    _block("V7-transforme", "nuggets", 0, 2, 1),
    _block("V7-soja", "tofu", 0, 2, 1),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A plan well within the rule is not blamed."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault is told in words, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert case.says in fault.message
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """One dish changed, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


def weekly(plan: Plan, instance: Instance) -> list[int]:
    """Vegetarian menus of each week, as the counters of V1 show them."""
    return [count.count for count in counts(instance, plan) if count.rule == "V1"]


def test_each_week_asks_its_own_menu() -> None:
    """Two vegetarian menus in one week leave the other without."""
    instance = question(PLATS, services=services(days(8)))
    table = {day: ["poulet"] for day in days(8)} | {MONDAY: ["dahl"], TUESDAY: ["dahl"]}
    assert weekly(menu(instance, table), instance) == [2, 0]
    (fault,) = faults_of("V1", instance, menu(instance, table))
    assert fault.message == "Semaine du lundi 12/01 : il manque un menu végétarien."
    assert not fits(instance, menu(instance, table), "V1")
    moved = menu(instance, table | {TUESDAY: ["poulet"], NEXT_MONDAY: ["dahl"]})
    assert weekly(moved, instance) == [1, 1]
    assert fits(instance, moved, "V1")


@pytest.mark.parametrize(("eaten", "kept"), [("dahl", True), ("poulet", False)])
def test_menu_already_served_this_week_is_enough(eaten: str, kept: bool) -> None:
    """Monday was eaten: the rest of its week is asked a vegetarian menu only if Monday had none."""
    instance = question(PLATS, services=services(days(4), served=1), history={MONDAY: [eaten]})
    plan = menu(instance, {day: ["poulet"] for day in days(4)[1:]})
    assert (faults_of("V1", instance, plan) == []) is kept
    assert fits(instance, plan, "V1") is kept


def test_iso_week_goes_over_the_new_year() -> None:
    """From 29 December 2025 to 2 January 2026 there is one week, 2026-W01, and one menu to serve."""
    dates = days(4, start=date(2025, 12, 29))
    instance = question(PLATS, services=services(dates), today=dates[0])
    plan = menu(instance, dict(zip(dates, [["dahl"], *[["poulet"]] * 3], strict=True)))
    assert weekly(plan, instance) == [1]
    assert fits(instance, plan, "V1")


def test_week_with_one_open_day_counts() -> None:
    """A week cut by holidays to a single service asks that service to be vegetarian."""
    instance = question(PLATS, services=services([THURSDAY]))
    assert faults_of("V1", instance, menu(instance, {THURSDAY: ["poulet"]}))
    assert not fits(instance, menu(instance, {THURSDAY: ["poulet"]}), "V1")


def test_one_choice_among_several_is_a_menu() -> None:
    """Beside meat, a vegetarian plat and a starter without meat make the menu; one alone does not."""
    instance = question(
        (*PLATS, *STARTERS),
        services=services([MONDAY]),
        kitchen=kitchen(choices={Slot.ENTREE: 2, Slot.PLAT: 2}),
    )
    both = menu(instance, {MONDAY: ["soupe", "rillettes", "dahl", "poulet"]})
    assert weekly(both, instance) == [1]
    assert fits(instance, both, "V1")
    meat = menu(instance, {MONDAY: ["rillettes", "dahl", "poulet"]})
    assert weekly(meat, instance) == [0]
    assert not fits(instance, meat, "V1")


def test_garnish_without_meat_is_no_vegetarian_plat() -> None:
    """A plat told "autre" is no main dish: the menu still lacks one."""
    instance = question((recipe("semoule", vegetarian=Vegetarien.AUTRE),), services=services([MONDAY]))
    assert faults_of("V1", instance, menu(instance, {MONDAY: ["semoule"]}))
    assert not fits(instance, menu(instance, {MONDAY: ["semoule"]}), "V1")


def test_advice_takes_served_meals_into_account() -> None:
    """V6: 18 meals without a vegetarian menu leave two of five to reach, and say so."""
    instance = question(
        PLATS, services=services(TWENTY, served=18), history={day: ["poulet"] for day in TWENTY[:18]}
    )
    assert faults_of("V6", instance, first(instance, "dahl", 2)) == []
    assert fits(instance, first(instance, "dahl", 2), "V6")
    assert not fits(instance, first(instance, "dahl", 1), "V6")
    (note,) = [c.note for c in counts(instance, first(instance, "dahl", 2)) if c.rule == "V6"]
    assert note == "au mieux 2 au lieu de 5, vu les repas déjà servis"


@pytest.mark.parametrize(("rule", "code", "done"), [("V7-oeuf", "omelette", 2), ("vege-plus", "dahl", 9)])
def test_maximum_already_passed_forbids_one_more(rule: str, code: str, done: int) -> None:
    """What was served too often may not come again, and is not blamed on the horizon."""
    history = {day: [code if rank < done else "poulet"] for rank, day in enumerate(TWENTY[:12])}
    instance = question(PLATS, services=services(TWENTY, served=12), history=history)
    assert faults_of(rule, instance, first(instance, code, 0)) == []
    assert fits(instance, first(instance, code, 0), rule)
    assert faults_of(rule, instance, first(instance, code, 1))
    assert not fits(instance, first(instance, code, 1), rule)


def test_choice_multiplies_maxima_not_minima() -> None:
    """Two plats a day: two egg dishes and 14 mains at most, still two dishes of cereals and legumes."""
    instance = twenty(choices={Slot.PLAT: 2})
    table = {day: ["omelette" if rank < 2 else "poulet"] for rank, day in enumerate(TWENTY)}
    assert faults_of("V7-oeuf", instance, menu(instance, table)) == []
    assert fits(instance, menu(instance, table), "V7-oeuf")
    assert [f.limit for f in faults_of("V7", instance, menu(instance, table))] == [2]
    assert faults_of("vege-plus", instance, first(instance, "dahl", 14)) == []
    assert fits(instance, first(instance, "dahl", 14), "vege-plus")
    assert not fits(instance, first(instance, "dahl", 15), "vege-plus")


def test_family_switch_frees_every_line_of_the_advice() -> None:
    """Switching off V7 frees V7-oeuf too, and leaves V6."""
    instance = question(PLATS, services=services(TWENTY), switched_off={"V7"})
    assert faults_of("V7-oeuf", instance, first(instance, "omelette", 3)) == []
    assert faults_of("V7", instance, first(instance, "omelette", 3)) == []
    assert faults_of("V6", instance, first(instance, "omelette", 3))
