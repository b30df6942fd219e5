"""Weights and nutrition of a portion: from the grams bought to what lies on the plate."""

from collections.abc import Sequence
from dataclasses import dataclass

from cantine.foods.models import Food
from cantine.recipes.models import Recipe, RecipeIngredient
from optim.terms import Niveau

Line = tuple[RecipeIngredient, Food]


@dataclass(frozen=True)
class Nutrition:
    """One portion of one diner class; weights in grams, energy in kcal."""

    portion_g: float
    energy_kcal: float
    protein_g: float
    fat_g: float
    saturated_fat_g: float
    carbohydrate_g: float
    sugar_g: float
    fibre_g: float
    salt_g: float
    calcium_mg: float
    iron_mg: float
    co2e_kg: float

    @property
    def fat_share(self) -> float:
        """Fat as a share of the portion."""
        return self.fat_g / self.portion_g if self.portion_g else 0.0


def grams(ingredient: RecipeIngredient, niveau: Niveau) -> float:
    """Grams as bought for one diner of the class."""
    return float(getattr(ingredient, f"{niveau.value}_g"))


def edible_g(line: Line, niveau: Niveau = Niveau.COLLEGE) -> float:
    """Grams once peeled, raw."""
    ingredient, food = line
    return grams(ingredient, niveau) * food.edible_permille / 1000


def plate_g(line: Line, cooked: bool, niveau: Niveau = Niveau.COLLEGE) -> float:
    """Grams on the plate."""
    return edible_g(line, niveau) * (line[1].cooked_permille / 1000 if cooked else 1.0)


def portion_g(recipe: Recipe, lines: Sequence[Line], niveau: Niveau = Niveau.COLLEGE) -> float:
    """Grams on the plate of one portion."""
    return sum(plate_g(line, recipe.cooking == "cuit", niveau) for line in lines)


def nutrition(recipe: Recipe, lines: Sequence[Line], niveau: Niveau = Niveau.COLLEGE) -> Nutrition:
    """Nutrition of one portion; unknown CIQUAL cells count as zero."""

    def total(column: str) -> float:
        return sum(edible_g(line, niveau) * (getattr(line[1], column) or 0.0) / 100 for line in lines)

    return Nutrition(
        portion_g=portion_g(recipe, lines, niveau),
        energy_kcal=total("energy_kcal"),
        protein_g=total("protein_g"),
        fat_g=total("fat_g"),
        saturated_fat_g=total("saturated_fat_g"),
        carbohydrate_g=total("carbohydrate_g"),
        sugar_g=total("sugar_g"),
        fibre_g=total("fibre_g"),
        salt_g=total("salt_g"),
        calcium_mg=total("calcium_mg"),
        iron_mg=total("iron_mg"),
        co2e_kg=sum(grams(i, niveau) / 1000 * (food.co2e_kg_per_kg or 0.0) for i, food in lines),
    )
