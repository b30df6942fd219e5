"""The ledger of what was really bought: written by receptions and invoices, read by all that counts it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, func
from sqlmodel import Session, col, select

from cantine.errors import ConflictError, NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders.models import Purchase
from cantine.suppliers.models import Offer, Supplier

CENT = Decimal("0.01")
SHORT_CHAIN = 1
"""Intermediaries of a circuit court, at most (ministère de l'agriculture, plan d'action de 2009)."""
AT_ONCE = 2000
INVOICED = (
    "« {} » est déjà facturé : rouvrez d'abord sa facture, ou demandez un avoir au fournisseur. "
    "Rien n'est clôturé."
)


def buyer_of(kitchen: Kitchen) -> str:
    """Who buys: the collège (UAI), else the kitchen itself."""
    return kitchen.uai or kitchen.code


def record_reception(
    session: Session,
    *,
    kitchen: Kitchen,
    supplier: Supplier,
    date: Date,
    description: str,
    offer: Offer | None,
    food: Food,
    grams: int,
    amount_ht: Decimal,
    vat_permille: int,
    lot: str | None,
    order_line: int | None,
    reception_line: int,
    local_km: float | None,
) -> Purchase:
    """Write what a line of a reception bought, once per line: told again, it is corrected.

    Family, labels and origin are those of the day it was first written, or what somebody has put right
    since. An amount that was invoiced stays.

    Args:
        session: open.
        kitchen: who receives.
        supplier: who delivered.
        date: day of the delivery.
        description: words of the product.
        offer: what was ordered; None for a product that no offer names.
        food: what it is.
        grams: accepted.
        amount_ht: euros of what was accepted, rounded to the cent.
        vat_permille: rate.
        lot: code of the lot of the contract.
        order_line: line of the order.
        reception_line: line of the reception, the key of this purchase.
        local_km: distance of a local product, None where it is not local.
    """
    row = _of_reception(session, reception_line)
    if row is None:
        row = Purchase(
            kitchen=kitchen.code,
            date=date,
            description=description,
            amount_ht=Decimal(0),
            source="reception",
            reception_line=reception_line,
            family=food.family,
            labels=offer.labels if offer else (),
            origin_country=offer.origin_country if offer else "",
            short_chain=offer is not None and offer.intermediaries <= SHORT_CHAIN,
        )
    row.buyer, row.date, row.description = buyer_of(kitchen), date, description
    row.supplier, row.supplier_name, row.food = supplier.code, supplier.name, food.code
    row.homogeneous_family = food.homogeneous_family or ""
    row.grams, row.vat_permille, row.lot, row.order_line = grams, vat_permille, lot, order_line
    row.local_km = None if local_km is None else round(local_km)
    if row.source == "reception":
        row.amount_ht = to_the_cent(amount_ht)
    session.add(row)
    session.flush()
    return row


def replace_by_invoice(session: Session, reception_line: int, amount_ht: Decimal) -> Purchase:
    """The amount invoiced for a line of a reception takes the place of the estimate.

    Raises:
        NotFoundError: nothing was received on this line.
    """
    row = _of_reception(session, reception_line)
    if row is None:
        raise NotFoundError("Cette ligne n'a pas été réceptionnée : aucun achat à remplacer.")
    row.amount_ht, row.source = to_the_cent(amount_ht), "facture"
    session.add(row)
    session.flush()
    return row


def restore_reception(session: Session, reception_line: int, amount_ht: Decimal) -> None:
    """No invoice holds any more: the amount is again what was accepted at the price ordered."""
    row = _of_reception(session, reception_line)
    if row is not None:
        row.amount_ht, row.source = to_the_cent(amount_ht), "reception"
        session.add(row)
        session.flush()


def forget_reception(session: Session, reception_line: int) -> None:
    """Nothing was bought on this line after all; forgetting twice is the same.

    Raises:
        ConflictError: an invoice was matched with it: what is paid is not taken away in silence.
    """
    row = _of_reception(session, reception_line)
    if row is not None and row.source == "facture":
        raise ConflictError(INVOICED.format(row.description))
    if row is not None:
        session.delete(row)
        session.flush()


def _of_reception(session: Session, reception_line: int) -> Purchase | None:
    return session.exec(
        select(Purchase).where(Purchase.reception_line == reception_line).with_for_update()
    ).first()


def to_the_cent(amount: Decimal) -> Decimal:
    """Euros and cents: what is written here is what every total and file adds up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def within(first: Date, last: Date, kitchens: Collection[str] | None = None) -> list[ColumnElement[bool]]:
    """Which purchases are meant: between two dates, of some kitchens or of all."""
    conditions: list[ColumnElement[bool]] = [col(Purchase.date).between(first, last)]
    if kitchens is not None:
        conditions.append(col(Purchase.kitchen).in_(kitchens))
    return conditions


def purchase_rows(
    session: Session, first: Date, last: Date, kitchens: Collection[str] | None = None
) -> Iterator[Row[Any]]:
    """Every purchase between two dates, in order of kitchen and date, with the fields of ``Purchase``.

    Rows come a few thousand at a time: a year of a département does not stand in memory.
    """
    table = Purchase.__table__  # type: ignore[attr-defined]
    statement = select(table).where(*within(first, last, kitchens))
    statement = statement.order_by(table.c.kitchen, table.c.date, table.c.id)
    yield from session.connection().execute(statement, execution_options={"yield_per": AT_ONCE})


@dataclass(frozen=True)
class Sum:
    """Purchases that the law counts alike, added up."""

    kitchen: str
    family: str
    labels: tuple[str, ...]
    origin_country: str
    short_chain: bool
    local: bool
    source: str
    amount_ht: Decimal
    lines: int


def purchase_sums(
    session: Session,
    first: Date,
    last: Date,
    kitchens: Collection[str] | None = None,
    *conditions: ColumnElement[bool],
) -> list[Sum]:
    """The same purchases added up by the database: a few hundred sums for a few hundred thousand lines."""
    local = col(Purchase.local_km).is_not(None) | (col(Purchase.local_definition) != "")
    keys = (
        col(Purchase.kitchen),
        col(Purchase.family),
        col(Purchase.labels),
        col(Purchase.origin_country),
        col(Purchase.short_chain),
        local,
        col(Purchase.source),
    )
    amount = func.sum(Purchase.amount_ht, type_=Purchase.__table__.c.amount_ht.type)  # type: ignore[attr-defined]
    statement = select(*keys, amount, func.count()).where(  # type: ignore[call-overload]
        *within(first, last, kitchens), *conditions
    )
    return [Sum(*row) for row in session.exec(statement.group_by(*keys))]
