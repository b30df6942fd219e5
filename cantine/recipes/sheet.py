"""The fiche recette: quantities for any number of diners, criteria in kitchen words, and overruling one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from cantine.accounts import journal
from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.recipes.book import BookRecipe
from cantine.recipes.criteria import Tag
from cantine.recipes.models import TagOverride
from cantine.recipes.nutrition import grams
from optim.rules.frequency import FREQUENCIES
from optim.terms import Critere, Niveau

TITLES: Mapping[Critere, str] = {rule.critere: rule.title for rule in FREQUENCIES}
"""The criteria as the law's lines are told, never by their number."""

ORIGINS = {
    "fiche": "fiche technique du fournisseur",
    "composition": "calculé sur la composition",
    "liste": "liste publiée (GEM-RCN)",
    "chef": "décision du chef",
}
EVERYWHERE = "toutes les cuisines"
"""Whom a decision of a chief binds: recipes are common to the kitchens."""
PIECE_G = 20
"""Below, a piece is not counted one by one."""


@dataclass(frozen=True)
class Quantity:
    """One ingredient, for all diners and for one of each class."""

    food: Food
    per_diner: Mapping[Niveau, float]
    total_g: float

    @property
    def pieces(self) -> int | None:
        """How many pieces to take out, for what is counted one by one."""
        unit = self.food.unit_weight_g
        return -(-round(self.total_g) // round(unit)) if unit and unit >= PIECE_G else None


def quantities(entry: BookRecipe, diners: Mapping[Niveau, int]) -> tuple[Quantity, ...]:
    """Grams as bought of each ingredient, in the order of the recipe."""
    found = []
    for ingredient, food in entry.lines:
        per_diner = {niveau: grams(ingredient, niveau) for niveau in Niveau}
        total = sum(per_diner[niveau] * count for niveau, count in diners.items())
        found.append(Quantity(food, per_diner, total))
    return tuple(found)


def other_criteria(tags: Sequence[Tag]) -> tuple[Critere, ...]:
    """Criteria nothing is said of yet."""
    told = {tag.criterion for tag in tags}
    return tuple(criterion for criterion in Critere if criterion not in told)


def overrule(
    session: Session,
    entry: BookRecipe,
    criterion: Critere,
    *,
    counts: bool,
    reason: str,
    user_id: int | None,
    now: datetime,
) -> None:
    """Read a criterion otherwise than sheets, list and composition, with a reason that is kept.

    The recipe book is common: the decision holds for every kitchen, and the journal says so.

    Raises:
        CantineError: no reason was given.
    """
    if not reason.strip():
        raise CantineError("Dites pourquoi : la raison est gardée avec votre décision.")
    before = _told(entry, criterion)
    row = session.get(TagOverride, (entry.recipe.code, criterion.value))
    if row is None:
        row = TagOverride(
            recipe=entry.recipe.code, criterion=criterion.value, counts=counts, reason=reason.strip()
        )
    row.counts, row.reason = counts, reason.strip()
    session.add(row)
    _note(session, entry, criterion, before, {"compte": counts, "raison": row.reason}, user_id, now)


def follow_again(
    session: Session, entry: BookRecipe, criterion: Critere, *, user_id: int | None, now: datetime
) -> None:
    """Forget an overruling: sheets, list and composition decide again, for every kitchen."""
    row = session.get(TagOverride, (entry.recipe.code, criterion.value))
    if row is not None:
        session.delete(row)
        _note(
            session, entry, criterion, _told(entry, criterion), {"compte": None, "raison": ""}, user_id, now
        )


def _told(entry: BookRecipe, criterion: Critere) -> dict[str, object]:
    tag = next((tag for tag in entry.derived.tags if tag.criterion is criterion), None)
    return {"compte": tag.counts if tag else False, "raison": tag.why if tag else ""}


def _note(
    session: Session,
    entry: BookRecipe,
    criterion: Critere,
    before: Mapping[str, object],
    after: Mapping[str, object],
    user_id: int | None,
    now: datetime,
) -> None:
    journal.record(
        session,
        user_id=user_id,
        kitchen="",
        subject="critere",
        key=f"{entry.recipe.name} : {TITLES[criterion]}",
        before=dict(before),
        after={**after, "vaut pour": EVERYWHERE},
        now=now,
    )
