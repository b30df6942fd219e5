"""Several plans to choose from: none is beaten at once on cost, on shares and on climate.

Prices of the aims are moved along a ladder, each question starting from the best plan known for it;
then the widest gaps in cost are filled by asking for the most shares under a budget half-way.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

from optim.anneal.ready import ready
from optim.check import violations
from optim.compare import SHARES_FIRST
from optim.figures import Figures, figures, objective_parts
from optim.incumbent import Incumbent, Progress
from optim.instance import Instance
from optim.plan import Plan, Result
from optim.solve import Search, solve, walk
from optim.surrogate import MenuGuess
from optim.units import PERMILLE

MOST = 16
"""More plans than this are no longer a choice."""
FIRST_PART = 0.4
"""Of the time, at most, to find any plan."""
RUNG_PART, LEAST_RUNG_SECONDS = 1 / 16, 2.0
"""Of the time, for one question."""
CLIMATE_CENTS = 100
"""A kilogram of CO2e, where climate comes first: of the order of a meal's food for a meal's emissions."""


@dataclass(frozen=True)
class Aim:
    """One question: prices of shares and of climate, per mille of the highest; a budget, cents TTC a meal."""

    shares: int = 0
    climate: int = 0
    budget: int | None = None

    def of(self, instance: Instance) -> Instance:
        """The question for an instance; what people like and leave keeps its own price."""
        profile, first = instance.profile, SHARES_FIRST
        prices = {
            "local_permille": first.local_permille * self.shares // PERMILLE,
            "quality_permille": first.quality_permille * self.shares // PERMILLE,
            "shortfall_permille": profile.shortfall_permille * self.shares // PERMILLE,
            "co2e_cents_per_kg": CLIMATE_CENTS * self.climate // PERMILLE,
        }
        budget = self.budget or instance.budget_ttc_cents
        return instance.model_copy(
            update={"profile": profile.model_copy(update=prices), "budget_ttc_cents": budget}
        )


LADDER = (
    Aim(),
    Aim(shares=1000),
    Aim(climate=1000),
    Aim(shares=500),
    Aim(shares=1000, climate=1000),
    Aim(shares=500, climate=500),
    Aim(shares=250),
    Aim(shares=750),
    Aim(climate=400),
    Aim(shares=750, climate=300),
    Aim(shares=400, climate=150),
    Aim(shares=900, climate=500),
)
"""The corners first, then between them."""


@dataclass(frozen=True)
class Point:
    """A plan that ``check`` accepts, and its figures."""

    plan: Plan
    figures: Figures

    @property
    def criteria(self) -> tuple[float, float, float]:
        """Cents TTC a meal, less both shares together, kg CO2e a meal: the lower the better.

        Rounded as people read them: two points that differ here differ on the page, and one that is
        not beaten here is not beaten at all.
        """
        f = self.figures
        shares = 100 * (f.share_local + f.share_egalim)
        return float(round(f.cost_ttc_cents_per_meal)), -round(shares, 1), round(f.co2e_kg_per_meal, 2)

    def beats(self, other: "Point") -> bool:
        """At least as good on everything; of two alike, each beats the other."""
        return all(mine <= theirs for mine, theirs in zip(self.criteria, other.criteria, strict=True))


@dataclass(frozen=True)
class Frontier:
    """The plans, the cheapest first; without any, what the search says of it."""

    points: tuple[Point, ...]
    failure: Result | None = None


Listener = Callable[[float, int, tuple[Point, ...] | None], bool | None]
"""Hears the seconds, how many plans there are, and the plans when they are new; False stops."""


def frontier(
    instance: Instance, *, seconds: float, seed: int = 0, on_progress: Listener | None = None
) -> Frontier:
    """Plans of which none is beaten, found within ``seconds``; at most ``MOST``, spread out."""
    ready()
    climb = _Climb(instance, seconds, seed, on_progress)
    climb.begin()
    failure = None if climb.points else climb.why()
    if climb.points:
        climb.go_on()
    return Frontier(spread(climb.points, MOST), None if climb.points else failure)


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


class _Climb:
    """The plans that nothing beats so far, the questions left, the clock."""

    def __init__(self, instance: Instance, seconds: float, seed: int, listener: Listener | None) -> None:
        self.instance = instance
        self.seconds = seconds
        self.seed = seed
        self.listener = listener
        self.points: list[Point] = []
        self.stopped = False
        self._start = monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._start

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.stopped or self.elapsed >= self.seconds

    def begin(self) -> None:
        """Any plan, of plain prices: without the proof of ``solve``, which cannot be cut short."""
        asked = LADDER[0].of(self.instance)
        best = Incumbent(asked, lambda told: self._hear(told) and not self.points)
        limit = self.seconds * FIRST_PART
        walk(Search(asked, MenuGuess(asked), best, limit, self.seed), self.seed)

    def why(self) -> Result:
        """What a plain search says where no plan was found; a plan it finds is taken in."""
        rest = max(LEAST_RUNG_SECONDS, self.seconds - self.elapsed)
        return solve(self.instance, time_limit=rest, seed=self.seed, on_progress=self._hear)

    def go_on(self) -> None:
        """Answer question after question until the time is up."""
        rung = max(LEAST_RUNG_SECONDS, self.seconds * RUNG_PART)
        for number, aim in self._questions():
            if self.over:
                return
            asked = aim.of(self.instance)
            start = self._nearest(asked).plan.dishes
            time = min(rung, self.seconds - self.elapsed)
            search = Search(asked, MenuGuess(asked), Incumbent(asked, self._hear), time, self.seed)
            walk(search, self.seed + number, start)

    def _nearest(self, asked: Instance) -> Point:
        """The best plan known for a question; its budget is never under the cheapest plan."""
        within = [p for p in self.points if not violations(asked, p.plan)]
        return min(within, key=lambda p: sum(objective_parts(asked, p.plan).values()))

    def _questions(self) -> Iterator[tuple[int, Aim]]:
        """The ladder, then the widest gaps, each asked once per price of climate."""
        yield from enumerate(LADDER)
        number = len(LADDER)
        while True:
            yield number, Aim(shares=1000, climate=300 * (number % 3), budget=self._gap(number))
            number += 1

    def _gap(self, number: int) -> int | None:
        """A budget inside one of the widest gaps in cost; none while there is only one plan."""
        costs = sorted(p.figures.cost_ttc_cents_per_meal for p in self.points)
        gaps = sorted(pairwise(costs), key=lambda gap: gap[0] - gap[1])
        if not gaps:
            return None
        low, high = gaps[number // 3 % min(4, len(gaps))]
        return max(math.ceil(low), round((low + high) / 2))

    def _hear(self, told: Progress) -> bool:
        """Keep a plan that nothing beats, and those it beats no more; whether to go on."""
        new = told.plan is not None and self._keep(told.plan)
        if self.listener is not None:
            points = spread(self.points, MOST) if new else None
            self.stopped |= self.listener(self.elapsed, min(MOST, len(self.points)), points) is False
        return not self.over

    def _keep(self, plan: Plan) -> bool:
        point = Point(plan, figures(self.instance, plan))
        if any(other.beats(point) for other in self.points) or violations(self.instance, plan):
            return False
        self.points = [other for other in self.points if not point.beats(other)] + [point]
        return True
