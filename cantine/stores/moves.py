"""Moves of the stock as their page lists them, and as a file for a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from cantine.accounts.models import User
from cantine.foods.models import Food
from cantine.french import fold
from cantine.spreadsheet import GUARDED
from cantine.stores.models import StockMove
from cantine.stores.stock import ZONES, worth

KINDS: Mapping[str, str] = {
    "reception": "réception",
    "sortie": "sortie",
    "perte": "perte",
    "inventaire": "inventaire",
    "correction": "correction",
    "ouverture": "stock d'ouverture",
}
PAGE = 100
TITLES = (
    "date",
    "mouvement",
    "produit",
    "zone",
    "a_utiliser_jusqu_au",
    "kg",
    "prix_ht_par_kg",
    "valeur_ht",
    "repas_du",
    "raison",
    "par",
)


@dataclass(frozen=True)
class Asked:
    """Which moves: between two dates, of a kind, of products whose name holds some words."""

    first: date
    last: date
    kind: str = ""
    words: str = ""


@dataclass(frozen=True)
class Moved:
    """One move with the words people read."""

    move: StockMove
    food: Food
    who: str

    @property
    def value_ht(self) -> Decimal:
        """Euros in or out."""
        return worth(self.move.grams, self.move.price_ht_per_kg)


def moves_of(session: Session, kitchen: str, asked: Asked) -> list[Moved]:
    """Moves, the last first."""
    rows = session.exec(
        select(StockMove, Food, User.name)
        .join(Food, col(Food.code) == col(StockMove.food))
        .outerjoin(User, col(User.id) == col(StockMove.user_id))
        .where(*_conditions(kitchen, asked))
        .order_by(col(StockMove.date).desc(), col(StockMove.id).desc())
    )
    words = fold(asked.words).split()
    return [
        Moved(move, food, who or "cantine")
        for move, food, who in rows
        if all(word in fold(food.name) for word in words)
    ]


def _conditions(kitchen: str, asked: Asked) -> list[ColumnElement[bool]]:
    found = [col(StockMove.kitchen) == kitchen, col(StockMove.date).between(asked.first, asked.last)]
    if asked.kind in KINDS:
        found.append(col(StockMove.kind) == asked.kind)
    return found


def first_day(session: Session, kitchen: str) -> date | None:
    """Day of the first move of a kitchen; None while there is none."""
    return session.exec(select(func.min(StockMove.date)).where(StockMove.kitchen == kitchen)).one()


def totals(rows: Sequence[Moved]) -> list[tuple[str, int, Decimal]]:
    """By kind: words, grams and euros."""
    found = []
    for kind, words in KINDS.items():
        mine = [row for row in rows if row.move.kind == kind]
        if mine:
            value = sum((row.value_ht for row in mine), Decimal(0))
            found.append((words, sum(row.move.grams for row in mine), value))
    return found


def moves_csv(rows: Sequence[Moved]) -> bytes:
    """The moves for a French spreadsheet: semicolons, decimal commas; no text runs as a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(TITLES)
    for row in rows:
        writer.writerow([_cell(value) for value in _values(row)])
    return target.getvalue().encode("utf-8-sig")


def _values(row: Moved) -> tuple[Any, ...]:
    move = row.move
    return (
        move.date,
        KINDS[move.kind],
        row.food.name,
        ZONES.get(row.food.storage, row.food.storage),
        move.expires_on,
        Decimal(move.grams) / 1000,
        move.price_ht_per_kg,
        row.value_ht,
        move.service_date or "",
        move.reason,
        row.who,
    )


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text.startswith(GUARDED) else text
