"""The page « À commander »: the orders to read, and the engagement numbers to type."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.clock import time_of
from cantine.errors import CantineError
from cantine.kitchens.settings import load_settings
from cantine.planning.board import load_board
from cantine.planning.ceilings import ceilings_near
from cantine.planning.params import day_in, this_day
from cantine.planning.purchases import load_orders, missed, uncovered, week_of
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
    """One week of deliveries, supplier by supplier, what is not covered, and the staples of the month."""
    return _page(kitchen)


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
        return _page(kitchen, Refused(anchor, number, error.message)), error.status
    web.db().commit()
    words = f"Numéro d'engagement {year} " + ("enregistré." if number.strip() else "effacé.")
    back = url_for("planning.purchases", kitchen=kitchen, semaine=request.args.get("semaine"), _anchor=anchor)
    return web.see_other(back, words)


def _page(kitchen: str, refused: Refused | None = None) -> str:
    today = this_day()
    board = load_board(web.db(), kitchen, today, today)
    distances = board.coster.sources.distances() if board is not None else {}
    settings = load_settings(web.db())
    hour = time_of(web.now())
    ordering = load_ordering(web.db(), today, hour)
    orders = load_orders(web.db(), kitchen, ordering, distances, settings.bread_food)
    missing = uncovered(web.db(), board) if board is not None and orders else ()
    asked: date | None = day_in(request.args, "semaine") if request.args.get("semaine") else None
    return render_template(
        "planning/purchases.html",
        kitchen=kitchen,
        bought=week_of(orders, missing, asked),
        late=missed(orders, today, demonstration=settings.demonstration),
        due=[order for order in orders if order.due_today],
        planned=bool(board and board.planned),
        ceilings=ceilings_near(web.db(), kitchen),
        staples=monthly_order(web.db(), kitchen, today, hour),
        staples_cents=settings.staples_cents_per_meal,
        engagements=engagements_of(web.db(), kitchen),
        refused=refused,
        today=today,
    )
