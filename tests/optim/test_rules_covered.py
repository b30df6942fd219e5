"""A new rule comes with its tests: every name of the list of rules is in a table of cases."""

from optim.rules import RULES
from tests.optim import (
    test_rules_budget,
    test_rules_colour,
    test_rules_frequency,
    test_rules_kitchen,
    test_rules_purchases,
    test_rules_structure,
    test_rules_taste,
    test_rules_theme,
    test_rules_vegetarian,
    test_rules_weekly,
)
from tests.optim.cases import NAMES, Case

FAMILIES = (
    test_rules_structure,
    test_rules_frequency,
    test_rules_vegetarian,
    test_rules_weekly,
    test_rules_kitchen,
    test_rules_taste,
    test_rules_colour,
    test_rules_theme,
    test_rules_purchases,
    test_rules_budget,
)


def test_every_rule_has_its_three_tests() -> None:
    """A rule without a case, or a case without its rule, fails here."""
    cases: list[Case] = [case for family in FAMILIES for case in family.CASES]
    assert {case.rule for case in cases} == NAMES


def test_names_of_rules_are_unique() -> None:
    """A name says one rule: switches, messages and rows rely on it."""
    assert len(NAMES) == len(RULES)


def test_every_rule_says_its_title_and_its_source() -> None:
    """People read where a rule comes from."""
    assert [rule.name for rule in RULES if not (rule.title and rule.source)] == []


def test_every_case_breaks_and_repairs_with_different_plans() -> None:
    """A case whose broken plan is its repaired plan would try nothing."""
    cases: list[Case] = [case for family in FAMILIES for case in family.CASES]
    assert [str(case) for case in cases if case.broken == case.repaired] == []


def test_every_family_tries_its_three_plans() -> None:
    """A table of cases that nobody runs would cover nothing."""
    wanted = ("test_trivial", "test_broken", "test_repaired")
    assert [(f.__name__, name) for f in FAMILIES for name in wanted if not hasattr(f, name)] == []
