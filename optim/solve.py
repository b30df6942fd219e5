"""The search: menus guessed, then a walk from plan to plan until the time is up; a bound beside.

One thread walks. The other proves a bound, then solves parts of the best plan again with a
solver. With ``deterministic``, one thread and a fixed number of moves: the same question and seed
give the same plan, as long as no step of a solver is cut short by its own limit of time.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from optim.backend import Compiled, Engine, Outcome, run
from optim.check import counts
from optim.explain import explain, over_budget_sentence
from optim.figures import objective_parts
from optim.improve import Neighbourhoods, improve, scope_around
from optim.incumbent import Incumbent, Listener, Progress
from optim.instance import Dish, Instance
from optim.model import Scope, full_model
from optim.pantry import Pantry
from optim.plan import Plan, Result, Status
from optim.purchasing import Limits, best_offers, buy, packs_of
from optim.relax import relaxed_model
from optim.state import State
from optim.surrogate import MenuGuess, chosen_dishes
from optim.terms import Slot
from optim.units import MILLICENTS
from optim.uses import make_plan
from optim.walk import Walk

__all__ = ["Progress", "solve"]

SMALL = 2500
"""A question with so few dishes and deliveries to choose is given whole to the solver first."""
PROOF_TOLERANCE = 1e-6
"""Relative room left under a solver's bound for its own arithmetic."""
PROVEN_CENTS = 0.5
STEP_SECONDS = 4.0
EXPLAIN_SECONDS = 10.0
ROUND_STEPS = 400
"""Moves between two looks at the clock of the walk."""
FIXED_ROUNDS = 20
"""Rounds of the deterministic walk."""
CYCLE_SECONDS = 15.0
GUESS_SECONDS = 10.0
WHOLE_DISHES_SECONDS, WHOLE_DISHES_SHARE = 60.0, 0.35
"""Time for the second bound: at most so many seconds, and that share of what is left."""


@dataclass
class Search:
    """What the steps of one search share."""

    instance: Instance
    guess: MenuGuess
    best: Incumbent
    offers: frozenset[str]
    time_limit: float
    seed: int
    deterministic: bool
    impossible: bool = False

    @property
    def left(self) -> float:
        """Seconds before the end."""
        return self.time_limit - self.best.seconds

    @property
    def over(self) -> bool:
        """Whether to stop."""
        late = not self.deterministic and self.left <= 0
        return late or self.proven or self.best.stopped.is_set()

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
) -> Result:
    """The best menus and purchases found within ``time_limit`` seconds, and the proof beside.

    ``on_progress`` hears of each better plan and bound; it answers False to stop the search.
    """
    best = Incumbent(instance, on_progress)
    guess = MenuGuess(instance)
    search = Search(instance, guess, best, best_offers(instance), time_limit, seed, deterministic)
    _search(search)
    return _result(search) if best.plan else _without_plan(search)


def _search(search: Search) -> None:
    if _is_small(search.instance):
        whole(search)
        if search.over or search.impossible:
            return
    pantry = Pantry(search.instance)
    if any(search.instance.kitchen.presentations(slot) > 1 for slot in Slot):
        quick = search.guess.any_menus(min(5.0, search.time_limit), search.seed)
        _bring(search, _first_state(search, pantry, quick or []).state)
    menus = search.guess.solve(max(1.0, min(GUESS_SECONDS, search.left)), search.seed)
    if menus is None:
        search.impossible = search.guess.outcome is Outcome.INFEASIBLE
        return
    if search.deterministic:
        prove(search)
        walk(search, pantry, menus)
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        beside = pool.submit(_prove_then_improve, search)
        walk(search, pantry, menus)
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
    seconds = max(1.0, search.time_limit / 2)
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


def _first_state(search: Search, pantry: Pantry, menus: list[Dish]) -> Walk:
    """A walker on given menus, idle deliveries closed."""
    state = State(pantry, menus, pantry.visits.all())
    walker = Walk(search.guess, state, Random(search.seed), lambda: search.over)
    walker.close_idle()
    return walker


def walk(search: Search, pantry: Pantry, menus: list[Dish]) -> None:
    """Walk from the guessed menus, warm then cold, again and again from the best state."""
    walker = _first_state(search, pantry, menus)
    _bring(search, walker.state)
    cycle = 0
    while not search.over:
        best = _cycle(search, walker, cycle)
        walker.state = best
        cycle += 1
        if search.deterministic:
            return


def _cycle(search: Search, walker: Walk, number: int) -> State:
    """One cooling: through the clock, or through a fixed number of rounds."""
    start, length = search.best.seconds, min(CYCLE_SECONDS, max(1.0, search.left))
    best, rounds = walker.state, 0
    told = float("inf")
    while not search.over:
        passed = rounds / FIXED_ROUNDS if search.deterministic else (search.best.seconds - start) / length
        if passed >= 1:
            break
        found = walker.run(ROUND_STEPS, passed, again=number > 0)
        rounds += 1
        if found.value < best.value or rounds == 1:
            best = found
        if best.value < told - 1:
            told = best.value
            _bring(search, best)
        search.best.beat()
    return best


def _bring(search: Search, state: State) -> None:
    if state.menus and state.fed:
        search.best.bring(make_plan(search.instance, state.dishes, state.packs()))


def prove(search: Search) -> None:
    """Bounds: the relaxed question with everything in parts, then with whole dishes."""
    _, whole_dishes = relaxed_model(search.instance, Scope(search.guess.allowed()))
    parts = whole_dishes.copy()
    parts.integer[:] = False
    answer = run(parts, Engine.GLOP, seconds=max(1.0, search.left))
    if answer.outcome is Outcome.OPTIMAL:
        search.best.raise_bound(lowered(answer.bound))
    if not search.deterministic and not search.over:
        seconds = min(WHOLE_DISHES_SECONDS, search.left * WHOLE_DISHES_SHARE)
        search.best.raise_bound(lowered(run(whole_dishes, Engine.HIGHS, seconds=seconds).bound))


def _prove_then_improve(search: Search) -> None:
    prove(search)
    random = Random(search.seed + 1)
    parts = Neighbourhoods(search.instance, random)
    while not search.over:
        plan = search.best.base
        found = _buy_again(search) if plan is None else _part_again(search, plan, random, parts)
        search.best.bring(found)


def _part_again(search: Search, plan: Plan, random: Random, parts: Neighbourhoods) -> Plan | None:
    scope = scope_around(search.guess, plan, parts.draw(), search.offers, random)
    seconds = max(0.2, min(STEP_SECONDS, search.left))
    found, in_time = improve(search.guess, plan, scope, seconds=seconds, seed=random.randrange(1000))
    parts.learn(in_time=in_time)
    return found


def _buy_again(search: Search) -> Plan | None:
    """Other menus and their purchases by the solver, where the walk has found no delivery for a need."""
    dishes = search.guess.solve(max(0.5, min(3.0, search.left)), search.seed)
    search.guess.budget_factor *= 0.97
    if dishes is None:
        return None
    limits = Limits(visits=max(0.2, min(3.0, search.left)), packs=max(0.2, min(3.0, search.left)))
    return buy(search.instance, dishes, Scope({}, search.offers), limits)


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
    conflicts: list[str] = []
    if not best.stopped.is_set():
        conflicts = explain(search.instance, seconds=EXPLAIN_SECONDS)
    if not conflicts and best.base is not None:
        conflicts = [over_budget_sentence(search.instance, best.over_budget(best.base))]
    status = Status.INFEASIBLE if search.impossible else Status.UNKNOWN
    return Result(status=status, seconds=best.seconds, seed=search.seed, conflicts=tuple(conflicts))
