"""Figures of the fiche recette: quantities for any number of diners, cost, nutrition, criteria and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from re import sub

from cantine import french
from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.menus.signs import ALLERGENS, SLOT_WORDS
from cantine.planning.convert import STAFF_MINUTES_FOR
from cantine.recipes.book import BookRecipe
from cantine.recipes.models import Recipe
from cantine.recipes.nutrition import Line, Nutrition, edible_g, grams
from cantine.reports.allergens import ALLERGEN_NUMBERS, Allergens, dish_allergens
from cantine.reports.head import Head, make_head
from cantine.reports.reading import Reading
from cantine.reports.signs import LABEL_SIGNS, SIGN_WORDS
from cantine.suppliers.market import Reachable, cheapest_by_food
from cantine.suppliers.prices import estimated_on
from optim.rules.frequency import FREQUENCIES
from optim.terms import Critere, Niveau, Slot

BASE = 100
ALL_YEAR = 12

CLASS_WORDS = {
    Niveau.MATERNELLE: "maternelle",
    Niveau.ELEMENTAIRE: "élémentaire",
    Niveau.COLLEGE: "collège",
    Niveau.ADULTE: "adulte",
}
EQUIPMENT_WORDS = {
    "four": "four",
    "sauteuse": "sauteuse",
    "marmite": "marmite",
    "friteuse": "friteuse",
    "cellule": "cellule de refroidissement",
}
CRITERION_WORDS: Mapping[Critere, str] = {rule.critere: rule.title for rule in FREQUENCIES}
TAG_ORIGINS = {
    "fiche": "fiche du fournisseur",
    "composition": "calculé",
    "liste": "liste publiée",
    "chef": "lecture du chef",
}
HOT_SLOTS = frozenset({Slot.PLAT.value, Slot.GARNITURE.value})

# Arrêté of 21 December 2009, annexes I and IV.
HOT = "chaud, 63 °C au moins"
COLD = "froid, 0 à 3 °C"
FROZEN = "surgelé, −18 °C"
COOLING = "refroidir de 63 à 10 °C en moins de 2 h ; remettre de 10 à 63 °C en moins d’1 h ; 3 jours au plus"
HOLDING_BY_STYLE = {"potage": HOT, "glace": FROZEN, "fruit_cru": ""}


@dataclass(frozen=True)
class IngredientLine:
    """One food; grams.

    Attributes:
        net_g: peeled and raw, one diner of each class.
        gross_100_g: as bought, for 100 collégiens.
        gross_g: as bought, for the number of diners asked.
        cost_cents: HT, for 100 collégiens; None for a staple, counted as a flat amount.
        estimated: an indicative price: no offer in force, or its week is over.
    """

    name: str
    net_g: tuple[float, ...]
    gross_100_g: float
    gross_g: float
    cost_cents: float | None
    estimated: bool


@dataclass(frozen=True)
class CriterionLine:
    """One criterion the recipe counts for, in kitchen words."""

    words: str
    why: str
    origin: str
    confirm: bool


@dataclass(frozen=True)
class RecipeSheet:
    """One recipe, ready to print."""

    head: Head
    slot: str
    diners: int
    classes: tuple[str, ...]
    lines: tuple[IngredientLine, ...]
    cost_cents: float
    cost_estimated: bool
    minutes: int
    equipment: tuple[str, ...]
    day_before: bool
    holding: str
    cooling: str
    steps: tuple[str, ...]
    nutrition: Nutrition
    criteria: tuple[CriterionLine, ...]
    allergens: tuple[str, ...]
    missing: tuple[str, ...]
    features: tuple[str, ...]
    labels: tuple[str, ...]


def holding(recipe: Recipe) -> str:
    """How the dish is held until it is served; empty for a whole fruit."""
    if recipe.style in HOLDING_BY_STYLE:
        return HOLDING_BY_STYLE[recipe.style]
    return HOT if recipe.slot in HOT_SLOTS and recipe.cooking == "cuit" else COLD


def recipe_sheet(reading: Reading, code: str, diners: int, day: date) -> RecipeSheet:
    """The sheet of a recipe for ``diners`` collégiens, at the prices of ``day``.

    Raises:
        NotFoundError: no such recipe.
    """
    entry = reading.book.get(code)
    if entry is None:
        raise NotFoundError(f"La fiche recette « {code} » n'existe pas.")
    recipe = entry.recipe
    cheapest = cheapest_by_food([r for items in reading.market.values() for r in items], day)
    lines = tuple(_line(line, diners, cheapest, day) for line in entry.lines)
    found = dish_allergens(reading, code, day)
    return RecipeSheet(
        head=make_head(
            reading,
            recipe.name,
            f"pour {french.plural(diners, 'collégien')}",
            "fiche recette, prix HT du jour",
        ),
        slot=SLOT_WORDS[Slot(recipe.slot)],
        diners=diners,
        classes=tuple(CLASS_WORDS.values()),
        lines=lines,
        cost_cents=sum(line.cost_cents or 0 for line in lines) / BASE,
        cost_estimated=any(line.estimated for line in lines),
        minutes=minutes_for(recipe, diners),
        equipment=equipment_words(recipe),
        day_before=recipe.day_before,
        holding=holding(recipe),
        cooling=COOLING if "cellule" in recipe.equipment else "",
        steps=steps_of(recipe),
        nutrition=entry.derived.nutrition,
        criteria=_criteria(entry),
        allergens=_allergen_words(found),
        missing=found.missing,
        features=_features(entry),
        labels=_labels(reading, recipe.main_food, day),
    )


def minutes_for(recipe: Recipe, diners: int) -> int:
    """Active minutes, in proportion of the diners, rounded up."""
    return -(-recipe.staff_minutes * diners // STAFF_MINUTES_FOR)


def equipment_words(recipe: Recipe) -> tuple[str, ...]:
    """Equipment in words."""
    return tuple(EQUIPMENT_WORDS.get(code, code) for code in recipe.equipment)


def steps_of(recipe: Recipe) -> tuple[str, ...]:
    """Steps without their numbers: the list of the paper numbers them."""
    return tuple(sub(r"^\d+\.\s*", "", step.strip()) for step in recipe.steps.splitlines() if step.strip())


def _line(line: Line, diners: int, cheapest: Mapping[str, Reachable], day: date) -> IngredientLine:
    ingredient, food = line
    portion = grams(ingredient, Niveau.COLLEGE)
    cents_per_kg, estimated = _price(food, cheapest.get(food.code), day)
    return IngredientLine(
        name=food.name,
        net_g=tuple(edible_g(line, niveau) for niveau in Niveau),
        gross_100_g=portion * BASE,
        gross_g=portion * diners,
        cost_cents=None if cents_per_kg is None else portion * BASE / 1000 * cents_per_kg,
        estimated=estimated,
    )


def _price(food: Food, best: Reachable | None, day: date) -> tuple[float | None, bool]:
    if food.staple:
        return None, False
    if best:
        return float(best.cents_per_kg), estimated_on(best.offer, day)
    return float(food.reference_price_cents_kg or 0), True


def _criteria(entry: BookRecipe) -> tuple[CriterionLine, ...]:
    return tuple(
        CriterionLine(CRITERION_WORDS[tag.criterion], tag.why, TAG_ORIGINS[tag.origin], tag.confirm)
        for tag in entry.derived.tags
        if tag.counts
    )


def _allergen_words(found: Allergens) -> tuple[str, ...]:
    return tuple(
        f"{ALLERGENS[allergen]} ({number}{', à confirmer' if allergen in found.confirm else ''})"
        for allergen, number in ALLERGEN_NUMBERS.items()
        if allergen in found.present | found.confirm
    )


def _features(entry: BookRecipe) -> tuple[str, ...]:
    derived = entry.derived
    facts = {
        "végétarien": derived.vegetarian is not None,
        "contient du porc": derived.pork,
        "contient de la gélatine": derived.gelatine,
        "fromage au lait cru : pas avant 5 ans": derived.raw_milk,
        "plat complet : tient lieu de garniture": entry.recipe.complete_dish,
        "tient lieu de laitage": entry.recipe.covers_dairy,
    }
    words = [word for word, true in facts.items() if true]
    if len(derived.season_months) < ALL_YEAR:
        months = (
            french.full_date(date(2000, month, 2)).split(" ")[1] for month in sorted(derived.season_months)
        )
        words.append(f"produits frais de saison : {', '.join(months) or 'jamais tous ensemble'}")
    return tuple(words)


def _labels(reading: Reading, food: str, day: date) -> tuple[str, ...]:
    """Qualities the main product may be bought with."""
    offers = reading.possible(food, day)
    found = {LABEL_SIGNS[label] for label in LABEL_SIGNS if any(label in r.offer.labels for r in offers)}
    found |= {"local"} if any(r.local for r in offers) else set()
    return tuple(word for code, word in SIGN_WORDS.items() if code in found)
