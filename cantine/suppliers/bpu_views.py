"""Download of price lists (BPU): of a supplier, of a lot."""

from flask import Blueprint, Response

from cantine import web
from cantine.errors import NotFoundError
from cantine.suppliers.bpu import price_sheet, sheet_csv, sheet_xlsx
from cantine.suppliers.price_views import this_day

WRITERS = {
    "csv": (sheet_csv, "text/csv; charset=utf-8"),
    "xlsx": (sheet_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def register(blueprint: Blueprint) -> None:
    """Hang the downloads on the blueprint of suppliers."""
    blueprint.add_url_rule("/tarifs/<code>/bpu.<kind>", "price_sheet", supplier_sheet)
    blueprint.add_url_rule("/marches/<code>/bpu.<kind>", "lot_sheet", lot_sheet)


def supplier_sheet(code: str, kind: str) -> Response:
    """The price list of a supplier as a file."""
    return _sheet(kind, supplier=code)


def lot_sheet(code: str, kind: str) -> Response:
    """The price list of a lot as a file."""
    return _sheet(kind, lot=code)


def _sheet(kind: str, *, supplier: str = "", lot: str = "") -> Response:
    if kind not in WRITERS:
        raise NotFoundError
    sheet = price_sheet(web.db(), this_day(), supplier=supplier, lot=lot)
    write, mimetype = WRITERS[kind]
    headers = {"Content-Disposition": f"attachment; filename=bpu-{sheet.name}.{kind}"}
    return Response(write(sheet), mimetype=mimetype, headers=headers)
