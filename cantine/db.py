"""Engine, sessions, column types and the naming of constraints. SQLite by default, PostgreSQL by URL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Engine, MetaData, String, TypeDecorator, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel, create_engine

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

TEN_THOUSANDTHS = Decimal(10_000)


class Money(TypeDecorator[Decimal]):
    """Euros as a Decimal, stored as whole 1/10000 €: SQLite would store a Decimal as a float."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Euros to 1/10000 €."""
        return None if value is None else int((value * TEN_THOUSANDTHS).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """1/10000 € to euros, without trailing zeros beyond the cent."""
        if value is None:
            return None
        euros = Decimal(value) / TEN_THOUSANDTHS
        return euros.quantize(Decimal("0.01")) if value % 100 == 0 else euros.normalize()


class TextList(TypeDecorator[tuple[str, ...]]):
    """Several codes in one cell, separated by ``;`` as in the data package."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        """Codes to text."""
        return ";".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """Text to codes."""
        return tuple(value.split(";")) if value else ()


def make_engine(url: str) -> Engine:
    """Engine for ``url``; on SQLite every transaction takes the write lock at once.

    The default SQLite transactions lose concurrent read-modify-writes without an error.
    """
    if not url.startswith("sqlite"):
        engine = create_engine(_psycopg(url), pool_pre_ping=True, hide_parameters=True)
    else:
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
    return engine


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _sqlite_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 -- tells mypy which driver this is
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 15000")


def _sqlite_begin(connection: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's event passes its own type
    mode = "DEFERRED" if connection.get_execution_options().get("read_only") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads: on SQLite it waits for nobody, and nobody waits for it."""
    with Session(engine.execution_options(read_only=True), expire_on_commit=False) as session:
        yield session


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session committed at the end, rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()
