"""Maxima of the market lots: what is spent of each, and which lots nobody may buy from any more.

Spent: bought, ordered, and planned where nothing is ordered yet.

A contract's maximum binds the département as a whole (accord-cadre, CCP R2162-4): every kitchen's purchases
are added. The threshold of a free lot binds each buyer, and each collège is its own (CCP R2122-8; the code
counts by family, this counts all families together, which never passes the threshold).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from cantine.orders.spend import Key, spend_by_lot
from cantine.orders.threshold import NEAR
from cantine.planning.models import PlannedPurchase
from cantine.planning.planned_spend import planned_by_lot
from cantine.suppliers.lots import FREE
from cantine.suppliers.models import MarketLot


@dataclass(frozen=True)
class Ceiling:
    """A lot, its maximum and what is spent of it, euros HT."""

    name: str
    maximum_ht: Decimal
    spent_ht: Decimal
    own: bool
    """Whether the maximum is the collège's own, rather than the département's."""

    @property
    def share(self) -> float:
        """Spent, as a fraction of the maximum."""
        return float(self.spent_ht / self.maximum_ht) if self.maximum_ht else 1.0

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        return self.spent_ht >= self.maximum_ht


def ceilings_near(session: Session, kitchen: str) -> list[Ceiling]:
    """Lots this kitchen plans to buy from, of which four fifths are spent, fullest first."""
    spend = _spend(session)
    found = [
        Ceiling(lot.name, lot.max_ht, _total(spend, lot, kitchen), lot.frame == FREE)
        for lot in _limited(session)
        if lot.max_ht is not None and (lot.code, kitchen) in spend
    ]
    near = (ceiling for ceiling in found if ceiling.spent_ht >= NEAR * ceiling.maximum_ht)
    return sorted(near, key=lambda ceiling: -ceiling.share)


def exhausted_lots(session: Session, kitchen: str, first: date) -> frozenset[str]:
    """Lots of which nothing is left for a kitchen that plans again from ``first`` on.

    What it plans later is about to be replaced and does not count.
    """
    spend = _spend(
        session, or_(col(PlannedPurchase.kitchen) != kitchen, col(PlannedPurchase.delivery) < first)
    )
    return frozenset(
        lot.code
        for lot in _limited(session)
        if lot.max_ht is not None and _total(spend, lot, kitchen) >= lot.max_ht
    )


def _limited(session: Session) -> list[MarketLot]:
    statement = select(MarketLot).where(col(MarketLot.max_ht).is_not(None)).order_by(col(MarketLot.code))
    return list(session.exec(statement))


def _total(spend: Mapping[Key, Decimal], lot: MarketLot, kitchen: str) -> Decimal:
    """What counts against a lot's maximum: everybody's purchases, or one buyer's in a free lot."""
    parts = (
        euros
        for (code, buyer), euros in spend.items()
        if code == lot.code and (lot.frame != FREE or buyer == kitchen)
    )
    return sum(parts, Decimal(0))


def _spend(session: Session, *where: ColumnElement[bool]) -> dict[Key, Decimal]:
    """Euros HT bought, ordered and planned by lot and kitchen, while each lot lasts.

    ``where`` narrows what is planned: orders and purchases stay, whatever is planned anew.
    """
    found = {key: spend.committed for key, spend in spend_by_lot(session).items()}
    for key, euros in planned_by_lot(session, *where).items():
        found[key] = found.get(key, Decimal(0)) + euros
    return found
