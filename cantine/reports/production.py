"""Figures of the fiche de production: what to weigh, cook and hold for one service, and for the next."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from cantine import french
from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.headcount import Diners
from cantine.kitchens.lines import shared
from cantine.menus.models import Dish, Service
from cantine.menus.portions import diners_of, eaters_of, food_grams, served
from cantine.menus.signs import SLOT_WORDS
from cantine.recipes.book import BookRecipe
from cantine.reports.allergens import dish_allergens
from cantine.reports.head import Head, lower_first, make_head
from cantine.reports.reading import Reading
from cantine.reports.recipe_sheet import CLASS_WORDS, equipment_words, holding, minutes_for, steps_of
from optim.terms import Slot
from optim.units import PERMILLE

LIAISONS = {"sur_place": "sur place", "chaude": "liaison chaude", "froide": "liaison froide"}
WITNESS_DAYS = 5
"""Days every dish is kept at 0–3 °C after the last serving (arrêté of 21 December 2009, annexe IV)."""


@dataclass(frozen=True)
class FoodQuantity:
    """Grams as bought of one food, and pieces where it is counted."""

    name: str
    grams: float
    pieces: int | None


@dataclass(frozen=True)
class Departure:
    """What one place receives: its diners, and which of the dishes."""

    place: str
    liaison: str
    diners: int
    served: str


@dataclass(frozen=True)
class ProductionDish:
    """One dish to make; ``lines``: its portions for each group of sites, where they are not served alike."""

    slot: str
    icon: str
    name: str
    portions: int
    foods: tuple[FoodQuantity, ...]
    staples: tuple[str, ...]
    equipment: tuple[str, ...]
    minutes: int
    holding: str
    allergens: tuple[str, ...]
    instead_of: str = ""
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class DayBefore:
    """Work to start for the next service."""

    name: str
    portions: int
    first_step: str
    foods: tuple[FoodQuantity, ...]


@dataclass(frozen=True)
class ProductionSheet:
    """One day of the kitchen."""

    head: Head
    diners: tuple[tuple[str, int], ...]
    meals: int
    without_pork: int
    note: str
    dishes: tuple[ProductionDish, ...]
    minutes: int
    staff_minutes: int
    bread: FoodQuantity | None
    next_day: str
    day_before: tuple[DayBefore, ...]
    keep_until: str
    departures: tuple[Departure, ...]
    fallback: str


def production_sheet(reading: Reading, day: date) -> ProductionSheet:
    """The sheet of one service.

    Raises:
        NotFoundError: no service that day.
    """
    service = reading.services.get(day)
    if service is None or service.status == "exclu":
        raise NotFoundError(f"Pas de service le {french.day(day, year=True)}.")
    dishes = tuple(made for dish in reading.dishes.get(day, ()) for made in _dishes(reading, service, dish))
    diners = diners_of(service)
    following = min((d for d in reading.services if d > day), default=None)
    return ProductionSheet(
        head=make_head(
            reading, "Fiche de production", french.day(day, year=True), "effectifs et menus planifiés"
        ),
        diners=tuple((CLASS_WORDS[niveau], count) for niveau, count in diners.items() if count),
        meals=sum(diners.values()),
        without_pork=sum(
            dish.portions for dish in dishes if dish.instead_of and dish.slot == SLOT_WORDS[Slot.PLAT]
        ),
        note=service.note,
        dishes=dishes,
        minutes=sum(dish.minutes for dish in dishes),
        staff_minutes=reading.kitchen.staff_minutes,
        bread=_bread(reading, sum(diners.values())),
        next_day=french.day(following, year=True) if following else "",
        day_before=_day_before(reading, following) if following else (),
        keep_until=french.day(day + timedelta(days=WITNESS_DAYS), year=True),
        departures=_departures(reading, day, diners),
        fallback=_fallback(reading),
    )


def _departures(reading: Reading, day: date, diners: Diners) -> tuple[Departure, ...]:
    """Places that are not served alike, each with its part of the day's diners."""
    parts = reading.lines.split(day, diners)
    found = []
    for line in reading.lines.cook.lines:
        sites = reading.lines.sites[line.code]
        usual = [sum(reading.lines.usual.at(site.code, day).values()) for site in sites]
        counts = shared(sum(parts[line.code].values()), usual if any(usual) else [1] * len(sites))
        words = reading.lines.words(line, day)
        found += [
            Departure(site.name, LIAISONS[site.liaison], count, words)
            for site, count in zip(sites, counts, strict=True)
        ]
    return tuple(found)


def _fallback(reading: Reading) -> str:
    """The plat de secours, where somebody has a choice that may run out."""
    entry = reading.book.get(reading.kitchen.fallback_recipe)
    return entry.recipe.name if entry and max(reading.kitchen.choices.values()) > 1 else ""


def _dishes(reading: Reading, service: Service, dish: Dish) -> list[ProductionDish]:
    """The dish, and the one served to those who eat no pork."""
    parts = served(reading.book, reading.lines, reading.kitchen.no_pork_permille, service, dish)
    return [_dish(reading, part.entry, dish, part.eaters, part.instead_of) for part in parts]


def _dish(
    reading: Reading, entry: BookRecipe, dish: Dish, eaters: Diners, instead_of: str = ""
) -> ProductionDish:
    recipe = entry.recipe
    portions = _portions(eaters)
    service = reading.services[dish.date]
    return ProductionDish(
        slot=SLOT_WORDS[Slot(recipe.slot)],
        icon=recipe.slot,
        name=recipe.name,
        portions=portions,
        foods=_quantities(entry, eaters),
        staples=tuple(dict.fromkeys(lower_first(food.name) for _, food in entry.lines if food.staple)),
        equipment=equipment_words(recipe),
        minutes=minutes_for(recipe, portions),
        holding=holding(recipe),
        allergens=dish_allergens(reading, recipe.code, service.date).marks,
        instead_of=instead_of,
        lines=() if instead_of else _by_line(reading, service, dish),
    )


def _by_line(reading: Reading, service: Service, dish: Dish) -> tuple[tuple[str, int], ...]:
    """Portions for each group of sites, those without pork included."""
    dairy = reading.book[dish.recipe].recipe.covers_dairy
    return tuple(reading.lines.portions(dish, diners_of(service), covers_dairy=dairy).items())


def _portions(eaters: Diners) -> int:
    """Portions of diners given in millionths, rounded up: nobody goes without."""
    return -(-sum(eaters.values()) // PERMILLE**2)


def _quantities(entry: BookRecipe, eaters: Diners) -> tuple[FoodQuantity, ...]:
    """Grams as bought of each food but the staples, the share of each class included."""
    weighed = food_grams(entry, eaters).values()
    return tuple(_quantity(food, total) for food, total in weighed if not food.staple)


def _quantity(food: Food, total_g: float) -> FoodQuantity:
    pieces = ceil(round(total_g / food.unit_weight_g, 3)) if food.unit_weight_g else None
    return FoodQuantity(food.name, total_g, pieces)


def _bread(reading: Reading, meals: int) -> FoodQuantity | None:
    food = reading.foods.get(reading.settings.bread_food)
    return _quantity(food, reading.kitchen.bread_g * meals) if food and reading.kitchen.bread_g else None


def _day_before(reading: Reading, day: date) -> tuple[DayBefore, ...]:
    service = reading.services[day]
    works = []
    for dish in reading.dishes.get(day, ()):
        entry = reading.book[dish.recipe]
        if entry.recipe.day_before:
            eaters = eaters_of(reading.book, reading.lines, service, dish)
            works.append(
                DayBefore(
                    name=entry.recipe.name,
                    portions=_portions(eaters),
                    first_step=next(iter(steps_of(entry.recipe)), ""),
                    foods=_quantities(entry, eaters),
                )
            )
    return tuple(works)
