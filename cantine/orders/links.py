"""A producer's way in without an account: the number of a row, signed into an address that ends.

Whatever is wrong with an address (altered, too old, revoked, never given), the answer is the same.
"""

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session, col, select

from cantine.clock import on_the_wall
from cantine.errors import CantineError
from cantine.orders.models import PurchaseOrder, SupplierLink

SALT = "lien du producteur"
KEPT = timedelta(days=30)
"""A link ends so long after the delivery: time to announce what comes next."""
LONGEST = timedelta(days=366)
SEEN_EVERY = timedelta(minutes=5)


class LinkGoneError(CantineError):
    """The address opens nothing, for whatever reason."""

    status = 404
    message = (
        "Ce lien n'est plus valable, ou l'adresse n'a pas été recopiée en entier. "
        "Ouvrez-le depuis le courriel reçu, ou demandez à la cuisine de vous l'envoyer de nouveau."
    )


def sign(secret_key: str, link: SupplierLink) -> str:
    """The part of the address that names a link."""
    return str(_serializer(secret_key).dumps(link.id))


def open_link(session: Session, secret_key: str, token: str, now: datetime) -> SupplierLink:
    """The link that an address names.

    Raises:
        LinkGoneError: altered, too old, revoked or unknown.
    """
    try:
        number = _serializer(secret_key).loads(token, max_age=int(LONGEST.total_seconds()))
    except BadSignature as error:
        raise LinkGoneError from error
    link = session.get(SupplierLink, number) if isinstance(number, int) else None
    if link is None or not is_live(link, now):
        raise LinkGoneError
    return link


def is_live(link: SupplierLink, now: datetime) -> bool:
    """Whether a link still opens its page."""
    return link.revoked_at is None and on_the_wall(link.expires_at) > on_the_wall(now)


def link_for(session: Session, order: PurchaseOrder, now: datetime, *, grouped: bool = False) -> SupplierLink:
    """The live link of an order, or of its group; made if there is none. It is flushed, never committed."""
    for link in links_of(session, order):
        if is_live(link, now) and (link.group is not None) == grouped:
            return link
    delivery = datetime.combine(order.delivery, datetime.min.time(), now.tzinfo)
    link = SupplierLink(
        supplier=order.supplier,
        order=None if grouped else order.id,
        group=order.group if grouped else None,
        created_at=now,
        expires_at=max(now, delivery) + KEPT,
    )
    session.add(link)
    session.flush()
    return link


def links_of(session: Session, order: PurchaseOrder) -> list[SupplierLink]:
    """Every link that shows an order, latest first."""
    mine = col(SupplierLink.order) == order.id
    if order.group is not None:
        mine |= col(SupplierLink.group) == order.group
    return list(session.exec(select(SupplierLink).where(mine).order_by(col(SupplierLink.id).desc())))


def orders_of_link(session: Session, link: SupplierLink) -> list[PurchaseOrder]:
    """What a link shows: its order, or those of its group, by kitchen."""
    wanted = (
        col(PurchaseOrder.id) == link.order if link.group is None else col(PurchaseOrder.group) == link.group
    )
    query = select(PurchaseOrder).where(wanted, PurchaseOrder.supplier == link.supplier)
    return list(session.exec(query.order_by(col(PurchaseOrder.kitchen), col(PurchaseOrder.id))))


def revoke(session: Session, order: PurchaseOrder, by: int | None, now: datetime) -> int:
    """Close every live link of an order; those of a group close for all its kitchens.

    Returns:
        How many were closed.
    """
    live = [link for link in links_of(session, order) if is_live(link, now)]
    for link in live:
        link.revoked_at, link.revoked_by = now, by
        session.add(link)
    return len(live)


def visit_counts(link: SupplierLink, now: datetime) -> bool:
    """Whether opening the page is worth remembering: not again within five minutes."""
    last = link.last_seen_at
    return last is None or on_the_wall(now) - on_the_wall(last) >= SEEN_EVERY


def note_visit(session: Session, number: int, now: datetime) -> None:
    """Remember that the page of a link was opened."""
    link = session.get(SupplierLink, number, with_for_update=True)
    if link is not None:
        link.last_seen_at = now
        session.add(link)


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=SALT)
