"""Is a plan right? Every rule read in plain Python, without a solver."""

from collections.abc import Iterable

from optim.instance import Dish, Instance
from optim.plan import Plan, RuleCount, Violation
from optim.rules import RULES


def violations(instance: Instance, plan: Plan) -> list[Violation]:
    """Every rule that the plan breaks, in the order of the rules."""
    return [fault for rule in RULES if rule.applies(instance) for fault in rule.violations(instance, plan)]


def menu_violations(instance: Instance, dishes: Iterable[Dish]) -> list[Violation]:
    """What is wrong with menus whose purchases are not decided yet."""
    plan = Plan(dishes=tuple(dishes))
    rules = (rule for rule in RULES if rule.applies(instance) and not rule.purchases)
    return [fault for rule in rules for fault in rule.violations(instance, plan)]


def counts(instance: Instance, plan: Plan) -> list[RuleCount]:
    """Where each counted rule stands, block by block; the budget only once something is bought."""
    rules = (rule for rule in RULES if rule.applies(instance) and (plan.purchases or not rule.purchases))
    return [count for rule in rules for count in rule.counts(instance, plan)]
