"""What dishes, days and blocks cost and are made of: pure calculation on plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from cantine.foods.models import Food
from cantine.menus.grid import GridDay, GridDish
from cantine.menus.signs import Sign, allergen_words, signs_of
from cantine.planning.sources import UNKNOWN, Sources, Weighted
from cantine.recipes.book import Book, BookRecipe
from cantine.recipes.nutrition import grams
from optim.terms import MEAT_FISH, Label, Niveau, Slot, Vegetarien
from optim.units import PERMILLE

HALF = 0.5


@dataclass(frozen=True)
class Value:
    """Money in cents, weights in kg; additive."""

    ht: float = 0.0
    ttc: float = 0.0
    local: float = 0.0
    egalim: float = 0.0
    bio: float = 0.0
    meat_fish: float = 0.0
    meat_fish_egalim: float = 0.0
    co2e_kg: float = 0.0
    estimated: float = 0.0
    portions: float = 0.0

    def __add__(self, other: "Value") -> "Value":
        """Both together; the portions of dishes are not those of a day."""
        return Value(
            self.ht + other.ht,
            self.ttc + other.ttc,
            self.local + other.local,
            self.egalim + other.egalim,
            self.bio + other.bio,
            self.meat_fish + other.meat_fish,
            self.meat_fish_egalim + other.meat_fish_egalim,
            self.co2e_kg + other.co2e_kg,
            self.estimated + other.estimated,
            self.portions + other.portions,
        )

    @property
    def ttc_per_portion(self) -> float | None:
        """Cents TTC per meal, or per portion of a dish."""
        return self.ttc / self.portions if self.portions else None

    @property
    def co2e_per_portion(self) -> float | None:
        """Kilograms of CO2e per meal, or per portion of a dish."""
        return self.co2e_kg / self.portions if self.portions else None

    @property
    def mostly_estimated(self) -> bool:
        """Whether some of the money rests on a price nobody agreed to."""
        return self.estimated > 0

    def share(self, part: str) -> float | None:
        """« local », « egalim », « bio » or « meat_fish » as a fraction of the value HT."""
        if part == "meat_fish":
            return self.meat_fish_egalim / self.meat_fish if self.meat_fish else None
        return float(getattr(self, part)) / self.ht if self.ht else None


@dataclass(frozen=True)
class DishFacts:
    """What the grid says of one dish."""

    value: Value
    signs: tuple[Sign, ...] = ()
    allergens: tuple[str, ...] = ()
    allergens_unknown: bool = False
    vegetarian: bool = False


@dataclass(frozen=True)
class Coster:
    """Costs the dishes of one kitchen, with the foods bought for it or the market's."""

    book: Book
    sources: Sources
    no_pork_permille: int = 0
    bread: Food | None = None
    bread_g: int = 0
    staples_cents: int = 0
    staples_vat_permille: int = 55
    _foods: dict[str, Food] = field(default_factory=dict)

    def need(self, dish: GridDish, day: GridDay) -> dict[str, float]:
        """Grams of each food bought that a dish needs; those without pork eat its substitute."""
        entry = self.book[dish.recipe]
        substitute = self.book.get(entry.recipe.substitute or "")
        without = self.no_pork_permille / PERMILLE if entry.derived.pork and substitute else 0.0
        found: dict[str, float] = {}
        for eaten, share in ((entry, 1 - without), (substitute, without)):
            if eaten is not None and share:
                self._add_need(found, eaten, day.eaters(dish), share)
        return found

    def _add_need(
        self, found: dict[str, float], entry: BookRecipe, eaters: Mapping[Niveau, float], share: float
    ) -> None:
        for ingredient, food in entry.lines:
            if food.staple:
                continue
            self._foods[food.code] = food
            weight = sum(grams(ingredient, niveau) * count for niveau, count in eaters.items())
            if weight:
                found[food.code] = found.get(food.code, 0.0) + weight * share

    def facts(self, dish: GridDish, day: GridDay) -> DishFacts:
        """Cost, signs, allergens and gas of one dish."""
        entry = self.book[dish.recipe]
        value = Value(portions=sum(day.eaters(dish).values()))
        allergens: set[str] = set()
        for code, weight in self.need(dish, day).items():
            food = self._foods[code]
            weighted = self.sources.of(day.date, food)
            value += food_value(food, weight, weighted)
            allergens |= _allergens(food, weighted)
        vegetarian = dish.slot is Slot.PLAT and entry.derived.vegetarian not in {None, Vegetarien.AUTRE}
        return DishFacts(
            value=value,
            signs=self._signs(entry, day.date, vegetarian=vegetarian),
            allergens=allergen_words(allergens),
            allergens_unknown=UNKNOWN in allergens,
            vegetarian=vegetarian,
        )

    def _signs(self, entry: BookRecipe, day: date, *, vegetarian: bool) -> tuple[Sign, ...]:
        """Labels of the main food, where most of it carries them."""
        main = self._foods.get(entry.recipe.main_food)
        weighted = self.sources.of(day, main) if main else ()
        total = sum(weight for weight, _ in weighted) or 1
        labels = {
            label
            for label in Label
            if sum(weight for weight, source in weighted if label in source.labels) > HALF * total
        }
        distances = [source.distance_km for _, source in weighted if source.distance_km is not None]
        local = sum(weight for weight, source in weighted if source.local) > HALF * total
        return signs_of(labels, max(distances) if local else None, vegetarian=vegetarian)

    def day_value(self, day: GridDay, facts: Mapping[GridDish, DishFacts]) -> Value:
        """A whole meal for everybody: its dishes, the bread and the staples."""
        if not day.dishes:
            return Value()
        total = Value(portions=day.meals)
        for dish in day.dishes:
            total += replace(facts[dish].value, portions=0.0)
        staples = self.staples_cents * day.meals
        total += Value(ht=staples, ttc=staples * (PERMILLE + self.staples_vat_permille) / PERMILLE)
        if self.bread:
            weight = self.bread_g * day.meals
            total += food_value(self.bread, weight, self.sources.of(day.date, self.bread))
        return total


def food_value(food: Food, weight_g: float, weighted: Weighted) -> Value:
    """Value of some grams of a food, shared among its origins as they were bought."""
    total = sum(weight for weight, _ in weighted)
    value = Value(co2e_kg=weight_g / 1000 * (food.co2e_kg_per_kg or 0.0))
    for weight, source in weighted:
        ht = weight_g * weight / total / 1000 * source.cents_per_kg
        meat = food.family in MEAT_FISH
        value += Value(
            ht=ht,
            ttc=ht * (PERMILLE + source.vat_permille) / PERMILLE,
            local=ht if source.local else 0.0,
            egalim=ht if source.labels else 0.0,
            bio=ht if Label.BIO in source.labels else 0.0,
            meat_fish=ht if meat else 0.0,
            meat_fish_egalim=ht if meat and source.labels else 0.0,
            estimated=ht if source.estimated else 0.0,
        )
    return value


def _allergens(food: Food, weighted: Weighted) -> set[str]:
    """Those of the references bought; those of the food where a lot of the stock has no sheet."""
    found: set[str] = set()
    for _, source in weighted:
        found |= source.allergens or set(food.allergens)
    return found or set(food.allergens)
