"""Write an invoice: read or typed, the same rows."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from sqlmodel import Session, col, select

from cantine.invoices.book import REFUSED, Stamp, note_change, title_of
from cantine.invoices.document import Document
from cantine.invoices.files import PDF, media_type
from cantine.invoices.law import due_date
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.parties import order_quoted
from cantine.orders.models import Attachment

PURPOSE = "facture"
ELSEWHERE = (
    "La facture {} de ce fournisseur est déjà enregistrée pour un autre établissement : "
    "voyez avec le fournisseur à qui elle est adressée."
)
"""What another establishment's invoice says of itself: nothing but its number."""


def same_invoice(
    session: Session, kitchen: str, supplier: str, number: str, day: date, *, but: int | None = None
) -> Invoice | None:
    """The invoice that has this supplier, number and date already, ``but`` one.

    One that another establishment set aside is none: it was not for it.
    """
    query = select(Invoice).where(
        Invoice.supplier == supplier,
        Invoice.number == number,
        Invoice.date == day,
        (col(Invoice.kitchen) == kitchen) | (col(Invoice.state) != REFUSED),
    )
    return session.exec(query.where(col(Invoice.id) != but) if but else query).first()


def keep_invoice(
    session: Session,
    kitchen: str,
    supplier: str,
    document: Document,
    stamp: Stamp,
    *,
    received_on: date,
    attachment: int | None = None,
    note: str = "",
    received: Sequence[int | None] = (),
) -> Invoice:
    """Write an invoice and its lines; never commits.

    Args:
        session: a database session.
        kitchen: whose invoice.
        supplier: code of who sells.
        document: what it says.
        stamp: who, when.
        received_on: day it came in, from which it is to be paid.
        attachment: its file.
        note: what somebody should confirm.
        received: the line received that each line is for, where somebody said so.
    """
    quoted = order_quoted(session, kitchen, document.order_number)
    invoice = Invoice(
        kitchen=kitchen,
        supplier=supplier,
        number=document.number,
        kind=document.kind,
        date=document.date,
        received_on=received_on,
        due_on=due_date(received_on, document.delivered_on),
        total_ht=document.total_ht,
        total_vat=document.total_vat,
        total_ttc=document.total_ttc,
        source=document.source,
        order_number=document.order_number,
        engagement=document.order_number if quoted is None else quoted.engagement,
        attachment=attachment,
        note=note,
        created_at=stamp.now,
        created_by=stamp.user_id,
    )
    session.add(invoice)
    session.flush()
    write_lines(session, invoice, document, received)
    note_change(session, invoice, "", {"enregistrée": title_of(invoice)}, stamp)
    return invoice


def write_lines(
    session: Session, invoice: Invoice, document: Document, received: Sequence[int | None] = ()
) -> None:
    """The lines of an invoice that has none."""
    for rank, line in enumerate(document.lines):
        session.add(
            InvoiceLine(
                invoice=invoice.id or 0,
                position=line.position,
                name=line.name,
                reference=line.reference,
                quantity=line.quantity,
                unit=line.unit,
                unit_price_ht=line.unit_price_ht,
                total_ht=line.total_ht,
                vat_permille=line.vat_permille,
                reception_line=received[rank] if rank < len(received) else None,
            )
        )
    session.flush()


def keep_file(session: Session, kitchen: str, name: str, content: bytes, stamp: Stamp) -> Attachment:
    """Keep the file of an invoice, as it came."""
    kept = Attachment(
        kitchen=kitchen,
        purpose=PURPOSE,
        name=name,
        media_type=media_type(content) or PDF,
        sha256=sha256(content).hexdigest(),
        content=content,
        created_at=stamp.now,
        created_by=stamp.user_id,
    )
    session.add(kept)
    session.flush()
    return kept
