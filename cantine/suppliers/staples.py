"""What a kitchen's shelf of staples lacks: oil, flour, salt, spices, kept between two stocks.

Ordered once a month, outside the search and outside the cost of the menus: that cost counts a flat amount
per meal instead (``staples_cents_per_meal``), so nothing of this order is ever added to it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    @property
    def over_g(self) -> int:
        """Grams beyond the maximum: only one pack for a shelf under its minimum goes so far."""
        return max(0, self.grams - self.shelf.room_g)


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

    As many whole packs as the maximum leaves room for. Where no pack has room, a shelf that has its minimum
    waits; one that has not gets a single pack, the one that passes the maximum least.

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
            found = list(_picks(shelf, market, deliveries))
            if not found:
                lacking.append(shelf)
            picks += _best(shelf, found)
    return picks, lacking


def _picks(shelf: Shelf, market: Sequence[Reachable], deliveries: Mapping[str, date]) -> Iterator[Pick]:
    """Each offer that comes, in the packs that have room, one at least."""
    for item in market:
        day = deliveries.get(item.supplier.code)
        if item.offer.food == shelf.food and day and item.on_sale(day):
            packs = max(1, shelf.room_g // item.offer.pack_g)
            yield Pick(shelf, item.offer, item.supplier, item.price_ht, packs, day)


def _best(shelf: Shelf, picks: Sequence[Pick]) -> list[Pick]:
    """The cheapest a kilo of those not beyond the maximum, first those that reach the minimum.

    Where none has room, the one least beyond, for a shelf under its minimum.
    """
    fitting = [pick for pick in picks if not pick.over_g]
    if fitting:
        return [min(fitting, key=_worth)]
    return [min(picks, key=lambda pick: (pick.over_g, *_worth(pick)))] if shelf.short and picks else []


def _worth(pick: Pick) -> tuple[bool, Decimal, int, str]:
    """What makes a pick better than another, the least first."""
    still_short = pick.shelf.stock_g + pick.grams < pick.shelf.min_g
    return still_short, pick.total_ht / pick.grams, -pick.grams, pick.offer.code
