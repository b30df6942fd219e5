"""« Publier »: where a kitchen finds what leaves the house, and the announced menus that changed."""

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from cantine import web
from cantine.asked import day_in, this_day, whole_in
from cantine.errors import NotFoundError
from cantine.kitchens.models import Site
from cantine.kitchens.settings import load_settings
from cantine.menus.announced import menu_changes
from cantine.menus.edit import LONGEST_REASON, explain_change
from cantine.menus.grid import monday_of
from cantine.planning.params import stamp
from cantine.publishing.poster import load_poster
from cantine.publishing.pronote import pronote_week
from cantine.publishing.scdl import MENUS, PLATS, open_data
from cantine.publishing.served import load_served
from cantine.publishing.siret import siret_faults
from cantine.publishing.state import week_states

BEFORE, AHEAD = timedelta(days=28), timedelta(days=42)
"""Days of open data offered around today."""
CHANGES_BEFORE, CHANGES_AHEAD = timedelta(days=60), timedelta(days=120)

blueprint = Blueprint("publishing", __name__)


@blueprint.get("/cuisines/<kitchen>/publier")
def page(kitchen: str) -> str:
    """Addresses, papers and files of the kitchen's sites."""
    session, today = web.db(), this_day()
    sites = _sites(kitchen)
    settings = load_settings(session)
    return render_template(
        "publishing/publish.html",
        kitchen=kitchen,
        sites=sites,
        weeks=week_states(session, kitchen, today),
        poster=load_poster(session, sites[0], today) if sites else None,
        faults=siret_faults(session, [kitchen], demo=settings.demonstration),
        changes=menu_changes(session, kitchen, today - CHANGES_BEFORE, today + CHANGES_AHEAD),
        longest=LONGEST_REASON,
        first=today - BEFORE,
        last=today + AHEAD,
        files=(MENUS, PLATS),
        today=today,
    )


@blueprint.get("/cuisines/<kitchen>/publier/pronote")
def pronote(kitchen: str) -> str:
    """A week (``du``) of a site (``lieu``) to copy into PRONOTE."""
    sites = [site for site in _sites(kitchen) if site.kind == "college"] or _sites(kitchen)
    site = next((one for one in sites if one.code == request.args.get("lieu", sites[0].code)), None)
    if site is None:
        raise NotFoundError("Ce restaurant n'est pas servi par cette cuisine.")
    monday = monday_of(day_in(request.args, "du", this_day()))
    days = [monday + timedelta(days=n) for n in range(7)]
    served = load_served(web.db(), site, days[0], days[-1])
    return render_template(
        "publishing/pronote.html",
        kitchen=kitchen,
        sites=sites,
        site=site,
        monday=monday,
        friday=monday + timedelta(days=4),
        text=pronote_week(served, days),
        told=len(served.days),
        earlier=monday - timedelta(days=7),
        later=monday + timedelta(days=7),
    )


@blueprint.get("/cuisines/<kitchen>/publier/<name>.csv")
def scdl(kitchen: str, name: str) -> Response:
    """One of the two open data files, for the days asked (``du``, ``au``)."""
    if name not in {MENUS, PLATS}:
        raise NotFoundError
    first, last = _period()
    demo = load_settings(web.db()).demonstration
    made = open_data(web.db(), [kitchen], first, last, web.now(), demo=demo)
    text = dict(made.files())[f"{name}.csv"]
    stem = f"{'demonstration-' if demo else ''}{name}-{kitchen}"
    answer = Response(text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{stem}.csv")
    return answer


@blueprint.post("/cuisines/<kitchen>/publier/raison")
def reason(kitchen: str) -> BaseResponse:
    """Why an announced menu changed."""
    day, number = day_in(request.form, "date"), whole_in(request.form, "numero")
    reasons = request.form.get("avant", ""), request.form.get("raison", "")
    explain_change(web.db(), kitchen, day, number, reasons, stamp())
    web.db().commit()
    return web.see_other(url_for("publishing.page", kitchen=kitchen, _anchor="changements"), "Raison gardée.")


def _sites(kitchen: str) -> list[Site]:
    """Sites of a kitchen, its collèges first.

    Raises:
        NotFoundError: it serves none.
    """
    rows = select(Site).where(Site.kitchen == kitchen).order_by(col(Site.kind), col(Site.name))
    found = list(web.db().exec(rows))
    if not found:
        raise NotFoundError("Cette cuisine ne sert encore aucun lieu de repas.")
    return found


def _period() -> tuple[date, date]:
    today = this_day()
    first, last = day_in(request.args, "du", today - BEFORE), day_in(request.args, "au", today + AHEAD)
    return min(first, last), max(first, last)
