"""« Envois » as the page shows it: what waits to be sent, what waits to leave, what somebody must check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from cantine.menus.grid import monday_of
from cantine.orders.links import is_live, links_of
from cantine.orders.models import OutMessage, PurchaseOrder
from cantine.orders.states import APPROUVE
from cantine.sending.outbox import DROPPED, FAILED, SENDING, SENT, TO_SEND, UNKNOWN, plain_orders
from cantine.suppliers.models import Supplier

SHOWN = 100
WORDS: Mapping[str, tuple[str, str, str]] = {
    UNKNOWN: ("à vérifier", "warn", "warning"),
    FAILED: ("échec", "bad", "no"),
    TO_SEND: ("à envoyer", "info", "clock"),
    SENDING: ("en train de partir", "info", "right"),
    SENT: ("envoyé", "ok", "yes"),
    DROPPED: ("abandonné", "", "ban"),
}
"""Word, kind and icon of each state, in the order of the page: what asks for somebody comes first."""


@dataclass(frozen=True)
class Row:
    """One message.

    Attributes:
        orders: row and number of each order it takes.
        link: whether the producer's link still opens; None where it never had one.
        seen_at: when the producer last opened it.
    """

    id: int
    state: str
    subject: str
    recipient: str
    supplier: str
    orders: tuple[tuple[int, str, str], ...]
    version: int
    attempts: int
    next_at: datetime | None
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    link: bool | None
    seen_at: datetime | None

    @property
    def words(self) -> tuple[str, str, str]:
        """Word, kind and icon of its state."""
        if self.state == TO_SEND and self.attempts:
            return "refusé pour l'instant", "warn", "clock"
        return WORDS[self.state]


@dataclass(frozen=True)
class Waiting:
    """An approved order that nobody sent yet; ``email`` empty: it cannot leave by mail."""

    order: PurchaseOrder
    supplier: str
    email: str


@dataclass(frozen=True)
class Outbox:
    """The page of one kitchen."""

    waiting: tuple[Waiting, ...]
    rows: tuple[Row, ...]

    @property
    def weeks(self) -> list[date]:
        """Mondays of the weeks with something that can leave by mail."""
        return sorted({monday_of(one.order.delivery) for one in self.waiting if one.email})

    @property
    def all_weeks(self) -> list[date]:
        """Mondays of the weeks with something to print."""
        return sorted({monday_of(one.order.delivery) for one in self.waiting})

    def count(self, state: str) -> int:
        """How many messages are in a state."""
        return sum(row.state == state for row in self.rows)


def outbox_of(session: Session, kitchen: str, now: datetime) -> Outbox:
    """Messages of a kitchen, those of its groups too, and its approved orders without one."""
    mine = session.exec(
        select(PurchaseOrder.id, PurchaseOrder.group).where(PurchaseOrder.kitchen == kitchen)
    ).all()
    numbers, groups = {number for number, _ in mine}, {group for _, group in mine if group is not None}
    query = select(OutMessage).where(
        or_(col(OutMessage.order).in_(numbers), col(OutMessage.group).in_(groups))
    )
    found = session.exec(query.order_by(col(OutMessage.id).desc()).limit(SHOWN)).all()
    rank = {state: place for place, state in enumerate(WORDS)}
    rows = sorted((_row(session, message, now) for message in found), key=lambda row: rank[row.state])
    return Outbox(_waiting(session, kitchen, found), tuple(rows))


def _row(session: Session, message: OutMessage, now: datetime) -> Row:
    orders = plain_orders(session, message)
    links = links_of(session, orders[0]) if orders else []
    supplier = session.get(Supplier, message.supplier or "")
    seen = [link.last_seen_at for link in links if link.last_seen_at]
    return Row(
        id=message.id or 0,
        state=message.state,
        subject=message.subject,
        recipient=message.recipient,
        supplier=supplier.name if supplier else "",
        orders=tuple((order.id or 0, order.number, order.kitchen) for order in orders),
        version=message.order_version,
        attempts=message.attempts,
        next_at=message.next_at,
        last_error=message.last_error,
        created_at=message.created_at,
        sent_at=message.sent_at,
        link=any(is_live(link, now) for link in links) if links else None,
        seen_at=max(seen, default=None),
    )


def _waiting(session: Session, kitchen: str, messages: Sequence[OutMessage]) -> tuple[Waiting, ...]:
    """Approved orders whose version in force has no message, or one that was dropped."""
    live = [message for message in messages if message.state != DROPPED]
    alone = {(message.order, message.order_version) for message in live if message.order is not None}
    grouped = {message.group for message in live if message.group is not None}
    query = (
        select(PurchaseOrder, Supplier)
        .join(Supplier, col(Supplier.code) == col(PurchaseOrder.supplier))
        .where(PurchaseOrder.kitchen == kitchen, PurchaseOrder.state == APPROUVE)
        .order_by(col(PurchaseOrder.delivery), col(PurchaseOrder.id))
    )
    return tuple(
        Waiting(order, supplier.name, supplier.email)
        for order, supplier in session.exec(query)
        if (order.id, order.order_version) not in alone
        and not (order.group in grouped and order.order_version == 1)
    )
