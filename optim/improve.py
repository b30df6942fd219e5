"""Better plans by solving again a part of the question, the rest kept: days, weeks, slots, orders."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from random import Random

from optim.backend import Compiled, Engine, run
from optim.incumbent import OVER_BUDGET
from optim.instance import Instance, Recipe
from optim.lines import servings
from optim.model import Model, Scope, full_model
from optim.plan import Plan
from optim.purchasing import packs_of
from optim.surrogate import MenuGuess, Recipes, chosen_dishes
from optim.terms import Slot
from optim.units import iso_week
from optim.uses import make_plan

Free = frozenset[tuple[date, Slot]]
"""The slots whose dish may change."""

CANDIDATES = 12
"""Recipes looked at in a free slot: the cheapest at the present prices, and a few others at random."""
WILD = 4
VISITS_KEPT_OPEN = 0.35
"""Share of the other deliveries that a step may open."""


@dataclass
class Neighbourhoods:
    """Draws the part to solve again, sizes adapted to what the solver manages in time."""

    instance: Instance
    random: Random
    scale: float = 1.0

    def draw(self) -> Free:
        """Slots to free, of one of four kinds."""
        days = [s.date for s in self.instance.horizon]
        slots = [s for s in Slot if self.instance.kitchen.presentations(s)]
        kind = self.random.random()
        if kind < 0.4:  # noqa: PLR2004 - shares of the kinds, found by trial
            start = self.random.randrange(len(days))
            count = max(1, round(3 * self.scale))
            picked = days[start : start + count]
            return frozenset((d, s) for d in picked for s in slots)
        if kind < 0.7:  # noqa: PLR2004
            slot = self.random.choice(slots)
            picked = self.random.sample(days, min(len(days), max(2, round(8 * self.scale))))
            return frozenset((d, slot) for d in picked)
        if kind < 0.9:  # noqa: PLR2004
            every = [(d, s) for d in days for s in slots]
            return frozenset(self.random.sample(every, min(len(every), max(3, round(14 * self.scale)))))
        return frozenset()

    def learn(self, *, in_time: bool) -> None:
        """Larger parts when they are solved in time, smaller when not."""
        self.scale = min(3.0, self.scale * 1.1) if in_time else max(0.4, self.scale * 0.8)


def scope_around(guess: MenuGuess, plan: Plan, free: Free, offers: frozenset[str], random: Random) -> Scope:
    """The present dishes where kept, some recipes where free; the present visits and some others."""
    instance = guess.instance
    recipes: Recipes = {key: [] for key in guess.model.variables.by_slot}
    for dish in plan.dishes:
        recipes[dish.date, dish.slot].append(instance.recipe[dish.recipe])
    linked = _with_fillers(instance, free)
    allowed = guess.allowed()
    for day, slot in linked:
        if (day, slot) in recipes:
            recipes[day, slot] = _candidates(
                guess, allowed[day, slot], recipes[day, slot], (day, slot), random
            )
    return Scope(recipes, offers | {p.offer for p in plan.purchases}, _visits(instance, plan, free, random))


def _with_fillers(instance: Instance, free: Free) -> Free:
    """A plat frees the garniture that a complete dish would fill; starter and dessert free the dairy."""
    found = set(free)
    kitchen = instance.kitchen
    for day, slot in free:
        if slot in {Slot.PLAT, Slot.GARNITURE} and kitchen.complete_fills_garnish:
            found |= {(day, Slot.PLAT), (day, Slot.GARNITURE)}
        if slot in {Slot.ENTREE, Slot.DESSERT, Slot.LAITIER}:
            found |= {(day, s) for s in (Slot.ENTREE, Slot.DESSERT, Slot.LAITIER)}
    return frozenset(found)


def _candidates(
    guess: MenuGuess, allowed: list[Recipe], present: list[Recipe], where: tuple[date, Slot], random: Random
) -> list[Recipe]:
    day, slot = where
    ranked = sorted(allowed, key=lambda r: guess.cost(day, slot, r.code))
    kept = {r.code: r for r in (*present, *ranked[:CANDIDATES])}
    others = [r for r in ranked[CANDIDATES:] if r.code not in kept]
    for recipe in random.sample(others, min(WILD, len(others))):
        kept[recipe.code] = recipe
    return list(kept.values())


def _visits(instance: Instance, plan: Plan, free: Free, random: Random) -> frozenset[tuple[str, date]]:
    present = {(instance.offer[p.offer].supplier, p.delivery) for p in plan.purchases}
    weeks = {iso_week(day) for day, _ in free}
    others: defaultdict[bool, set[tuple[str, date]]] = defaultdict(set)
    for supplier in instance.suppliers:
        for day in supplier.delivery_dates:
            near = not weeks or iso_week(day) in weeks
            if not supplier.min_order_cents or random.random() < (VISITS_KEPT_OPEN if near else 0.1):
                others[near].add((supplier.code, day))
    return frozenset(present | others[True] | others[False])


def improve(
    guess: MenuGuess, plan: Plan, scope: Scope, *, seconds: float, seed: int
) -> tuple[Plan | None, bool]:
    """Solve the part again from the present plan.

    Returns:
        The plan found, if any, and whether the part was solved to its end.
    """
    instance = guess.instance
    model = full_model(instance, scope, soft_budget=OVER_BUDGET)
    hint = _hint(instance, model, plan)
    answer = run(Compiled(model.linear), Engine.SCIP, seconds=seconds, gap=5e-4, seed=seed, hint=hint)
    if answer.values is None:
        return None, False
    dishes = chosen_dishes(instance, model, answer)
    return make_plan(instance, dishes, packs_of(model, answer)), answer.done


def _hint(instance: Instance, model: Model, plan: Plan) -> dict[int, float]:
    variables = model.variables
    hint = dict.fromkeys(variables.servings.values(), 0.0)
    for dish in plan.dishes:
        for served in servings(instance, dish):
            hint[variables.among(*served[:4])] = 1.0
    hint |= dict.fromkeys(variables.packs.values(), 0.0)
    hint |= dict.fromkeys(variables.delivery.values(), 0.0)
    for purchase in plan.purchases:
        key = purchase.offer, purchase.delivery
        if key in variables.packs:
            hint[variables.packs[key]] = purchase.packs
            visit = variables.delivery.get((instance.offer[purchase.offer].supplier, purchase.delivery))
            if visit is not None:
                hint[visit] = 1.0
    return hint
