"""Rows behind the purchases in place: what was bought at which price, what each meal takes, the stock."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from cantine.foods.models import Food
from cantine.planning.board import Board
from cantine.planning.book import Book
from cantine.planning.mishaps import Mishaps
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.suppliers.market import Reachable
from cantine.suppliers.models import Offer, StockLot, Supplier
from cantine.suppliers.prices import code_since
from optim import instance as question
from optim.plan import Purchase, Use
from optim.units import iso_week

REMEMBERED = timedelta(days=60)
"""Deliveries older than this, before the first meal shown, count as eaten: nothing is taken from them."""


def bought_of(
    session: Session, board: Board, market: Iterable[Reachable], mishaps: Mishaps, book: Book
) -> Iterator[tuple[PlannedPurchase, Reachable]]:
    """Purchases planned and not received yet, each as the offer at the price it was planned at.

    One told withdrawn or short is an offer of its own, which the market does not have that day.
    """
    reach: defaultdict[str, list[Reachable]] = defaultdict(list)
    for item in market:
        reach[item.offer.code].append(item)
    rows = session.exec(
        select(PlannedPurchase, Offer, Supplier)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(
            PlannedPurchase.kitchen == board.kitchen.code,
            PlannedPurchase.delivery >= board.block.first - REMEMBERED,
        )
        .order_by(col(PlannedPurchase.delivery), col(PlannedPurchase.offer))
    )
    for row, offer, supplier in rows:
        if (row.offer, row.delivery) in book.received:
            continue
        known = reach.get(offer.code, []) or [
            item for item in board.coster.sources.on_offer(offer.food) if item.offer.code == offer.code
        ]
        sold = (item for item in mishaps.on_sale(known) if item.on_sale(row.delivery))
        same = (item for item in sold if item.price_ht == row.price_ht)
        yield row, next(same, None) or _at_its_price(row, offer, supplier, known)


def _at_its_price(
    row: PlannedPurchase, offer: Offer, supplier: Supplier, known: Iterable[Reachable]
) -> Reachable:
    item = next(iter(known), None) or Reachable(
        code=offer.code,
        offer=offer,
        price_ht=row.price_ht,
        supplier=supplier,
        local=False,
        local_counts=False,
        distance_km=None,
        valid_from=row.delivery,
        valid_to=row.delivery,
    )
    code = f"{code_since(offer, row.delivery)}"
    return replace(item, code=code, price_ht=row.price_ht, valid_from=row.delivery, valid_to=row.delivery)


def purchases_of(bought: Iterable[tuple[PlannedPurchase, Reachable]], mishaps: Mishaps) -> Iterator[Purchase]:
    """Packs that come of each purchase."""
    for row, item in bought:
        packs = mishaps.arriving((row.offer, row.delivery), row.packs)
        if packs:
            yield Purchase(delivery=row.delivery, offer=item.code, packs=packs)


def uses_of(
    session: Session,
    kitchen: str,
    named: Mapping[tuple[str, date], str],
    lots: Collection[str],
    book: Book,
    again: Collection[date],
) -> Iterator[Use]:
    """What each meal takes of the purchases and lots read; ``again``: meals of the question, out or not."""
    columns = (
        col(PlannedUse.date),
        col(PlannedUse.food),
        col(PlannedUse.grams),
        col(PlannedUse.offer),
        col(PlannedUse.delivery),
        col(PlannedUse.lot_expires_on),
    )
    inside = (delivery for (_, delivery), found in book.received.items() if found)
    oldest = min((*(delivery for _, delivery in named), *inside), default=date.max)
    recent = (col(PlannedUse.delivery) >= oldest) | col(PlannedUse.lot_expires_on).is_not(None)
    query = select(*columns).where(PlannedUse.kitchen == kitchen, recent)  # type: ignore[call-overload]
    rows = session.execute(query.order_by(col(PlannedUse.date), col(PlannedUse.id)))
    for use, (offer, delivery, expires_on), grams in book.taken(rows, again):
        code = named.get((offer, delivery)) if offer and delivery else None
        if code:
            yield Use(date=use.date, food=use.food, grams=grams, offer=code, delivery=delivery)
        elif expires_on and lot_code(use.food, expires_on) in lots:
            yield Use(date=use.date, food=use.food, grams=grams, lot=lot_code(use.food, expires_on))


def lots_of(session: Session, board: Board) -> list[StockLot]:
    """Lots of the stock that are still good."""
    here = StockLot.kitchen == board.kitchen.code, StockLot.expires_on >= board.days.today
    return list(session.exec(select(StockLot).where(*here)))


def lot_code(food: str, expires_on: date) -> str:
    """How the question names a lot."""
    return f"{food}@{expires_on.isoformat()}"


def stock_of(lots: Iterable[StockLot], book: Book, again: Collection[date]) -> Iterator[question.StockLot]:
    """The lots as the question knows them, with what is out already for its meals."""
    for lot in lots:
        yield question.StockLot(
            code=lot_code(lot.food, lot.expires_on),
            food=lot.food,
            grams=lot.grams + book.back((lot.food, lot.expires_on), again),
            price_cents_kg=round(lot.price_ht_per_kg * 100),
            expires_on=lot.expires_on,
        )


def foods_in(session: Session, codes: Collection[str]) -> dict[str, Food]:
    """Foods by code."""
    return {row.code: row for row in session.exec(select(Food).where(col(Food.code).in_(codes)))}


def promised_in(session: Session, board: Board, items: Iterable[Reachable]) -> dict[str, int]:
    """Packs of each limited offer that other kitchens plan, in their fullest week of the block."""
    limited = {item.offer.code for item in items if item.offer.weekly_packs is not None}
    rows = session.exec(
        select(
            col(PlannedPurchase.offer), col(PlannedPurchase.delivery), func.sum(col(PlannedPurchase.packs))
        )
        .where(
            PlannedPurchase.kitchen != board.kitchen.code,
            col(PlannedPurchase.offer).in_(limited),
            col(PlannedPurchase.delivery).between(board.days.today, board.block.last),
        )
        .group_by(col(PlannedPurchase.offer), col(PlannedPurchase.delivery))
    )
    weeks: defaultdict[tuple[str, tuple[int, int]], int] = defaultdict(int)
    for offer, delivery, packs in rows:
        weeks[offer, iso_week(delivery)] += packs
    fullest: dict[str, int] = {}
    for (offer, _week), packs in weeks.items():
        fullest[offer] = max(packs, fullest.get(offer, 0))
    return fullest
