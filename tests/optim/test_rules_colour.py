"""Garnitures of two colours from one service to the next."""

import pytest

from optim.instance import Instance
from optim.terms import Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    days,
    kitchen,
    menu,
    question,
    recipe,
    services,
)

RECIPES = (
    recipe("carottes", Slot.GARNITURE, colour="orange"),
    recipe("potiron", Slot.GARNITURE, colour="orange"),
    recipe("riz", Slot.GARNITURE, colour="blanc"),
    recipe("mystere", Slot.GARNITURE),
    recipe("parmentier", colour="orange", complete_dish=True),
    recipe("saumon", colour="orange"),
)


def ask(**fields: object) -> Instance:
    """One week of the dishes above."""
    return question(RECIPES, **fields)


CASES = (
    Case(
        rule="couleur",
        instance=ask(),
        trivial=menu(ask(), {MONDAY: ["carottes"]}),
        broken=menu(ask(), {MONDAY: ["carottes"], TUESDAY: ["potiron"]}),
        repaired=menu(ask(), {MONDAY: ["carottes"], TUESDAY: ["riz"], THURSDAY: ["potiron"]}),
        says="Potiron le mardi 06/01 : garniture de la même couleur (orange) la fois d'avant.",
    ),
    Case(
        rule="couleur",
        instance=ask(),
        trivial=menu(ask(), {MONDAY: ["mystere"], TUESDAY: ["mystere"]}),
        broken=menu(ask(), {TUESDAY: ["carottes"], THURSDAY: ["parmentier"]}),
        repaired=menu(ask(), {TUESDAY: ["carottes"], FRIDAY: ["parmentier"]}),
        says="Parmentier le jeudi 08/01 : garniture de la même couleur (orange) la fois d'avant.",
        about="complete dish",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """One garniture alone, or one whose colour nobody wrote, resembles nothing."""
    assert case.faults(case.trivial) == []
    assert case.fits(case.trivial)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """Orange after orange is told, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert fault.message == case.says
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """A service between the two, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


def test_colour_served_the_day_before_is_looked_at() -> None:
    """Carrots were served on Monday: no pumpkin on Tuesday."""
    instance = ask(services=services(days(4), served=1), history={MONDAY: ["carottes"]})
    for code, kept in (("potiron", False), ("riz", True)):
        plan = menu(instance, {TUESDAY: [code]})
        assert (faults_of("couleur", instance, plan) == []) is kept
        assert fits(instance, plan, "couleur") is kept


def test_two_dishes_that_the_chief_keeps_are_not_blamed() -> None:
    """Both kept: the rule has nothing to decide; one kept: the other must be of another colour."""
    both = {MONDAY: ["carottes"], TUESDAY: ["potiron"]}
    kept = ask(locks=both)
    assert faults_of("couleur", kept, menu(kept, both)) == []
    assert fits(kept, menu(kept, both), "couleur")
    one = ask(locks={MONDAY: ["carottes"]})
    assert faults_of("couleur", one, menu(one, both))
    assert not fits(one, menu(one, both), "couleur")


def test_dish_kept_after_a_served_one_of_its_colour_stays() -> None:
    """What is served cannot change, what is kept shall not."""
    kept = {TUESDAY: ["potiron"]}
    instance = ask(services=services(days(4), served=1), history={MONDAY: ["carottes"]}, locks=kept)
    assert faults_of("couleur", instance, menu(instance, kept)) == []
    assert fits(instance, menu(instance, kept), "couleur", "garder")


@pytest.mark.parametrize("codes", [["potiron", "riz"], ["saumon"]])
def test_neither_a_choice_nor_a_plat_beside_a_garniture_repeats_a_colour(codes: list[str]) -> None:
    """Where two garnitures are offered one takes the other; salmon is no garniture."""
    instance = ask(kitchen=kitchen(choices={Slot.GARNITURE: len(codes)}))
    plan = menu(instance, {MONDAY: ["carottes", "riz"][: len(codes)], TUESDAY: codes})
    assert faults_of("couleur", instance, plan) == []
    assert fits(instance, plan, "couleur")


def test_days_between_which_the_kitchen_is_closed_still_follow_each_other() -> None:
    """From Thursday to Friday of the week after, nobody ate anything else."""
    instance = ask(services=services([THURSDAY, *days(8)[6:]]))
    plan = menu(instance, {THURSDAY: ["carottes"], days(8)[6]: ["potiron"]})
    assert faults_of("couleur", instance, plan)
    assert FRIDAY not in instance.service


def test_a_chief_may_give_colours_up() -> None:
    """Orange twice running, accepted."""
    instance = ask(relaxed={"couleur": 1})
    plan = menu(instance, {MONDAY: ["carottes"], TUESDAY: ["potiron"]})
    assert faults_of("couleur", instance, plan) == []
    assert fits(instance, plan, "couleur")
