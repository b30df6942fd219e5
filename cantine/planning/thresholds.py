"""Purchases outside contracts against the threshold: each buyer, each homogeneous family, each year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import HomogeneousFamily
from cantine.kitchens.models import Kitchen
from cantine.orders.purchases import buyer_of
from cantine.orders.spend import UNSORTED, Spend, SpendLine, spend_by_family, spend_lines
from cantine.orders.threshold import Threshold, state_of, threshold_of
from cantine.planning.planned_spend import planned_by_family, planned_lines

WORST = {"atteint": 0, "proche": 1, "ok": 2}
NO_FAMILY = "a-classer"
"""Name in an address of what is in no family."""
MOST_LINES = 500


@dataclass(frozen=True)
class FamilySpend:
    """One family of one buyer in a year.

    Attributes:
        buyer: UAI of the collège, else code of the kitchen.
        buyer_name: name of its kitchen.
        kitchen: code of a kitchen of this buyer.
        family: number of the family; empty: in none.
        family_name: its name.
        spend: bought, ordered, planned.
        threshold: what it is set against.
    """

    buyer: str
    buyer_name: str
    kitchen: str
    family: str
    family_name: str
    spend: Spend
    threshold: Threshold

    @property
    def share(self) -> float:
        """Bought and ordered as a fraction of the threshold."""
        return float(self.spend.committed / self.threshold.euros)

    @property
    def foreseen_share(self) -> float:
        """With what is planned."""
        return float(self.spend.foreseen / self.threshold.euros)

    @property
    def state(self) -> str:
        """« ok », « proche » or « atteint »: what is bought and ordered."""
        return state_of(self.spend.committed, self.threshold.euros)

    @property
    def foreseen_state(self) -> str:
        """The same with what is planned."""
        return state_of(self.spend.foreseen, self.threshold.euros)

    @property
    def left(self) -> Decimal:
        """Euros that may still be bought below the threshold."""
        return max(Decimal(0), self.threshold.euros - self.spend.committed)

    @property
    def path(self) -> str:
        """The family in an address."""
        return self.family or NO_FAMILY


def load_thresholds(session: Session, year: int, day: date, buyer: str | None = None) -> list[FamilySpend]:
    """Every family somebody spends on, the nearest to the threshold first.

    Args:
        session: a database session.
        year: calendar year.
        day: today, which tells the threshold.
        buyer: only theirs; None: everybody's.
    """
    families = family_names(session)
    kitchens = _kitchens(session)
    threshold = threshold_of(year, day)
    spend = spend_by_family(session, year, planned_by_family(session, year, buyer), buyer)
    found = [
        FamilySpend(
            buyer=owner,
            buyer_name=kitchens[owner].name if owner in kitchens else owner,
            kitchen=kitchens[owner].code if owner in kitchens else "",
            family=family,
            family_name=families.get(family, family),
            spend=one,
            threshold=threshold,
        )
        for (owner, family), one in spend.items()
    ]
    return sorted(found, key=lambda one: (WORST[one.state], -one.foreseen_share, one.buyer_name, one.family))


def load_lines(session: Session, year: int, buyer: str, family: str) -> list[SpendLine]:
    """The lines behind one figure, latest first: what is planned stays apart by its kind."""
    lines = [
        *spend_lines(session, year, buyer, family, MOST_LINES),
        *planned_lines(session, year, buyer, family, MOST_LINES),
    ]
    return sorted(lines, key=lambda line: line.day, reverse=True)


def family_names(session: Session) -> Mapping[str, str]:
    """Names of the families, and of what is in none."""
    rows = session.exec(select(HomogeneousFamily).order_by(col(HomogeneousFamily.code)))
    return {row.code: row.name for row in rows} | {UNSORTED: "à classer"}


def _kitchens(session: Session) -> dict[str, Kitchen]:
    """A kitchen of each buyer."""
    rows = session.exec(select(Kitchen).order_by(col(Kitchen.code).desc()))
    return {buyer_of(kitchen): kitchen for kitchen in rows}
