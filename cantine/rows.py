"""Rows of whole tables, as plain values: the same on SQLite and on PostgreSQL, whatever the release.

Tables are read from the database itself, not from the models, so that rows of an earlier
release can be put back and upgraded afterwards.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from cantine.upgrade import is_ours

BATCH = 500


def stored_tables(connection: Connection) -> list[Table]:
    """Our tables as the database has them, each after those it refers to."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: is_ours(name, "table"))
    return found.sorted_tables


def count_rows(connection: Connection, table: Table) -> int:
    """Number of rows."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def row_lines(connection: Connection, table: Table) -> Iterator[str]:
    """The titles, then one JSON list per row, by primary key."""
    yield json.dumps([column.name for column in table.columns])
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        yield json.dumps([_written(value) for value in row], ensure_ascii=False)


def _written(value: object) -> object:
    """Plain value of a cell; instants are UTC, which SQLite stores without saying so."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _reader(column: Column[Any]) -> Callable[[str], Any] | None:
    """How a cell is read back, None when it stays as it is."""
    kind = column.type
    if isinstance(kind, DateTime):
        zone = UTC if kind.timezone else None
        return lambda text: datetime.fromisoformat(text).replace(tzinfo=zone)
    return date.fromisoformat if isinstance(kind, Date) else None


def load_lines(connection: Connection, table: Table, lines: Iterable[str]) -> int:
    """Insert rows written by ``row_lines``; return their number."""
    source = iter(lines)
    titles: list[str] = json.loads(next(source))
    readers = [_reader(table.c[title]) for title in titles]
    rows = [
        {
            title: reader(value) if reader and value is not None else value
            for title, reader, value in zip(titles, readers, json.loads(line), strict=True)
        }
        for line in source
    ]
    insert_rows(connection, table, rows)
    return len(rows)


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows that may refer to later rows of the same table: such columns are filled at the end."""
    own = [
        column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)
    ]
    blank = {column.name: None for column in own}
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(table), [row | blank for row in rows[start : start + BATCH]])
    later = [row for row in rows if any(row[column.name] is not None for column in own)]
    if later:
        keys = [column == bindparam(f"key_{column.name}", type_=column.type) for column in table.primary_key]
        values = {column: bindparam(f"new_{column.name}", type_=column.type) for column in own}
        names = [("key", column.name) for column in table.primary_key] + [("new", name) for name in blank]
        parameters = [{f"{kind}_{name}": row[name] for kind, name in names} for row in later]
        connection.execute(update(table).where(*keys).values(values), parameters)


def reset_counters(connection: Connection, tables: Iterable[Table]) -> None:
    """On PostgreSQL, go on numbering after the rows that came with their own numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            if connection.execute(select(sequence)).scalar() and connection.execute(select(last)).scalar():
                connection.execute(select(func.setval(sequence, last)))


def drop_tables(connection: Connection, tables: list[Table], version_table: str) -> None:
    """Remove our tables and the mark of their release; others stay."""
    for table in reversed(tables):
        table.drop(connection)
    connection.execute(text(f"DROP TABLE IF EXISTS {version_table}"))
