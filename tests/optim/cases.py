"""What a rule is tried on: a plan it does not mind, one that breaks it, the same one repaired.

``broken_rules`` asks the plain reading of the rules, ``fits`` asks a solver about the rows of
one rule with every decision fixed to the plan: tests set one against the other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from optim.backend import Answer, Compiled, Engine, Outcome, run
from optim.check import violations
from optim.instance import Instance, Recipe
from optim.linear import LinearModel
from optim.lines import servings
from optim.model import Model, Scope, full_model
from optim.plan import Plan, Violation
from optim.rules import RULES
from optim.terms import Slot

K = TypeVar("K")
NAMES = frozenset(rule.name for rule in RULES)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule and its three plans for one question."""

    rule: str
    instance: Instance
    trivial: Plan
    broken: Plan
    repaired: Plan
    says: str
    """Words of the message told when the rule is broken."""
    about: str = ""

    def __str__(self) -> str:
        """The name of the case in the list of tests."""
        return f"{self.rule} {self.about}".strip()

    def faults(self, plan: Plan) -> list[Violation]:
        """What the check tells of this rule."""
        return faults_of(self.rule, self.instance, plan)

    def fits(self, plan: Plan) -> bool:
        """Whether the rows of this rule allow the plan."""
        return fits(self.instance, plan, self.rule)


def faults_of(rule: str, instance: Instance, plan: Plan) -> list[Violation]:
    """What the check tells of one rule."""
    return [fault for fault in violations(instance, plan) if fault.rule == rule]


def fits(instance: Instance, plan: Plan, *rules: str) -> bool:
    """Whether the model of these rules alone allows the plan."""
    outcome = priced(instance, plan, *rules).outcome
    if outcome is Outcome.UNKNOWN:
        raise AssertionError("the solver could not tell")
    return outcome is not Outcome.INFEASIBLE


def priced(instance: Instance, plan: Plan, *rules: str) -> Answer:
    """The model of these rules alone, forced to the plan; columns it lacks are declared."""
    model = full_model(instance, Scope(_recipes(instance)), skip=NAMES)
    _declare(model, plan)
    for rule in RULES:
        if rule.name in rules:
            rule.build(model.linear, model.variables, instance)
    for column in model.linear.forbidden:
        model.linear.fix(column, 0)
    _force(instance, model, plan)
    return run(Compiled(model.linear), Engine.HIGHS, seconds=20)


def _recipes(instance: Instance) -> dict[tuple[date, Slot], list[Recipe]]:
    return {
        (service.date, slot): [r for r in instance.recipes if r.slot is slot]
        for service in instance.horizon
        for slot in Slot
        if instance.kitchen.presentations(slot)
    }


def _declare(model: Model, plan: Plan) -> None:
    linear, variables = model.linear, model.variables
    for purchase in plan.purchases:
        key = purchase.offer, purchase.delivery
        if key not in variables.packs:
            variables.packs[key] = linear.var(0, 1000, integer=True)
    for use in plan.uses:
        columns, code = (variables.used, use.offer) if use.offer else (variables.lot, use.lot)
        if code and code not in columns:
            columns[code] = linear.var(0, 1000)


def _force(instance: Instance, model: Model, plan: Plan) -> None:
    linear, variables = model.linear, model.variables
    chosen = {(d.date, d.slot, d.recipe): 1.0 for d in plan.dishes}
    missing = chosen.keys() - variables.dish.keys()
    if missing:
        raise AssertionError(f"no column for {missing}")
    _fix(linear, variables.dish, chosen)
    taken = {served[:4]: 1.0 for dish in plan.dishes for served in servings(instance, dish)}
    _fix(linear, variables.first, taken)
    _fix(linear, variables.packs, {(p.offer, p.delivery): float(p.packs) for p in plan.purchases})
    used: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for use in plan.uses:
        (used if use.offer else drawn)[use.offer or use.lot or ""] += use.grams
    _fix(linear, variables.used, {code: grams / 1000 for code, grams in used.items()})
    _fix(linear, variables.lot, {code: grams / 1000 for code, grams in drawn.items()})


def _fix(linear: LinearModel, columns: Mapping[K, int], values: Mapping[K, float]) -> None:
    for key, column in columns.items():
        value = values.get(key, 0.0)
        linear.row("essai", [(column, 1.0)], value, value)
