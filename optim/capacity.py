"""Foods that the market cannot deliver in any quantity: what menus may ask of them, week by week."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from optim.instance import Instance, Offer
from optim.rules.purchases import KG, need_terms
from optim.units import iso_week
from optim.variables import Variables

Row = tuple[list[tuple[int, float]], float]
"""Terms and upper bound."""


def capacity_rows(instance: Instance, variables: Variables) -> Iterator[Row]:
    """For each limited food and each run of weeks: the need stays within what may be delivered for it."""
    offers: defaultdict[str, list[Offer]] = defaultdict(list)
    for offer in instance.offers:
        offers[offer.food].append(offer)
    for food, needs in need_terms(variables, instance).items():
        easy = [offer for offer in offers[food] if offer.weekly_packs is None]
        hard = [offer for offer in offers[food] if offer.weekly_packs is not None]
        scarce = [day for day in sorted(needs) if not any(_feeds(instance, o, day) for o in easy)]
        weeks = sorted({iso_week(day) for day in scarce})
        for rank, first in enumerate(weeks):
            for last in weeks[rank:]:
                days = [day for day in scarce if first <= iso_week(day) <= last]
                room = _stock(instance, food, days) + sum(_room(instance, o, days) for o in hard)
                terms = [(c, -w) for day in days for c, w in needs[day][0]]
                yield terms, room - sum(needs[day][1] for day in days)


def _stock(instance: Instance, food: str, days: list[date]) -> float:
    lots = (lot for lot in instance.stock if lot.food == food and lot.feeds(days[0], days[-1]))
    return sum(lot.grams for lot in lots) / KG


def _feeds(instance: Instance, offer: Offer, day: date) -> bool:
    deliveries = instance.supplier[offer.supplier].delivery_dates
    sold = (d for d in deliveries if offer.valid_from <= d <= offer.valid_to)
    return any(d <= day <= instance.keeps_to(offer.food, d) for d in sold)


def _room(instance: Instance, offer: Offer, days: list[date]) -> float:
    """Kilograms of an offer that can reach some of the days."""
    weeks = {
        iso_week(delivery)
        for delivery in instance.supplier[offer.supplier].delivery_dates
        if offer.valid_from <= delivery <= offer.valid_to
        and any(delivery <= day <= instance.keeps_to(offer.food, delivery) for day in days)
    }
    return len(weeks) * (offer.weekly_packs or 0) * offer.pack_g / KG
