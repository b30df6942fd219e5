"""What a kitchen can buy: suppliers in reach, their delivery days, offers in force, market frames."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.kitchens.distance import kilometres
from cantine.kitchens.headcount import SchoolCalendar
from cantine.kitchens.models import Commune, Kitchen
from cantine.suppliers.lots import Open, open_offers
from cantine.suppliers.models import MarketLot, Offer, Supplier
from cantine.suppliers.prices import LASTING_DAYS, Seasons, code_since, lasts_until, load_seasons

FORTNIGHT = 14


@dataclass(frozen=True)
class Reachable:
    """An offer a kitchen may buy from ``valid_from`` to ``valid_to``, with what depends on the kitchen.

    An offer whose price of the week is over is there once per estimated price (see ``prices``). Its first
    price keeps the code of the offer, a later one has its own.
    """

    code: str
    offer: Offer
    price_ht: Decimal
    supplier: Supplier
    local: bool
    local_counts: bool
    distance_km: float | None
    valid_from: date
    valid_to: date

    def on_sale(self, day: date) -> bool:
        """Whether its price holds, and its market frame opens it, on a day."""
        return self.valid_from <= day <= self.valid_to

    @property
    def cents_per_kg(self) -> Decimal:
        """Price HT, cents per kg."""
        return self.price_ht * 100_000 / self.offer.pack_g


def delivery_dates(supplier: Supplier, calendar: SchoolCalendar, first: date, last: date) -> Iterator[date]:
    """Days of delivery from ``first`` to ``last``, on the supplier's rounds and when kitchens receive."""
    weekdays = {int(digit) for digit in supplier.delivery_days}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day.isoweekday() in weekdays and _on_round(supplier, day) and calendar.receives(day):
            yield day


def _on_round(supplier: Supplier, day: date) -> bool:
    if supplier.every_weeks == 1 or supplier.first_week is None:
        return True
    return (day - supplier.first_week).days % FORTNIGHT < FORTNIGHT // 2


def in_reach(supplier: Supplier, kitchen: Kitchen) -> bool:
    """Whether the supplier delivers to the kitchen."""
    if supplier.radius_km is None:
        return True
    return (
        kilometres(supplier.latitude, supplier.longitude, kitchen.latitude, kitchen.longitude)
        <= supplier.radius_km
    )


def reachable_offers(
    session: Session,
    kitchen: Kitchen,
    first: date,
    last: date,
    local_km: int,
    exhausted: Collection[str] = (),
) -> list[Reachable]:
    """Offers of suppliers in reach, in force at some time between two dates, that market frames leave open.

    ``exhausted`` names the lots whose maximum is reached.
    """
    suppliers = {s.code: s for s in session.exec(select(Supplier)) if in_reach(s, kitchen)}
    communes = {c.insee: c for c in session.exec(select(Commune))}
    lots = {lot.code: lot for lot in session.exec(select(MarketLot))}
    before = first - timedelta(days=LASTING_DAYS)
    statement = (
        select(Offer).where(Offer.valid_from <= last, Offer.valid_to >= before).order_by(col(Offer.code))
    )
    offers = [offer for offer in session.exec(statement) if offer.supplier in suppliers]
    seasons = load_seasons(session)
    lasting = lasts_until(offers, seasons.weekly)
    offers = [offer for offer in offers if lasting.get(offer.code, offer.valid_to) >= first]
    return [
        found
        for item in open_offers(offers, lots, exhausted, lasting)
        if item.first <= last and item.last >= first
        for found in _at_each_price(
            _reachable(item, suppliers[item.offer.supplier], kitchen, communes, local_km), seasons
        )
        if found.valid_from <= last
    ]


def _at_each_price(item: Reachable, seasons: Seasons) -> Iterator[Reachable]:
    """The offer once per price; those before the period too, for what is delivered ahead of it."""
    for stretch in seasons.stretches(item.offer, item.valid_from, item.valid_to):
        later = stretch.first > item.valid_from
        yield replace(
            item,
            code=code_since(item.offer, stretch.first) if later else item.code,
            price_ht=stretch.price_ht,
            valid_from=stretch.first,
            valid_to=stretch.last,
        )


def _reachable(
    item: Open,
    supplier: Supplier,
    kitchen: Kitchen,
    communes: Mapping[str, Commune],
    local_km: int,
) -> Reachable:
    origin = communes.get(item.offer.origin_insee or "")
    distance = (
        kilometres(origin.latitude, origin.longitude, kitchen.latitude, kitchen.longitude) if origin else None
    )
    return Reachable(
        code=item.offer.code,
        offer=item.offer,
        price_ht=item.offer.price_ht,
        supplier=supplier,
        local=distance is not None and distance <= local_km,
        local_counts=item.free_choice,
        distance_km=distance,
        valid_from=item.first,
        valid_to=item.last,
    )


def cheapest_by_food(reachable: list[Reachable], day: date) -> dict[str, Reachable]:
    """The cheapest offer per kg of each food on a day: what a dish costs before any order."""
    best: dict[str, Reachable] = {}
    for item in reachable:
        if item.on_sale(day):
            known = best.get(item.offer.food)
            if known is None or item.cents_per_kg < known.cents_per_kg:
                best[item.offer.food] = item
    return best
