"""Rules that hold for each line of the kitchen: a school without choice gets a lawful sequence too."""

from collections import defaultdict
from dataclasses import dataclass, replace

from optim.instance import Instance
from optim.linear import LinearModel
from optim.lines import View, views
from optim.plan import Plan, RuleCount, Violation
from optim.rules.base import Rule
from optim.variables import Variables


@dataclass(frozen=True, kw_only=True)
class PerLine(Rule):
    """A rule read on the presentations of each line, with its own numbers of choices."""

    rule: Rule
    law: bool = True
    """Whether the presentations of a directed slot count once: not where people look for a dish to eat."""

    def applies(self, instance: Instance) -> bool:
        """As the rule itself."""
        return self.rule.applies(instance)

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """What the rule says of each line; told once, without a name, where it is true of all."""
        found = views(instance, law=self.law)
        if not found:
            return self.rule.violations(instance, plan)
        told: defaultdict[Violation, list[str]] = defaultdict(list)
        for view in found:
            for fault in self.rule.violations(view.instance, seen_by(view, plan)):
                told[fault].append(view.line.name)
        return [
            fault
            if len(names) == len(found)
            else fault.model_copy(update={"message": f"{', '.join(names)} : {fault.message}"})
            for fault, names in told.items()
        ]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """The rows of each line, on the columns of its own presentations."""
        found = views(instance, law=self.law)
        if not found:
            self.rule.build(model, variables, instance)
        for view in found:
            key = view.line.code, view.law
            if key not in variables.seen:
                variables.seen[key] = columns_of(view, variables)
            self.rule.build(model, variables.seen[key], view.instance)

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """The counters of the line of most diners, with what the others do not keep."""
        found = views(instance, law=self.law)
        if not found:
            return self.rule.counts(instance, plan)
        first, *others = found
        broken = defaultdict(list)
        for view in others:
            for count in self.rule.counts(view.instance, seen_by(view, plan)):
                if not count.kept:
                    broken[count.block].append(f"{view.line.name} : {count.count} pour {count.limit}")
        return [
            count.model_copy(
                update={
                    "kept": count.kept and not broken[count.block],
                    "note": " ; ".join(filter(None, (count.note, *broken[count.block]))),
                }
            )
            for count in self.rule.counts(first.instance, seen_by(first, plan))
        ]


def per_line(rule: Rule, *, law: bool = True) -> PerLine:
    """The rule held by each line, under its own name and dates."""
    return PerLine(
        name=rule.name,
        title=rule.title,
        source=rule.source,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        rule=rule,
        law=law,
    )


def seen_by(view: View, plan: Plan) -> Plan:
    """The dishes of the plan that count for a line."""
    return Plan(dishes=tuple(dish for dish in plan.dishes if view.sees(dish)))


def columns_of(view: View, variables: Variables) -> Variables:
    """The columns that say which dishes count for a line."""
    found = replace(variables, dish={}, by_slot={})
    kitchen, recipes = view.source.kitchen, view.source.recipe
    for day, slot, code in variables.dish:
        count = view.presentations(slot)
        if count and view.takes(day, recipes[code]):
            level = min(count, kitchen.presentations(slot))
            found.add_dish(day, slot, recipes[code], variables.among(day, slot, code, level))
    return found
