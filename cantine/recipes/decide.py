"""Who decides that a recipe counts for a criterion: chief, supplier's sheet, published list, composition.

The order is the trade's. A supplier's sheet (fiche technique) decides for a product bought ready, when
every sheet known says the same; when they differ, the next source stands and says « à confirmer ».
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cantine.recipes.criteria import Tag, is_preparation
from cantine.recipes.models import Recipe, TagOverride
from cantine.recipes.nutrition import Line, Nutrition, edible_g
from optim.terms import Critere

MOSTLY = 0.5
"""A product bought ready decides for the dish of which it makes more than half."""

FRYER = "friteuse"

NUTRIENTS = ("protein_g", "fat_g", "sugar_g", "calcium_mg")
NEEDED: Mapping[Critere, frozenset[str]] = {
    Critere.F05: frozenset({"calcium_mg"}),
    Critere.F06: frozenset({"calcium_mg"}),
    Critere.F07: frozenset({"calcium_mg", "fat_g"}),
    Critere.F09: frozenset({"protein_g", "fat_g"}),
    Critere.F11: frozenset({"fat_g"}),
    Critere.F12: frozenset({"fat_g"}),
    Critere.F13: frozenset({"fat_g"}),
    Critere.F14: frozenset({"protein_g", "fat_g"}),
    Critere.F15: frozenset({"sugar_g", "fat_g"}),
}
"""What a sheet must declare to decide; the other criteria are matters of weight, not of content."""


@dataclass(frozen=True)
class ProductSheet:
    """What a supplier declares of 100 g of a food; None: not declared."""

    supplier: str
    reference: str = ""
    protein_g: float | None = None
    fat_g: float | None = None
    sugar_g: float | None = None
    calcium_mg: float | None = None

    @property
    def declared(self) -> frozenset[str]:
        """Names of the nutrients the sheet gives."""
        return frozenset(name for name in NUTRIENTS if getattr(self, name) is not None)


Sheets = Mapping[str, Sequence[ProductSheet]]
"""Sheets of the references that may be bought, by food."""


def by_sheet(sheet: ProductSheet, line: Line, portion: Nutrition) -> Nutrition:
    """The portion with a supplier's own figures in place of the generic food's."""
    weight, food = edible_g(line) / 100, line[1]
    changed = {
        name: getattr(portion, name) + weight * (getattr(sheet, name) - (getattr(food, name) or 0.0))
        for name in sheet.declared
    }
    return replace(portion, **changed)


def ready_line(recipe: Recipe, lines: Sequence[Line]) -> Line | None:
    """The line of the product that makes most of the dish, if one does."""
    total = sum(edible_g(line) for line in lines)
    main = [line for line in lines if line[1].code == recipe.main_food]
    return main[0] if len(main) == 1 and edible_g(main[0]) > MOSTLY * total else None


def sheet_decides(recipe: Recipe, lines: Sequence[Line], criterion: Critere) -> bool:
    """Whether the content of what is bought may settle a criterion.

    Not that of fried products where the kitchen fries them: the sheet tells the product as sold, without
    the oil it takes. Nor that of fish where the fish is plain: its fat does not matter.
    """
    if criterion is Critere.F13 and FRYER in recipe.equipment:
        return False
    return criterion in NEEDED and (criterion is not Critere.F09 or is_preparation(recipe, lines))


def decide(
    recipe: Recipe,
    composed: Mapping[Critere, Tag],
    read: Sequence[tuple[ProductSheet, Mapping[Critere, Tag]]],
    lines: Sequence[Line],
    overrides: Iterable[TagOverride],
) -> tuple[Tag, ...]:
    """One tag per criterion, from the first source that settles it.

    Args:
        recipe: the recipe.
        composed: what the generic composition says.
        read: what the composition says with each supplier's sheet.
        lines: the ingredients.
        overrides: the chief's own readings.
    """
    tags = dict(composed) | _listed(recipe)
    for criterion in [c for c in composed if sheet_decides(recipe, lines, c)]:
        said = [(s, found[criterion]) for s, found in read if NEEDED[criterion] <= s.declared]
        if said:
            tags[criterion] = _of_sheets(said, tags[criterion])
    for override in overrides:
        criterion = Critere(override.criterion)
        tags[criterion] = Tag(criterion, counts=override.counts, why=override.reason, origin="chef")
    return tuple(tags[c] for c in Critere if c in tags)


def _listed(recipe: Recipe) -> dict[Critere, Tag]:
    named = {
        Critere(code): Tag(Critere(code), counts=True, why="la liste publiée le nomme", origin="liste")
        for code in recipe.published_tags
    }
    exempt = {
        Critere(code): Tag(Critere(code), counts=False, why="la liste publiée l'en exempte", origin="liste")
        for code in recipe.exempt_tags
    }
    return named | exempt


def _of_sheets(said: Sequence[tuple[ProductSheet, Tag]], known: Tag) -> Tag:
    """The sheets' verdict when they agree; else what was known, to be confirmed."""
    verdicts = {tag.counts for _, tag in said}
    if len(verdicts) == 1:
        first = said[0][1]
        words = "fiche" if len({s.supplier for s, _ in said}) == 1 else "fiches"
        return Tag(
            known.criterion,
            counts=first.counts,
            why=f"{first.why} ({words} du fournisseur {_names(s for s, _ in said)})",
            origin="fiche",
            confirm=any(tag.confirm for _, tag in said),
        )
    told = (
        f"{word} d'après {_references(s for s, tag in said if tag.counts is counts)}"
        for counts, word in ((True, "oui"), (False, "non"))
    )
    return replace(known, why=f"{known.why} ; dépend du fournisseur : {', '.join(told)}", confirm=True)


def _references(sheets: Iterable[ProductSheet]) -> str:
    found = {f"{s.supplier} ({s.reference})" if s.reference else s.supplier for s in sheets}
    return ", ".join(sorted(found))


def _names(sheets: Iterable[ProductSheet]) -> str:
    return ", ".join(sorted({sheet.supplier for sheet in sheets}))
