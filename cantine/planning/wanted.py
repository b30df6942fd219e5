"""What the plan still asks to order: its purchases, less what is ordered already. Reading only."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import NOTHING, Key, committed
from cantine.suppliers.models import Offer

MARK = 16


@dataclass(frozen=True)
class Wanted:
    """Packs of one offer on one delivery, at the price they were planned at.

    Attributes:
        needed_g: what the menus take of them, in grams.
    """

    offer: Offer
    delivery: date
    packs: int
    needed_g: int
    price_ht: Decimal

    @property
    def key(self) -> Key:
        """Its offer and delivery."""
        return self.offer.code, self.delivery


def wanted(session: Session, kitchen: str, today: date) -> dict[Key, Wanted]:
    """What the plan asks of the deliveries to come and nobody has ordered, by offer and delivery."""
    bound, uses = committed(session, kitchen), uses_by_key(session, kitchen)
    rows = session.exec(
        select(PlannedPurchase, Offer)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .where(PlannedPurchase.kitchen == kitchen, PlannedPurchase.delivery >= today)
        .order_by(col(PlannedPurchase.delivery), col(Offer.name))
    )
    found = {}
    for row, offer in rows:
        key = offer.code, row.delivery
        ordered = bound.get(key, NOTHING).packs
        if row.packs > ordered:
            needed = max(0, uses[key] - ordered * offer.pack_g)
            found[key] = Wanted(offer, row.delivery, row.packs - ordered, needed, row.price_ht)
    return found


def uses_by_key(session: Session, kitchen: str) -> Counter[Key]:
    """Grams that the menus take of each purchase."""
    rows = session.exec(
        select(col(PlannedUse.offer), col(PlannedUse.delivery), func.sum(col(PlannedUse.grams)))
        .where(PlannedUse.kitchen == kitchen, col(PlannedUse.offer).is_not(None))
        .group_by(col(PlannedUse.offer), col(PlannedUse.delivery))
    )
    return Counter({(offer, delivery): int(grams) for offer, delivery, grams in rows if offer and delivery})


def mark_of(asked: Iterable[Wanted]) -> str:
    """A short mark of what the plan asks: the same only for the same."""
    content = sorted((item.offer.code, item.delivery.isoformat(), item.packs) for item in asked)
    return hashlib.sha256(repr(content).encode()).hexdigest()[:MARK]
