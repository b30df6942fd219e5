"""The price list (bordereau des prix unitaires) of a supplier or of a lot, as a spreadsheet.

It is read back by the import of price lists: headings and words are the same.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.foods.models import Food
from cantine.spreadsheet import GUARDED
from cantine.suppliers.models import MarketLot, Offer, Supplier
from cantine.words import word

HEADINGS = (
    "Référence",
    "Désignation",
    "Aliment",
    "Conditionnement",
    "Poids du colis, kg",
    "Prix du colis HT",
    "Prix au kg HT",
    "TVA, %",
    "Labels",
    "Origine",
    "Valable du",
    "Valable jusqu'au",
    "Fournisseur",
    "Lot",
    "Rang",
)
WIDTHS = (14, 46, 24, 20, 12, 14, 14, 8, 22, 12, 12, 14, 26, 36, 7)
MARK = "\ufeff"
"""Tells French spreadsheets that the text is UTF-8."""

Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class PriceSheet:
    """The offers of a supplier or a lot in force on a day, one line each."""

    name: str
    lines: tuple[tuple[Value, ...], ...]


def price_sheet(session: Session, day: date, *, supplier: str = "", lot: str = "") -> PriceSheet:
    """The list of a supplier, or of a lot whoever sells.

    Raises:
        NotFoundError: no such supplier or lot.
    """
    owner = session.get(Supplier, supplier) if supplier else session.get(MarketLot, lot)
    if owner is None:
        raise NotFoundError(f"« {supplier or lot} » n'existe pas.")
    query = select(Offer, Food.name).join(Food, col(Food.code) == col(Offer.food))
    query = query.where(Offer.supplier == supplier) if supplier else query.where(Offer.lot == lot)
    query = query.where(Offer.valid_from <= day, Offer.valid_to >= day)
    suppliers = dict(session.exec(select(Supplier.code, Supplier.name)).all())
    lots = dict(session.exec(select(MarketLot.code, MarketLot.name)).all())
    found = session.exec(query.order_by(col(Offer.name), col(Offer.code)))
    return PriceSheet(owner.code, tuple(_line(offer, food, suppliers, lots) for offer, food in found))


def _line(
    offer: Offer, food: str, suppliers: Mapping[str, str], lots: Mapping[str, str]
) -> tuple[Value, ...]:
    return (
        offer.reference,
        offer.name,
        food,
        offer.pack_label,
        Decimal(offer.pack_g) / 1000,
        offer.price_ht,
        (offer.price_ht * 1000 / offer.pack_g).quantize(Decimal("0.0001")),
        Decimal(offer.vat_permille) / 10,
        " ; ".join(word(label) for label in offer.labels),
        word(offer.origin_country),
        offer.valid_from,
        offer.valid_to,
        suppliers.get(offer.supplier, offer.supplier),
        lots.get(offer.lot or "", ""),
        offer.lot_rank,
    )


def sheet_csv(sheet: PriceSheet) -> bytes:
    """As French spreadsheets read it: « ; », commas in numbers, text never run as a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([_csv_cell(value) for value in line] for line in sheet.lines)
    return (MARK + target.getvalue()).encode()


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f").replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = str(value)
    return f"'{text}" if text.startswith(GUARDED) else text


def sheet_xlsx(sheet: PriceSheet) -> bytes:
    """A workbook with typed cells, a frozen head and columns as wide as what they hold."""
    workbook = Workbook()
    page = workbook.worksheets[0]
    page.title = "BPU"
    page.freeze_panes = "C2"
    page.append(list(HEADINGS))
    for head in page[1]:
        head.font = Font(bold=True)
    for number, width in enumerate(WIDTHS, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    for row, line in enumerate(sheet.lines, 2):
        for place, value in enumerate(line, 1):
            cell = page.cell(row=row, column=place)
            if isinstance(cell, Cell):
                _fill(cell, value)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _fill(cell: Cell, value: Value) -> None:
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None if isinstance(value, str) else value
    if isinstance(value, Decimal):
        cell.number_format = "0.00##"
    elif isinstance(value, date):
        cell.number_format = "DD/MM/YYYY"
    elif isinstance(value, str) and value.startswith(GUARDED):
        cell.data_type = "s"
        cell.quotePrefix = True
