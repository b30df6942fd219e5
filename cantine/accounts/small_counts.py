"""Small counts that could name a pupil: who reads them, and what the others see. Decided here only."""

from collections.abc import Iterable, Mapping
from typing import Any

from cantine.accounts.access import SECRETS, STAFF, Access, Grants, holds

SMALLEST = 5
"""Counts of pupils below this could name somebody (usage of the statistics of the ministry)."""
FEW, HIDDEN = f"moins de {SMALLEST}", "masqué"
READERS: Mapping[str, Access] = {
    "boursiers_e1": SECRETS,
    "boursiers_e2": SECRETS,
    "boursiers_e3": SECRETS,
    "pai_meals": STAFF,
}
"""Columns of small counts, with those who need them."""
PAI = "pai_meals"
NO_KITCHEN = "-"
"""Kitchen that nobody holds a role for: only roles valid everywhere apply."""


def may_read(name: str, grants: Grants, kitchen: str | None) -> bool:
    """Whether a person reads the counts of column ``name`` of a kitchen, however small."""
    return name not in READERS or holds(READERS[name], grants, kitchen or NO_KITCHEN)


def unread(names: Iterable[str], grants: Grants, kitchen: str | None) -> frozenset[str]:
    """Those of the columns that the person may not read."""
    return frozenset(name for name in names if not may_read(name, grants, kitchen))


def shown(row: Mapping[str, Any], grants: Grants, kitchen: str | None) -> dict[str, Any]:
    """The row of a kitchen as the person may see it: small counts as « moins de 5 »."""
    return {**row, **conceal({name: row[name] for name in unread(row, grants, kitchen)})}


def conceal(counts: Mapping[str, int | None]) -> dict[str, int | str | None]:
    """Small counts as « moins de 5 »; zero is one of them, since to know that nobody is, is to know."""
    return {name: FEW if value is not None and value < SMALLEST else value for name, value in counts.items()}


def total(counts: Iterable[int | str | None]) -> int | str | None:
    """Sum of counts as shown: hidden as soon as one of them is, which the others would give away."""
    known = [count for count in counts if count is not None]
    if any(isinstance(count, str) for count in known):
        return HIDDEN
    return sum(count for count in known if isinstance(count, int)) if known else None
