"""What every report reads, once: the services of a kitchen, their dishes, and what was planned to feed them.

Rows stay here: figures are made of them, and papers only see figures.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.lines import Lines, load_lines
from cantine.kitchens.models import Commune, Kitchen, Site
from cantine.kitchens.settings import Settings, load_settings
from cantine.menus.models import Dish, Service
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.recipes.book import Book
from cantine.recipes.models import Recipe
from cantine.suppliers.book import load_book
from cantine.suppliers.market import Reachable, reachable_offers
from cantine.suppliers.models import Offer, StockLot, Supplier
from optim.terms import Slot

EARLIEST_DELIVERY_DAYS = 60
"""Dry goods may have been bought this long before the service they feed."""

SLOT_ORDER = {slot.value: rank for rank, slot in enumerate(Slot)}


@dataclass(frozen=True)
class Source:
    """Where a food of a service comes from; without an offer, a lot of the store whose reference is lost.

    Attributes:
        grams: what the service takes from it.
        euros_per_kg: price HT, None if unknown.
        local: by the département's own definition.
    """

    food: str
    grams: int
    offer: Offer | None
    supplier: Supplier | None
    euros_per_kg: Decimal | None
    local: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """EGAlim labels of the product."""
        return self.offer.labels if self.offer else ()


@dataclass(frozen=True)
class Reading:
    """The rows behind the reports of one kitchen over a period."""

    kitchen: Kitchen
    lines: Lines
    place: str
    commune: str
    settings: Settings
    services: Mapping[date, Service]
    dishes: Mapping[date, tuple[Dish, ...]]
    book: Book
    foods: Mapping[str, Food]
    market: Mapping[str, tuple[Reachable, ...]]
    sources: Mapping[tuple[date, str], tuple[Source, ...]]

    def possible(self, food: str, day: date) -> list[Reachable]:
        """Offers of a food in force on a day."""
        return [r for r in self.market.get(food, ()) if r.on_sale(day)]

    def days(self, first: date, last: date) -> list[date]:
        """Days of service between two dates, excluded ones included."""
        return sorted(day for day in self.services if first <= day <= last)


def load_reading(session: Session, kitchen_code: str, first: date, last: date, recipe: str = "") -> Reading:
    """Read the services of a kitchen between two dates, and the one that follows.

    The book holds the recipes of these services, their substitutes, and ``recipe``: families read their
    menus from it at every hour, and the whole book costs a third of a second.

    Raises:
        NotFoundError: no such kitchen.
    """
    kitchen = get_kitchen(session, kitchen_code)
    settings = load_settings(session)
    services = _services(session, kitchen.code, first, last)
    until = max(services, default=last)
    reachable = reachable_offers(
        session, kitchen, first - timedelta(days=EARLIEST_DELIVERY_DAYS), until, settings.local_km
    )
    market: defaultdict[str, list[Reachable]] = defaultdict(list)
    for item in reachable:
        market[item.offer.food].append(item)
    commune = session.get(Commune, kitchen.insee)
    dishes = _dishes(session, kitchen.code, first, until)
    return Reading(
        kitchen=kitchen,
        lines=load_lines(session, kitchen),
        place=_place(session, kitchen),
        commune=commune.name if commune else "",
        settings=settings,
        services=services,
        dishes=dishes,
        book=load_book(session, _recipes(session, kitchen, dishes, recipe)),
        foods={food.code: food for food in session.exec(select(Food))},
        market={food: tuple(items) for food, items in market.items()},
        sources=_sources(session, kitchen.code, first, until, reachable),
    )


def _recipes(
    session: Session, kitchen: Kitchen, dishes: Mapping[date, tuple[Dish, ...]], recipe: str
) -> list[str]:
    """Recipes that papers of these days may name, with those served in their place."""
    codes = {dish.recipe for day in dishes.values() for dish in day} | {kitchen.fallback_recipe, recipe}
    substitutes = session.exec(select(Recipe.substitute).where(col(Recipe.code).in_(codes)))
    return sorted({*codes, *(code for code in substitutes if code)} - {""})


def _place(session: Session, kitchen: Kitchen) -> str:
    """The name diners know: the only site's, else the kitchen's."""
    sites = session.exec(select(Site.name).where(Site.kitchen == kitchen.code).limit(2)).all()
    return sites[0] if len(sites) == 1 else kitchen.name


def _services(session: Session, kitchen: str, first: date, last: date) -> dict[date, Service]:
    mine = select(Service).where(Service.kitchen == kitchen).order_by(col(Service.date))
    rows = list(session.exec(mine.where(col(Service.date).between(first, last))))
    rows += session.exec(mine.where(Service.date > last, Service.status != "exclu").limit(1)).all()
    return {row.date: row for row in rows}


def _dishes(session: Session, kitchen: str, first: date, last: date) -> dict[date, tuple[Dish, ...]]:
    by_day: defaultdict[date, list[Dish]] = defaultdict(list)
    for row in session.exec(select(Dish).where(Dish.kitchen == kitchen, col(Dish.date).between(first, last))):
        by_day[row.date].append(row)
    return {
        day: tuple(sorted(rows, key=lambda dish: (SLOT_ORDER[dish.slot], dish.choice)))
        for day, rows in by_day.items()
    }


def _sources(
    session: Session, kitchen: str, first: date, last: date, reachable: list[Reachable]
) -> dict[tuple[date, str], tuple[Source, ...]]:
    uses = list(
        session.exec(
            select(PlannedUse)
            .where(PlannedUse.kitchen == kitchen, col(PlannedUse.date).between(first, last))
            .order_by(col(PlannedUse.id))
        )
    )
    lots = {
        (lot.food, lot.expires_on): lot
        for lot in session.exec(select(StockLot).where(StockLot.kitchen == kitchen))
    }
    local = {item.offer.code: item.local for item in reachable}
    named = {use.offer for use in uses} | {lot.offer for lot in lots.values()}
    offers = {
        offer.code: (offer, supplier)
        for offer, supplier in session.exec(
            select(Offer, Supplier).join(Supplier).where(col(Offer.code).in_(named - {None}))
        )
    }
    prices = _planned_prices(session, kitchen)
    by_food: defaultdict[tuple[date, str], list[Source]] = defaultdict(list)
    for use in uses:
        lot = lots.get((use.food, use.lot_expires_on)) if use.lot_expires_on else None
        code = use.offer or (lot.offer if lot else None) or ""
        offer, supplier = offers.get(code, (None, None))
        price = prices.get((use.delivery, code))
        per_kg = lot.price_ht_per_kg if lot else _per_kg(offer, price)
        by_food[use.date, use.food].append(
            Source(use.food, use.grams, offer, supplier, per_kg, local.get(code, False))
        )
    return {key: tuple(sources) for key, sources in by_food.items()}


def _planned_prices(session: Session, kitchen: str) -> dict[tuple[date | None, str], Decimal]:
    rows = session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == kitchen))
    return {(row.delivery, row.offer): row.price_ht for row in rows}


def _per_kg(offer: Offer | None, pack_price: Decimal | None) -> Decimal | None:
    if offer is None:
        return None
    return (offer.price_ht if pack_price is None else pack_price) * 1000 / offer.pack_g
