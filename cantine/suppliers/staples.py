"""What a kitchen's shelf of staples lacks: oil, flour, salt, spices, kept between two stocks.

Ordered once a month, outside the search and outside the cost of the menus: that cost counts a flat amount
per meal instead (``staples_cents_per_meal``), so nothing of this order is ever added to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.foods.models import Food
from cantine.kitchens.headcount import SchoolCalendar
from cantine.suppliers.market import Reachable
from cantine.suppliers.models import Offer, StapleLevel, StockLot, Supplier

MONTHS = 4
"""A month without school has no order day; there are never so many in a row."""


@dataclass(frozen=True)
class Shelf:
    """What a kitchen has of one staple, and between which stocks it keeps it; grams."""

    food: str
    name: str
    stock_g: int
    min_g: int
    max_g: int

    @property
    def short(self) -> bool:
        """Whether less than the minimum is left."""
        return self.stock_g < self.min_g

    @property
    def room_g(self) -> int:
        """Grams up to the maximum."""
        return max(0, self.max_g - self.stock_g)


@dataclass(frozen=True)
class Pick:
    """Whole packs of one offer for one shelf, on the next delivery of its supplier."""

    shelf: Shelf
    offer: Offer
    supplier: Supplier
    price_ht: Decimal
    packs: int
    delivery: date

    @property
    def grams(self) -> int:
        """Grams delivered."""
        return self.packs * self.offer.pack_g

    @property
    def total_ht(self) -> Decimal:
        """Euros HT."""
        return self.packs * self.price_ht


def load_shelves(session: Session, kitchen: str, today: date) -> list[Shelf]:
    """The staples a kitchen keeps, by name, with what the lots still valid today hold.

    A level on a food that is no staple is left out: the search buys that food already.
    """
    valid = (
        select(col(StockLot.food), func.sum(col(StockLot.grams)))
        .where(StockLot.kitchen == kitchen, StockLot.expires_on >= today)
        .group_by(col(StockLot.food))
    )
    stock = dict(session.exec(valid).all())
    levels = session.exec(
        select(StapleLevel, Food.name)
        .join(Food, col(Food.code) == col(StapleLevel.food))
        .where(StapleLevel.kitchen == kitchen, col(Food.staple).is_(True))
        .order_by(col(Food.name))
    )
    return [
        Shelf(level.food, name, int(stock.get(level.food, 0)), level.min_g, level.max_g)
        for level, name in levels
    ]


def next_order_day(calendar: SchoolCalendar, today: date) -> date | None:
    """The order day of the month, today or to come: its first day of school; None beyond the calendar."""
    month = today.replace(day=1)
    for _ in range(MONTHS):
        later = (month + timedelta(days=31)).replace(day=1)
        days = (month + timedelta(days=n) for n in range((later - month).days))
        first = next((day for day in days if calendar.is_open(day)), None)
        if first and first >= today:
            return first if calendar.last is None or first <= calendar.last else None
        month = later
    return None


def pick_all(
    shelves: Iterable[Shelf], market: Sequence[Reachable], deliveries: Mapping[str, date], *, whole: bool
) -> tuple[list[Pick], list[Shelf]]:
    """What to order, and the shelves that nobody can fill.

    Args:
        shelves: the staples of a kitchen.
        market: offers its market frames leave open.
        deliveries: next delivery of each supplier.
        whole: it is the order day of the month: every shelf under its maximum, not only those under
            their minimum.
    """
    picks, lacking = [], []
    for shelf in shelves:
        if shelf.short or (whole and shelf.room_g):
            best = _cheapest(shelf, market, deliveries)
            if best is None:
                lacking.append(shelf)
            elif shelf.short or best.offer.pack_g <= shelf.room_g:
                # What still has its minimum waits until a whole pack fits.
                picks.append(best)
    return picks, lacking


def _cheapest(shelf: Shelf, market: Sequence[Reachable], deliveries: Mapping[str, date]) -> Pick | None:
    """The offer that fills the shelf for the least money: whole packs, less than one beyond the maximum."""
    picks = (
        Pick(shelf, item.offer, item.supplier, item.price_ht, -(-shelf.room_g // item.offer.pack_g), day)
        for item in market
        if item.offer.food == shelf.food and (day := deliveries.get(item.supplier.code)) and item.on_sale(day)
    )
    return min(picks, key=lambda pick: (pick.total_ht, -pick.grams, pick.offer.code), default=None)
