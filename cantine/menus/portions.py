"""Who eats which dish of a meal, and the grams that takes: for the production sheet and the store."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cantine.foods.models import Food
from cantine.kitchens.headcount import Diners
from cantine.kitchens.lines import Lines
from cantine.menus.models import Dish, Service
from cantine.recipes.book import Book, BookRecipe
from cantine.recipes.nutrition import grams
from optim.terms import Niveau
from optim.units import PERMILLE


@dataclass(frozen=True)
class Served:
    """A recipe and its eaters, in millionths of diners by class; ``instead_of``: who eats no pork gets it."""

    entry: BookRecipe
    eaters: Diners
    instead_of: str = ""


def diners_of(service: Service) -> dict[Niveau, int]:
    """The headcount of a service, by class."""
    return {niveau: getattr(service, niveau.value) for niveau in Niveau}


def eaters_of(book: Book, lines: Lines, service: Service, dish: Dish, permille: int = PERMILLE) -> Diners:
    """Millionths of diners who take a dish, by class; ``permille``: those who eat pork, or do not."""
    dairy = book[dish.recipe].recipe.covers_dairy
    eaters = lines.eaters(dish, diners_of(service), covers_dairy=dairy)
    return {niveau: count * permille for niveau, count in eaters.items()}


def served(book: Book, lines: Lines, no_pork_permille: int, service: Service, dish: Dish) -> Iterator[Served]:
    """The recipe of a dish, and the one served to those who eat no pork."""
    entry = book[dish.recipe]
    substitute = book.get(entry.recipe.substitute or "") if entry.derived.pork else None
    without = no_pork_permille if substitute else 0
    yield Served(entry, eaters_of(book, lines, service, dish, PERMILLE - without))
    if substitute and without:
        yield Served(substitute, eaters_of(book, lines, service, dish, without), entry.recipe.name)


def food_grams(entry: BookRecipe, eaters: Diners) -> Mapping[str, tuple[Food, float]]:
    """Grams as bought of each food of a recipe, by its code."""
    totals: defaultdict[str, float] = defaultdict(float)
    foods: dict[str, Food] = {}
    for ingredient, food in entry.lines:
        foods[food.code] = food
        for niveau, count in eaters.items():
            totals[food.code] += grams(ingredient, niveau) * count / PERMILLE**2
    return {code: (foods[code], total) for code, total in totals.items()}
