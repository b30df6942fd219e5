"""Data packages: what comes in comes out, on SQLite and on PostgreSQL."""

import json
from pathlib import Path

import pytest
from frictionless import validate
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import transaction
from cantine.kitchens.models import Kitchen
from cantine.menus.models import Service
from cantine.package_schema import forms
from cantine.suppliers.models import Offer
from cantine.tables import check_package, descriptor_text, export_package, import_package, write_template
from tests.cantine.packages.marais import fill, read
from tests.conftest import SEEDS


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".json")
    }


def test_committed_descriptor_is_the_generated_one() -> None:
    """Models and seeds/datapackage.json say the same."""
    assert (SEEDS / "datapackage.json").read_text(encoding="utf-8") == descriptor_text()


def test_invented_departement_comes_back_the_same(
    each_engine: Engine, marais_package: Path, tmp_path: Path
) -> None:
    """A package exported, loaded into another database and exported again is the same, byte for byte."""
    once, twice = tmp_path / "once", tmp_path / "twice"
    with transaction(each_engine) as session:
        import_package(session, marais_package)
        rows = export_package(session, once)
    with transaction(each_engine) as session:
        changes = import_package(session, once)
        export_package(session, twice)
    assert rows > 1000
    assert sum(change.unchanged for change in changes) == rows
    assert not any(change.added or change.changed for change in changes)
    assert _files(once) == _files(twice)


def test_seeds_come_back_the_same(seeds_engine: Engine, tmp_path: Path) -> None:
    """Export of the imported seeds equals the seeds."""
    with Session(seeds_engine) as session:
        export_package(session, tmp_path)
    assert _files(tmp_path) == _files(SEEDS)


def test_frictionless_alone_accepts_an_export(marais_engine: Engine, tmp_path: Path) -> None:
    """Any other program of the Frictionless standard can read and check the package."""
    with Session(marais_engine) as session:
        export_package(session, tmp_path)
    report = validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "message"])


def test_values_arrive_typed(marais_engine: Engine) -> None:
    """Lists, money, dates and booleans are what the models say."""
    with Session(marais_engine) as session:
        offer = session.exec(select(Offer).where(Offer.code == "primeur-carotte-bio")).one()
        kitchen = session.get_one(Kitchen, "SALINES")
    assert offer.labels == ("BIO",)
    assert offer.price_ht.as_tuple().exponent == -2
    assert offer.valid_to.isoformat() == "2027-08-31"
    assert offer.estimated_price is False
    assert kitchen.equipment == ("four", "sauteuse", "marmite", "friteuse", "cellule")


def test_template_is_an_empty_valid_package(tmp_path: Path) -> None:
    """The template holds a CSV per table with its titles, and a help naming each column."""
    write_template(tmp_path)
    help_text = (tmp_path / "LISEZMOI.md").read_text(encoding="utf-8")
    assert check_package(tmp_path) == []
    for form in forms().values():
        assert read(tmp_path, form.name) == []
        assert all(f"| {column.name} |" in help_text for column in form.columns)


def test_import_updates_and_keeps(marais_engine: Engine, tmp_path: Path) -> None:
    """Known rows are updated with their version raised, unknown ones added, unmentioned ones kept."""
    write_template(tmp_path)
    service = {"kitchen": "PORT-BRUME", "date": "2026-12-18", "college": 390, "adulte": 15, "status": "servi"}
    other = {"kitchen": "PORT-BRUME", "date": "2027-01-05", "college": 400, "status": "prevu"}
    fill(tmp_path, "services", [service, other])
    with transaction(marais_engine) as session:
        changes = {change.table: change for change in import_package(session, tmp_path)}
    with Session(marais_engine) as session:
        services = session.exec(select(Service).order_by("date")).all()
        assert len(session.exec(select(Kitchen)).all()) == 3
    assert [change.columns for change in changes["services"].changed] == [["college"]]
    assert [(row.college, row.version) for row in services] == [(390, 2), (400, 1)]


def test_one_table_alone_refers_to_the_database(marais_engine: Engine, tmp_path: Path) -> None:
    """A folder with one table is a package: its keys may be those of the database."""
    write_template(tmp_path / "whole")
    stock = {
        "kitchen": "SALINES",
        "food": "riz",
        "grams": 5,
        "price_ht_per_kg": 2,
        "expires_on": "2027-05-01",
    }
    fill(tmp_path / "whole", "stock_lots", [stock])
    (tmp_path / "stock_lots.csv").write_bytes((tmp_path / "whole" / "stock_lots.csv").read_bytes())
    with Session(marais_engine) as session:
        assert check_package(tmp_path, session) == []
    assert {fault.column for fault in check_package(tmp_path)} == {"kitchen", "food"}


def test_recipe_may_refer_to_a_later_one(each_engine: Engine, marais_package: Path) -> None:
    """Substitutes are filled whatever the order of the recipes."""
    with transaction(each_engine) as session:
        changes = {change.table: change for change in import_package(session, marais_package)}
    with Session(each_engine) as session:
        rows = {row["code"]: row["substitute"] for row in changes["recipes"].added if row["substitute"]}
        statement = "SELECT code, substitute FROM recipes WHERE substitute IS NOT NULL"
        stored = session.connection().exec_driver_sql(statement).all()
    assert rows
    assert {row.code: row.substitute for row in stored} == rows


@pytest.mark.parametrize("word", ["62", "Pas-de-Calais"])
def test_schema_knows_no_departement(word: str) -> None:
    """Nothing of one département stands in the form of packages."""
    descriptor = json.loads(descriptor_text())
    texts = [field["description"] for one in descriptor["resources"] for field in one["schema"]["fields"]]
    assert not any(word in text for text in texts)
