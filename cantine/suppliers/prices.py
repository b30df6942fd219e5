"""Prices that last a week: fresh fruit and vegetables are sold at the price of the week.

A plan looks further than such a price. Beyond its last day the offer stays on sale, until a newer price of
the same product takes over, at an estimate marked so: the last price × the seasonal index of the delivery ÷
that of the last price, of the group of the food (table ``price_seasons``). Prices move from one week to
the next, so a whole week takes one index: that of the month where most of its days lie, its Thursday's. A
group or a month without a row counts as 1000: the price stays.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from types import MappingProxyType

from sqlmodel import Session, select

from cantine.foods.models import Food
from cantine.suppliers.models import Offer, PriceSeason
from optim.terms import FamilleProduits

WEEKLY_DAYS = 14
"""A price announced for no longer is that of a week (usage); a longer one ends because the product ends."""
LASTING_DAYS = 35
"""How long the last price is still a fair guess: the five weeks of a block of twenty meals."""
MEAN = 1000
"""Index of an average month, per mille."""
CENT = Decimal("0.01")
THURSDAY = 3
SINCE = re.compile(r"@\d{4}-\d{2}-\d{2}$")

Index = Mapping[int, int]
"""Per mille by month."""
FLAT: Index = MappingProxyType({})


@dataclass(frozen=True)
class Stretch:
    """Days, both included, at one price of a pack, HT."""

    first: date
    last: date
    price_ht: Decimal


@dataclass(frozen=True)
class Seasons:
    """How the price of each fresh fruit or vegetable moves through the year, by food."""

    weekly: Mapping[str, Index]

    def price_on(self, offer: Offer, day: date) -> Decimal:
        """Price of a pack HT on a day: the announced one, or its estimate once its validity is over."""
        if day <= offer.valid_to:
            return offer.price_ht
        index = self.weekly.get(offer.food, FLAT)
        then, now = (index.get(_month(at), MEAN) for at in (offer.valid_to, day))
        if now == then:
            return offer.price_ht
        return max(CENT, (offer.price_ht * now / then).quantize(CENT, ROUND_HALF_UP))

    def stretches(self, offer: Offer, first: date, last: date) -> Iterator[Stretch]:
        """The prices of an offer from ``first`` to ``last``, in order."""
        if last <= offer.valid_to:
            yield Stretch(first, last, offer.price_ht)
            return
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        for price, together in groupby(days, key=lambda day: self.price_on(offer, day)):
            stretch = list(together)
            yield Stretch(stretch[0], stretch[-1], price)


def load_seasons(session: Session) -> Seasons:
    """The fresh fruit and vegetables, and the index of their groups."""
    groups: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in session.exec(select(PriceSeason)):
        groups[row.group][row.month] = row.index_permille
    fresh = select(Food.code, Food.group).where(
        Food.family == FamilleProduits.FRUITS_ET_LEGUMES, Food.gamme == "frais"
    )
    return Seasons({code: groups.get(group, FLAT) for code, group in session.exec(fresh)})


def lasts_until(offers: Iterable[Offer], weekly_foods: Collection[str]) -> dict[str, date]:
    """Last day on sale, estimated days included, of the offers at a price of the week.

    Args:
        offers: offers of all suppliers, past ones too.
        weekly_foods: fresh fruit and vegetables.
    """
    products: defaultdict[tuple[object, ...], list[Offer]] = defaultdict(list)
    for offer in offers:
        if offer.food in weekly_foods:
            products[_product(offer)].append(offer)
    found = {}
    for prices in products.values():
        for offer in prices:
            if offer.valid_to - offer.valid_from < timedelta(days=WEEKLY_DAYS):
                newer = [other.valid_from for other in prices if other.valid_from > offer.valid_to]
                last = offer.valid_to + timedelta(days=LASTING_DAYS)
                found[offer.code] = min([last, *(day - timedelta(days=1) for day in newer)])
    return found


def estimated_on(offer: Offer, day: date) -> bool:
    """Whether the price of an offer is a guess on a day: said by the supplier, or its week is over."""
    return offer.estimated_price or day > offer.valid_to


def code_since(offer: Offer, first: date) -> str:
    """How a question names an offer at the price it takes on a later day."""
    return f"{offer.code}@{first.isoformat()}"


def offer_code(code: str) -> str:
    """The offer that a question names, whatever its price: the inverse of ``code_since``."""
    return SINCE.sub("", code)


def _month(day: date) -> int:
    """The month where most days of its week lie."""
    return (day + timedelta(days=THURSDAY - day.weekday())).month


def _product(offer: Offer) -> tuple[object, ...]:
    return offer.supplier, offer.food, frozenset(offer.labels), offer.pack_g, offer.origin_country
