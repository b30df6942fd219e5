"""Prices that last a week: fresh fruit and vegetables are sold at the price of the week.

A plan looks further than such a price. Beyond its last day the offer stays on sale at the last price known,
an estimate and marked so, until a newer price of the same product takes over. No seasonal index is applied:
the data have none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from cantine.suppliers.models import Offer

WEEKLY_DAYS = 14
"""A price announced for no longer is that of a week (usage); a longer one ends because the product ends."""
LASTING_DAYS = 35
"""How long the last price is still a fair guess: the five weeks of a block of twenty meals."""


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


def _product(offer: Offer) -> tuple[object, ...]:
    return offer.supplier, offer.food, frozenset(offer.labels), offer.pack_g, offer.origin_country
