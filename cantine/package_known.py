"""What an import may refer to: the rows of the database, overlaid by those of the package."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from cantine.package_faults import Line, Row
from cantine.package_schema import Reference, TableForm, forms, sql_table

Key = tuple[Any, ...]
Rows = Mapping[Key, Row]


def key_of(form: TableForm, row: Row) -> Key:
    """The primary key of a row."""
    return tuple(row[name] for name in form.key)


def database_rows(session: Session, form: TableForm) -> dict[Key, Row]:
    """Every row of a table, package columns only, by primary key."""
    rows = (_row(form, found) for found in session.connection().execute(_columns(form)))
    return {key_of(form, row): row for row in rows}


def hold_rows(session: Session, form: TableForm, row: Mapping[str, Any] | None = None) -> Row | None:
    """Make whoever else writes ``row``, or any row, wait until the end of the transaction.

    Rows are taken in the order of their keys, so that two who take several cannot wait for each
    other. SQLite has one writer at a time anyway, from the start of its transaction.

    Returns:
        The row as it is now; None when it is gone, or when every row was asked for.
    """
    table = sql_table(form.model)
    order = [table.c[name] for name in form.key]
    query = _columns(form).order_by(*order).with_for_update()
    if row is None:
        session.connection().execute(query)
        return None
    keys = [table.c[name] == row[name] for name in form.key]
    found = session.connection().execute(query.where(*keys)).first()
    return None if found is None else _row(form, found)


def _columns(form: TableForm) -> Select[Any]:
    table = sql_table(form.model)
    return select(*[table.c[column.name] for column in form.columns])


def _row(form: TableForm, values: Iterable[Any]) -> Row:
    return dict(zip([column.name for column in form.columns], values, strict=True))


class Known:
    """Rows by table and key. ``session`` is None when a package is checked on its own."""

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._stored: dict[str, Rows] = {}
        self._lines: dict[str, list[Line]] = {}
        self._merged: dict[str, Rows] = {}

    def add(self, table: str, lines: list[Line]) -> None:
        """Take in the rows of the package; those with a fault are not relied upon."""
        self._lines[table] = lines
        self._merged.pop(table, None)

    def lines(self, table: str) -> list[Line]:
        """Rows of the package, faulty ones included."""
        return self._lines.get(table, [])

    def stored(self, table: str) -> Rows:
        """Rows in the database before the import."""
        if table not in self._stored:
            self._stored[table] = database_rows(self._session, forms()[table]) if self._session else {}
        return self._stored[table]

    def rows(self, table: str) -> Rows:
        """Rows as they would be after the import."""
        if table not in self._merged:
            form = forms()[table]
            new = {key_of(form, line.values): line.values for line in self.lines(table) if line.clean}
            self._merged[table] = {**self.stored(table), **new}
        return self._merged[table]

    def get(self, table: str, *key: object) -> Row | None:
        """One row as it would be after the import."""
        return self.rows(table).get(key)

    def keys(self, reference: Reference) -> Collection[Key]:
        """Values a foreign key may take; a new row counts even when another of its cells is wrong."""
        new = [line.values for line in self.lines(reference.table)]
        everything: Iterable[Row] = [*self.stored(reference.table).values(), *new]
        found = {tuple(row[name] for name in reference.targets) for row in everything}
        return {key for key in found if None not in key}
