"""Which dishes may stand in for those that cannot be served: a few of each kind, the cheapest first."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import Enum

from optim.instance import Dish, Instance, Recipe
from optim.model import shares
from optim.plan import dish_need_g
from optim.surrogate import Prices, first_prices
from optim.terms import Slot

Place = tuple[date, Slot]
"""A component of a meal."""

MOST, OF_A_KIND = 30, 4
"""Recipes looked at for a place in trouble, and how many of one kind."""
AROUND_DAYS = 8


class Reach(Enum):
    """Which dishes may change, from near to far."""

    MEALS = "the meals in trouble"
    AROUND = "the meals of the days around"
    EVERYTHING = "everything"


def reaches(troubled: Collection[Place]) -> tuple[Reach, ...]:
    """How far to look, step by step."""
    return tuple(Reach) if troubled else (Reach.EVERYTHING,)


def places_of(dishes: Iterable[Dish]) -> dict[Place, list[Dish]]:
    """Dishes by component of each meal."""
    found: defaultdict[Place, list[Dish]] = defaultdict(list)
    for dish in dishes:
        found[dish.date, dish.slot].append(dish)
    return dict(found)


def stand_ins(
    instance: Instance, dishes: Iterable[Dish], troubled: Iterable[Place], reach: Reach
) -> dict[Place, list[Recipe]]:
    """Recipes to choose from at the places opened, those in force first.

    The whole meal of a place in trouble is open, because a complete dish fills two components. Elsewhere
    there is one recipe of each kind, and those in force on other days: two meals may exchange a dish. The
    meals kept after those asked stay as they are.
    """
    current, prices = places_of(dishes), first_prices(instance)
    troubled = set(troubled)
    days = {day for day, _ in troubled}
    wide = {
        Reach.MEALS: 0,
        Reach.AROUND: AROUND_DAYS,
        Reach.EVERYTHING: timedelta.max.days,
    }[reach]
    found = {}
    for day in (meal.date for meal in instance.horizon if meal.date not in instance.kept):
        if min((abs((day - other).days) for other in days), default=0) > wide:
            continue
        for slot in (slot for slot in Slot if instance.kitchen.presentations(slot)):
            each = OF_A_KIND if (day, slot) in troubled else 1
            found[day, slot] = _choices(instance, prices, (day, slot), current, each)
    return found


def _choices(
    instance: Instance, prices: Prices, place: Place, current: dict[Place, list[Dish]], each: int
) -> list[Recipe]:
    kept = [instance.recipe[dish.recipe] for dish in current.get(place, ())]
    elsewhere = {d.recipe for (_, slot), dishes in current.items() if slot is place[1] for d in dishes}
    ranked = []
    for recipe in instance.recipes:
        if recipe.slot is place[1] and recipe not in kept:
            cents = _cents(instance, prices, place, recipe)
            if cents is not None:
                ranked.append((cents, recipe.code, recipe))
    kinds: Counter[object] = Counter()
    for _, _, recipe in sorted(ranked, key=lambda item: item[:2]):
        kind = recipe.tags, recipe.vegetarian, recipe.complete_dish, recipe.covers_dairy, recipe.garnish
        kinds[kind] += 1
        if recipe.code in elsewhere or (kinds[kind] <= each and len(kept) < MOST):
            kept.append(recipe)
    return kept


def _cents(instance: Instance, prices: Prices, place: Place, recipe: Recipe) -> float | None:
    """What the food of a dish costs at a place, or nothing where a food cannot be had."""
    share = shares(instance, *place)[1]
    dish = Dish(date=place[0], slot=place[1], recipe=recipe.code, share_permille=share)
    total = 0.0
    for food, grams in dish_need_g(instance, dish).items():
        if (place[0], food) not in prices.net:
            return None
        total += prices.net[place[0], food] * grams / 1000
    return total
