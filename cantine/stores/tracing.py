"""From a lot or a product to its deliveries and its meals (règlement (CE) 178/2002, article 18)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.french import fold
from cantine.menus.models import Dish
from cantine.recipes.models import Recipe, RecipeIngredient
from cantine.stores import hygiene, ledger
from cantine.stores.models import Reception, ReceptionLine, StockMove
from cantine.suppliers.models import Supplier

MOST = 50
KEPT = timedelta(days=5 * 365)
"""How far back a search looks."""


@dataclass(frozen=True)
class Issued:
    """A meal, or a loss, that a lot went to."""

    day: date
    grams: int
    words: str
    dishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traced:
    """One delivery of a product, its lot in the store, and where that went."""

    line: ReceptionLine
    reception: Reception
    supplier: str
    expires_on: date
    issued: Sequence[Issued]


def missing_words(line: ReceptionLine, food: Food, day: date) -> tuple[str, ...]:
    """What the law asks to write and that an accepted line lacks, in words."""
    if not line.accepted_g:
        return ()
    lacks = []
    if line.limit_c is not None and line.temperature_c is None:
        lacks.append("température")
    if not line.supplier_lot:
        lacks.append("lot")
    parts = hygiene.origin_parts(food, day)
    lacks += [hygiene.ORIGIN_WORDS[part].lower() for part in parts if not getattr(line, part)]
    return tuple(lacks)


def search(session: Session, kitchen: str, text: str) -> list[Traced]:
    """Deliveries whose lot, product or food holds these words, the last first."""
    words = fold(text).split()
    rows = session.exec(
        select(ReceptionLine, Reception, Supplier.name, Food)
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .join(Supplier, col(Supplier.code) == col(Reception.supplier))
        .join(Food, col(Food.code) == col(ReceptionLine.food))
        .where(Reception.kitchen == kitchen)
        .order_by(col(Reception.date).desc(), col(ReceptionLine.id).desc())
    )
    found = []
    for line, reception, supplier, food in rows:
        told = fold(f"{line.supplier_lot} {line.name} {food.name} {supplier}")
        if not all(word in told for word in words):
            continue
        expires_on = line.use_by or reception.date + timedelta(days=food.shelf_life_days)
        found.append(Traced(line, reception, supplier, expires_on, ()))
        if len(found) == MOST:
            break
    gone = _gone(session, kitchen, found)
    return [
        Traced(one.line, one.reception, one.supplier, one.expires_on, gone[one.line.food, one.expires_on])
        for one in found
    ]


def _gone(
    session: Session, kitchen: str, found: Sequence[Traced]
) -> defaultdict[tuple[str, date], list[Issued]]:
    """Issues and losses of the lots found, with the dishes of their meals."""
    gone: defaultdict[tuple[str, date], list[Issued]] = defaultdict(list)
    foods = {one.line.food for one in found}
    moves = session.exec(
        select(StockMove)
        .where(StockMove.kitchen == kitchen, col(StockMove.food).in_(foods))
        .where(col(StockMove.kind).in_((ledger.ISSUE, ledger.LOSS)))
        .order_by(col(StockMove.date), col(StockMove.id))
    ).all()
    dishes = _dishes(session, kitchen, foods, {move.service_date for move in moves if move.service_date})
    for move in moves:
        day = move.service_date or move.date
        words = "jeté" if move.kind == ledger.LOSS else "servi" if move.service_date else "sorti"
        reason = f"\u00a0: {move.reason}" if move.reason else ""
        names = tuple(dishes[day, move.food]) if move.service_date else ()
        gone[move.food, move.expires_on].append(Issued(day, -move.grams, words + reason, names))
    return gone


def _dishes(
    session: Session, kitchen: str, foods: set[str], days: set[date]
) -> defaultdict[tuple[date, str], list[str]]:
    """Names of the dishes of each day that take each food, those without pork included."""
    found: defaultdict[tuple[date, str], list[str]] = defaultdict(list)
    for code in (Recipe.code, Recipe.substitute):
        rows = session.exec(
            select(col(Dish.date), col(RecipeIngredient.food), col(Recipe.name))
            .join(Recipe, col(Recipe.code) == col(Dish.recipe))
            .join(RecipeIngredient, col(RecipeIngredient.recipe) == col(code))
            .where(Dish.kitchen == kitchen, col(Dish.date).in_(days), col(RecipeIngredient.food).in_(foods))
        )
        for day, food, name in rows:
            if name not in found[day, food]:
                found[day, food].append(name)
    return found
