"""Plans as points to choose from: what each is judged by, which beats which, the most spread out."""

from collections.abc import Sequence
from dataclasses import dataclass

from optim.figures import Figures
from optim.plan import Plan

Criteria = tuple[float, float, float]
"""Cents TTC a meal, less both shares together, kg CO2e a meal: the lower the better."""


def criteria_of(figures: Figures) -> Criteria:
    """What plans are judged by.

    To a cent, a tenth of a point for both shares together and ten grams: what differs less is alike to
    people, and one that is not beaten here is not beaten at all.
    """
    shares = 100 * (figures.share_local + figures.share_egalim)
    cost, gas = figures.cost_ttc_cents_per_meal, figures.co2e_kg_per_meal
    return float(round(cost)), -round(shares, 1), round(gas, 2)


def beats(one: Criteria, other: Criteria) -> bool:
    """At least as good on everything; of two alike, each beats the other."""
    return all(mine <= theirs for mine, theirs in zip(one, other, strict=True))


@dataclass(frozen=True)
class Point:
    """A plan that ``check`` accepts, and its figures."""

    plan: Plan
    figures: Figures

    @property
    def criteria(self) -> Criteria:
        """What it is judged by."""
        return criteria_of(self.figures)

    def beats(self, other: "Point") -> bool:
        """Whether it is at least as good on everything."""
        return beats(self.criteria, other.criteria)


def spread(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """At most so many points, cheapest first: of the two nearest, one goes, never the best of a criterion."""
    kept = sorted(points, key=lambda p: p.criteria)
    best = {min(kept, key=lambda p: p.criteria[k]).criteria for k in range(3)} if kept else set()
    while len(kept) > most:
        low = [min(p.criteria[k] for p in kept) for k in range(3)]
        high = [max(p.criteria[k] for p in kept) for k in range(3)]
        width = [(h - lo) or 1.0 for lo, h in zip(low, high, strict=True)]
        crowded = [p for p in kept if p.criteria not in best]
        kept.remove(min(crowded, key=lambda p: _nearest(p, kept, width)))
    return tuple(kept)


def _nearest(point: Point, points: Sequence[Point], width: Sequence[float]) -> float:
    """Distance to the nearest other point, each criterion as part of its width."""

    def distance(other: Point) -> float:
        apart = zip(point.criteria, other.criteria, width, strict=True)
        return sum(((a - b) / w) ** 2 for a, b, w in apart)

    return min(distance(other) for other in points if other is not point)
