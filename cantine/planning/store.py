"""What a plan finds in the store, and which purchases planned before stay with it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.suppliers.models import Offer, StockLot, Supplier
from optim import instance as question

Source = tuple[str | None, date | None, date | None]
"""Where a use takes its food: (offer, delivery) of an order, or the date of a lot."""
Bought = tuple[PlannedPurchase, Offer]
"""A planned purchase and what it is."""

DELIVERY = "livraison"


def stock_at(session: Session, kitchen: str, dates: Collection[date]) -> list[question.StockLot]:
    """Food there for a plan of these dates, once every meal outside it is fed, before and after."""
    first = min(dates)
    taken = _taken_outside(session, kitchen, dates)
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
    found += _deliveries_there(session, kitchen, dates, taken)
    return [lot for lot in found if lot.grams]


def source_of(code: str) -> Source:
    """Offer, delivery and date of a lot from its code in a plan."""
    if code.startswith(f"{DELIVERY}@"):
        _, offer, delivery = code.split("@")
        return offer, date.fromisoformat(delivery), None
    return None, None, date.fromisoformat(code.rpartition("@")[2])


def staying(session: Session, kitchen: str, dates: Collection[date]) -> list[Bought]:
    """Purchases that stay when these dates are planned again; the others go with their plan.

    What feeds another day stays. A delivery that feeds nothing (packs that reached a minimum) goes
    if it arrives during these dates. A delivery that stays in part, there before these dates,
    keeps what its supplier's minimum asks: the new plan finds it in the store.
    """
    elsewhere = _feeding(session, kitchen, dates)
    first, last = min(dates), max(dates)
    visits: defaultdict[tuple[str, date], list[Bought]] = defaultdict(list)
    minimum: dict[str, Decimal] = {}
    rows = session.exec(
        select(PlannedPurchase, Offer, Supplier)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(PlannedPurchase.kitchen == kitchen)
        .order_by(col(PlannedPurchase.delivery), col(PlannedPurchase.offer))
    )
    for row, offer, supplier in rows:
        visits[supplier.code, row.delivery].append((row, offer))
        minimum[supplier.code] = supplier.min_order_ht
    found: list[Bought] = []
    for (code, delivery), lines in visits.items():
        outside = not first <= delivery <= last
        mine = [line for line in lines if elsewhere.get((line[1].code, delivery), outside)]
        found += mine
        if mine and delivery <= first:
            found += _for_minimum(mine, [line for line in lines if line not in mine], minimum[code])
    return found


def _for_minimum(mine: list[Bought], others: list[Bought], least: Decimal) -> Iterator[Bought]:
    """The fewest other lines that bring a delivery to its minimum, the largest first."""
    total = sum((_price(line) for line in mine), Decimal(0))
    for line in sorted(others, key=_price, reverse=True):
        if total >= least:
            return
        total += _price(line)
        yield line


def _price(line: Bought) -> Decimal:
    return line[0].price_ht * line[0].packs


def _feeding(session: Session, kitchen: str, dates: Collection[date]) -> dict[tuple[str, date], bool]:
    """Per purchase that feeds some meal: whether it feeds one outside these dates."""
    found: dict[tuple[str, date], bool] = {}
    for use in session.exec(select(PlannedUse).where(PlannedUse.kitchen == kitchen)):
        if use.offer and use.delivery:
            key = use.offer, use.delivery
            found[key] = found.get(key, False) or use.date not in dates
    return found


def _taken_outside(session: Session, kitchen: str, dates: Collection[date]) -> Counter[tuple[str, Source]]:
    taken: Counter[tuple[str, Source]] = Counter()
    uses = select(PlannedUse).where(PlannedUse.kitchen == kitchen, col(PlannedUse.date).not_in(dates))
    for use in session.exec(uses):
        taken[use.food, (use.offer, use.delivery, use.lot_expires_on)] += use.grams
    return taken


def _deliveries_there(
    session: Session, kitchen: str, dates: Collection[date], taken: Counter[tuple[str, Source]]
) -> list[question.StockLot]:
    """What the meals outside leave of the deliveries that stay, once they are there and while they keep."""
    first, found = min(dates), []
    foods = {food.code: food for food in session.exec(select(Food))}
    for purchase, offer in staying(session, kitchen, dates):
        keeps_to = purchase.delivery + timedelta(days=foods[offer.food].shelf_life_days)
        if purchase.delivery <= first <= keeps_to:
            used = taken[offer.food, (offer.code, purchase.delivery, None)]
            found.append(
                question.StockLot(
                    code=f"{DELIVERY}@{offer.code}@{purchase.delivery.isoformat()}",
                    food=offer.food,
                    grams=max(0, purchase.packs * offer.pack_g - used),
                    price_cents_kg=round(purchase.price_ht * 100_000 / offer.pack_g),
                    expires_on=keeps_to,
                )
            )
    return found
