"""What a week may hold once: fried dishes, with those served or kept already."""

import pytest

from optim.check import counts
from optim.instance import Instance
from optim.plan import Plan
from optim.terms import Critere, Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    apart,
    days,
    kitchen,
    menu,
    question,
    recipe,
    services,
    two_lines,
)

RECIPES = (
    recipe("riz", Slot.GARNITURE),
    recipe("frites", Slot.GARNITURE, Critere.F13),
    recipe("colin"),
    recipe("nuggets", Slot.PLAT, Critere.F13),
    recipe("beignets", Slot.PLAT, Critere.F13),
)
FORTNIGHT = services(days(8))


def ask(**fields: object) -> Instance:
    """Two weeks of four services with the dishes above."""
    return question(RECIPES, **({"services": FORTNIGHT} | fields))


CASES = (
    Case(
        rule="friture",
        instance=ask(),
        trivial=menu(ask(), {MONDAY: ["colin", "riz"]}),
        broken=menu(ask(), {MONDAY: ["colin", "frites"], FRIDAY: ["nuggets", "riz"]}),
        repaired=menu(ask(), {MONDAY: ["colin", "frites"], NEXT_MONDAY: ["nuggets", "riz"]}),
        says="Semaine du lundi 05/01 : 2 fritures, pas plus de 1.",
    ),
    Case(
        rule="friture",
        instance=ask(),
        trivial=menu(ask(), {MONDAY: ["colin"]}),
        broken=menu(ask(), {MONDAY: ["nuggets", "frites"]}),
        repaired=menu(ask(), {MONDAY: ["nuggets", "riz"]}),
        says="Semaine du lundi 05/01 : 2 fritures, pas plus de 1.",
        about="in one meal",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A week without anything fried is not blamed."""
    assert case.faults(case.trivial) == []
    assert case.fits(case.trivial)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """Two in a week are told with their week, and the rows refuse them."""
    (fault,) = case.faults(case.broken)
    assert (fault.message, fault.count, fault.limit) == (case.says, 2, 1)
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """One a week is what the kitchen wants."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


def test_each_week_has_its_counter() -> None:
    """One frying of one in the first week, none in the second."""
    told = counts(ask(), menu(ask(), {MONDAY: ["frites"]}))
    assert [(c.block, c.count, c.limit, c.kept) for c in told if c.rule == "friture"] == [
        (MONDAY, 1, 1, True),
        (NEXT_MONDAY, 0, 1, True),
    ]


def test_what_was_fried_on_monday_fills_the_week() -> None:
    """Chips were served on Monday: nuggets may come next week, not on Friday."""
    instance = ask(services=services(days(8), served=1), history={MONDAY: ["frites"]})
    for day, kept in ((FRIDAY, False), (NEXT_MONDAY, True)):
        plan = menu(instance, {day: ["nuggets"]})
        assert (faults_of("friture", instance, plan) == []) is kept
        assert fits(instance, plan, "friture") is kept


def test_what_the_chief_keeps_is_never_blamed_but_leaves_no_room() -> None:
    """Two fried dishes kept in one week stay, their counter says two of one; a third is refused."""
    kept = {MONDAY: ["frites"], THURSDAY: ["nuggets"]}
    instance = ask(locks=kept)
    assert faults_of("friture", instance, menu(instance, kept)) == []
    assert fits(instance, menu(instance, kept), "friture")
    told = next(c for c in counts(instance, menu(instance, kept)) if c.rule == "friture")
    assert (told.count, told.limit, told.kept, told.note) == (2, 1, False, "déjà servi ou gardé par le chef")
    third = menu(instance, kept | {TUESDAY: ["beignets"]})
    assert [fault.limit for fault in faults_of("friture", instance, third)] == [2]
    assert not fits(instance, third, "friture")


def test_a_choice_of_two_plats_may_be_fried_twice() -> None:
    """Presentations are counted: two plats offered a day make two fried ones a week."""
    instance = ask(kitchen=kitchen(choices={Slot.PLAT: 2}))
    plan = menu(instance, {MONDAY: ["nuggets", "colin"], FRIDAY: ["beignets", "colin"]})
    assert faults_of("friture", instance, plan) == []
    assert fits(instance, plan, "friture")


def test_each_line_is_fried_for_once_a_week() -> None:
    """Schools take the first plat alone: two fried first plats a week are one too many for them."""
    whole = two_lines(kitchen(choices={Slot.PLAT: 2}))
    instance = ask(kitchen=whole, services=apart(FORTNIGHT))
    first: Plan = menu(instance, {MONDAY: ["nuggets", "colin"], FRIDAY: ["beignets", "colin"]})
    (fault,) = faults_of("friture", instance, first)
    assert fault.message.startswith("Écoles : Semaine du lundi 05/01 : 2 fritures")
    second = menu(instance, {MONDAY: ["nuggets", "colin"], FRIDAY: ["colin", "beignets"]})
    assert faults_of("friture", instance, second) == []


def test_one_more_accepted_by_the_chief_is_said_in_the_counter() -> None:
    """Two fried dishes where one was wanted: allowed, and the counter keeps its limit and says so."""
    instance = ask(relaxed={"friture": 1})
    plan = menu(instance, {MONDAY: ["frites"], FRIDAY: ["nuggets"]})
    assert faults_of("friture", instance, plan) == []
    assert fits(instance, plan, "friture")
    first = next(c for c in counts(instance, plan) if c.rule == "friture")
    assert (first.count, first.limit, first.note) == (2, 1, "écart accepté par le chef")
    third = menu(instance, {MONDAY: ["frites"], THURSDAY: ["beignets"], FRIDAY: ["nuggets"]})
    assert faults_of("friture", instance, third)
    assert not fits(instance, third, "friture")
