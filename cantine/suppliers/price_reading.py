"""What a supplier's list says once read: its options, its lines, what could not be read of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cantine.errors import Fault
from cantine.french import fold
from cantine.suppliers.price_columns import BY_NAME
from cantine.suppliers.price_words import PACK, Pack

TABLE = "tarif"
SMALLEST = Decimal("0.0001")
"""Price of a pack, to the ten-thousandth of a euro."""


@dataclass(frozen=True)
class ListOptions:
    """What the headings do not say of a list.

    Attributes:
        per: what a price is for where neither its cell, its unit nor its heading says it.
        tax: « ht » or « ttc », likewise.
        lot: market lot of the offers that the list adds; empty: outside contracts.
        days: how long a list usually lasts.
        close_absent: whether what the list does not name any more is taken off sale.
    """

    per: str = PACK
    tax: str = "ht"
    lot: str = ""
    days: int = 7
    close_absent: bool = False


@dataclass(frozen=True)
class ListLine:
    """One product of a list. ``None`` where the list does not say it.

    ``price`` is HT, for what ``per`` says (« colis », « kg », « piece »).
    """

    number: int
    reference: str
    name: str
    pack_label: str
    pack: Pack
    price: Decimal
    per: str
    vat: int | None = None
    labels: tuple[str, ...] | None = None
    origin: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    weekly: int | None = None


@dataclass
class Reading:
    """Every line of a list, sorted out.

    Attributes:
        lines: what is sold.
        faults: cells that cannot be read.
        unpriced: number and name of the lines that say they have no price now.
        titles: how many lines are titles of a part of the list.
        others: how many lines are another producer's.
    """

    lines: list[ListLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unpriced: list[tuple[int, str, str]] = field(default_factory=list)
    titles: int = 0
    others: int = 0


def doubles(lines: list[ListLine]) -> Iterator[Fault]:
    """Lines that sell again what a line above sells."""
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        named = ("", fold(line.name), line.pack_label, str(line.labels))
        first = seen.setdefault((fold(line.reference),) if line.reference else named, line.number)
        if first != line.number:
            column = BY_NAME["reference" if line.reference else "name"].title
            reason = f"« {line.name} » est déjà à la ligne {first} : gardez une seule des deux."
            yield Fault(TABLE, line.number, column, reason)
