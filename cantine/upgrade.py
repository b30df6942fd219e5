"""Bringing the database to the form of the code, at start: created, or upgraded after a dated copy."""

import importlib
import pkgutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlmodel import SQLModel

import cantine
from cantine.clock import utc_now
from cantine.config import Config
from cantine.db import make_engine
from cantine.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"
COPIES = "sauvegardes"
VERSION_TABLE = "alembic_version"
_LOCK = 726_353_001
"""Any number: two servers starting together on PostgreSQL upgrade one after the other."""


def prepare(config: Config, now: datetime | None = None, migrations: Path = MIGRATIONS) -> Engine:
    """Open the database, created or upgraded if need be. Call it first, in every process.

    Args:
        config: where the database is.
        now: names the copy made before an upgrade.
        migrations: the steps; tests add theirs.

    Raises:
        ConfigError: the database is out of reach, not ours, or of a later release.
    """
    config.home.mkdir(parents=True, exist_ok=True)
    engine = open_database(config)
    if current_revision(engine) != head_revision(migrations):
        if _has_rows(engine):
            _keep_copy(config, engine, now or utc_now())
        upgrade(engine, migrations)
    return engine


def open_database(config: Config) -> Engine:
    """The engine of a database that answers, whatever is in it.

    Raises:
        ConfigError: it is out of reach; its address, which may hold a password, is not repeated.
    """
    try:
        engine = make_engine(config.database_url)
        with engine.connect():
            return engine
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError("CANTINE_DATABASE_URL n'est pas une adresse de base de données.") from error
    except ModuleNotFoundError as error:
        raise ConfigError(f"Il manque le module Python « {error.name} » de cette base.") from error
    except DBAPIError as error:
        raise ConfigError("La base de données ne répond pas : vérifiez CANTINE_DATABASE_URL.") from error


def metadata() -> MetaData:
    """Tables of every room, whichever rooms exist."""
    for room in pkgutil.iter_modules(cantine.__path__, "cantine."):
        if room.ispkg and find_spec(f"{room.name}.models"):
            importlib.import_module(f"{room.name}.models")
    return SQLModel.metadata


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether Alembic may look at a thing of the database: the queue keeps its own tables there."""
    return kind != "table" or name in metadata().tables


def alembic_config(migrations: Path = MIGRATIONS) -> AlembicConfig:
    """Alembic's settings, without a file."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def head_revision(migrations: Path = MIGRATIONS) -> str | None:
    """The last step known to this release."""
    return ScriptDirectory.from_config(alembic_config(migrations)).get_current_head()


def current_revision(engine: Engine) -> str | None:
    """The last step the database went through; None when it is new."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Run the missing steps in one transaction.

    Raises:
        ConfigError: the database is not ours, of a later release, or a step broke a reference.
    """
    with alone(engine) as connection:
        _refuse_strangers(connection, migrations)
        migrate(connection, "head", migrations)


def migrate(connection: Connection, revision: str, migrations: Path = MIGRATIONS) -> None:
    """Run the missing steps up to ``revision``, inside the caller's transaction (see ``alone``)."""
    config = alembic_config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def step_names(migrations: Path = MIGRATIONS) -> set[str]:
    """Every step known to this release."""
    steps = ScriptDirectory.from_config(alembic_config(migrations)).walk_revisions()
    return {step.revision for step in steps}


def differences(engine: Engine) -> list[Any]:
    """What the models have and the database has not, or the other way round; empty when equal."""
    with engine.connect() as connection:
        options = {"include_name": is_ours, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata()))


def _refuse_strangers(connection: Connection, migrations: Path) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found and found not in step_names(migrations):
        raise ConfigError(
            f"La base vient d'une version plus récente de cantine (étape {found}) : mettez cantine à jour."
        )
    tables = set(inspect(connection).get_table_names())
    if not found and tables & set(metadata().tables):
        raise ConfigError(
            "La base contient déjà des tables que cantine n'a pas créées : indiquez une base vide."
        )


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """One transaction, no other upgrade at the same time.

    SQLite rebuilds a table to change it, which foreign keys forbid: they rest meanwhile, and are
    all checked before the end.
    """
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        lite = raw if isinstance(raw, sqlite3.Connection) else None
        if lite:
            lite.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if not lite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                yield connection
                if lite and lite.execute("PRAGMA foreign_key_check").fetchall():
                    raise ConfigError(
                        "La mise à jour laisserait des lignes orphelines : rien n'a été changé."
                    )
        finally:
            if lite:
                lite.execute("PRAGMA foreign_keys = ON")


def _has_rows(engine: Engine) -> bool:
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]
        quote = connection.dialect.identifier_preparer.quote
        return any(
            connection.execute(text(f"SELECT 1 FROM {quote(name)} LIMIT 1")).first()  # noqa: S608 -- quoted
            for name in names
        )


def _keep_copy(config: Config, engine: Engine, now: datetime) -> None:
    """What is there before an upgrade: a file of SQLite, an archive of PostgreSQL."""
    folder = config.home / COPIES
    if config.sqlite_path:
        dated_copy(config.sqlite_path, folder, now)
    elif current_revision(engine):  # tables of somebody else are refused, not saved
        from cantine.backup import archive_path, backup  # noqa: PLC0415 -- a backup is read back by upgrading

        backup(config, archive_path(config, now), now)


def dated_copy(database: Path, folder: Path, now: datetime) -> Path:
    """Copy an SQLite database, whoever is writing to it; its name bears the local time."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"cantine-{now.astimezone():%Y-%m-%d-%H%M%S}.db"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        copy.chmod(0o600)
        source.backup(target)
    return copy


def main() -> int:
    """``python -m cantine.upgrade``: whether the steps lead to the models, for CI.

    Returns:
        0 when they do, 1 when a step is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(engine)
        found = differences(engine)
        engine.dispose()
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    told = "Il manque une étape : python -m cantine.migrations « pourquoi »." if found else "À jour."
    sys.stdout.write(f"{told}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
