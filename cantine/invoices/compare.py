"""Ordered – received – invoiced, line by line, with the difference in euros. Reads, writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.french import permille
from cantine.invoices.match import Bill, Goods, Pairs, is_fee, pair
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.pool import Received, deliveries_of, fees_due, pool_of
from cantine.invoices.tolerances import Tolerances, load_tolerances
from cantine.invoices.units import grams_of
from cantine.orders.models import PurchaseOrder
from cantine.orders.purchases import to_the_cent

MATCHED, FEE, UNKNOWN, MISSING = "ligne", "frais", "inconnue", "manque"
"""Kinds of rows: on both sides; a delivery fee; only on the invoice; only received."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Row:
    """One product as ordered, received and invoiced.

    Attributes:
        kind: ligne, frais, inconnue or manque.
        line: key of the line invoiced; None when there is none.
        name: the product, in our words where we have them.
        billed_name: in the supplier's words.
        received: keys of the lines received.
        days: days of their deliveries.
        ordered_g: grams ordered.
        received_g: grams accepted.
        quantity: as invoiced, in ``unit``.
        unit: UNECE code.
        billed_g: grams invoiced; None: the unit does not say.
        received_ht: euros of what was accepted, at the price ordered; of a fee, what was agreed.
        others_ht: euros already invoiced for the same, credit notes taken off.
        billed_ht: euros of this invoice.
        quantity_ht: part of the difference that comes from the quantity; None: cannot be told.
        price_per_kg: euros ordered.
        billed_per_kg: euros invoiced; None: the unit does not say.
        vat: French words where the rate is not the one ordered, else empty.
        limit_ht: euros of difference that pass.
        weights: euros received of each line of ``received``, by which a sum of several is cut.
        order_lines: key of the line ordered, for each line of ``received``.
        accepted: somebody accepted the difference.
        note: why.
    """

    kind: str
    name: str
    received_ht: Decimal
    billed_ht: Decimal
    limit_ht: Decimal
    line: int | None = None
    billed_name: str = ""
    received: tuple[int, ...] = ()
    days: tuple[date, ...] = ()
    ordered_g: int = 0
    received_g: int = 0
    quantity: Decimal = ZERO
    unit: str = ""
    billed_g: int | None = None
    others_ht: Decimal = ZERO
    quantity_ht: Decimal | None = None
    price_per_kg: Decimal | None = None
    billed_per_kg: Decimal | None = None
    vat: str = ""
    weights: tuple[Decimal, ...] = ()
    order_lines: tuple[int | None, ...] = ()
    accepted: bool = False
    note: str = ""

    @property
    def difference_ht(self) -> Decimal:
        """Euros invoiced in all less euros received: positive when it costs too much."""
        return self.others_ht + self.billed_ht - self.received_ht

    @property
    def price_ht(self) -> Decimal | None:
        """Part of the difference that comes from the price; None: cannot be told."""
        return None if self.quantity_ht is None else self.difference_ht - self.quantity_ht

    @property
    def fine(self) -> bool:
        """Whether nobody needs to look: within the tolerance; not invoiced yet costs nothing."""
        if self.kind == MISSING:
            return True
        return self.kind != UNKNOWN and not self.vat and abs(self.difference_ht) <= self.limit_ht


@dataclass(frozen=True)
class Choice:
    """A line received that a line invoiced may be tied to."""

    key: int
    name: str
    day: date
    grams: int


@dataclass(frozen=True)
class Comparison:
    """An invoice beside what it is for.

    Attributes:
        rows: lines of the invoice, in its order, then what was received and is not on it.
        orders: the orders it is for.
        choices: lines received that may be tied by hand.
        total_limit_ht: euros of difference that pass on the whole invoice.
    """

    rows: tuple[Row, ...]
    orders: tuple[PurchaseOrder, ...]
    choices: tuple[Choice, ...]
    total_limit_ht: Decimal

    @property
    def billed(self) -> tuple[Row, ...]:
        """Rows of lines of the invoice."""
        return tuple(row for row in self.rows if row.kind != MISSING)

    @property
    def difference_ht(self) -> Decimal:
        """Euros too many (negative: too few) on the lines of the invoice."""
        return sum((row.difference_ht for row in self.billed), ZERO)

    @property
    def away(self) -> tuple[Row, ...]:
        """Rows to look at: each alone, or all that differ when small ones add up to too much."""
        alone = tuple(row for row in self.rows if not row.fine)
        small = tuple(row for row in self.billed if row.fine and row.difference_ht)
        too_many = sum((abs(row.difference_ht) for row in small), ZERO) > self.total_limit_ht
        return alone + (small if too_many else ())

    @property
    def fine(self) -> bool:
        """Whether everything is as received, within the tolerances."""
        return bool(self.billed) and not self.away


def lines_of(session: Session, invoice: Invoice) -> Sequence[InvoiceLine]:
    """Lines of an invoice, in its order."""
    query = select(InvoiceLine).where(InvoiceLine.invoice == invoice.id)
    return session.exec(query.order_by(col(InvoiceLine.position))).all()


def compare(session: Session, invoice: Invoice) -> Comparison:
    """The invoice beside orders and receptions, as they are now."""
    lines = lines_of(session, invoice)
    tied = {line.reception_line for line in lines if line.reception_line is not None}
    pool = pool_of(session, invoice, tied)
    goods_ht = sum((line.total_ht for line in lines if not is_fee(line.name)), ZERO)
    near = pool if tied else deliveries_of(invoice, pool, goods_ht)
    pairs = pair(
        [Bill(line.id or 0, line.name, line.reference, line.total_ht, line.reception_line) for line in lines],
        [Goods(one.key, one.names, one.reference, one.due) for one in near],
    )
    return _Comparing(session, invoice, lines, pool, pairs).result()


class _Comparing:
    """The rows of one invoice, once its lines are paired."""

    def __init__(
        self,
        session: Session,
        invoice: Invoice,
        lines: Sequence[InvoiceLine],
        pool: Sequence[Received],
        pairs: Pairs,
    ) -> None:
        self.invoice, self.lines, self.pool = invoice, lines, pool
        self.known = {one.key: one for one in pool}
        self.pairs = {line: [self.known[key] for key in keys] for line, keys in pairs.items()}
        taken = {one.key for found in self.pairs.values() for one in found}
        touched = {one.reception.id for found in self.pairs.values() for one in found}
        self.untouched = [one for one in pool if one.key not in taken and one.reception.id in touched]
        orders = {one.order for found in self.pairs.values() for one in found if one.order is not None}
        self.tolerances: Tolerances = load_tolerances(session)
        self.fees = fees_due(session, invoice, orders) if orders else ZERO
        query = select(PurchaseOrder).where(col(PurchaseOrder.id).in_(orders))
        self.orders = tuple(session.exec(query.order_by(col(PurchaseOrder.id))))

    def result(self) -> Comparison:
        rows = [self._row(line) for line in self.lines]
        if self.invoice.kind != "avoir":
            rows += [self._missing(one) for one in self.untouched if one.due > 0]
        choices = tuple(
            Choice(one.key, one.line.name, one.reception.date, one.line.accepted_g or 0) for one in self.pool
        )
        return Comparison(tuple(rows), self.orders, choices, self.tolerances.total)

    def _row(self, line: InvoiceLine) -> Row:
        found = self.pairs.get(line.id or 0, [])
        if found:
            return self._matched(line, found)
        fee = is_fee(line.name)
        agreed, self.fees = (self.fees, ZERO) if fee else (ZERO, self.fees)
        if self.invoice.kind == "avoir":
            agreed = ZERO
        return Row(
            kind=FEE if fee else UNKNOWN,
            name=line.name,
            received_ht=agreed,
            billed_ht=line.total_ht,
            limit_ht=self.tolerances.line(agreed, weighed=False),
            line=line.id,
            billed_name=line.name,
            quantity=line.quantity,
            unit=line.unit,
            accepted=line.accepted,
            note=line.note,
        )

    def _matched(self, line: InvoiceLine, found: list[Received]) -> Row:
        first = found[0].line
        received_g = sum(one.line.accepted_g or 0 for one in found)
        received_ht = sum((one.amount for one in found), ZERO)
        others_ht = sum((one.billed for one in found), ZERO)
        grams = grams_of(line.quantity, line.unit, first.pack_g, received_g)
        price = received_ht * 1000 / received_g if received_g else first.price_ht_per_kg
        by_quantity = None
        if grams is not None and not others_ht:
            by_quantity = to_the_cent(price * (grams - received_g) / 1000)
        weighed = bool(received_g % first.pack_g) or bool((grams or 0) % first.pack_g)
        return Row(
            kind=MATCHED,
            line=line.id,
            name=first.name,
            billed_name=line.name,
            received=tuple(one.key for one in found),
            days=tuple(sorted({one.reception.date for one in found})),
            ordered_g=sum(one.line.ordered_g for one in found),
            received_g=received_g,
            quantity=line.quantity,
            unit=line.unit,
            billed_g=grams,
            received_ht=received_ht,
            others_ht=others_ht,
            billed_ht=line.total_ht,
            quantity_ht=by_quantity,
            price_per_kg=price,
            billed_per_kg=line.total_ht * 1000 / grams if grams else None,
            vat=_vat_words(line, found[0]),
            weights=tuple(one.amount for one in found),
            order_lines=tuple(one.line.order_line for one in found),
            limit_ht=self.tolerances.line(received_ht, weighed=weighed),
            accepted=line.accepted,
            note=line.note,
        )

    def _missing(self, one: Received) -> Row:
        return Row(
            kind=MISSING,
            name=one.line.name,
            received_ht=one.amount,
            billed_ht=ZERO,
            limit_ht=ZERO,
            received=(one.key,),
            days=(one.reception.date,),
            ordered_g=one.line.ordered_g,
            received_g=one.line.accepted_g or 0,
            billed_g=0,
            others_ht=one.billed,
            price_per_kg=one.line.price_ht_per_kg,
        )


def _vat_words(line: InvoiceLine, received: Received) -> str:
    if received.vat_permille is None or received.vat_permille == line.vat_permille:
        return ""
    return f"TVA {permille(line.vat_permille)} au lieu de {permille(received.vat_permille)}"
