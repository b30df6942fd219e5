"""A linear model as plain data: rules write it, any solver reads it, ``explain`` frees its rows.

What lives here: variables and rows with coefficients in kilograms, presentations or money, each
row hanging on the name of its rule. What does not: a solver.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf


@dataclass
class LinearModel:
    """Columns (bounds, integrality, cost in cents) and rows (bounds, terms, rule)."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)
    row_high: list[float] = field(default_factory=list)
    row_terms: list[list[tuple[int, float]]] = field(default_factory=list)
    row_rule: list[str] = field(default_factory=list)
    row_about: list[str] = field(default_factory=list)
    row_step: list[float] = field(default_factory=list)
    """By how much a step given up of the rule widens the row on either side; 0: not given up by steps."""
    forbidden: dict[int, list[str]] = field(default_factory=dict)
    leaning: dict[int, int] = field(default_factory=dict)
    """Columns that follow from the others: as large (1) or as small (-1) as their rows let them."""
    offset: float = 0

    def var(self, low: float, high: float, *, integer: bool = False, cost: float = 0) -> int:
        """Add a column and return its index."""
        self.lower.append(low)
        self.upper.append(high)
        self.integer.append(integer)
        self.cost.append(cost)
        return len(self.lower) - 1

    def following(self, low: float, high: float, leaning: int, *, integer: bool = False) -> int:
        """Add a column that follows from the others, as large (1) or as small (-1) as its rows let it."""
        column = self.var(low, high, integer=integer)
        self.leaning[column] = leaning
        return column

    def binary(self, cost: float = 0) -> int:
        """Add a yes-or-no column."""
        return self.var(0, 1, integer=True, cost=cost)

    def row(
        self,
        rule: str,
        terms: Iterable[tuple[int, float]],
        low: float = -inf,
        high: float = inf,
        about: str = "",
        step: float = 0,
    ) -> None:
        """Add ``low ≤ Σ coefficient × column ≤ high``; ``about`` says in French what the row counts.

        ``step`` is by how much one step given up of the rule widens it.
        """
        self.row_terms.append(list(terms))
        self.row_low.append(low)
        self.row_high.append(high)
        self.row_rule.append(rule)
        self.row_about.append(about)
        self.row_step.append(step)

    def forbid(self, rule: str, var: int) -> None:
        """Keep a column at zero, and remember which rule asks for it."""
        self.forbidden.setdefault(var, []).append(rule)

    def fix(self, var: int, value: float) -> None:
        """Give a column its value."""
        self.lower[var] = value
        self.upper[var] = value
