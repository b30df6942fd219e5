"""The published instance for cost and repetition (B4): an archive of plans none of which beats another.

Annealing for one weighting of the two objectives after the other; each walk starts from the kept plan
that is best for its weighting, so that walks help each other along the front.
"""

import re
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

from cantine.bench import school_kernel as kernel
from cantine.bench.school import Floats, School, keeps_bounds, plan_bounds
from cantine.bench.school_kernel import Ints, Tables
from cantine.errors import CantineError

GROUP_WEIGHTS = (0.1, 3.0, 0.3, 0.1, 0.3, 0.3, 2.0, 1.5, 0.5, 0.1)
"""Of the groups 0 to 9: others, meat, cereal, fruit, dairy, legume, shellfish, pasta, fish, vegetable."""
CAPACITY = 4000
WEIGHTINGS = 24
HOT, COLD, WARM = 1.2, 0.03, 0.12
"""Temperatures times days: of a first walk, of every end, of a walk that starts from a kept plan."""
PENALTY = 8.0
"""Of a nutrient's average out of bounds by its whole reference, against objectives scaled to one."""
TIMES, SHORTEST = (1, 2, 3, 4, 5, 6), 10
"""How often a shorter plan may be served over, and its fewest days."""
PROBE = 20_000
"""Moves of a walk that only measures how fast this machine walks."""
FIRST_ROUND = 0.15
"""Share of the time given to the first walks, one for each weighting."""
CLOSE = 1e-6


class Ranges(NamedTuple):
    """Least and most of F1 and of F2, as published."""

    low: Floats
    high: Floats


def read_ranges(folder: Path, days: int) -> Ranges:
    """The published ranges for a length.

    Raises:
        CantineError: the file is missing or has another form.
    """
    path = folder / "ranges" / f"Insurgente_MainStudy_Objs-Ranges_{days}-Days.objs"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CantineError(f"« {path} » manque.") from error
    found = re.findall(r"Min value: ([0-9.]+); Max value: ([0-9.]+)", text)
    if len(found) != 2:  # noqa: PLR2004 -- two objectives
        raise CantineError(f"« {path} » n'a pas la forme attendue.")
    return Ranges(*(np.array([float(pair[side]) for pair in found]) for side in (0, 1)))


def tables_of(school: School) -> Tables:
    """The instance as arrays over its feasible days, as the kernel reads them."""
    groups = [_groups(school, day) for day in school.days]
    unions = [frozenset().union(*courses) for courses in groups]
    common = np.array([[_weight(one & two) for two in unions] for one in unions])
    compat = np.array(
        [_weight(main & first) + _weight(last & (first | main)) for first, main, last in groups]
    )
    dishes = np.ascontiguousarray(school.days.T)
    nutrients = np.ascontiguousarray(school.nutrients[:, [n for n, _, _ in plan_bounds()]])
    day = np.full([len(course.prices) for course in school.courses], -1)
    day[tuple(dishes)] = np.arange(len(school.days))
    return dishes, _alike(school.days), compat, common, school.prices.copy(), nutrients, day


def _groups(school: School, day: Ints) -> list[frozenset[int]]:
    return [course.groups[dish] for course, dish in zip(school.courses, day, strict=True)]


def _weight(groups: frozenset[int]) -> float:
    return sum(GROUP_WEIGHTS[group] for group in groups)


def _alike(days: Ints) -> Ints:
    """For each day, those with two dishes the same, repeated to one length."""
    same = (days[:, None, :] == days[None, :, :]).sum(axis=2)
    found = [np.flatnonzero(row == 2) for row in same]  # noqa: PLR2004 -- two of three
    found = [row if len(row) else np.array([day]) for day, row in enumerate(found)]
    longest = max(len(row) for row in found)
    return np.array([np.resize(row, longest) for row in found], dtype=np.int64)


def hypervolume(points: Floats, ranges: Ranges) -> float:
    """Area that points dominate under (1, 1), each objective over its published range, unclipped."""
    scaled = (points - ranges.low) / (ranges.high - ranges.low)
    area, ceiling = 0.0, 1.0
    for first, second in scaled[np.lexsort((scaled[:, 1], scaled[:, 0]))]:
        if first < 1 and second < ceiling:
            area += (1 - first) * (ceiling - second)
            ceiling = second
    return float(area)


class Front:
    """One search: its archive, its random numbers and what it has done."""

    def __init__(self, school: School, ranges: Ranges, days: int, seed: int) -> None:
        self.school, self.ranges, self.days = school, ranges, days
        self.tables = tables_of(school)
        bounds = plan_bounds()
        self.bounds = np.array([low for _, low, _ in bounds]), np.array([high for _, _, high in bounds])
        self.archive = (
            np.zeros((CAPACITY, 2)),
            np.zeros((CAPACITY, days), dtype=np.int64),
            np.zeros(1, np.int64),
        )
        self.random = np.random.default_rng(seed)
        self.moves = 0

    @property
    def points(self) -> Floats:
        """F1 and F2 of the kept plans, by F1."""
        return self.archive[0][: self.archive[2][0]]

    @property
    def plans(self) -> Ints:
        """The kept plans, as rows of ``school.days``."""
        return self.archive[1][: self.archive[2][0]]

    def start(self, plan: Ints) -> None:
        """Take a plan in before the search."""
        money = float(self.tables[4][plan].sum())
        kernel.keep(self.archive, money, self._again(plan), plan)

    def _again(self, plan: Ints) -> float:
        dishes, _, compat, common, *_ = self.tables
        return kernel.repetition(plan, dishes, compat, common)

    def walk(self, weight: float, steps: int, *, fresh: bool) -> None:
        """One annealing for a weighting: ``weight`` on F2, the rest on F1."""
        span = self.ranges.high - self.ranges.low
        aim = np.array([(1 - weight) / span[0], weight / span[1], PENALTY])
        if fresh or not len(self.points):
            plan, heat = self._repeated(aim, steps // 2)
        else:
            plan, heat = self.plans[int(np.argmin(self.points @ aim[:2]))].copy(), WARM
        self._anneal(plan, aim, (steps, heat), self.archive)

    def _repeated(self, aim: Floats, steps: int) -> tuple[Ints, float]:
        """A plan to start from: a shorter one annealed alone, then served over and over; or anything.

        Days since the same dish are cyclic and the averages are the same, so that a good short plan
        makes a good long one.
        """
        fit = [n for n in TIMES if self.days % n == 0 and self.days // n >= SHORTEST]
        times = int(self.random.choice(fit or [1]))
        part = self.random.integers(len(self.school.prices), size=self.days // times)
        if times == 1:
            return part, HOT
        aside = np.zeros((1, 2)), np.zeros((1, len(part)), dtype=np.int64), np.zeros(1, np.int64)
        self._anneal(part, aim * np.array([times, times, 1]), (steps, HOT), aside)
        return np.tile(part, times), WARM

    def _anneal(self, plan: Ints, aim: Floats, walk: tuple[int, float], archive: kernel.Archive) -> None:
        steps, heat = walk
        seed = int(self.random.integers(2**31))
        temperatures = (max(1, steps), heat / len(plan), COLD / len(plan))
        kernel.anneal(plan, self.tables, self.bounds, aim, temperatures, archive, seed)
        self.moves += steps

    def search(self, seconds: float) -> None:
        """Walks for each weighting, from new plans and from kept ones in turn, until the time is up."""
        self.walk(0.5, 1, fresh=True)
        began = monotonic()
        self.walk(0.5, PROBE, fresh=True)
        pace = PROBE / (monotonic() - began)
        steps, fresh = max(PROBE, round(pace * seconds * FIRST_ROUND / WEIGHTINGS)), True
        while True:
            for weight in self._weights():
                self.walk(weight, steps, fresh=fresh)
                if monotonic() - began >= seconds:
                    return
            steps, fresh = steps if fresh else 2 * steps, not fresh

    def _weights(self) -> Floats:
        """Weightings spread at random, the two ends included."""
        inner = (np.arange(1, WEIGHTINGS - 1) + self.random.random(WEIGHTINGS - 2) - 0.5) / (WEIGHTINGS - 1)
        return self.random.permutation(np.concatenate([[0.002], inner, [0.998]]))

    def faults(self) -> int:
        """Kept plans whose bounds or objectives do not hold when read again."""
        wrong = 0
        for point, plan in zip(self.points, self.plans, strict=True):
            true = np.array([self.tables[4][plan].sum(), self._again(plan)])
            wrong += not (keeps_bounds(self.school, plan) and np.allclose(point, true, atol=CLOSE))
        return wrong

    @property
    def area(self) -> float:
        """Hypervolume of the kept plans."""
        return hypervolume(self.points, self.ranges)
