"""One row to one object of the question, and nothing else."""

from collections.abc import Mapping

from cantine.foods.models import Food
from cantine.kitchens.lines import Lines
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import Settings
from cantine.menus.models import Dish
from cantine.recipes.book import BookRecipe
from cantine.recipes.nutrition import grams, portion_g
from optim import instance as question
from optim.terms import FamilleProduits, Niveau, Slot

STAFF_MINUTES_FOR = 450
"""The diners for whom a recipe's active minutes are given."""

EQUIPMENT_DISHES: Mapping[str, int] = {"four": 3, "sauteuse": 2, "marmite": 2, "friteuse": 1, "cellule": 2}
"""Dishes a day that each equipment takes: two 20-level ovens used in turn, two sauteuses… (usage)."""

REPEAT_GAP: Mapping[str, int] = {"entree": 8, "plat": 15, "garniture": 5, "laitier": 4, "dessert": 8}
FRUIT_GAP = 4
"""Services before a dish may come back (choice of the kitchen)."""

STATE_SUFFIXES = ("_4e", "_surg", "_boite", "_frais", "_sec", "_rapee", "_branche", "_epluchee", "_grenaille")


def kitchen_of(row: Kitchen, settings: Settings, lines: Lines) -> question.Kitchen:
    """What the kitchen can do and how it serves."""
    return question.Kitchen(
        code=row.code,
        name=row.name,
        components=lines.cook.components,
        choices=lines.cook.choices,
        lines=lines.cook.lines,
        directed=lines.cook.directed,
        week_days=len(row.service_days),
        no_pork_permille=row.no_pork_permille,
        staff_minutes=row.staff_minutes or None,
        equipment={name: dishes if name in row.equipment else 0 for name, dishes in EQUIPMENT_DISHES.items()},
        storage_g={zone: room * 1000 for zone, room in row.storage_kg.items()},
        bread_food=settings.bread_food or None,
        bread_mg=row.bread_g * 1000,
        staples_cents=settings.staples_cents_per_meal,
        staples_vat_permille=settings.staples_vat_permille,
    )


def food_of(row: Food) -> question.Food:
    """What the search must know of a food."""
    return question.Food(
        code=row.code,
        name=row.name,
        family=FamilleProduits(row.family),
        storage=row.storage,
        shelf_life_days=row.shelf_life_days,
        season_months=frozenset(int(m) for m in row.season_months) if row.gamme == "frais" else frozenset(),
        fresh_fish=row.family == FamilleProduits.PRODUITS_DE_LA_MER and row.gamme == "frais",
        raw_milk=row.raw_milk,
        co2e_g_per_kg=round((row.co2e_kg_per_kg or 0) * 1000),
    )


def recipe_of(entry: BookRecipe, meals: int) -> question.Recipe:
    """A recipe with its derived tags, its staples left out, its work scaled to ``meals``."""
    row, derived = entry.recipe, entry.derived
    return question.Recipe(
        code=row.code,
        name=row.name,
        slot=Slot(row.slot),
        complete_dish=row.complete_dish,
        covers_dairy=row.covers_dairy,
        tags=derived.criteria,
        vegetarian=derived.vegetarian,
        pork=derived.pork,
        substitute=row.substitute,
        variant_of=row.variant_of,
        main_food=main_food(entry),
        garnish=derived.garnish,
        colour=row.colour,
        theme=row.theme,
        months=frozenset(int(m) for m in row.months),
        staff_minutes=-(-row.staff_minutes * meals // STAFF_MINUTES_FOR),
        equipment=frozenset(row.equipment) & EQUIPMENT_DISHES.keys(),
        heavy=row.heavy,
        day_before=row.day_before,
        repeat_gap=FRUIT_GAP if row.style == "fruit_cru" else REPEAT_GAP[row.slot],
        taste_permille=row.taste_permille,
        waste_mg={n: round(portion_g(row, entry.lines, n) * row.waste_permille) for n in Niveau},
        ingredients=tuple(
            question.Ingredient(food=code, milligrams=milligrams)
            for code, milligrams in _bought(entry).items()
        ),
    )


def dish_of(row: Dish) -> question.Dish:
    """A dish in place."""
    return question.Dish(
        date=row.date,
        slot=Slot(row.slot),
        choice=row.choice,
        recipe=row.recipe,
        share_permille=row.share_permille,
    )


def _bought(entry: BookRecipe) -> dict[str, dict[Niveau, int]]:
    """Milligrams of each food bought through offers; a food named twice counts with both quantities."""
    bought: dict[str, dict[Niveau, int]] = {}
    for ingredient, food in entry.lines:
        if not food.staple:
            total = bought.setdefault(food.code, dict.fromkeys(Niveau, 0))
            for niveau in Niveau:
                total[niveau] += round(grams(ingredient, niveau) * 1000)
    return bought


def main_food(entry: BookRecipe) -> str:
    """The main food whatever its state: leeks fresh or frozen are leeks, chips are potatoes."""
    food = next((food for _, food in entry.lines if food.code == entry.recipe.main_food), None)
    if food is not None and food.group == "pomme_de_terre":
        return food.group
    code = entry.recipe.main_food
    for suffix in STATE_SUFFIXES:
        code = code.removesuffix(suffix)
    return code
