"""What a supplier's list would change among the offers, as a whole: nothing is written here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cantine.errors import Fault
from cantine.foods.models import Food
from cantine.suppliers.models import Offer
from cantine.suppliers.price_change import Change, change_of
from cantine.suppliers.price_match import Ambiguous, Pantry, Product, Shelf, memory_key
from cantine.suppliers.price_reading import TABLE, ListLine, Reading, doubles


@dataclass(frozen=True)
class Unknown:
    """A line of which nobody has said yet what it is: the offer, else the food, that its words suggest."""

    line: ListLine
    offer: Offer | None
    food: Food | None


@dataclass
class Comparison:
    """What a list would change.

    Attributes:
        changes: line by line.
        gone: offers in force that the list does not name.
        faults: lines that cannot be used.
        unknown: lines that wait for a food; they are left aside until then.
        refused: how many lines are products that are never bought here.
    """

    changes: list[Change] = field(default_factory=list)
    gone: list[Offer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    refused: int = 0

    def of(self, *kinds: str) -> list[Change]:
        """Changes of some kinds, the largest first."""
        found = [change for change in self.changes if change.kind in kinds]
        return sorted(found, key=lambda change: -abs(change.share))

    @property
    def written(self) -> list[Change]:
        """Changes that write something."""
        return [change for change in self.changes if not change.steady]

    @property
    def shortened(self) -> list[Change]:
        """Changes after which a product has no price any more, though it had one for longer."""
        return [change for change in self.changes if change.shortens]

    def mark(self, *, close_absent: bool) -> str:
        """A mark of all that would be written, so that what is confirmed is what was seen."""
        shown = [
            (change.before.code if change.before else "", str(change.before), sorted(change.after.items()))
            for change in self.written
        ]
        gone = [(offer.code, offer.valid_to) for offer in self.gone] if close_absent else []
        return hashlib.sha256(repr((shown, gone)).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Said:
    """What somebody said that a line is: a product sold already, else a food, else never bought."""

    food: str | None = None
    offer: str | None = None


@dataclass(frozen=True)
class Ground:
    """What a list is set against: the offers of the supplier, the foods, what was said of its lines."""

    shelf: Shelf
    pantry: Pantry
    known: Mapping[str, Said]
    """What each line is, by its key."""
    usual: Mapping[str, Any]
    """Columns that an offer of this supplier has when it is new."""


def compare(reading: Reading, ground: Ground, first: date, last: date) -> Comparison:
    """Set the lines of a list against the offers.

    Args:
        reading: the list.
        ground: what it is set against.
        first: first day of the list, where a line has none of its own.
        last: last day, likewise.
    """
    comparison = Comparison(faults=[*reading.faults, *doubles(reading.lines)])
    at_fault = {fault.line for fault in comparison.faults}
    met: dict[int, int] = {}
    named: set[str] = set()
    for line in reading.lines:
        said = ground.known.get(memory_key(line))
        product = ground.shelf.find(line)
        if said and said.offer and not isinstance(product, tuple):
            product = ground.shelf.product(said.offer) or product
        if isinstance(product, Ambiguous):
            named |= set(product.codes)
            comparison.faults.append(_ambiguous(line, product))
            continue
        if product:
            named |= {offer.code for offer in product}
        first_line = met.setdefault(id(product) if product else -line.number, line.number)
        if line.number in at_fault:
            continue
        if first_line != line.number:
            comparison.faults.append(_twice(line, first_line))
        else:
            _take(comparison, line, product, said, ground, (first, last))
    comparison.gone = [
        offer for offer in ground.shelf.on_sale(first) if offer.code not in named and offer.valid_from < first
    ]
    comparison.faults.sort(key=lambda fault: fault.line or 0)
    return comparison


def _ambiguous(line: ListLine, product: Ambiguous) -> Fault:
    names = ", ".join(f"« {name} »" for name in product.names[:3])
    reason = f"« {line.name} » peut être {names} : donnez la référence ou le conditionnement."
    return Fault(TABLE, line.number, None, reason)


def _twice(line: ListLine, first: int) -> Fault:
    reason = f"« {line.name} » est le même produit que la ligne {first} : gardez une seule des deux."
    return Fault(TABLE, line.number, None, reason)


def _take(
    comparison: Comparison,
    line: ListLine,
    product: Product | None,
    said: Said | None,
    ground: Ground,
    period: tuple[date, date],
) -> None:
    """Add one line to the comparison, where it belongs."""
    if product is None and said == Said():
        comparison.refused += 1
        return
    food = ground.pantry.foods.get(product[-1].food if product else (said.food or "") if said else "")
    if food is None:
        guess = ground.pantry.guess(line.name)
        sold = ground.shelf.selling(guess.code, line.labels or (), period[0]) if guess else None
        comparison.unknown.append(Unknown(line, sold[-1] if sold else None, guess))
        return
    found = change_of(line, product, food, period, ground.usual)
    if isinstance(found, Fault):
        comparison.faults.append(found)
    else:
        comparison.changes.append(found)
