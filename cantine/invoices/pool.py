"""What an invoice may be for: lines received from its supplier, and what other invoices say of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.invoices.match import is_fee
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.parties import order_quoted
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.purchases import to_the_cent
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Offer
from cantine.words import word

ACTIVE = frozenset({"ecart", "validee", "payee"})
"""States of invoices that hold the lines received that they are matched with."""
BACK = timedelta(days=62)
"""Without an order's number: deliveries of the two months before an invoice, which a monthly one sums."""
CLOSED = "close"


@dataclass(frozen=True)
class Received:
    """One line received, with what it was ordered as.

    Attributes:
        line: the row of the stores.
        reception: its delivery.
        order: key of its order, if any.
        names: what the product is called, here and by the supplier, with its labels.
        reference: the supplier's own.
        vat_permille: rate ordered; None: not known.
        amount: euros of what was accepted, at the price ordered.
        billed: euros that other invoices in force say, credit notes taken off.
    """

    line: ReceptionLine
    reception: Reception
    order: int | None
    names: tuple[str, ...]
    reference: str
    vat_permille: int | None
    amount: Decimal
    billed: Decimal = Decimal(0)

    @property
    def key(self) -> int:
        """Key of the line received."""
        return self.line.id or 0

    @property
    def due(self) -> Decimal:
        """Euros not yet billed."""
        return self.amount - self.billed


def amount_of(line: ReceptionLine) -> Decimal:
    """Euros of what was accepted, at the price ordered, to the cent."""
    return to_the_cent(line.price_ht_per_kg * (line.accepted_g or 0) / 1000)


def pool_of(session: Session, invoice: Invoice, tied: Collection[int]) -> list[Received]:
    """Lines received that the invoice may be for, those somebody tied to it among them.

    A delivery billed already is left out, but for a credit note, which can only be about such a one.
    """
    lines = _received(session, invoice, tied)
    billed = billed_by_others(session, [one.key for one in lines], invoice.id)
    known = [replace(one, billed=billed.get(one.key, Decimal(0))) for one in lines]
    quoted = order_quoted(session, invoice.kitchen, invoice.order_number)
    if quoted is not None:
        own = [one for one in known if one.order == quoted.id or one.key in tied]
        known = own or known
    if invoice.kind == "avoir":
        return [one for one in known if one.key in billed or one.key in tied]
    return [one for one in known if one.key not in billed or one.key in tied]


def deliveries_of(invoice: Invoice, pool: Sequence[Received], goods_ht: Decimal) -> list[Received]:
    """Without an order's number: the one delivery that costs what the invoice says, the nearest first."""
    by_reception: defaultdict[int, list[Received]] = defaultdict(list)
    for one in pool:
        by_reception[one.reception.id or 0].append(one)
    near = [
        (abs((invoice.date - lines[0].reception.date).days), lines)
        for lines in by_reception.values()
        if abs(sum((one.due for one in lines), Decimal(0)) - goods_ht) <= abs(goods_ht) * Decimal("0.02")
    ]
    return min(near, key=lambda item: item[0])[1] if near else list(pool)


def billed_by_others(
    session: Session, lines: Sequence[int], invoice: int | None, states: Iterable[str] = ACTIVE
) -> Mapping[int, Decimal]:
    """Euros that other invoices say of each line received; a line that none names is absent."""
    total: defaultdict[int, Decimal] = defaultdict(Decimal)
    rows = session.exec(
        select(InvoiceLine)
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice))
        .where(
            col(InvoiceLine.reception_line).in_(lines),
            col(Invoice.state).in_(states),
            col(Invoice.id) != (invoice or 0),
        )
    )
    for row in rows:
        total[row.reception_line or 0] += row.total_ht
    return dict(total)


def fees_due(session: Session, invoice: Invoice, orders: Collection[int]) -> Decimal:
    """Delivery fees of orders, less what other invoices took for them."""
    due = session.exec(select(PurchaseOrder).where(col(PurchaseOrder.id).in_(orders)))
    others = (
        select(InvoiceLine.invoice)
        .join(ReceptionLine, col(ReceptionLine.id) == col(InvoiceLine.reception_line))
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice))
        .where(
            col(Reception.order).in_(orders),
            col(Invoice.state).in_(ACTIVE),
            col(Invoice.id) != (invoice.id or 0),
        )
    )
    taken = session.exec(
        select(InvoiceLine).where(
            col(InvoiceLine.invoice).in_(others), col(InvoiceLine.reception_line).is_(None)
        )
    )
    agreed = sum((order.fee_ht for order in due), Decimal(0))
    return agreed - sum((line.total_ht for line in taken if is_fee(line.name)), Decimal(0))


def _received(session: Session, invoice: Invoice, tied: Collection[int]) -> list[Received]:
    first, last = _window(invoice)
    own = (
        (col(Reception.kitchen) == invoice.kitchen)
        & (col(Reception.supplier) == invoice.supplier)
        & (col(Reception.state) == CLOSED)
        & (col(Reception.date) >= first)
        & (col(Reception.date) <= last)
    )
    rows = session.exec(
        select(ReceptionLine, Reception, OrderLine, Offer)
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .outerjoin(OrderLine, col(OrderLine.id) == col(ReceptionLine.order_line))
        .outerjoin(Offer, col(Offer.code) == col(ReceptionLine.offer))
        .where(own | col(ReceptionLine.id).in_(tied))
        .order_by(col(Reception.date), col(ReceptionLine.reception), col(ReceptionLine.position))
    ).all()
    foods = {line.food for line, *_ in rows}
    names = dict(session.exec(select(Food.code, Food.name).where(col(Food.code).in_(foods))).all())
    return [_row(*row, names[row[0].food]) for row in rows]


def _window(invoice: Invoice) -> tuple[date, date]:
    """Days of the deliveries looked at; a credit note may come long after."""
    back = BACK * 3 if invoice.kind == "avoir" else BACK
    return invoice.date - back, max(invoice.received_on, invoice.date)


def _row(
    line: ReceptionLine, reception: Reception, ordered: OrderLine | None, offer: Offer | None, food: str
) -> Received:
    source = ordered or offer
    labels = "".join(f" {word(label)}" for label in source.labels) if source else ""
    bare = (line.name, *([ordered.name] if ordered else []), *([offer.name] if offer else []), food)
    names = (f"{name}{labels}" for name in bare)
    return Received(
        line=line,
        reception=reception,
        order=reception.order,
        names=tuple(dict.fromkeys(names)),
        reference=(ordered.reference if ordered else "") or (offer.reference if offer else ""),
        vat_permille=source.vat_permille if source else None,
        amount=amount_of(line),
    )
