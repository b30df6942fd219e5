"""The list of purchases: a page of it, filtered and sorted by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, String, func, type_coerce
from sqlmodel import Session, col, or_, select

from cantine.orders.models import Purchase
from optim.terms import Label

PAGE = 50
TO_COMPLETE, LABELLED, ORGANIC, UNLABELLED, CREDIT = "completer", "durable", "bio", "sans", "avoir"
LABEL_FILTERS = {
    LABELLED: "avec label",
    ORGANIC: "bio",
    UNLABELLED: "sans label",
    TO_COMPLETE: "à compléter",
    CREDIT: "avoirs",
}
SORTS = {
    "date": col(Purchase.date),
    "fournisseur": func.lower(Purchase.supplier_name),
    "famille": col(Purchase.family),
    "montant": col(Purchase.amount_ht),
}
NEWEST = "-date"


@dataclass(frozen=True)
class Wanted:
    """What the address asks.

    Attributes:
        kitchen: code; empty for all.
        sort: a name of ``SORTS``, after « - » for the other way round.
    """

    first: date
    last: date
    kitchen: str = ""
    query: str = ""
    family: str = ""
    label: str = ""
    source: str = ""
    sort: str = NEWEST
    page: int = 1


@dataclass(frozen=True)
class Listed:
    """One page of purchases, and what all of them come to."""

    rows: Sequence[Purchase]
    count: int
    amount: Decimal
    page: int
    pages: int


def list_purchases(session: Session, wanted: Wanted) -> Listed:
    """A page of the purchases asked for."""
    conditions = _conditions(wanted)
    count, amount = session.exec(select(func.count(), func.sum(Purchase.amount_ht)).where(*conditions)).one()
    pages = max(1, -(-count // PAGE))
    page = min(max(1, wanted.page), pages)
    order = SORTS.get(wanted.sort.removeprefix("-"), SORTS["date"])
    order = order.desc() if wanted.sort.startswith("-") else order.asc()
    rows = session.exec(
        select(Purchase)
        .where(*conditions)
        .order_by(order, col(Purchase.id).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    return Listed(rows, count, amount or Decimal(0), page, pages)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [col(Purchase.date).between(wanted.first, wanted.last)]
    if wanted.kitchen:
        found.append(col(Purchase.kitchen) == wanted.kitchen)
    found += [_said(word) for word in wanted.query.split()]
    if wanted.family:
        found.append(col(Purchase.family) == wanted.family)
    if wanted.source:
        found.append(col(Purchase.source) == wanted.source)
    if wanted.label in LABEL_FILTERS:
        found.append(_label(wanted.label))
    return found


def _said(word: str) -> ColumnElement[bool]:
    """A word of the product or of the supplier."""
    return or_(
        col(Purchase.description).icontains(word, autoescape=True),
        col(Purchase.supplier_name).icontains(word, autoescape=True),
    )


def _label(name: str) -> ColumnElement[bool]:
    labels = type_coerce(Purchase.labels, String)
    choices: dict[str, ColumnElement[bool]] = {
        LABELLED: labels != "",
        ORGANIC: labels.contains(Label.BIO.value),
        UNLABELLED: labels == "",
        TO_COMPLETE: col(Purchase.family) == "",
        CREDIT: col(Purchase.amount_ht) < 0,
    }
    return choices[name]
