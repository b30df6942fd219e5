"""One table by CSV or XLSX for the pages: preview, write, download."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.errors import NotFoundError
from cantine.kitchens.models import Setting
from cantine.suppliers.models import Supplier
from cantine.tables import read_table, table_csv, table_xlsx, write_table

HEAD = ["key", "value", "note"]


def _workbook(*rows: list[object]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


@pytest.mark.parametrize("table", ["kitchens", "foods", "recipes", "offers", "stock_lots", "dishes"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_download_comes_back_unchanged(marais_engine: Engine, table: str, ending: str) -> None:
    """A file downloaded and sent back changes nothing."""
    with Session(marais_engine) as session:
        data = table_csv(session, table) if ending == "csv" else table_xlsx(session, table)
        preview = read_table(session, table, f"table.{ending}", data)
    assert preview.faults == []
    assert preview.rows
    assert (preview.changes.added, preview.changes.changed) == ([], [])
    assert preview.changes.unchanged == len(preview.rows)


def test_preview_tells_changes_and_writes_nothing(marais_engine: Engine) -> None:
    """Added, changed and unchanged rows are told apart before anything is written."""
    data = b"key,value,note\nlocal_km,80,plus loin\nlocal_definition,KM,\nnouveau,1,\n"
    with Session(marais_engine) as session:
        preview = read_table(session, "settings", "reglages.CSV", data)
        assert [row["key"] for row in preview.changes.added] == ["nouveau"]
        assert [(one.key, one.columns) for one in preview.changes.changed] == [
            (("local_km",), ["value", "note"])
        ]
        assert preview.changes.unchanged == 1
        assert session.get_one(Setting, "local_km").value == "60"
        write_table(session, "settings", preview.rows)
        assert session.get_one(Setting, "local_km").value == "80"
        session.rollback()
        assert session.get_one(Setting, "local_km").value == "60"


def test_faults_of_a_sheet(marais_engine: Engine) -> None:
    """Lines of the spreadsheet, duplicates included; good lines are still previewed."""
    data = _workbook(HEAD, ["a", "1", ""], ["a", "2", ""], ["", "3", ""], ["reference_date", "lundi", ""])
    with Session(marais_engine) as session:
        preview = read_table(session, "settings", "reglages.xlsx", data)
    assert [(fault.line, fault.column) for fault in preview.faults] == [
        (3, "key"),
        (4, "key"),
        (5, "value"),
    ]
    assert preview.rows[0] == {"key": "a", "value": "1", "note": ""}


def test_keys_of_the_database_are_known(marais_engine: Engine) -> None:
    """A table sent alone refers to what is stored; what is not is told."""
    head = "kitchen,food,expires_on,grams,price_ht_per_kg,offer\n"
    data = f"{head}SALINES,riz,2027-05-01,100,2,\nSALINES,licorne,2027-05-01,100,2,\n"
    with Session(marais_engine) as session:
        preview = read_table(session, "stock_lots", "stock.csv", data.encode())
    assert [(fault.line, fault.column) for fault in preview.faults] == [(3, "food")]


def test_workbook_cells_become_text(marais_engine: Engine) -> None:
    """Numbers, dates and truth values typed by a spreadsheet are read as a package writes them."""
    with Session(marais_engine) as session:
        data = table_xlsx(session, "offers")
        workbook = load_workbook(io.BytesIO(data))
        sheet = workbook.worksheets[0]
        head = [cell.value for cell in sheet[1]]
        sheet.cell(2, head.index("price_ht") + 1).value = 12.5
        sheet.cell(2, head.index("pack_g") + 1).value = 2500.0
        sheet.cell(2, head.index("estimated_price") + 1).value = True
        target = io.BytesIO()
        workbook.save(target)
        preview = read_table(session, "offers", "offres.xlsx", target.getvalue())
    assert preview.faults == []
    (change,) = preview.changes.changed
    assert set(change.columns) == {"price_ht", "pack_g", "estimated_price"}
    assert (str(change.after["price_ht"]), change.after["pack_g"]) == ("12.5", 2500)


FORMULAS = ["=1+1", "+33 3 21 00 00 00", "-2", "@SUM(A1)", '=HYPERLINK("http://example.org")']


@pytest.mark.parametrize("text", FORMULAS)
def test_text_never_runs_as_a_formula(marais_engine: Engine, text: str) -> None:
    """Text that looks like a formula is kept from running, and comes back as it was."""
    with Session(marais_engine) as session:
        supplier = session.get_one(Supplier, "primeur")
        supplier.phone = text
        session.flush()
        csv_data, xlsx_data = table_csv(session, "suppliers"), table_xlsx(session, "suppliers")
        sheet = load_workbook(io.BytesIO(xlsx_data)).worksheets[0]
        cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)
        assert cell.data_type == "s"
        assert f"'{text[:5]}" in csv_data.decode()
        for name, data in (("a.csv", csv_data), ("a.xlsx", xlsx_data)):
            assert read_table(session, "suppliers", name, data).changes.changed == []


def test_negative_numbers_are_left_alone(marais_engine: Engine) -> None:
    """A longitude west of Greenwich is a number, not a formula."""
    with Session(marais_engine) as session:
        assert ",-1.2," in table_csv(session, "kitchens").decode()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.ods", b"", "envoyez un fichier .csv ou .xlsx"),
        ("a.xlsx", b"rien", "pas un classeur XLSX lisible"),
        ("a.xlsx", _workbook(), "le fichier est vide"),
        ("a.xlsx", _workbook(["key", "value"], ["a", "b"]), "cette colonne manque"),
    ],
)
def test_wrong_file_is_told(marais_engine: Engine, name: str, data: bytes, reason: str) -> None:
    """Not a table at all."""
    with Session(marais_engine) as session:
        preview = read_table(session, "settings", name, data)
    assert [reason in fault.reason for fault in preview.faults] == [True]
    assert preview.rows == []


def test_unknown_table_is_refused(marais_engine: Engine) -> None:
    """Only tables of a package can be read: not people, not runs."""
    with Session(marais_engine) as session, pytest.raises(NotFoundError, match="n'existe pas"):
        read_table(session, "users", "a.csv", b"id\n")
