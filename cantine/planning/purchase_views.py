"""The page « À commander », for reading."""

from datetime import date

from flask import Blueprint, render_template, request

from cantine import web
from cantine.kitchens.settings import load_settings
from cantine.planning.board import load_board
from cantine.planning.ceilings import ceilings_near
from cantine.planning.params import day_in, this_day
from cantine.planning.purchases import load_orders, missed, uncovered, week_of


def register(blueprint: Blueprint) -> None:
    """Hang the page on the blueprint of planning."""
    blueprint.add_url_rule("/cuisines/<kitchen>/a-commander", "purchases", purchases)


def purchases(kitchen: str) -> str:
    """One week of deliveries, supplier by supplier, and what is not covered."""
    today = this_day()
    board = load_board(web.db(), kitchen, today, today)
    distances = board.coster.sources.distances() if board is not None else {}
    settings = load_settings(web.db())
    orders = load_orders(web.db(), kitchen, today, distances, settings.bread_food)
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
        today=today,
    )
