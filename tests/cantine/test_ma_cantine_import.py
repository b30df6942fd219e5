"""Past purchases from a ma cantine file: read whole, shown, written whole or not at all, taken back."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.egalim.export import Request, export
from cantine.egalim.importing import Preview, imports, read_purchases, undo_import, write_import
from cantine.egalim.ma_cantine import COLUMNS
from cantine.errors import ConflictError, FaultsError, ForbiddenError, NotFoundError
from cantine.orders.models import Purchase, PurchaseImport
from tests.cantine.bought import OTHER, OWN, SIRETS, bought, give_sirets
from tests.cantine.site import NOW

TODAY = date(2027, 1, 4)
MINE, THEIRS = SIRETS.values()
HEAD = ",".join(COLUMNS)
LINE = f"{MINE},Pommes,Primeur,2026-05-02,90.11,FRUITS_ET_LEGUMES,BIO,FRANCE,OUI,x,KM,50"


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département, with two confirmed numbers."""
    with Session(marais_engine, expire_on_commit=False) as session:
        give_sirets(session)
        yield session


def read(session: Session, *lines: str, name: str = "achats.csv", only: str | None = None) -> Preview:
    """The preview of a file of these lines."""
    return read_purchases(session, name, "\n".join([HEAD, *lines]).encode(), TODAY, only)


def told(preview: Preview) -> list[tuple[int | None, str | None]]:
    """Where something is wrong."""
    return [(fault.line, fault.column) for fault in preview.faults]


def test_a_file_comes_back_as_it_went(session: Session) -> None:
    """What the export wrote, read into the same ledger, gives the same file again."""
    session.add_all(
        [
            bought("BIO,IGP", "12.30", origin_country="EUROPE", short_chain=True),
            bought("", 4, local_definition="PAT", kitchen=OTHER),
            bought("HVE", 5, local_definition="KM", local_km=30),
        ]
    )
    session.flush()
    asked = Request(date(2026, 1, 1), date(2026, 12, 31), None, TODAY)
    before = export(session, asked).files
    for row in session.exec(select(Purchase)):
        session.delete(row)
    session.flush()
    preview = read_purchases(session, "achats.csv", before[0], TODAY)
    write_import(session, preview, None, NOW)
    assert export(session, asked).files == before
    suppliers = {row.supplier for row in session.exec(select(Purchase))}
    assert suppliers == {"primeur"}, "its name is known here"


@pytest.mark.parametrize(
    ("line", "amount", "day"),
    [
        (LINE, "90.11", date(2026, 5, 2)),
        (LINE.replace("90.11", '"1 290,11"'), "1290.11", date(2026, 5, 2)),
        (LINE.replace("90.11", "12.345"), "12.35", date(2026, 5, 2)),
        (LINE.replace("2026-05-02", "2/5/2026").replace("OUI,x", "x,OUI"), "90.11", date(2026, 5, 2)),
        (LINE.replace("FRUITS_ET_LEGUMES,BIO", ' FRUITS_ET_LEGUMES ,"bio , igp"'), "90.11", date(2026, 5, 2)),
    ],
)
def test_what_people_write_is_understood(session: Session, line: str, amount: str, day: date) -> None:
    """French decimals and dates, « x », spaces: all of it is the same line."""
    preview = read(session, line)
    assert preview.faults == []
    (row,) = preview.rows
    assert (str(row["amount_ht"]), row["date"], row["kitchen"]) == (amount, day, OWN)
    assert (row["short_chain"], row["local_definition"], row["local_km"]) == (True, "KM", 50)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(session: Session, encoding: str, separator: str) -> None:
    """As spreadsheets write them; a guess is told so that accents are looked at."""
    text = f"{HEAD}\n{LINE.replace('Pommes', 'Pâté de maïs')}".replace(",", separator)
    preview = read_purchases(session, "Achats.CSV", text.encode(encoding), TODAY)
    assert [row["description"] for row in preview.rows] == ["Pâté de maïs"]
    assert any("accents" in note for note in preview.notes) == (encoding in {"cp1252", "utf-16"})


def test_a_workbook_is_read_too(session: Session) -> None:
    """Numbers and dates of a spreadsheet are cells like others."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    sheet.append(
        [int(MINE), "Pommes", None, date(2026, 5, 2), 90.1, "AUTRES", None, None, None, None, None, None]
    )
    data = BytesIO()
    book.save(data)
    (row,) = read_purchases(session, "achats.xlsx", data.getvalue(), TODAY).rows
    assert (str(row["amount_ht"]), row["date"]) == ("90.10", date(2026, 5, 2))


def test_every_fault_of_every_line_is_told(session: Session) -> None:
    """With its line and its column; nothing is kept of the good lines."""
    preview = read(
        session,
        LINE,
        LINE.replace(MINE, "19999999900015"),
        LINE.replace(MINE, MINE[:-1] + "7"),
        "",
        LINE.replace("2026-05-02", "2027-01-05").replace("90.11", "douze"),
        LINE.replace("FRUITS_ET_LEGUMES,BIO", "BOISSONS,LABEL_ROUGE").replace("Pommes", ""),
        LINE.replace("OUI,x", "peut-être,"),
        LINE.replace("90.11", "1e30").replace("2026-05-02", "0026-05-02"),
        LINE.replace("90.11", "9" * 20).replace("KM,50", "KM,²"),
        LINE.replace("90.11", "1_0").replace("KM,50", "KM,99999999999"),
    )
    assert told(preview) == [
        (3, "siret"),
        (4, "siret"),
        (6, "date"),
        (6, "prix_ht"),
        (7, "description"),
        (7, "categories_egalim"),
        (8, "est_circuit_court"),
        (8, "definition_local"),
        (9, "date"),
        (9, "prix_ht"),
        (10, "prix_ht"),
        (10, "definition_local_km"),
        (11, "prix_ht"),
        (11, "definition_local_km"),
    ]
    assert preview.rows == []
    with pytest.raises(FaultsError):
        write_import(session, preview, None, NOW)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("photo.png", b"\x89PNG", "envoyez un fichier"),
        ("achats.csv", b"\x89PNG\0\0", "n'est pas du texte"),
        ("achats.csv", b" \n", "vide"),
        ("achats.xlsx", b"siret,description", "ne s'ouvre pas"),
        ("achats.csv", b"siret,nom\n1,2", "cette colonne manque"),
        ("achats.csv", HEAD.encode(), "aucune ligne"),
        ("achats.csv", HEAD.encode() + b'\n"a', "guillemets"),
        ("achats.csv", HEAD.encode() + b"\n" + LINE.encode() + b",en trop", "13 cellules"),
        ("achats.csv", b"x" * (10 * 1024 * 1024 + 1), "10 Mo"),
    ],
)
def test_a_wrong_file_is_a_sentence(session: Session, name: str, data: bytes, said: str) -> None:
    """Whatever was sent."""
    preview = read_purchases(session, name, data, TODAY)
    assert preview.rows == []
    assert said in " ".join(fault.reason for fault in preview.faults)


def test_an_estimated_number_is_not_an_unknown_one(session: Session) -> None:
    """The file is a hint that the guess was right: it is told, not refused. Another kitchen's is refused."""
    give_sirets(session, "estime")
    preview = read(session, LINE)
    assert preview.faults == []
    assert "estimation" in " ".join(preview.warnings)
    assert told(read(session, LINE, only=OTHER)) == [(2, "siret")]


def test_the_same_file_is_not_read_twice_until_it_is_taken_back(session: Session) -> None:
    """Not by its name, by its bytes; taking it back takes every line, then it may come again."""
    made = write_import(session, read(session, LINE, LINE), None, NOW)
    again = read(session, LINE, LINE, name="autre-nom.csv")
    assert "déjà importé" in again.faults[0].reason
    assert "déjà là" in " ".join(read(session, LINE).warnings), "another file for the same days is told"
    assert [(one.id, kitchens) for one, _, kitchens in imports(session, OWN)] == [(made.id, {OWN})]
    assert imports(session, OTHER) == []
    number = made.id or 0
    with pytest.raises(ForbiddenError):
        undo_import(session, number, OTHER, None, NOW)
    assert undo_import(session, number, OWN, None, NOW) == 2
    assert list(session.exec(select(Purchase))) == []
    with pytest.raises(NotFoundError):
        undo_import(session, number, OWN, None, NOW)
    assert read(session, LINE, LINE).faults == []


def test_two_people_send_the_same_file(session: Session) -> None:
    """Both saw the preview; one of them writes."""
    first, second = read(session, LINE), read(session, LINE)
    write_import(session, first, None, NOW)
    session.commit()
    with pytest.raises(ConflictError):
        write_import(session, second, None, NOW)
    assert len(list(session.exec(select(PurchaseImport)))) == 1


def test_the_platform_s_own_samples_are_read(session: Session) -> None:
    """Its good file, with its own numbers in place: a comma in quotes, spaces around words, « x »."""
    sample = Path(__file__).parent / "packages" / "ma_cantine_good.csv"
    data = sample.read_bytes().replace(b"21010034300016", MINE.encode())
    preview = read_purchases(session, sample.name, data, TODAY)
    assert preview.faults == []
    assert preview.rows[0]["description"] == "Pommes, rouges, local"
    assert len(preview.rows) == len(data.splitlines()) - 1
