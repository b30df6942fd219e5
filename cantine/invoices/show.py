"""What the page of one invoice shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask import render_template
from sqlmodel import Session, col, select

from cantine import web
from cantine.accounts import journal
from cantine.asked import this_day
from cantine.invoices.book import OPEN, STATE_KINDS, STATE_WORDS, SUBJECT, get_invoice, subject_key
from cantine.invoices.by_hand import BY_HAND
from cantine.invoices.compare import Comparison, compare
from cantine.invoices.law import PAYMENT
from cantine.invoices.letter import claim, subject
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.tolerances import load_tolerances
from cantine.invoices.units import quantity_words
from cantine.orders.models import Attachment
from cantine.suppliers.models import Supplier

SOURCES = {"facturx": "Factur-X", "ubl": "UBL", "cii": "CII", BY_HAND: "saisie à la main"}


@dataclass(frozen=True)
class Signs:
    """Words and signs of states, for templates."""

    words: Mapping[str, str]
    kinds: Mapping[str, str]


SIGNS = Signs(STATE_WORDS, STATE_KINDS)


def invoice_page(
    kitchen: str, invoice_id: int, *, reasons: Mapping[int, str] | None = None, fault: str = ""
) -> str:
    """The page; ``reasons`` and ``fault`` give back what was typed and why it was not kept."""
    session = web.db()
    invoice = get_invoice(session, kitchen, invoice_id)
    found = compare(session, invoice)
    supplier = session.get_one(Supplier, invoice.supplier)
    letter = claim(invoice, found, web.kitchen_names()[kitchen]) if found.away else ""
    return render_template(
        "invoices/invoice.html",
        kitchen=kitchen,
        invoice=invoice,
        supplier=supplier,
        found=found,
        open=invoice.state in OPEN,
        file=_file(session, invoice),
        related=_related(session, invoice, found),
        past=journal.lines_about(session, kitchen, SUBJECT, subject_key(invoice)),
        letter=letter,
        mail=f"mailto:{supplier.email}?subject={quote(subject(invoice))}&body={quote(letter)}",
        reasons=reasons or {},
        fault=fault,
        today=this_day(),
        payment=PAYMENT,
        tolerances=load_tolerances(session).words,
        signs=SIGNS,
        sources=SOURCES,
        quantity_words=quantity_words,
        by_hand=invoice.source == BY_HAND,
    )


def _file(session: Session, invoice: Invoice) -> tuple[int | None, str] | None:
    """Number and name of the file."""
    query = select(Attachment.id, Attachment.name).where(Attachment.id == invoice.attachment)
    return session.exec(query).first()


def _related(session: Session, invoice: Invoice, found: Comparison) -> list[Invoice]:
    """Other invoices and credit notes of the same lines received."""
    keys = {key for row in found.rows for key in row.received}
    ids = select(InvoiceLine.invoice).where(col(InvoiceLine.reception_line).in_(keys))
    query = select(Invoice).where(col(Invoice.id).in_(ids), col(Invoice.id) != invoice.id)
    return list(session.exec(query.order_by(col(Invoice.date))))
