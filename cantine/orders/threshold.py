"""Below which amount the code of public procurement asks for neither publicity nor competition."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Threshold:
    """An amount HT by buyer, homogeneous family and year.

    Attributes:
        euros: strictly below it, no publicity and no competition.
        source: text and article.
        valid_from: first day.
        valid_to: last day; None while no text ends it.
    """

    euros: Decimal
    source: str
    valid_from: date
    valid_to: date | None = None


THRESHOLDS = (
    Threshold(Decimal(40_000), "R2122-8 CCP (décret n° 2019-1344)", date(2020, 1, 1), date(2026, 3, 31)),
    Threshold(Decimal(60_000), "R2122-8 CCP (décret n° 2025-1386)", date(2026, 4, 1)),
)
"""Decree 2019-1344 of 12 December 2019; decree 2025-1386 of 29 December 2025, in force on 1 April 2026."""
COUNTED_BY = "R2121-6 CCP : les achats d'une même famille homogène s'additionnent"
NEAR = Decimal("0.8")
"""From here on, people are told."""


def threshold_on(day: date) -> Threshold:
    """The threshold in force on a day; the oldest one known before."""
    begun = [one for one in THRESHOLDS if one.valid_from <= day]
    return begun[-1] if begun else THRESHOLDS[0]


def threshold_of(year: int, day: date) -> Threshold:
    """The threshold that the purchases of a year are set against, as known on ``day``."""
    return threshold_on(min(max(day, date(year, 1, 1)), date(year, 12, 31)))


def state_of(spent: Decimal, most: Decimal) -> str:
    """« atteint », « proche » from four fifths on, else « ok »."""
    if spent >= most:
        return "atteint"
    return "proche" if spent >= NEAR * most else "ok"
