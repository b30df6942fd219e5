"""The search: menus guessed, purchases made, parts solved again until the time is up; a bound beside.

One thread proves while the other searches; then both search. With ``deterministic``, one thread
and fixed amounts of work, so that the same question and seed give the same plan on any machine.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from optim.backend import Compiled, Engine, Outcome, run
from optim.check import counts
from optim.explain import explain
from optim.figures import objective_parts
from optim.improve import Neighbourhoods, improve, scope_around
from optim.incumbent import Incumbent, Listener, Progress
from optim.instance import Instance
from optim.model import Scope, full_model
from optim.plan import Result, Status
from optim.purchasing import Limits, best_offers, buy, packs_of
from optim.relax import relaxed_model
from optim.surrogate import MenuGuess, chosen_dishes
from optim.units import MILLICENTS
from optim.uses import make_plan

__all__ = ["Progress", "solve"]

SMALL_COLUMNS = 2500
"""A question of so few columns is given whole to the solver first."""
PROOF_TOLERANCE = 1e-6
"""Relative room left under a solver's bound for its own arithmetic."""
STEP_SECONDS = 4.0
EXPLAIN_SECONDS = 10.0
DETERMINISTIC_STEPS = 4


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

    @property
    def left(self) -> float:
        """Seconds before the end."""
        return self.time_limit - self.best.seconds

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.best.stopped.is_set() or (not self.deterministic and self.left <= 0) or self.proven

    @property
    def proven(self) -> bool:
        """Whether nothing can be won any more, to half a cent."""
        return self.best.objective - self.best.bound < 0.5  # noqa: PLR2004


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
    search = Search(
        instance, MenuGuess(instance), best, best_offers(instance), time_limit, seed, deterministic
    )
    feasible = _search(search)
    if best.plan is None and not best.stopped.is_set():
        return _without_plan(search, impossible=not feasible)
    return _result(search)


def _search(search: Search) -> bool:
    """Run all steps; False when the menus alone are impossible."""
    if _is_small(search.instance):
        whole(search)
        if search.over:
            return True
    menus = search.guess.solve(min(10.0, search.time_limit), search.seed)
    if menus is None:
        return search.guess.outcome is not Outcome.INFEASIBLE
    if search.deterministic:
        prove(search)
        first_plans(search)
        for _ in range(DETERMINISTIC_STEPS):
            step(search, Random(search.seed), Neighbourhoods(search.instance, Random(search.seed)))
        return True
    with ThreadPoolExecutor(max_workers=1) as pool:
        beside = pool.submit(_prove_then_search, search)
        first_plans(search)
        improve_until_over(search, search.seed)
        beside.result()
    return True


def _is_small(instance: Instance) -> bool:
    slots = len(instance.horizon) * len(instance.recipes)
    deliveries = sum(len(instance.supplier[o.supplier].delivery_dates) for o in instance.offers)
    return slots + deliveries <= SMALL_COLUMNS


def whole(search: Search) -> None:
    """Give the whole question to the solver: exact for a small one."""
    scope = Scope(search.guess.allowed())
    model = full_model(search.instance, scope)
    seconds = max(1.0, search.time_limit / 2)
    answer = run(Compiled(model.linear), Engine.SCIP, seconds=seconds, gap=0.0, seed=search.seed)
    if answer.outcome is Outcome.INFEASIBLE:
        return
    search.best.raise_bound(lowered(answer.bound))
    if answer.values is not None:
        dishes = chosen_dishes(search.instance, model, answer)
        search.best.bring(make_plan(search.instance, dishes, packs_of(model, answer)))


def lowered(bound: float) -> float:
    """A solver's bound, less what its arithmetic may have added."""
    return bound - abs(bound) * PROOF_TOLERANCE


def first_plans(search: Search) -> None:
    """Menus at guessed prices and their purchases; prices learn from each purchase."""
    rounds = 2 if search.deterministic else 4
    for attempt in range(rounds):
        if search.over:
            return
        dishes = search.guess.solve(max(0.5, min(3.0, search.left)), search.seed + attempt)
        if dishes is None:
            search.guess.budget_factor *= 1.02
            continue
        limits = Limits(visits=3.0, packs=2.0, seed=search.seed)
        plan = buy(search.instance, dishes, Scope({}, search.offers), limits)
        if plan is None:
            continue
        search.best.bring(plan)
        search.guess.learn(plan)
        if search.best.over_budget(plan):
            search.guess.budget_factor *= 0.95


def prove(search: Search) -> None:
    """Bounds of the relaxed question: in parts first, then with whole dishes."""
    model, compiled = relaxed_model(search.instance, Scope(search.guess.allowed()))
    parts = compiled.copy()
    parts.integer[:] = False
    answer = run(parts, Engine.HIGHS, seconds=max(1.0, search.left))
    if answer.outcome is Outcome.OPTIMAL:
        search.best.raise_bound(lowered(answer.objective))
    del model


def _prove_then_search(search: Search) -> None:
    prove(search)
    improve_until_over(search, search.seed + 1)


def improve_until_over(search: Search, seed: int) -> None:
    """Solve one part again after another."""
    random = Random(seed)
    parts = Neighbourhoods(search.instance, random)
    while not search.over:
        step(search, random, parts)


def step(search: Search, random: Random, parts: Neighbourhoods) -> None:
    """One part: drawn, solved again, kept if better."""
    plan = search.best.base
    if plan is None:
        first_plans(search)
        return
    scope = scope_around(search.guess, plan, parts.draw(), search.offers, random)
    seconds = STEP_SECONDS if search.deterministic else max(0.2, min(STEP_SECONDS, search.left))
    found, in_time = improve(search.guess, plan, scope, seconds=seconds, seed=random.randrange(1000))
    parts.learn(in_time=in_time)
    search.best.bring(found)
    search.best.beat()


def _result(search: Search) -> Result:
    best, plan = search.best, search.best.plan
    if plan is None:
        return Result(status=Status.UNKNOWN, seconds=best.seconds, seed=search.seed)
    parts = objective_parts(search.instance, plan)
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
        rules=tuple(counts(search.instance, plan)),
    )


def _without_plan(search: Search, *, impossible: bool) -> Result:
    """Say what stands in the way, whether it is proved or only likely."""
    conflicts = explain(search.instance, seconds=EXPLAIN_SECONDS)
    status = Status.INFEASIBLE if impossible or conflicts else Status.UNKNOWN
    return Result(status=status, seconds=search.best.seconds, seed=search.seed, conflicts=tuple(conflicts))
