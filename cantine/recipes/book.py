"""The recipe book: every recipe with its ingredients and what is derived from it.

Suppliers' sheets decide some criteria and come from the room above: ``cantine.suppliers.book`` reads them
and is where a book is loaded from.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.recipes.decide import Sheets
from cantine.recipes.derive import Derived, derive
from cantine.recipes.models import Recipe, RecipeIngredient, TagOverride
from cantine.recipes.nutrition import Line


@dataclass(frozen=True)
class BookRecipe:
    """One recipe, its lines (ingredient and food, in order) and its derived facts."""

    recipe: Recipe
    lines: tuple[Line, ...]
    derived: Derived


Book = Mapping[str, BookRecipe]


def assemble(session: Session, sheets: Sheets, codes: list[str] | None = None) -> dict[str, BookRecipe]:
    """All recipes by code, or those of ``codes``, read with suppliers' sheets."""
    recipes, ingredients = select(Recipe), select(RecipeIngredient).order_by(col(RecipeIngredient.position))
    if codes is not None:
        recipes = recipes.where(col(Recipe.code).in_(codes))
        ingredients = ingredients.where(col(RecipeIngredient.recipe).in_(codes))
    foods = {food.code: food for food in session.exec(select(Food))}
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for ingredient in session.exec(ingredients):
        lines[ingredient.recipe].append((ingredient, foods[ingredient.food]))
    overrides: defaultdict[str, list[TagOverride]] = defaultdict(list)
    for override in session.exec(select(TagOverride)):
        overrides[override.recipe].append(override)

    def entry(recipe: Recipe) -> BookRecipe:
        found = lines[recipe.code]
        derived = derive(recipe, found, overrides[recipe.code], sheets.get(recipe.main_food, ()))
        return BookRecipe(recipe, tuple(found), derived)

    return {recipe.code: entry(recipe) for recipe in session.exec(recipes)}
