"""Figures of the weekly menu: dishes, signs, allergens, origin of meats, shares."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from cantine import french
from cantine.foods.models import Food
from cantine.menus.grid import monday_of
from cantine.menus.models import Dish
from cantine.menus.signs import ALLERGENS, SLOT_WORDS
from cantine.reports.allergens import ALLERGEN_NUMBERS, UNKNOWN_SHEET, dish_allergens
from cantine.reports.head import Head, lower_first, make_head, period_words
from cantine.reports.reading import Reading
from cantine.reports.shares import Shares, shares
from cantine.reports.signs import SIGN_WORDS, Sign, dish_signs, in_season
from optim.terms import FamilleProduits, Slot

SPECIES = {
    "boeuf": "Bœuf",
    "boeuf_hache": "Bœuf",
    "veau": "Veau",
    "veau_hache": "Veau",
    "agneau": "Agneau",
    "porc": "Porc",
    "volaille": "Volaille",
    "abats": "Abats",
    "charcuterie": "Charcuterie",
    "pane_viande": "Viande panée",
}
COUNTRIES = {"FRANCE": "France", "EUROPE": "Union européenne", "MONDE": "hors Union européenne"}
AT_DELIVERY = "origine affichée à la livraison"
SEASON_GROUPS = frozenset({"fruit", "legume"})
SEASON_NAMES = 8
WEEK = timedelta(days=6)


@dataclass(frozen=True)
class MenuDish:
    """One dish of a cell."""

    name: str
    signs: tuple[Sign, ...]
    allergens: tuple[str, ...]
    note: str = ""
    without_pork: "MenuDish | None" = None


@dataclass(frozen=True)
class MenuCell:
    """One component of one day: dishes, or why there is none."""

    dishes: tuple[MenuDish, ...]
    note: str = ""


@dataclass(frozen=True)
class MenuDay:
    """The head of one column."""

    name: str
    date: str
    note: str


@dataclass(frozen=True)
class MenuRow:
    """One component, day by day."""

    slot: str
    title: str
    cells: tuple[MenuCell, ...]


@dataclass(frozen=True)
class WeeklyMenu:
    """The menu of one week."""

    head: Head
    days: tuple[MenuDay, ...]
    rows: tuple[MenuRow, ...]
    signs: tuple[Sign, ...]
    allergens: tuple[tuple[int, str], ...]
    to_confirm: bool
    unknown_sheet: bool
    meats: tuple[str, ...]
    season: tuple[str, ...]
    shares: Shares | None
    local_words: str
    bread: bool


def weekly_menu(reading: Reading, day: date) -> WeeklyMenu:
    """The menu of the week of ``day``."""
    monday = monday_of(day)
    days = reading.days(monday, monday + WEEK)
    open_days = [d for d in days if reading.services[d].status != "exclu"]
    rows = tuple(row for slot in Slot if (row := _row(reading, slot, days)))
    dishes = [dish for row in rows for cell in row.cells for dish in _all(cell)]
    marks = {mark for dish in dishes for mark in dish.allergens}
    shown = {sign.code for dish in dishes for sign in dish.signs}
    return WeeklyMenu(
        head=make_head(
            reading,
            "Menus de la semaine",
            period_words(days[0], days[-1]) if days else period_words(monday, monday + WEEK),
        ),
        days=tuple(_day(reading, d) for d in days),
        rows=rows,
        signs=tuple(Sign(code, word) for code, word in SIGN_WORDS.items() if code in shown),
        allergens=tuple((n, ALLERGENS[a]) for a, n in ALLERGEN_NUMBERS.items()),
        to_confirm=any(mark.startswith("(") for mark in marks),
        unknown_sheet=UNKNOWN_SHEET in marks,
        meats=_meats(reading, open_days),
        season=_season(reading, open_days),
        shares=shares(reading, open_days),
        local_words=reading.settings.local_words,
        bread=reading.kitchen.bread_g > 0,
    )


def _all(cell: MenuCell) -> list[MenuDish]:
    return [d for dish in cell.dishes for d in (dish, dish.without_pork) if d]


def _day(reading: Reading, day: date) -> MenuDay:
    name, rest = french.day(day).split(" ", 1)
    service = reading.services[day]
    if service.status == "exclu":
        return MenuDay(name.capitalize(), rest, service.note or "pas de repas")
    return MenuDay(name.capitalize(), rest, _vegetarian(reading, day))


def _vegetarian(reading: Reading, day: date) -> str:
    """« menu végétarien » if every component can be eaten without meat or fish, sauces included."""
    by_slot: defaultdict[str, list[bool]] = defaultdict(list)
    for dish in reading.dishes.get(day, ()):
        by_slot[dish.slot].append(reading.book[dish.recipe].derived.vegetarian is not None)
    if Slot.PLAT not in by_slot or not all(any(choices) for choices in by_slot.values()):
        return ""
    return "menu végétarien" if all(by_slot[Slot.PLAT]) else "choix végétarien"


def _row(reading: Reading, slot: Slot, days: list[date]) -> MenuRow | None:
    cells = tuple(_cell(reading, slot, day) for day in days)
    if not any(cell.dishes for cell in cells):
        return None
    return MenuRow(slot.value, SLOT_WORDS[slot], cells)


def _cell(reading: Reading, slot: Slot, day: date) -> MenuCell:
    if reading.services[day].status == "exclu":
        return MenuCell(())
    planned = reading.dishes.get(day, ())
    dishes = tuple(_dish(reading, dish.recipe, day) for dish in planned if dish.slot == slot)
    return MenuCell(dishes, "" if dishes else _covered(reading, slot, planned))


def _covered(reading: Reading, slot: Slot, planned: tuple[Dish, ...]) -> str:
    """Why a component has no dish of its own."""
    for dish in planned:
        recipe = reading.book[dish.recipe].recipe
        if slot is Slot.GARNITURE and recipe.complete_dish:
            return "comprise dans le plat"
        if slot is Slot.LAITIER and recipe.covers_dairy:
            return "compris dans l’entrée" if dish.slot == Slot.ENTREE else "compris dans le dessert"
    return ""


def _dish(reading: Reading, recipe: str, day: date) -> MenuDish:
    entry = reading.book[recipe]
    substitute = entry.recipe.substitute if entry.derived.pork else None
    return MenuDish(
        name=entry.recipe.name,
        signs=dish_signs(reading, recipe, day),
        allergens=dish_allergens(reading, recipe, day).marks,
        note="contient de la gélatine" if entry.derived.gelatine else "",
        without_pork=_dish(reading, substitute, day) if substitute else None,
    )


def _foods(reading: Reading, days: list[date]) -> dict[tuple[date, str], Food]:
    """Foods of the dishes of some days, substitutes included."""
    found: dict[tuple[date, str], Food] = {}
    for day in days:
        for dish in reading.dishes.get(day, ()):
            entry = reading.book[dish.recipe]
            eaten = [entry, reading.book[entry.recipe.substitute]] if entry.recipe.substitute else [entry]
            found |= {(day, food.code): food for e in eaten for _, food in e.lines}
    return found


def _meats(reading: Reading, days: list[date]) -> tuple[str, ...]:
    """« Bœuf : France », with the days when origins differ (décrets 2002-1465 and 2024-171)."""
    origins: dict[str, dict[str, set[date]]] = {}
    meaty = {FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.CHARCUTERIE}
    for (day, code), food in _foods(reading, days).items():
        if food.family not in meaty or food.group not in SPECIES:
            continue
        sources = reading.sources.get((day, code), ())
        countries = {COUNTRIES[s.offer.origin_country] if s.offer else AT_DELIVERY for s in sources}
        for country in countries or {AT_DELIVERY}:
            origins.setdefault(SPECIES[food.group], {}).setdefault(country, set()).add(day)
    order = list(dict.fromkeys(SPECIES.values()))
    return tuple(_meat(name, origins[name]) for name in sorted(origins, key=order.index))


def _meat(name: str, countries: dict[str, set[date]]) -> str:
    if len(countries) == 1:
        return f"{name} : {next(iter(countries))}"
    dated = [
        f"{country} ({', '.join(french.day(day).split(' ')[0] for day in sorted(days))})"
        for country, days in sorted(countries.items(), key=lambda item: min(item[1]))
    ]
    return f"{name} : {', '.join(dated)}"


def _season(reading: Reading, days: list[date]) -> tuple[str, ...]:
    """Fresh fruit and vegetables of the week in their season, the most used first."""
    weights: defaultdict[str, int] = defaultdict(int)
    for (day, code), food in _foods(reading, days).items():
        if food.group in SEASON_GROUPS and in_season(food, day):
            weights[food.name] += sum(s.grams for s in reading.sources.get((day, code), ()))
    heaviest = sorted(weights, key=lambda name: (-weights[name], name))
    return tuple(lower_first(name).split(" (")[0] for name in heaviest[:SEASON_NAMES])
