"""The order of the month, supplier by supplier: staples, beside what the menus buy and never added to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.orders.life import Actor, expected_packs
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.states import APPROUVE, BROUILLON, WITH_SUPPLIER
from cantine.planning.ceilings import exhausted_lots
from cantine.planning.drafts import create
from cantine.planning.models import PlannedPurchase
from cantine.planning.order_lines import Market
from cantine.planning.ordered import STAPLES, hold_orders
from cantine.planning.purchases import Visit
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering, load_ordering
from cantine.suppliers.staples import (
    Pick,
    Shelf,
    load_shelves,
    next_order_day,
    pick_all,
)

AHEAD_DAYS = 75
"""How far a delivery is looked for: further than the summer holidays are long."""


@dataclass(frozen=True)
class StapleOrder(Visit):
    """The staples of one supplier.

    Attributes:
        picks: packs by staple.
        joined_ht: goods that the menus buy from this supplier for the same delivery, euros HT.
    """

    picks: tuple[Pick, ...]
    joined_ht: Decimal

    @property
    def anchor(self) -> str:
        """Identifier in the page."""
        return f"b-{self.supplier.code}"

    @property
    def total_ht(self) -> Decimal:
        """Euros of the staples."""
        return sum((pick.total_ht for pick in self.picks), Decimal(0))

    @property
    def missing_ht(self) -> Decimal:
        """Euros short of the supplier's minimum, the goods of the menus counted: they come together."""
        return max(Decimal(0), self.supplier.min_order_ht - self.total_ht - self.joined_ht)

    @property
    def fee_ht(self) -> Decimal:
        """Euros of the delivery, already paid where the menus' goods come with it."""
        return Decimal(0) if self.joined_ht else self.supplier.delivery_fee_ht


@dataclass(frozen=True)
class MonthlyOrder:
    """Everything about the staples of a kitchen on a day.

    Attributes:
        kept: how many staples have levels.
        short: how many are under their minimum.
        lacking: staples to order that nobody can deliver.
        order_day: next day of the whole order; today when it is that day.
    """

    today: date
    kept: int
    short: int
    orders: tuple[StapleOrder, ...]
    lacking: tuple[Shelf, ...]
    order_day: date | None

    @property
    def whole(self) -> bool:
        """Whether every staple under its maximum is ordered, not only those under their minimum."""
        return self.order_day == self.today

    @property
    def count(self) -> int:
        """How many staples to order."""
        return sum(len(order.picks) for order in self.orders)

    @property
    def total_ht(self) -> Decimal:
        """Euros of all suppliers, deliveries left out."""
        return sum((order.total_ht for order in self.orders), Decimal(0))


def monthly_order(session: Session, kitchen_code: str, today: date, hour: time = time.min) -> MonthlyOrder:
    """The staples to order today; ``hour`` is the time in France, which a demonstration ignores.

    Raises:
        NotFoundError: no such kitchen.
    """
    kitchen, settings = get_kitchen(session, kitchen_code), load_settings(session)
    ordering = load_ordering(session, today, hour)
    order_day = next_order_day(ordering.calendar, today)
    coming = _coming(session, kitchen.code)
    shelves = [
        replace(shelf, stock_g=shelf.stock_g + coming[shelf.food])
        for shelf in load_shelves(session, kitchen.code, today)
    ]
    # Every purchase planned counts against a maximum here: nothing is about to be replaced.
    spent = exhausted_lots(session, kitchen.code, date.max)
    until = today + timedelta(days=AHEAD_DAYS)
    foods = {shelf.food for shelf in shelves}
    offers = reachable_offers(session, kitchen, today, until, settings.local_km, spent) if foods else []
    market = [item for item in offers if item.offer.food in foods]
    suppliers = {item.supplier.code: item.supplier for item in market}.values()
    deliveries = next_deliveries(suppliers, ordering)
    picks, lacking = pick_all(shelves, market, deliveries, whole=order_day == today)
    return MonthlyOrder(
        today=today,
        kept=len(shelves),
        short=sum(shelf.short for shelf in shelves),
        orders=_by_supplier(session, kitchen.code, picks, ordering),
        lacking=tuple(lacking),
        order_day=order_day,
    )


def _coming(session: Session, kitchen: str) -> Counter[str]:
    """Grams of each staple that an order of the month brings and that are not in the store yet."""
    rows = session.exec(
        select(OrderLine)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order))
        .where(
            PurchaseOrder.kitchen == kitchen,
            PurchaseOrder.source == STAPLES,
            col(PurchaseOrder.state).in_({BROUILLON, APPROUVE, *WITH_SUPPLIER}),
            col(OrderLine.version) == col(PurchaseOrder.order_version),
        )
    )
    coming: Counter[str] = Counter()
    for line in rows:
        coming[line.food] += expected_packs(line) * line.pack_g
    return coming


def prepare_staples(
    session: Session, kitchen: str, today: date, hour: time, actor: Actor, now: datetime
) -> list[PurchaseOrder]:
    """Write the order of the month as drafts, one a supplier; none where nothing is to order."""
    hold_orders(session, kitchen)
    month, market = monthly_order(session, kitchen, today, hour), Market.load(session, kitchen, today)
    return [
        create(
            session,
            kitchen,
            (order.supplier.code, order.delivery),
            STAPLES,
            [_line(market, pick) for pick in order.picks],
            actor,
            now,
        )
        for order in month.orders
    ]


def _line(market: Market, pick: Pick) -> OrderLine:
    needed = min(pick.grams, pick.shelf.room_g)
    return market.line_of(pick.offer, pick.delivery, pick.packs, pick.packs, needed, pick.price_ht)


def next_deliveries(suppliers: Iterable[Supplier], ordering: Ordering) -> dict[str, date]:
    """The first day each supplier can deliver what is ordered now; those that cannot are left out."""
    found, today = {}, ordering.today
    for supplier in suppliers:
        day = next(ordering.deliveries(supplier, today, today + timedelta(days=AHEAD_DAYS)), None)
        if day:
            found[supplier.code] = day
    return found


def _by_supplier(
    session: Session, kitchen: str, picks: list[Pick], ordering: Ordering
) -> tuple[StapleOrder, ...]:
    """One order a supplier, the first to leave first."""
    planned = _planned_ht(session, kitchen, ordering.today)
    groups: defaultdict[str, list[Pick]] = defaultdict(list)
    for pick in picks:
        groups[pick.supplier.code].append(pick)
    orders = (
        StapleOrder(
            supplier=own[0].supplier,
            delivery=own[0].delivery,
            ordering=ordering,
            picks=tuple(own),
            joined_ht=planned.get((code, own[0].delivery), Decimal(0)),
        )
        for code, own in groups.items()
    )
    return tuple(sorted(orders, key=lambda order: (order.deadline, order.supplier.name)))


def _planned_ht(session: Session, kitchen: str, today: date) -> dict[tuple[str, date], Decimal]:
    """Goods that the menus buy, by supplier and delivery to come."""
    rows = session.exec(
        select(PlannedPurchase, Offer.supplier)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .where(PlannedPurchase.kitchen == kitchen, PlannedPurchase.delivery >= today)
    )
    total: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for purchase, supplier in rows:
        total[supplier, purchase.delivery] += purchase.packs * purchase.price_ht
    return total
