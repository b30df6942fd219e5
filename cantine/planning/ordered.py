"""What the orders say to the planner: packs bound by an approval, packs that their supplier confirmed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.kitchens.models import Kitchen
from cantine.orders.life import expected_packs, lines_of
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.states import COMMITTED
from cantine.planning.models import PlannedPurchase

STAPLES = "epicerie"
"""Source of the orders of the month: staples are bought beside the menus, and stay out of their plan."""
Key = tuple[str, date]
"""An offer and its delivery."""


@dataclass(frozen=True)
class Ordered:
    """Packs of one offer on one delivery, over every order that binds the kitchen."""

    packs: int = 0
    expected: int = 0
    """After the supplier's answers."""

    @property
    def short(self) -> bool:
        """Whether the supplier brings less than what was ordered."""
        return self.expected < self.packs


NOTHING = Ordered()


def committed(session: Session, kitchen: str) -> dict[Key, Ordered]:
    """What a kitchen has ordered: no plan changes it, whatever the deadline."""
    found: defaultdict[Key, Ordered] = defaultdict(Ordered)
    for order, line in _lines(session, kitchen):
        so_far = found[line.offer, order.delivery]
        found[line.offer, order.delivery] = Ordered(
            so_far.packs + line.packs, so_far.expected + expected_packs(line)
        )
    return dict(found)


def answered(session: Session, kitchen: str) -> dict[Key, int]:
    """Packs that come of each order that its supplier answered short."""
    return {key: told.expected for key, told in committed(session, kitchen).items() if told.short}


def _lines(session: Session, kitchen: str) -> Iterable[tuple[PurchaseOrder, OrderLine]]:
    return session.exec(
        select(PurchaseOrder, OrderLine)
        .join(OrderLine, col(OrderLine.order) == col(PurchaseOrder.id))
        .where(
            PurchaseOrder.kitchen == kitchen,
            PurchaseOrder.source != STAPLES,
            col(PurchaseOrder.state).in_(COMMITTED),
            col(OrderLine.version) == col(PurchaseOrder.order_version),
        )
    ).all()


def carry_packs(session: Session, order: PurchaseOrder) -> None:
    """Make the plan count on what an order binds: the packs ordered by hand, no more, no less.

    Called after each step that changes what is bound, in the same transaction.
    """
    if order.source == STAPLES:
        return
    bound = committed(session, order.kitchen)
    for line in lines_of(session, order):
        key = line.offer, order.delivery
        row = session.get(PlannedPurchase, (order.kitchen, order.delivery, line.offer))
        packs = bound.get(key, NOTHING).packs
        if row is not None and packs:
            row.packs = packs
            session.add(row)
        elif row is not None:
            session.delete(row)
        elif packs:
            session.add(_planned(order, line, packs))
    session.flush()


def _planned(order: PurchaseOrder, line: OrderLine, packs: int) -> PlannedPurchase:
    return PlannedPurchase(
        kitchen=order.kitchen,
        delivery=order.delivery,
        offer=line.offer,
        packs=packs,
        price_ht=max(line.price_ht, Decimal("0.0001")),
    )


def short_lines(session: Session, order: PurchaseOrder) -> Iterator[tuple[OrderLine, int]]:
    """Lines that come short, with the packs that come of all orders of the same product and day."""
    told = answered(session, order.kitchen)
    for line in lines_of(session, order):
        key = line.offer, order.delivery
        if key in told and expected_packs(line) < line.packs:
            yield line, told[key]


def hold_orders(session: Session, kitchen: str) -> None:
    """Two changes of the orders of a kitchen wait for each other (PostgreSQL); SQLite has one writer.

    The key stays free: a delivery that is checked meanwhile writes rows of the kitchen, and must not wait.
    """
    here = select(Kitchen.code).where(Kitchen.code == kitchen)
    session.exec(here.with_for_update(key_share=True)).first()
