"""What an import from the command line leaves in the journal: the changes of menus, diners and criteria."""

from datetime import datetime

from sqlmodel import Session

from cantine.accounts import journal
from cantine.kitchens.models import Site
from cantine.package_faults import Row
from cantine.package_load import Change, Changes
from cantine.package_write import cell_text

WATCHED = ("diners", "closures", "services", "dishes", "bans", "tag_overrides")
"""Tables whose changes are kept; prices and places come from elsewhere and are dated there."""


def note_import(session: Session, done: list[Changes], now: datetime) -> None:
    """Keep each row that the import changed, before and after; nobody is signed in there."""
    for changes in done:
        if changes.table in WATCHED:
            for change in changes.changed:
                _note(session, changes.table, change, now)


def _note(session: Session, table: str, change: Change, now: datetime) -> None:
    journal.record(
        session,
        user_id=None,
        kitchen=_kitchen(session, change.after),
        subject="table",
        key=f"{table}/{'~'.join(cell_text(part) for part in change.key)}",
        before={name: cell_text(change.before[name]) for name in change.columns},
        after={name: cell_text(change.after[name]) for name in change.columns},
        now=now,
    )


def _kitchen(session: Session, row: Row) -> str:
    """Kitchen of a row, by its site if need be; empty for what belongs to all."""
    if "site" in row:
        site = session.get(Site, row["site"])
        return site.kitchen if site else ""
    return str(row.get("kitchen", ""))
