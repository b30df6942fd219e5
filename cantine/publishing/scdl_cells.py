"""Cells of the SCDL files: codes, lists, moments, labels, allergens."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from cantine.publishing.scdl_words import ALLERGEN_WORDS
from cantine.reports.allergens import Allergens
from cantine.reports.reading import Reading
from cantine.reports.signs import LABEL_SIGNS
from optim.terms import Allergene, Label

LONGEST_CODE = 16


def dish_code(recipe: str) -> str:
    """The recipe's code if it fits, else its beginning and a digest that tells it from the others."""
    if len(recipe) <= LONGEST_CODE:
        return recipe
    return f"{recipe[:8]}-{hashlib.sha256(recipe.encode()).hexdigest()[:7]}"


def labels_of(reading: Reading, food: str, days: Sequence[date]) -> frozenset[Label]:
    """Labels that everything planned of a food carries on each of these days."""
    each = [
        {Label(label) for label in source.labels if Label(label) in LABEL_SIGNS}
        for day in days
        for source in reading.sources.get((day, food), ())
    ]
    planned = all(reading.sources.get((day, food)) for day in days)
    return frozenset(set.intersection(*each)) if each and planned else frozenset()


def allergens_cell(found: Allergens) -> str:
    """Those present and those that may be: an open file must not promise their absence."""
    return array(ALLERGEN_WORDS[one] for one in Allergene if one in found.present | found.confirm)


def array(items: Iterable[str]) -> str:
    """A JSON array; nothing for an empty list."""
    found = list(items)
    return json.dumps(found, ensure_ascii=False) if found else ""


def moment(at: datetime) -> str:
    """UTC, to the second; a moment read back from the database without its zone is in UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
