"""What is planned and not ordered yet, for the thresholds and the ceilings.

An order of an offer for a day takes the place of what was planned of it; a delivery already in the ledger, of
all that was planned from its supplier for that day.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, SQLColumnExpression, func, select, type_coerce
from sqlmodel import Session, col

from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.orders.spend import PLANNED, Key, SpendLine, euros_of, in_family, outside_contracts
from cantine.orders.states import COMMITTED
from cantine.planning.models import PlannedPurchase
from cantine.suppliers.models import MarketLot, Offer


def planned_by_family(session: Session, year: int, buyer: str | None = None) -> dict[Key, Decimal]:
    """Euros HT planned outside contracts in a calendar year, by buyer and homogeneous family."""
    query = _of_year(year, buyer)
    return _sums(session, query, (_buyer(), in_family()))


def planned_by_lot(session: Session, *where: ColumnElement[bool]) -> dict[Key, Decimal]:
    """Euros HT planned in each lot, by lot and kitchen, while the lot lasts."""
    lasting = col(PlannedPurchase.delivery).between(MarketLot.valid_from, MarketLot.valid_to)
    query = _planned().where(col(MarketLot.code).is_not(None), lasting, *where)
    return _sums(session, query, (col(MarketLot.code), col(PlannedPurchase.kitchen)))


def planned_lines(session: Session, year: int, buyer: str, family: str, most: int) -> list[SpendLine]:
    """The lines planned behind a figure of ``planned_by_family``, latest first, at most ``most``."""
    columns = (
        col(PlannedPurchase.delivery),
        col(PlannedPurchase.kitchen),
        col(Offer.supplier),
        col(Offer.name),
        _amount(),
    )
    query = _of_year(year, buyer).where(in_family() == family).add_columns(*columns)
    rows = session.connection().execute(query.order_by(col(PlannedPurchase.delivery).desc()).limit(most))
    return [
        SpendLine(day, PLANNED, kitchen, by, name, euros_of(units)) for day, kitchen, by, name, units in rows
    ]


def not_ordered() -> ColumnElement[bool]:
    """Planned purchases that no order and no delivery has taken the place of, once joined to their offer."""
    order = (
        select(col(PurchaseOrder.id))
        .join(
            OrderLine,
            (col(OrderLine.order) == col(PurchaseOrder.id))
            & (col(OrderLine.version) == col(PurchaseOrder.order_version)),
        )
        .where(
            col(PurchaseOrder.kitchen) == col(PlannedPurchase.kitchen),
            col(OrderLine.offer) == col(PlannedPurchase.offer),
            col(PurchaseOrder.delivery) == col(PlannedPurchase.delivery),
            col(PurchaseOrder.state).in_(COMMITTED),
        )
        .exists()
    )
    bought = (
        select(col(Purchase.id))
        .where(
            col(Purchase.kitchen) == col(PlannedPurchase.kitchen),
            col(Purchase.supplier) == col(Offer.supplier),
            col(Purchase.date) == col(PlannedPurchase.delivery),
        )
        .exists()
    )
    return ~order & ~bought


def _of_year(year: int, buyer: str | None) -> Select[Any]:
    days = col(PlannedPurchase.delivery).between(date(year, 1, 1), date(year, 12, 31))
    query = _planned().where(days, outside_contracts())
    return query if buyer is None else query.where(_buyer() == buyer)


def _planned() -> Select[Any]:
    return (
        select()
        .select_from(PlannedPurchase)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Food, col(Food.code) == col(Offer.food))
        .join(Kitchen, col(Kitchen.code) == col(PlannedPurchase.kitchen))
        .outerjoin(MarketLot, col(MarketLot.code) == col(Offer.lot))
        .where(not_ordered())
    )


def _buyer() -> ColumnElement[str]:
    return func.coalesce(col(Kitchen.uai), col(Kitchen.code))


def _amount() -> ColumnElement[int]:
    return col(PlannedPurchase.packs) * type_coerce(col(PlannedPurchase.price_ht), BigInteger)


def _sums(
    session: Session, query: Select[Any], keys: tuple[SQLColumnExpression[str], ...]
) -> dict[Key, Decimal]:
    rows = session.connection().execute(query.add_columns(*keys, func.sum(_amount())).group_by(*keys))
    found: Mapping[Key, Decimal] = {(one, two): euros_of(units) for one, two, units in rows}
    return dict(found)
