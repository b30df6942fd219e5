"""What people do today: menus first, then each line at the cheapest offer.

Menus are chosen with every rule, each food at the mean of its offers' prices; then each food is ordered
from its cheapest offer, the next cheapest only where that one cannot come or its minimum stands in
the way. Same rules, same budget as ``solve``: where the bill passes the budget, cheaper menus are asked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from time import monotonic

from optim.check import violations
from optim.instance import Dish, Instance, Offer, Profile
from optim.model import Scope
from optim.plan import Plan
from optim.purchasing import Limits, buy, gross_cents_kg
from optim.surrogate import MenuGuess, reach
from optim.uses import make_plan

CHEAPEST = (1, 2, 3, 5)
"""So many of the cheapest offers of a food are looked at, one after the other, then all."""
CHEAPER = 0.97
"""Menus over the budget are asked again for so much of it."""
TRIES = 8
PLAIN = Profile(code="prix", name="Prix seul", local_permille=0, quality_permille=0, shortfall_permille=0)
"""A buyer who looks at the price of each line and nothing else."""


@dataclass(frozen=True)
class Patience:
    """Seconds for the menus, and for the purchases of each try; after ``whole``, no new try."""

    menus: float = 10.0
    purchases: float = 4.0
    whole: float = float("inf")


def menus_first(instance: Instance, *, seed: int = 0, patience: Patience | None = None) -> Plan | None:
    """The plan of menus chosen first and bought line by line, or nothing when none was found.

    The plan returned is one that ``check`` accepts.
    """
    patience, began = patience or Patience(), monotonic()
    guess = MenuGuess(instance)
    guess.prices.net.update(mean_prices(guess))
    for _ in range(TRIES):
        dishes = guess.solve(patience.menus, seed)
        if dishes is None:
            return None
        plan = cheapest_lines(instance, dishes, seed=seed, seconds=patience.purchases)
        if plan is not None or monotonic() - began > patience.whole:
            return plan
        guess.budget_factor *= CHEAPER
    return None


def mean_prices(guess: MenuGuess) -> dict[tuple[date, str], float]:
    """Cents per kilogram of each food and service: the mean of the offers on the market."""
    offers: defaultdict[str, list[float]] = defaultdict(list)
    for offer in guess.instance.offers:
        offers[offer.food].append(gross_cents_kg(offer))
    return {(day, food): fmean(offers[food]) for day, food in guess.prices.net if offers[food]}


def cheapest_lines(instance: Instance, dishes: list[Dish], *, seed: int, seconds: float) -> Plan | None:
    """Purchases for these dishes from the fewest cheapest offers that give a valid plan."""
    buyer = instance.changed(profile=PLAIN)
    limits = Limits(visits=seconds / 2, packs=seconds / 2, seed=seed)
    for offers in _choices(instance):
        bought = buy(buyer, dishes, Scope({}, offers), limits)
        if bought is None:
            continue
        packs = {(p.offer, p.delivery): p.packs for p in bought.purchases}
        plan = make_plan(instance, dishes, packs)
        if plan is not None and not violations(instance, plan):
            return plan
    return None


def _choices(instance: Instance) -> Iterator[frozenset[str]]:
    ranked = _ranked(instance)
    for count in CHEAPEST:
        yield frozenset(code for codes in ranked for code in codes[:count])
    yield frozenset(offer.code for offer in instance.offers)


def _ranked(instance: Instance) -> list[list[str]]:
    """For each food and service, the offers that reach it, cheapest first."""
    per_day: defaultdict[tuple[date, str], list[Offer]] = defaultdict(list)
    for offer in sorted(instance.offers, key=lambda offer: (gross_cents_kg(offer), offer.code)):
        for day in reach(instance, offer):
            per_day[day, offer.food].append(offer)
    return [[offer.code for offer in offers] for offers in per_day.values()]
