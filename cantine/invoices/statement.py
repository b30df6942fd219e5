"""État de rapprochement: ordered, received, invoiced, line by line, for the accountant's spreadsheet."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

from sqlmodel import Session, col, select

from cantine.invoices.book import STATE_WORDS
from cantine.invoices.compare import Row, compare
from cantine.invoices.models import Invoice
from cantine.spreadsheet import GUARDED
from cantine.suppliers.models import Supplier

HEADINGS = (
    "Fournisseur",
    "SIRET du fournisseur",
    "Pièce",
    "Numéro",
    "Date",
    "Reçue le",
    "À payer avant le",
    "État",
    "Commandes",
    "Engagement",
    "Livraisons",
    "Produit",
    "Commandé kg",
    "Reçu kg",
    "Facturé kg",
    "Prix commandé € HT/kg",
    "Prix facturé € HT/kg",
    "Reçu € HT",
    "Facturé ailleurs € HT",
    "Facturé € HT",
    "Écart € HT",
    "Raison",
    "Payée le",
)


def quarter_before(day: date) -> date:
    """First day of the month two months before: the period shown unless another is asked."""
    month = day.year * 12 + day.month - 3
    return date(month // 12, month % 12 + 1, 1)


def statement_csv(session: Session, kitchen: str, first: date, last: date) -> str:
    """The table of invoices dated in a period: semicolons and French decimals, as spreadsheets open it."""
    target = StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    query = (
        select(Invoice, Supplier)
        .join(Supplier, col(Supplier.code) == col(Invoice.supplier))
        .where(Invoice.kitchen == kitchen, col(Invoice.date).between(first, last))
        .order_by(col(Invoice.date), col(Invoice.id))
    )
    for invoice, supplier in session.exec(query):
        found = compare(session, invoice)
        orders = ", ".join(order.number for order in found.orders)
        head = (
            supplier.name,
            supplier.siret,
            invoice.kind,
            invoice.number,
            _day(invoice.date),
            _day(invoice.received_on),
            _day(invoice.due_on),
            STATE_WORDS[invoice.state],
            orders,
            invoice.engagement,
        )
        for row in found.rows:
            writer.writerow([*map(_safe, head), *_cells(row), _day(invoice.paid_on)])
    return "\ufeff" + target.getvalue()


def _cells(row: Row) -> Sequence[str]:
    return (
        ", ".join(_day(day) for day in row.days),
        _safe(row.name),
        _number(Decimal(row.ordered_g) / 1000, 3),
        _number(Decimal(row.received_g) / 1000, 3),
        "" if row.billed_g is None else _number(Decimal(row.billed_g) / 1000, 3),
        "" if row.price_per_kg is None else _number(row.price_per_kg, 4),
        "" if row.billed_per_kg is None else _number(row.billed_per_kg, 4),
        _number(row.received_ht, 2),
        _number(row.others_ht, 2),
        _number(row.billed_ht, 2),
        _number(row.difference_ht, 2),
        _safe(row.note),
    )


def _number(value: Decimal, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", ",")


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _safe(text: str) -> str:
    """A supplier's words, that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(GUARDED) else text
