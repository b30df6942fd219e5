"""When the table of lots is written as a table (page, file, data package), the book of the store follows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from cantine.clock import today_of
from cantine.kitchens.settings import today
from cantine.package_load import Changes
from cantine.stores import ledger

TABLE = "stock_lots"
REASON = "table du stock changée à la main ou par un fichier"


def follow(session: Session, done: Iterable[Changes], now: datetime, user_id: int | None) -> None:
    """Write the moves that make the book agree with the lots just added or changed. Never commits."""
    changed = [changes for changes in done if changes.table == TABLE]
    rows = [row for changes in changed for row in (*changes.added, *(one.after for one in changes.changed))]
    _settle(session, rows, now, user_id)


def follow_removal(
    session: Session, table: str, row: Mapping[str, Any], now: datetime, user_id: int | None
) -> None:
    """The same for a row just removed."""
    _settle(session, [row] if table == TABLE else [], now, user_id)


def _settle(session: Session, rows: Iterable[Mapping[str, Any]], now: datetime, user_id: int | None) -> None:
    lots = [ledger.Lot(row["kitchen"], row["food"], row["expires_on"]) for row in rows]
    if lots:
        day = today(session, today_of(now))
        ledger.settle(session, lots, date=day, at=now, user_id=user_id, reason=REASON)
