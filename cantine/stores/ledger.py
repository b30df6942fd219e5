"""The book of the store: every gram in or out is a move, and the lots are the sums of the moves, always."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.foods.models import Food
from cantine.french import full_date, kg
from cantine.stores.models import StockMove
from cantine.suppliers.models import StockLot

OPENING, CORRECTION, LOSS = "ouverture", "correction", "perte"
ISSUE, RECEPTION, COUNT = "sortie", "reception", "inventaire"
TRIES = 3
FINEST = Decimal("0.0001")
"""Money is kept in ten-thousandths of a euro."""


@dataclass(frozen=True)
class Lot:
    """Key of a lot: food of a kitchen to be used by a day."""

    kitchen: str
    food: str
    expires_on: Date


def move(
    session: Session,
    *,
    kitchen: str,
    food: str,
    expires_on: Date,
    grams: int,
    kind: str,
    date: Date,
    at: datetime,
    user_id: int | None,
    price_ht_per_kg: Decimal | None = None,
    reason: str = "",
    service_date: Date | None = None,
    reception_line: int | None = None,
    inventory: int | None = None,
    offer: str | None = None,
) -> StockMove:
    """Put ``grams`` (negative: take out) into a lot, held until the end of the transaction. Never commits.

    The price of a lot is the mean of what went in; what goes out is worth the price of its lot, so
    ``price_ht_per_kg`` counts only on the way in. Several lots are moved in the order of their keys
    (food, date), so that two acts cannot wait for each other.

    Raises:
        CantineError: the lot does not hold that much.
    """
    key = Lot(kitchen, food, expires_on)
    lot = _held(session, key, price_ht_per_kg or Decimal(0), offer)
    settle(session, [key], date=date, at=at, user_id=user_id)
    if lot.grams + grams < 0:
        raise CantineError(_too_little(session, lot))
    if grams > 0 and price_ht_per_kg is not None:
        lot.price_ht_per_kg = _mean(lot, grams, price_ht_per_kg)
    lot.grams += grams
    session.add(lot)
    done = StockMove(
        kitchen=kitchen,
        food=food,
        expires_on=expires_on,
        grams=grams,
        kind=kind,
        date=date,
        at=at,
        user_id=user_id,
        price_ht_per_kg=price_ht_per_kg if grams > 0 and price_ht_per_kg is not None else lot.price_ht_per_kg,
        reason=reason,
        service_date=service_date,
        reception_line=reception_line,
        inventory=inventory,
    )
    session.add(done)
    session.flush()
    return done


def hold(session: Session, key: Lot, seen: int) -> None:
    """Hold a lot until the end of the transaction, and refuse to act on a page that is out of date.

    Raises:
        ConflictError: it does not hold ``seen`` grams any more.
    """
    lot = _held(session, key, Decimal(0), None)
    if lot.grams != seen:
        raise ConflictError(
            f"Ce lot a changé entre-temps : il en reste {kg(lot.grams)}. Vérifiez, puis recommencez."
        )


def settle(
    session: Session,
    lots: Collection[Lot],
    *,
    date: Date,
    at: datetime,
    user_id: int | None,
    reason: str = "",
) -> list[StockMove]:
    """Write what the book lacks of these lots: their opening, or the correction of a table edited by hand.

    A lot that was there before the book, or that a table or a data package changed, is the truth:
    the book follows it. Never commits.
    """
    session.flush()
    written, there = _sums(session, lots), _lots(session, lots)
    moves = []
    for key in lots:
        lot = there.get(key)
        gap = (lot.grams if lot else 0) - written.get(key, 0)
        if gap:
            moves.append(
                StockMove(
                    kitchen=key.kitchen,
                    food=key.food,
                    expires_on=key.expires_on,
                    grams=gap,
                    kind=CORRECTION if key in written else OPENING,
                    date=date,
                    at=at,
                    user_id=user_id,
                    price_ht_per_kg=lot.price_ht_per_kg if lot else Decimal(0),
                    reason=reason if key in written else "",
                )
            )
    session.add_all(moves)
    session.flush()
    return moves


def _held(session: Session, key: Lot, price: Decimal, offer: str | None) -> StockLot:
    """The row of a lot as it is now, made if need be; whoever else moves it waits."""
    query = (
        select(StockLot)
        .where(
            StockLot.kitchen == key.kitchen,
            StockLot.food == key.food,
            StockLot.expires_on == key.expires_on,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for left in reversed(range(TRIES)):
        lot = session.exec(query).first()
        if lot is not None:
            return lot
        if session.get(Food, key.food) is None:
            raise NotFoundError("Ce produit n'existe pas, ou plus.")
        try:
            with session.begin_nested():
                session.add(
                    StockLot(
                        kitchen=key.kitchen,
                        food=key.food,
                        expires_on=key.expires_on,
                        grams=0,
                        price_ht_per_kg=price,
                        offer=offer,
                    )
                )
        except IntegrityError:  # a colleague made it at the same instant: read it again
            if not left:
                raise
    raise CantineError


def _sums(session: Session, lots: Collection[Lot]) -> dict[Lot, int]:
    """Grams of the moves by lot, where there are moves."""
    query = select(
        col(StockMove.kitchen),
        col(StockMove.food),
        col(StockMove.expires_on),
        func.sum(col(StockMove.grams)),
    ).group_by(col(StockMove.kitchen), col(StockMove.food), col(StockMove.expires_on))
    rows = session.exec(query.where(*_among(StockMove, lots)))
    return {Lot(kitchen, food, day): int(grams) for kitchen, food, day, grams in rows}


def _lots(session: Session, lots: Collection[Lot]) -> dict[Lot, StockLot]:
    rows = session.exec(select(StockLot).where(*_among(StockLot, lots)))
    return {Lot(row.kitchen, row.food, row.expires_on): row for row in rows}


def _among(table: type[StockLot] | type[StockMove], lots: Collection[Lot]) -> list[Any]:
    """Narrow to the kitchens of the lots, and to their foods while they are few."""
    kitchens, foods = {lot.kitchen for lot in lots}, {lot.food for lot in lots}
    return [col(table.kitchen).in_(kitchens), col(table.food).in_(foods)]


def _mean(lot: StockLot, grams: int, price: Decimal) -> Decimal:
    value = lot.price_ht_per_kg * lot.grams + price * grams
    return (value / (lot.grams + grams)).quantize(FINEST)


def _too_little(session: Session, lot: StockLot) -> str:
    name = session.get_one(Food, lot.food).name
    left = f"il n'en reste que {kg(lot.grams)}" if lot.grams else "il n'y en a plus"
    return (
        f"{name}, à utiliser jusqu'au {full_date(lot.expires_on)} : {left} en stock. Rien n'est enregistré."
    )
