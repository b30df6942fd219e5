"""From the bytes of a CSV or XLSX file to a sheet of text cells; what cannot be read is a fault.

Every cell becomes the text a data package would hold, so that one validator serves both formats.
"""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cantine.errors import Fault
from cantine.package_schema import TableForm, forms
from cantine.spreadsheet import GUARDED

LARGEST_SHEET = 200_000
LARGEST_CELL = 100_000
SPARE_COLUMNS = 20

# openpyxl raises whatever its parsers raise.
_UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    SyntaxError,
    OSError,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UTF8_HINT = "enregistrez-le au format « CSV UTF-8 (délimité par des virgules) »"


@dataclass(frozen=True)
class Sheet:
    """A table as text: ``rows[0]`` is line 2 of the spreadsheet."""

    table: str
    header: list[str]
    rows: list[list[str]]


Reading = tuple[Sheet | None, list[Fault]]


def read_file(form: TableForm, filename: str, data: bytes) -> Reading:
    """Read one table out of an uploaded file; the name's ending tells the format."""
    if filename.lower().endswith(".xlsx"):
        return read_xlsx(form, data)
    if filename.lower().endswith(".csv"):
        sheet, faults = read_csv(form, data)
        return (_unguarded(sheet) if sheet else None), faults
    return _refused(form.name, None, f"« {filename} » : envoyez un fichier .csv ou .xlsx.")


def read_csv(form: TableForm, data: bytes) -> Reading:
    """Read the CSV of a data package: UTF-8 (a leading BOM is tolerated), commas, a header."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _refused(form.name, line, f"le fichier n'est pas en UTF-8 ; {_UTF8_HINT}.")
    limit = csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[list[str]] = []
    try:
        lines.extend([_newlines(cell) for cell in line] for line in reader)
    except csv.Error:
        reason = "guillemets mal fermés ou texte trop long ; vérifiez les guillemets à partir de cette ligne."
        return _refused(form.name, len(lines) + 1, reason)
    finally:
        csv.field_size_limit(limit)
    return _sheet(form, lines)


def read_xlsx(form: TableForm, data: bytes) -> Reading:
    """Read the first sheet of an XLSX workbook; formulas count for their last computed value."""
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        cells = sheet.iter_rows(
            values_only=True, max_row=LARGEST_SHEET, max_col=len(form.columns) + SPARE_COLUMNS
        )
        lines = [[_text(cell) for cell in line] for line in cells]
    except _UNREADABLE:
        reason = "ce fichier n'est pas un classeur XLSX lisible ; enregistrez-le à nouveau."
        return _refused(form.name, None, reason)
    return _sheet(form, _narrow(lines))


def _narrow(lines: list[list[str]]) -> list[list[str]]:
    """Cut the empty columns right of the header, which XLSX keeps when a cell was only coloured."""
    width = max((number for line in lines for number, cell in enumerate(line, 1) if cell), default=0)
    return [line[:width] for line in lines]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else _newlines(str(cell))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _sheet(form: TableForm, lines: list[list[str]]) -> Reading:
    while lines and not any(lines[-1]):
        lines.pop()
    if not lines:
        return _refused(form.name, None, "le fichier est vide ; il faut au moins la ligne de titres.")
    header = [label.strip() for label in lines[0]]
    faults = _header_faults(form, header) + _control_faults(form, header, lines)
    sheet = Sheet(form.name, header, [line or [""] for line in lines[1:]])
    return (None if faults else sheet), faults


def _header_faults(form: TableForm, header: list[str]) -> list[Fault]:
    """What makes the columns impossible to tell apart; other header faults leave the rows readable."""
    names = {column.name for column in form.columns}
    for separator, french in ((";", "des points-virgules"), ("\t", "des tabulations"), ("|", "des barres")):
        if len(header) == 1 and len(names & set(header[0].split(separator))) > 1:
            return [Fault(form.name, 1, None, f"les colonnes sont séparées par {french} ; {_UTF8_HINT}.")]
    seen: set[str] = set()
    faults = []
    for number, label in enumerate(header, 1):
        if not label:
            reason = f"la colonne n° {number} n'a pas de titre ; supprimez-la."
            faults.append(Fault(form.name, 1, None, reason))
        elif label in seen:
            faults.append(Fault(form.name, 1, label, "ce titre de colonne est écrit deux fois."))
        seen.add(label)
    return faults


def _control_faults(form: TableForm, header: list[str], lines: list[list[str]]) -> list[Fault]:
    reason = "un caractère invisible s'est glissé dans le texte ; retapez-le."
    return [
        Fault(form.name, number, header[place] if place < len(header) else None, reason)
        for number, line in enumerate(lines, 1)
        for place, cell in enumerate(line)
        if _CONTROL.search(cell)
    ]


def _unguarded(sheet: Sheet) -> Sheet:
    """Take off the apostrophes that ``package_write`` put before text looking like a formula."""
    form = forms()[sheet.table]
    texts = {column.name for column in form.columns if column.kind in ("text", "list")}
    guarded = [label in texts for label in sheet.header]
    rows = [
        [
            cell[1:] if text and cell.startswith("'") and cell[1:].startswith(GUARDED) else cell
            for cell, text in zip(row, [*guarded, *[False] * len(row)], strict=False)
        ]
        for row in sheet.rows
    ]
    return Sheet(sheet.table, sheet.header, rows)


def _refused(table: str, line: int | None, reason: str) -> Reading:
    return None, [Fault(table, line, None, reason)]
