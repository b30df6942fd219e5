"""What a plan finds in the store: the lots in stock and the deliveries kept, less what earlier meals take."""

from collections import Counter
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.suppliers.models import Offer, StockLot
from optim import instance as question

Source = tuple[str | None, date | None, date | None]
"""Where a use takes its food: (offer, delivery) of an order, or the date of a lot."""

DELIVERY = "livraison"


def stock_at(session: Session, kitchen: str, first: date) -> list[question.StockLot]:
    """Food left for a plan that starts on ``first``, once the meals before it are fed."""
    taken = _taken_before(session, kitchen, first)
    lots = session.exec(select(StockLot).where(StockLot.kitchen == kitchen, StockLot.expires_on >= first))
    found = [
        question.StockLot(
            code=f"{row.food}@{row.expires_on.isoformat()}",
            food=row.food,
            grams=max(0, row.grams - taken[row.food, (None, None, row.expires_on)]),
            price_cents_kg=round(row.price_ht_per_kg * 100),
            expires_on=row.expires_on,
        )
        for row in lots
    ]
    found += _deliveries_kept(session, kitchen, first, taken)
    return [lot for lot in found if lot.grams]


def source_of(code: str) -> Source:
    """Offer, delivery and date of a lot from its code in a plan."""
    if code.startswith(f"{DELIVERY}@"):
        _, offer, delivery = code.split("@")
        return offer, date.fromisoformat(delivery), None
    return None, None, date.fromisoformat(code.rpartition("@")[2])


def _taken_before(session: Session, kitchen: str, first: date) -> Counter[tuple[str, Source]]:
    taken: Counter[tuple[str, Source]] = Counter()
    uses = select(PlannedUse).where(PlannedUse.kitchen == kitchen, PlannedUse.date < first)
    for use in session.exec(uses):
        taken[use.food, (use.offer, use.delivery, use.lot_expires_on)] += use.grams
    return taken


def _deliveries_kept(
    session: Session, kitchen: str, first: date, taken: Counter[tuple[str, Source]]
) -> list[question.StockLot]:
    """What earlier meals leave of the deliveries that feed them, while it keeps."""
    rows = session.exec(
        select(PlannedPurchase, Offer, Food)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Food, col(Food.code) == col(Offer.food))
        .where(PlannedPurchase.kitchen == kitchen)
    )
    found = []
    for purchase, offer, food in rows:
        used = taken[food.code, (offer.code, purchase.delivery, None)]
        keeps_to = purchase.delivery + timedelta(days=food.shelf_life_days)
        if used and keeps_to >= first:
            found.append(
                question.StockLot(
                    code=f"{DELIVERY}@{offer.code}@{purchase.delivery.isoformat()}",
                    food=food.code,
                    grams=max(0, purchase.packs * offer.pack_g - used),
                    price_cents_kg=round(purchase.price_ht * 100_000 / offer.pack_g),
                    expires_on=keeps_to,
                )
            )
    return found
