"""The purchases as arrays: offers, their arrivals, visits of suppliers, volumes, lots of the store."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from math import inf

from optim.anneal.records import EMPTY
from optim.figures import (
    concerns,
    delivery_closing_millicents_kg,
    lot_closing_millicents_kg,
    new_closing_millicents_kg,
    targets,
)
from optim.instance import Instance, Offer
from optim.model import credit_permille
from optim.units import MILLICENTS, PERMILLE, iso_week

KG = 1000


@dataclass
class Market:
    """Rows of each array, in the order of the fields of its record."""

    instance: Instance
    foods: list[str]
    arrivals: list[tuple[float, ...]] = field(default_factory=list)
    arrival_keys: list[tuple[str, date]] = field(default_factory=list)
    offers: list[tuple[float, ...]] = field(default_factory=list)
    offers_of: list[tuple[int, int]] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    lots: list[tuple[float, ...]] = field(default_factory=list)
    lots_of: list[tuple[int, int]] = field(default_factory=list)
    worths: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the offers food by food."""
        instance = self.instance
        self.days = [service.date for service in instance.horizon]
        self.visits = [(s.code, day) for s in instance.suppliers for day in s.delivery_dates]
        self.rank = {key: n for n, key in enumerate(self.visits)}
        self.sold: list[set[int]] = [set() for _ in self.visits]
        self.kept: list[set[int]] = [set() for _ in self.visits]
        self._limit: dict[tuple[str, tuple[int, int]], int] = {}
        by_food: defaultdict[str, list[Offer]] = defaultdict(list)
        for offer in instance.offers:
            by_food[offer.food].append(offer)
        for food, code in enumerate(self.foods):
            start = len(self.offers)
            for offer in by_food[code]:
                self._add_offer(food, offer)
            self.offers_of.append((start, len(self.offers)))
            sold = bool(by_food[code])
            self.worths.append(new_closing_millicents_kg(instance, code) / MILLICENTS / KG if sold else 0.0)
            self._add_lots(code)

    def _add_offer(self, food: int, offer: Offer) -> None:
        instance, start = self.instance, len(self.arrivals)
        for day in instance.supplier[offer.supplier].delivery_dates:
            last = instance.keeps_to(offer.food, day)
            fed = [n for n, service in enumerate(self.days) if day <= service <= last]
            if fed and offer.valid_from <= day <= offer.valid_to:
                visit = self.rank[offer.supplier, day]
                closing = delivery_closing_millicents_kg(instance, offer, day) / MILLICENTS / KG
                limit = self._limit_of(offer, day)
                self.arrivals.append((visit, fed[0], fed[-1], limit, len(self.offers), closing))
                self.arrival_keys.append((offer.code, day))
                self.sold[visit].add(food)
                if closing:
                    self.kept[visit].add(food)
        if len(self.arrivals) > start:
            self.offers.append((start, len(self.arrivals), offer.pack_g, *self._prices(offer)))

    def _limit_of(self, offer: Offer, day: date) -> int:
        if offer.weekly_packs is None:
            return EMPTY
        key = offer.code, iso_week(day)
        if key not in self._limit:
            self._limit[key] = len(self.limits)
            self.limits.append(float(offer.weekly_packs))
        return self._limit[key]

    def _prices(self, offer: Offer) -> tuple[float, ...]:
        """Price, credit, tax, pull, push, family, most, and the worth of a gram to each label."""
        instance = self.instance
        worth = offer.credit_cents_kg / KG
        known = [(target, *concerns(instance, name, offer)) for name, target, _, _ in targets(instance)]
        first = instance.profile.shortfall_steps_permille[0] / PERMILLE
        pull = first * sum(helps for target, _, helps in known if target) * worth
        push = first * sum(target * base for target, base, _ in known) / PERMILLE * offer.price_cents
        family, meat_fish = concerns(instance, "meat_fish", offer)
        return (
            offer.price_cents,
            credit_permille(instance, offer) / PERMILLE * worth,
            offer.price_cents * offer.vat_permille / PERMILLE,
            pull,
            push,
            float(family),
            inf if offer.weekly_packs is None else offer.weekly_packs,
            worth * offer.egalim,
            worth * offer.bio,
            worth * meat_fish,
        )

    def _add_lots(self, food: str) -> None:
        start = len(self.lots)
        found = []
        for lot in self.instance.stock:
            if lot.food == food and lot.grams:
                last = sum(day <= lot.expires_on for day in self.days) - 1
                first = sum(day < lot.available_from for day in self.days)
                worth = lot_closing_millicents_kg(self.instance, lot) / MILLICENTS / KG
                found.append((last, lot.grams, first, worth))
        self.lots += sorted(found)
        self.lots_of.append((start, len(self.lots)))
