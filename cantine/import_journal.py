"""What an import from the command line leaves in the journal: menus, diners, criteria changed or added."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session

from cantine.accounts import journal
from cantine.kitchens.models import Site
from cantine.menus.announced import remember_days
from cantine.package_faults import Row
from cantine.package_known import key_of
from cantine.package_load import Changes
from cantine.package_schema import TableForm, forms, sql_table
from cantine.package_write import cell_text

WATCHED = ("sites", "diners", "closures", "services", "dishes", "bans", "tag_overrides")
"""Tables whose changes are kept; prices and places come from elsewhere and are dated there."""

MENUS = frozenset({"services", "dishes"})
"""Those that say what is eaten: what a validated day announces is kept too."""


def note_import(session: Session, done: list[Changes], now: datetime) -> None:
    """Keep each row that the import changed or added, before and after; nobody is signed in there.

    What fills an empty table is its first load, and changes nothing that somebody decided.
    """
    remember_days(session, _menus_touched(done), None, now)
    for changes in done:
        if changes.table not in WATCHED:
            continue
        form = forms()[changes.table]
        for change in changes.changed:
            _note(session, form, change.before, change.after, change.columns, now)
        if changes.added and _held(session, form) > len(changes.added):
            for row in changes.added:
                _note(session, form, None, row, [name for name in row if cell_text(row[name])], now)


def _menus_touched(done: list[Changes]) -> set[tuple[str, date]]:
    """Kitchens and days whose service or dishes a file brought in or changed."""
    rows = (
        row
        for changes in done
        if changes.table in MENUS
        for row in (*changes.added, *(change.after for change in changes.changed))
    )
    return {(str(row["kitchen"]), row["date"]) for row in rows}


def _held(session: Session, form: TableForm) -> int:
    return session.connection().execute(select(func.count()).select_from(sql_table(form.model))).scalar_one()


def _note(
    session: Session, form: TableForm, before: Row | None, after: Row, columns: list[str], now: datetime
) -> None:
    journal.record(
        session,
        user_id=None,
        kitchen=_kitchen(session, after),
        subject="table",
        key=f"{form.name}/{'~'.join(cell_text(part) for part in key_of(form, after))}",
        before={name: cell_text(before[name]) for name in columns} if before is not None else {},
        after={name: cell_text(after[name]) for name in columns},
        now=now,
    )


def _kitchen(session: Session, row: Row) -> str:
    """Kitchen of a row, by its site if need be; empty for what belongs to all."""
    if "site" in row:
        site = session.get(Site, row["site"])
        return site.kitchen if site else ""
    return str(row.get("kitchen", ""))
