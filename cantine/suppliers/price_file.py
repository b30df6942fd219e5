"""From the bytes of a supplier's file to lines of text cells, whatever saved it.

CSV in UTF-8 (with or without its mark) or Windows-1252, separated by « ; », « , » or tabulations; XLSX, its
fullest sheet. The line of headings need not be the first one: a list often starts with a title.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cantine.errors import CantineError
from cantine.spreadsheet import GUARDED
from cantine.suppliers.price_columns import guess_columns
from cantine.suppliers.price_terms import read_period

LARGEST_LIST = 20_000
LARGEST_WIDTH = 60
LARGEST_CELL = 10_000
HEAD = 30
"""How far down the line of headings is looked for."""
SEPARATORS = ";,\t"
NEITHER = "Ce fichier n'est ni un CSV ni un classeur Excel (.xlsx). Enregistrez-le dans l'un de ces formats."
BROKEN = "Ce classeur Excel ne se lit pas. Ouvrez-le, enregistrez-le à nouveau en .xlsx, puis recommencez."
EMPTY = "Ce fichier est vide : il faut une ligne de titres et au moins un produit."
OLD = "Ce fichier est un ancien classeur Excel (.xls). Enregistrez-le en .xlsx, puis recommencez."
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
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


@dataclass(frozen=True)
class Listing:
    """A file as lines of text.

    Attributes:
        name: of the file.
        headings: cells of the line of headings, made distinct.
        first: number of the line that follows them, as a spreadsheet counts.
        rows: the lines below, each as wide as the headings.
        period: validity written above the headings or in the name of the file.
    """

    name: str
    headings: tuple[str, ...]
    first: int
    rows: tuple[tuple[str, ...], ...]
    period: tuple[date, date] | None


def read_listing(name: str, data: bytes) -> Listing:
    """Read a file; its content tells the format, its name does not.

    Raises:
        CantineError: it is neither CSV nor XLSX, or it is empty.
    """
    if data.startswith(_OLE):
        raise CantineError(OLD)
    lines = _xlsx_lines(data) if data.startswith(_ZIP) else _csv_lines(data)
    lines = [[_plain(cell) for cell in line[:LARGEST_WIDTH]] for line in lines[:LARGEST_LIST]]
    place = _heading_line(lines)
    if place is None or not any(any(line) for line in lines[place + 1 :]):
        raise CantineError(EMPTY)
    headings = _distinct(lines[place])
    rows = tuple(tuple((*line, *[""] * len(headings))[: len(headings)]) for line in lines[place + 1 :])
    above = " ".join(cell for line in lines[:place] for cell in line if cell)
    return Listing(name, headings, place + 2, rows, read_period(above) or read_period(name))


def _plain(cell: str) -> str:
    """Text on one line, without the apostrophe that keeps a spreadsheet from running it."""
    text = " ".join(cell.split())
    return text[1:] if text.startswith("'") and text[1:].startswith(GUARDED) else text


def _csv_lines(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    if "\0" in text or (not text.isascii() and _gibberish(text)):
        raise CantineError(NEITHER)
    limit = csv.field_size_limit(LARGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as error:
        raise CantineError(NEITHER) from error
    finally:
        csv.field_size_limit(limit)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _gibberish(text: str) -> bool:
    """A picture or a PDF read as text: many signs that nobody types."""
    sample = text[:4000]
    strange = sum((not sign.isprintable() and sign not in "\r\n\t") or sign == "\ufffd" for sign in sample)
    return strange * 50 > len(sample)


def _separator(text: str) -> str:
    """The separator that makes most lines equally wide, and wide."""

    def worth(separator: str) -> tuple[int, int]:
        lines = list(csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=separator))[:HEAD]
        widths = [len(line) for line in lines if len(line) > 1]
        usual = max(set(widths), key=widths.count, default=1)
        return widths.count(usual) * (usual > 1), usual

    return max(SEPARATORS, key=worth)


def _xlsx_lines(data: bytes) -> list[list[str]]:
    """The sheet with most filled cells; formulas count for their last computed value."""
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [
            [
                [_text(cell) for cell in line]
                for line in sheet.iter_rows(values_only=True, max_row=LARGEST_LIST, max_col=LARGEST_WIDTH)
            ]
            for sheet in workbook.worksheets
        ]
    except _UNREADABLE as error:
        raise CantineError(BROKEN) from error
    return max(sheets, key=lambda lines: sum(bool(cell) for line in lines for cell in line), default=[])


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f")
    return str(cell)


def _heading_line(lines: list[list[str]]) -> int | None:
    """The line, near the top, whose cells are best known as headings; else the first full one."""
    near = [(place, line) for place, line in enumerate(lines[:HEAD]) if sum(bool(cell) for cell in line) > 1]
    if not near:
        return None
    most = max(sum(bool(cell) for cell in line) for _, line in near)
    known = {place: len(guess_columns(tuple(line))) for place, line in near}
    best = max(known, key=lambda place: (known[place], -place))
    if known[best] > 1:
        return best
    return next(place for place, line in near if sum(bool(cell) for cell in line) * 2 >= most)


def _distinct(cells: list[str]) -> tuple[str, ...]:
    """Headings by which a column may be named: blank ones get their letter, repeated ones a number."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    found: list[str] = []
    for number, cell in enumerate(cells):
        name = cell or f"colonne {chr(65 + number % 26)}"
        same = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({same + 1})" if same else name)
    return tuple(found)
