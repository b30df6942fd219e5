"""Decisions on an invoice: valid, disputed, set aside, opened again, paid. Nothing here commits."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from cantine.errors import CantineError, ConflictError
from cantine.french import euros, full_date
from cantine.invoices.book import (
    DISPUTED,
    OPEN,
    PAID,
    REFUSED,
    STATE_WORDS,
    TO_MATCH,
    VALID,
    Stamp,
    hold_invoice,
    note_change,
    title_of,
    touch,
)
from cantine.invoices.compare import Comparison, compare, lines_of
from cantine.invoices.follow import invoice_orders, open_orders, write_purchases
from cantine.invoices.keep import ELSEWHERE, same_invoice
from cantine.invoices.law import due_date
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.orders.purchases import to_the_cent

WHY = "Dites en quelques mots pourquoi : la raison est gardée avec la facture."
NOTHING_WRONG = "Rien ne s'écarte de ce qui a été reçu : validez la facture, il n'y a pas d'avoir à demander."
LONGEST = 300


def validate(
    session: Session, kitchen: str, key: int, version: int, reasons: Mapping[int, str], stamp: Stamp
) -> Invoice:
    """Everything is as received, or each difference is accepted with a reason: it may be paid.

    Its amounts become what was bought; an order invoiced as a whole is « facturée ».

    Args:
        session: a database session.
        kitchen: whose invoice.
        key: the invoice.
        version: as the page showed it.
        reasons: why a difference is accepted, by key of its line.
        stamp: who, when.

    Raises:
        ConflictError: somebody changed it meanwhile.
        CantineError: differences without a reason, all named.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, OPEN, "être validée")
    found = compare(session, invoice)
    if not found.billed:
        raise CantineError("Cette facture n'a aucune ligne.")
    words = {key: " ".join(text.split())[:LONGEST] for key, text in reasons.items()}
    silent = [row.name for row in found.away if row.line is not None and not words.get(row.line)]
    if silent:
        raise CantineError(f"Dites pourquoi vous acceptez : {', '.join(silent)}. Rien n'est validé.")
    away = {row.line for row in found.away}
    for line in lines_of(session, invoice):
        if line.id in away:
            line.accepted, line.note = True, words[line.id or 0]
            session.add(line)
    _tie(session, invoice, found)
    _close(session, invoice, found, VALID, stamp)
    write_purchases(session, _keys(found))
    invoice_orders(session, found.orders, title_of(invoice), stamp)
    return invoice


def dispute(session: Session, kitchen: str, key: int, version: int, stamp: Stamp) -> Invoice:
    """A credit note is asked for: the invoice waits for it, what was received counts meanwhile.

    Raises:
        ConflictError: somebody changed it meanwhile.
        CantineError: nothing differs.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, {TO_MATCH}, "attendre un avoir")
    found = compare(session, invoice)
    if not found.away:
        raise CantineError(NOTHING_WRONG)
    _tie(session, invoice, found)
    asked = f"Avoir demandé le {full_date(stamp.today)} : {euros(asked_ht(found))} HT."
    invoice.note = "\n".join(filter(None, [invoice.note, asked]))
    _close(session, invoice, found, DISPUTED, stamp)
    return invoice


def asked_ht(found: Comparison) -> Decimal:
    """Euros of the credit note to ask for: what is too dear among the rows to look at."""
    return sum((row.difference_ht for row in found.away if row.difference_ht > 0), Decimal(0))


def refuse(session: Session, kitchen: str, key: int, version: int, reason: str, stamp: Stamp) -> Invoice:
    """Not to be paid: sent by mistake, for somebody else, replaced.

    Raises:
        ConflictError: somebody changed it meanwhile.
        CantineError: no reason.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, OPEN, "être écartée")
    reason = _reason(reason)
    _untie(session, invoice)
    invoice.note = "\n".join(filter(None, [invoice.note, f"Écartée : {reason}"]))
    _state(session, invoice, REFUSED, stamp, reason)
    return invoice


def reopen(session: Session, kitchen: str, key: int, version: int, reason: str, stamp: Stamp) -> Invoice:
    """Decide again: what it changed in purchases and orders is undone, with a trace.

    Raises:
        ConflictError: somebody changed it meanwhile, it is paid, or the right establishment has it now.
        CantineError: no reason.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, {DISPUTED, VALID, REFUSED}, "être rouverte")
    if same_invoice(session, kitchen, invoice.supplier, invoice.number, invoice.date, but=invoice.id):
        raise ConflictError(ELSEWHERE.format(invoice.number))
    reason = _reason(reason)
    lines = lines_of(session, invoice)
    touched = [line.reception_line for line in lines if line.reception_line is not None]
    for line in lines:
        line.accepted = False
        session.add(line)
    _state(session, invoice, TO_MATCH, stamp, reason)
    invoice.closed_at = invoice.closed_by = None
    session.add(invoice)
    write_purchases(session, touched)
    open_orders(session, touched, f"{title_of(invoice)} : {reason}", stamp)
    return invoice


def pay(session: Session, kitchen: str, key: int, version: int, day: date, stamp: Stamp) -> Invoice:
    """The accountant paid it on a day.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is not valid.
        CantineError: not a day between the invoice's and today.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, {VALID}, "être payée")
    if not invoice.date <= day <= stamp.today:
        raise CantineError(
            f"Le paiement est entre la date de la facture ({full_date(invoice.date)}) et aujourd'hui."
        )
    invoice.paid_on = day
    _state(session, invoice, PAID, stamp, full_date(day))
    return invoice


def unpay(session: Session, kitchen: str, key: int, version: int, stamp: Stamp) -> Invoice:
    """It was not paid after all.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, {PAID}, "redevenir à payer")
    invoice.paid_on = None
    _state(session, invoice, VALID, stamp, "")
    return invoice


def tie(
    session: Session, kitchen: str, key: int, version: int, line: int, received: int | None, stamp: Stamp
) -> Invoice:
    """Somebody says which line received a line invoiced is for; None: let cantine look again.

    Raises:
        ConflictError: somebody changed it meanwhile.
        CantineError: the line is not of this invoice, or that delivery is not one it may be for.
    """
    invoice = hold_invoice(session, kitchen, key, version)
    _must_be(invoice, OPEN, "être rapprochée autrement")
    row = session.get(InvoiceLine, line)
    if row is None or row.invoice != invoice.id:
        raise CantineError("Cette ligne n'est pas de cette facture. Rechargez la page.")
    if received is not None and received not in {one.key for one in compare(session, invoice).choices}:
        raise CantineError("Cette livraison n'est pas de ce fournisseur, ou elle est facturée ailleurs.")
    before, row.reception_line = row.reception_line, received
    session.add(row)
    touch(session, invoice)
    note_change(session, invoice, {row.name: before}, {row.name: received}, stamp)
    return invoice


def _must_be(invoice: Invoice, states: frozenset[str] | set[str], verb: str) -> None:
    if invoice.state not in states:
        raise ConflictError(f"Cette facture est « {STATE_WORDS[invoice.state]} » : elle ne peut plus {verb}.")


def _reason(text: str) -> str:
    reason = " ".join(text.split())[:LONGEST]
    if not reason:
        raise CantineError(WHY)
    return reason


def _close(session: Session, invoice: Invoice, found: Comparison, state: str, stamp: Stamp) -> None:
    days = [day for row in found.rows for day in row.days]
    invoice.due_on = due_date(invoice.received_on, max(days, default=None))
    _state(session, invoice, state, stamp, f"écart {euros(found.difference_ht)} HT")


def _state(session: Session, invoice: Invoice, state: str, stamp: Stamp, words: str) -> None:
    before, invoice.state = invoice.state, state
    invoice.closed_at, invoice.closed_by = stamp.now, stamp.user_id
    touch(session, invoice)
    told = STATE_WORDS[state] + (f" ({words})" if words else "")
    note_change(session, invoice, {"état": STATE_WORDS[before]}, {"état": told}, stamp)


def _keys(found: Comparison) -> list[int]:
    return [key for row in found.billed for key in row.received]


def _untie(session: Session, invoice: Invoice) -> None:
    for line in lines_of(session, invoice):
        line.reception_line = line.order_line = None
        session.add(line)


def _tie(session: Session, invoice: Invoice, found: Comparison) -> None:
    """Write which line received each line is for; one that sums several is cut, pro rata, to the cent."""
    lines = {line.id: line for line in lines_of(session, invoice)}
    last = max((line.position for line in lines.values()), default=0)
    for row in found.billed:
        if not row.received:
            continue
        line = lines[row.line]
        parts = _shares(line, row.weights)
        for rank, (received, ordered) in enumerate(zip(row.received, row.order_lines, strict=True)):
            part = line
            if rank:
                last += 1
                part = InvoiceLine(**line.model_dump(exclude={"id", "position"}), position=last)
            part.quantity, part.total_ht = parts[rank]
            part.reception_line, part.order_line = received, ordered
            session.add(part)
    session.flush()


def _shares(line: InvoiceLine, weights: tuple[Decimal, ...]) -> list[tuple[Decimal, Decimal]]:
    """Quantity and euros of each part; the last takes what is left, so that nothing is lost."""
    total = sum(weights) or Decimal(len(weights))
    found: list[tuple[Decimal, Decimal]] = []
    for weight in weights[:-1]:
        share = (weight if sum(weights) else Decimal(1)) / total
        found.append((round(line.quantity * share, 3), to_the_cent(line.total_ht * share)))
    rest = (
        line.quantity - sum((one for one, _ in found), Decimal(0)),
        line.total_ht - sum((two for _, two in found), Decimal(0)),
    )
    return [*found, rest]
