"""Papers from the pages: each address gives a PDF, shown in the browser."""

from datetime import date

from flask import Blueprint, Response, request

from cantine import web
from cantine.accounts import guard
from cantine.clock import today_of
from cantine.errors import CantineError, NotFoundError
from cantine.kitchens.settings import today
from cantine.reports import batch, pdf
from cantine.reports.batch import RECIPE, Request

MOST_DINERS = 10_000

blueprint = Blueprint("reports", __name__)


@blueprint.get("/cuisines/<kitchen>/impressions/<name>", endpoint="pdf")
@blueprint.get("/recettes/<recipe>/impression", endpoint="pdf")
def show(kitchen: str = "", name: str = RECIPE, recipe: str = "") -> Response:
    """A report of a kitchen (``du``, ``au``, ``date``, ``convives``), or a recipe for the current one."""
    session = web.db()
    day = today(session, today_of(web.now()))
    asked = _day("date")
    wanted = Request(
        name=name,
        kitchen=kitchen or _kitchen(),
        first=asked or _day("du") or day,
        last=asked or _day("au"),
        recipe=recipe or request.args.get("recette", ""),
        diners=_diners(),
        today=day,
    )
    made = batch.sheets(session, wanted)
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
    text = request.args.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CantineError(f"« {text} » n'est pas une date. Exemple : 2027-01-04.") from error


def _diners() -> int | None:
    text = request.args.get("convives", "")
    if not text:
        return None
    if not text.isdigit() or not 1 <= int(text) <= MOST_DINERS:
        raise CantineError(f"« {text} » n'est pas un nombre de convives. Exemple : 450.")
    return int(text)
