"""What is derived from a recipe: nutrition, criteria of the law, garnish, diet, allergens, season."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cantine.foods.models import Food
from cantine.recipes.criteria import Tag, composition
from cantine.recipes.decide import ProductSheet, by_sheet, decide, ready_line
from cantine.recipes.models import Recipe, TagOverride
from cantine.recipes.nutrition import Line, Nutrition, nutrition, plate_g
from optim.terms import Critere, FamilleProduits, Vegetarien

STARCH = frozenset({"pomme_de_terre", "cereale", "legumineuse", "pate", "pain", "farine"})
ANIMAL_FAMILIES = frozenset(
    {FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.CHARCUTERIE, FamilleProduits.PRODUITS_DE_LA_MER}
)
ANIMAL_STOCK = "fond_animal"


@dataclass(frozen=True)
class Derived:
    """All that is known of a recipe beyond its row."""

    nutrition: Nutrition
    tags: tuple[Tag, ...]
    garnish: str
    vegetarian: Vegetarien | None
    pork: bool
    gelatine: bool
    raw_milk: bool
    allergens: tuple[str, ...]
    season_months: frozenset[int] = field(default=frozenset())

    @property
    def criteria(self) -> frozenset[Critere]:
        """Criteria that count."""
        return frozenset(t.criterion for t in self.tags if t.counts)


def derive(
    recipe: Recipe,
    lines: Sequence[Line],
    overrides: Iterable[TagOverride] = (),
    sheets: Sequence[ProductSheet] = (),
) -> Derived:
    """Everything derived from the composition of one recipe.

    Args:
        recipe: the recipe.
        lines: its ingredients and their foods.
        overrides: the chief's own readings of criteria.
        sheets: suppliers' sheets of its main food.
    """
    portion = nutrition(recipe, lines)
    garnish = recipe.garnish or _garnish(recipe, lines)
    vegetarian = _vegetarian(recipe, lines)

    def tags(portion: Nutrition) -> dict[Critere, Tag]:
        return composition(recipe, lines, portion, garnish, vegetarian)

    ready = ready_line(recipe, lines)
    read = [(sheet, tags(by_sheet(sheet, ready, portion))) for sheet in sheets] if ready else []
    return Derived(
        nutrition=portion,
        tags=decide(recipe, tags(portion), read, lines, overrides),
        garnish=garnish,
        vegetarian=vegetarian,
        pork=any(food.pork for _, food in lines),
        gelatine=any(food.gelatine for _, food in lines),
        raw_milk=any(food.raw_milk for _, food in lines),
        allergens=union_allergens(food.allergens for _, food in lines),
        season_months=_season(lines),
    )


def union_allergens(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Allergens of all ingredients, sorted by the order of the European list is left to the page."""
    return tuple(sorted({a for allergens in lists for a in allergens}))


def _weight(lines: Sequence[Line], groups: Iterable[str], cooked: bool) -> float:
    wanted = frozenset(groups)
    return sum(plate_g(line, cooked) for line in lines if line[1].group in wanted)


def _garnish(recipe: Recipe, lines: Sequence[Line]) -> str:
    if recipe.slot != "garniture" and not recipe.complete_dish:
        return ""
    vegetables = _weight(lines, {"legume"}, cooked=True)
    return "legume" if vegetables > _weight(lines, STARCH, cooked=True) else "feculent"


def _animal(food: Food) -> bool:
    return food.family in ANIMAL_FAMILIES or food.gelatine or food.group == ANIMAL_STOCK


def _vegetarian(recipe: Recipe, lines: Sequence[Line]) -> Vegetarien | None:
    if any(_animal(food) for _, food in lines):
        return None
    if recipe.slot != "plat":
        return Vegetarien.AUTRE
    weights = {
        Vegetarien.TRANSFORME: _weight(lines, {"galette_vegetale"}, cooked=True),
        Vegetarien.SOJA: _weight(lines, {"soja"}, cooked=True),
        Vegetarien.CEREALE_LEGUMINEUSE: _weight(lines, {"legumineuse"}, cooked=True),
        Vegetarien.OEUF: _weight(lines, {"oeuf"}, cooked=True),
        Vegetarien.FROMAGE: _weight(lines, {"fromage"}, cooked=True),
    }
    kind, weight = max(weights.items(), key=lambda item: item[1])
    return kind if weight > 0 else Vegetarien.AUTRE


def _season(lines: Sequence[Line]) -> frozenset[int]:
    months = frozenset(range(1, 13))
    for _, food in lines:
        if food.season_months and food.gamme == "frais":
            months &= {int(m) for m in food.season_months}
    return months
