"""The command line: verbs, exit codes, French messages."""

import argparse
import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cantine.accounts.models import Grant, JournalEntry, User
from cantine.cli import build_parser, main
from cantine.db import make_engine
from cantine.kitchens.models import Kitchen
from tests.cantine.packages.marais import fill
from tests.conftest import make_config

VERBS = (
    "import",
    "export",
    "template",
    "plan",
    "check",
    "report",
    "bench",
    "backup",
    "restore",
    "serve",
    "user",
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in a temporary home: exit code, output, errors, plain spaces."""
    monkeypatch.setenv("CANTINE_HOME", str(home))
    for name in ("CANTINE_DATABASE_URL", "CANTINE_ENV", "CANTINE_SECRET_KEY", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in argv])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        output = capsys.readouterr()
        return code, output.out.replace("\u00a0", " "), output.err.replace("\u00a0", " ")

    return call


def _kitchens(home: Path) -> int:
    with Session(make_engine(make_config(home).database_url)) as session:
        return len(session.exec(select(Kitchen)).all())


def test_help_names_every_verb_in_french(run: Run) -> None:
    """The help is French from end to end."""
    code, out, _ = run("--help")
    assert code == 0
    assert out.startswith("usage : cantine")
    assert all(f"    {verb} " in out for verb in VERBS)
    for english in ("usage:", "positional", "options:\n  -h, --help  show", "show this help"):
        assert english not in out


def _parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [parser]
    for action in parser._actions:  # noqa: SLF001 -- argparse offers no other way to list verbs
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found += [inner for one in action.choices.values() for inner in _parsers(one)]
    return found


def test_every_argument_has_a_help() -> None:
    """No verb and no argument without a French word about it."""
    for parser in _parsers(build_parser()):
        assert parser.description
        assert parser.format_usage().count("usage :") == 1
        for action in parser._actions:  # noqa: SLF001
            assert action.help or isinstance(action, argparse._SubParsersAction)  # noqa: SLF001


def test_every_verb_exists() -> None:
    """The address of each verb leads to a function."""
    for parser in _parsers(build_parser()):
        address = parser.get_default("verb_address")
        if address:
            module, function = address.split(":")
            assert callable(getattr(importlib.import_module(module), function)), address


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "il manque : VERBE"),
        (("manger",), "n'existe pas ; au choix"),
        (("import",), "il manque : DOSSIER"),
        (("import", "a", "b"), "arguments inconnus : b"),
        (("plan", "--kitchen", "A", "--from", "demain", "--out", "x"), "« demain » n'est pas une date"),
        (("plan", "--kitchen", "A", "--from", "2027-01-04"), "il manque : --out"),
        (("plan", "--kitchen"), "--kitchen : il manque la valeur"),
        (("plan", "--services", "0"), "nombre entier de 1 à 60"),
        (("report", "menu", "--out", "x"), "il manque l'un de ces arguments : --kitchen --all"),
        (("report", "menu", "--all", "--kitchen", "A", "--out", "x"), "ne va pas avec"),
        (("restore", "--for", "x"), "arguments inconnus : --for"),
        (("check", "nulle-part"), "n'existe pas"),
        (("import", "nulle-part"), "n'existe pas"),
        (("user", "reset", "personne"), "Aucun compte"),
        (("user", "add", "a", "--name", "A", "--role", "roi"), "Le rôle « roi » n'existe pas"),
        (("user", "add", "a", "--name", "A", "--role", "chef"), "ajoutez --kitchen"),
    ],
)
def test_wrong_usage_is_told_in_french(argv: tuple[str, ...], message: str, run: Run) -> None:
    """Exit code 2 and a French sentence."""
    code, _, err = run(*argv)
    assert code == 2
    assert message in err
    assert "error" not in err


def test_data_go_round(run: Run, home: Path, marais_package: Path, tmp_path: Path) -> None:
    """Template, check, import, export, import again: each says what it did."""
    empty, back = tmp_path / "vide", tmp_path / "retour"
    assert run("template", empty)[0] == 0
    assert run("check", marais_package)[:2] == (0, "Paquet vérifié : aucune faute.\n")
    code, out, _ = run("import", marais_package)
    assert code == 0
    assert "kitchens" in out
    assert "3 ajoutées" in out
    assert run("export", back)[0] == 0
    assert "3 inchangées" in run("import", back)[1]
    assert _kitchens(home) == 3


def test_import_keeps_what_it_changes(run: Run, home: Path, marais_package: Path, tmp_path: Path) -> None:
    """Changed diners and menus go to the journal of their kitchen; a first import leaves none."""
    run("import", marais_package)
    run("template", tmp_path)
    fill(tmp_path, "diners", [{"site": "ECOLE-SALINES", "weekday": 1, "maternelle": 40, "elementaire": 80}])
    assert run("import", tmp_path)[0] == 0
    with Session(make_engine(make_config(home).database_url)) as session:
        entry = session.exec(select(JournalEntry)).one()
    assert (entry.kitchen, entry.subject, entry.key) == ("SALINES", "table", "diners/ECOLE-SALINES~1")
    assert json.loads(entry.before) == {"maternelle": "45", "adulte": "6"}
    assert json.loads(entry.after) == {"maternelle": "40", "adulte": "0"}


def test_template_spares_what_is_filled(run: Run, marais_package: Path) -> None:
    """A filled package is not emptied by mistake."""
    before = (marais_package / "kitchens.csv").read_bytes()
    code, _, err = run("template", marais_package)
    assert code == 2
    assert "choisissez un dossier vide" in err
    assert (marais_package / "kitchens.csv").read_bytes() == before


def test_faulty_package_is_refused(run: Run, home: Path, tmp_path: Path) -> None:
    """Exit code 1, every fault on its line, nothing written; check says the same."""
    run("template", tmp_path)
    fill(
        tmp_path,
        "communes",
        [{"insee": "99001", "name": "Port-Brume", "departement": "99", "latitude": "46,1"}],
    )
    code, _, err = run("import", tmp_path)
    assert code == 1
    assert "communes, ligne 2, colonne « latitude » : « 46,1 »" in err
    assert "communes, ligne 2, colonne « longitude »" in err
    assert "rien n'est importé" in err
    code, out, _ = run("check", tmp_path)
    assert code == 1
    assert "2 fautes trouvées." in out
    assert _kitchens(home) == 0


def test_backup_and_restore(run: Run, marais_package: Path, tmp_path: Path) -> None:
    """A refused restore is a fault (1); forced, it is done (0)."""
    archive = tmp_path / "jour.tar.gz"
    run("import", marais_package)
    code, out, _ = run("backup", archive)
    assert code == 0
    assert "lignes et 0 fichier dans" in out
    assert run("restore", archive)[0] == 1
    assert run("restore", archive, "--force")[0] == 0


def test_broken_archive_is_a_fault(run: Run, tmp_path: Path) -> None:
    """Exit code 1 and a sentence."""
    (tmp_path / "x.tar.gz").write_text("?", encoding="utf-8")
    code, _, err = run("restore", tmp_path / "x.tar.gz")
    assert code == 1
    assert "pas une sauvegarde" in err


def test_accounts(run: Run, home: Path, marais_package: Path) -> None:
    """An account is opened with its rights, listed, given a new password, closed."""
    run("import", marais_package)
    run("user", "add", "admin", "--name", "Admin", "--role", "administrateur")
    argv = ("user", "add", "Chef@exemple.fr", "--name", "Une Chef", "--role", "chef", "--role", "acheteur")
    code, out, _ = run(*argv, "--kitchen", "SALINES", "--kitchen", "PORT-BRUME")
    assert code == 0
    assert "Mot de passe provisoire : " in out
    with Session(make_engine(make_config(home).database_url)) as session:
        user = session.exec(select(User).where(User.login == "chef@exemple.fr")).one()
        assert user.must_change
        assert len(session.exec(select(Grant).where(Grant.user_id == user.id)).all()) == 4
    code, out, _ = run("user", "list")
    assert "acheteur PORT-BRUME" in out
    assert run("user", "reset", "chef@exemple.fr")[0] == 0
    assert run("user", "purge")[1].startswith("0 compte anonymisé")
    assert run("user", "disable", "chef@exemple.fr")[0] == 0
    assert "(fermé)" in run("user", "list")[1]
    code, _, err = run("user", "disable", "admin")
    assert code == 1
    assert "dernier administrateur" in err
    assert run("user", "add", "x", "--name", "X", "--role", "chef", "--kitchen", "NULLE-PART")[0] == 2


def test_plan_folder_is_checked_as_a_plan(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder holding a result is recomputed by the planning room."""
    (tmp_path / "result.json").write_text(json.dumps({}), encoding="utf-8")
    folder = importlib.import_module("cantine.planning.folder")
    monkeypatch.setattr(folder, "check_folder", lambda path: [f"{path.name} : faux"])
    code, out, _ = run("check", tmp_path)
    assert code == 1
    assert ": faux" in out
