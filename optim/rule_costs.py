"""What each rule costs: what one step given up would bring, by linear programmes solved anew.

Dishes, packs and deliveries in parts: the difference of two optima is an estimate of what a kitchen
would gain, told as such. Rules are ranked by the prices of their rows, then each is eased in truth.
"""

from time import monotonic

from pydantic import Field

from optim.backend import Floats
from optim.concessions import MEASURES, label_of, relaxable
from optim.dear import first_gain, rule_steps
from optim.instance import Frozen, Instance
from optim.model import Model
from optim.proof import Proof
from optim.surrogate import MenuGuess

MOST_RULES = 8
LEAST_CENTS_PER_MEAL = 0.001
"""A step that brings less than this a meal is not worth a line."""


class RuleCost(Frozen):
    """What one step of a rule would bring; an estimate."""

    rule: str
    amount: int = Field(gt=0, description="steps given up")
    label: str = Field(description="in kitchen words")
    gain_cents: float = Field(description="of the objective, over the horizon")
    gain_cents_per_meal: float
    cost_cents_per_meal: float = Field(description="change of the purchases and fees, HT; negative: cheaper")
    local_points: float = Field(description="change of the share of local products in the purchases, points")


def rule_costs(
    instance: Instance, *, seconds: float, proof: Proof | None = None
) -> tuple[RuleCost, ...] | None:
    """The rules that cost most, the dearest first; nothing where the time did not allow to know.

    ``proof`` is the one of a search of the same question: it spares writing and solving it again.
    """
    if seconds <= 0:
        return None
    end = monotonic() + seconds
    proof = proof or Proof(instance, MenuGuess(instance))
    first = proof.solve(seconds=end - monotonic())
    if first.duals is None or first.values is None:
        return None
    bill = _Bill(instance, proof.model)
    before = bill.read(first.values)
    found: list[RuleCost] = []
    for rule, amount in _dearest(proof.model, first.duals, instance.meals):
        answer = proof.wider(rule_steps(proof.model.linear, rule) * amount, seconds=end - monotonic())
        if not answer.done or answer.values is None:
            if not found:
                return None
            break
        cost, local = bill.read(answer.values)
        gain = first.objective - answer.objective
        found.append(
            RuleCost(
                rule=rule,
                amount=amount,
                label=label_of(rule, amount),
                gain_cents=gain,
                gain_cents_per_meal=gain / instance.meals,
                cost_cents_per_meal=(cost - before[0]) / instance.meals,
                local_points=100 * (local - before[1]),
            )
        )
    worth = [one for one in found if one.gain_cents_per_meal >= LEAST_CENTS_PER_MEAL]
    return tuple(sorted(worth, key=lambda one: -one.gain_cents))


def _dearest(model: Model, duals: Floats, meals: int) -> list[tuple[str, int]]:
    """Rules whose rows have a price, with the step that is offered of each, the dearest first."""
    rules = sorted(rule for rule in set(model.linear.row_rule) if relaxable(rule))
    gains = {rule: first_gain(duals, rule_steps(model.linear, rule)) * MEASURES[rule].step for rule in rules}
    priced = [rule for rule in rules if gains[rule] >= LEAST_CENTS_PER_MEAL * meals]
    priced.sort(key=lambda rule: -gains[rule])
    return [(rule, MEASURES[rule].step) for rule in priced[:MOST_RULES]]


class _Bill:
    """The money in the values of a model's columns."""

    def __init__(self, instance: Instance, model: Model) -> None:
        offers, variables = instance.offer, model.variables
        self.packs = [
            (column, offers[code].price_cents, offers[code].local)
            for (code, _), column in variables.packs.items()
        ]
        self.fees = [
            (column, instance.supplier[code].delivery_fee_cents)
            for (code, _), column in variables.delivery.items()
        ]

    def read(self, values: Floats) -> tuple[float, float]:
        """Purchases and fees in cents HT, and the share of local products in the purchases."""
        bought = sum(float(values[column]) * price for column, price, _ in self.packs)
        local = sum(float(values[column]) * price for column, price, counts in self.packs if counts)
        fees = sum(float(values[column]) * fee for column, fee in self.fees)
        return bought + fees, local / bought if bought else 0.0
