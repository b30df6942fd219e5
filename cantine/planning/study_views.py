"""Pages of the studies: the comparison with menus made first, and several plans to choose from."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.errors import CantineError
from cantine.planning import comparison, dots, frontiers, runs, study
from cantine.planning.models import Run
from cantine.planning.panel import profiles
from cantine.planning.params import day_in, this_day, whole_in
from optim.frontier import MOST
from optim.units import BLOCK

PAGES = {comparison.KIND: "planning.comparison", frontiers.KIND: "planning.frontier"}
TIME_LIMITS = {60: "1 min", 180: "3 min", 300: "5 min"}
USUAL_LIMIT = 180


def register(blueprint: Blueprint) -> None:
    """Hang the pages and their acts on the blueprint of planning."""
    base = "/cuisines/<kitchen>"
    blueprint.add_url_rule(f"{base}/comparaison", "comparison", show_comparison)
    blueprint.add_url_rule(f"{base}/comparaison", "compare", start_comparison, methods=["POST"])
    blueprint.add_url_rule(f"{base}/plans", "frontier", show_frontier)
    blueprint.add_url_rule(f"{base}/plans", "find_plans", start_frontier, methods=["POST"])
    blueprint.add_url_rule(f"{base}/calculs/<int:run_id>", "study", progress)
    blueprint.add_url_rule(f"{base}/calculs/<int:run_id>/arreter", "stop", stop, methods=["POST"])
    blueprint.add_url_rule(f"{base}/calculs/<int:run_id>/garder", "keep_plan", keep, methods=["POST"])


def show_comparison(kitchen: str) -> str:
    """The last comparison of the kitchen: asked for, under way, or its three columns."""
    run = runs.latest(web.db(), kitchen, [comparison.KIND])
    return _page(
        "planning/comparison.html",
        kitchen,
        run,
        found=comparison.read(run) if run is not None and run.state == "fini" else None,
        note=comparison.NOTE,
        nothing=comparison.NOTHING,
        time_limit=comparison.TIME_LIMIT,
    )


def start_comparison(kitchen: str) -> Response:
    """Ask for a comparison."""
    return _start(kitchen, comparison.KIND, comparison.TIME_LIMIT)


def show_frontier(kitchen: str) -> str:
    """The last plans to choose from; ``plan`` is the one looked at, ``mesure`` what is drawn."""
    run = runs.latest(web.db(), kitchen, [frontiers.KIND])
    ended = run is not None and run.state == "fini"
    choices = frontiers.choices_of(run) if run is not None and ended else frontiers.Choices()
    wanted = request.args.get("plan", type=web.whole)
    measure = dots.of_code(request.args.get("mesure", ""))
    return _page(
        "planning/frontier.html",
        kitchen,
        run,
        choices=choices,
        chosen=next((choice for choice in choices.plans if choice.number == wanted), None),
        measure=measure,
        measures=dots.UPWARDS,
        drawings=[dots.draw(choices.rows, measure, frame) for frame in dots.FRAMES if choices.rows],
        time_limits=TIME_LIMITS,
        usual_limit=USUAL_LIMIT,
        most=MOST,
    )


def start_frontier(kitchen: str) -> Response:
    """Ask for several plans."""
    limit = whole_in(request.form, "duree", USUAL_LIMIT)
    if limit not in TIME_LIMITS:
        raise CantineError("Choisissez une des durées proposées.")
    return _start(kitchen, frontiers.KIND, limit)


def _start(kitchen: str, kind: str, time_limit: int) -> Response:
    asked = study.Asked(
        kitchen=kitchen,
        first=max(day_in(request.form, "du", this_day()), this_day()),
        services=whole_in(request.form, "repas", BLOCK),
        profile=request.form.get("profil", "equilibre"),
        time_limit=time_limit,
    )
    run = study.begin(web.db(), kind, asked, guard.person().id, web.now())
    web.db().commit()
    current_app.extensions["ring"](run.id)
    return web.see_other(_home(run))


def progress(kitchen: str, run_id: int) -> str | Response:
    """How far a study is: the panel alone for the page that asks again, else the page."""
    run = runs.get_run(web.db(), run_id, kitchen)
    if run.kind not in PAGES or not request.headers.get("X-Fragment"):
        return redirect(_home(run), 303)
    told = study.study_of(run)
    return render_template(
        "planning/study.html", kitchen=kitchen, study=told, done_at=None if told.searching else _home(run)
    )


def stop(kitchen: str, run_id: int) -> Response:
    """Stop a study and look at what it has."""
    run = runs.get_run(web.db(), run_id, kitchen)
    study.stop(web.db(), run, guard.person().id, web.now())
    web.db().commit()
    return web.see_other(_home(run), "Arrêt demandé : ce qui est trouvé est gardé.")


def keep(kitchen: str, run_id: int) -> Response:
    """Make one plan the proposal to look at in the grid."""
    run = runs.get_run(web.db(), run_id, kitchen)
    wanted = whole_in(request.form, "plan")
    kept = study.keep(web.db(), run, wanted, guard.person().id, web.now())
    web.db().commit()
    grid = url_for("menus.grid", kitchen=kitchen, du=kept.first_date.isoformat(), proposition=kept.id)
    return web.see_other(
        grid, f"Plan {wanted} gardé comme proposition : regardez-le, puis acceptez-le ou écartez-le."
    )


def _home(run: Run) -> str:
    """The page where a run is shown."""
    if run.kind in PAGES:
        return url_for(PAGES[run.kind], kitchen=run.kitchen)
    return url_for("menus.grid", kitchen=run.kitchen, du=run.first_date.isoformat())


def _page(template: str, kitchen: str, run: Run | None, **values: Any) -> str:  # noqa: ANN401 -- told apart by the template
    first = day_in(request.args, "du", this_day())
    return render_template(
        template,
        kitchen=kitchen,
        study=study.study_of(run) if run is not None and run.state != "annule" else None,
        done_at=None,
        first=first,
        count=request.args.get("repas", default=BLOCK, type=web.whole),
        profiles=profiles(web.db()),
        **values,
    )
