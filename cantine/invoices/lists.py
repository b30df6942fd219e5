"""Invoices of a kitchen, late and due soon first; deliveries that no invoice names; days to payment."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from cantine.invoices.book import DISPUTED, PAID, REFUSED, TO_MATCH, UNPAID, VALID
from cantine.invoices.compare import compare
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.pool import ACTIVE, CLOSED, amount_of
from cantine.orders.models import PurchaseOrder
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Supplier

SOON = timedelta(days=7)
AT_ONCE = 40
"""Invoices compared for the list; the rest show their state only."""
SHOWN = 200
BACK = timedelta(days=62)


@dataclass(frozen=True)
class Entry:
    """One invoice of the list.

    Attributes:
        invoice: its row.
        supplier: name.
        days_left: before the last day to pay; negative when late.
        difference_ht: euros too many; None when decided already, or not compared.
        fine: everything is as received; None likewise.
        received: lines received that it is for, where it was compared.
    """

    invoice: Invoice
    supplier: str
    days_left: int
    difference_ht: Decimal | None = None
    fine: bool | None = None
    received: frozenset[int] = frozenset()

    @property
    def late(self) -> bool:
        """Past its last day, unpaid."""
        return self.days_left < 0 and self.invoice.state in UNPAID

    @property
    def soon(self) -> bool:
        """To pay within a week."""
        return 0 <= self.days_left <= SOON.days and self.invoice.state in UNPAID


@dataclass(frozen=True)
class Delivery:
    """A closed delivery that no invoice names yet."""

    reception: int
    supplier: str
    order_number: str
    date: date
    amount_ht: Decimal
    delivery_note: str


@dataclass(frozen=True)
class Totals:
    """Euros TTC of what is not paid, credit notes taken off."""

    to_pay: Decimal
    to_check: Decimal
    late: Decimal
    soon: Decimal
    late_count: int


@dataclass(frozen=True)
class PaymentDelay:
    """How long a supplier waited for its money."""

    supplier: str
    name: str
    invoices: int
    mean_days: float
    late: int


def unpaid(session: Session, kitchen: str, today: date) -> list[Entry]:
    """Invoices to check or to pay: the soonest due first."""
    rows = _rows(kitchen, UNPAID).order_by(col(Invoice.due_on), col(Invoice.id))
    found = []
    for rank, (invoice, name) in enumerate(session.exec(rows)):
        entry = Entry(invoice, name, (invoice.due_on - today).days)
        if invoice.state in {TO_MATCH, DISPUTED} and rank < AT_ONCE:
            told = compare(session, invoice)
            keys = frozenset(key for row in told.billed for key in row.received)
            entry = Entry(invoice, name, entry.days_left, told.difference_ht, told.fine, keys)
        found.append(entry)
    return found


def settled(session: Session, kitchen: str, today: date) -> list[Entry]:
    """Invoices paid or set aside, latest first."""
    rows = _rows(kitchen, {PAID, REFUSED}).order_by(col(Invoice.date).desc(), col(Invoice.id).desc())
    return [
        Entry(invoice, name, (invoice.due_on - today).days)
        for invoice, name in session.exec(rows.limit(SHOWN))
    ]


def totals(entries: Sequence[Entry]) -> Totals:
    """Sums of the unpaid."""

    def summed(kept: Sequence[Entry]) -> Decimal:
        return sum((one.invoice.total_ttc for one in kept), Decimal(0))

    late = [one for one in entries if one.late]
    return Totals(
        to_pay=summed([one for one in entries if one.invoice.state == VALID]),
        to_check=summed([one for one in entries if one.invoice.state != VALID]),
        late=summed(late),
        soon=summed([one for one in entries if one.soon]),
        late_count=len(late),
    )


def to_invoice(session: Session, kitchen: str, today: date, entries: Sequence[Entry] = ()) -> list[Delivery]:
    """Closed deliveries of the last two months of which nothing is invoiced, oldest first.

    Args:
        session: a database session.
        kitchen: who received.
        today: the day shown.
        entries: invoices compared already, whose deliveries are invoiced even if nobody decided yet.
    """
    pending = {key for one in entries for key in one.received}
    named = (
        select(ReceptionLine.reception)
        .join(InvoiceLine, col(InvoiceLine.reception_line) == col(ReceptionLine.id))
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice))
        .where(col(Invoice.state).in_({*ACTIVE, TO_MATCH}))
    )
    rows = session.exec(
        select(Reception, Supplier.name, PurchaseOrder)
        .join(Supplier, col(Supplier.code) == col(Reception.supplier))
        .outerjoin(PurchaseOrder, col(PurchaseOrder.id) == col(Reception.order))
        .where(
            Reception.kitchen == kitchen,
            Reception.state == CLOSED,
            col(Reception.date) >= today - BACK,
            col(Reception.id).not_in(named),
            col(Reception.id).not_in(
                select(ReceptionLine.reception).where(col(ReceptionLine.id).in_(pending))
            ),
        )
        .order_by(col(Reception.date), col(Reception.id))
    ).all()
    amounts = _amounts(session, [reception.id or 0 for reception, *_ in rows])
    return [
        Delivery(
            reception.id or 0,
            name,
            order.number if order else "",
            reception.date,
            amounts[reception.id or 0],
            reception.delivery_note,
        )
        for reception, name, order in rows
        if amounts[reception.id or 0]
    ]


def payment_delays(
    session: Session, first: date, last: date, kitchens: Collection[str] | None = None
) -> list[PaymentDelay]:
    """Days between receipt and payment of invoices paid in a period, the slowest supplier first.

    Args:
        session: a database session.
        first: first day of payment.
        last: last day of payment.
        kitchens: only these; None: all.
    """
    query = (
        select(Invoice, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(Invoice.supplier))
        .where(col(Invoice.paid_on).between(first, last), Invoice.kind == "facture")
    )
    if kitchens is not None:
        query = query.where(col(Invoice.kitchen).in_(kitchens))
    by_supplier: defaultdict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for invoice, name in session.exec(query):
        by_supplier[invoice.supplier, name].append(invoice)
    found = [
        PaymentDelay(
            code,
            name,
            len(invoices),
            sum(_days(one) for one in invoices) / len(invoices),
            sum(one.paid_on is not None and one.paid_on > one.due_on for one in invoices),
        )
        for (code, name), invoices in by_supplier.items()
    ]
    return sorted(found, key=lambda one: (-one.mean_days, one.supplier))


def _rows(kitchen: str, states: Collection[str]) -> Select[Invoice, str]:
    return (
        select(Invoice, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(Invoice.supplier))
        .where(Invoice.kitchen == kitchen, col(Invoice.state).in_(states))
    )


def _amounts(session: Session, receptions: Collection[int]) -> defaultdict[int, Decimal]:
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in session.exec(select(ReceptionLine).where(col(ReceptionLine.reception).in_(receptions))):
        found[line.reception] += amount_of(line)
    return found


def _days(invoice: Invoice) -> int:
    return (invoice.paid_on - invoice.received_on).days if invoice.paid_on else 0
