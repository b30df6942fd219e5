"""What follows from a decision on an invoice: the ledger of purchases, the state of orders."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.invoices.book import PAID, VALID, Stamp
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.pool import CLOSED, amount_of
from cantine.orders.life import Actor, mark_invoiced, reopen_invoiced
from cantine.orders.models import PurchaseOrder
from cantine.orders.purchases import replace_by_invoice, restore_reception
from cantine.orders.states import FACTURE, RECU
from cantine.stores.models import Reception, ReceptionLine

DECIDED = frozenset({VALID, PAID})


def write_purchases(session: Session, keys: Sequence[int]) -> None:
    """What was bought on lines received: the sum of their valid invoices and credit notes.

    Without a valid invoice, what was accepted at the price ordered; a credit note alone says nothing.
    """
    invoiced = _valid(session, keys)
    lines = session.exec(select(ReceptionLine).where(col(ReceptionLine.id).in_(keys))).all()
    for line in sorted(lines, key=lambda one: one.id or 0):
        if not line.accepted_g:
            continue
        amounts = invoiced.get(line.id or 0, [])
        if any(kind == "facture" for kind, _ in amounts):
            replace_by_invoice(session, line.id or 0, sum((amount for _, amount in amounts), Decimal(0)))
        else:
            restore_reception(session, line.id or 0, amount_of(line))


def invoice_orders(session: Session, orders: Iterable[PurchaseOrder], words: str, stamp: Stamp) -> None:
    """Orders of which everything accepted is invoiced become « facturée »."""
    for order in orders:
        if order.state == RECU and _whole(session, order):
            mark_invoiced(session, order, Actor(stamp.user_id), stamp.now, words)


def open_orders(session: Session, keys: Sequence[int], words: str, stamp: Stamp) -> None:
    """Orders that are no longer invoiced as a whole are « reçue » again."""
    orders = session.exec(
        select(PurchaseOrder)
        .join(Reception, col(Reception.order) == col(PurchaseOrder.id))
        .join(ReceptionLine, col(ReceptionLine.reception) == col(Reception.id))
        .where(col(ReceptionLine.id).in_(keys), PurchaseOrder.state == FACTURE)
        .order_by(col(PurchaseOrder.id))
        .distinct()
    ).all()
    for order in orders:
        if not _whole(session, order):
            reopen_invoiced(session, order, Actor(stamp.user_id), stamp.now, words)


def _whole(session: Session, order: PurchaseOrder) -> bool:
    rows = session.exec(
        select(ReceptionLine, Reception.state)
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .where(Reception.order == order.id)
    ).all()
    accepted = [line.id or 0 for line, _ in rows if line.accepted_g]
    if not accepted or any(state != CLOSED for _, state in rows):
        return False
    invoiced = _valid(session, accepted)
    return all(any(kind == "facture" for kind, _ in invoiced.get(key, ())) for key in accepted)


def _valid(session: Session, keys: Sequence[int]) -> dict[int, list[tuple[str, Decimal]]]:
    """Kind and euros of the valid documents of each line received."""
    found: defaultdict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = session.exec(
        select(InvoiceLine, Invoice.kind)
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice))
        .where(col(InvoiceLine.reception_line).in_(keys), col(Invoice.state).in_(DECIDED))
    )
    for line, kind in rows:
        found[line.reception_line or 0].append((kind, line.total_ht))
    return dict(found)
