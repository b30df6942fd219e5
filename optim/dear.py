"""Which rules of the menus cost most: what each step given up would save, at the cheapest prices.

A linear programme of dishes in parts, solved again from where it ended for each rule: an estimate,
never a promise, since packs and deliveries are left out.
"""

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np

from optim.backend import Compiled, Engine, Floats, Warm, run
from optim.concessions import MEASURES, relaxable, weight_of
from optim.linear import LinearModel
from optim.surrogate import MenuGuess

MOST_PAIN = 6.0
"""A rule that would have to be given up by more than six presentations is no way out."""
LP_SECONDS = 2.0
ENOUGH = 0.8
"""Share of what lacks that the estimate must save for the rule to be tried."""


def rule_steps(linear: LinearModel, rule: str) -> Floats:
    """By how much one step given up of a rule widens each row."""
    pairs = zip(linear.row_rule, linear.row_step, strict=True)
    return np.array([step if name == rule else 0.0 for name, step in pairs])


def first_gain(duals: Floats, steps: Floats) -> float:
    """What the first step of a rule would bring, as the prices of its rows tell it."""
    return float(np.abs(duals * steps).sum())


def cheaper_without(
    guess: MenuGuess, over_cents: float, left: Callable[[], float]
) -> Iterator[tuple[str, int]]:
    """Rules that, given up alone by so many steps, would save what lacks; the least unwelcome first."""
    linear = guess.model.linear
    warm = Warm(_cheapest(guess))
    first = warm.solve(seconds=left())
    if first.duals is None:
        return
    gains = {
        rule: first_gain(first.duals, rule_steps(linear, rule))
        for rule in sorted(set(linear.row_rule))
        if relaxable(rule)
    }
    steps = {rule: _whole(rule, over_cents / gain) for rule, gain in gains.items() if gain > 0}
    for rule in sorted(steps, key=lambda name: (weight_of(name, steps[name]), name)):
        amount = steps[rule]
        while weight_of(rule, amount) <= MOST_PAIN and left() > 0:
            warm.widen(rule_steps(linear, rule) * amount)
            answer = warm.solve(seconds=left())
            if answer.done and first.objective - answer.objective >= ENOUGH * over_cents:
                yield rule, amount
                break
            amount *= 2


def lacking_cents(guess: MenuGuess) -> float:
    """By how much the cheapest menus in parts pass the budget: no plan lacks less."""
    model, priced = _cheapest(guess), guess.with_budget(guess.compiled)
    answer = run(model, Engine.HIGHS, seconds=LP_SECONDS)
    return max(0.0, answer.objective - float(priced.row_high[-1])) if answer.done else 0.0


def _whole(rule: str, steps: float) -> int:
    """So many steps or a little more: minutes go by five."""
    unit = MEASURES[rule].step
    return max(1, ceil(steps / unit)) * unit


def _cheapest(guess: MenuGuess) -> Compiled:
    """Menus in parts that cost least, TTC, at the cheapest offers."""
    model = guess.compiled.copy()
    priced = guess.with_budget(model)
    model.integer[:] = False
    model.cost[:], model.offset = 0, 0.0
    last = priced.row_ids == len(model.row_low)
    model.cost[priced.columns[last]] = priced.weights[last]
    return model
