"""What kitchens may buy in an invented year: by family and class of quality, at the prices of offers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.kitchens.distance import kilometres
from cantine.kitchens.models import Commune, Kitchen
from cantine.kitchens.settings import load_settings
from cantine.orders.purchases import SHORT_CHAIN, to_the_cent
from cantine.suppliers.market import in_reach
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.prices import MEAN, Index, load_seasons
from optim.terms import Label

BIO, QUALITY, PLAIN = "bio", "quality", "plain"
THURSDAY = timedelta(days=3)
IN_SEASON, OUT_OF_SEASON, ALL_YEAR = 6.0, 0.2, 1.0


@dataclass(frozen=True)
class Item:
    """One product of one supplier, as a kitchen meets it."""

    offer: Offer
    food: Food
    supplier: Supplier
    quality: str
    index: Index
    local_km: int | None
    weekdays: frozenset[int]

    def weight(self, day: date) -> float:
        """How readily it is bought: in season, or all year round."""
        months = self.food.season_months
        if not months:
            return ALL_YEAR
        return IN_SEASON if str(day.month) in months else OUT_OF_SEASON

    def price(self, monday: date) -> Decimal:
        """Price of a pack HT, moved with the season as estimated prices are."""
        then = self.index.get((self.offer.valid_to + THURSDAY).month, MEAN)
        now = self.index.get((monday + THURSDAY).month, MEAN)
        return max(to_the_cent(self.offer.price_ht * now / then), Decimal("0.01"))

    @property
    def short_chain(self) -> bool:
        """With one intermediary at most."""
        return self.offer.intermediaries <= SHORT_CHAIN


Shelf = Mapping[str, Mapping[str, list[Item]]]
"""By family, then by class."""


class Market:
    """Everything on sale, read once."""

    def __init__(self, session: Session) -> None:
        self._suppliers = {row.code: row for row in session.exec(select(Supplier))}
        self._foods = {row.code: row for row in session.exec(select(Food))}
        self._communes = {row.insee: row for row in session.exec(select(Commune))}
        self._offers = _one_of_each(session.exec(select(Offer).order_by(col(Offer.code))))
        self._index = load_seasons(session).weekly
        self._local_km = load_settings(session).local_km

    def shelf(self, kitchen: Kitchen, preferred: Mapping[str, str]) -> Shelf:
        """What is in reach of a kitchen; of each trade, the preferred supplier first.

        Args:
            kitchen: who buys.
            preferred: code of its usual supplier, by trade.
        """
        found: defaultdict[str, dict[str, list[Item]]] = defaultdict(
            lambda: {BIO: [], QUALITY: [], PLAIN: []}
        )
        for offer in self._offers:
            supplier = self._suppliers[offer.supplier]
            usual = preferred.get(supplier.kind)
            if not in_reach(supplier, kitchen) or (not offer.labels and usual not in {None, supplier.code}):
                continue
            item = self._item(offer, supplier, kitchen)
            found[item.food.family][item.quality].append(item)
        return found

    def trades(self, kitchen: Kitchen) -> Mapping[str, list[str]]:
        """Suppliers in reach, by trade."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for supplier in self._suppliers.values():
            if in_reach(supplier, kitchen):
                found[supplier.kind].append(supplier.code)
        return found

    def _item(self, offer: Offer, supplier: Supplier, kitchen: Kitchen) -> Item:
        origin = self._communes.get(offer.origin_insee or "")
        away = None
        if origin:
            away = kilometres(origin.latitude, origin.longitude, kitchen.latitude, kitchen.longitude)
        quality = BIO if Label.BIO in offer.labels else QUALITY if offer.labels else PLAIN
        return Item(
            offer=offer,
            food=self._foods[offer.food],
            supplier=supplier,
            quality=quality,
            index=self._index.get(offer.food, {}),
            local_km=round(away) if away is not None and away <= self._local_km else None,
            weekdays=frozenset(int(digit) for digit in supplier.delivery_days),
        )


def _one_of_each(offers: Iterable[Offer]) -> list[Offer]:
    """A product sold at a price of each week is one product."""
    found = {(o.supplier, o.food, o.labels, o.pack_g, o.origin_country): o for o in offers}
    return list(found.values())
