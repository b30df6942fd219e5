"""A new decree is a new row: what it asks holds for the blocks of 20 meals that begin in its time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from optim.anneal.menus import Menus
from optim.check import counts
from optim.instance import Instance
from optim.plan import Plan
from optim.rules import RULES, Rule, frequency
from optim.rules.frequency import FREQUENCIES, Frequency, sliding_off
from optim.rules.lines import per_line
from optim.surrogate import MenuGuess
from optim.terms import Critere, Slot
from optim.worth import sliding_of
from tests.optim.cases import faults_of, fits
from tests.optim.small import days, menu, question, recipe, services

FROM = date(2028, 1, 1)
FORTY = days(40, start=date(2027, 12, 6))
"""Two blocks of 20: the first begins in 2027 and ends in 2028, the second is all in 2028."""
ADDED = Frequency(
    name="F16",
    title="panés",
    source="Décret inventé pour cet essai",
    valid_from=FROM,
    critere=Critere.F13,
    slots=(Slot.PLAT,),
    base=Slot.PLAT,
    op="<=",
    times=1,
)
OLD = next(row for row in FREQUENCIES if row.name == "F13")
STRICTER = (
    replace(OLD, valid_to=date(2027, 12, 31)),
    replace(OLD, valid_from=FROM, times=2, source="Décret inventé"),
)
"""The same criterion, its threshold changed from 4 to 2: one row ends, the other begins."""
DISHES = (recipe("pane", Slot.PLAT, Critere.F13), recipe("roti"))

Enact = Callable[..., None]


@pytest.fixture
def enact(monkeypatch: pytest.MonkeyPatch) -> Enact:
    """Put other rows in the table of the law, and nothing else."""

    def put(*rows: Frequency) -> None:
        table = (*(row for row in FREQUENCIES if row.name not in {r.name for r in rows}), *rows)
        names = {row.name for row in table}
        others = tuple(rule for rule in RULES if rule.name not in names)
        rules: tuple[Rule, ...] = (*(per_line(row) for row in table), *others)
        monkeypatch.setattr(frequency, "FREQUENCIES", table)
        for reader in ("optim.check", "optim.model", "tests.optim.cases"):
            monkeypatch.setattr(f"{reader}.RULES", rules)

    return put


def asked(dates: tuple[date, ...] = FORTY) -> Instance:
    """A kitchen of roasts and breaded fish."""
    return question(DISHES, services=services(dates))


def serving(instance: Instance, first: int, second: int) -> Plan:
    """So many breaded plats in the first block and in the second, roasts otherwise."""
    breaded = {*FORTY[:first], *FORTY[20 : 20 + second]}
    return menu(instance, {s.date: ["pane" if s.date in breaded else "roti"] for s in instance.horizon})


def test_a_new_row_holds_from_its_day_on(enact: Enact) -> None:
    """One breaded plat at most from 2028: the block begun in 2027 may hold four, not the next."""
    enact(ADDED)
    instance = asked()
    lawful, broken = serving(instance, 4, 1), serving(instance, 4, 2)
    assert [(c.block, c.count, c.limit) for c in counts(instance, lawful) if c.rule == "F16"] == [
        (FORTY[20], 1, 1)
    ]
    assert faults_of("F16", instance, lawful) == []
    assert fits(instance, lawful, "F16")
    (fault,) = faults_of("F16", instance, broken)
    assert (fault.count, fault.limit) == (2, 1)
    assert not fits(instance, broken, "F16")


def test_a_question_before_its_day_never_hears_of_it(enact: Enact) -> None:
    """Twenty meals that begin in 2027: no counter, no fault, no row."""
    enact(ADDED)
    instance = asked(FORTY[:20])
    plan = serving(instance, 4, 0)
    assert [c for c in counts(instance, plan) if c.rule == "F16"] == []
    assert faults_of("F16", instance, plan) == []
    assert fits(instance, plan, "F16")


@pytest.mark.parametrize(("first", "second", "kept"), [(4, 2, True), (5, 0, False), (4, 3, False)])
def test_a_threshold_changes_with_its_rows(enact: Enact, first: int, second: int, kept: bool) -> None:
    """Four fried dishes in the block of 2027, two in that of 2028: each block keeps its own law."""
    enact(*STRICTER)
    instance = asked()
    plan = serving(instance, first, second)
    assert (faults_of("F13", instance, plan) == []) is kept
    assert fits(instance, plan, "F13") is kept
    told = [(c.limit, c.source) for c in counts(instance, plan) if c.rule == "F13"]
    assert told == [(4, OLD.source), (2, "Décret inventé")]


def test_sliding_counts_follow_the_rows(enact: Enact) -> None:
    """Two breaded plats in 2028: running windows that begin in 2028 price the new row, the others do not."""
    before = sliding_off(asked(), serving(asked(), 0, 2))
    enact(ADDED)
    instance = asked()
    windows = [w for w in frequency.sliding_windows(instance) if w.rule.name == "F16"]
    assert windows
    assert min(day for window in windows for day in window.dates) >= FROM
    assert sliding_off(instance, serving(instance, 0, 2)) >= before


def test_another_meal_moves_each_row_of_a_criterion_once(enact: Enact) -> None:
    """A breaded plat more or less on any day: the change that both rows of the whole plan find."""
    enact(*STRICTER)
    instance = asked()
    plan = serving(instance, 3, 3)
    before, sliding = sliding_off(instance, plan), sliding_of(instance, plan)
    moved = set()
    for day in FORTY:
        (old,) = plan.by_day[day]
        new = old.model_copy(update={"recipe": "roti" if old.recipe == "pane" else "pane"})
        after = Plan(dishes=tuple(new if dish == old else dish for dish in plan.dishes))
        change = sliding.moved(day, (new,))
        assert change == sliding_off(instance, after) - before
        moved.add(change)
    assert len(moved) > 1


def test_the_search_sees_each_row_of_a_criterion_once(enact: Enact) -> None:
    """A breaded plat stands once in each running window that holds its day, whichever row rules it."""
    enact(*STRICTER)
    instance = asked()
    menus = Menus(instance, MenuGuess(instance), {})
    breaded = [c for found in menus.candidates for c in found if c.dish and c.dish.recipe == "pane"]
    windows = [w for w in frequency.sliding_windows(instance) if w.rule.name == "F13"]
    first = len(menus.linear.row_low)
    for candidate in breaded:
        assert candidate.dish is not None
        priced = [row for row, _ in candidate.rows if row >= first]
        assert len(priced) == sum(candidate.dish.date in window.dates for window in windows)
    assert breaded


def test_every_row_of_the_law_has_its_date_and_its_source() -> None:
    """What is in force since when, by which text."""
    assert all(
        row.valid_from == date(2011, 10, 3) and "30 septembre 2011" in row.source for row in FREQUENCIES
    )
