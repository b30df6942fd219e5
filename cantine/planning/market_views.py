"""Pages of contracts and thresholds: maxima of the lots, spend by buyer and family, lines behind it."""

from flask import Blueprint, render_template, request
from sqlmodel import select

from cantine import web
from cantine.errors import NotFoundError
from cantine.french import fold
from cantine.kitchens.models import Kitchen
from cantine.orders.purchases import buyer_of
from cantine.orders.spend import PLANNED
from cantine.orders.threshold import COUNTED_BY, threshold_of
from cantine.planning.contracts import load_contracts
from cantine.planning.params import this_day
from cantine.planning.thresholds import MOST_LINES, NO_FAMILY, family_names, load_lines, load_thresholds
from cantine.suppliers.models import Supplier

blueprint = Blueprint("marches", __name__)
SHOWN = 200
FIRST_YEAR, LAST_YEAR = 2000, 2100


@blueprint.get("/marches")
def contracts() -> str:
    """Every lot, the fullest first."""
    return render_template(
        "planning/contracts.html", contracts=load_contracts(web.db(), this_day()), today=this_day()
    )


@blueprint.get("/seuils")
def thresholds() -> str:
    """Every buyer and family of the département, the nearest to the threshold first."""
    year, query = _year(), request.args.get("q", "").strip()
    rows = load_thresholds(web.db(), year, this_day())
    found = [row for row in rows if fold(query) in fold(f"{row.buyer_name} {row.family} {row.family_name}")]
    return render_template(
        "planning/thresholds.html",
        rows=found[:SHOWN],
        count=len(found),
        near=sum(row.state == "proche" for row in rows),
        reached=sum(row.state == "atteint" for row in rows),
        query=query,
        kitchen=None,
        **_shared(year),
    )


@blueprint.get("/cuisines/<kitchen>/seuils")
def own_thresholds(kitchen: str) -> str:
    """The families of the buyer of a kitchen."""
    year = _year()
    rows = load_thresholds(web.db(), year, this_day(), _buyer(kitchen))
    return render_template(
        "planning/thresholds.html",
        rows=rows,
        count=len(rows),
        near=sum(row.state == "proche" for row in rows),
        reached=sum(row.state == "atteint" for row in rows),
        query="",
        kitchen=kitchen,
        **_shared(year),
    )


@blueprint.get("/cuisines/<kitchen>/seuils/<family>")
def lines(kitchen: str, family: str) -> str:
    """The lines behind one figure."""
    year, code = _year(), "" if family == NO_FAMILY else family
    names = family_names(web.db())
    if code not in names:
        raise NotFoundError(f"La famille homogène « {family} » n'existe pas.")
    buyer = _buyer(kitchen)
    found = load_lines(web.db(), year, buyer, code)
    rows = load_thresholds(web.db(), year, this_day(), buyer)
    return render_template(
        "planning/threshold_lines.html",
        kitchen=kitchen,
        family=code,
        family_name=names[code],
        total=next((row for row in rows if row.family == code), None),
        lines=[line for line in found if line.kind != PLANNED],
        planned=[line for line in found if line.kind == PLANNED],
        most=MOST_LINES,
        suppliers=_supplier_names(),
        names=web.kitchen_names(),
        **_shared(year),
    )


def _buyer(kitchen: str) -> str:
    return buyer_of(web.db().get_one(Kitchen, kitchen))


def _year() -> int:
    year = request.args.get("annee", this_day().year, type=web.whole)
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _shared(year: int) -> dict[str, object]:
    return {
        "year": year,
        "this_year": this_day().year,
        "threshold": threshold_of(year, this_day()),
        "counted_by": COUNTED_BY,
    }


def _supplier_names() -> dict[str, str]:
    return dict(web.db().exec(select(Supplier.code, Supplier.name)).all())
