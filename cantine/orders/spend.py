"""Cumulative spend: by buyer and homogeneous family outside contracts, by lot and kitchen inside them.

What is bought is in the ledger of purchases; what is ordered, in the orders approved and not received yet.
What is planned is told by the room above and never added to the two others in silence.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlmodel import Session, col

from cantine.db import TEN_THOUSANDTHS
from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.orders.states import APPROUVE, CONFIRME, ENVOYE, MODIFIE
from cantine.suppliers.lots import FREE
from cantine.suppliers.models import MarketLot

BOUGHT, ORDERED, PLANNED = "acheté", "commandé", "prévu"
WAITED_FOR = (APPROUVE, ENVOYE, CONFIRME, MODIFIE)
"""Orders whose money is bound and whose goods did not come yet."""
UNSORTED = ""
"""Family of what nobody has put in one."""
# Written in the statement itself: PostgreSQL takes two parameters for two expressions, and refuses to group.
NOTHING: ColumnElement[str] = literal_column("''")
Key = tuple[str, str]
"""Buyer and family, or lot and kitchen."""


@dataclass(frozen=True)
class Spend:
    """Euros HT of one buyer and family, or of one lot."""

    bought: Decimal = Decimal(0)
    ordered: Decimal = Decimal(0)
    planned: Decimal = Decimal(0)

    @property
    def committed(self) -> Decimal:
        """Bought or ordered: what counts."""
        return self.bought + self.ordered

    @property
    def foreseen(self) -> Decimal:
        """With what is planned and not ordered yet."""
        return self.committed + self.planned

    def __add__(self, other: "Spend") -> "Spend":
        """Both together."""
        return Spend(self.bought + other.bought, self.ordered + other.ordered, self.planned + other.planned)


@dataclass(frozen=True)
class SpendLine:
    """One line behind a figure."""

    day: date
    kind: str
    kitchen: str
    supplier: str
    description: str
    amount_ht: Decimal


def in_family(family: SQLColumnExpression[str] | None = None) -> ColumnElement[str]:
    """Homogeneous family of a line joined to its food: written on the line, else that of the food."""
    of_food = func.coalesce(col(Food.homogeneous_family), NOTHING)
    return of_food if family is None else func.coalesce(func.nullif(family, NOTHING), of_food)


def outside_contracts() -> ColumnElement[bool]:
    """Lines that no contract of the département covers, once joined to their lot."""
    return or_(col(MarketLot.code).is_(None), col(MarketLot.frame) == FREE)


def spend_by_family(
    session: Session, year: int, planned: Mapping[Key, Decimal], buyer: str | None = None
) -> dict[Key, Spend]:
    """Purchases outside contracts of a calendar year, by buyer and homogeneous family.

    Args:
        session: a database session.
        year: calendar year.
        planned: euros planned and not ordered, by buyer and family, from the room above.
        buyer: only theirs; None: everybody's.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    bought = _bought().where(col(Purchase.date).between(first, last), outside_contracts())
    ordered = _ordered().where(col(PurchaseOrder.delivery).between(first, last), outside_contracts())
    keys = (_buyer(), in_family(col(Purchase.homogeneous_family)))
    order_keys = (col(PurchaseOrder.buyer), in_family())
    if buyer is not None:
        bought, ordered = bought.where(keys[0] == buyer), ordered.where(order_keys[0] == buyer)
    return _together(
        _sums(session, bought, keys, col(Purchase.amount_ht)),
        _sums(session, ordered, order_keys, _amount()),
        {key: euros for key, euros in planned.items() if buyer in {None, key[0]}},
    )


def spend_by_lot(session: Session, lots: Collection[str] | None = None) -> dict[Key, Spend]:
    """What was bought and ordered in each lot (of those named, else of all), by lot and kitchen."""
    lasting = (col(MarketLot.valid_from), col(MarketLot.valid_to))
    asked = col(MarketLot.code).is_not(None) if lots is None else col(MarketLot.code).in_(lots)
    bought = _bought().where(asked, col(Purchase.date).between(*lasting))
    ordered = _ordered().where(asked, col(PurchaseOrder.delivery).between(*lasting))
    lot = col(MarketLot.code)
    return _together(
        _sums(session, bought, (lot, col(Purchase.kitchen)), col(Purchase.amount_ht)),
        _sums(session, ordered, (lot, col(PurchaseOrder.kitchen)), _amount()),
        {},
    )


def spend_lines(session: Session, year: int, buyer: str, family: str, most: int) -> list[SpendLine]:
    """The lines bought and ordered behind a figure of ``spend_by_family``, latest first, at most ``most``."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    bought = _bought().where(
        col(Purchase.date).between(first, last),
        outside_contracts(),
        _buyer() == buyer,
        in_family(col(Purchase.homogeneous_family)) == family,
    )
    ordered = _ordered().where(
        col(PurchaseOrder.delivery).between(first, last),
        outside_contracts(),
        col(PurchaseOrder.buyer) == buyer,
        in_family() == family,
    )
    rows = [
        *_lines(
            session,
            bought,
            most,
            BOUGHT,
            Purchase.date,
            Purchase.kitchen,
            Purchase.supplier,
            Purchase.description,
            col(Purchase.amount_ht),
        ),
        *_lines(
            session,
            ordered,
            most,
            ORDERED,
            PurchaseOrder.delivery,
            PurchaseOrder.kitchen,
            PurchaseOrder.supplier,
            OrderLine.name,
            _amount(),
        ),
    ]
    return sorted(rows, key=lambda line: line.day, reverse=True)[:most]


def _bought() -> Select[Any]:
    return (
        select()
        .select_from(Purchase)
        .join(Kitchen, col(Kitchen.code) == col(Purchase.kitchen))
        .outerjoin(Food, col(Food.code) == col(Purchase.food))
        .outerjoin(MarketLot, col(MarketLot.code) == col(Purchase.lot))
    )


def _ordered() -> Select[Any]:
    """Lines in force of the orders that are waited for, but those already in the ledger."""
    entered = select(col(Purchase.id)).where(col(Purchase.order_line) == col(OrderLine.id)).exists()
    return (
        select()
        .select_from(PurchaseOrder)
        .join(
            OrderLine,
            (col(OrderLine.order) == col(PurchaseOrder.id))
            & (col(OrderLine.version) == col(PurchaseOrder.order_version)),
        )
        .join(Food, col(Food.code) == col(OrderLine.food))
        .outerjoin(MarketLot, col(MarketLot.code) == col(OrderLine.lot))
        .where(col(PurchaseOrder.state).in_(WAITED_FOR), ~entered)
    )


def _buyer() -> ColumnElement[str]:
    """Who bought: written on the line, else whose kitchen it is."""
    return func.coalesce(func.nullif(col(Purchase.buyer), NOTHING), col(Kitchen.uai), col(Purchase.kitchen))


def _amount() -> ColumnElement[int]:
    """Ten-thousandths of a euro of a line of an order: the packs confirmed, else those ordered."""
    packs = func.coalesce(col(OrderLine.confirmed_packs), col(OrderLine.packs))
    return packs * type_coerce(col(OrderLine.price_ht), BigInteger)


def euros_of(units: int | None) -> Decimal:
    """Ten-thousandths of a euro, as the database adds them up, in euros."""
    return Decimal(int(units or 0)) / TEN_THOUSANDTHS


def _sums(
    session: Session,
    query: Select[Any],
    keys: tuple[SQLColumnExpression[str], ...],
    amount: SQLColumnExpression[Any],
) -> dict[Key, Decimal]:
    total = func.sum(type_coerce(amount, BigInteger))
    rows = session.connection().execute(query.add_columns(*keys, total).group_by(*keys))
    return {(first, second): euros_of(units) for first, second, units in rows}


def _lines(
    session: Session,
    query: Select[Any],
    most: int,
    kind: str,
    *columns: Any,  # noqa: ANN401 -- columns of any type
) -> Iterable[SpendLine]:
    day, *others, amount = columns
    chosen = query.add_columns(day, *others, type_coerce(amount, BigInteger)).order_by(day.desc()).limit(most)
    for when, kitchen, supplier, description, units in session.connection().execute(chosen):
        yield SpendLine(when, kind, kitchen, supplier or "", description, euros_of(units))


def _together(
    bought: Mapping[Key, Decimal], ordered: Mapping[Key, Decimal], planned: Mapping[Key, Decimal]
) -> dict[Key, Spend]:
    found: defaultdict[Key, Spend] = defaultdict(Spend)
    for key, euros in bought.items():
        found[key] += Spend(bought=euros)
    for key, euros in ordered.items():
        found[key] += Spend(ordered=euros)
    for key, euros in planned.items():
        found[key] += Spend(planned=euros)
    return dict(found)
