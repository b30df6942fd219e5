"""État de rapprochement on paper: each invoice of a period beside what was ordered and received."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.french import full_date
from cantine.invoices.book import REFUSED, STATE_WORDS
from cantine.invoices.compare import Comparison, compare
from cantine.invoices.models import Invoice
from cantine.invoices.units import quantity_words
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Commune
from cantine.kitchens.settings import load_settings
from cantine.reports.head import Head, period_words
from cantine.reports.paper import Sheet
from cantine.suppliers.models import Supplier


@dataclass(frozen=True)
class StatementRow:
    """One line; euros HT, grams. ``billed`` and the prices are empty where they cannot be told."""

    name: str
    ordered_g: int
    received_g: int
    billed: str
    price_per_kg: Decimal | None
    billed_per_kg: Decimal | None
    received_ht: Decimal
    billed_ht: Decimal
    difference_ht: Decimal
    away: bool
    note: str


@dataclass(frozen=True)
class Piece:
    """One invoice or credit note."""

    supplier: str
    siret: str
    title: str
    orders: str
    engagement: str
    received: str
    due: str
    paid: str
    state: str
    total_ttc: Decimal
    rows: tuple[StatementRow, ...]
    received_ht: Decimal
    billed_ht: Decimal
    difference_ht: Decimal


@dataclass(frozen=True)
class Statement:
    """The pieces of a period, by date; sums leave out those set aside."""

    head: Head
    pieces: tuple[Piece, ...]
    received_ht: Decimal
    billed_ht: Decimal
    total_ttc: Decimal


def statement_sheet(session: Session, kitchen: str, first: date, last: date) -> Sheet:
    """The paper of the invoices dated between two days.

    Raises:
        NotFoundError: no such kitchen.
    """
    rows = session.exec(
        select(Invoice, Supplier)
        .join(Supplier, col(Supplier.code) == col(Invoice.supplier))
        .where(Invoice.kitchen == kitchen, col(Invoice.date).between(first, last))
        .order_by(col(Invoice.date), col(Invoice.id))
    ).all()
    pieces = tuple(_piece(invoice, supplier, compare(session, invoice)) for invoice, supplier in rows)
    kept = [piece for piece in pieces if piece.state != STATE_WORDS[REFUSED]]
    made = Statement(
        head=_head(session, kitchen, first, last),
        pieces=pieces,
        received_ht=sum((piece.received_ht for piece in kept), Decimal(0)),
        billed_ht=sum((piece.billed_ht for piece in kept), Decimal(0)),
        total_ttc=sum((piece.total_ttc for piece in kept), Decimal(0)),
    )
    stem = f"rapprochement-{kitchen}-{first.isoformat()}"
    return Sheet(stem, "statement.html", made.head, made)


def _head(session: Session, code: str, first: date, last: date) -> Head:
    kitchen, settings = get_kitchen(session, code), load_settings(session)
    commune = session.get(Commune, kitchen.insee)
    return Head(
        title="État de rapprochement",
        place=kitchen.name,
        commune=commune.name if commune else "",
        departement=settings.departement_name,
        period=f"factures datées {period_words(first, last)}",
        origin="commandé, reçu, facturé",
        demonstration=settings.demonstration,
    )


def _piece(invoice: Invoice, supplier: Supplier, found: Comparison) -> Piece:
    away = found.away
    rows = tuple(
        StatementRow(
            name=row.name,
            ordered_g=row.ordered_g,
            received_g=row.received_g,
            billed=quantity_words(row.quantity, row.unit),
            price_per_kg=row.price_per_kg,
            billed_per_kg=row.billed_per_kg,
            received_ht=row.received_ht,
            billed_ht=row.others_ht + row.billed_ht,
            difference_ht=row.difference_ht,
            away=row in away,
            note=row.note,
        )
        for row in found.billed
    )
    return Piece(
        supplier=supplier.name,
        siret=supplier.siret,
        title=f"{invoice.kind.capitalize()} {invoice.number} du {full_date(invoice.date)}",
        orders=", ".join(order.number for order in found.orders),
        engagement=invoice.engagement,
        received=full_date(invoice.received_on),
        due=full_date(invoice.due_on),
        paid=full_date(invoice.paid_on) if invoice.paid_on else "",
        state=STATE_WORDS[invoice.state],
        total_ttc=invoice.total_ttc,
        rows=rows,
        received_ht=sum((row.received_ht for row in rows), Decimal(0)),
        billed_ht=invoice.total_ht,
        difference_ht=found.difference_ht,
    )
