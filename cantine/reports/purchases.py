"""Figures of the purchase list: packs to order, by supplier and delivery, and what they feed.

The staples of the month stand beside, in totals of their own: they are no purchase of the menus, whose cost
counts them as a flat amount per meal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine import french
from cantine.foods.models import Food
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.staple_orders import StapleOrder, monthly_order
from cantine.reports.deliveries import Delivery, PurchaseLine, delivery_of, line_of
from cantine.reports.head import Head, make_head, period_words
from cantine.reports.reading import Reading
from cantine.suppliers.engagements import engagements_of
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering, load_ordering
from cantine.suppliers.prices import estimated_on
from cantine.suppliers.staples import Pick

MANY_SERVICES = 3


@dataclass(frozen=True)
class SupplierOrders:
    """All the orders to one supplier.

    Attributes:
        engagements: budget year and number typed for it, empty while none is.
        staples: the order of the month, counted apart.
    """

    name: str
    contact: str
    terms: str
    engagements: tuple[tuple[int, str], ...]
    deliveries: tuple[Delivery, ...]
    staples: tuple[Delivery, ...]

    @property
    def total_ht(self) -> Decimal:
        """Euros, fees included, staples left out."""
        return sum((delivery.total_ht for delivery in self.deliveries), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros, fees and VAT included, staples left out."""
        return sum((delivery.total_ttc for delivery in self.deliveries), Decimal(0))

    @property
    def staples_ht(self) -> Decimal:
        """Euros of the staples."""
        return sum((delivery.total_ht for delivery in self.staples), Decimal(0))

    @property
    def staples_ttc(self) -> Decimal:
        """Euros of the staples, VAT included."""
        return sum((delivery.total_ttc for delivery in self.staples), Decimal(0))

    @property
    def below_minimum(self) -> int:
        """Orders the supplier may refuse."""
        return sum(delivery.missing_ht > 0 for delivery in self.deliveries)


@dataclass(frozen=True)
class PurchaseList:
    """What to order over a period; the flat amount per meal is in cents."""

    head: Head
    suppliers: tuple[SupplierOrders, ...]
    staples_cents_per_meal: int

    @property
    def total_ht(self) -> Decimal:
        """Euros of all suppliers, staples left out."""
        return sum((supplier.total_ht for supplier in self.suppliers), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros of all suppliers, VAT included, staples left out."""
        return sum((supplier.total_ttc for supplier in self.suppliers), Decimal(0))

    @property
    def staples_ht(self) -> Decimal:
        """Euros of the staples of all suppliers."""
        return sum((supplier.staples_ht for supplier in self.suppliers), Decimal(0))

    @property
    def staples_ttc(self) -> Decimal:
        """Euros of the staples of all suppliers, VAT included."""
        return sum((supplier.staples_ttc for supplier in self.suppliers), Decimal(0))


Row = tuple[PlannedPurchase, Offer, Supplier, Food]
Feeds = Mapping[tuple[str, date], Sequence[date]]


def purchase_list(
    session: Session, reading: Reading, first: date, last: date, today: date, hour: time = time.min
) -> PurchaseList:
    """Deliveries planned between two dates, and the staples that arrive between them.

    Deadlines before ``today`` and ``hour``, the time in France, are said to be passed.
    """
    kitchen = reading.kitchen.code
    ordering = load_ordering(session, today, hour)
    rows = _rows(session, kitchen, first, last)
    planned = _planned(rows, _feeds(session, kitchen, first, last), ordering)
    month = monthly_order(session, kitchen, today, hour).orders
    staples = {
        order.supplier.code: (_staples(order, reading.foods, ordering),)
        for order in month
        if first <= order.delivery <= last
    }
    suppliers = {row[2].code: row[2] for row in rows} | {o.supplier.code: o.supplier for o in month}
    numbers = engagements_of(session, kitchen)
    orders = (
        _supplier(suppliers[code], planned.get(code, ()), staples.get(code, ()), numbers)
        for code in {*planned, *staples}
    )
    return PurchaseList(
        head=make_head(
            reading, "Achats à commander", f"livraisons {period_words(first, last)}", "achats planifiés"
        ),
        suppliers=tuple(sorted(orders, key=lambda order: order.name)),
        staples_cents_per_meal=reading.settings.staples_cents_per_meal,
    )


def feeding_deliveries(session: Session, kitchen: str, first: date, last: date) -> tuple[date, date] | None:
    """First and last deliveries that feed the services between two dates."""
    days = session.exec(
        select(col(PlannedUse.delivery)).where(
            PlannedUse.kitchen == kitchen,
            col(PlannedUse.date).between(first, last),
            col(PlannedUse.delivery).is_not(None),
        )
    ).all()
    known = [day for day in days if day]
    return (min(known), max(known)) if known else None


def _rows(session: Session, kitchen: str, first: date, last: date) -> Sequence[Row]:
    return session.exec(
        select(PlannedPurchase, Offer, Supplier, Food)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .join(Food, col(Food.code) == col(Offer.food))
        .where(PlannedPurchase.kitchen == kitchen, col(PlannedPurchase.delivery).between(first, last))
        .order_by(col(PlannedPurchase.delivery), col(Offer.name))
    ).all()


def _feeds(session: Session, kitchen: str, first: date, last: date) -> Feeds:
    rows = session.exec(
        select(PlannedUse)
        .where(PlannedUse.kitchen == kitchen, col(PlannedUse.delivery).between(first, last))
        .order_by(col(PlannedUse.date))
    )
    feeds: defaultdict[tuple[str, date], list[date]] = defaultdict(list)
    for use in rows:
        if use.offer and use.delivery and use.date not in feeds[use.offer, use.delivery]:
            feeds[use.offer, use.delivery].append(use.date)
    return feeds


def _planned(rows: Iterable[Row], feeds: Feeds, ordering: Ordering) -> dict[str, tuple[Delivery, ...]]:
    """What the menus buy, by supplier, in the order of the deliveries."""
    visits: defaultdict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in rows:
        visits[row[0].delivery, row[2].code].append(row)
    found: defaultdict[str, tuple[Delivery, ...]] = defaultdict(tuple)
    for (day, code), own in sorted(visits.items(), key=lambda visit: visit[0]):
        supplier = own[0][2]
        lines = [_line(row, feeds.get((row[1].code, day), ())) for row in own]
        found[code] += (delivery_of(supplier, day, lines, ordering, fee_ht=supplier.delivery_fee_ht),)
    return found


def _line(row: Row, services: Sequence[date]) -> PurchaseLine:
    purchase, offer, _, food = row
    return line_of(
        offer,
        food,
        purchase.packs,
        purchase.price_ht,
        why=f"pour {_services(services)}" if services else "",
        estimated=estimated_on(offer, purchase.delivery),
    )


def _services(days: Sequence[date]) -> str:
    """Services fed: each day, or the span and the number when they are many."""
    if len(days) <= MANY_SERVICES:
        return ", ".join(french.short_day(day) for day in days)
    return f"{len(days)} services, du {french.short_day(days[0])} au {french.short_day(days[-1])}"


def _staples(order: StapleOrder, foods: Mapping[str, Food], ordering: Ordering) -> Delivery:
    lines = [_pick_line(pick, foods[pick.shelf.food]) for pick in order.picks]
    return delivery_of(
        order.supplier, order.delivery, lines, ordering, fee_ht=order.fee_ht, joined_ht=order.joined_ht
    )


def _pick_line(pick: Pick, food: Food) -> PurchaseLine:
    shelf = pick.shelf
    stock, least, most = (french.kg(grams) for grams in (shelf.stock_g, shelf.min_g, shelf.max_g))
    return line_of(
        pick.offer,
        food,
        pick.packs,
        pick.price_ht,
        why=f"stock {stock}, à garder entre {least} et {most}"
        + (f" : un colis dépasse de {french.kg(pick.over_g)}" if pick.over_g else ""),
        estimated=estimated_on(pick.offer, pick.delivery),
    )


def _supplier(
    supplier: Supplier,
    deliveries: tuple[Delivery, ...],
    staples: tuple[Delivery, ...],
    numbers: Mapping[tuple[str, int], str],
) -> SupplierOrders:
    minimum = french.euros(supplier.min_order_ht)
    years = sorted({delivery.year for delivery in (*deliveries, *staples)})
    return SupplierOrders(
        name=supplier.name,
        contact=" · ".join(part for part in (supplier.email, supplier.phone) if part),
        terms=f"commande minimale {minimum} HT" if supplier.min_order_ht else "sans minimum de commande",
        engagements=tuple((year, numbers.get((supplier.code, year), "")) for year in years),
        deliveries=deliveries,
        staples=staples,
    )
