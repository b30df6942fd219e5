"""Saving and putting back the database and the files of the home, on SQLite and PostgreSQL alike.

Rows are saved as plain values, table by table, so that a backup of one kind of database, or of
an earlier release, can be put back into another.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from cantine.archive import ArchiveError, Manifest, Member, describe, open_archive, write_archive
from cantine.config import Config
from cantine.db import make_engine
from cantine.errors import ConflictError
from cantine.replace_files import STAGE, replacing
from cantine.rows import count_rows, drop_tables, load_lines, reset_counters, row_lines, stored_tables
from cantine.upgrade import (
    COPIES,
    MIGRATIONS,
    VERSION_TABLE,
    alone,
    dated_copy,
    migrate,
    open_database,
    step_names,
)

OWN_FILES = ("secret", "queue.db", COPIES)
"""Not saved: keys of this machine, rings of the queue (the Run rows tell what waits), earlier copies."""


def archive_path(config: Config, now: datetime) -> Path:
    """Where an archive goes that cantine makes by itself; its name bears the local time."""
    return config.home / COPIES / f"cantine-{now.astimezone():%Y-%m-%d-%H%M%S}.tar.gz"


def backup(config: Config, target: Path, now: datetime) -> Manifest:
    """Save the database and the files of the home.

    Raises:
        ArchiveError: nothing to save, or the file cannot be written.
    """
    if config.sqlite_path and not config.sqlite_path.exists():
        raise ArchiveError("La base n'existe pas encore : il n'y a rien à sauvegarder.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _still(config, folder, now) as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision is None:
                raise ArchiveError("La base est vide : il n'y a rien à sauvegarder.")
            members, sources = _save_rows(connection, folder)
        for path in _home_files(config, target):
            entry = f"files/{path.relative_to(config.home).as_posix()}"
            members[entry], sources[entry] = describe(path), path
        manifest = Manifest(version=_version(), revision=revision, created_at=now, members=members)
        write_archive(target, manifest, sources)
    return manifest


def restore(
    config: Config, source: Path, now: datetime, *, force: bool = False, migrations: Path = MIGRATIONS
) -> Manifest:
    """Put a backup back, all or nothing; one of an earlier release is upgraded.

    Raises:
        ArchiveError: the file is unreadable, altered, or of a later release.
        ConflictError: the database holds rows and ``force`` was not given.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = open_archive(source, folder)
        if manifest.revision not in step_names(migrations):
            raise ArchiveError(
                "La sauvegarde vient d'une version plus récente de cantine : mettez cantine à jour."
            )
        _refuse_own_files(config, manifest)
        engine = open_database(config)
        _make_room(config, engine, now, force=force)
        try:
            # The files come into place just before the commit, and leave it again if that fails.
            with (
                replacing(config.home, folder / "files", manifest.files()) as put_files_in_place,
                alone(engine) as connection,
            ):
                _put_rows_back(connection, folder, manifest, migrations)
                put_files_in_place()
        except OSError as error:
            raise ArchiveError(
                f"Un fichier de la sauvegarde n'a pas pu être remis : {error.strerror}. Rien n'a été changé."
            ) from error
        finally:
            engine.dispose()
    return manifest


@contextmanager
def _still(config: Config, folder: Path, now: datetime) -> Iterator[Connection]:
    """The database at one instant: a copy of SQLite, a read-only snapshot of PostgreSQL."""
    if config.sqlite_path:
        engine = make_engine(f"sqlite:///{dated_copy(config.sqlite_path, folder, now)}")
    else:
        engine = open_database(config).execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _save_rows(connection: Connection, folder: Path) -> tuple[dict[str, Member], dict[str, Path]]:
    members, sources = {}, {}
    for table in stored_tables(connection):
        path = folder / f"{table.name}.jsonl"
        rows = -1
        with path.open("w", encoding="utf-8") as target:
            for line in row_lines(connection, table):
                target.write(f"{line}\n")
                rows += 1
        entry = f"database/{table.name}.jsonl"
        members[entry], sources[entry] = describe(path, rows), path
    return members, sources


def _own_names(config: Config) -> set[str]:
    database = config.sqlite_path.name if config.sqlite_path else "cantine.db"
    return {f"{name}{end}" for name in (*OWN_FILES, database) for end in ("", "-wal", "-shm", "-journal")}


def _home_files(config: Config, target: Path) -> list[Path]:
    """Files of people: everything but the machine's own files, links elsewhere and the backup itself."""
    own = _own_names(config)
    return sorted(
        path
        for path in config.home.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and path.relative_to(config.home).parts[0] not in own
        and not path.relative_to(config.home).parts[0].startswith(STAGE)
        and path.resolve() != target.resolve()
    )


def _refuse_own_files(config: Config, manifest: Manifest) -> None:
    for path in manifest.files():
        first = Path(path).parts[0]
        if first in _own_names(config) or first.startswith(STAGE):
            raise ArchiveError(f"La sauvegarde contient un fichier inattendu : « {path} ».")


def _make_room(config: Config, engine: Engine, now: datetime, *, force: bool) -> None:
    """Refuse to lose anything: what is there is saved before it is replaced."""
    with engine.connect() as connection:
        filled = any(count_rows(connection, table) for table in stored_tables(connection))
    if not filled:
        return
    if not force:
        raise ConflictError(
            "La base contient déjà des données. Pour les remplacer, ajoutez --force : "
            "elles seront d'abord sauvegardées."
        )
    backup(config, archive_path(config, now), now)


def _put_rows_back(connection: Connection, folder: Path, manifest: Manifest, migrations: Path) -> None:
    """Rebuild the tables as they were when saved, fill them, then upgrade them."""
    drop_tables(connection, stored_tables(connection), VERSION_TABLE)
    migrate(connection, manifest.revision, migrations)
    tables = {table.name: table for table in stored_tables(connection)}
    expected = manifest.tables()
    strangers = sorted(set(expected) - set(tables))
    if strangers:
        raise ArchiveError(f"La sauvegarde contient des tables inconnues : {', '.join(strangers)}.")
    for name, table in tables.items():
        if name in expected:
            with (folder / "database" / f"{name}.jsonl").open(encoding="utf-8") as lines:
                rows = load_lines(connection, table, lines)
            if rows != expected[name]:
                raise ArchiveError(
                    f"La sauvegarde est abîmée : la table « {name} » n'a pas toutes ses lignes."
                )
    reset_counters(connection, tables.values())
    migrate(connection, "head", migrations)


def _version() -> str:
    try:
        return version("cantine")
    except PackageNotFoundError:
        return "source"
