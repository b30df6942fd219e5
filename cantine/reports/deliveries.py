"""One delivery of the purchase list: its lines, its deadline, its totals, taxes included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cantine import french
from cantine.foods.models import Food
from cantine.reports.signs import LABEL_SIGNS, SIGN_WORDS
from cantine.reports.vat import by_rate
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering
from optim.rules.budget import FEE_VAT_PERMILLE
from optim.terms import Label

STORAGE_WORDS = {
    "legumerie": "légumerie",
    "froid_positif": "froid positif",
    "froid_negatif": "froid négatif",
    "epicerie": "épicerie",
    "pain": "pain",
}


@dataclass(frozen=True)
class PurchaseLine:
    """Packs of one reference; grams and euros."""

    name: str
    labels: str
    packs: int
    pack: str
    grams: int
    price_ht: Decimal
    total_ht: Decimal
    vat_permille: int
    why: str
    """What it feeds, or what is left of it."""
    storage: str
    estimated: bool
    """Whether the price is a guess: its week is over, or the supplier says so."""


@dataclass(frozen=True)
class Delivery:
    """One order: a supplier on a day.

    Attributes:
        vat: rate per mille and amount.
        joined_ht: goods that come with the same delivery and count for its minimum, listed elsewhere.
        missing_ht: euros under the supplier's minimum, 0 if it is reached.
    """

    day: str
    year: int
    deadline: str
    too_late: bool
    lines: tuple[PurchaseLine, ...]
    fee_ht: Decimal
    total_ht: Decimal
    vat: tuple[tuple[int, Decimal], ...]
    minimum_ht: Decimal
    joined_ht: Decimal
    missing_ht: Decimal

    @property
    def count(self) -> int:
        """How many products."""
        return len(self.lines)

    @property
    def total_ttc(self) -> Decimal:
        """Euros, VAT included."""
        return self.total_ht + sum((amount for _, amount in self.vat), Decimal(0))


def delivery_of(
    supplier: Supplier,
    day: date,
    lines: Sequence[PurchaseLine],
    ordering: Ordering,
    *,
    fee_ht: Decimal,
    joined_ht: Decimal = Decimal(0),
) -> Delivery:
    """The order to a supplier for one day."""
    goods = sum((line.total_ht for line in lines), Decimal(0))
    hour = supplier.cutoff_hour.replace(":", " h ").removesuffix(" 00")
    return Delivery(
        day=french.day(day, year=True),
        year=day.year,
        deadline=f"{french.day(ordering.deadline(supplier, day))}, {hour}",
        too_late=ordering.too_late(supplier, day),
        lines=tuple(lines),
        fee_ht=fee_ht,
        total_ht=goods + fee_ht,
        vat=tuple(
            (rate.permille, rate.amount)
            for rate in by_rate(
                [*((line.vat_permille, line.total_ht) for line in lines), (FEE_VAT_PERMILLE, fee_ht)]
            )
        ),
        minimum_ht=supplier.min_order_ht,
        joined_ht=joined_ht,
        missing_ht=max(Decimal(0), supplier.min_order_ht - goods - joined_ht),
    )


def line_of(
    offer: Offer, food: Food, packs: int, price_ht: Decimal, *, why: str, estimated: bool
) -> PurchaseLine:
    """Packs of an offer at a price."""
    signs = [SIGN_WORDS[LABEL_SIGNS[Label(label)]] for label in offer.labels if Label(label) in LABEL_SIGNS]
    name = offer.name.removesuffix(f" – {offer.pack_label}")
    return PurchaseLine(
        name=name,
        labels=", ".join(sign for sign in signs if sign.lower() not in name.lower()),
        packs=packs,
        pack=offer.pack_label or french.kg(offer.pack_g),
        grams=packs * offer.pack_g,
        price_ht=price_ht,
        total_ht=packs * price_ht,
        vat_permille=offer.vat_permille,
        why=why,
        storage=STORAGE_WORDS.get(food.storage, food.storage),
        estimated=estimated,
    )
