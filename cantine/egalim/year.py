"""Purchases of a calendar year, as the law shares them out: what was declared, then what was bought since.

The one reading of a year: the page « Bilan », the paper, the declaration and the trajectory of a plan count
from it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, select

from cantine.egalim.models import YearTotal
from cantine.egalim.shares import Figures, figures_between
from cantine.orders.models import Purchase


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


@dataclass(frozen=True)
class KitchenYear:
    """A calendar year of a kitchen until a day.

    Attributes:
        declared: totals given for the time before the system knew, None where nothing was given.
        figures: lines bought since, with their detail.
    """

    declared: Declared | None = None
    figures: Figures = field(default_factory=Figures)

    @property
    def bought(self) -> Purchases:
        """Both together."""
        since = purchases_of(self.figures)
        return self.declared.purchases + since if self.declared else since


def purchases_of(figures: Figures) -> Purchases:
    """What the law shares out, in cents."""
    return Purchases(
        total=_cents(figures.total),
        egalim=_cents(figures.egalim()),
        bio=_cents(figures.bio),
        meat_fish=_cents(figures.meat_fish),
        meat_fish_egalim=_cents(figures.meat_fish_egalim),
    )


def kitchen_years(
    session: Session, year: int, last: date, kitchens: Collection[str] | None = None
) -> dict[str, KitchenYear]:
    """The year of some kitchens, or of all, until a day; a kitchen that has nothing is not there."""
    declared = declared_totals(session, year, kitchens)
    conditions = [after_declared(year)] if declared else []
    figures = figures_between(session, date(year, 1, 1), last, kitchens, *conditions)
    return {
        code: KitchenYear(declared.get(code), figures.get(code, Figures()))
        for code in sorted({*declared, *figures})
    }


def kitchen_year(session: Session, kitchen: str, year: int, last: date) -> KitchenYear:
    """The year of one kitchen until a day."""
    return kitchen_years(session, year, last, [kitchen]).get(kitchen, KitchenYear())


def after_declared(year: int) -> ColumnElement[bool]:
    """Purchases that the declared totals of a year do not hold already."""
    return ~exists().where(
        col(YearTotal.kitchen) == col(Purchase.kitchen),
        col(YearTotal.year) == year,
        col(YearTotal.until) >= col(Purchase.date),
    )


def declared_totals(
    session: Session, year: int, kitchens: Collection[str] | None = None
) -> dict[str, Declared]:
    """What kitchens say they bought in a year before the system knew; the others are not there."""
    statement = select(YearTotal).where(YearTotal.year == year)
    if kitchens is not None:
        statement = statement.where(col(YearTotal.kitchen).in_(kitchens))
    return {row.kitchen: _as_declared(row) for row in session.exec(statement)}


def _as_declared(row: YearTotal) -> Declared:
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
