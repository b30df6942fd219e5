"""When no menus fit: the fewest rules of the menus to give up, and by how much, in kitchen words.

Each rule hangs on a switch; as few switches as possible are thrown. A rule that is given up by steps
widens all its rows together, the others give row by row. What purchases cost is not looked at here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import NamedTuple

import numpy as np

from optim.backend import Answer, Compiled, Engine, Floats, run
from optim.concessions import MEASURES, relaxable, weight_of
from optim.instance import Dish, Instance
from optim.linear import LinearModel
from optim.rules import RULES
from optim.rules.words import dated, euros, sentence
from optim.surrogate import MenuGuess
from optim.units import PERMILLE

FIRM = frozenset({"structure"})
"""A meal keeps its components whatever happens."""
SWITCH = 100.0
"""Giving a rule up weighs more than any number of steps by which it is passed."""
LAST_RESORT = {"garder": 3.0, "besoin": 4.0}
"""What the chief decided and what the market cannot deliver are given up after the others."""
NEGLIGIBLE, TRACE = 1e-4, 1e-7
NEAR = 2e-3
"""The gap at which a solver stops: with one rule, a fifth of a presentation or two minutes."""
MOST_RULES = 5
"""More rules than this are no reason, only where the solver was when its time ended."""


@dataclass(frozen=True)
class Given:
    """One row that had to give: its rule, what it counts, and by how much (missing > 0, excess < 0)."""

    rule: str
    about: str
    amount: float


class Lack(NamedTuple):
    """The fewest rules to give up, and menus that keep all the others."""

    given: tuple[Given, ...]
    menus: tuple[Dish, ...]

    @property
    def rules(self) -> frozenset[str]:
        """Names of the rules given up."""
        return frozenset(item.rule for item in self.given)


class Elastic:
    """The menu model where every rule has a switch."""

    def __init__(self, instance: Instance, guess: MenuGuess) -> None:
        self.instance, self.guess = instance, guess
        self.linear = LinearModel()
        self.switches: dict[str, int] = {}
        self.steps: dict[str, int] = {}
        self.slacks: list[tuple[int, Given]] = []
        source = guess.model.linear
        stepped = {
            rule
            for rule, step in zip(source.row_rule, source.row_step, strict=True)
            if step and relaxable(rule)
        }
        self.stepped_rows = [
            row for row, step in enumerate(source.row_step) if step and source.row_rule[row] in stepped
        ]
        self._columns(source)
        for row, rule in enumerate(source.row_rule):
            firm = rule in FIRM or (rule in stepped and not source.row_step[row])
            self._row(source, row, firm=firm)
        self.compiled = Compiled(self.linear)

    def _columns(self, source: LinearModel) -> None:
        compiled = self.guess.compiled
        barred = self.guess.unbuyable.keys() | source.forbidden.keys()
        for column in range(len(source.lower)):
            upper = 1.0 if column in barred else float(compiled.upper[column])
            self.linear.var(float(compiled.lower[column]), upper, integer=source.integer[column])
        for column, food in self.guess.unbuyable.items():
            self._slack_row("besoin", self.instance.food[food].name, [(column, 1.0)], (-np.inf, 0.0))
        names = {
            column: dated(self.instance.recipe[served.recipe].name, served.date)
            for served, column in self.guess.model.variables.servings.items()
        }
        for column, rules in source.forbidden.items():
            for rule in set(rules):
                self._slack_row(rule, names[column], [(column, 1.0)], (-np.inf, 0.0))

    def _row(self, source: LinearModel, row: int, *, firm: bool) -> None:
        rule, terms = source.row_rule[row], source.row_terms[row]
        bounds = source.row_low[row], source.row_high[row]
        if firm:
            self.linear.row(rule, terms, *bounds)
        elif source.row_step[row]:
            self._stepped_row(rule, source.row_step[row], terms, bounds)
        else:
            self._slack_row(rule, source.row_about[row], terms, bounds)

    def _switch(self, rule: str) -> int:
        if rule not in self.switches:
            self.switches[rule] = self.linear.binary(SWITCH * LAST_RESORT.get(rule, 1.0))
        return self.switches[rule]

    def _stepped_row(
        self, rule: str, step: float, terms: list[tuple[int, float]], bounds: tuple[float, float]
    ) -> None:
        """The row widened by the steps of its rule, the same for all its rows."""
        low, high = bounds
        most = max(abs(low) if np.isfinite(low) else 0.0, sum(abs(w) for _, w in terms)) / step
        if rule not in self.steps:
            self.steps[rule] = self.linear.var(0, np.inf, cost=weight_of(rule, 1))
        steps = self.steps[rule]
        self.linear.row("", [(steps, 1.0), (self._switch(rule), -most)], high=0)
        if np.isfinite(low):
            self.linear.row(rule, [*terms, (steps, step)], low=low)
        if np.isfinite(high):
            self.linear.row(rule, [*terms, (steps, -step)], high=high)

    def _slack_row(
        self, rule: str, about: str, terms: list[tuple[int, float]], bounds: tuple[float, float]
    ) -> None:
        """The row with a slack of its own on either side."""
        row, (low, high) = list(terms), bounds
        size = max(1.0, sum(abs(w) for _, w in terms), abs(low) if np.isfinite(low) else 0)
        unit = 1.0 / (self.instance.meals or 1) if rule == "besoin" else 1.0
        for sign, bound in ((1.0, low), (-1.0, high)):
            if np.isfinite(bound):
                slack = self.linear.var(0, size, cost=unit)
                self.slacks.append((slack, Given(rule, about, sign)))
                self.linear.row("", [(slack, 1.0), (self._switch(rule), -size)], high=0)
                row.append((slack, sign))
        self.linear.row(rule, row, low, high)

    def least(self, seconds: float, *, kept: Collection[str] = ()) -> Lack | None:
        """The fewest rules to give up, but those to be kept; nothing where no short list is found in time.

        First among those that dishes in parts already accuse, so that the solver has few to choose from.
        """
        end = monotonic() + seconds
        accused = self._accused(seconds / 2, kept)
        others = (self.switches.keys() - accused) if accused else frozenset(kept)
        answer = self._solved(max(seconds / 3, end - monotonic()), others)
        if answer.values is None and accused:
            answer = self._solved(max(seconds / 3, end - monotonic()), kept)
        if answer.values is None:
            return None
        lack = Lack(tuple(self._given(answer.values)), tuple(self.guess.dishes(answer)))
        return lack if len(lack.rules) <= MOST_RULES else None

    def _accused(self, seconds: float, kept: Collection[str]) -> frozenset[str]:
        """Rules that menus in parts cannot keep all together."""
        model = self._keeping(kept)
        model.integer[:] = False
        answer = run(model, Engine.HIGHS, seconds=seconds)
        if answer.values is None:
            return frozenset()
        return frozenset(r for r, switch in self.switches.items() if answer.values[switch] > TRACE)

    def _solved(self, seconds: float, kept: Collection[str]) -> Answer:
        return run(self._keeping(kept), Engine.HIGHS, seconds=seconds, gap=NEAR)

    def _keeping(self, kept: Collection[str]) -> Compiled:
        model = self.compiled.copy()
        for rule in kept:
            if rule in self.switches:
                model.upper[self.switches[rule]] = 0
        return model

    def _given(self, values: Floats) -> Iterable[Given]:
        for column, item in self.slacks:
            if values[column] > NEGLIGIBLE:
                yield Given(item.rule, item.about, item.amount * float(values[column]))
        source = self.guess.model.linear
        for row in self.stepped_rows:
            total = sum(values[column] * weight for column, weight in source.row_terms[row])
            missing, excess = source.row_low[row] - total, total - source.row_high[row]
            if max(missing, excess) > NEGLIGIBLE:
                amount = missing if missing > 0 else -excess
                yield Given(source.row_rule[row], source.row_about[row], float(amount))


def sentences(given: Sequence[Given]) -> list[str]:
    """One sentence per rule to give up, in the order in which rules are told."""
    per_rule: defaultdict[str, list[Given]] = defaultdict(list)
    for item in given:
        per_rule[item.rule].append(item)
    order = {rule.name: rank for rank, rule in enumerate(RULES)}
    return [
        sentence_of(name, per_rule[name]) for name in sorted(per_rule, key=lambda n: order.get(n, len(order)))
    ]


def over_per_meal(instance: Instance, over_cents: float) -> int:
    """Whole cents per meal that pay for what lacks over the horizon."""
    return max(1, ceil(over_cents / max(1, instance.meals)))


def over_budget_sentence(instance: Instance, over_cents: float) -> str:
    """What lacks to the best plan met."""
    return f"Crédit nourriture : il manque {euros(over_per_meal(instance, over_cents))} par repas."


def sentence_of(rule: str, given: Sequence[Given]) -> str:
    """What one rule lacks."""
    title = next((r.title for r in RULES if r.name == rule), rule)
    missing = sum(item.amount for item in given if item.amount > 0)
    excess = -sum(item.amount for item in given if item.amount < 0)
    names = ", ".join(sorted({item.about for item in given if item.about})[:3])
    if rule == "temps":
        return f"Temps de l'équipe : il manque {excess:.0f} minutes de travail sur la période."
    if rule == "besoin":
        return f"Livraisons : il n'arrive pas assez de {names or 'certains aliments'} à temps."
    if rule not in MEASURES or rule == "retour":
        return sentence(f"{title} : à revoir pour {names}.")
    if missing >= excess:
        return sentence(f"{title} : il en manque {_number(missing)}.")
    return sentence(f"{title} : {_number(excess)} de trop.")


def _number(amount: float) -> str:
    return f"{max(1, round(amount * PERMILLE) // PERMILLE)}"
