"""A file of ma cantine as text cells: its encoding, its separator, its titles. No database here."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cantine.egalim.ma_cantine import COLUMNS, LARGEST_FILE
from cantine.errors import Fault

TABLE = "achats"
SEPARATORS = (",", ";", "\t")
_UNREADABLE = (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError, OSError)
"""What openpyxl raises on a file that is none."""


@dataclass(frozen=True)
class Content:
    """Lines of a file, each with its number.

    Attributes:
        lines: number of the line in the file, and its cells by column.
        notes: what was understood of the file, in French.
        faults: why it cannot be read; then there are no lines.
    """

    lines: list[tuple[int, dict[str, str]]]
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_content(name: str, data: bytes) -> Content:
    """Read a CSV or XLSX file; whatever is wrong with the file itself is a fault."""
    if len(data) > LARGEST_FILE:
        return _refused("le fichier dépasse 10 Mo ; coupez-le en plusieurs, par exemple par trimestre")
    if not data.strip():
        return _refused("le fichier est vide")
    if name.lower().endswith(".xlsx"):
        return _xlsx(data)
    if name.lower().endswith((".csv", ".txt", ".tsv")):
        return _csv(data)
    return _refused(f"« {name[:60]} » : envoyez un fichier .csv ou .xlsx")


def _csv(data: bytes) -> Content:
    text, encoding = _decoded(data)
    if text is None:
        return _refused("le fichier n'est pas du texte ; enregistrez-le au format CSV UTF-8")
    separator = max(SEPARATORS, key=text.split("\n", 1)[0].count)
    notes = [f"séparateur « {'tabulation' if separator == chr(9) else separator} »"]
    if encoding != "UTF-8":
        notes.append(f"lu en {encoding} : regardez les accents ci-dessous")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num - sum(cell.count("\n") for cell in row), row) for row in reader)
    except csv.Error:
        return _refused("guillemets mal fermés ; vérifiez à partir d'ici", reader.line_num)
    return _titled(rows, tuple(notes))


def _decoded(data: bytes) -> tuple[str | None, str]:
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, ""
    for encoding, told in (("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return data.decode(encoding), told
        except UnicodeDecodeError:
            continue
    return None, ""


def _xlsx(data: bytes) -> Content:
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        rows = [(n, [_cell(value) for value in row]) for n, row in enumerate(sheet.values, 1)]
    except _UNREADABLE:
        return _refused("le classeur ne s'ouvre pas ; enregistrez-le à nouveau au format .xlsx")
    return _titled(rows, ())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(Decimal(repr(value)))
    return value.isoformat() if isinstance(value, date) else str(value)


def _titled(rows: list[tuple[int, list[str]]], notes: tuple[str, ...]) -> Content:
    """Cells under their titles, whatever the order of the columns."""
    titles = [title.strip().lower() for title in rows[0][1]]
    while titles and not titles[-1]:
        titles.pop()
    faults = [
        *(Fault(TABLE, 1, name, "cette colonne manque") for name in COLUMNS if name not in titles),
        *(
            Fault(TABLE, 1, name or "(sans titre)", "cette colonne n'est pas dans un fichier ma cantine")
            for name in titles
            if name not in COLUMNS
        ),
        *(Fault(TABLE, 1, name, "cette colonne est deux fois") for name in COLUMNS if titles.count(name) > 1),
    ]
    if faults:
        return Content([], notes, tuple(faults))
    lines, long = [], []
    for number, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(titles) :]):
            long.append(Fault(TABLE, number, None, f"{len(row)} cellules au lieu de {len(titles)}"))
        cells = [*row, *[""] * len(titles)][: len(titles)]
        lines.append((number, dict(zip(titles, (cell.strip() for cell in cells), strict=True))))
    if not lines and not long:
        long = [Fault(TABLE, None, None, "aucune ligne sous les titres")]
    return Content([] if long else lines, notes, tuple(long))


def _refused(reason: str, line: int | None = None) -> Content:
    return Content([], (), (Fault(TABLE, line, None, f"{reason}."),))
