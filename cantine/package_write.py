"""From rows to the bytes of a CSV or an XLSX file; the canonical text of each cell."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font

from cantine.package_faults import Row
from cantine.package_schema import Column, TableForm
from cantine.spreadsheet import GUARDED


def cell_text(value: object) -> str:
    """Canonical text: ISO dates, decimal point, no trailing zero of a whole number, ``;`` in lists."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        return _money(value)
    if isinstance(value, tuple):
        return ";".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _money(value: Decimal) -> str:
    """Euros with two decimals at least."""
    cents = value.quantize(Decimal("0.01"))
    return format(cents if cents == value else value.normalize(), "f")


def csv_bytes(form: TableForm, rows: Iterable[Row], *, guarded: bool = False) -> bytes:
    """One table as the CSV of a data package.

    Args:
        form: the table.
        rows: in the order to write.
        guarded: put an apostrophe before text that a spreadsheet would run as a formula; for files
            that people open, not for packages, which must come back the same.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([column.name for column in form.columns])
    for row in rows:
        writer.writerow([_csv_cell(column, row[column.name], guarded=guarded) for column in form.columns])
    return target.getvalue().encode("utf-8")


def _csv_cell(column: Column, value: object, *, guarded: bool) -> str:
    text = cell_text(value)
    risky = guarded and column.kind in ("text", "list") and text.startswith(GUARDED)
    return f"'{text}" if risky else text


def xlsx_bytes(form: TableForm, rows: Iterable[Row]) -> bytes:
    """One table as a workbook: typed cells, text never run as a formula."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = form.name
    sheet.freeze_panes = "A2"
    sheet.append([column.name for column in form.columns])
    for head in sheet[1]:
        head.font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(form.columns, 1):
            cell = sheet.cell(row=number, column=place)
            if isinstance(cell, Cell):
                _fill(cell, row[column.name])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _fill(cell: Cell, value: Any) -> None:  # noqa: ANN401 -- a cell of any type
    if value is None or isinstance(value, (bool, int, float, date)):
        cell.value = value
    elif isinstance(value, Decimal):
        cell.value = value
        cell.number_format = "0.00##"
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("", cell_text(value))
        cell.value = text or None
        if text.startswith(GUARDED):
            cell.data_type = "s"
            cell.quotePrefix = True
