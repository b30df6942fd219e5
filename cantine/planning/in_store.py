"""Lots of the store, less what the plan already counts as a delivery of its own: the same food is there once.

Once received, a planned purchase lies in the store as any lot. The plan goes on reading it as the delivery
that its meals take from: only what a lot holds beyond it is free stock.
"""

from collections import Counter
from datetime import date

from sqlmodel import Session, col, func, select

from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.planning.models import PlannedPurchase
from cantine.stores.models import ReceptionLine, StockMove
from cantine.suppliers.models import StockLot

Lot = tuple[str, date]
"""A food and its last day."""


def counted_twice(session: Session, kitchen: str) -> Counter[Lot]:
    """Grams of each lot that came with a planned purchase and were not issued since."""
    received = _sum(
        session,
        select(col(StockMove.food), col(StockMove.expires_on), func.sum(col(StockMove.grams)))
        .join(ReceptionLine, col(ReceptionLine.id) == col(StockMove.reception_line))
        .join(OrderLine, col(OrderLine.id) == col(ReceptionLine.order_line))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order))
        .join(
            PlannedPurchase,
            (col(PlannedPurchase.kitchen) == col(PurchaseOrder.kitchen))
            & (col(PlannedPurchase.offer) == col(OrderLine.offer))
            & (col(PlannedPurchase.delivery) == col(PurchaseOrder.delivery)),
        )
        .where(StockMove.kitchen == kitchen)
        .group_by(col(StockMove.food), col(StockMove.expires_on)),
    )
    gone = _sum(
        session,
        select(col(StockMove.food), col(StockMove.expires_on), func.sum(col(StockMove.grams)))
        .where(StockMove.kitchen == kitchen, col(StockMove.reception_line).is_(None))
        .where(StockMove.grams < 0)
        .group_by(col(StockMove.food), col(StockMove.expires_on)),
    )
    return Counter({lot: grams + gone[lot] for lot, grams in received.items() if grams + gone[lot] > 0})


def free_lots(session: Session, kitchen: str, since: date) -> list[StockLot]:
    """The lots good on a day, each with what nobody counts elsewhere: copies, never to be written."""
    twice = counted_twice(session, kitchen)
    rows = session.exec(select(StockLot).where(StockLot.kitchen == kitchen, StockLot.expires_on >= since))
    return [_less(row, twice[row.food, row.expires_on]) for row in rows]


def _less(row: StockLot, grams: int) -> StockLot:
    return StockLot(**row.model_dump() | {"grams": max(0, row.grams - grams)})


def _sum(session: Session, statement: object) -> Counter[Lot]:
    rows = session.exec(statement)  # type: ignore[call-overload]
    return Counter({(food, day): int(grams) for food, day, grams in rows})
