"""Pages without an account: the menus of each restaurant, its calendar, its printed week, its poster.

They tell validated menus and yearly shares, nothing else: no name, no note of the kitchen, no diners.
"""

from datetime import timedelta

from flask import Blueprint, Response, render_template, request, url_for
from sqlmodel import col, select

from cantine import web
from cantine.asked import day_in, this_day
from cantine.errors import NotFoundError
from cantine.french import fold
from cantine.kitchens.models import Commune, Site
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import monday_of
from cantine.publishing.calendar import AHEAD, BEFORE, menu_feed
from cantine.publishing.poster import load_poster, poster_sheet
from cantine.publishing.public import public_menus
from cantine.publishing.served import get_site, load_served
from cantine.reports import pdf
from cantine.reports.menu import weekly_menu
from cantine.reports.menu_layout import styles
from cantine.reports.paper import Sheet

blueprint = Blueprint("public", __name__)


@blueprint.get("/menus-publics")
def sites() -> str:
    """Every restaurant, by commune, collèges first."""
    settings, asked = load_settings(web.db()), request.args.get("q", "").strip()
    rows = web.db().exec(
        select(Site, Commune.name).join(Commune).order_by(col(Site.kind), Commune.name, Site.name)
    )
    found = [(site, commune) for site, commune in rows if fold(asked) in fold(f"{site.name} {commune}")]
    return render_template(
        "publishing/sites.html",
        places=found,
        asked=asked,
        departement=settings.departement_name,
        demonstration=settings.demonstration,
    )


@blueprint.get("/menus-publics/<site>")
def menus(site: str) -> str:
    """This week and the next of one restaurant."""
    place = get_site(web.db(), site)
    shown = public_menus(web.db(), place, this_day())
    return render_template(
        "publishing/menus.html",
        shown=shown,
        poster=load_poster(web.db(), place, this_day()),
        feed=url_for("public.feed", site=site, _external=True),
        today=this_day(),
        departement=shown.departement,
        demonstration=shown.demonstration,
    )


@blueprint.get("/menus-publics/<site>/menus.ics")
def feed(site: str) -> Response:
    """The calendar that phones subscribe to."""
    place, today = get_site(web.db(), site), this_day()
    served = load_served(web.db(), place, today - BEFORE, today + AHEAD)
    page = url_for("public.menus", site=site, _external=True)
    answer = Response(menu_feed(served, page, web.now()), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "inline", filename=f"menus-{site}.ics")
    return answer


@blueprint.get("/menus-publics/<site>/semaine.pdf")
def week(site: str) -> Response:
    """The printed menu of a week (``du``), validated days only."""
    place = get_site(web.db(), site)
    monday = monday_of(day_in(request.args, "du", this_day()))
    served = load_served(web.db(), place, monday, monday + timedelta(days=6))
    if not served.days:
        raise NotFoundError("Aucun menu n'est publié pour cette semaine.")
    figures = weekly_menu(served.reading, monday)
    stem = f"menu-semaine-{site}-{monday.isoformat()}"
    return _paper(Sheet(stem, "menu.html", figures.head, figures, styles(figures)))


@blueprint.get("/menus-publics/<site>/affiche.pdf")
def poster(site: str) -> Response:
    """The poster of the yearly shares."""
    return _paper(poster_sheet(web.db(), get_site(web.db(), site), this_day()))


def _paper(sheet: Sheet) -> Response:
    answer = Response(pdf.render([sheet]), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{sheet.stem}.pdf")
    return answer
