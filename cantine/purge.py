"""What is forgotten every day, as the notice promises: people, changes, drafts, contacts of suppliers."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from cantine.accounts import privacy
from cantine.clock import today_of, utc_now
from cantine.db import transaction
from cantine.menus import announced
from cantine.orders import contacts
from cantine.planning.models import PlannedPurchase
from cantine.suppliers.models import Offer

LOOK_SECONDS = 600.0
log = logging.getLogger("cantine")


@dataclass(frozen=True)
class Forgotten:
    """How many accounts were anonymised, and contacts of suppliers erased."""

    accounts: int
    contacts: int


def forget_old(session: Session, now: datetime) -> Forgotten:
    """Keep what the notice says. Contacts first: the journal, cut next, may be what dates them."""
    erased = contacts.forget_unused(session, _last_deliveries(session), now)
    contacts.forget_messages(session, now)
    announced.forget_old(session, now)
    return Forgotten(accounts=privacy.forget_old(session, now), contacts=erased)


def _last_deliveries(session: Session) -> dict[str, date]:
    query = select(Offer.supplier, func.max(PlannedPurchase.delivery)).join(
        PlannedPurchase, col(PlannedPurchase.offer) == col(Offer.code)
    )
    return dict(session.exec(query.group_by(Offer.supplier)).all())


def every_day(engine: Engine, stop: threading.Event, clock: Callable[[], datetime] = utc_now) -> None:
    """Forget at the start, then at each new day in France, until ``stop``.

    A day that failed (a database that does not answer) is tried again at the next look.
    """
    done: date | None = None
    while not stop.is_set():
        now = clock()
        if today_of(now) != done and _forget(engine, now):
            done = today_of(now)
        stop.wait(LOOK_SECONDS)


def _forget(engine: Engine, now: datetime) -> bool:
    try:
        with transaction(engine) as session:
            forget_old(session, now)
    except Exception as error:  # noqa: BLE001 -- the site goes on; the next look tries again
        log.error("daily purge: %s", type(error).__name__)  # noqa: TRY400 -- a trace may quote personal data
        return False
    return True
