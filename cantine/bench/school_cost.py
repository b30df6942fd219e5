"""The published instance for its cost alone (B3): days counted by kind, solved to proof.

Nothing tells two days apart once each keeps its own bounds, so a plan is how many times each feasible
day (starter, main, dessert) comes: 110 integers for any length, where the model written day by day has
67 binaries a day and all its permutations.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from cantine.bench.school import DAY_BOUNDS, School, plan_bounds
from optim.backend import Answer, Compiled, Engine, Outcome, run
from optim.linear import LinearModel

EXACT = 1e-9


@dataclass(frozen=True)
class Cheapest:
    """The cheapest plan found, the proven bound and the time of both, model included."""

    objective: float
    bound: float
    proven: bool
    seconds: float
    plan: NDArray[np.int64]
    """Rows of ``school.days``."""


def cheapest(school: School, days: int, seconds: float) -> Cheapest | None:
    """The cheapest plan of so many days, or nothing when none was found in time."""
    began = monotonic()
    answer = run(Compiled(counted_model(school, days)), Engine.SCIP, seconds=seconds, gap=EXACT)
    if answer.values is None:
        return None
    plan = np.repeat(np.arange(len(school.days)), np.rint(answer.values).astype(np.int64))
    return Cheapest(_price(school, plan), answer.bound, _proven(answer), monotonic() - began, plan)


def _price(school: School, plan: NDArray[np.int64]) -> float:
    return float(school.prices[plan].sum())


def _proven(answer: Answer) -> bool:
    return answer.outcome is Outcome.OPTIMAL


def counted_model(school: School, days: int) -> LinearModel:
    """How many times each feasible day comes."""
    linear = LinearModel()
    columns = [linear.var(0, days, integer=True, cost=float(price)) for price in school.prices]
    linear.row("jours", [(column, 1.0) for column in columns], days, days)
    for nutrient, low, high in plan_bounds():
        terms = [(c, float(school.nutrients[row, nutrient])) for row, c in enumerate(columns)]
        linear.row("nutriments", terms, days * low, days * high)
    return linear


def daily_model(school: School, days: int) -> LinearModel:
    """The same question written whole, as a solver is usually given it: one dish per course and day."""
    linear = LinearModel()
    per_day = []
    for _ in range(days):
        courses = [[linear.binary(float(price)) for price in course.prices] for course in school.courses]
        for columns in courses:
            linear.row("jour", [(column, 1.0) for column in columns], 1, 1)
        per_day.append(courses)
        for nutrient, (low, high) in DAY_BOUNDS.items():
            linear.row("jour", _taken(school, courses, nutrient), low, high)
    for nutrient, low, high in plan_bounds():
        terms = [term for courses in per_day for term in _taken(school, courses, nutrient)]
        linear.row("nutriments", terms, days * low, days * high)
    return linear


def _taken(school: School, courses: list[list[int]], nutrient: int) -> list[tuple[int, float]]:
    return [
        (column, float(course.nutrients[dish, nutrient]))
        for course, columns in zip(school.courses, courses, strict=True)
        for dish, column in enumerate(columns)
    ]
