"""Messages to send: written whole with the act that wants them, one for each version of an order.

The Message-ID of an order's version never changes: whoever sends it again sends the same message, which the
producer's mail reader shows once.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from cantine import french
from cantine.accounts import journal
from cantine.errors import ConflictError, NotFoundError
from cantine.orders.life import Actor, mark_sent
from cantine.orders.models import OutMessage, PurchaseOrder
from cantine.orders.states import ANNULE, APPROUVE, BROUILLON
from cantine.sending.compose import recipient_of, write_message
from cantine.sending.letters import Letterhead, is_of, label_of, taken_by

TO_SEND, SENDING, SENT, FAILED = "a_envoyer", "en_cours", "envoye", "echec"
UNKNOWN, DROPPED = "a_verifier", "abandonne"
REPEATED = frozenset({SENT, FAILED, UNKNOWN})
"""What somebody may send again; what waits or leaves goes by itself."""
SUBJECT = "envoi"
NOT_APPROVED = "La commande {} n'est pas à envoyer : elle est déjà partie, ou pas encore approuvée."
GROUP_WAITS = "La commande groupée attend l'approbation de {} : elle part en une fois."
MOVED = "La commande a changé depuis ce message : envoyez sa nouvelle version."
OTHERWISE = "La commande est déjà partie autrement : ce message n'est plus à envoyer."
GONE = "Ce message n'existe pas, ou plus."
BUSY = "Ce message est en attente ou en train de partir : rien à refaire pour l'instant."
IN_DOUBT = (
    "On ne sait pas si le courriel de la commande {} est arrivé : demandez au fournisseur, puis dites-le "
    "dans « Envois », ou renvoyez-le de là."
)
NOT_IN_DOUBT = "Ce message n'est plus à vérifier."


def queue_order(
    session: Session, order: PurchaseOrder, actor: Actor, now: datetime, head: Letterhead
) -> OutMessage:
    """Write the message of an approved order, or of its whole group; asked twice, the one that exists.

    One that was refused for good goes out again: somebody asks.

    Raises:
        ConflictError: the order is not approved, its group still waits for somebody's approval, or nobody
            knows whether its message arrived.
        CantineError: the supplier has no usable address.
    """
    session.refresh(order, with_for_update=True)
    grouped = order.group is not None and order.order_version == 1
    known = _message_of(session, order, grouped=grouped)
    if known is not None and known.state == UNKNOWN:
        raise ConflictError(IN_DOUBT.format(order.number))
    if known is not None and known.state == FAILED:
        repeat(session, known, actor, now, head)
    if known is not None and known.state != DROPPED:
        return known
    orders = _together(session, order) if grouped else [order]
    if order.state != APPROUVE:
        raise ConflictError(NOT_APPROVED.format(order.number))
    if known is not None:
        return _again(session, known, head)
    message = OutMessage(
        kitchen=order.kitchen,
        supplier=order.supplier,
        order=None if grouped else order.id,
        group=order.group if grouped else None,
        order_version=order.order_version,
        message_id=_message_id(order, head, grouped=grouped),
        recipient=recipient_of(session, order),
        subject="",
        content=b"",
        created_at=now,
        created_by=actor.user_id,
    )
    write_message(session, message, orders, head)
    session.add(message)
    session.flush()
    _note(session, message, "à envoyer", actor, now)
    return message


def orders_of(session: Session, message: OutMessage) -> list[PurchaseOrder]:
    """The orders that a message is to take, as they are now: neither cancelled nor amended since."""
    whose = PurchaseOrder.id == message.order
    if message.group is not None:
        whose = PurchaseOrder.group == message.group
    query = select(PurchaseOrder).where(
        whose, PurchaseOrder.order_version == message.order_version, PurchaseOrder.state != ANNULE
    )
    return list(session.exec(query.order_by(col(PurchaseOrder.id)).with_for_update()))


def is_current(session: Session, message: OutMessage) -> bool:
    """Whether a message takes the very orders, in the very version, that it is to take."""
    labels = [label_of(order.number, order.order_version) for order in orders_of(session, message)]
    return bool(labels) and labels == taken_by(message)


def is_wanted(session: Session, message: OutMessage) -> bool:
    """Whether a message still has to leave: not when its orders reached the supplier otherwise meanwhile."""
    return message.sent_at is not None or any(o.state == APPROUVE for o in orders_of(session, message))


def rewrite(session: Session, message: OutMessage, head: Letterhead) -> None:
    """Write a message that never left again, under the letterhead and the address of today."""
    orders = orders_of(session, message)
    message.recipient = recipient_of(session, orders[0])
    write_message(session, message, orders, head)
    session.add(message)


def needs_rewriting(message: OutMessage, head: Letterhead) -> bool:
    """Whether it was written before the house had this address, and never left."""
    return message.attempts <= 1 and not is_of(head, message)


def repeat(session: Session, message: OutMessage, actor: Actor, now: datetime, head: Letterhead) -> None:
    """Send a message again, because somebody asks: same Message-ID, same version of the order.

    Raises:
        ConflictError: it waits or leaves already, or the order has changed.
        CantineError: refused for good, and the supplier still has no usable address.
    """
    session.refresh(message, with_for_update=True)
    if message.state not in REPEATED:
        raise ConflictError(BUSY)
    if not is_current(session, message):
        raise ConflictError(MOVED)
    if not is_wanted(session, message):
        raise ConflictError(OTHERWISE)
    if message.state == FAILED or not message.recipient:
        rewrite(session, message, head)
    before = message.state
    message.state, message.token, message.lease_until = TO_SEND, "", None
    message.attempts, message.next_at, message.last_error = 0, None, ""
    session.add(message)
    _note(session, message, "à envoyer de nouveau", actor, now, before)


def confirm_arrival(session: Session, message: OutMessage, actor: Actor, now: datetime) -> None:
    """Somebody asked the producer: the message in doubt did arrive.

    Raises:
        ConflictError: it is not in doubt any more.
    """
    session.refresh(message, with_for_update=True)
    if message.state != UNKNOWN:
        raise ConflictError(NOT_IN_DOUBT)
    _note(session, message, "bien arrivé", actor, now, message.state)
    mark_delivered(session, message, actor, now, "bien arrivé, confirmé par le fournisseur")


def mark_delivered(session: Session, message: OutMessage, actor: Actor, now: datetime, detail: str) -> None:
    """The message left: its orders are with the supplier, unless somebody changed them meanwhile."""
    message.state, message.sent_at, message.lease_until, message.last_error = SENT, now, None, ""
    session.add(message)
    for order in orders_of(session, message):
        if order.state == APPROUVE and order.order_version == message.order_version:
            mark_sent(session, order, actor, now, detail)


def get_message(session: Session, message_id: int, kitchen: str) -> OutMessage:
    """A message that concerns a kitchen.

    Raises:
        NotFoundError: none such.
    """
    message = session.get(OutMessage, message_id)
    if message is None or kitchen not in {order.kitchen for order in plain_orders(session, message)}:
        raise NotFoundError(GONE)
    return message


def approved_between(session: Session, kitchen: str, first: date, last: date) -> list[PurchaseOrder]:
    """Approved orders of a kitchen delivered between two dates, that wait to be sent."""
    query = select(PurchaseOrder).where(
        PurchaseOrder.kitchen == kitchen,
        PurchaseOrder.state == APPROUVE,
        col(PurchaseOrder.delivery).between(first, last),
    )
    return list(session.exec(query.order_by(col(PurchaseOrder.delivery), col(PurchaseOrder.id))))


def _message_of(session: Session, order: PurchaseOrder, *, grouped: bool) -> OutMessage | None:
    query = select(OutMessage).where(OutMessage.order_version == order.order_version)
    whose = OutMessage.group == order.group if grouped else OutMessage.order == order.id
    return session.exec(query.where(whose)).first()


def plain_orders(session: Session, message: OutMessage) -> Sequence[PurchaseOrder]:
    """The orders of a message or of its group, whatever became of them."""
    if message.group is not None:
        return session.exec(select(PurchaseOrder).where(PurchaseOrder.group == message.group)).all()
    return session.exec(select(PurchaseOrder).where(PurchaseOrder.id == message.order)).all()


def _again(session: Session, message: OutMessage, head: Letterhead) -> OutMessage:
    """A message that never left because its orders changed, written with those of now."""
    rewrite(session, message, head)
    message.state, message.attempts, message.next_at, message.last_error = TO_SEND, 0, None, ""
    return message


def _message_id(order: PurchaseOrder, head: Letterhead, *, grouped: bool) -> str:
    whose = f"groupe-{order.group}" if grouped else f"commande-{order.id}"
    return f"<{whose}.v{order.order_version}.{order.created_at:%Y%m%d%H%M%S}@{head.domain}>"


def _together(session: Session, order: PurchaseOrder) -> list[PurchaseOrder]:
    """The orders of a group, once everybody has approved theirs."""
    query = select(PurchaseOrder).where(
        PurchaseOrder.group == order.group,
        PurchaseOrder.order_version == 1,
        col(PurchaseOrder.state).in_((BROUILLON, APPROUVE)),
    )
    orders = list(session.exec(query.order_by(col(PurchaseOrder.id)).with_for_update()))
    drafts = sum(one.state == BROUILLON for one in orders)
    if drafts:
        raise ConflictError(GROUP_WAITS.format(french.plural(drafts, "commande")))
    return orders


def _note(
    session: Session, message: OutMessage, after: str, actor: Actor, now: datetime, before: str = ""
) -> None:
    journal.record(
        session,
        user_id=actor.user_id,
        kitchen=message.kitchen,
        subject=SUBJECT,
        key=message.message_id.strip("<>").partition("@")[0],
        before={"envoi": before},
        after={"envoi": after, "version": message.order_version},
        now=now,
    )
