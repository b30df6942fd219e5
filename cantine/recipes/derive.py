"""What is derived from a recipe: nutrition, criteria of the law with their reason, diet, allergens.

Criteria are read as the trade reads them: the chief's own reading first, then the published
list (GEM-RCN), then the composition, « à confirmer » near a threshold. Pure functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cantine.foods.models import Food
from cantine.recipes.models import Recipe, RecipeIngredient, TagOverride
from optim.terms import Critere, FamilleProduits, Niveau, Vegetarien

STARCH = frozenset({"pomme_de_terre", "cereale", "legumineuse", "pate", "pain", "farine"})
RED_MEAT = frozenset({"boeuf", "veau", "agneau", "abats"})
ANIMAL_FAMILIES = frozenset(
    {FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.CHARCUTERIE, FamilleProduits.PRODUITS_DE_LA_MER}
)
ANIMAL_STOCK = "fond_animal"
NEAR = 0.10
"""Within ten per cent of a threshold a composition proves nothing: « à confirmer »."""

# Thresholds of annexe I of the arrêté of 30 September 2011 (AGRG1032380A), in force since 2011-10-02.
RAW_SHARE = 0.5
FAT_SHARE = 0.15
SUGAR_G = 20.0
CALCIUM_RICH_MG = 150.0
CALCIUM_MG = 100.0
DAIRY_FAT_G = 5.0
PROTEIN_PORTION_G = 70.0
"""70 % of the recommended 100 g of cooked meat, fish or egg for a collégien (GEM-RCN's reading)."""

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


@dataclass(frozen=True)
class Tag:
    """One criterion of the law for one recipe: whether it counts, and why."""

    criterion: Critere
    counts: bool
    why: str
    origin: str = "composition"
    confirm: bool = False


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


def derive(recipe: Recipe, lines: Sequence[Line], overrides: Iterable[TagOverride] = ()) -> Derived:
    """Everything derived from the composition of one recipe."""
    portion = nutrition(recipe, lines)
    garnish = recipe.garnish or _garnish(recipe, lines)
    vegetarian = _vegetarian(recipe, lines)
    by_composition = _composition(recipe, lines, portion, garnish, vegetarian)
    return Derived(
        nutrition=portion,
        tags=_decide(recipe, by_composition, overrides),
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


def _protein_portion_g(lines: Sequence[Line]) -> float:
    """Cooked grams of meat, fish and egg, losses never counted as gains."""
    return sum(
        edible_g(line) * min(line[1].cooked_permille, 1000) / 1000 * line[1].animal_protein_permille / 1000
        for line in lines
    )


def _near(value: float, limit: float) -> bool:
    return abs(value - limit) <= NEAR * limit


def _composition(
    recipe: Recipe,
    lines: Sequence[Line],
    portion: Nutrition,
    garnish: str,
    vegetarian: Vegetarien | None,
) -> dict[Critere, Tag]:
    tags = {
        "entree": _starter_tags,
        "plat": _main_tags,
        "garniture": _side_tags,
        "laitier": _dairy_tags,
        "dessert": _dessert_tags,
    }[recipe.slot](recipe, lines, portion, vegetarian)
    if garnish == "legume":
        tags.append(
            Tag(Critere.F03, counts=True, why="légumes : plus de la moitié de la garniture, une fois cuite")
        )
    elif garnish == "feculent":
        tags.append(
            Tag(Critere.F04, counts=True, why="féculents : plus de la moitié de la garniture, une fois cuite")
        )
    return {tag.criterion: tag for tag in tags}


def _compared(criterion: Critere, value: float, limit: float, unit: str, *, what: str, above: bool) -> Tag:
    counts = value > limit if above else value < limit
    sign = "plus" if value > limit else "moins"
    text = f"{what} : {value:.0f} {unit}, {sign} de {limit:.0f} {unit}"
    return Tag(criterion, counts=counts, why=text, confirm=_near(value, limit))


def _fat(criterion: Critere, portion: Nutrition) -> Tag:
    return _compared(
        criterion, portion.fat_share * 100, FAT_SHARE * 100, "%", what="matières grasses", above=True
    )


def _raw_share(lines: Sequence[Line], groups: Iterable[str]) -> float:
    total = sum(edible_g(line) for line in lines)
    wanted = frozenset(groups)
    raw = sum(
        edible_g(line) for line in lines if line[1].group in wanted and line[1].gamme in {"frais", "4e"}
    )
    return raw / total if total else 0.0


def _starter_tags(
    recipe: Recipe, lines: Sequence[Line], portion: Nutrition, _vegetarian: Vegetarien | None
) -> list[Tag]:
    tags = [_fat(Critere.F11, portion)]
    if recipe.cooking == "cru":
        share = _raw_share(lines, {"legume", "fruit"})
        tags.append(
            _compared(
                Critere.F01, share * 100, RAW_SHARE * 100, "%", what="légumes ou fruits crus", above=True
            )
        )
    if recipe.covers_dairy:
        tags += _cheese_tags(portion)
    return tags


def _cheese_tags(portion: Nutrition) -> list[Tag]:
    calcium = portion.calcium_mg
    rich = calcium >= CALCIUM_RICH_MG
    why = f"{calcium:.0f} mg de calcium par portion"
    return [
        Tag(Critere.F05, counts=rich, why=why, confirm=_near(calcium, CALCIUM_RICH_MG)),
        Tag(
            Critere.F06,
            counts=CALCIUM_MG <= calcium < CALCIUM_RICH_MG,
            why=why,
            confirm=_near(calcium, CALCIUM_MG),
        ),
    ]


def _low_fat_dairy(portion: Nutrition) -> Tag:
    counts = portion.calcium_mg > CALCIUM_MG and portion.fat_g < DAIRY_FAT_G
    why = f"{portion.calcium_mg:.0f} mg de calcium et {portion.fat_g:.1f} g de matières grasses par portion"
    return Tag(
        Critere.F07,
        counts=counts,
        why=why.replace(".", ","),
        confirm=_near(portion.calcium_mg, CALCIUM_MG) or _near(portion.fat_g, DAIRY_FAT_G),
    )


def _sweet(portion: Nutrition) -> Tag:
    counts = portion.sugar_g > SUGAR_G and portion.fat_share < FAT_SHARE
    return Tag(
        Critere.F15,
        counts=counts,
        why=f"{portion.sugar_g:.0f} g de sucres par portion",
        confirm=_near(portion.sugar_g, SUGAR_G),
    )


def _dairy_tags(
    recipe: Recipe, _lines: Sequence[Line], portion: Nutrition, _vegetarian: Vegetarien | None
) -> list[Tag]:
    if recipe.style == "fromage":
        return _cheese_tags(portion)
    return [_low_fat_dairy(portion), _sweet(portion)]


def _dessert_tags(
    recipe: Recipe, lines: Sequence[Line], portion: Nutrition, _vegetarian: Vegetarien | None
) -> list[Tag]:
    if recipe.cooking == "cru" and _raw_share(lines, {"fruit"}) > RAW_SHARE:
        return [Tag(Critere.F02, counts=True, why="fruit cru")]
    tags = [_fat(Critere.F12, portion), _sweet(portion)]
    if recipe.covers_dairy:
        tags.append(_low_fat_dairy(portion))
    return tags


def _fried(recipe: Recipe, lines: Sequence[Line], portion: Nutrition) -> Tag:
    if recipe.fried or any(food.prefried for _, food in lines):
        return _fat(Critere.F13, portion)
    return Tag(Critere.F13, counts=False, why="ni frit ni préfrit")


def _side_tags(
    recipe: Recipe, lines: Sequence[Line], portion: Nutrition, _vegetarian: Vegetarien | None
) -> list[Tag]:
    return [_fried(recipe, lines, portion)]


def _main_tags(
    recipe: Recipe, lines: Sequence[Line], portion: Nutrition, vegetarian: Vegetarien | None
) -> list[Tag]:
    tags = [_fried(recipe, lines, portion)]
    if vegetarian in {
        Vegetarien.CEREALE_LEGUMINEUSE,
        Vegetarien.SOJA,
        Vegetarien.TRANSFORME,
        Vegetarien.AUTRE,
    }:
        return tags
    ratio_why = f"{portion.protein_g:.0f} g de protéines pour {portion.fat_g:.0f} g de lipides"
    tags.append(
        Tag(
            Critere.F14,
            counts=portion.protein_g <= portion.fat_g,
            why=ratio_why,
            confirm=_near(portion.protein_g, portion.fat_g) if portion.fat_g else False,
        )
    )
    if vegetarian is Vegetarien.FROMAGE:
        return tags
    protein = _protein_portion_g(lines)
    tags.append(
        _compared(
            Critere.F10, protein, PROTEIN_PORTION_G, "g", what="viande, poisson ou œuf cuit", above=False
        )
    )
    red = sum(
        plate_g(line, cooked=True) for line in lines if line[1].group in RED_MEAT and not line[1].minced
    )
    fish = sum(plate_g(line, cooked=True) for line in lines if line[1].group == "poisson")
    if red:
        tags.append(_portion_tag(Critere.F08, red, "bœuf, veau, agneau ou abats non hachés"))
    if fish:
        tags.append(_portion_tag(Critere.F09, fish, "poisson"))
    return tags


def _portion_tag(criterion: Critere, cooked_g: float, what: str) -> Tag:
    counts = cooked_g >= PROTEIN_PORTION_G
    return Tag(
        criterion,
        counts=counts,
        why=f"{what} : {cooked_g:.0f} g cuits, il en faut {PROTEIN_PORTION_G:.0f}",
        confirm=_near(cooked_g, PROTEIN_PORTION_G),
    )


def _decide(
    recipe: Recipe, by_composition: Mapping[Critere, Tag], overrides: Iterable[TagOverride]
) -> tuple[Tag, ...]:
    """The chief's reading, else the published list, else the composition."""
    tags = dict(by_composition)
    for code in recipe.published_tags:
        tags[Critere(code)] = Tag(Critere(code), counts=True, why="la liste publiée le nomme", origin="liste")
    for code in recipe.exempt_tags:
        tags[Critere(code)] = Tag(
            Critere(code), counts=False, why="la liste publiée l'en exempte", origin="liste"
        )
    for override in overrides:
        criterion = Critere(override.criterion)
        tags[criterion] = Tag(criterion, counts=override.counts, why=override.reason, origin="chef")
    return tuple(tags[c] for c in Critere if c in tags)
