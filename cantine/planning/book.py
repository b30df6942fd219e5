"""What the book of the store tells the planner: deliveries that are in, food that is out, lots counted.

A delivery that was received is in the lots, less what was refused: it no longer comes. What a meal was given
has left the lots: its planned use is not taken from them again. A lot that was counted after a meal holds
what that meal left.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from datetime import date as Date  # noqa: N812 -- a column has the name of its type
from typing import Protocol

from sqlmodel import Session, col, func, select

from cantine.orders.models import PurchaseOrder
from cantine.planning.mishaps import Order
from cantine.stores import inventories, ledger
from cantine.stores.models import Inventory, InventoryLine, Reception, ReceptionLine, StockMove

Source = tuple[str | None, date | None, date | None]
"""Where a use takes its food: (offer, delivery) of an order, or the date of a lot."""
Lot = tuple[str, date]
"""A food and the date of its lot."""


class UseRow(Protocol):
    """The columns of a planned use that count here."""

    date: Date
    food: str
    grams: int
    offer: str | None
    delivery: Date | None
    lot_expires_on: Date | None


Taken = tuple[UseRow, Source, int]
"""A use, where its food is now, and grams."""


@dataclass(frozen=True)
class Book:
    """The book of one kitchen.

    Attributes:
        received: grams put into each lot (by its date), by order; nothing accepted: no lot.
        out: grams out of each lot, by meal and food.
        counted: day of the last count of each lot.
    """

    received: Mapping[Order, Mapping[date, int]] = field(default_factory=dict)
    out: Mapping[tuple[date, str], Mapping[date, int]] = field(default_factory=dict)
    counted: Mapping[Lot, date] = field(default_factory=dict)

    def back(self, lot: Lot, dates: Collection[date]) -> int:
        """Grams out of a lot for meals of these dates: still theirs while they are planned again."""
        food, day = lot
        return sum(self.out.get((meal, food), {}).get(day, 0) for meal in dates)

    def taken(self, uses: Iterable[UseRow], again: Collection[date] = ()) -> Iterator[Taken]:
        """Uses with where their food is now; those that the lots have already felt are left out.

        ``again``: meals whose food counts as if it were still there.
        """
        left = {order: dict(lots) for order, lots in self.received.items()}
        for use in uses:
            order = (use.offer, use.delivery) if use.offer and use.delivery else None
            felt = (use.date, use.food) in self.out and use.date not in again
            if order is not None and order not in left:
                yield use, (use.offer, use.delivery, None), use.grams
            elif order is None and use.lot_expires_on:
                if not felt and not self._counted(use, use.lot_expires_on):
                    yield use, (None, None, use.lot_expires_on), use.grams
            elif order is not None and not felt:
                yield from self._spread(use, left[order])

    def _spread(self, use: UseRow, lots: dict[date, int]) -> Iterator[Taken]:
        """A use of a delivery that is in, over its lots, the shortest date first."""
        wanted = use.grams
        for day in sorted(lots):
            grams = min(wanted, lots[day])
            lots[day] -= grams
            wanted -= grams
            if grams > 0 and not self._counted(use, day):
                yield use, (None, None, day), grams

    def _counted(self, use: UseRow, day: date) -> bool:
        return use.date < self.counted.get((use.food, day), date.min)


def load_book(session: Session, kitchen: str) -> Book:
    """Read the book of a kitchen."""
    return Book(_received(session, kitchen), _out(session, kitchen), _counted(session, kitchen))


def _received(session: Session, kitchen: str) -> dict[Order, dict[date, int]]:
    rows = session.exec(
        select(
            col(ReceptionLine.id), col(ReceptionLine.offer), col(Reception.date), col(PurchaseOrder.delivery)
        )
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .outerjoin(PurchaseOrder, col(PurchaseOrder.id) == col(Reception.order))
        .where(Reception.kitchen == kitchen, col(Reception.closed_at).is_not(None))
    )
    orders = {line: (offer, delivery or day) for line, offer, day, delivery in rows if offer}
    found: dict[Order, dict[date, int]] = {order: {} for order in orders.values()}
    moves = session.exec(
        select(col(StockMove.reception_line), col(StockMove.expires_on), func.sum(col(StockMove.grams)))
        .where(StockMove.kitchen == kitchen, col(StockMove.reception_line).is_not(None))
        .group_by(col(StockMove.reception_line), col(StockMove.expires_on))
    )
    for line, day, grams in moves:
        if line in orders:
            lots = found[orders[line]]
            lots[day] = lots.get(day, 0) + int(grams)
    return found


def _out(session: Session, kitchen: str) -> dict[tuple[date, str], dict[date, int]]:
    found: defaultdict[tuple[date, str], dict[date, int]] = defaultdict(dict)
    rows = session.exec(
        select(
            col(StockMove.service_date),
            col(StockMove.food),
            col(StockMove.expires_on),
            func.sum(col(StockMove.grams)),
        )
        .where(
            StockMove.kitchen == kitchen,
            StockMove.kind == ledger.ISSUE,
            col(StockMove.service_date).is_not(None),
        )
        .group_by(col(StockMove.service_date), col(StockMove.food), col(StockMove.expires_on))
    )
    for meal, food, day, grams in rows:
        if meal is not None:
            found[meal, food][day] = -int(grams)
    return dict(found)


def _counted(session: Session, kitchen: str) -> dict[Lot, date]:
    rows = session.exec(
        select(col(InventoryLine.food), col(InventoryLine.expires_on), func.max(col(Inventory.date)))
        .join(Inventory, col(Inventory.id) == col(InventoryLine.inventory))
        .where(
            Inventory.kitchen == kitchen,
            Inventory.state == inventories.DONE,
            col(InventoryLine.counted_g).is_not(None),
        )
        .group_by(col(InventoryLine.food), col(InventoryLine.expires_on))
    )
    return {(food, day): last for food, day, last in rows}
