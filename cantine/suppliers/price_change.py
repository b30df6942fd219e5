"""What one line of a supplier's list does to the offers.

A list holds from one day to another. What it changes closes the offer in force the day before and opens
another one: plans and orders keep the price they were made at. An offer that begins on the very day of the
list is corrected in place: nothing came before it. A price already known for later stays, and ends the new
one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cantine.errors import Fault
from cantine.foods.models import Food
from cantine.french import full_date, kg
from cantine.suppliers.models import Offer
from cantine.suppliers.price_match import Product, in_force, next_start
from cantine.suppliers.price_reading import SMALLEST, TABLE, ListLine
from cantine.suppliers.price_words import KG, PIECE
from cantine.suppliers.prices import WEEKLY_DAYS

DAY = timedelta(days=1)
NEW, UP, DOWN, SAME, OTHER = "nouveau", "hausse", "baisse", "inchange", "autre"
KEPT = ("labels", "origin_country", "vat_permille", "pack_g", "weekly_packs")
"""Besides its price, what makes an offer another one."""
UNKNOWN_SHEET = "?"
"""The allergens of a product nobody has seen the sheet of."""


@dataclass(frozen=True)
class Change:
    """One line of the list, and what it does.

    Attributes:
        line: as it was read.
        kind: nouveau, hausse, baisse, inchange or autre (something else than the price).
        before: the offer it takes over.
        after: columns of the offer it makes, without its code.
        steady: nothing is to be written.
        correct: ``before`` is changed in place.
        product: every offer of the same thing, which takes the supplier's reference.
    """

    line: ListLine
    kind: str
    before: Offer | None
    after: Mapping[str, Any]
    steady: bool = False
    correct: bool = False
    product: tuple[Offer, ...] = ()

    @property
    def difference_ht(self) -> Decimal:
        """Euros more (or less) for the same weight as before, by kilogram where the pack changed."""
        return self._now - self._then

    @property
    def shortens(self) -> bool:
        """Whether the product had a price for longer than the list gives it one."""
        return self.before is not None and not self.steady and self.before.valid_to > self.after["valid_to"]

    @property
    def by_kg(self) -> bool:
        """Whether the pack changed, so that only the price per kilogram may be compared."""
        return self.before is not None and self.before.pack_g != self.after["pack_g"]

    @property
    def share(self) -> float:
        """The difference as a fraction of the former price."""
        return float(self.difference_ht / self._then) if self._then else 0.0

    @property
    def _now(self) -> Decimal:
        price: Decimal = self.after["price_ht"]
        return price * 1000 / self.after["pack_g"] if self.by_kg else price

    @property
    def _then(self) -> Decimal:
        if self.before is None:
            return Decimal(0)
        return self.before.price_ht * 1000 / self.before.pack_g if self.by_kg else self.before.price_ht


def change_of(
    line: ListLine,
    product: Product | None,
    food: Food,
    period: tuple[date, date],
    usual: Mapping[str, Any],
) -> Change | Fault:
    """What a line does to a product of the supplier, or why it cannot.

    Args:
        line: of the list.
        product: what it takes over, if anything.
        food: what it is.
        period: first and last day of the list, where the line has none of its own.
        usual: columns of an offer that is new.
    """
    first, last = _period(line, product, *period)
    before = in_force(product, first) if product else None
    if last < first:
        return Fault(
            TABLE,
            line.number,
            None,
            f"« {line.name} » : le {full_date(first)} est après le {full_date(last)}.",
        )
    pack_g = _pack_g(line, before, food)
    if pack_g is None:
        reason = f"« {line.name} » : le poids du colis manque. Écrivez par exemple « carton 4 x 2,5 kg »."
        return Fault(TABLE, line.number, "Conditionnement", reason)
    price = _pack_price(line, pack_g, food)
    if price <= 0:
        return Fault(TABLE, line.number, "Prix", f"« {line.name} » : le prix du colis est nul.")
    after = _columns(line, before, food, usual) | {
        "pack_g": pack_g,
        "price_ht": price,
        "valid_from": first,
        "valid_to": last,
    }
    return replace(_sorted_out(line, before, after), product=product or ())


def _period(line: ListLine, product: Product | None, first: date, last: date) -> tuple[date, date]:
    """Validity of the line, ended where another known price begins."""
    start, end = line.valid_from or first, line.valid_to or last
    following = next_start(product, start) if product else None
    return start, min(end, following - DAY) if following else end


def _sorted_out(line: ListLine, before: Offer | None, after: dict[str, Any]) -> Change:
    """What kind of change it is, and whether anything is to be written."""
    if before is None:
        return Change(line, NEW, None, after)
    same = all(getattr(before, name) == after[name] for name in (*KEPT, "price_ht"))
    same = same and not before.estimated_price
    correct = before.valid_from == after["valid_from"]
    covers = before.valid_from <= after["valid_from"] and before.valid_to >= after["valid_to"]
    if same and not covers and _goes_on(before, after):
        after, correct = after | {"valid_from": before.valid_from}, True
    change = Change(line, OTHER, before, after, steady=same and covers, correct=correct)
    gap = change.difference_ht
    kind = UP if gap > 0 else DOWN if gap < 0 else SAME if _alike(before, after) else OTHER
    return replace(change, kind=kind)


def _alike(before: Offer, after: Mapping[str, Any]) -> bool:
    return all(getattr(before, name) == after[name] for name in KEPT)


def _goes_on(before: Offer, after: Mapping[str, Any]) -> bool:
    """Whether the same price simply lasts longer. A price of the week does not: each week has its own."""
    weekly = before.valid_to - before.valid_from < timedelta(days=WEEKLY_DAYS)
    touching: bool = before.valid_to + DAY >= after["valid_from"] >= before.valid_from
    return touching and not weekly


def _pack_g(line: ListLine, before: Offer | None, food: Food) -> int | None:
    """Weight of the pack: said, counted in pieces, that of the offer, or the kilogram it is priced by."""
    if line.pack.grams is not None:
        return line.pack.grams
    if before is not None:
        return before.pack_g
    if line.pack.pieces and food.unit_weight_g:
        return max(1, round(line.pack.pieces * food.unit_weight_g))
    if line.per == PIECE and food.unit_weight_g:
        return max(1, round(food.unit_weight_g))
    return 1000 if line.per == KG and line.pack.pieces is None else None


def _pack_price(line: ListLine, pack_g: int, food: Food) -> Decimal:
    """Price of one pack, HT, from a price per kilogram, per piece or per pack."""
    if line.per == KG:
        price = line.price * pack_g / 1000
    elif line.per == PIECE:
        weight = Decimal(str(food.unit_weight_g)) if food.unit_weight_g else None
        price = line.price * (line.pack.pieces or (round(pack_g / weight) if weight else 1) or 1)
    else:
        price = line.price
    return price.quantize(SMALLEST, ROUND_HALF_UP)


def _columns(line: ListLine, before: Offer | None, food: Food, usual: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the offer: what the list says, else what the offer in force says, else the usual."""
    base = before or _usual(food)
    skip = {"code", "supplier", "pack_g", "price_ht", "valid_from", "valid_to"}
    kept = {name: getattr(base, name) for name in Offer.model_fields if name not in skip}
    said = {
        "reference": line.reference or base.reference,
        "name": before.name if before and line.pack.grams in {None, before.pack_g} else line.name,
        "pack_label": line.pack_label or base.pack_label or kg(line.pack.grams or 1000),
        "vat_permille": base.vat_permille if line.vat is None else line.vat,
        "labels": base.labels if line.labels is None else tuple(line.labels),
        "origin_country": line.origin or base.origin_country,
        "weekly_packs": base.weekly_packs if line.weekly is None else line.weekly,
        "estimated_price": False,
    }
    if said["origin_country"] != "FRANCE":
        said["origin_insee"] = None
    if before is None:
        said |= {"allergens": (UNKNOWN_SHEET,), **usual}
    return kept | said


def _usual(food: Food) -> Offer:
    """An offer of which nothing is known but its food."""
    return Offer(
        code="",
        supplier="",
        food=food.code,
        name=food.name,
        pack_g=1,
        price_ht=Decimal(1),
        valid_from=date.min,
        valid_to=date.min,
    )
