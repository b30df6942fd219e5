"""Papers from the pages: each address gives a PDF, shown in the browser."""

from datetime import date

from flask import Blueprint, Response, request

from cantine import web
from cantine.accounts import guard
from cantine.clock import time_of
from cantine.errors import CantineError, NotFoundError
from cantine.planning.params import day_in, this_day, whole_in
from cantine.reports import batch, pdf
from cantine.reports.batch import RECIPE, Request

MOST_DINERS = 10_000

blueprint = Blueprint("reports", __name__)


@blueprint.get("/cuisines/<kitchen>/impressions/<name>", endpoint="pdf")
@blueprint.get("/recettes/<recipe>/impression", endpoint="pdf")
def show(kitchen: str = "", name: str = RECIPE, recipe: str = "") -> Response:
    """A report of a kitchen (``du``, ``au``, ``date``, ``convives``), or a recipe for the current one."""
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
    )
    made = batch.sheets(web.db(), wanted)
    answer = Response(pdf.render(made, batch.title_of(made, wanted)), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{wanted.stem}.pdf")
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
