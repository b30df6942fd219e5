"""Comparing rows with the database and writing the difference. Never commits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session

from cantine.package_faults import Row
from cantine.package_known import Key, Rows, key_of
from cantine.package_schema import INTERNAL, TableForm, sql_table
from cantine.rows import insert_rows


@dataclass(frozen=True)
class Change:
    """One row that the file changes; both rows hold the package's columns only."""

    key: Key
    before: Row
    after: Row

    @property
    def columns(self) -> list[str]:
        """Columns whose value differs."""
        return [name for name, value in self.after.items() if value != self.before[name]]


@dataclass(frozen=True)
class Changes:
    """What loading a file does to one table. Rows absent from the file stay as they are."""

    table: str
    added: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0


def compare(form: TableForm, stored: Rows, rows: Iterable[Row]) -> Changes:
    """Sort the rows of a file into added, changed and unchanged."""
    added, changed, unchanged = [], [], 0
    for row in rows:
        before = stored.get(key_of(form, row))
        if before is None:
            added.append(row)
        elif before != row:
            changed.append(Change(key_of(form, row), before, row))
        else:
            unchanged += 1
    return Changes(form.name, added, changed, unchanged)


def apply_changes(session: Session, form: TableForm, changes: Changes) -> None:
    """Insert what is added, update what is changed."""
    internal = {name: form.model.model_fields[name].default for table, name in INTERNAL if table == form.name}
    connection = session.connection()
    insert_rows(connection, sql_table(form.model), [row | internal for row in changes.added])
    if changes.changed:
        connection.execute(_update(form), [_parameters(form, change.after) for change in changes.changed])
    session.expire_all()


def _update(form: TableForm) -> Any:  # noqa: ANN401 -- SQLAlchemy's Update has no useful parameter
    """The update of one row; its version is raised, so that whoever edits it meanwhile is told."""
    table = sql_table(form.model)
    values: dict[str, Any] = {
        column.name: bindparam(f"new_{column.name}", type_=table.c[column.name].type)
        for column in form.columns
        if column.name not in form.key
    }
    values |= {name: table.c[name] + 1 for owner, name in INTERNAL if owner == form.name}
    keys = [table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in form.key]
    return update(table).where(*keys).values(values)


def _parameters(form: TableForm, row: Row) -> dict[str, Any]:
    keys = {f"key_{name}": row[name] for name in form.key}
    return keys | {f"new_{name}": value for name, value in row.items() if name not in form.key}
