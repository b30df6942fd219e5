"""An invoice typed by hand, written once it has no fault; one that was typed wrong, written again."""

from datetime import date

from sqlmodel import Session, col, delete, select

from cantine.errors import CantineError, ConflictError
from cantine.invoices.book import TO_MATCH, Stamp, hold_invoice, note_change, title_of, touch
from cantine.invoices.document import Document, Party
from cantine.invoices.keep import ELSEWHERE, keep_file, keep_invoice, same_invoice, write_lines
from cantine.invoices.law import due_date
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.invoices.typed import Checked, Typed, check
from cantine.kitchens.models import Kitchen
from cantine.orders.models import Attachment
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Supplier

BY_HAND = "saisie"
TAKEN = "Ce fichier est déjà celui d'une autre facture."


def check_typed(
    session: Session, kitchen: str, typed: Typed, today: date, invoice: Invoice | None = None
) -> Checked:
    """Read the form beside the tables: supplier, twin, lines received. Writes nothing."""
    found = check(typed, today)
    if session.get(Supplier, typed.supplier) is None:
        found.faults["fournisseur"] = "Choisissez le fournisseur."
    elif typed.number and found.date is not None:
        twin = same_invoice(session, kitchen, typed.supplier, typed.number, found.date)
        if twin is not None and (invoice is None or twin.id != invoice.id):
            found.faults["numero"] = _already(twin, kitchen)
    keys = {key for key in found.received if key is not None}
    own = session.exec(
        select(ReceptionLine.id)
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .where(
            col(ReceptionLine.id).in_(keys),
            Reception.kitchen == kitchen,
            Reception.supplier == typed.supplier,
        )
    ).all()
    found.received = [key if key in own else None for key in found.received]
    return found


def add_typed(
    session: Session,
    kitchen: str,
    typed: Typed,
    found: Checked,
    stamp: Stamp,
    *,
    file: int | None = None,
    upload: tuple[str, bytes] | None = None,
) -> Invoice:
    """Write a typed invoice without faults; never commits.

    Args:
        session: a database session.
        kitchen: whose invoice.
        typed: the form.
        found: what it says.
        stamp: who, when.
        file: a file deposited before.
        upload: name and bytes of a file sent with the form.

    Raises:
        ConflictError: a colleague has just saved the same one, or the file is another invoice's.
    """
    session.exec(select(Kitchen.code).where(Kitchen.code == kitchen).with_for_update()).first()
    document = _document(typed, found)
    if (twin := same_invoice(session, kitchen, typed.supplier, document.number, document.date)) is not None:
        raise ConflictError(f"{_already(twin, kitchen)} Rien n'a été ajouté.")
    if upload is not None:
        file = keep_file(session, kitchen, *upload, stamp).id
    elif file is not None:
        _free(session, kitchen, file)
    received_on = found.received_on or stamp.today
    return keep_invoice(
        session,
        kitchen,
        typed.supplier,
        document,
        stamp,
        received_on=received_on,
        attachment=file,
        received=found.received,
    )


def change_typed(
    session: Session, kitchen: str, key: int, version: int, typed: Typed, found: Checked, stamp: Stamp
) -> Invoice:
    """Write again an invoice that was typed wrong and that nobody decided of.

    Raises:
        ConflictError: somebody changed it meanwhile, or it was not typed.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    if invoice.source != BY_HAND or invoice.state != TO_MATCH:
        raise ConflictError("Cette facture ne se corrige plus : rouvrez-la d'abord.")
    document, before = _document(typed, found), title_of(invoice)
    session.exec(delete(InvoiceLine).where(col(InvoiceLine.invoice) == invoice.id))
    invoice.supplier, invoice.number, invoice.date = typed.supplier, document.number, document.date
    invoice.kind, invoice.order_number = document.kind, document.order_number
    invoice.received_on = found.received_on or invoice.received_on
    invoice.due_on = due_date(invoice.received_on)
    invoice.total_ht, invoice.total_vat = document.total_ht, document.total_vat
    invoice.total_ttc = document.total_ttc
    touch(session, invoice)
    write_lines(session, invoice, document, found.received)
    note_change(session, invoice, {"saisie": before}, {"saisie": title_of(invoice)}, stamp)
    return invoice


def _already(twin: Invoice, kitchen: str) -> str:
    if twin.kitchen != kitchen:
        return ELSEWHERE.format(twin.number)
    return f"Déjà enregistrée : {title_of(twin)}."


def _free(session: Session, kitchen: str, file: int) -> None:
    row = session.get(Attachment, file)
    used = session.exec(select(Invoice.id).where(Invoice.attachment == file)).first()
    if row is None or row.kitchen != kitchen or used is not None:
        raise ConflictError(TAKEN)


def _document(typed: Typed, found: Checked) -> Document:
    """What was typed, as a file would have said it."""
    if found.faults or found.date is None:
        raise CantineError
    return Document(
        source=BY_HAND,
        kind=typed.kind,
        number=typed.number,
        date=found.date,
        delivered_on=None,
        supplier=Party(typed.supplier),
        buyer=Party(""),
        order_number=typed.order_number,
        service_code="",
        preceding=(),
        lines=tuple(found.lines),
        total_ht=found.total_ht,
        total_vat=found.total_vat,
        total_ttc=found.total_ht + found.total_vat,
    )
