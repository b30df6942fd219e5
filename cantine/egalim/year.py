"""Purchases of a calendar year, as the law shares them out: the total, and what is labelled."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from cantine.egalim.models import YearTotal


@dataclass(frozen=True)
class Purchases:
    """Food bought, cents HT; additive."""

    total: int = 0
    egalim: int = 0
    bio: int = 0
    meat_fish: int = 0
    meat_fish_egalim: int = 0

    def __add__(self, other: "Purchases") -> "Purchases":
        """Both together."""
        return Purchases(
            self.total + other.total,
            self.egalim + other.egalim,
            self.bio + other.bio,
            self.meat_fish + other.meat_fish,
            self.meat_fish_egalim + other.meat_fish_egalim,
        )

    def share(self, part: str) -> float | None:
        """« egalim », « bio » or « meat_fish » as a fraction of what it is counted in."""
        if part == "meat_fish":
            return self.meat_fish_egalim / self.meat_fish if self.meat_fish else None
        return int(getattr(self, part)) / self.total if self.total else None


@dataclass(frozen=True)
class Declared:
    """What a kitchen says it bought from 1 January to a date, and where the figures come from."""

    until: date
    purchases: Purchases
    origin: str


def declared_purchases(session: Session, kitchen: str, year: int) -> Declared | None:
    """The purchases of a year before the system knew them; None where nothing was given."""
    row = session.get(YearTotal, (kitchen, year))
    if row is None:
        return None
    purchases = Purchases(
        total=_cents(row.total_ht),
        egalim=_cents(row.egalim_ht),
        bio=_cents(row.bio_ht),
        meat_fish=_cents(row.meat_fish_ht),
        meat_fish_egalim=_cents(row.meat_fish_egalim_ht),
    )
    return Declared(row.until, purchases, row.origin)


def _cents(euros: Decimal) -> int:
    return round(euros * 100)
