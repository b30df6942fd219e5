"""A volume that a producer announces, as an offer of the question: its price, and when it is there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from cantine.foods.models import Food
from cantine.planning.build import offer_of
from cantine.planning.supply import Supply
from cantine.suppliers.market import Reachable
from optim import instance as question
from optim.suggest import InPlace

ANNOUNCED = "annonce"
"""Code of the offer, and of its supplier, in the question."""


@dataclass(frozen=True)
class Announced:
    """So many grams of a food, to cook between two dates, at the conditions of an offer."""

    food: Food
    grams: int
    first: date
    last: date
    item: Reachable
    deliveries: tuple[date, ...]
    """Days when the kitchen takes it in."""
    rounding_g: int = 50
    """A need smaller than this is a matter of rounding."""

    @property
    def pack_g(self) -> int:
        """Weight of a pack."""
        return self.item.offer.pack_g


def announced_supply(supply: Supply, announced: Announced) -> Supply:
    """The plan in place where that food is bought from the announced volume alone."""
    asked = supply.instance
    fields = {name: getattr(asked, name) for name in question.Instance.model_fields}
    fields["offers"] = (*_closed(asked.offers, announced.food.code), _offer(announced))
    fields["suppliers"] = (*asked.suppliers, _supplier(announced))
    item = replace(announced.item, code=ANNOUNCED)
    place = supply.in_place
    place = InPlace(question.Instance.model_construct(**fields), place.plan, place.firm)
    return replace(supply, in_place=place, items={**supply.items, ANNOUNCED: item})


def _closed(offers: tuple[question.Offer, ...], food: str) -> Iterator[question.Offer]:
    """Other offers of the food keep what was bought of them, and sell no more."""
    for offer in offers:
        yield offer.model_copy(update={"weekly_packs": 0}) if offer.food == food else offer


def _offer(announced: Announced) -> question.Offer:
    item = replace(
        announced.item,
        code=ANNOUNCED,
        valid_from=announced.first,
        valid_to=announced.last,
    )
    offer = offer_of(item, int(item.cents_per_kg), 0)
    packs = -(-announced.grams // announced.pack_g)
    return offer.model_copy(update={"supplier": ANNOUNCED, "weekly_packs": packs})


def _supplier(announced: Announced) -> question.Supplier:
    """Brings it on any day the kitchen receives, whatever the rounds: that is what was announced."""
    name = announced.item.supplier.name
    return question.Supplier(code=ANNOUNCED, name=name, delivery_dates=announced.deliveries)
