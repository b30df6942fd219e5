"""The page « Utiliser un volume »: a food, so many kilograms, from one day to another."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for
from sqlmodel import Session

from cantine import web
from cantine.accounts import guard
from cantine.clock import time_of
from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.menus.grid import monday_of
from cantine.menus.signs import SLOT_WORDS
from cantine.orders.announcements import announcements_for
from cantine.planning.announced import Announced
from cantine.planning.board import Board, load_board
from cantine.planning.params import day_in, this_day
from cantine.planning.supply import Supply, load_supply
from cantine.planning.volume import Uses, uses_of
from cantine.planning.volume_food import (
    Asked,
    conditions_of,
    find_food,
    food_names,
    foods_sold_by,
    near_foods,
    recipes_with,
)
from cantine.suppliers.models import Offer

USUAL_KG = 40
MOST_KG = 5000
FORTNIGHT = timedelta(days=11)
"""From a Monday to the Friday of the week after."""


@dataclass(frozen=True)
class Question:
    """What the form asks."""

    asked: Asked
    kg: int
    first: date
    last: date
    offer: str
    supplier: str


def register(blueprint: Blueprint) -> None:
    """Hang the page on the blueprint of the menus."""
    blueprint.add_url_rule("/cuisines/<kitchen>/menus/volume", "volume", volume)


def volume(kitchen: str) -> str:
    """The form, and what can be done with the volume."""
    session, question = web.db(), read_question(web.db())
    food = question.asked.food
    recipes = recipes_with(session, food.code) if food else []
    board = load_board(session, kitchen, question.first, this_day(), recipes=recipes)
    uses = _uses(session, board, question, food, recipes) if board and food and recipes else None
    return render_template(
        "menus/volume.html",
        kitchen=kitchen,
        question=question,
        board=board,
        uses=uses,
        recipes=recipes,
        names=food_names(session),
        near=near_foods(session, food) if food and not recipes else (),
        announced=[one for one in announcements_for(session, kitchen, this_day()) if one.grams],
        sold=foods_sold_by(session, question.supplier, this_day()) if question.supplier else (),
        last=min(question.last, board.block.last) if board else question.last,
        here=request.full_path.rstrip("?"),
        slot_words=SLOT_WORDS,
        link=lambda food: _link(kitchen, question, food),
        may_cook=guard.may("menus.swap", kitchen),
    )


def read_question(session: Session) -> Question:
    """The form as it was sent, with the days of this week and the next unless said.

    Raises:
        CantineError: a date or a weight cannot be read, or the days are in the wrong order.
    """
    offer = session.get(Offer, request.args.get("offre", ""))
    today = this_day()
    first = max(today, day_in(request.args, "du", today))
    last = day_in(request.args, "au", monday_of(first) + FORTNIGHT)
    if last < first:
        raise CantineError("Le dernier jour vient avant le premier, ou il est passé.")
    return Question(
        asked=find_food(session, request.args.get("aliment", "") or (offer.food if offer else "")),
        kg=_kilograms(request.args.get("kg", "")),
        first=first,
        last=last,
        offer=offer.code if offer else "",
        supplier=request.args.get("fournisseur", ""),
    )


def _kilograms(text: str) -> int:
    if not text.strip():
        return USUAL_KG
    try:
        kg = round(float(text.replace(",", ".").replace("\u00a0", "").replace(" ", "")))
    except (ValueError, OverflowError) as error:
        raise CantineError(f"« {text[:20]} » n'est pas un poids. Exemple : 40.") from error
    if not 1 <= kg <= MOST_KG:
        raise CantineError(f"Un volume va de 1 à {MOST_KG} kg.")
    return kg


def _uses(session: Session, board: Board, question: Question, food: Food, recipes: list[str]) -> Uses | None:
    supply = _supply(session, board, food, recipes)
    if supply is None:
        return None
    market = board.coster.sources.on_offer(food.code)
    last = min(question.last, board.block.last)
    item = conditions_of(market, food, question.first, last, offer=question.offer, supplier=question.supplier)
    days = (question.first + timedelta(days=n) for n in range((last - question.first).days + 1))
    received = tuple(day for day in days if board.days.calendar.receives(day))
    announced = Announced(food, question.kg * 1000, question.first, last, item, received)
    return uses_of(board, supply, announced)


def _supply(session: Session, board: Board, food: Food, recipes: list[str]) -> Supply | None:
    """The purchases in place, with the offers of everything that these dishes and their days eat."""
    book = board.coster.book
    codes = {*recipes, *(dish.recipe for day in board.open for dish in day.dishes)}
    codes |= {entry.recipe.substitute for code in codes if (entry := book[code]).recipe.substitute}
    foods = {line.code for code in codes if code in book for _, line in book[code].lines if not line.staple}
    return load_supply(session, board, time_of(web.now()), foods | {food.code})


def _link(kitchen: str, question: Question, food: Food) -> str:
    """The same question about another food."""
    return url_for(
        "menus.volume",
        kitchen=kitchen,
        aliment=food.code,
        kg=question.kg,
        du=question.first.isoformat(),
        au=question.last.isoformat(),
        fournisseur=question.supplier or None,
    )
