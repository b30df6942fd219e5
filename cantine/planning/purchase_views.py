"""« À commander »: the needs of a week beside what is ordered, and the engagement numbers to type."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.asked import day_in, this_day
from cantine.clock import time_of
from cantine.errors import CantineError
from cantine.kitchens.settings import load_settings
from cantine.orders.states import STATE_KINDS, STATE_WORDS
from cantine.planning.board import load_board
from cantine.planning.ceilings import ceilings_near
from cantine.planning.minimum import ways_out
from cantine.planning.need_reading import load_need
from cantine.planning.purchases import uncovered
from cantine.planning.staple_orders import monthly_order
from cantine.suppliers.engagements import engagements_of, save_engagement
from cantine.suppliers.ordering import load_ordering

PATH = "/cuisines/<kitchen>/a-commander"


@dataclass(frozen=True)
class Refused:
    """A number that was not kept: where it was typed, as it was typed, and why."""

    anchor: str
    number: str
    reason: str


def register(blueprint: Blueprint) -> None:
    """Hang the page and its act on the blueprint of planning."""
    blueprint.add_url_rule(PATH, "purchases", purchases)
    blueprint.add_url_rule(f"{PATH}/engagement", "engagement", engagement, methods=["POST"])


def purchases(kitchen: str) -> str:
    """One week of needs by storage zone, what is not covered, and the staples of the month."""
    return show_need(kitchen)


def engagement(kitchen: str) -> Response | tuple[str, int]:
    """Keep the number typed for a supplier and the year of a delivery; a wrong one is given back."""
    form = request.form
    supplier, year = form.get("fournisseur", ""), day_in(form, "livraison").year
    anchor, number = form.get("ancre", ""), form.get("numero", "")
    try:
        save_engagement(
            web.db(),
            kitchen,
            supplier,
            year,
            number,
            shown=form.get("avant", ""),
            by=guard.person().id,
            now=web.now(),
        )
    except CantineError as error:
        web.db().rollback()
        return show_need(kitchen, Refused(anchor, number, error.message)), error.status
    web.db().commit()
    words = f"Numéro d'engagement {year} " + ("enregistré." if number.strip() else "effacé.")
    back = url_for("planning.purchases", kitchen=kitchen, semaine=request.args.get("semaine"), _anchor=anchor)
    return web.see_other(back, words)


def show_need(kitchen: str, refused: Refused | None = None, problem: str = "") -> str:
    """The page; ``problem`` tells why what was asked was not done."""
    session, today = web.db(), this_day()
    settings, hour = load_settings(session), time_of(web.now())
    asked = day_in(request.args, "semaine") if request.args.get("semaine") else None
    need = load_need(session, kitchen, load_ordering(session, today, hour), settings.bread_food, asked)
    board = load_board(session, kitchen, today, today)
    return render_template(
        "planning/purchases.html",
        kitchen=kitchen,
        need=need,
        missing=uncovered(session, board) if board is not None and need.weeks else (),
        ways={visit.anchor: ways_out(visit, need.visits) for visit in need.visits},
        planned=bool(board and board.planned),
        budget_cents=board.kitchen.budget_ttc_cents if board else None,
        ceilings=ceilings_near(session, kitchen),
        staples=monthly_order(session, kitchen, today, hour),
        staples_cents=settings.staples_cents_per_meal,
        engagements=engagements_of(session, kitchen),
        refused=refused,
        problem=problem,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        today=today,
    )
