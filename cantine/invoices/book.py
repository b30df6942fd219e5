"""What every act on an invoice needs: the row held, who acts, the words of its states, its journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from cantine.accounts import journal
from cantine.accounts.models import User
from cantine.errors import ConflictError, NotFoundError
from cantine.french import euros, full_date, moment
from cantine.invoices.models import Invoice
from cantine.kitchens.models import Kitchen

SUBJECT = "facture"
TO_MATCH, DISPUTED, VALID, PAID, REFUSED = "a_rapprocher", "ecart", "validee", "payee", "refusee"
OPEN = frozenset({TO_MATCH, DISPUTED})
"""States in which somebody has to decide."""
UNPAID = frozenset({TO_MATCH, DISPUTED, VALID})
STATE_WORDS: Mapping[str, str] = {
    TO_MATCH: "à vérifier",
    DISPUTED: "avoir demandé",
    VALID: "à payer",
    PAID: "payée",
    REFUSED: "écartée",
}
STATE_KINDS: Mapping[str, str] = {
    TO_MATCH: "own",
    DISPUTED: "warn",
    VALID: "info",
    PAID: "ok",
    REFUSED: "",
}
"""Kind of the sign beside the word (macro ``state``)."""
GONE = "Cette facture n'existe pas, ou plus."


@dataclass(frozen=True)
class Stamp:
    """Who acts: their number, the clock, the day that the site shows."""

    user_id: int | None
    now: datetime
    today: date


def get_invoice(session: Session, kitchen: str, key: int) -> Invoice:
    """One invoice of a kitchen.

    Raises:
        NotFoundError: none such.
    """
    invoice = session.get(Invoice, key)
    if invoice is None or invoice.kitchen != kitchen:
        raise NotFoundError(GONE)
    return invoice


def hold_invoice(session: Session, kitchen: str, key: int, version: int) -> Invoice:
    """The same, held until the end of the transaction, with everything invoiced to the kitchen.

    Two invoices of one delivery cannot be decided at once: the second sees what the first did.

    Raises:
        NotFoundError: none such.
        ConflictError: somebody changed it since the page was shown.
    """
    session.exec(select(Kitchen.code).where(Kitchen.code == kitchen).with_for_update()).first()
    invoice = session.get(Invoice, key, with_for_update=True, populate_existing=True)
    if invoice is None or invoice.kitchen != kitchen:
        raise NotFoundError(GONE)
    if invoice.version != version:
        raise ConflictError(_moved(session, invoice))
    return invoice


def touch(session: Session, invoice: Invoice) -> None:
    """Write the row, and raise the version that pages compare."""
    invoice.version += 1
    session.add(invoice)
    session.flush()


def title_of(invoice: Invoice) -> str:
    """« facture 2027-118 du 8 janvier 2027, 25,32 € TTC »."""
    return f"{invoice.kind} {invoice.number} du {full_date(invoice.date)}, {euros(invoice.total_ttc)} TTC"


def note_change(session: Session, invoice: Invoice, before: object, after: object, stamp: Stamp) -> None:
    """One line of the journal about an invoice."""
    journal.record(
        session,
        user_id=stamp.user_id,
        kitchen=invoice.kitchen,
        subject=SUBJECT,
        key=subject_key(invoice),
        before=before,
        after=after,
        now=stamp.now,
    )


def subject_key(invoice: Invoice) -> str:
    """Key of an invoice in the journal."""
    return f"{invoice.supplier}/{invoice.number}"


def _moved(session: Session, invoice: Invoice) -> str:
    """Who changed it, when, and what it is now."""
    state = STATE_WORDS[invoice.state]
    if invoice.closed_by is not None and invoice.closed_at is not None:
        who = session.get(User, invoice.closed_by)
        name = who.name if who else "Un collègue"
        return f"{name} a décidé de cette facture {moment(invoice.closed_at)} : elle est « {state} »."
    return (
        f"Un collègue a changé cette facture entre-temps : elle est « {state} ». Vérifiez, puis recommencez."
    )
