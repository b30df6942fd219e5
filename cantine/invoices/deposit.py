"""A file deposited: an invoice kept with its file, a PDF kept to be typed, or every fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cantine.french import full_date
from cantine.invoices.book import Stamp, title_of
from cantine.invoices.document import Document
from cantine.invoices.keep import ELSEWHERE, PURPOSE, keep_file, keep_invoice, same_invoice
from cantine.invoices.models import Invoice
from cantine.invoices.parties import find_buyer, find_supplier
from cantine.invoices.read import read
from cantine.kitchens.models import Kitchen
from cantine.orders.models import Attachment

LONGEST_NAME = 120


@dataclass(frozen=True)
class Deposited:
    """What became of one file.

    Attributes:
        name: of the file.
        invoice: kept as this invoice.
        file: kept as this file, to be typed by hand.
        faults: why nothing was kept, or why it must be typed.
        notes: what somebody should confirm.
        title: the invoice in words.
        known: number of the invoice that the file already is.
    """

    name: str
    invoice: int | None = None
    file: int | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    title: str = ""
    known: int | None = None


@dataclass(frozen=True)
class _File:
    """What came in."""

    name: str
    content: bytes
    digest: str


def deposit(session: Session, kitchen: str, name: str, content: bytes, stamp: Stamp) -> Deposited:
    """Keep one file of an invoice; never commits, writes all or nothing.

    Raises:
        NotFoundError: no such kitchen.
    """
    name = name.replace("\\", "/").rpartition("/")[2].strip()[-LONGEST_NAME:] or "facture"
    # The kitchen's row is held: of the same file sent twice at once, the second is told (PostgreSQL).
    session.exec(select(Kitchen.code).where(Kitchen.code == kitchen).with_for_update()).first()
    digest = sha256(content).hexdigest()
    if (before := _same_file(session, kitchen, name, digest)) is not None:
        return before
    found = read(content)
    if isinstance(found, Document):
        return _keep_read(session, kitchen, found, _File(name, content, digest), stamp)
    if not found.by_hand:
        return Deposited(name, faults=found.faults)
    kept = keep_file(session, kitchen, name, content, stamp)
    return Deposited(name, file=kept.id, faults=found.faults)


def _keep_read(session: Session, kitchen: str, found: Document, file: _File, stamp: Stamp) -> Deposited:
    """An invoice that reads well: its parties, its twins, then everything or nothing."""
    seller, buyer = find_supplier(session, found, kitchen), find_buyer(session, found.buyer, kitchen)
    faults = tuple(fault for fault in (seller.fault, buyer.fault) if fault)
    if faults:
        return Deposited(file.name, faults=faults)
    if (twin := same_invoice(session, kitchen, seller.code, found.number, found.date)) is not None:
        return _already(file.name, twin, kitchen)
    ahead = f"La facture est datée du {full_date(found.date)}, après aujourd'hui."
    notes = tuple(
        note for note in (seller.note, buyer.note, ahead if found.date > stamp.today else "") if note
    )
    try:
        with session.begin_nested():
            kept = keep_file(session, kitchen, file.name, file.content, stamp)
            invoice = keep_invoice(
                session,
                kitchen,
                seller.code,
                found,
                stamp,
                received_on=stamp.today,
                attachment=kept.id,
                note="\n".join(notes),
            )
    except IntegrityError:
        # Deposited for another kitchen by somebody else just now.
        words = f"La facture {found.number} vient d'être déposée par ailleurs."
        return Deposited(file.name, faults=(words,))
    return Deposited(file.name, invoice=invoice.id, notes=notes, title=title_of(invoice))


def waiting_files(session: Session, kitchen: str) -> Sequence[tuple[int | None, str]]:
    """Number and name of the files deposited that no invoice has: to be typed by hand."""
    used = select(Invoice.attachment).where(col(Invoice.attachment).is_not(None))
    return session.exec(
        select(Attachment.id, Attachment.name)
        .where(
            Attachment.kitchen == kitchen,
            Attachment.purpose == PURPOSE,
            col(Attachment.id).not_in(used),
        )
        .order_by(col(Attachment.id))
    ).all()


def _same_file(session: Session, kitchen: str, name: str, digest: str) -> Deposited | None:
    """The file is here already: as which invoice, or waiting to be typed."""
    row = session.exec(
        select(Attachment.id, Attachment.name).where(
            Attachment.sha256 == digest, Attachment.purpose == PURPOSE, Attachment.kitchen == kitchen
        )
    ).first()
    if row is None:
        return None
    file, first_name = row
    invoice = session.exec(select(Invoice).where(Invoice.attachment == file)).first()
    if invoice is not None:
        return _already(name, invoice, kitchen)
    words = f"Ce fichier a déjà été déposé (« {first_name} ») et attend d'être saisi."
    return Deposited(name, file=file, faults=(words,))


def _already(name: str, invoice: Invoice, kitchen: str) -> Deposited:
    if invoice.kitchen != kitchen:
        return Deposited(name, faults=(f"{ELSEWHERE.format(invoice.number)} Rien n'a été ajouté.",))
    words = f"Déjà déposée : {title_of(invoice)}. Rien n'a été ajouté."
    return Deposited(name, faults=(words,), known=invoice.id)
