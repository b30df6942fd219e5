"""When nothing fits: the fewest rules to give up, and by how much, in kitchen words.

Each row of the menus hangs on the switch of its rule; as few switches as possible are thrown.
Food counts at its cheapest price, so that what is said here is true of every purchase.
"""

from collections import defaultdict
from dataclasses import dataclass
from time import monotonic

import numpy as np

from optim.backend import Compiled, Engine, run
from optim.instance import Instance
from optim.linear import LinearModel
from optim.rules import RULES
from optim.rules.words import dated, euros, sentence
from optim.surrogate import MenuGuess
from optim.units import PERMILLE

FIRM = frozenset({"structure"})
"""A meal keeps its components whatever happens."""
SWITCH = 1000.0
"""Giving a rule up weighs more than any amount by which it is passed."""
LAST_RESORT = {"garder": 3.0, "besoin": 4.0}
"""What the chief decided and what the market cannot deliver are given up after the others."""
NEGLIGIBLE = 1e-4
LEAST_SECONDS = 1.0
"""However long the models took to write, the reason is looked for."""


@dataclass(frozen=True)
class Given:
    """One row that had to give: its rule, what it counts, and by how much."""

    rule: str
    about: str
    amount: float


def explain(instance: Instance, *, seconds: float) -> list[str]:
    """One sentence per rule to give up; nothing when the menus alone are possible.

    ``seconds`` bounds the whole: writing the models down, then the search for the reason.
    """
    end = monotonic() + seconds
    guess = MenuGuess(instance)
    linear = guess.model.linear
    given = _least_given(instance, guess, linear, end)
    per_rule: defaultdict[str, list[Given]] = defaultdict(list)
    for item in given:
        per_rule[item.rule].append(item)
    order = {rule.name: rank for rank, rule in enumerate(RULES)}
    return [_sentence(instance, per_rule[name]) for name in sorted(per_rule, key=lambda n: order.get(n, 99))]


def over_budget_sentence(instance: Instance, over_cents: float) -> str:
    """What lacks to the best plan found when only the budget stands in the way."""
    lack = euros(max(1.0, over_cents / max(1, instance.meals)))
    return f"Le crédit nourriture est trop court : il manque {lack} par repas au meilleur plan trouvé."


def _least_given(instance: Instance, guess: MenuGuess, linear: LinearModel, end: float) -> list[Given]:
    budget = guess.with_budget(guess.compiled)
    elastic = _Elastic(instance, guess, linear, budget)
    compiled = elastic.compiled()
    answer = run(compiled, Engine.HIGHS, seconds=max(LEAST_SECONDS, end - monotonic()), gap=1e-3)
    return elastic.given(answer.values) if answer.values is not None else []


class _Elastic:
    """The menu model where every rule has a switch and every row a slack."""

    def __init__(self, instance: Instance, guess: MenuGuess, linear: LinearModel, budget: Compiled) -> None:
        self.instance = instance
        self.linear = LinearModel()
        self.switches: dict[str, int] = {}
        self.slacks: list[tuple[int, Given]] = []
        self._columns(guess, linear)
        for row, terms in enumerate(linear.row_terms):
            self._row(
                linear.row_rule[row], linear.row_about[row], terms, linear.row_low[row], linear.row_high[row]
            )
        if len(budget.row_low) > len(linear.row_low):
            last = budget.row_ids == len(linear.row_low)
            terms = list(zip(budget.columns[last].tolist(), budget.weights[last].tolist(), strict=True))
            self._row("budget", "", terms, float("-inf"), float(budget.row_high[-1]))

    def _columns(self, guess: MenuGuess, linear: LinearModel) -> None:
        compiled = guess.compiled
        barred = guess.unbuyable.keys() | linear.forbidden.keys()
        for column in range(len(linear.lower)):
            upper = 1.0 if column in barred else float(compiled.upper[column])
            self.linear.var(float(compiled.lower[column]), upper, integer=linear.integer[column])
        for column, food in guess.unbuyable.items():
            self._row("besoin", self.instance.food[food].name, [(column, 1.0)], float("-inf"), 0.0)
        recipes = self.instance.recipe
        servings = guess.model.variables.servings
        names = {c: dated(recipes[served.recipe].name, served.date) for served, c in servings.items()}
        for column, rules in linear.forbidden.items():
            for rule in set(rules):
                self._row(rule, names[column], [(column, 1.0)], float("-inf"), 0.0)

    def _switch(self, rule: str) -> int:
        if rule not in self.switches:
            self.switches[rule] = self.linear.binary(SWITCH * LAST_RESORT.get(rule, 1.0))
        return self.switches[rule]

    def _row(self, rule: str, about: str, terms: list[tuple[int, float]], low: float, high: float) -> None:
        row = list(terms)
        if rule not in FIRM:
            size = max(1.0, sum(abs(w) for _, w in terms), abs(low) if np.isfinite(low) else 0)
            unit = 1.0 / (self.instance.meals or 1) if rule in {"budget", "besoin", "temps"} else 1.0
            for sign, bound in ((1.0, low), (-1.0, high)):
                if np.isfinite(bound):
                    slack = self.linear.var(0, size, cost=unit)
                    self.slacks.append((slack, Given(rule, about, sign)))
                    self.linear.row("", [(slack, 1.0), (self._switch(rule), -size)], high=0)
                    row.append((slack, sign))
        self.linear.row(rule, row, low, high)

    def compiled(self) -> Compiled:
        """The elastic model as arrays."""
        return Compiled(self.linear)

    def given(self, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[Given]:
        """The rows that gave, with the signed amount."""
        return [
            Given(item.rule, item.about, item.amount * float(values[column]))
            for column, item in self.slacks
            if values[column] > NEGLIGIBLE
        ]


def _sentence(instance: Instance, given: list[Given]) -> str:
    rule = next((r for r in RULES if r.name == given[0].rule), None)
    title = rule.title if rule else given[0].rule
    missing = sum(item.amount for item in given if item.amount > 0)
    excess = -sum(item.amount for item in given if item.amount < 0)
    if given[0].rule == "budget":
        return f"Crédit nourriture : il manque {euros(max(1.0, excess / instance.meals))} par repas."
    if given[0].rule == "temps":
        return f"Temps de l'équipe : il manque {excess:.0f} minutes de travail sur la période."
    if given[0].rule == "besoin":
        names = ", ".join(sorted({item.about for item in given if item.about})[:3])
        return f"Livraisons : il n'arrive pas assez de {names or 'certains aliments'} à temps."
    if given[0].rule in {"garder", "ecarter", "saison", "veille", "lundi", "lait-cru", "sans-porc", "retour"}:
        names = ", ".join(sorted({item.about for item in given if item.about})[:3])
        return sentence(f"{title} : à revoir pour {names}.")
    if missing >= excess:
        return sentence(f"{title} : il en manque {_number(missing)}.")
    return sentence(f"{title} : {_number(excess)} de trop.")


def _number(amount: float) -> str:
    return f"{max(1, round(amount * PERMILLE) // PERMILLE)}"
