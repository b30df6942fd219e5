"""Several plans to choose from: none is beaten at once on cost, on shares and on climate.

Prices of the aims are moved along a ladder, each question starting from the best plan known for it;
then the cheap end and the widest gaps in cost are filled by asking for the most shares under a budget.
The plan in place, where it is lawful, is known from the start: no plan that it beats is kept.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, pairwise
from threading import Lock
from time import monotonic, process_time

from optim.anneal.ready import ready
from optim.anneal.walker import Walker
from optim.check import violations
from optim.compare import SHARES_FIRST
from optim.figures import figures, objective_parts
from optim.incumbent import Incumbent, Progress
from optim.instance import Dish, Instance
from optim.plan import Plan, Result
from optim.points import Point, spread
from optim.solve import Search, go_on, solve, walk
from optim.surrogate import MenuGuess
from optim.units import PERMILLE

MOST = 16
"""More plans than this are no longer a choice."""
FIRST_PART = 0.4
"""Of the time, at most, to find any plan."""
ENOUGH, MORE_PART = 8, 2 / 3
"""While there are fewer plans than this, a machine that gave less of its processor than asked is given more
time: at most so much, as a part of the time asked."""
THREADS = 2
RUNG_PART, LEAST_RUNG_SECONDS = 1 / 10, 2.0
"""Of the time, for one question."""
CHEAP_END_EVERY = 6
"""Questions between two that ask for the most shares at the price of the cheapest plan: without them, of
all the plans of that price, the one shown is the one that nothing but its price was asked of."""
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
        return instance.changed(profile=profile.model_copy(update=prices), budget_ttc_cents=budget)


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
class Frontier:
    """The plans, the cheapest first; without any, what the search says of it."""

    points: tuple[Point, ...]
    """Found here: the plan in place is not among them."""
    failure: Result | None = None


Listener = Callable[[float, int, tuple[Point, ...] | None], bool | None]
"""Hears the seconds, how many plans there are, and the plans when they are new; False stops."""


def frontier(
    instance: Instance,
    *,
    seconds: float,
    seed: int = 0,
    in_place: Plan | None = None,
    on_progress: Listener | None = None,
) -> Frontier:
    """Plans of which none is beaten, found within ``seconds``; at most ``MOST``, spread out.

    ``in_place`` is a lawful plan of this question: it beats what it can, and is where the search begins.
    """
    ready()
    climb = _Climb(instance, seconds, seed, on_progress)
    climb.begin(in_place)
    failure = None if climb.known else climb.why()
    if climb.known:
        climb.go_on()
    return Frontier(spread(climb.points, MOST), None if climb.known else failure)


class _Climb:
    """The plans that nothing beats so far, the questions left, the clock."""

    def __init__(self, instance: Instance, seconds: float, seed: int, listener: Listener | None) -> None:
        self._start, self._processor = monotonic(), process_time()
        self.instance = instance
        self.guess = MenuGuess(instance)
        """The rules of the menus, which no aim changes."""
        self.seconds = seconds
        self.seed = seed
        self.listener = listener
        self.points: list[Point] = []
        self.in_place: Point | None = None
        self.stopped = False
        self._lock = Lock()
        self._numbered = enumerate(self._questions())

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._start

    @property
    def known(self) -> list[Point]:
        """Plans to start from and to beat: those found, and the one in place."""
        return [*self.points, *filter(None, [self.in_place])]

    @property
    def left(self) -> float:
        """Seconds before the end: later where the machine is loaded and the plans are few."""
        given = (process_time() - self._processor) / THREADS
        more = max(0.0, min(MORE_PART * self.seconds, self.elapsed - given))
        return self.seconds + (more if 0 < len(self.points) < ENOUGH else 0) - self.elapsed

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.stopped or self.left <= 0

    def begin(self, in_place: Plan | None) -> None:
        """The plan in place, or any, of plain prices: the proof of ``solve`` cannot be cut short."""
        if in_place is not None:
            self.in_place = Point(in_place, figures(self.instance, in_place))
            return
        asked = LADDER[0].of(self.instance)
        best = Incumbent(asked, lambda told: self._hear(told) and not self.points)
        limit = self.seconds * FIRST_PART
        walk(Search(asked, self.guess, best, limit, self.seed), self.seed)

    def why(self) -> Result:
        """What a plain search says where no plan was found; a plan it finds is taken in."""
        rest = max(LEAST_RUNG_SECONDS, self.seconds - self.elapsed)
        return solve(self.instance, time_limit=rest, seed=self.seed, on_progress=self._hear)

    def go_on(self) -> None:
        """Answer question after question until the time is up: the walks leave the interpreter to others."""
        with ThreadPoolExecutor(max_workers=THREADS) as pool:
            for walker in [pool.submit(self._answer_on) for _ in range(THREADS)]:
                walker.result()

    def _answer_on(self) -> None:
        rung = max(LEAST_RUNG_SECONDS, self.seconds * RUNG_PART)
        while not self.over:
            with self._lock:
                number, aim = next(self._numbered)
                asked = aim.of(self.instance)
                start = self._nearest(asked).plan.dishes
            self._answer(asked, start, number, rung)

    def _answer(self, asked: Instance, start: Sequence[Dish], number: int, seconds: float) -> None:
        """Walk for so long, or until the end: the clock of a question starts once its board is written."""
        walker = Walker(asked, self.guess, self.seed + number)
        walker.start_from(start)
        time = min(seconds, self.left)
        go_on(Search(asked, self.guess, Incumbent(asked, self._hear), time, self.seed), walker)

    def _nearest(self, asked: Instance) -> Point:
        """The best plan known for a question; its budget is never under the cheapest plan."""
        within = [p for p in self.known if not violations(asked, p.plan)]
        return min(within, key=lambda p: sum(objective_parts(asked, p.plan).values()))

    def _questions(self) -> Iterator[Aim]:
        """The ladder, then the widest gaps, each asked once per price of climate; the cheap end between."""
        for number in count():
            if number < len(LADDER):
                yield LADDER[number]
            else:
                yield Aim(shares=1000, climate=300 * (number % 3), budget=self._gap(number))
            if number % CHEAP_END_EVERY == 0:
                yield Aim(shares=1000, budget=math.ceil(self._costs()[0]))

    def _costs(self) -> list[float]:
        """Cents TTC a meal of the plans known, the cheapest first."""
        return sorted(p.figures.cost_ttc_cents_per_meal for p in self.known)

    def _gap(self, number: int) -> int | None:
        """A budget inside one of the widest gaps in cost; none while there is only one plan."""
        gaps = sorted(pairwise(self._costs()), key=lambda gap: gap[0] - gap[1])
        if not gaps:
            return None
        low, high = gaps[number // 3 % min(4, len(gaps))]
        return max(math.ceil(low), round((low + high) / 2))

    def _hear(self, told: Progress) -> bool:
        """Keep a plan that nothing beats, and those it beats no more; whether to go on."""
        with self._lock:
            new = told.plan is not None and self._keep(told.plan)
            if self.listener is not None:
                points = spread(self.points, MOST) if new else None
                self.stopped |= self.listener(self.elapsed, min(MOST, len(self.points)), points) is False
            return not self.over

    def _keep(self, plan: Plan) -> bool:
        point = Point(plan, figures(self.instance, plan))
        if any(other.beats(point) for other in self.known) or violations(self.instance, plan):
            return False
        self.points = [other for other in self.points if not point.beats(other)] + [point]
        return True
