"""Backup and restore: database and files, on SQLite and PostgreSQL, and from one to the other."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry, User
from cantine.archive import ArchiveError, open_archive
from cantine.backup import backup, restore
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import ConflictError
from cantine.kitchens.models import Setting
from cantine.tables import export_package
from cantine.upgrade import differences, prepare
from tests.cantine.releases import next_release
from tests.conftest import make_config

NOW = datetime(2027, 1, 4, 9, 30, 15, tzinfo=UTC)
Databases = Callable[[str], Config]


@pytest.fixture
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Make settings by kind of database, each with its own home."""

    def make(name: str) -> Config:
        home = tmp_path / name
        home.mkdir()
        url = request.getfixturevalue("postgres_url") if name.startswith("postgresql") else ""
        return make_config(home, url)

    return make


@pytest.fixture
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """Make settings of a filled home: the invented département, a person, a line of the journal, files."""

    def make(name: str) -> Config:
        home = tmp_path / f"{name}-plein"
        home.mkdir()
        if name == "postgresql":
            config = make_config(home, request.getfixturevalue("marais_postgres_url"))
        else:
            shutil.copy(request.getfixturevalue("marais_database"), home / "cantine.db")
            config = make_config(home)
        _add_people_and_files(config)
        return config

    return make


def _add_people_and_files(config: Config) -> None:
    with transaction(make_engine(config.database_url)) as session:
        session.add(User(id=7, login="chef", name="Chef", password_hash="x", created_at=NOW))
        session.flush()
        session.add(JournalEntry(at=NOW, user_id=7, subject="menu", key="k", after="été\n« oui »"))
    plan = config.home / "plans" / "2027-01" / "menu.csv"
    plan.parent.mkdir(parents=True)
    plan.write_text("date\n", encoding="utf-8")
    (config.home / "secret").write_text("clé de cette machine", encoding="utf-8")


def _package(config: Config, folder: Path) -> dict[str, bytes]:
    with Session(make_engine(config.database_url)) as session:
        export_package(session, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("sqlite", "sqlite2"),
        ("sqlite", "postgresql"),
        ("postgresql", "sqlite"),
    ],
)
def test_everything_comes_back(
    origin: str, target: str, databases: Databases, filled: Databases, tmp_path: Path
) -> None:
    """Rows, people, journal and files come back in another database, of another kind too."""
    old, new, archive = filled(origin), databases(target), tmp_path / "jour.tar.gz"
    saved = backup(old, archive, NOW)
    restored = restore(new, archive, NOW)
    assert saved == restored
    assert _package(old, tmp_path / "a") == _package(new, tmp_path / "b")
    assert (new.home / "plans" / "2027-01" / "menu.csv").read_text(encoding="utf-8") == "date\n"
    assert not (new.home / "secret").exists()
    engine = prepare(new)
    assert differences(engine) == []
    with transaction(engine) as session:
        entry = session.exec(select(JournalEntry)).one()
        assert (entry.at, entry.user_id, entry.after) == (NOW, 7, "été\n« oui »")
        session.add(User(login="suivant", name="Suivant", password_hash="x", created_at=NOW))
        session.flush()
        assert session.exec(select(User).where(col(User.login) == "suivant")).one().id == 8


@pytest.mark.parametrize("target", ["sqlite2", "postgresql"])
def test_backup_of_an_earlier_release_is_upgraded(
    target: str, databases: Databases, filled: Databases, tmp_path: Path
) -> None:
    """Put back by a later release, the rows go through its steps."""
    old, new, archive = filled("sqlite"), databases(target), tmp_path / "jour.tar.gz"
    backup(old, archive, NOW)
    restore(new, archive, NOW, migrations=next_release(tmp_path / "migrations"))
    with make_engine(new.database_url).connect() as connection:
        colours = connection.exec_driver_sql("SELECT DISTINCT colour FROM foods").scalars().all()
    assert colours == ["rouge"]


def test_postgresql_comes_back_into_itself(filled: Databases, tmp_path: Path) -> None:
    """Forced onto its own database, a backup undoes what came after it; that is saved first."""
    config, archive = filled("postgresql"), tmp_path / "jour.tar.gz"
    backup(config, archive, NOW)
    before = _package(config, tmp_path / "a")
    with transaction(prepare(config)) as session:
        session.add(Setting(key="later", value="yes"))
    restore(config, archive, NOW, force=True)
    assert _package(config, tmp_path / "b") == before
    copy = next((config.home / "sauvegardes").glob("cantine-2027-01-04-*.tar.gz"))
    assert open_archive(copy, tmp_path / "copy").tables()["settings"] == 10


def test_filled_database_is_not_overwritten(databases: Databases, filled: Databases, tmp_path: Path) -> None:
    """Without --force nothing is lost; with it, what was there is saved first."""
    config, archive = filled("sqlite"), tmp_path / "jour.tar.gz"
    backup(config, archive, NOW)
    with transaction(prepare(config)) as session:
        session.add(Setting(key="later", value="yes"))
    with pytest.raises(ConflictError, match="--force"):
        restore(config, archive, NOW)
    with Session(prepare(config)) as session:
        assert session.get(Setting, "later")
    restore(config, archive, NOW, force=True)
    with Session(prepare(config)) as session:
        assert session.get(Setting, "later") is None
    copy = next((config.home / "sauvegardes").glob("*.tar.gz"))
    restored = databases("sqlite3")
    restore(restored, copy, NOW)
    with Session(prepare(restored)) as session:
        assert session.get(Setting, "later")


def test_manifest_counts_rows(filled: Databases, tmp_path: Path) -> None:
    """The manifest tells version, step and rows; only the owner may read the archive."""
    config, archive = filled("sqlite"), tmp_path / "sous" / "jour.tar.gz"
    manifest = backup(config, archive, NOW)
    assert manifest.tables()["kitchens"] == 3
    assert manifest.tables()["users"] == 1
    assert manifest.files() == ["plans/2027-01/menu.csv"]
    assert archive.stat().st_mode & 0o077 == 0
    assert [path.name for path in archive.parent.iterdir()] == ["jour.tar.gz"]


def test_backup_inside_the_home_leaves_itself_out(filled: Databases) -> None:
    """Saved twice at the same place, an archive does not hold its predecessor."""
    config = filled("sqlite")
    archive = config.home / "jour.tar.gz"
    backup(config, archive, NOW)
    assert backup(config, archive, NOW).files() == ["plans/2027-01/menu.csv"]


@pytest.fixture
def archive(databases: Databases, tmp_path: Path) -> Path:
    """A small, valid archive."""
    config, path = databases("origine"), tmp_path / "jour.tar.gz"
    with transaction(prepare(config)) as session:
        session.add(Setting(key="reference_date", value="2027-01-04"))
    (config.home / "note.txt").write_text("note", encoding="utf-8")
    backup(config, path, NOW)
    return path


def _altered(archive: Path, changes: dict[str, bytes | None]) -> Path:
    """The archive with some files replaced, added, or left out (None)."""
    target = archive.with_name("altered.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        contents = {entry.name: old.extractfile(entry).read() for entry in old}  # type: ignore[union-attr]
        for name, content in (contents | changes).items():
            if content is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                new.addfile(entry, io.BytesIO(content))
    return target


def _manifest(archive: Path) -> dict[str, dict[str, object]]:
    with tarfile.open(archive) as opened:
        source = opened.extractfile("manifest.json")
        assert source
        return json.load(source)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"database/settings.jsonl": b'["key", "value", "note"]\n'}, "inattendu"),
        ({"files/note.txt": b"gris"}, "empreinte"),
        ({"files/note.txt": None}, "incomplète"),
        ({"files/autre.txt": b"?"}, "inattendu"),
        ({"manifest.json": b"{}"}, "manifeste"),
        ({"manifest.json": None}, "manifeste"),
    ],
)
def test_altered_archive_is_refused(
    changes: dict[str, bytes | None], message: str, archive: Path, databases: Databases
) -> None:
    """An archive that differs from its manifest changes nothing."""
    config = databases("sqlite")
    prepare(config)
    with pytest.raises(ArchiveError, match=message):
        restore(config, _altered(archive, changes), NOW)
    with Session(prepare(config)) as session:
        assert session.exec(select(Setting)).all() == []


@pytest.mark.parametrize("name", ["files/../../evil.txt", "/evil.txt", "files/secret", "evil.txt"])
def test_names_leading_elsewhere_are_refused(name: str, archive: Path, databases: Databases) -> None:
    """Neither a path outside the home, nor the machine's own files, even when the manifest agrees."""
    manifest = _manifest(archive)
    manifest["members"][name] = {
        "size": 0,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    changed = _altered(archive, {"manifest.json": json.dumps(manifest).encode(), name: b""})
    config = databases("sqlite")
    with pytest.raises(ArchiveError, match="inattendu"):
        restore(config, changed, NOW)
    assert not (config.home.parent / "evil.txt").exists()


def test_link_is_refused(archive: Path, databases: Databases) -> None:
    """A link in the place of a file is not followed."""
    target = archive.with_name("link.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            if entry.name == "files/note.txt":
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
                new.addfile(entry)
            else:
                new.addfile(entry, old.extractfile(entry))
    with pytest.raises(ArchiveError, match="inattendu"):
        restore(databases("sqlite"), target, NOW)


def test_archive_of_a_later_release_is_refused(archive: Path, databases: Databases) -> None:
    """The message says what to do."""
    manifest = _manifest(archive) | {"revision": "9999"}
    changed = _altered(archive, {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(ArchiveError, match="mettez cantine à jour"):
        restore(databases("sqlite"), changed, NOW)


def test_any_other_file_is_refused(databases: Databases, tmp_path: Path) -> None:
    """A text, half an archive, nothing at all."""
    config = databases("sqlite")
    text = tmp_path / "texte.tar.gz"
    text.write_text("bonjour", encoding="utf-8")
    for path in (text, tmp_path / "absent.tar.gz"):
        with pytest.raises(ArchiveError, match="pas une sauvegarde lisible"):
            restore(config, path, NOW)


def test_cut_archive_is_refused(archive: Path, databases: Databases) -> None:
    """A download that stopped half-way."""
    cut = archive.with_name("cut.tar.gz")
    shutil.copy(archive, cut)
    with cut.open("r+b") as file:
        file.truncate(archive.stat().st_size // 2)
    with pytest.raises(ArchiveError):
        restore(databases("sqlite"), cut, NOW)


def test_empty_home_has_nothing_to_save(databases: Databases, tmp_path: Path) -> None:
    """No database, no backup, and none is created."""
    config = databases("sqlite")
    with pytest.raises(ArchiveError, match="rien à sauvegarder"):
        backup(config, tmp_path / "jour.tar.gz", NOW)
    assert list(config.home.iterdir()) == []
    (config.home / "cantine.db").touch()
    with pytest.raises(ArchiveError, match="rien à sauvegarder"):
        backup(config, tmp_path / "jour.tar.gz", NOW)


def _files(config: Config) -> dict[str, bytes]:
    """Files of people in a home, and its folders."""
    found = {}
    for path in config.home.rglob("*"):
        name = path.relative_to(config.home).as_posix()
        if not name.startswith(("cantine.db", "sauvegardes", "secret")):
            found[name] = path.read_bytes() if path.is_file() else b"folder"
    return found


def _fail_at_the_commit(monkeypatch: pytest.MonkeyPatch, _config: Config) -> None:
    def fail(_dialect: object, _connection: object) -> None:
        raise OSError(28, "No space left on device")

    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        monkeypatch.setattr(dialect, "do_commit", fail)


def _fail_at_a_row(monkeypatch: pytest.MonkeyPatch, _config: Config) -> None:
    def fail(_connection: object, _tables: object) -> None:
        raise ArchiveError("panne")

    monkeypatch.setattr("cantine.backup.reset_counters", fail)


def _fail_at_the_last_file(_monkeypatch: pytest.MonkeyPatch, config: Config) -> None:
    (config.home / "zz").write_text("un fichier à la place d'un dossier", encoding="utf-8")


@pytest.mark.parametrize("fail", [_fail_at_the_commit, _fail_at_a_row, _fail_at_the_last_file])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restore_that_fails_leaves_everything_as_it_was(
    kind: str,
    fail: Callable[[pytest.MonkeyPatch, Config], None],
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows and files are those of before, whichever step fails; then nothing stands in the way."""
    old, config, archive = databases("sqlite3"), databases(kind), tmp_path / "jour.tar.gz"
    for place, word in ((old, "avant"), (config, "apres")):
        with transaction(prepare(place)) as session:
            session.add(Setting(key="reference_date", value=word))
        (place.home / "note.txt").write_text(word, encoding="utf-8")
    for name in ("plans/2027/menu.csv", "zz/dernier.txt"):
        (old.home / name).parent.mkdir(parents=True)
        (old.home / name).write_text("avant", encoding="utf-8")
    backup(old, archive, NOW)
    with monkeypatch.context() as patch:
        fail(patch, config)
        files = _files(config)
        with pytest.raises(ArchiveError):
            restore(config, archive, NOW, force=True)
    assert _files(config) == files
    with Session(make_engine(config.database_url)) as session:
        assert session.get_one(Setting, "reference_date").value == "apres"
    (config.home / "zz").unlink(missing_ok=True)
    restore(config, archive, NOW, force=True)
    assert (config.home / "note.txt").read_text(encoding="utf-8") == "avant"
    assert (config.home / "zz" / "dernier.txt").exists()
    assert not list(config.home.glob(".restauration-*"))
    with Session(make_engine(config.database_url)) as session:
        assert session.get_one(Setting, "reference_date").value == "avant"
