"""When a rule is in force: its dates, the switches of the kitchen, and nothing left said of a kept rule."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from optim.check import counts
from optim.plan import Plan
from optim.rules import RULES
from optim.rules.lines import PerLine, per_line
from optim.terms import Critere, Slot
from tests.optim.cases import faults_of, fits
from tests.optim.small import (
    MONDAY,
    TUESDAY,
    buy,
    days,
    food,
    kitchen,
    menu,
    offer,
    question,
    recipe,
    services,
    supplier,
    take,
)

DAY = timedelta(days=1)
WEEKLY = next(rule for rule in RULES if rule.name == "V1")


@pytest.mark.parametrize(
    ("first", "last", "applies"),
    [
        (None, None, True),
        (MONDAY, None, True),
        (MONDAY + DAY, None, False),
        (None, MONDAY, True),
        (None, MONDAY - DAY, False),
    ],
)
def test_rule_holds_from_its_first_day_to_its_last(
    first: date | None, last: date | None, applies: bool
) -> None:
    """The horizon starts on Monday: a rule of that very day is in force, one of the day after is not."""
    assert isinstance(WEEKLY, PerLine)
    rule = per_line(replace(WEEKLY.rule, valid_from=first, valid_to=last))
    assert rule.applies(question((recipe("riz"),))) is applies


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_may_be_switched_off(rule: object) -> None:
    """By its own name every rule can be left out by the kitchen."""
    (found,) = (known for known in RULES if known == rule)
    assert not found.applies(question((recipe("riz"),), switched_off={found.name}))


def test_rule_that_is_reached_says_nothing_more() -> None:
    """Ten starters of ten: the counter has no note."""
    recipes = (recipe("carottes", Slot.ENTREE, Critere.F01),)
    instance = question(recipes, services=services(days(20)))
    plan = menu(instance, {day: ["carottes"] for day in days(10)})
    (count,) = (c for c in counts(instance, plan) if c.rule == "F01")
    assert (count.count, count.kept, count.note) == (10, True, "")


def test_bread_leaves_the_store_too() -> None:
    """5 kg of bread a day in a room of 7: Monday's is eaten when Tuesday's arrives."""
    instance = question(
        foods=(food("pain", storage="paneterie"),),
        offers=(offer("p5", "pain"),),
        suppliers=(supplier(dates=(MONDAY, TUESDAY)),),
        services=services((MONDAY, TUESDAY)),
        kitchen=kitchen(bread_food="pain", storage_g={"paneterie": 7000}),
    )
    plan = Plan(
        dishes=(),
        purchases=(buy("p5", 1), buy("p5", 1, TUESDAY)),
        uses=(take(MONDAY, "pain", 5000, "p5"), take(TUESDAY, "pain", 5000, "p5", TUESDAY)),
    )
    assert faults_of("stockage", instance, plan) == []
    assert fits(instance, plan, "besoin", "conservation", "stockage")
    early = plan.model_copy(
        update={"purchases": (buy("p5", 2),), "uses": tuple(take(d, "pain", 5000, "p5") for d in days(2))}
    )
    assert faults_of("stockage", instance, early)
    assert not fits(instance, early, "stockage")
