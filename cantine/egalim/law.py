"""Shares of the purchases that the law asks for, in per cent of the value HT of a calendar year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Share:
    """One share of the law.

    Attributes:
        percent: at least this much.
        source: text and article.
        valid_from: first day on which it is due.
        valid_to: last day; None while no text ends it.
    """

    percent: int
    source: str
    valid_from: date
    valid_to: date | None = None


LAW: Mapping[str, Share] = {
    "egalim": Share(50, "L230-5-1, I et R230-30-1 CRPM", date(2022, 1, 1)),
    "bio": Share(20, "L230-5-1, I et R230-30-1 CRPM", date(2022, 1, 1)),
    "meat_fish": Share(60, "L230-5-1 CRPM", date(2024, 1, 1)),
}
