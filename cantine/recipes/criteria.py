"""What the composition of a recipe says of each criterion of the law, with its reason.

« À confirmer » near a threshold. The other sources, which come before, are in ``decide``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cantine.recipes.models import Recipe
from cantine.recipes.nutrition import Line, Nutrition, edible_g, plate_g
from optim.terms import Critere, Vegetarien

RED_MEAT = frozenset({"boeuf", "veau", "agneau", "abats"})
NEAR = 0.10
"""Within ten per cent of a threshold a composition proves nothing: « à confirmer »."""

# Thresholds of annexe I of the arrêté of 30 September 2011 (AGRG1032380A), in force since 2011-10-02.
RAW_SHARE = 0.5
FAT_SHARE = 0.15
SUGAR_G = 20.0
CALCIUM_RICH_MG = 150.0
CALCIUM_MG = 100.0
DAIRY_FAT_G = 5.0
PROTEIN_TO_FAT = 2.0
"""A preparation of fish has twice as much protein as fat (line of fish)."""
WHOLE = 1000
"""Animal part, per mille, of what is bought plain: a fillet, not a quenelle."""
PROTEIN_PORTION_G = 70.0
"""70 % of the recommended 100 g of cooked meat, fish or egg for a collégien (GEM-RCN's reading)."""


@dataclass(frozen=True)
class Tag:
    """One criterion of the law for one recipe: whether it counts, and why."""

    criterion: Critere
    counts: bool
    why: str
    origin: str = "composition"
    confirm: bool = False


def _protein_portion_g(lines: Sequence[Line]) -> float:
    """Cooked grams of meat, fish and egg, losses never counted as gains."""
    return sum(
        edible_g(line) * min(line[1].cooked_permille, 1000) / 1000 * line[1].animal_protein_permille / 1000
        for line in lines
    )


def _near(value: float, limit: float) -> bool:
    return abs(value - limit) <= NEAR * limit


def composition(
    recipe: Recipe,
    lines: Sequence[Line],
    portion: Nutrition,
    garnish: str,
    vegetarian: Vegetarien | None,
) -> dict[Critere, Tag]:
    """What the composition says, criterion by criterion, for a portion of collégien."""
    tags = {
        "entree": _starter_tags,
        "plat": _main_tags,
        "garniture": _side_tags,
        "laitier": _dairy_tags,
        "dessert": _dessert_tags,
    }[recipe.slot](recipe, lines, portion, vegetarian)
    if garnish == "legume" and recipe.cooking != "cru":
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
        tags.append(_raw(lines))
    if recipe.covers_dairy:
        tags += _cheese_tags(portion)
    return tags


def _raw(lines: Sequence[Line]) -> Tag:
    """Half of it is enough (GEM-RCN's reading of « crudités »)."""
    share = _raw_share(lines, {"legume", "fruit"})
    text = f"légumes ou fruits crus : {share * 100:.0f} %, il en faut {RAW_SHARE * 100:.0f}"
    return Tag(Critere.F01, counts=share >= RAW_SHARE, why=text, confirm=_near(share, RAW_SHARE))


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
            confirm=_near(calcium, CALCIUM_MG) or _near(calcium, CALCIUM_RICH_MG),
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
        confirm=_near(portion.sugar_g, SUGAR_G)
        or (portion.sugar_g > SUGAR_G and _near(portion.fat_share, FAT_SHARE)),
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
    """A raw salad served beside the plat is a crudité, never a cooked vegetable."""
    tags = [_fried(recipe, lines, portion)]
    return [*tags, _raw(lines)] if recipe.cooking == "cru" else tags


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
    return tags + _meat_tags(recipe, lines, portion)


def _meat_tags(recipe: Recipe, lines: Sequence[Line], portion: Nutrition) -> list[Tag]:
    tags = []
    red = sum(
        plate_g(line, cooked=True) for line in lines if line[1].group in RED_MEAT and not line[1].minced
    )
    fish = sum(plate_g(line, cooked=True) for line in lines if line[1].group == "poisson")
    if red:
        tags.append(_portion_tag(Critere.F08, red, "bœuf, veau, agneau ou abats non hachés"))
    if fish:
        plain = _portion_tag(Critere.F09, fish, "poisson")
        tags.append(_prepared_fish(plain, portion) if is_preparation(recipe, lines) else plain)
    return tags


def is_preparation(recipe: Recipe, lines: Sequence[Line]) -> bool:
    """Whether the fish is mixed with something else: a brandade, a fish bought as a preparation.

    Plain fish counts whatever its fat (usage); P/L qualifies preparations only.
    """
    fish = [food for _, food in lines if food.group == "poisson"]
    return bool(fish) and (recipe.complete_dish or any(f.animal_protein_permille < WHOLE for f in fish))


def _prepared_fish(plain: Tag, portion: Nutrition) -> Tag:
    least = PROTEIN_TO_FAT * portion.fat_g
    return Tag(
        Critere.F09,
        counts=plain.counts and portion.protein_g >= least,
        why=f"{plain.why} ; préparation : {portion.protein_g:.0f} g de protéines "
        f"pour {portion.fat_g:.0f} g de lipides, il en faut le double",
        confirm=plain.confirm or _near(portion.protein_g, least),
    )


def _portion_tag(criterion: Critere, cooked_g: float, what: str) -> Tag:
    counts = cooked_g >= PROTEIN_PORTION_G
    return Tag(
        criterion,
        counts=counts,
        why=f"{what} : {cooked_g:.0f} g cuits, il en faut {PROTEIN_PORTION_G:.0f}",
        confirm=_near(cooked_g, PROTEIN_PORTION_G),
    )
