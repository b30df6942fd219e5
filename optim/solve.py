"""The search: a compiled walk from plan to plan until the time is up; a bound beside.

One thread walks. The other proves a bound, then lets a solver in a process of its own seek a better one; once
that wins nothing more, it walks apart from another seed. With ``deterministic``, one thread, no process and a
fixed number of moves: the same question and seed give the same plan.
"""

import gc
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep
from typing import NamedTuple

from optim.anneal.ready import ready
from optim.anneal.walker import Walker
from optim.backend import Compiled, Engine, Outcome, run
from optim.beside import Beside
from optim.check import counts
from optim.effort import SLOWEST, Effort
from optim.figures import objective_parts
from optim.incumbent import Incumbent, Listener, Progress
from optim.instance import Dish, Instance
from optim.model import Scope, full_model
from optim.plan import Plan, Result, Status, names_known
from optim.polish import polish
from optim.proof import Keep, Proof
from optim.purchasing import packs_of
from optim.surrogate import MenuGuess, chosen_dishes
from optim.units import MILLICENTS
from optim.uses import make_plan
from optim.ways import Why, why

__all__ = ["EXPLAIN_SECONDS", "Progress", "solve"]
logger = logging.getLogger(__name__)

SMALL = 2500
"""A question with so few dishes and deliveries to choose is given whole to the solver first."""
WHOLE_SECONDS = 10.0
"""It says nothing of the plans it meets: nobody waits for it longer."""
PROOF_TOLERANCE = 1e-6
"""Relative room left under a solver's bound for its own arithmetic."""
PROVEN_CENTS = 0.5
EXPLAIN_SECONDS = 10.0
LAST_WARMTH, LAST_OVER = 0.00003, 8.0
"""Where a cooling ends: worsening accepted once in e tries as a share of the price, cents for a cent over
the budget."""
PROOF_SECONDS = 600.0
"""A deterministic search waits for its bound: the clock must not decide."""
BESIDE_SECONDS = 8.0
"""With less time left, no process beside: its first bound would come too late."""
LOOK_SECONDS = 0.1
ROUND_MOVES = 4_000
"""Moves between two looks at the clock."""
FIXED_ROUNDS, FIXED_CYCLES = 25, 1
"""The deterministic walk."""
GUESS_SECONDS = 10.0
COLLECT_AFTER = 200_000
"""New objects before the collector looks, within a search."""
POLISH_SECONDS, LEAST_POLISH = 4.0, 0.3
POLISHED = 1.02
"""Plans so near to the best one that their purchases are worked out exactly."""
WIDE_FROM, WIDE_SECONDS = 20.0, 6.0
"""A search so long takes so many seconds for the purchases of its best plan with every delivery open."""


class Cooling(NamedTuple):
    """How long a cooling lasts, and where it starts."""

    seconds: float
    warmth: float
    over: float


SOON, SOON_TRIES = Cooling(0.25, 0.003, 2), 4
COOLINGS = (
    Cooling(5, 0.01, 0.3),
    Cooling(5, 0.004, 0.3),
    Cooling(10, 0.01, 0.3),
    Cooling(10, 0.004, 0.3),
)
"""A plan soon, with twice the time at each try; then, from afresh and again from there, by turns. Longer ones
were seen to bring no more than several of these."""
EASY = 0.7
"""Share of a cooling in which a cent over the budget costs little, near its worth at the optimum: local
produce is found while menus can still move, then all is made to fit."""


@dataclass
class Search:
    """What the steps of one search share."""

    instance: Instance
    guess: MenuGuess
    best: Incumbent
    time_limit: float
    seed: int
    deterministic: bool = False
    on_proof: Keep | None = None
    impossible: bool = False
    widened: Plan | None = None
    """The last plan whose purchases were worked out with every delivery open."""

    @property
    def start(self) -> Sequence[Dish] | None:
        """The menus of a plan known before."""
        return self.best.plan.dishes if self.best.plan else None

    @property
    def left(self) -> float:
        """Seconds before the end."""
        return self.time_limit - self.best.seconds

    @property
    def kept_for_polish(self) -> float:
        """Seconds that the last cooling leaves to the last purchases."""
        return WIDE_SECONDS + 1 if self.widens else min(1.0, self.time_limit / 10)

    @property
    def widens(self) -> bool:
        """Whether there is time to look at every delivery; how far a solver comes in it differs."""
        return self.time_limit >= WIDE_FROM and not self.deterministic

    @property
    def over(self) -> bool:
        """Whether to stop."""
        late = not self.deterministic and self.left <= 0
        return late or self.proven or self.impossible or self.best.stopped.is_set()

    @property
    def proven(self) -> bool:
        """Whether nothing can be won any more."""
        return self.best.objective - self.best.bound < PROVEN_CENTS


def solve(
    instance: Instance,
    *,
    time_limit: float = 60.0,
    seed: int = 0,
    on_progress: Listener | None = None,
    deterministic: bool = False,
    start: Plan | None = None,
    on_proof: Keep | None = None,
) -> Result:
    """The best menus and purchases found within ``time_limit`` seconds, and the proof beside.

    ``on_progress`` hears of each better plan and bound; it answers False to stop the search. The
    compiled code is there before the clock starts. ``start`` is a plan already met: kept if nothing better
    is found and the check accepts it; left aside where the question no longer has all that it names.
    """
    ready()
    best = Incumbent(instance, on_progress)
    best.bring(start if start is not None and names_known(instance, start) else None)
    with _few_collections():
        search = Search(instance, MenuGuess(instance), best, time_limit, seed, deterministic, on_proof)
        _search(search)
    return _result(search) if best.plan else _without_plan(search)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage rarely: models are millions of small objects that stay.

    Looking at them again and again took up to a third of the set-up.
    """
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _search(search: Search) -> None:
    # How far the solver comes in a given time differs from run to run.
    if _is_small(search.instance) and not search.deterministic:
        whole(search)
        if search.over:
            return
    if search.deterministic:
        prove(search)
        walk(search, search.seed, search.start)
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The solver looks for the first menus while the board of the walk is made.
        menus = pool.submit(_first_menus, search, search.seed, search.start)
        walker = Walker(search.instance, search.guess, search.seed)
        found = menus.result()
        beside = pool.submit(_prove_then_walk, search)
        _set_out(search, walker, found)
        beside.result()


def _is_small(instance: Instance) -> bool:
    dishes = len(instance.horizon) * len(instance.recipes)
    deliveries = sum(len(instance.supplier[o.supplier].delivery_dates) for o in instance.offers)
    return dishes + deliveries <= SMALL


def whole(search: Search) -> None:
    """Give the whole question to the solver: exact for a small one.

    HiGHS, because SCIP was seen to call optimal what was not, on tiny questions.
    """
    model = full_model(search.instance, Scope(search.guess.allowed()))
    seconds = max(1.0, min(WHOLE_SECONDS, search.time_limit / 2))
    answer = run(Compiled(model.linear), Engine.HIGHS, seconds=seconds, gap=0.0, seed=search.seed)
    search.impossible = answer.outcome is Outcome.INFEASIBLE
    if search.impossible:
        return
    search.best.raise_bound(lowered(answer.bound))
    if answer.values is not None:
        dishes = chosen_dishes(search.instance, model, answer)
        search.best.bring(make_plan(search.instance, dishes, packs_of(model, answer)))


def lowered(bound: float) -> float:
    """A solver's bound, less what its arithmetic may have added."""
    return bound - abs(bound) * PROOF_TOLERANCE


def walk(search: Search, seed: int, start: Sequence[Dish] | None = None) -> None:
    """From given menus, or the first lawful ones found, look for better and better plans."""
    if search.over:
        return
    menus = _first_menus(search, seed, start)
    if not search.impossible:
        _set_out(search, Walker(search.instance, search.guess, seed), menus)


def _first_menus(search: Search, seed: int, start: Sequence[Dish] | None) -> Sequence[Dish] | None:
    if start is not None:
        return start
    menus = search.guess.any_menus(max(1.0, min(GUESS_SECONDS, search.left)), seed)
    search.impossible |= search.guess.outcome is Outcome.INFEASIBLE
    return menus


def _set_out(search: Search, walker: Walker, menus: Sequence[Dish] | None) -> None:
    if menus is not None:
        walker.start_from(menus)
    go_on(search, walker)


def go_on(search: Search, walker: Walker) -> None:
    """Cool until a plan is there, then longer and longer, each time from the best plan of this walk.

    The purchases are polished after each cooling; where it won nothing, and at the end, on every delivery.
    """
    tries = 0
    while not search.over and tries < _tries(search):
        cool(search, walker, SOON._replace(seconds=SOON.seconds * 2**tries))
        tries += 1
    cycle = 0
    while not search.over and not (search.deterministic and cycle == FIXED_CYCLES):
        before = search.best.objective
        cool(search, walker, COOLINGS[min(cycle, len(COOLINGS) - 1 - (cycle + 1) % 2)])
        cycle += 1
        if search.best.objective >= before or search.left <= search.kept_for_polish:
            widen(search)


def _tries(search: Search) -> int:
    """How many short coolings: one, or more while nobody has a plan."""
    return 1 if search.deterministic or search.best.plan else SOON_TRIES


def bring(search: Search, plan: Plan | None) -> None:
    """Take a plan in, and the same with its purchases polished where that may be the best."""
    if plan is None:
        return
    search.best.bring(plan)
    if search.best.worth(plan)[0] > search.best.base_value * POLISHED:
        return
    seconds = POLISH_SECONDS if search.deterministic else max(LEAST_POLISH, min(POLISH_SECONDS, search.left))
    search.best.bring(polish(search.instance, plan, seconds=seconds, seed=search.seed))


def widen(search: Search) -> None:
    """Work the purchases of the best plan out again with every delivery open, once."""
    plan = search.best.plan
    if not search.widens or plan is None or plan is search.widened:
        return
    search.widened = plan
    seconds = max(LEAST_POLISH, min(WIDE_SECONDS, search.left))
    search.best.bring(polish(search.instance, plan, seconds=seconds, seed=search.seed, anywhere=True))
    search.widened = search.best.plan


def cool(search: Search, walker: Walker, cooling: Cooling) -> None:
    """One cooling: through the clock, or through a fixed number of rounds; its plan is brought in."""
    length = min(cooling.seconds, max(0.2, search.left - search.kept_for_polish))
    start, rounds, passed = search.best.seconds, 0, 0.0
    while passed < 1 and not search.over:
        warmth = cooling.warmth * (LAST_WARMTH / cooling.warmth) ** passed
        over = cooling.over * (LAST_OVER / cooling.over) ** max(0, (passed - EASY) / (1 - EASY))
        walker.walk(ROUND_MOVES, abs(walker.price) * warmth, round(20 * over) / 20)
        rounds += 1
        passed = rounds / FIXED_ROUNDS if search.deterministic else (search.best.seconds - start) / length
        search.best.beat()
    bring(search, walker.plan())


def prove(search: Search, proof: Proof | None = None) -> None:
    """A bound: the relaxed question with everything in parts. Where even that has no answer, nothing has."""
    proof = proof or Proof(search.instance, search.guess)
    answer = proof.solve(seconds=PROOF_SECONDS if search.deterministic else max(1.0, search.left))
    if answer.done:
        search.best.raise_bound(lowered(answer.bound))
        if search.on_proof is not None:
            search.on_proof(proof)
    search.impossible |= answer.outcome is Outcome.INFEASIBLE


def _prove_then_walk(search: Search) -> None:
    proof = Proof(search.instance, search.guess)
    prove(search, proof)
    if search.left >= BESIDE_SECONDS and not search.over:
        _prove_beside(search, proof)
    walk(search, search.seed + 1)


def _prove_beside(search: Search, proof: Proof) -> None:
    """Wait for the bounds of the process beside, until it ends or the search does."""
    beside = _beside(search, proof)
    if beside is None:
        return
    try:
        while not (search.over or beside.over):
            sleep(LOOK_SECONDS)
    finally:
        beside.close()


def _beside(search: Search, proof: Proof) -> Beside | None:
    """The process of a better bound; where none can be started, the search goes on without."""

    def hear(bound: float) -> None:
        if bound < float("inf"):
            search.best.raise_bound(lowered(bound))
        else:
            search.impossible |= search.best.plan is None

    try:
        return Beside(proof.whole, seconds=search.left, seed=search.seed, hear=hear)
    except OSError:
        logger.warning("no process beside for the bound", exc_info=True)
        return None


def _result(search: Search) -> Result:
    best, plan = search.best, search.best.plan
    parts = objective_parts(search.instance, plan) if plan else {}
    return Result(
        status=Status.OPTIMAL if search.proven else Status.FEASIBLE,
        plan=plan,
        objective_cents=best.objective,
        bound_cents=None if best.bound == float("-inf") else best.bound,
        gap=best.gap,
        objective_parts={name: value / MILLICENTS for name, value in parts.items()},
        seconds=best.seconds,
        first_solution_seconds=best.first_seconds,
        seed=search.seed,
        rules=tuple(counts(search.instance, plan)) if plan else (),
    )


def _without_plan(search: Search) -> Result:
    """Say what stands in the way, proved or only met."""
    best = search.best
    told = Why()
    if not best.stopped.is_set():
        told = why(search.instance, best.base, meet, seconds=EXPLAIN_SECONDS)
    status = Status.INFEASIBLE if search.impossible else Status.UNKNOWN
    return Result(
        status=status, seconds=best.seconds, seed=search.seed, conflicts=told.sentences, ways=told.ways
    )


def meet(
    instance: Instance, guess: MenuGuess, menus: Iterable[Dish], seconds: float, slowest: float = SLOWEST
) -> Plan | None:
    """The best plan that a walk from these menus meets, within the budget or, failing that, beyond it.

    The seconds are of processor and count from the first array of its board: under load, it walks as far.
    """
    best = Incumbent(instance, None, Effort(seconds, slowest).spent)
    search = Search(instance, guess, best, seconds, 0, deterministic=False)
    walker = Walker(instance, guess, 0)
    walker.start_from(menus)
    search.best.bring(walker.plan())
    go_on(search, walker)
    return search.best.plan or search.best.base
