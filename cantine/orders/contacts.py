"""RGPD: what orders hold of the people behind a supplier: links, messages, answers, announcements.

The supplier's own sheet is the business of ``suppliers.contacts``; this room, which holds the rest, asks it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, or_, select, update

from cantine.accounts.journal import ERASED
from cantine.orders.models import (
    Announcement,
    OrderEvent,
    OutMessage,
    Purchase,
    PurchaseOrder,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierLink,
)
from cantine.suppliers import contacts
from cantine.suppliers.models import Supplier

MESSAGES_KEPT = timedelta(days=365)
"""A message and its address, once it left or was given up: as long as an order may be argued about."""
WAITING = ("a_envoyer", "en_cours")
GIVEN_UP = "L'adresse du fournisseur a été effacée à sa demande."
SOMEBODY = "le fournisseur"


def export(session: Session, code: str) -> dict[str, object]:
    """Everything held of a supplier's contact, in plain words, for the person who asks.

    Raises:
        NotFoundError: no such supplier.
    """
    return contacts.export(session, code) | {
        "messages_envoyes": [
            {"le": row.created_at.isoformat(), "a": row.recipient, "objet": row.subject, "etat": row.state}
            for row in _messages(session, code)
        ],
        "liens": [
            {
                "ouvert_le": link.created_at.isoformat(),
                "jusqu_au": link.expires_at.isoformat(),
                "derniere_visite": link.last_seen_at.isoformat() if link.last_seen_at else None,
            }
            for link in session.exec(select(SupplierLink).where(SupplierLink.supplier == code))
        ],
        "reponses": [
            {"le": answer.at.isoformat(), "mots": answer.note} for answer in _answers(session, code)
        ],
        "annonces": [
            {"le": row.at.isoformat(), "produit": row.name, "semaine": row.week.isoformat(), "mots": row.note}
            for row in session.exec(select(Announcement).where(Announcement.supplier == code))
        ],
    }


def anonymise(
    session: Session, code: str, *, by: int | None, now: datetime, person: bool = False, why: str = "demande"
) -> None:
    """Forget the contact everywhere: see ``suppliers.contacts.anonymise``; orders and quantities stay.

    Raises:
        NotFoundError: no such supplier.
    """
    supplier = session.get(Supplier, code)
    name = supplier.name if supplier else ""
    contacts.anonymise(session, code, by=by, now=now, person=person, why=why)
    for message in _messages(session, code):
        message.recipient, message.content = "", b""
        if message.state in WAITING:
            message.state, message.token, message.last_error = "abandonne", "", GIVEN_UP
        session.add(message)
    session.execute(
        update(SupplierLink)
        .where(col(SupplierLink.supplier) == code, col(SupplierLink.revoked_at).is_(None))
        .values(revoked_at=now, revoked_by=by)
    )
    _forget_words(session, code, name if person else "")
    if person and supplier is not None:
        _forget_in_purchases(session, code, name, supplier.name)


def forget_unused(session: Session, purchased: Mapping[str, date], now: datetime) -> int:
    """Erase the contacts of suppliers of no use for three years; an order is a use.

    Returns:
        How many contacts were erased.
    """
    last = dict(purchased)
    ordered = select(PurchaseOrder.supplier, func.max(PurchaseOrder.delivery))
    for supplier, day in session.exec(ordered.group_by(PurchaseOrder.supplier)):
        last[supplier] = max(day, last.get(supplier, day))
    return contacts.forget_unused(session, last, now)


def forget_messages(session: Session, now: datetime) -> None:
    """Empty the messages that left, or were given up, more than a year ago: what they were about stays."""
    session.execute(
        update(OutMessage)
        .where(
            col(OutMessage.created_at) < now - MESSAGES_KEPT,
            col(OutMessage.state).not_in(WAITING),
            or_(col(OutMessage.recipient) != "", col(OutMessage.content) != b""),
        )
        .values(recipient="", content=b"")
    )


def _forget_in_purchases(session: Session, code: str, name: str, instead: str) -> None:
    """The name as it was written in the ledger, files of past purchases included; amounts stay."""
    session.execute(
        update(Purchase)
        .where(or_(col(Purchase.supplier) == code, col(Purchase.supplier_name) == name))
        .values(supplier_name=instead)
    )


def _messages(session: Session, code: str) -> Sequence[OutMessage]:
    query = select(OutMessage).where(OutMessage.supplier == code)
    return session.exec(query.order_by(col(OutMessage.id))).all()


def _answers(session: Session, code: str) -> Sequence[SupplierAnswer]:
    mine = select(PurchaseOrder.id).where(PurchaseOrder.supplier == code)
    query = select(SupplierAnswer).where(col(SupplierAnswer.order).in_(mine))
    return session.exec(query.order_by(col(SupplierAnswer.id))).all()


def _forget_words(session: Session, code: str, name: str) -> None:
    """What the person wrote, here and in the history of the orders; quantities stay."""
    answers = _answers(session, code)
    words = {" ".join(answer.note.split()) for answer in answers} - {""}
    for answer in answers:
        answer.note = ""
        session.add(answer)
    numbers = [answer.id for answer in answers]
    session.execute(
        update(SupplierAnswerLine).where(col(SupplierAnswerLine.answer).in_(numbers)).values(note="")
    )
    session.execute(update(Announcement).where(col(Announcement.supplier) == code).values(note=""))
    mine = select(PurchaseOrder.id).where(PurchaseOrder.supplier == code)
    for event in session.exec(select(OrderEvent).where(col(OrderEvent.order).in_(mine))):
        for said in words:
            event.detail = event.detail.replace(said, ERASED)
        if name and event.who == name:
            event.who = SOMEBODY
        session.add(event)
