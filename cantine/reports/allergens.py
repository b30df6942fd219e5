"""Allergens of a dish, from the references really planned; unknown sheets are named, nothing is promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cantine import french
from cantine.foods.models import Food
from cantine.menus.signs import ALLERGENS
from cantine.reports.head import Head, make_head, period_words
from cantine.reports.reading import Reading, Source
from cantine.suppliers.market import Reachable
from optim.terms import Allergene

UNKNOWN_SHEET = "?"
FRIDAY, SUNDAY = 4, 6

ALLERGEN_NUMBERS = {allergen: rank for rank, allergen in enumerate(Allergene, 1)}


@dataclass(frozen=True)
class Allergens:
    """What is known of one dish, or of one food.

    Attributes:
        present: declared by the references planned.
        confirm: declared by some of the references that may still be chosen.
        missing: products whose sheet must be asked for, with their supplier.
    """

    present: frozenset[Allergene] = frozenset()
    confirm: frozenset[Allergene] = frozenset()
    missing: tuple[str, ...] = ()

    def __or__(self, other: "Allergens") -> "Allergens":
        """Both together; what is present somewhere no longer waits for a confirmation."""
        present = self.present | other.present
        return Allergens(
            present=present,
            confirm=(self.confirm | other.confirm) - present,
            missing=tuple(dict.fromkeys(self.missing + other.missing)),
        )

    @property
    def marks(self) -> tuple[str, ...]:
        """Numbers as printed: « 7 », « (1) » to confirm, « ? » for a missing sheet."""
        known = {n: f"{n}" for a, n in ALLERGEN_NUMBERS.items() if a in self.present}
        known |= {n: f"({n})" for a, n in ALLERGEN_NUMBERS.items() if a in self.confirm}
        marks = tuple(known[n] for n in sorted(known))
        return (*marks, UNKNOWN_SHEET) if self.missing else marks

    def state(self, allergen: Allergene) -> str:
        """One cell of the table: « oui », « confirmer », « fiche », or nothing declared."""
        if allergen in self.present:
            return "oui"
        if allergen in self.confirm:
            return "confirmer"
        return "fiche" if self.missing else ""


@dataclass(frozen=True)
class AllergenRow:
    """One dish of the table."""

    name: str
    slot: str
    states: tuple[str, ...]
    missing: tuple[str, ...]
    without_pork: bool = False


@dataclass(frozen=True)
class AllergenDay:
    """The dishes of one service."""

    name: str
    rows: tuple[AllergenRow, ...]


@dataclass(frozen=True)
class AllergenTable:
    """Dishes of a week × 14 allergens."""

    head: Head
    columns: tuple[tuple[int, str], ...]
    days: tuple[AllergenDay, ...]
    missing: tuple[str, ...]
    to_confirm: bool

    @property
    def blocked(self) -> bool:
        """Whether an unknown sheet forbids any answer."""
        return bool(self.missing)


def dish_allergens(reading: Reading, recipe: str, day: date) -> Allergens:
    """Allergens of a recipe as it is planned on a day."""
    total = Allergens()
    for _, food in reading.book[recipe].lines:
        total |= food_allergens(reading, food, day)
    return total


def food_allergens(reading: Reading, food: Food, day: date) -> Allergens:
    """Allergens of one food: those of the planned references, else of all that may be chosen."""
    sources = reading.sources.get((day, food.code), ())
    total = Allergens()
    for source in sources:
        total |= _of_source(food, source)
    return total if sources else _of_possible(food, reading.possible(food.code, day))


def _allergens(codes: Iterable[str]) -> frozenset[Allergene]:
    return frozenset(Allergene(code) for code in codes if code != UNKNOWN_SHEET)


def _of_source(food: Food, source: Source) -> Allergens:
    usual = _allergens(food.allergens)
    if source.offer is None:
        return Allergens(confirm=usual)
    if UNKNOWN_SHEET in source.offer.allergens:
        supplier = source.supplier.name if source.supplier else source.offer.supplier
        return Allergens(confirm=usual, missing=(f"{food.name} ({supplier})",))
    return Allergens(present=_allergens(source.offer.allergens))


def _of_possible(food: Food, possible: list[Reachable]) -> Allergens:
    """What any reference in reach may bring; one without a sheet leaves everything possible.

    Staples have no offer: their usual allergens are declared.
    """
    usual = _allergens(food.allergens)
    if not possible:
        return Allergens(present=usual) if food.staple else Allergens(confirm=usual)
    known = [_allergens(r.offer.allergens) for r in possible if UNKNOWN_SHEET not in r.offer.allergens]
    without = [r.supplier.name for r in possible if UNKNOWN_SHEET in r.offer.allergens]
    if without:
        missing = tuple(f"{food.name} ({name}, référence à choisir)" for name in dict.fromkeys(without))
        return Allergens(confirm=usual.union(*known), missing=missing)
    everywhere = known[0].intersection(*known)
    return Allergens(present=everywhere, confirm=frozenset().union(*known) - everywhere)


def allergen_table(reading: Reading, monday: date) -> AllergenTable:
    """The table of one week."""
    days = [
        day
        for day in reading.days(monday, monday + timedelta(days=SUNDAY))
        if reading.services[day].status != "exclu"
    ]
    tables = (*(_day(reading, day) for day in days), *_every_day(reading, days))
    rows = [row for table in tables for row in table.rows]
    last = days[-1] if days else monday + timedelta(days=FRIDAY)
    return AllergenTable(
        head=make_head(
            reading,
            "Allergènes de la semaine",
            period_words(days[0] if days else monday, last),
            "références planifiées",
        ),
        columns=tuple((n, ALLERGENS[a]) for a, n in ALLERGEN_NUMBERS.items()),
        days=tables,
        missing=tuple(sorted({name for row in rows for name in row.missing})),
        to_confirm=any("confirmer" in row.states for row in rows),
    )


def _day(reading: Reading, day: date) -> AllergenDay:
    rows = []
    for dish in reading.dishes.get(day, ()):
        entry = reading.book[dish.recipe]
        rows.append(_row(entry.recipe.name, dish.slot, dish_allergens(reading, dish.recipe, day)))
        if entry.derived.pork and entry.recipe.substitute:
            other = reading.book[entry.recipe.substitute].recipe
            found = dish_allergens(reading, other.code, day)
            rows.append(_row(other.name, dish.slot, found, without_pork=True))
    return AllergenDay(french.day(day).capitalize(), tuple(rows))


def _every_day(reading: Reading, days: list[date]) -> tuple[AllergenDay, ...]:
    """The bread, whatever reference comes in the week."""
    bread = reading.foods.get(reading.settings.bread_food)
    if not bread or not days or not reading.kitchen.bread_g:
        return ()
    found = Allergens()
    for day in days:
        found |= food_allergens(reading, bread, day)
    return (AllergenDay("Chaque jour", (_row(bread.name, "pain", found),)),)


def _row(name: str, slot: str, found: Allergens, *, without_pork: bool = False) -> AllergenRow:
    states = tuple(found.state(allergen) for allergen in Allergene)
    return AllergenRow(name, slot, states, found.missing, without_pork)
