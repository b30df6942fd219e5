"""The consumer's side: take a message that waits, hand it over, write what came of it under its token.

A message is taken by one UPDATE with a lease, so that two consumers never hold the same one. A lease that
ends means that its sender died on the way: nobody knows whether the message left, and a person decides.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Engine, Update, or_, update
from sqlmodel import Session, col, select

from cantine.clock import utc_now
from cantine.config import Config
from cantine.config_mail import MailServer
from cantine.db import transaction
from cantine.errors import CantineError
from cantine.orders.life import Actor
from cantine.orders.models import OutMessage
from cantine.sending import outbox, smtp
from cantine.sending.letters import Letterhead, letterhead_of
from cantine.sending.outbox import DROPPED, FAILED, SENDING, TO_SEND, UNKNOWN

LEASE = timedelta(minutes=5)
"""Longer than the slowest hand-over: ten answers of twenty seconds, and a minute for the last one."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
MOST_ATTEMPTS = 20
"""Nearly three days at the longest pause: the delivery is near, somebody must call."""
LOOK_SECONDS = 5.0
TIRED = "Vingt essais sans réussir : appelez le fournisseur, ou corrigez son adresse. Dernière réponse. {}"
LOST = "L'envoi s'est interrompu en route : on ne sait pas si le message est arrivé."
STALE = "La commande a changé avant l'envoi : ce message n'est pas parti."
BROKEN = "Le message n'a pas pu être écrit : {}"
CANTINE = Actor(who="cantine")

logger = logging.getLogger("cantine")
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Post:
    """What a consumer sends with: the database, the server, the letterhead."""

    engine: Engine
    server: MailServer
    head: Letterhead
    clock: Clock = utc_now


@dataclass(frozen=True)
class Parcel:
    """A message taken: nobody else holds it while its token is good."""

    message_id: int
    token: str
    recipient: str
    content: bytes


def send_waiting(post: Post) -> int:
    """Send everything that is due, one message after the other.

    Returns:
        How many were taken.
    """
    with transaction(post.engine) as session:
        waiting = due(session, post.clock())
    return sum(send_one(post, message_id) for message_id in waiting)


def send_one(post: Post, message_id: int) -> bool:
    """Take a message up and carry it to its end; one that another consumer holds is left alone."""
    with transaction(post.engine) as session:
        parcel = _take(session, post, message_id)
    if parcel is None:
        return False
    outcome = smtp.hand_over(post.server, post.head.sender, parcel.recipient, parcel.content)
    with transaction(post.engine) as session:
        if not _settle(session, parcel, outcome, post.clock()):
            logger.warning("message %s: somebody decided meanwhile, this late end is refused", message_id)
    return True


def due(session: Session, now: datetime) -> list[int]:
    """Messages to send now, oldest first."""
    query = select(OutMessage.id).where(
        OutMessage.state == TO_SEND, or_(col(OutMessage.next_at).is_(None), col(OutMessage.next_at) <= now)
    )
    return [key for key in session.exec(query.order_by(col(OutMessage.id))) if key is not None]


def sweep(session: Session, now: datetime) -> int:
    """Messages whose sender is gone are to be checked by somebody; never sent again by themselves.

    Returns:
        How many.
    """
    lost = update(OutMessage).where(col(OutMessage.state) == SENDING, col(OutMessage.lease_until) < now)
    return _count(session, lost.values(state=UNKNOWN, last_error=LOST, lease_until=None))


def claim(session: Session, message_id: int, now: datetime) -> str | None:
    """Take a waiting message.

    Returns:
        The token to write under, or None when somebody else has it or it is not due.
    """
    token = secrets.token_hex(16)
    taken = (
        update(OutMessage)
        .where(
            col(OutMessage.id) == message_id,
            col(OutMessage.state) == TO_SEND,
            or_(col(OutMessage.next_at).is_(None), col(OutMessage.next_at) <= now),
        )
        .values(state=SENDING, token=token, lease_until=now + LEASE, attempts=col(OutMessage.attempts) + 1)
    )
    return token if _count(session, taken) == 1 else None


def keep_sending(config: Config, engine: Engine, stop: threading.Event) -> None:
    """Look every few seconds until ``stop``: the rows are the truth, no bell is needed."""
    server, head = config.mail.server, letterhead_of(config)
    while not stop.wait(LOOK_SECONDS):
        try:
            with transaction(engine) as session:
                sweep(session, utc_now())
            if server is not None:
                send_waiting(Post(engine, server, head))
        except Exception as error:  # noqa: BLE001 -- the next look tries again
            logger.error("sending: %s", type(error).__name__)  # noqa: TRY400 -- a trace may quote an address


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many refusals: twice as long each time."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)


def _take(session: Session, post: Post, message_id: int) -> Parcel | None:
    """Claim a message and check that it still says the truth; the claim ends with the transaction."""
    token = claim(session, message_id, post.clock())
    if token is None:
        return None
    message = session.get_one(OutMessage, message_id, populate_existing=True)
    current = outbox.is_current(session, message)
    if not current or not outbox.is_wanted(session, message):
        message.state, message.lease_until = DROPPED, None
        message.last_error = outbox.OTHERWISE if current else STALE
        return None
    if outbox.needs_rewriting(message, post.head):
        try:
            outbox.rewrite(session, message, post.head)
        except CantineError as error:
            message.state, message.lease_until = FAILED, None
            message.last_error = BROKEN.format(error.message)
            return None
    session.flush()
    return Parcel(message_id, token, message.recipient, message.content)


def _settle(session: Session, parcel: Parcel, outcome: smtp.Outcome, now: datetime) -> bool:
    """Write what came of a message; a certain end is taken even after the lease, if nobody decided yet."""
    message = session.get_one(OutMessage, parcel.message_id, with_for_update=True)
    if message.token != parcel.token or message.state not in {SENDING, UNKNOWN}:
        return False
    message.last_error, message.lease_until = outcome.words, None
    if outcome.kind == smtp.ACCEPTED:
        outbox.mark_delivered(session, message, CANTINE, now, "par courriel")
    elif outcome.kind == smtp.LATER and message.attempts < MOST_ATTEMPTS:
        message.state, message.next_at = TO_SEND, now + pause_after(message.attempts)
    elif outcome.kind == smtp.LATER:
        message.state, message.last_error = FAILED, TIRED.format(outcome.words)
    else:
        message.state = FAILED if outcome.kind == smtp.NEVER else UNKNOWN
    session.add(message)
    return True


def _count(session: Session, statement: Update) -> int:
    result = session.execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0
