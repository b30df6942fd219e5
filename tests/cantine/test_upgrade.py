"""The database is created or upgraded at start, after a dated copy."""

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from huey import SqliteHuey
from sqlalchemy import Engine, inspect
from sqlmodel import Session

from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import ConfigError
from cantine.foods.models import Food
from cantine.kitchens.models import Setting
from cantine.upgrade import (
    current_revision,
    differences,
    head_revision,
    prepare,
    upgrade,
)
from tests.cantine.releases import LATER_STEP, next_release
from tests.conftest import make_config

NOW = datetime(2027, 1, 4, 9, 30, 15, tzinfo=UTC)


def test_new_database_equals_the_models(each_config: Config) -> None:
    """Created from the steps, a database is what the models describe ("alembic check")."""
    engine = prepare(each_config)
    assert differences(engine) == []
    assert current_revision(engine) == head_revision()


def test_new_database_needs_no_copy(home: Path) -> None:
    """Nothing to lose, nothing to copy."""
    prepare(make_config(home))
    assert not (home / "sauvegardes").exists()


def test_second_start_changes_nothing(each_config: Config) -> None:
    """A database already in form is left alone, without a copy."""
    with transaction(prepare(each_config)) as session:
        session.add(Setting(key="reference_date", value="2027-01-04"))
    prepare(each_config, NOW)
    assert not (each_config.home / "sauvegardes").exists()


def test_previous_release_is_upgraded_after_a_dated_copy(each_marais: Config, tmp_path: Path) -> None:
    """Data of the previous release are kept and referred to as before, and a dated copy of them is left."""
    upgraded = prepare(each_marais, NOW, next_release(tmp_path / "migrations"))
    assert current_revision(upgraded) == "test1"
    with Session(upgraded) as session:
        assert session.get_one(Food, "carotte").name == "Carotte"
        colours = session.connection().exec_driver_sql("SELECT DISTINCT colour FROM foods").scalars().all()
    assert colours == ["rouge"]
    copies = list((each_marais.home / "sauvegardes").glob("*"))
    if each_marais.sqlite_path is None:
        assert [copy.name for copy in copies] == [f"cantine-{NOW.astimezone():%Y-%m-%d-%H%M%S}.tar.gz"]
        with tarfile.open(copies[0]) as archive:
            assert '"carotte"' in (archive.extractfile("database/foods.jsonl") or BytesIO()).read().decode()
        return
    assert [copy.name for copy in copies] == [f"cantine-{NOW.astimezone():%Y-%m-%d-%H%M%S}.db"]
    with closing(sqlite3.connect(copies[0])) as copy:
        assert copy.execute("SELECT name FROM foods WHERE code = 'carotte'").fetchone() == ("Carotte",)
        assert "colour" not in {row[1] for row in copy.execute("PRAGMA table_info(foods)")}


def test_foreign_keys_watch_again_after_an_upgrade(config: Config, tmp_path: Path) -> None:
    """They rest during the upgrade only."""
    engine = prepare(config, NOW, next_release(tmp_path / "migrations"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_step_that_orphans_rows_is_undone(marais_engine: Engine, tmp_path: Path) -> None:
    """A step deleting rows that others refer to leaves the database as it was."""
    step = LATER_STEP.split("def upgrade", maxsplit=1)[0]
    step += 'def upgrade() -> None:\n    op.execute("DELETE FROM foods")\n'
    folder = next_release(tmp_path / "migrations", step)
    with pytest.raises(ConfigError, match="orphelines"):
        upgrade(marais_engine, folder)
    with Session(marais_engine) as session:
        assert session.get(Food, "carotte")
    assert current_revision(marais_engine) == head_revision()


def test_later_release_is_refused(config: Config) -> None:
    """A database of a later release is not touched."""
    with make_engine(config.database_url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="plus récente"):
        prepare(config, NOW)


def test_foreign_database_is_refused(home: Path) -> None:
    """Tables of another program are not taken over."""
    config = make_config(home)
    with make_engine(config.database_url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE foods (id INTEGER)")
    with pytest.raises(ConfigError, match="base vide"):
        prepare(config, NOW)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://chef:secret@/x?host=/nulle-part", "ne répond pas"),
        ("postgresql+inconnu://x", "adresse de base de données"),
        ("n'importe quoi", "adresse de base de données"),
        ("mysql://x", "MySQLdb"),
        ("sqlite:////nulle/part/cantine.db", "ne répond pas"),
    ],
)
def test_database_out_of_reach_is_told(home: Path, url: str, message: str) -> None:
    """A French sentence, without the address and its password."""
    with pytest.raises(ConfigError, match=message) as caught:
        prepare(make_config(home, url))
    assert "secret" not in caught.value.message


def test_queue_tables_are_out_of_sight(config: Config) -> None:
    """Tables of the queue in the same database are no difference."""
    queue = SqliteHuey("cantine", filename=str(config.sqlite_path), results=False)
    queue.task(name="ring")(print)
    engine = prepare(config)
    assert "task" in inspect(engine).get_table_names()
    assert differences(engine) == []
