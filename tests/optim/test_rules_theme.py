"""Theme meals: asked dishes come, on the day that asks and on no other."""

import pytest

from optim.instance import Instance
from optim.terms import Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import MONDAY, THURSDAY, TUESDAY, Table, menu, question, recipe, services

RECIPES = (
    recipe("crepes", Slot.DESSERT, theme="Chandeleur"),
    recipe("galette", Slot.DESSERT, theme="Épiphanie"),
    recipe("pomme", Slot.DESSERT),
)


def ask(*asked: str, **fields: object) -> Instance:
    """Monday, Tuesday and Thursday, Tuesday with the theme asked."""
    week = services([MONDAY, TUESDAY, THURSDAY])
    theme = "".join(asked)
    days = tuple(s.model_copy(update={"theme": theme}) if s.date == TUESDAY else s for s in week)
    return question(RECIPES, services=days, **fields)


def _case(about: str, broken: Table, repaired: Table, says: str, *asked: str) -> Case:
    instance = ask(*asked)
    trivial = {MONDAY: ["pomme"], TUESDAY: ["crepes" if asked else "pomme"]}
    return Case(
        rule="theme",
        about=about,
        instance=instance,
        trivial=menu(instance, trivial),
        broken=menu(instance, broken),
        repaired=menu(instance, repaired),
        says=says,
    )


CASES = (
    _case(
        "on a plain day",
        {MONDAY: ["galette"]},
        {MONDAY: ["pomme"]},
        "Galette le lundi 05/01 : plat du repas à thème « Épiphanie », que ce jour ne demande pas.",
    ),
    _case(
        "on the day of another theme",
        {TUESDAY: ["crepes", "galette"]},
        {TUESDAY: ["crepes"]},
        "Galette le mardi 06/01 : plat du repas à thème « Épiphanie », que ce jour ne demande pas.",
        "Chandeleur",
    ),
    _case(
        "forgotten",
        {MONDAY: ["pomme"], TUESDAY: ["pomme"]},
        {MONDAY: ["pomme"], TUESDAY: ["crepes"]},
        "Mardi 06/01 : aucun plat du repas à thème « Chandeleur ».",
        "Chandeleur",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """Apples on plain days, pancakes on the day that asks for them."""
    assert case.faults(case.trivial) == []
    assert case.fits(case.trivial)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault names the day and its theme, and the rows refuse the plan."""
    (fault,) = case.faults(case.broken)
    assert fault.message == case.says
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The dish on its day, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


def test_a_chief_who_keeps_the_dish_asks_for_it() -> None:
    """A galette kept on Thursday stays there; it does not open Monday to galettes."""
    instance = ask(locks={THURSDAY: ["galette"]})
    kept = menu(instance, {THURSDAY: ["galette"]})
    assert faults_of("theme", instance, kept) == []
    assert fits(instance, kept, "theme", "garder")
    twice = menu(instance, {MONDAY: ["galette"], THURSDAY: ["galette"]})
    assert [fault.date for fault in faults_of("theme", instance, twice)] == [MONDAY]
    assert not fits(instance, twice, "theme")
