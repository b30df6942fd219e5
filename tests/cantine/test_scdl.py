"""Open data of the menus: what the rows say, and two independent checkers that find nothing to say."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from frictionless import Resource, Schema, system
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.cli import main
from cantine.db import transaction
from cantine.kitchens.models import College
from cantine.publishing.scdl import MENUS, PLATS, NothingPublishedError, open_data
from cantine.publishing.scdl_cells import dish_code
from cantine.publishing.siret import SiretError
from cantine.recipes.models import Recipe
from tests.cantine.published import SCHOOL, SIRET, UAI, change, fill_published, validate
from tests.cantine.reports_kitchen import CODE, MONDAY, TUESDAY
from tests.cantine.site import NOW
from tests.validata import validata_faults

SCHEMAS = {
    name: Path(__file__).parent / "schemas" / f"{name}-{version}.json"
    for name, version in ((MENUS, "1.2.3"), (PLATS, "0.7.2"))
}
Rows = list[dict[str, str]]


@pytest.fixture
def published_engine(engine: Engine) -> Engine:
    """The small kitchen, Monday changed after it was announced, Tuesday validated."""
    with transaction(engine) as session:
        fill_published(session, MONDAY, TUESDAY)
        session.get_one(Recipe, "carottes").name = "Carottes râpées, « fraîches » ; citron, huile"
        change(session)
        validate(session, MONDAY, later=True)
    return engine


@pytest.fixture
def kitchen(published_engine: Engine) -> Iterator[Session]:
    """A session on it."""
    with Session(published_engine, expire_on_commit=False) as session:
        yield session


def rows(session: Session, name: str) -> Rows:
    """One of the files read back."""
    made = dict(open_data(session, [CODE], MONDAY, TUESDAY, NOW).files())
    return list(csv.DictReader(made[f"{name}.csv"].splitlines()))


def written(session: Session, folder: Path) -> dict[str, Path]:
    """Both files in a folder."""
    for name, text in open_data(session, [CODE], MONDAY, TUESDAY, NOW).files():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return {name: folder / f"{name}.csv" for name in SCHEMAS}


def frictionless_faults(file: Path, name: str) -> list[str]:
    """What frictionless finds in a file."""
    with system.use_context(trusted=True):
        schema = Schema.from_descriptor(str(SCHEMAS[name]))
        report = Resource(path=str(file), schema=schema).validate()
    return [error.message for task in report.tasks for error in task.errors] + [
        error.message for error in report.errors
    ]


def test_both_checkers_accept_both_files_and_refuse_spoilt_ones(kitchen: Session, tmp_path: Path) -> None:
    """Frictionless reads types, lists and words; validata also reads the key of a SIRET."""
    files = written(kitchen, tmp_path)
    for name, file in files.items():
        assert frictionless_faults(file, name) == []
    good = files[MENUS].read_text(encoding="utf-8")
    spoilt = {
        "cle": good.replace(SIRET, f"{SIRET[:-1]}9"),
        "mot": good.replace('sans porc ""', 'sans porc""'),
    }
    for stem, text in spoilt.items():
        assert text != good
        (tmp_path / f"{stem}.csv").write_text(text, encoding="utf-8", newline="")
    assert frictionless_faults(tmp_path / "mot.csv", MENUS) != []
    pairs = [(file, SCHEMAS[name]) for name, file in files.items()]
    menus, plats, key = validata_faults([*pairs, (tmp_path / "cle.csv", SCHEMAS[MENUS])])
    assert (menus, plats) == ([], [])
    assert any("SIRET" in fault for fault in key)


def test_columns_are_those_of_the_schemas(kitchen: Session) -> None:
    """26 and 21, in their order."""
    for name, schema in SCHEMAS.items():
        fields = [field["name"] for field in json.loads(schema.read_text(encoding="utf-8"))["fields"]]
        assert list(rows(kitchen, name)[0]) == fields
        assert len(fields) == {MENUS: 26, PLATS: 21}[name]


def test_one_row_per_dish_and_site(kitchen: Session) -> None:
    """Who cooks, who eats, what: the substitute without pork beside the dish it replaces."""
    found = rows(kitchen, MENUS)
    places = {
        (row["menuRestaurantId"], row["menuRestaurantIdType"], row["menuRestaurantType"]) for row in found
    }
    assert places == {(SIRET, "SIRET", "collège"), (SCHOOL, "autre", "élémentaire")}
    tuesday = [
        (row["menuPlatType"], row["menuPlatNom"], row["menuPlatRegime"])
        for row in found
        if (row["menuDate"], row["menuRestaurantType"]) == (TUESDAY.isoformat(), "collège")
    ]
    assert tuesday == [
        ("plat principal", "Rôti de porc", ""),
        ("plat principal", "Rôti de dinde", '["sans porc "]'),
        ("dessert", "Riz au lait", '["végétarien"]'),
    ]


def test_labels_allergens_and_changes_are_told(kitchen: Session) -> None:
    """A label that the product carries; every allergen that may be there, to be confirmed; the change."""
    monday = {
        row["menuPlatNom"]: row for row in rows(kitchen, MENUS) if row["menuDate"] == MONDAY.isoformat()
    }
    carrots = monday["Carottes râpées, « fraîches » ; citron, huile"]
    rice = monday["Riz au lait"]
    assert (carrots["menuPlatSiqo"], carrots["menuPlatAllergene"]) == ('["agriculture biologique"]', "")
    assert (rice["menuPlatAllergene"], rice["menuPlatPrecision"][:22]) == (
        '["soja", "lait"]',
        "allergènes à confirmer",
    )
    assert (rice["menuPublicationDate"], rice["menuModificationDate"], rice["menuModificationInfo"]) == (
        "2027-01-04T08:00:00Z",
        "2027-01-05T08:00:00Z",
        "menu changé après son annonce",
    )
    milk = next(row for row in rows(kitchen, PLATS) if row["platProduitNom"] == "Lait demi-écrémé")
    assert (milk["platNom"], milk["platProduitAllergene"]) == ("Riz au lait", '["soja", "lait"]')


def test_dishes_of_both_files_join_and_suppliers_are_not_named(kitchen: Session) -> None:
    """One code per dish, at most 16 characters; a producer may be a person."""
    menus, plats = rows(kitchen, MENUS), rows(kitchen, PLATS)
    assert {row["menuPlatCode"] for row in menus} == {row["platCode"] for row in plats}
    assert "Dunes" not in {word for row in plats for word in row["platProduitFournisseurNom"].split()}
    assert not any(row["platProduitFournisseurNom"] or row["platProduitFournisseurSiret"] for row in plats)
    long = "salade_de_farfalles_aux_petits_pois"
    assert (len(dish_code(long)), dish_code("carottes")) == (16, "carottes")
    assert dish_code(long) != dish_code(f"{long}_bis")


@pytest.mark.parametrize(
    ("siret", "origin", "words"),
    [
        ("", "declare", "manque"),
        ("19990001000019", "source", "faute de frappe"),
        (SIRET, "estime", "est estimé"),
    ],
)
def test_a_siret_that_is_not_sure_leaves_nothing(
    kitchen: Session, siret: str, origin: str, words: str
) -> None:
    """Missing, wrong or estimated: said with the name of the collège; a demonstration takes estimates."""
    college = kitchen.get_one(College, UAI)
    college.siret, college.siret_origin = siret, origin
    kitchen.flush()
    with pytest.raises(SiretError, match=f"Collège des Dunes, Port-Brume : .*{words}"):
        open_data(kitchen, [CODE], MONDAY, TUESDAY, NOW)
    if origin == "estime":
        assert open_data(kitchen, [CODE], MONDAY, TUESDAY, NOW, demo=True).days == 2
    else:
        with pytest.raises(SiretError):
            open_data(kitchen, [CODE], MONDAY, TUESDAY, NOW, demo=True)


def test_nothing_validated_is_nothing_to_publish(kitchen: Session) -> None:
    """An empty file would say that nobody eats."""
    change(kitchen)
    with pytest.raises(NothingPublishedError):
        open_data(kitchen, [CODE], MONDAY, MONDAY, NOW)


def test_the_command_writes_both_files_or_none(
    published_engine: Engine,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Files and a sentence; a period the wrong way round is a wrong question; an unsure SIRET stops all."""
    monkeypatch.setenv("CANTINE_HOME", str(home))
    verb = ["export-scdl", "--from", "2027-01-04", "--out"]
    assert main([*verb, str(tmp_path / "a"), "--to", "2027-01-05", "--kitchen", CODE]) == 0
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [f"{MENUS}.csv", f"{PLATS}.csv"]
    assert (tmp_path / "a" / f"{MENUS}.csv").read_bytes().startswith(b"menuCollNom,")
    assert "2\u00a0jours de menus validés, 1\u00a0cuisine." in capsys.readouterr().out
    assert main([*verb, str(tmp_path / "b"), "--to", "2027-01-03"]) == 2
    with transaction(published_engine) as session:
        session.get_one(College, UAI).siret_origin = "estime"
    assert main([*verb, str(tmp_path / "b"), "--to", "2027-01-05"]) == 1
    assert "1 SIRET à confirmer, rien n'est écrit." in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
