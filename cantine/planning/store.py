"""What a plan finds in the store or on its way, and which purchases planned before stay with it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.menus.models import Service
from cantine.planning.book import Book, Source, load_book
from cantine.planning.mishaps import Mishaps, Order
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import committed
from cantine.suppliers.models import Offer, StockLot, Supplier
from cantine.suppliers.ordering import Ordering
from optim import instance as question
from optim.rules.budget import FEE_VAT_PERMILLE

Bought = tuple[PlannedPurchase, Offer]
"""A planned purchase and what it is."""

DELIVERY = "livraison"


@dataclass(frozen=True)
class Gone:
    """The orders that have left, and what is known of what comes: no plan changes them."""

    orders: frozenset[Order] = frozenset()
    mishaps: Mishaps = field(default_factory=Mishaps)


NOTHING_GONE = Gone()


def gone(session: Session, kitchen: str, ordering: Ordering, mishaps: Mishaps) -> Gone:
    """Planned purchases that nobody changes: ordered, told short, or its supplier's time to order is over."""
    held = committed(session, kitchen)
    rows = session.exec(
        select(PlannedPurchase, Supplier)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(PlannedPurchase.kitchen == kitchen)
    )
    orders = {
        (row.offer, row.delivery)
        for row, supplier in rows
        if ordering.too_late(supplier, row.delivery)
        or (row.offer, row.delivery) in mishaps.coming
        or (row.offer, row.delivery) in held
    }
    return Gone(frozenset(orders), mishaps)


def told(session: Session, kitchen: str, mishaps: Mishaps) -> Gone:
    """The same without the calendar: a demonstration supposes that everything else may still leave."""
    return Gone(frozenset(mishaps.coming) | frozenset(committed(session, kitchen)), mishaps)


def gone_in(lots: Iterable[question.StockLot]) -> Gone:
    """The orders that a question counts on, as its lots name them."""
    sources = (source_of(lot.code) for lot in lots)
    return Gone(frozenset((offer, delivery) for offer, delivery, _ in sources if offer and delivery))


def stock_at(
    session: Session, kitchen: str, dates: Collection[date], left: Gone = NOTHING_GONE
) -> list[question.StockLot]:
    """Food for a plan of these dates, there or on its way, once every meal outside it is fed."""
    first, book = min(dates), load_book(session, kitchen)
    again = {*dates, *excluded_since(session, kitchen, first)}
    taken = _taken_outside(session, kitchen, again, book)
    lots = session.exec(
        select(StockLot, Food.storage)
        .join(Food, col(Food.code) == col(StockLot.food))
        .where(StockLot.kitchen == kitchen, StockLot.expires_on >= first)
    )
    found = [
        question.StockLot(
            code=f"{row.food}@{row.expires_on.isoformat()}",
            food=row.food,
            grams=max(0, _in_lot(row, book, again) - taken[row.food, (None, None, row.expires_on)]),
            price_cents_kg=round(row.price_ht_per_kg * 100),
            expires_on=left.mishaps.good_until(zone, date.min, row.expires_on),
        )
        for row, zone in lots
    ]
    found += _deliveries_there(session, kitchen, dates, taken, left, book)
    return [lot for lot in found if lot.grams]


def _in_lot(row: StockLot, book: Book, again: Collection[date]) -> int:
    """Grams of a lot, with what is out already for the meals planned again."""
    return row.grams + book.back((row.food, row.expires_on), again)


def excluded_since(session: Session, kitchen: str, first: date) -> set[date]:
    """Days without service from a date on: what was planned for them feeds nobody any more."""
    days = select(col(Service.date)).where(Service.kitchen == kitchen, Service.status == "exclu")
    return set(session.exec(days.where(Service.date >= first)))


def source_of(code: str) -> Source:
    """Offer, delivery and date of a lot from its code in a plan."""
    if code.startswith(f"{DELIVERY}@"):
        _, offer, delivery = code.split("@")
        return offer, date.fromisoformat(delivery), None
    return None, None, date.fromisoformat(code.rpartition("@")[2])


def staying(
    session: Session, kitchen: str, dates: Collection[date], left: Gone = NOTHING_GONE
) -> list[Bought]:
    """Purchases that stay when these dates are planned again; the others go with their plan.

    What has been ordered or received stays. What feeds another day stays. A delivery that feeds nothing
    (packs that reached a minimum) goes if it arrives during these dates. A delivery that stays in part,
    there before these dates, keeps what its supplier's minimum asks: the new plan finds it in the store.
    """
    elsewhere = _feeding(session, kitchen, {*dates, *excluded_since(session, kitchen, min(dates))})
    first, last = min(dates), max(dates)
    for order in {*left.orders, *load_book(session, kitchen).received}:
        elsewhere[order] = True
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


def _taken_outside(
    session: Session, kitchen: str, dates: Collection[date], book: Book
) -> Counter[tuple[str, Source]]:
    taken: Counter[tuple[str, Source]] = Counter()
    uses = select(PlannedUse).where(PlannedUse.kitchen == kitchen, col(PlannedUse.date).not_in(dates))
    rows = session.exec(uses.order_by(col(PlannedUse.date), col(PlannedUse.id))).all()
    for use, source, grams in book.taken(rows):
        taken[use.food, source] += grams
    return taken


def _deliveries_there(
    session: Session,
    kitchen: str,
    dates: Collection[date],
    taken: Counter[tuple[str, Source]],
    left: Gone,
    book: Book,
) -> list[question.StockLot]:
    """What the meals outside leave of the deliveries that stay, once they are there and while they keep.

    What has been ordered counts from the morning it comes; what else stays, once it is there.
    """
    first, last, found = min(dates), max(dates), []
    foods = {food.code: food for food in session.exec(select(Food))}
    for purchase, offer in staying(session, kitchen, dates, left):
        food, order = foods[offer.food], (offer.code, purchase.delivery)
        if order in book.received:
            continue
        life = purchase.delivery + timedelta(days=food.shelf_life_days)
        keeps_to = left.mishaps.good_until(food.storage, purchase.delivery, life)
        if first <= keeps_to and purchase.delivery <= (last if order in left.orders else first):
            used = taken[offer.food, (*order, None)]
            grams = left.mishaps.arriving(order, purchase.packs) * offer.pack_g
            found.append(
                question.StockLot(
                    code=f"{DELIVERY}@{offer.code}@{purchase.delivery.isoformat()}",
                    food=offer.food,
                    grams=max(0, grams - used),
                    price_cents_kg=round(purchase.price_ht * 100_000 / offer.pack_g),
                    expires_on=keeps_to,
                    available_from=purchase.delivery,
                )
            )
    return found


def ordered_cents(
    session: Session, kitchen: str, dates: Collection[date], left: Gone
) -> tuple[Decimal, Decimal]:
    """Cents HT and TTC of what was ordered for these dates alone, the fees of its deliveries included."""
    elsewhere = {(row.offer, row.delivery) for row, _ in staying(session, kitchen, dates)}
    shared = {(offer.supplier, row.delivery) for row, offer in staying(session, kitchen, dates)}
    suppliers = {row.code: row for row in session.exec(select(Supplier))}
    before, taxed, visits = Decimal(0), Decimal(0), set[tuple[str, date]]()
    for row, offer in staying(session, kitchen, dates, left):
        packs = left.mishaps.arriving((row.offer, row.delivery), row.packs)
        if packs and (row.offer, row.delivery) not in elsewhere:
            before += 100 * row.price_ht * packs
            taxed += 100 * row.price_ht * packs * (1000 + offer.vat_permille) / 1000
            visits.add((offer.supplier, row.delivery))
    fees = sum((100 * suppliers[code].delivery_fee_ht for code, _ in visits - shared), Decimal(0))
    return before + fees, taxed + fees * (1000 + FEE_VAT_PERMILLE) / 1000
