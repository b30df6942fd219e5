"""What every rule is: a name, a source, its numbers, and three readings of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date

from optim.instance import Instance
from optim.linear import LinearModel
from optim.plan import Plan, RuleCount, Violation
from optim.variables import Variables


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """One rule of the law or of the kitchen.

    ``violations`` reads a plan from the text, ``build`` writes the same rule for a solver. They
    share the numbers, never the code: tests set one against the other.
    """

    name: str
    title: str
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    purchases: bool = False
    """Whether the rule speaks of purchases: not read where only menus are checked."""

    @abstractmethod
    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Where the plan breaks the rule, in kitchen words."""

    @abstractmethod
    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Write the rule as rows of the model."""

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """Where the rule stands; nothing for a rule without a counter."""
        del instance, plan
        return []

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a day, from its first to its last."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)

    def applies(self, instance: Instance) -> bool:
        """Whether the rule is in force over the horizon and not switched off by the kitchen."""
        return self.in_force(instance.horizon[0].date) and self.switched_on(instance)

    def switched_on(self, instance: Instance) -> bool:
        """Whether the kitchen did not switch the rule off, by its name or that of its family."""
        return not {self.name, self.name.split("-")[0]} & instance.switched_off

    def given_up(self, instance: Instance) -> int:
        """Steps of this rule that the chief gave up: presentations, minutes, cents, kilograms, dishes."""
        return instance.relaxed.get(self.name, 0)

    def told(self, instance: Instance, note: str, *, kept: bool) -> str:
        """The note of a counter, which tells what was accepted where the rule itself is not kept."""
        accepted = "" if kept or not self.given_up(instance) else "écart accepté par le chef"
        return " ; ".join(filter(None, (note, accepted)))

    def fault(  # noqa: D102
        self,
        message: str,
        day: date | None = None,
        slot: str | None = None,
        count: int | None = None,
        limit: int | None = None,
    ) -> Violation:
        return Violation(rule=self.name, message=message, date=day, slot=slot, count=count, limit=limit)
