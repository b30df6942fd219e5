"""Where the food of each day comes from and at what price: the accepted purchases, else the market."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.store import source_of
from cantine.suppliers.market import Reachable
from cantine.suppliers.models import Offer, StockLot
from cantine.suppliers.prices import estimated_on, load_seasons, offer_code
from optim.plan import Use
from optim.terms import Label

UNKNOWN = "?"
VAT_PERMILLE = 55
CENTS = Decimal(100)


@dataclass(frozen=True)
class Source:
    """One origin of one food: its price HT, its labels, where it grew, what its sheet says."""

    cents_per_kg: float
    vat_permille: int = VAT_PERMILLE
    labels: frozenset[Label] = frozenset()
    distance_km: float | None = None
    allergens: frozenset[str] = frozenset()
    estimated: bool = False

    @property
    def local(self) -> bool:
        """Local by the département's definition."""
        return self.distance_km is not None


Weighted = tuple[tuple[int, Source], ...]


class Sources:
    """Answers « from where, at what price » for any food on any day."""

    def __init__(
        self, uses: Mapping[tuple[date, str], Weighted], market: Sequence[Reachable], day: date
    ) -> None:
        self._uses = uses
        self._market: dict[str, list[Reachable]] = defaultdict(list)
        for item in market:
            if item.valid_to >= day:
                self._market[item.offer.food].append(item)
        self._guessed: dict[tuple[date, str], Source | None] = {}

    def of(self, day: date, food: Food) -> Weighted:
        """Origins of a food on a day; empty where nobody sells it and nothing was bought."""
        known = self._uses.get((day, food.code))
        if known:
            return known
        if (day, food.code) not in self._guessed:
            self._guessed[day, food.code] = self._guess(day, food)
        guess = self._guessed[day, food.code]
        return ((1, guess),) if guess else ()

    def at_market(self) -> "Sources":
        """The same market before any purchase: what a fiche recette costs, whatever the menus took."""
        bare = Sources({}, (), date.min)
        bare._market = self._market
        return bare

    def with_uses(self, uses: Mapping[tuple[date, str], Weighted]) -> "Sources":
        """The same with other origins for some foods of some days: what a change would buy."""
        changed = Sources({**self._uses, **uses}, (), date.min)
        changed._market, changed._guessed = self._market, self._guessed
        return changed

    def on_offer(self, food: str) -> Sequence[Reachable]:
        """The offers of a food, once per price."""
        return self._market.get(food, ())

    def planned(self, day: date, food: str) -> int:
        """Grams that the accepted purchases and the stock bring to a service."""
        return sum(grams for grams, _ in self._uses.get((day, food), ()))

    def cheapest_supplier(self, food: str) -> str:
        """Name of who sells a food cheapest; empty where nobody does."""
        offers = self._market.get(food, [])
        return min(offers, key=lambda item: item.cents_per_kg).supplier.name if offers else ""

    def distances(self) -> dict[str, float]:
        """Kilometres of the local offers, by offer."""
        items = (item for offers in self._market.values() for item in offers)
        return {i.offer.code: i.distance_km for i in items if i.local and i.distance_km is not None}

    def _guess(self, day: date, food: Food) -> Source | None:
        """The cheapest offer of the day, or near it; the allergens of every one that may be chosen."""
        offers = self._market.get(food.code, [])
        if not offers:
            cents = food.reference_price_cents_kg
            return Source(cents, allergens=frozenset(food.allergens), estimated=True) if cents else None
        today = [item for item in offers if item.on_sale(day)]
        best = min(today or offers, key=lambda item: item.cents_per_kg)
        allergens = {a for item in offers for a in item.offer.allergens} | set(food.allergens)
        return Source(
            cents_per_kg=float(best.cents_per_kg),
            vat_permille=best.offer.vat_permille,
            labels=frozenset(Label(label) for label in best.offer.labels),
            distance_km=best.distance_km if best.local else None,
            allergens=frozenset(allergens),
            estimated=True,
        )


def planned_uses(session: Session, kitchen: str, first: date, last: date) -> list[Use]:
    """What the accepted purchases feed between two dates."""
    rows = session.exec(
        select(PlannedUse).where(
            PlannedUse.kitchen == kitchen, PlannedUse.date >= first, PlannedUse.date <= last
        )
    )
    return [
        Use(
            date=row.date,
            food=row.food,
            grams=row.grams,
            offer=row.offer,
            delivery=row.delivery,
            lot=f"{row.food}@{row.lot_expires_on.isoformat()}" if row.lot_expires_on else None,
        )
        for row in rows
    ]


def weigh(
    session: Session, kitchen: str, uses: Iterable[Use], market: Sequence[Reachable]
) -> dict[tuple[date, str], Weighted]:
    """Origins of each food of each day, with their grams."""
    uses = list(uses)
    bought = {use: _bought(use) for use in uses}
    offers = _offer_sources(session, {offer for offer, _ in bought.values() if offer}, market)
    seasons = load_seasons(session)
    paid = {
        (row.offer, row.delivery): row.price_ht
        for row in session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == kitchen))
    }
    lots = {
        f"{row.food}@{row.expires_on.isoformat()}": _lot_source(row)
        for row in session.exec(select(StockLot).where(StockLot.kitchen == kitchen))
    }
    found: defaultdict[tuple[date, str], list[tuple[int, Source]]] = defaultdict(list)
    for use in uses:
        code, delivery = bought[use]
        if code and code in offers:
            offer, source = offers[code]
            at = delivery or use.date
            price = paid.get((code, at)) or seasons.price_on(offer, at)
            source = replace(source, estimated=estimated_on(offer, at))
            found[use.date, use.food].append((use.grams, _at_price(source, price, offer)))
        elif use.lot in lots:
            found[use.date, use.food].append((use.grams, lots[use.lot]))
    return {key: tuple(weighted) for key, weighted in found.items()}


def _bought(use: Use) -> tuple[str | None, date | None]:
    """The offer and delivery of a use; a delivery that stays is in the store for a later plan."""
    if use.lot:
        return source_of(use.lot)[:2]
    return use.offer and offer_code(use.offer), use.delivery


def _at_price(source: Source, price: Decimal, offer: Offer) -> Source:
    cents = float(price * CENTS * 1000 / offer.pack_g)
    return Source(
        cents, source.vat_permille, source.labels, source.distance_km, source.allergens, source.estimated
    )


def _offer_sources(
    session: Session, codes: set[str], market: Sequence[Reachable]
) -> dict[str, tuple[Offer, Source]]:
    reach = {item.offer.code: item for item in market}
    missing = session.exec(select(Offer).where(col(Offer.code).in_(codes - reach.keys())))
    found = {offer.code: (offer, _source(offer, None)) for offer in missing}
    for code in codes & reach.keys():
        item = reach[code]
        found[code] = (item.offer, _source(item.offer, item.distance_km if item.local else None))
    return found


def _source(offer: Offer, distance_km: float | None) -> Source:
    return Source(
        cents_per_kg=0,
        vat_permille=offer.vat_permille,
        labels=frozenset(Label(label) for label in offer.labels),
        distance_km=distance_km,
        allergens=frozenset(offer.allergens),
    )


def _lot_source(row: StockLot) -> Source:
    return Source(cents_per_kg=float(row.price_ht_per_kg * CENTS), estimated=False)
