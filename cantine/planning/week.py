"""« Ma semaine »: today, what needs a decision, the week for reading, tomorrow's deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from cantine import web
from cantine.accounts import guard
from cantine.accounts.access import CHEF
from cantine.clock import time_of
from cantine.foods.models import Food
from cantine.menus.grid import GridDay, GridWeek, monday_of
from cantine.menus.signs import SLOT_ICONS, SLOT_WORDS
from cantine.orders.follow import waiting
from cantine.planning import runs
from cantine.planning.alternatives import choices_of
from cantine.planning.board import Board, load_board
from cantine.planning.decisions import SHOWN, decisions
from cantine.planning.params import day_in, this_day
from cantine.planning.purchases import Order, load_orders
from cantine.suppliers.models import StockLot
from cantine.suppliers.ordering import load_ordering
from cantine.suppliers.staples import load_shelves

blueprint = Blueprint("semaine", __name__)

SOON_DAYS = 7
LISTED = 6


@dataclass(frozen=True)
class SoonExpired:
    """A lot of the store to use soon."""

    name: str
    grams: int
    expires_on: date
    storage: str


@blueprint.get("/")
def home() -> Response:
    """To the page one works on: the département, the orders of one's kitchen or its week; else, choose."""
    if guard.may("departement.overview") and not guard.person().kitchens:
        return redirect(url_for("departement.overview"), 303)
    kitchen = guard.current_kitchen()
    if kitchen is None:
        return redirect(url_for("kitchens.choose"), 303)
    # Who binds the money without being the chief comes for the orders; the week stays one click away.
    buys = guard.may("planning.engagement", kitchen) and not guard.person().works_as(CHEF, kitchen)
    return redirect(url_for("planning.purchases" if buys else "semaine.week", kitchen=kitchen), 303)


@blueprint.get("/cuisines/<kitchen>/semaine")
def week(kitchen: str) -> str:
    """One week of a kitchen; decisions and deliveries are those of today."""
    session, today = web.db(), this_day()
    monday = monday_of(day_in(request.args, "date", today))
    current = load_board(session, kitchen, today, today)
    board = current if _week_of(current, monday) else load_board(session, kitchen, monday, today)
    ordering = load_ordering(session, today, time_of(web.now()))
    orders = load_orders(session, kitchen, ordering, {}) if current else []

    def page(endpoint: str, **values: object) -> str:
        return url_for(endpoint, kitchen=kitchen, **values)  # type: ignore[arg-type]

    shelves = load_shelves(session, kitchen, today)
    cards = decisions(
        current,
        runs.latest(session, kitchen),
        orders,
        shelves,
        page,
        waiting(session, kitchen, today),
        binds=guard.may("planning.need_approve", kitchen),
    )
    return render_template(
        "menus/week.html",
        kitchen=kitchen,
        today=today,
        monday=monday,
        earlier=monday - timedelta(days=7),
        later=monday + timedelta(days=7),
        board=board,
        week=_week_of(board, monday),
        rows=choices_of(board) if board else (),
        cards=cards[:SHOWN],
        more=cards[SHOWN:],
        next_day=_next_service(current, today),
        deliveries=_next_deliveries(orders, today),
        expiring=soon_expired(session, kitchen, today),
        slot_words=SLOT_WORDS,
        slot_icons=SLOT_ICONS,
        here=request.full_path.rstrip("?"),
    )


def _week_of(board: Board | None, monday: date) -> GridWeek | None:
    return next((week for week in board.weeks if week.monday == monday), None) if board else None


def _next_service(board: Board | None, today: date) -> GridDay | None:
    return next((day for day in board.open if day.date > today), None) if board else None


def _next_deliveries(orders: Sequence[Order], today: date) -> list[Order]:
    """Those of the next day that has some."""
    ahead = [order for order in orders if order.delivery > today]
    return [order for order in ahead if order.delivery == ahead[0].delivery]


def soon_expired(session: Session, kitchen: str, today: date) -> list[SoonExpired]:
    """Lots of the store that expire within a week, the first to go first."""
    statement = (
        select(StockLot, Food.name, Food.storage)
        .join(Food, col(Food.code) == col(StockLot.food))
        .where(StockLot.kitchen == kitchen, StockLot.grams > 0, StockLot.expires_on >= today)
        .where(StockLot.expires_on <= today + timedelta(days=SOON_DAYS))
        .order_by(col(StockLot.expires_on))
        .limit(LISTED)
    )
    return [SoonExpired(name, lot.grams, lot.expires_on, zone) for lot, name, zone in session.exec(statement)]
