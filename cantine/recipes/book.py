"""The recipe book: every recipe with its ingredients and what is derived from it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
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


def load_book(session: Session, codes: list[str] | None = None) -> dict[str, BookRecipe]:
    """All recipes by code, or those of ``codes``."""
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
    return {
        recipe.code: BookRecipe(
            recipe, tuple(lines[recipe.code]), derive(recipe, lines[recipe.code], overrides[recipe.code])
        )
        for recipe in session.exec(recipes)
    }


def get_recipe(session: Session, code: str) -> BookRecipe:
    """One recipe of the book.

    Raises:
        NotFoundError: no such recipe.
    """
    book = load_book(session, [code])
    if code not in book:
        raise NotFoundError(f"La fiche recette « {code} » n'existe pas.")
    return book[code]
