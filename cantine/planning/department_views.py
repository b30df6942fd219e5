"""The page of the département: the first thing its manager sees."""

from flask import Blueprint, render_template, request

from cantine import web
from cantine.kitchens.settings import load_settings
from cantine.planning.overview import load_overview
from cantine.planning.params import this_day

blueprint = Blueprint("departement", __name__)

SHOWN = 12


@blueprint.get("/departement")
def overview() -> str:
    """Meals, menus in place and planned shares of every kitchen, the ones to look at first on top."""
    settings = load_settings(web.db())
    query = request.args.get("q", "").strip()
    read = load_overview(web.db(), settings, this_day())
    found = read.found(query)
    everything = bool(query or request.args.get("tout"))
    return render_template(
        "planning/department.html",
        read=read,
        settings=settings,
        query=query,
        count=len(found),
        lines=found if everything else found[:SHOWN],
    )
