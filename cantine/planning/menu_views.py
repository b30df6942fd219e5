"""Pages of the menus: the grid of a block, the panel of a dish, the panel of a day."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for

from cantine import web
from cantine.accounts import guard
from cantine.clock import time_of
from cantine.errors import NotFoundError
from cantine.menus.grid import GridDay, monday_of
from cantine.menus.signs import SLOT_ICONS, SLOT_WORDS
from cantine.menus.words import FILTERS
from cantine.planning import menu_acts, runs, volume_views
from cantine.planning.alternatives import choices_of, foods_for, swap_panel
from cantine.planning.board import Board, load_board
from cantine.planning.models import Run
from cantine.planning.panel import RunPanel, pending, profiles, run_panel
from cantine.planning.params import day_in, place_in, this_day
from cantine.planning.supply import load_supply
from cantine.planning.ways_out import WaysOut, ways_out
from optim.rules.blocks import BLOCK
from optim.terms import Niveau, Slot

blueprint = Blueprint("menus", __name__)
menu_acts.register(blueprint)
volume_views.register(blueprint)
for name, function in FILTERS.items():
    blueprint.add_app_template_filter(function, name)

VIEWS = {"labels": "Labels", "allergenes": "Allergènes", "co2e": "CO₂e"}
CLASS_WORDS = {
    Niveau.MATERNELLE: "Maternelle",
    Niveau.ELEMENTAIRE: "Élémentaire",
    Niveau.COLLEGE: "Collégiens",
    Niveau.ADULTE: "Adultes",
}
ALL_WEEKS = "toutes"


@dataclass(frozen=True)
class Page:
    """The state of the grid page, as its address tells it."""

    kitchen: str
    around: date
    view: str
    open_week: str
    proposal: int | None = None
    own: dict[str, str] = field(default_factory=dict)

    def url(self, **changes: str | None) -> str:
        """The address of the same page with something else; None takes a thing away."""
        values: dict[str, Any] = {
            "du": self.around.isoformat(),
            "vue": self.view if self.view != "labels" else None,
            "semaine": self.open_week or None,
            "proposition": self.proposal,
            **changes,
        }
        return url_for("menus.grid", kitchen=self.kitchen, **values)

    def swap_url(self, day: date, slot: Slot, choice: int, **more: str) -> str:
        """The address of the panel « Changer »."""
        return url_for(
            "menus.swap",
            kitchen=self.kitchen,
            du=self.around.isoformat(),
            vue=self.view,
            semaine=self.open_week or None,
            date=day.isoformat(),
            composante=slot.value,
            rang=choice,
            **more,  # type: ignore[arg-type]
        )


def read_page(kitchen: str) -> Page:
    """The state of the page asked for."""
    view = request.args.get("vue", "labels")
    return Page(
        kitchen=kitchen,
        around=day_in(request.args, "du", this_day()),
        view=view if view in VIEWS else "labels",
        open_week=request.args.get("semaine", ""),
        proposal=request.args.get("proposition", type=web.whole),
    )


@blueprint.get("/cuisines/<kitchen>/menus")
def grid(kitchen: str) -> str:
    """The grid of a block; « proposition » shows the menus of a run instead of those in place."""
    page = read_page(kitchen)
    run = runs.get_run(web.db(), page.proposal, kitchen) if page.proposal else None
    board = load_board(web.db(), kitchen, page.around, this_day(), proposal=run)
    day = _asked_day(board)
    return show(page, board, day=day)


@blueprint.route("/cuisines/<kitchen>/menus/changer", methods=["GET", "POST"])
def swap(kitchen: str) -> menu_acts.Answer | str:
    """The alternatives of one place, beside the grid; posted, the one chosen."""
    if request.method == "POST":
        return menu_acts.swap(kitchen)
    page = read_page(kitchen)
    place = place_in(request.args)
    board = load_board(web.db(), kitchen, page.around, this_day(), opened=place[:2])
    if board is None:
        raise NotFoundError
    query = request.args.get("q", "").strip()
    supply = load_supply(web.db(), board, time_of(web.now()), foods_for(board, place))
    panel = swap_panel(board, place, query, supply, everything=bool(request.args.get("tout")))
    if panel is None:
        raise NotFoundError("Ce jour n'est pas dans ces menus.")
    return show(page, board, swap=panel)


def show(page: Page, board: Board | None, **panels: Any) -> str:  # noqa: ANN401 -- panels are told apart by the template
    """The grid page with one panel beside it."""
    session = web.db()
    run = runs.latest(session, page.kitchen)
    panel = _panel_of(run, board) if run and pending(run) else None
    return render_template(
        "menus/grid.html",
        page=page,
        board=board,
        run=panel,
        ways=ways_of(panel, board),
        open_weeks=_open_weeks(page, board),
        views=VIEWS,
        rows=choices_of(board) if board else (),
        slot_words=SLOT_WORDS,
        slot_icons=SLOT_ICONS,
        class_words=CLASS_WORDS,
        profiles=profiles(session),
        here=request.full_path.rstrip("?"),
        may_cook=guard.may("menus.keep", page.kitchen) and page.proposal is None,
        looking=page.proposal is not None,
        first=_first_to_plan(board),
        count=BLOCK,
        **panels,
    )


def _panel_of(run: Run, board: Board | None) -> RunPanel:
    """The panel of a run compares with the menus in place, never with itself."""
    session = web.db()
    if board is not None and board.proposal is not None:
        board = load_board(session, run.kitchen, run.first_date, this_day())
    return run_panel(session, run, board)


def ways_of(panel: RunPanel | None, board: Board | None) -> WaysOut | None:
    """What the chief could take back after a search without result."""
    if panel is None or board is None or not panel.failed:
        return None
    return ways_out(web.db(), panel.run, board.days, panel.conflicts, panel.ways)


def _first_to_plan(board: Board | None) -> date:
    """The first meal without a menu, else the first of the block that may change."""
    if board is None or not board.open:
        return this_day()
    return next((day.date for day in board.open if not day.dishes), board.open[0].date)


def _asked_day(board: Board | None) -> GridDay | None:
    if board is None or not request.args.get("jour"):
        return None
    return board.day(day_in(request.args, "jour"))


def _open_weeks(page: Page, board: Board | None) -> set[date]:
    """The week unfolded: the one asked for, else the first that may still change."""
    if board is None:
        return set()
    mondays = [week.monday for week in board.weeks]
    if page.open_week == ALL_WEEKS:
        return set(mondays)
    asked = [monday for monday in mondays if monday.isoformat() == page.open_week]
    current = [week.monday for week in board.weeks if monday_of(page.around) <= week.monday]
    return set((asked or current or mondays)[:1])
