"""What diners notice: the same dish, the same food; and what the chief keeps or refuses."""

from datetime import date

import pytest

from optim.instance import Dish, Instance
from optim.plan import Plan
from optim.terms import Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    Table,
    days,
    kitchen,
    menu,
    question,
    recipe,
    services,
)

RECIPES = (
    recipe("riz"),
    recipe("hachis", repeat_gap=3, main_food="boeuf"),
    recipe("sauté", main_food="boeuf"),
    recipe("colin", main_food="poisson"),
    recipe("rosbif", Slot.ENTREE, main_food="boeuf"),
    recipe("yaourt", Slot.LAITIER, main_food="lait"),
    recipe("flan", Slot.DESSERT, main_food="lait"),
)
WEEK = services(days(4))


def ask(**fields: object) -> Instance:
    """One week of the dishes above."""
    return question(RECIPES, **fields)


def _case(
    rule: str, broken: Table, repaired: Table, says: str, instance: Instance | None = None, about: str = ""
) -> Case:
    instance = instance or ask()
    return Case(
        rule=rule,
        about=about,
        instance=instance,
        trivial=menu(instance, {TUESDAY: ["riz"]}),
        broken=menu(instance, broken),
        repaired=menu(instance, repaired),
        says=says,
    )


CASES = (
    _case(
        "retour",
        {MONDAY: ["hachis"], THURSDAY: ["hachis"]},
        {MONDAY: ["hachis"], FRIDAY: ["hachis"]},
        "Hachis revient le jeudi 08/01, déjà le lundi 05/01.",
    ),
    _case(
        "aliment",
        {MONDAY: ["rosbif", "sauté"]},
        {MONDAY: ["rosbif", "colin"]},
        "Rosbif et Sauté le lundi 05/01 : deux fois le même aliment.",
        about="in one meal",
    ),
    _case(
        "aliment",
        {MONDAY: ["sauté"], TUESDAY: ["hachis"]},
        {MONDAY: ["sauté"], TUESDAY: ["colin"], THURSDAY: ["hachis"]},
        "Hachis le mardi 06/01 : même aliment la fois d'avant.",
        about="two services running",
    ),
    _case(
        "garder",
        {MONDAY: ["riz"], TUESDAY: ["colin"]},
        {MONDAY: ["colin"], TUESDAY: ["riz"]},
        "Colin était gardé le lundi 05/01.",
        ask(locks={MONDAY: ["colin"]}),
    ),
    _case(
        "ecarter",
        {MONDAY: ["colin"]},
        {MONDAY: ["riz"], TUESDAY: ["colin"]},
        "Colin est écarté le lundi 05/01.",
        ask(bans={(MONDAY, "colin")}),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A plan that the rule has nothing to say about, except of a dish to keep."""
    if case.rule == "garder":
        assert faults_of("garder", ask(), case.trivial) == []
    else:
        assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault is told in words, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert fault.message == case.says
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The dish moved or exchanged, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize(("back", "kept"), [(TUESDAY, False), (THURSDAY, False), (FRIDAY, True)])
def test_served_dish_waits_too(back: date, kept: bool) -> None:
    """Hachis was served on Monday: it may come back three services later, on Friday."""
    instance = ask(services=services(days(4), served=1), history={MONDAY: ["hachis"]})
    plan = menu(instance, {back: ["hachis"]})
    assert (faults_of("retour", instance, plan) == []) is kept
    assert fits(instance, plan, "retour") is kept


def test_delay_counts_services_not_days() -> None:
    """After a closed fortnight the third service is still the third."""
    dates = (MONDAY, FRIDAY, NEXT_MONDAY)
    instance = ask(services=services(dates))
    plan = menu(instance, {MONDAY: ["hachis"], NEXT_MONDAY: ["hachis"]})
    (fault,) = faults_of("retour", instance, plan)
    assert (fault.count, fault.limit) == (2, 3)
    assert not fits(instance, plan, "retour")


def test_what_was_served_too_soon_is_not_blamed_on_the_plan() -> None:
    """Hachis twice running in the past is past."""
    history = {MONDAY: ["hachis"], TUESDAY: ["hachis"]}
    instance = ask(services=services(days(4), served=2), history=history)
    plan = menu(instance, {THURSDAY: ["riz"]})
    assert faults_of("retour", instance, plan) == []
    assert faults_of("aliment", instance, plan) == []
    assert fits(instance, plan, "retour", "aliment")


def test_dish_twice_in_one_meal_is_a_return() -> None:
    """Even a dish that may come back every day is offered once a meal."""
    instance = ask(kitchen=kitchen(choices={Slot.PLAT: 2}))
    twice = menu(instance, {MONDAY: ["riz", "riz"]})
    assert [f.count for f in faults_of("retour", instance, twice)] == [0]


def test_food_served_the_day_before_is_looked_at() -> None:
    """Beef was served on Monday: not as plat on Tuesday, but as starter it is another slot."""
    instance = ask(services=services(days(4), served=1), history={MONDAY: ["sauté"]})
    beef = menu(instance, {TUESDAY: ["hachis"]})
    assert faults_of("aliment", instance, beef)
    assert not fits(instance, beef, "aliment")
    cold = menu(instance, {TUESDAY: ["rosbif"]})
    assert faults_of("aliment", instance, cold) == []
    assert fits(instance, cold, "aliment")


def test_milk_comes_every_day() -> None:
    """Dairy is all milk: neither its own slot nor beside a dessert is it a repetition."""
    instance = ask()
    plan = menu(instance, {MONDAY: ["yaourt", "flan"], TUESDAY: ["yaourt"]})
    assert faults_of("aliment", instance, plan) == []
    assert fits(instance, plan, "aliment")


def test_choice_of_one_food_is_no_choice() -> None:
    """Two plats of beef side by side are one food twice."""
    instance = ask(kitchen=kitchen(choices={Slot.PLAT: 2}))
    plan = menu(instance, {MONDAY: ["hachis", "sauté"]})
    assert len(faults_of("aliment", instance, plan)) == 1
    assert not fits(instance, plan, "aliment")


def test_share_that_the_chief_decided_is_kept() -> None:
    """Colin for 30 % of the diners: half of them is not what was decided."""
    lock = Dish(date=MONDAY, slot=Slot.PLAT, recipe="colin", share_permille=300)
    instance = ask(kitchen=kitchen(choices={Slot.PLAT: 2}), locks=(lock,))
    rest = Dish(date=MONDAY, slot=Slot.PLAT, choice=2, recipe="riz", share_permille=700)
    assert faults_of("garder", instance, Plan(dishes=(lock, rest))) == []
    assert faults_of("garder", instance, menu(instance, {MONDAY: ["colin", "riz"]}))


def test_whole_share_decides_nothing() -> None:
    """A dish kept without a share may be one of two."""
    instance = ask(kitchen=kitchen(choices={Slot.PLAT: 2}), locks={MONDAY: ["colin"]})
    plan = menu(instance, {MONDAY: ["colin", "riz"]})
    assert faults_of("garder", instance, plan) == []
    assert fits(instance, plan, "garder")


def test_dish_kept_on_a_served_day_asks_nothing() -> None:
    """What is eaten needs no keeping."""
    served = services(days(4), served=1)
    instance = ask(services=served, history={MONDAY: ["riz"]}, locks={MONDAY: ["colin"]})
    plan = menu(instance, {TUESDAY: ["riz"]})
    assert faults_of("garder", instance, plan) == []
    assert fits(instance, plan, "garder")
