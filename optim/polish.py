"""The purchases of a plan once more, exactly: the walk feeds each run of meals from one offer only.

Seen on invented kitchens of 300 to 600 meals: 0.5 to 1 % of the purchases less, for 0.2 to 1.5 s; then, with
every delivery open, 0.2 to 0.5 % less again for 4 to 6 s.
"""

from optim.backend import Compiled, Engine, run
from optim.instance import Instance
from optim.model import Scope, full_model
from optim.plan import Plan
from optim.purchasing import bought, keep_ranks, plan_of, recipes_of

OVER = 50.0
"""Cents for a cent over the budget: a plan over it is only better than none."""
MARGIN_CENTS = 30.0
"""Room left under the budget for what the plan rounds to whole grams and cents."""


def polish(
    instance: Instance, plan: Plan, *, seconds: float, seed: int, anywhere: bool = False
) -> Plan | None:
    """The same dishes bought at least cost, or nothing when no purchases were found.

    On the deliveries of the plan, or, ``anywhere``, on all that there are: a longer search, from the plan.
    """
    model = full_model(instance, Scope(recipes_of(instance, plan.dishes)), soft_budget=OVER)
    keep_ranks(instance, model, plan.dishes)
    compiled = Compiled(model.linear)
    taken = {(instance.offer[p.offer].supplier, p.delivery) for p in plan.purchases}
    for place, column in model.variables.delivery.items():
        if place not in taken and not anywhere:
            compiled.upper[column] = 0
    for row in (n for n, rule in enumerate(model.linear.row_rule) if rule == "budget"):
        compiled.row_high[row] -= MARGIN_CENTS
    hint = bought(instance, model, {(p.offer, p.delivery): p.packs for p in plan.purchases})
    answer = run(compiled, Engine.SCIP, seconds=seconds, gap=1e-3, seed=seed, hint=hint)
    return plan_of(instance, model, list(plan.dishes), answer)
