"""« En place » and « proposé », valued alike: what the same meals use, at the price it is bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from cantine.french import percent
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import load_days, load_dishes
from cantine.planning.board import make_coster, recipes_of
from cantine.planning.costing import Value
from cantine.planning.store import source_of
from cantine.suppliers.book import load_book
from optim.instance import Instance, Offer
from optim.plan import Plan, Use

TRACE = 0.01
"""Under this part of the money, a way of pricing is not worth a word."""


@dataclass(frozen=True)
class Served:
    """What some meals use, cents HT: food at its price, staples in, deliveries out."""

    meals: int
    ht: float
    local: float
    egalim: float
    guessed: float = 0.0
    """Of the food, what nobody sells at that price yet: the cheapest offer, or a price to come."""
    services: int = 0

    @property
    def per_meal(self) -> float | None:
        """Cents HT of a meal."""
        return self.ht / self.meals if self.meals else None

    def share(self, part: str) -> float | None:
        """« local » or « egalim » as a fraction of the value."""
        return float(getattr(self, part)) / self.ht if self.ht else None

    @property
    def priced(self) -> str:
        """How these meals are priced."""
        part = self.guessed / self.ht if self.ht else 0.0
        if part < TRACE:
            return "achats prévus"
        if part > 1 - TRACE:
            return "au prix du jour"
        return f"achats prévus, prix estimé pour {percent(part)}"


def served_by(instance: Instance, plan: Plan) -> Served:
    """What the asked meals of a plan use of its own purchases and of the store."""
    asked = [service for service in instance.horizon if service.date not in instance.kept]
    dates = {service.date for service in asked}
    meals = sum(service.meals for service in asked)
    prices = {lot.code: lot.price_cents_kg for lot in instance.stock}
    ht = float(instance.kitchen.staples_cents * meals)
    local = egalim = 0.0
    for use in plan.uses:
        if use.date not in dates:
            continue
        offer = _offer_of(instance, use)
        paid = prices[use.lot] / 1000 if use.lot else offer.price_cents / offer.pack_g if offer else 0.0
        cents = use.grams * paid
        ht += cents
        local += cents if offer and offer.local else 0.0
        egalim += cents if offer and offer.egalim else 0.0
    return Served(meals, ht, local, egalim, services=len(asked))


def _offer_of(instance: Instance, use: Use) -> Offer | None:
    """The offer a food was bought by, in this plan or in a delivery that stays."""
    code = use.offer or (source_of(use.lot)[0] if use.lot else None)
    return instance.offer.get(code or "")


def served_in_place(session: Session, kitchen_code: str, dates: Sequence[date], today: date) -> Served | None:
    """The same of the menus in place on some dates; None where there is none."""
    kitchen, settings = get_kitchen(session, kitchen_code), load_settings(session)
    days, span = load_days(session, kitchen, today), (min(dates), max(dates))
    dishes = load_dishes(session, kitchen.code, *span)
    shown = [days.day(day, dishes[day]) for day in dates if day in dishes]
    if not shown:
        return None
    book = load_book(session, recipes_of(session, shown, None))
    coster = make_coster(session, kitchen, settings, book, span)
    total = Value()
    for day in shown:
        total += coster.day_value(day, {dish: coster.facts(dish, day) for dish in day.dishes})
    meals = round(total.portions)
    food = total.ht - settings.staples_cents_per_meal * meals
    guessed = total.estimated * total.ht / food if food else 0.0
    return Served(meals, total.ht, total.local, total.egalim, guessed, len(shown))


def told_of(served: Served) -> dict[str, Any]:
    """As a run keeps it."""
    return {
        "meals": served.meals,
        "ht": round(served.ht, 2),
        "local": round(served.local, 2),
        "egalim": round(served.egalim, 2),
        "services": served.services,
    }
