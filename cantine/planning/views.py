"""Proposals: ask for menus, follow the search, stop it, accept or set aside what it found."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.errors import CantineError
from cantine.planning import concede as conceding
from cantine.planning import need_views, order_views, purchase_views, runs, study_views, ways_out
from cantine.planning.board import load_board
from cantine.planning.kept import kept_words
from cantine.planning.menu_views import read_page, show, ways_of
from cantine.planning.models import Run
from cantine.planning.panel import run_panel
from cantine.planning.params import day_in, stamp, this_day, whole_in

blueprint = Blueprint("planning", __name__)
purchase_views.register(blueprint)
need_views.register(blueprint)
order_views.register(blueprint)
study_views.register(blueprint)

MOST_SERVICES = 60
TIME_LIMITS = (60, 180, 300)
VERSION = "version-"


@blueprint.route("/cuisines/<kitchen>/proposer", methods=["GET", "POST"])
def propose(kitchen: str) -> str | Response:
    """The form beside the grid; posted, a new search."""
    if request.method == "GET":
        page = read_page(kitchen)
        return show(page, load_board(web.db(), kitchen, page.around, this_day()), proposing=True)
    return _start(kitchen)


def _start(kitchen: str, asked: Mapping[str, Any] | None = None) -> Response:
    """Write the search that the form asks for, with what is ``asked`` beside, and ring for a worker."""
    services, limit = whole_in(request.form, "repas", 20), whole_in(request.form, "duree", TIME_LIMITS[0])
    if not 1 <= services <= MOST_SERVICES or limit not in TIME_LIMITS:
        raise CantineError(f"Une proposition couvre de 1 à {MOST_SERVICES} repas.")
    run = runs.start(
        web.db(),
        kitchen=kitchen,
        first=max(day_in(request.form, "du", this_day()), this_day()),
        services=services,
        profile=request.form.get("profil", "equilibre"),
        time_limit=limit,
        seed=0,
        user_id=guard.person().id,
        now=web.now(),
        request=asked,
    )
    web.db().commit()
    current_app.extensions["ring"](run.id)
    return web.see_other(_grid(run))


@blueprint.post("/cuisines/<kitchen>/propositions/<int:run_id>/liberer")
def release(kitchen: str, run_id: int) -> Response:
    """Take back the decisions ticked, then search again as before: with what was given up already, too."""
    run = runs.get_run(web.db(), run_id, kitchen)
    try:
        kept = [ways_out.place_of(value) for value in request.form.getlist("garde")]
        banned = [ways_out.ban_of(value) for value in request.form.getlist("ecarte")]
    except ValueError as error:
        raise CantineError from error
    if not kept and not banned:
        words = "Cochez au moins un plat à libérer, ou essayez autrement."
        return web.see_other(_grid(run), words, "warn")
    days = {place[0] for place in kept} | {ban[0] for ban in banned}
    versions = {day: whole_in(request.form, f"version-{day.isoformat()}") for day in days}
    ways_out.take_back(web.db(), kitchen, kept, banned, versions, stamp())
    if not run.decision:
        runs.discard(web.db(), run, guard.person().id, web.now())
    return _start(kitchen, conceding.carried(run))


@blueprint.post("/cuisines/<kitchen>/propositions/<int:run_id>/accorder")
def concede(kitchen: str, run_id: int) -> Response:
    """Give up what one of the ways out says, and search again at once."""
    run = runs.get_run(web.db(), run_id, kitchen)
    rank = whole_in(request.form, "voie")
    versions = {
        day_in(MultiDict([("jour", name.removeprefix(VERSION))]), "jour"): whole_in(request.form, name)
        for name in request.form
        if name.startswith(VERSION)
    }
    again = conceding.concede(web.db(), run, rank, versions, stamp())
    web.db().commit()
    current_app.extensions["ring"](again.id)
    return web.see_other(_grid(again))


@blueprint.get("/cuisines/<kitchen>/propositions/<int:run_id>")
def progress(kitchen: str, run_id: int) -> str | Response:
    """How far a search is: the panel alone for the page that asks again, else the grid."""
    run = runs.get_run(web.db(), run_id, kitchen)
    if not request.headers.get("X-Fragment"):
        return redirect(_grid(run), 303)
    board = load_board(web.db(), kitchen, run.first_date, this_day())
    finished = run.state not in runs.OPEN_STATES
    panel = run_panel(web.db(), run, board)
    return render_template(
        "planning/run.html",
        run=panel,
        ways=ways_of(panel, board),
        finished_at=_grid(run, proposed=run.state == "fini" and not run.decision) if finished else None,
    )


@blueprint.post("/cuisines/<kitchen>/propositions/<int:run_id>/arreter")
def cancel(kitchen: str, run_id: int) -> Response:
    """Stop the search and keep its best plan."""
    run = runs.get_run(web.db(), run_id, kitchen)
    runs.cancel(web.db(), run)
    web.db().commit()
    return web.see_other(_grid(run), "Arrêt demandé : la meilleure proposition est gardée.")


@blueprint.post("/cuisines/<kitchen>/propositions/<int:run_id>/accepter")
def accept(kitchen: str, run_id: int) -> Response:
    """Put the proposed menus in place."""
    run = runs.get_run(web.db(), run_id, kitchen)
    kept = runs.accept(web.db(), run, guard.person().id, web.now(), this_day())
    web.db().commit()
    said = "Les menus proposés sont en place, avec leurs achats."
    if kept:
        said += f" Les menus {kept_words(kept)} n'ont pas changé ; leurs achats sont refaits avec ceux-ci."
    return web.see_other(_grid(run), said)


@blueprint.post("/cuisines/<kitchen>/propositions/<int:run_id>/ecarter")
def discard(kitchen: str, run_id: int) -> Response:
    """Set the proposal aside."""
    run = runs.get_run(web.db(), run_id, kitchen)
    runs.discard(web.db(), run, guard.person().id, web.now())
    web.db().commit()
    return web.see_other(_grid(run), "Proposition écartée : vos menus n'ont pas changé.")


def _grid(run: Run, *, proposed: bool = False) -> str:
    """The grid of the run's menus, or of what it proposes."""
    return url_for(
        "menus.grid",
        kitchen=run.kitchen,
        du=run.first_date.isoformat(),
        proposition=run.id if proposed else None,
    )
