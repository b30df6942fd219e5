"""Papers from the pages: each address gives a PDF, shown in the browser."""

from datetime import date

from flask import Blueprint, Response, request

from cantine import web
from cantine.accounts import guard
from cantine.clock import time_of
from cantine.errors import CantineError, NotFoundError
from cantine.invoices.statement import quarter_before
from cantine.orders.life import get_order
from cantine.planning.params import day_in, this_day, whole_in
from cantine.reports import batch, pdf
from cantine.reports.batch import RECIPE, Request
from cantine.reports.order_sheets import ORDER_PAPERS, order_sheet
from cantine.reports.statement import statement_sheet

MOST_DINERS = 10_000

blueprint = Blueprint("reports", __name__)


@blueprint.get("/cuisines/<kitchen>/impressions/<name>", endpoint="pdf")
@blueprint.get("/recettes/<recipe>/impression", endpoint="pdf")
def show(kitchen: str = "", name: str = RECIPE, recipe: str = "") -> Response:
    """A report of a kitchen (``du``, ``au``, ``date``, ``convives``, ``fournisseur``), or a recipe."""
    day, asked = this_day(), _day("date")
    wanted = Request(
        name=name,
        kitchen=kitchen or _kitchen(),
        first=asked or _day("du") or day,
        last=asked or _day("au"),
        recipe=recipe or request.args.get("recette", ""),
        diners=_diners(),
        today=day,
        hour=time_of(web.now()),
        supplier=request.args.get("fournisseur", ""),
        number=request.args.get("numero", ""),
        zone=request.args.get("zone", ""),
    )
    made = batch.sheets(web.db(), wanted)
    return _inline(pdf.render(made, batch.title_of(made, wanted)), wanted.stem)


@blueprint.get("/cuisines/<kitchen>/commandes/<int:order_id>/bon")
def order_pdf(kitchen: str, order_id: int) -> Response:
    """The bon de commande of one order, whatever its state: a draft says that it is one."""
    sheet = order_sheet(web.db(), get_order(web.db(), order_id, kitchen), this_day())
    return _inline(pdf.render([sheet]), sheet.stem)


@blueprint.get("/fournisseurs/<code>/impressions/<name>")
def supplier_pdf(code: str, name: str) -> Response:
    """A producer's papers for a week of every kitchen (``du``, ``au``): batch, round, packing list."""
    if name not in ORDER_PAPERS:
        raise batch.UnknownReportError(name)
    first = _day("du") or this_day()
    wanted = Request(name, "", first, _day("au"), today=this_day(), supplier=code)
    made = batch.sheets(web.db(), wanted)
    return _inline(pdf.render(made, batch.title_of(made, wanted)), f"{name}-{code}-{first.isoformat()}")


@blueprint.get("/cuisines/<kitchen>/factures/rapprochement.pdf")
def statement_pdf(kitchen: str) -> Response:
    """État de rapprochement of the invoices dated in a period (``du``, ``au``)."""
    last = _day("au") or this_day()
    sheet = statement_sheet(web.db(), kitchen, _day("du") or quarter_before(last), last)
    return _inline(pdf.render([sheet]), sheet.stem)


def _inline(content: bytes, stem: str) -> Response:
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{stem}.pdf")
    return answer


def _kitchen() -> str:
    """The kitchen whose diners and prices a recipe is printed for."""
    code = guard.current_kitchen() or min(web.kitchen_names(), default=None)
    if code is None:
        raise NotFoundError("Aucune cuisine : importez d'abord des données.")
    return code


def _day(name: str) -> date | None:
    return day_in(request.args, name) if request.args.get(name) else None


def _diners() -> int | None:
    if not request.args.get("convives"):
        return None
    diners = whole_in(request.args, "convives")
    if not 1 <= diners <= MOST_DINERS:
        raise CantineError(f"{diners} n'est pas un nombre de convives. Exemple : 450.")
    return diners
