"""The purchases of given menus, in two steps: which deliveries take place, then how many packs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from optim.backend import Answer, Compiled, Engine, run
from optim.incumbent import OVER_BUDGET
from optim.instance import Dish, Instance, Offer, Recipe
from optim.lines import servings
from optim.model import Model, Scope, full_model
from optim.plan import Plan
from optim.terms import Slot
from optim.uses import Packs, make_plan


@dataclass(frozen=True)
class Limits:
    """Seconds for each step of one purchase."""

    visits: float
    packs: float
    seed: int = 0


def gross_cents_kg(offer: Offer) -> float:
    """Price of a kilogram, HT."""
    return offer.price_cents * 1000 / offer.pack_g


def recipes_of(instance: Instance, dishes: Iterable[Dish]) -> dict[tuple[date, Slot], list[Recipe]]:
    """Menus as the only choice of each slot."""
    found: defaultdict[tuple[date, Slot], list[Recipe]] = defaultdict(list)
    for dish in dishes:
        found[dish.date, dish.slot].append(instance.recipe[dish.recipe])
    return dict(found)


def buy(instance: Instance, dishes: list[Dish], scope: Scope, limits: Limits) -> Plan | None:
    """A plan with these dishes, or nothing when no purchases were found in time."""
    found = replace(scope, recipes=recipes_of(instance, dishes))
    model = full_model(instance, found, soft_budget=OVER_BUDGET)
    keep_ranks(instance, model, dishes)
    compiled = Compiled(model.linear)
    visits = choose_visits(model, compiled, limits)
    if visits is None:
        return None
    answer = run(visits, Engine.SCIP, seconds=limits.packs, gap=1e-3, seed=limits.seed)
    if answer.values is None:
        answer = run(compiled, Engine.HIGHS, seconds=limits.packs, gap=1e-2, seed=limits.seed)
    return plan_of(instance, model, dishes, answer)


def keep_ranks(instance: Instance, model: Model, dishes: Iterable[Dish]) -> None:
    """Each dish keeps its rank among the choices: it says which lines eat it."""
    taken = {served[:4] for dish in dishes for served in servings(instance, dish)}
    for place, column in model.variables.first.items():
        model.linear.fix(column, float(place in taken))


def choose_visits(model: Model, compiled: Compiled, limits: Limits) -> Compiled | None:
    """The same model with the idle deliveries closed: packs are continuous while visits are chosen."""
    relaxed = compiled.copy()
    relaxed.integer[list(model.variables.packs.values())] = False
    answer = run(relaxed, Engine.SCIP, seconds=limits.visits, gap=5e-3, seed=limits.seed)
    if answer.values is None:
        relaxed.integer[:] = False
        answer = run(relaxed, Engine.HIGHS, seconds=limits.visits, seed=limits.seed)
    if answer.values is None:
        return None
    closed = compiled.copy()
    for column in model.variables.delivery.values():
        if answer.values[column] < 1e-6:  # noqa: PLR2004 - solver tolerance
            closed.upper[column] = 0
    return closed


def packs_of(model: Model, answer: Answer) -> dict[tuple[str, date], int]:
    """Whole packs of an answer."""
    if answer.values is None:
        return {}
    values = answer.values
    found = {key: round(float(values[column])) for key, column in model.variables.packs.items()}
    return {key: count for key, count in found.items() if count}


def bought(instance: Instance, model: Model, packs: Packs) -> dict[int, float]:
    """The columns of purchases as these packs have them: where a solver may begin."""
    taken = {(instance.offer[code].supplier, day) for (code, day), count in packs.items() if count}
    values = {column: float(packs.get(key, 0)) for key, column in model.variables.packs.items()}
    return values | {column: float(place in taken) for place, column in model.variables.delivery.items()}


def plan_of(instance: Instance, model: Model, dishes: list[Dish], answer: Answer) -> Plan | None:
    """The plan of an answer, or nothing when it has none."""
    return None if answer.values is None else make_plan(instance, dishes, packs_of(model, answer))
