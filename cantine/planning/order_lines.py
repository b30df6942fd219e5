"""The offers that a kitchen may order, and how they are written as lines of an order."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.orders.models import OrderLine
from cantine.planning.wanted import Wanted
from cantine.suppliers.market import Reachable, reachable_offers
from cantine.suppliers.models import Offer
from cantine.suppliers.prices import estimated_on, load_seasons


class Market:
    """The offers that a kitchen may order, and how they are written in an order."""

    def __init__(self, session: Session, items: Iterable[Reachable]) -> None:
        """Keep the offers by code, each of their prices apart."""
        self.items: defaultdict[str, list[Reachable]] = defaultdict(list)
        self.seasons = load_seasons(session)
        for item in items:
            self.items[item.offer.code].append(item)

    @classmethod
    def load(cls, session: Session, kitchen: str, today: date, days: int = 75) -> "Market":
        """The market of a kitchen from today on."""
        row, km = get_kitchen(session, kitchen), load_settings(session).local_km
        return cls(session, reachable_offers(session, row, today, today + timedelta(days=days), km))

    def on_sale(self, code: str, delivery: date) -> Reachable | None:
        """The offer at its price of a day, where it is sold then."""
        return next((item for item in self.items.get(code, ()) if item.on_sale(delivery)), None)

    def distance(self, code: str) -> float | None:
        """Kilometres of a local offer."""
        item = next(iter(self.items.get(code, ())), None)
        return item.distance_km if item and item.local else None

    def line(self, want: Wanted) -> OrderLine:
        """What the plan asks, as a line of an order to come."""
        return self.line_of(want.offer, want.delivery, want.packs, want.packs, want.needed_g, want.price_ht)

    def line_of(
        self, offer: Offer, delivery: date, packs: int, theoretical: int, needed_g: int, price_ht: Decimal
    ) -> OrderLine:
        """One line, with everything that is printed or counted of the offer as it is today."""
        return OrderLine(
            order=0,
            position=1,
            offer=offer.code,
            food=offer.food,
            name=offer.name,
            reference=offer.reference,
            pack_g=offer.pack_g,
            pack_label=offer.pack_label,
            packs=packs,
            theoretical_packs=theoretical,
            needed_g=needed_g,
            price_ht=price_ht,
            estimated_price=estimated_on(offer, delivery),
            vat_permille=offer.vat_permille,
            labels=offer.labels,
            origin_country=offer.origin_country,
            intermediaries=offer.intermediaries,
            local_km=self.distance(offer.code),
            lot=offer.lot,
        )
