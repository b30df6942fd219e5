"""The State's file of purchases: valid for two independent readers, or refused with every line to mend."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from frictionless import Resource, Schema
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine import cli
from cantine.egalim import export as exporting
from cantine.egalim.declaration import csv_of, load_declaration, value_faults
from cantine.egalim.export import Export, Request, export
from cantine.egalim.importing import read_purchases
from cantine.egalim.ma_cantine import COLUMNS, SCHEMAS, line_faults
from cantine.egalim.models import YearTotal
from cantine.kitchens.models import College, Kitchen
from cantine.orders.models import Purchase
from cantine.stores.models import Reception, ReceptionLine
from tests.cantine.bought import DAY, OTHER, OWN, SIRETS, bought, give_sirets, worked_example
from tests.cantine.site import NOW
from tests.validata import validata_faults

TODAY = date(2027, 1, 4)
GOOD = {
    "siret": SIRETS["0990001A"],
    "description": "Pommes",
    "fournisseur": "",
    "date": "2026-11-05",
    "prix_ht": "12.50",
    "famille_produits": "FRUITS_ET_LEGUMES",
    "categories_egalim": "BIO",
    "origine": "FRANCE",
    "est_circuit_court": "OUI",
    "est_local": "OUI",
    "definition_local": "KM",
    "definition_local_km": "60",
}


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département, with two confirmed numbers."""
    with Session(marais_engine, expire_on_commit=False) as session:
        give_sirets(session)
        yield session


def made(session: Session, *rows: Purchase, demo: bool = False, kitchens: list[str] | None = None) -> Export:
    """The export of 2026 once these are bought."""
    session.add_all(rows)
    session.flush()
    return export(session, Request(date(2026, 1, 1), date(2026, 12, 31), kitchens, TODAY, demo))


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def frictionless_faults(path: Path, schema: str) -> list[str]:
    """What the reference reader finds."""
    given = Schema.from_descriptor(json.loads((SCHEMAS / schema).read_text(encoding="utf-8")))
    report = Resource(path.name, basepath=str(path.parent), schema=given).validate()
    return [error.message for task in report.tasks for error in task.errors]


def kinds() -> list[Purchase]:
    """Every kind of purchase that can be written."""
    return [
        *worked_example(),
        bought("", "0.99", description="Bœuf\nbourguignon, « cru »", family="VIANDES_VOLAILLES", local_km=12),
        bought("CE2", "3", origin_country="MONDE", short_chain=True),
        bought("", "4.005", origin_country="EUROPE", local_definition="PAT", kitchen=OTHER),
        bought("FERMIER", "1500", family="PRODUITS_LAITIERS", local_definition="KM", local_km=30),
    ]


def test_two_readers_find_nothing_in_what_is_written(session: Session, tmp_path: Path) -> None:
    """Frictionless and the State's own checker; the declaration of the same year too."""
    done = made(session, *kinds())
    assert done.faults == []
    purchases, declared = tmp_path / "achats.csv", tmp_path / "bilans.csv"
    purchases.write_bytes(done.files[0])
    declared.write_bytes(csv_of(load_declaration(session, 2026, TODAY)))
    pairs = [(purchases, "achats_siret.json"), (declared, "bilans_simple_siret.json")]
    assert [frictionless_faults(path, schema) for path, schema in pairs] == [[], []]
    assert validata_faults([(path, SCHEMAS / schema) for path, schema in pairs]) == [[], []]


def test_the_twelve_columns_hold_what_the_ledger_says(session: Session) -> None:
    """Local with its definition, origin, short chain, level two counted with HVE; no mark at the start."""
    done = made(session, *kinds())
    assert done.files[0].startswith(",".join(COLUMNS).encode())
    found = {line["description"]: line for line in lines(done.files[0])}
    beef = found["Bœuf bourguignon, « cru »"]
    assert (beef["prix_ht"], beef["est_local"], beef["definition_local"]) == ("0.99", "OUI", "KM")
    assert beef["definition_local_km"] == "60", "the département's radius, not the distance of the product"
    written = [list(line.values())[6:] for line in lines(done.files[0])]
    assert ["HVE", "", "OUI", "", "", ""] in written
    assert ["", "EUROPE", "", "OUI", "PAT", ""] in written
    assert ["FERMIER", "", "", "OUI", "KM", "30"] in written
    assert {line["siret"] for line in lines(done.files[0])} == set(SIRETS.values())


def test_credit_notes_are_taken_off_what_they_correct(session: Session) -> None:
    """Same supplier, family and labels; the latest before it first; what nothing takes is a fault."""
    done = made(
        session,
        bought("BIO", 10, date=date(2026, 3, 1), description="mars"),
        bought("BIO", 30, date=date(2026, 5, 1), description="mai"),
        bought("BIO", -35, date=date(2026, 5, 4)),
        bought("", 100),
    )
    assert (done.faults, done.credits, done.amount) == ([], 1, 105)
    assert [(line["description"], line["prix_ht"]) for line in lines(done.files[0])] == [
        ("mars", "5.00"),
        ("Pommes", "100.00"),
    ]
    refused = made(session, bought("LABEL_ROUGE", -1, family="VIANDES_VOLAILLES"))
    assert [fault.column for fault in refused.faults] == ["prix_ht"]
    assert refused.files == []


def test_everything_to_mend_is_told_at_once_with_its_line(session: Session) -> None:
    """A file is given whole or not at all."""
    rows = [
        bought("", 1, date=date(2027, 1, 5)),
        bought("", 1, family=""),
        bought("LABEL_ROUGE", 1, family="BOISSONS"),
        bought("MSC", 1),
        bought("", 1, description=" "),
    ]
    session.add_all(rows)
    session.flush()
    done = export(session, Request(date(2026, 1, 1), date(2027, 12, 31), None, TODAY))
    told = sorted((fault.purchase or 0, fault.column) for fault in done.faults)
    numbers = [row.id or 0 for row in rows]
    columns = ["date", "famille_produits", "categories_egalim", "description"]
    assert told == sorted(zip([*numbers[:3], numbers[4]], columns, strict=True))
    assert done.files == []


def test_a_label_that_the_law_does_not_know_is_not_written(session: Session) -> None:
    """A private label counts for nothing, on the screen as in the file."""
    assert lines(made(session, bought("MSC", 1)).files[0])[0]["categories_egalim"] == ""


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("siret", "19990001000017"),
        ("date", "05/11/2026"),
        ("prix_ht", "12,50"),
        ("famille_produits", "FROMAGES"),
        ("famille_produits", ""),
        ("categories_egalim", "BIO;IGP"),
        ("origine", "MONDE"),
        ("definition_local_km", "loin"),
        ("description", ""),
    ],
)
def test_what_the_readers_refuse_we_refuse(tmp_path: Path, column: str, text: str) -> None:
    """Our check of a line, against frictionless (which knows no key of SIRET)."""
    cells = GOOD | {column: text}
    assert line_faults(GOOD, TODAY) == []
    assert [name for name, _ in line_faults(cells, TODAY)] == [column]
    path = tmp_path / "un.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([COLUMNS, [cells[name] for name in COLUMNS]])
    assert bool(frictionless_faults(path, "achats_siret.json")) == (column != "siret")


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("date", {"date": "2027-01-05"}),
        ("prix_ht", {"prix_ht": "-1"}),
        ("definition_local", {"est_local": ""}),
        ("categories_egalim", {"categories_egalim": "BIO, IGP"}),
        ("categories_egalim", {"categories_egalim": "PECHE_DURABLE"}),
        ("categories_egalim", {"categories_egalim": "FERMIER"}),
        ("categories_egalim", {"categories_egalim": "LABEL_ROUGE", "famille_produits": "BOISSONS"}),
        ("definition_local_km", {"definition_local": "PAT"}),
    ],
)
def test_what_the_schema_misses_is_refused_too(column: str, changed: dict[str, str]) -> None:
    """The platform refuses it although its schema does not."""
    assert column in [name for name, _ in line_faults(GOOD | changed, TODAY)]


def test_an_estimated_siret_is_refused_until_confirmed_demonstrations_apart(session: Session) -> None:
    """Unknown is one thing, guessed another; invented purchases are not declared either."""
    give_sirets(session, "estime")
    invented = bought("", 5, source="generation", origin="demonstration")
    done = made(session, invented, bought("", 5, kitchen="SAINT-ROSELIN"))
    told = {(fault.kitchen, fault.column): fault.reason for fault in done.faults}
    assert "estimé" in told[OWN, "siret"]
    assert "inventé" in told[OWN, "description"]
    assert "manque" in told["SAINT-ROSELIN", "siret"]
    allowed = made(session, demo=True, kitchens=[OWN])
    assert (allowed.faults, len(allowed.warnings), allowed.lines) == ([], 1, 1)


def test_a_label_not_seen_at_the_door_is_told(session: Session) -> None:
    """A warning: the file is written all the same."""
    reception = Reception(kitchen=OWN, supplier="primeur", date=DAY, started_at=NOW)
    session.add(reception)
    session.flush()
    line = ReceptionLine(
        reception=reception.id or 0,
        position=1,
        food="carotte",
        name="Carottes",
        pack_g=1000,
        price_ht_per_kg=1,
        label_proof=False,
    )
    session.add(line)
    session.flush()
    done = made(session, bought("BIO", 5, reception_line=line.id))
    assert [one.column for one in done.warnings] == ["categories_egalim"]
    assert done.lines == 1


def test_files_stay_under_what_the_platform_takes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut between lines, each with its titles; nothing lost, nothing twice."""
    monkeypatch.setattr(exporting, "LARGEST_FILE", 700)
    rows = [bought("", n, kitchen=kitchen) for n in range(1, 9) for kitchen in (OWN, OTHER)]
    done = made(session, *rows)
    assert len(done.files) > 2
    assert max(map(len, done.files)) <= 700
    prices = [float(line["prix_ht"]) for data in done.files for line in lines(data)]
    assert sorted(prices) == sorted(2 * [*range(1, 9)])


def test_the_command_says_what_to_do_by_its_code(
    marais_engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 written, 1 to mend or nothing bought, 2 a wrong question; no file but a good one."""
    monkeypatch.setenv("CANTINE_HOME", str(home))
    out = home / "ma-cantine" / "achats.csv"

    def run(*more: str, first: str = "2026-01-01") -> int:
        asked = ["export-ma-cantine", "--from", first, "--to", "2026-12-31", "--out", str(out)]
        return cli.main([*asked, *more])

    assert run() == 1
    with Session(marais_engine) as session:
        session.add(bought("BIO", 12))
        session.commit()
    assert run() == 1
    assert "SIRET" in capsys.readouterr().err
    assert not out.exists()
    with Session(marais_engine) as session:
        give_sirets(session)
        session.commit()
    assert run("--kitchen", OWN) == 0
    assert len(lines(out.read_bytes())) == 1
    assert run("--kitchen", "NULLE-PART") == 2
    assert run(first="2027-02-01") == 2
    bilan = home / "bilans.csv"
    assert cli.main(["declare-ma-cantine", "--year", "2026", "--out", str(bilan)]) == 0
    assert bilan.read_text(encoding="utf-8").startswith("siret,année_bilan,valeur_totale")


def test_the_declaration_is_the_year_by_group(session: Session) -> None:
    """The worked example, with what France gave; each value where the form asks for it."""
    session.add_all(worked_example())
    session.add(bought("LABEL_ROUGE", 60, family="VIANDES_VOLAILLES", origin_country="FRANCE"))
    session.flush()
    (line,) = load_declaration(session, 2026, TODAY).lines
    told = {name.removeprefix("valeur_"): value for name, value in line.values.items() if value}
    assert told == {
        "totale": 1135,
        "bio": 220,
        "bio_dont_commerce_equitable": 20,
        "siqo": 110,
        "externalites_performance": 45,
        "egalim_autres": 260,
        "egalim_autres_dont_commerce_equitable": 10,
        "viandes_volailles": 60,
        "viandes_volailles_egalim": 60,
        "viandes_volailles_france": 60,
        "produits_de_la_mer": 240,
        "produits_de_la_mer_egalim": 240,
    }
    assert line.faults == ()
    spoilt = line.values | {"valeur_viandes_volailles_egalim": line.values["valeur_totale"] + 1}
    assert {column for column, _ in value_faults(spoilt)} == {"valeur_viandes_volailles_egalim"}
    assert value_faults(dict.fromkeys(line.values, line.values["valeur_produits_de_la_mer"])) != []


def test_lines_imported_for_a_declared_time_are_declared(session: Session) -> None:
    """The total has no detail; the lines have, and what they still lack is told in euros."""
    total = YearTotal(kitchen=OWN, year=2026, until=date(2026, 8, 31), total_ht=Decimal(1000))
    total.egalim_ht = total.bio_ht = total.meat_fish_ht = total.meat_fish_egalim_ht = Decimal(0)
    session.add_all([total, bought("BIO", 500, date=date(2026, 10, 1))])
    session.add(bought("IGP", 900, date=date(2026, 5, 1), source="import"))
    session.flush()
    (line,) = load_declaration(session, 2026, TODAY).lines
    assert (line.values["valeur_totale"], line.values["valeur_siqo"]) == (1400, 900)
    assert "100,00" in line.warnings[0]
    session.add(bought("", 100, date=date(2026, 8, 31), source="import"))
    session.flush()
    (line,) = load_declaration(session, 2026, TODAY).lines
    assert "déclaré" not in " ".join(line.warnings)


def test_two_kitchens_of_one_number_are_one_line(session: Session) -> None:
    """The platform takes one declaration per SIRET, whichever of them asks; both read their file."""
    session.get_one(Kitchen, OTHER).uai = "0990001A"
    session.add_all([bought("BIO", 10), bought("", 5, kitchen=OTHER)])
    session.flush()
    for asked in (None, [OWN], [OTHER]):
        (line,) = load_declaration(session, 2026, TODAY, asked).lines
        assert (line.values["valeur_totale"], line.values["valeur_bio"]) == (15, 10)
        assert asked is None or line.place.kitchen == asked[0]
    (data,) = export(session, Request(date(2026, 1, 1), date(2026, 12, 31), [OWN], TODAY)).files
    for only in (OWN, OTHER):
        assert {row["kitchen"] for row in read_purchases(session, "a.csv", data, TODAY, only).rows} == {only}


def test_a_declaration_waits_for_a_confirmed_number(session: Session) -> None:
    """The same refusals as the purchases, and the end of the year is told."""
    give_sirets(session, "estime")
    session.add(bought("", 10))
    session.flush()
    found = load_declaration(session, 2026, date(2026, 12, 31))
    assert [fault.column for fault in found.faults] == ["siret"]
    assert "n'est pas finie" in " ".join(found.lines[0].warnings)
    assert session.exec(select(College.siret_origin).where(College.uai == "0990001A")).one() == "estime"
