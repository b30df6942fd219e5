"""Approving orders: against the food credit of the month, the suppliers' terms and the contracts' maxima.

All the orders asked for, or none. What passes is told; it needs a reason, kept in the event of each order
that it concerns. Beyond a contract's maximum nothing may be ordered (CCP R2162-4): that is refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, and_, col, or_, select

from cantine.errors import CantineError, ConflictError
from cantine.french import day as day_words
from cantine.french import euros, of_month
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import load_days
from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.purchases import buyer_of
from cantine.orders.spend import spend_by_lot
from cantine.orders.states import APPROUVE, BROUILLON, LIVE
from cantine.planning.credit import Credit, credit_of, order_ttc
from cantine.planning.drafts import follow_plan
from cantine.planning.ordered import carry_packs, hold_orders
from cantine.suppliers.lots import FREE
from cantine.suppliers.models import MarketLot, Supplier
from cantine.suppliers.ordering import Ordering

NO_REASON = (
    "Rien n'est approuvé : {}. Pour approuver quand même, dites pourquoi : la raison est gardée avec la "
    "commande."
)
NONE_CHOSEN = "Cochez au moins une commande."


@dataclass(frozen=True)
class Concern:
    """What approving an order would pass; ``refused``: it cannot be approved as it is."""

    words: str
    refused: bool = False


@dataclass(frozen=True)
class ToApprove:
    """A draft, what it costs, what it would pass."""

    order: PurchaseOrder
    supplier: Supplier
    lines: tuple[OrderLine, ...]
    total_ht: Decimal
    total_ttc: Decimal
    deadline: date
    late: bool
    concerns: tuple[Concern, ...]

    @property
    def refused(self) -> bool:
        """Whether a contract's maximum stands in the way."""
        return any(concern.refused for concern in self.concerns)


@dataclass(frozen=True)
class Review:
    """The drafts of a kitchen to approve, and the credit of each month they fall in."""

    orders: tuple[ToApprove, ...]
    credits: tuple[tuple[Credit, Decimal], ...]
    """With what these orders would bind of it, TTC."""

    @property
    def total_ht(self) -> Decimal:
        """Euros of the goods."""
        return sum((one.total_ht for one in self.orders), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros with VAT and fees."""
        return sum((one.total_ttc for one in self.orders), Decimal(0))

    @property
    def passing(self) -> int:
        """Orders that need a reason."""
        return sum(bool(one.concerns) and not one.refused for one in self.orders)


def review(session: Session, kitchen: str, orders: Sequence[PurchaseOrder], ordering: Ordering) -> Review:
    """What approving these drafts together would pass; reading only."""
    days = load_days(session, get_kitchen(session, kitchen), ordering.today)
    demonstration = load_settings(session).demonstration
    written = {order.id: life.lines_of(session, order) for order in orders}
    ceilings = _Ceilings(session, written)
    spent: defaultdict[date, Decimal] = defaultdict(Decimal)
    months: dict[date, Credit] = {}
    found = []
    for order in sorted(orders, key=lambda o: (o.delivery, o.id or 0)):
        lines, month = written[order.id], order.delivery.replace(day=1)
        credit = months.get(month) or credit_of(session, days, order.delivery)
        months[month] = credit
        before, cost = credit.rest_ttc - spent[month], order_ttc(order, lines)
        spent[month] += cost
        supplier = session.get_one(Supplier, order.supplier)
        late = ordering.too_late(supplier, order.delivery) and not demonstration
        concerns = [
            *ceilings.concerns(order, lines),
            *_over_credit(credit, before, cost),
            *_under_minimum(session, order, supplier, written),
            *_late(supplier, order, ordering, late=late),
        ]
        total = sum((line.total_ht for line in lines), Decimal(0))
        deadline = ordering.deadline(supplier, order.delivery)
        found.append(ToApprove(order, supplier, tuple(lines), total, cost, deadline, late, tuple(concerns)))
    return Review(tuple(found), tuple((months[month], spent[month]) for month in sorted(months)))


def approve_orders(
    session: Session,
    kitchen: str,
    chosen: Mapping[int, int],
    reason: str,
    ordering: Ordering,
    actor: Actor,
    now: datetime,
) -> list[PurchaseOrder]:
    """Approve some drafts of a kitchen, all or none; the plan counts on them from then on.

    Args:
        session: a database session; never committed here.
        kitchen: whose orders.
        chosen: version of each order as the page showed it, by key.
        reason: why, where something is passed.
        ordering: today's calendar.
        actor: who approves.
        now: the clock.

    Raises:
        ConflictError: one of them, or the plan, changed since the page was shown.
        CantineError: a maximum is passed, or something else is and no reason is given.
    """
    if not chosen:
        raise CantineError(NONE_CHOSEN)
    orders = [life.get_order(session, key, kitchen) for key in sorted(chosen)]
    hold_orders(session, kitchen)
    if _done_already(session, orders, actor):
        return orders
    _hold_lots(session, orders)
    follow_plan(session, kitchen, ordering.today, now)
    for order in orders:
        life.check_version(session, order, chosen[order.id or 0])
    seen = review(session, kitchen, orders, ordering)
    reason = " ".join(reason.split())
    _check(seen, reason)
    for one in seen.orders:
        passed = " ; ".join(concern.words for concern in one.concerns)
        life.approve(session, one.order, actor, now, f"{reason} ({passed})" if passed else "")
        carry_packs(session, one.order)
    return orders


def check_amended(session: Session, order: PurchaseOrder) -> None:
    """Refuse an amended order that passes a contract's maximum; a free lot's threshold stays the buyer's.

    Raises:
        ConflictError: names the lot and by how much.
    """
    lines = life.lines_of(session, order)
    _hold_lots(session, [order])
    ceilings = _Ceilings(session, {order.id: lines})
    over = [concern.words for concern in ceilings.over(lines) if concern.refused]
    if over:
        raise ConflictError(f"Rien n'est rectifié : {' ; '.join(over)}.")


def over_credit(session: Session, order: PurchaseOrder, today: date) -> str:
    """What the orders of its month pass of the food credit once this one is amended; empty within it."""
    days = load_days(session, get_kitchen(session, order.kitchen), today)
    credit = credit_of(session, days, order.delivery)
    if credit.rest_ttc >= 0:
        return ""
    return f" Le crédit nourriture {of_month(credit.month)} est dépassé de {euros(-credit.rest_ttc)} TTC."


def _done_already(session: Session, orders: Sequence[PurchaseOrder], actor: Actor) -> bool:
    """Whether this is the second click of the person who has just approved them all."""
    for order in orders:
        life.hold(session, order)
    return all(
        order.state == APPROUVE and order.approved_by == actor.user_id and order.order_version == 1
        for order in orders
    )


def _hold_lots(session: Session, orders: Iterable[PurchaseOrder]) -> None:
    """Two kitchens that near one maximum at once wait for each other."""
    codes = {line.lot for order in orders for line in life.lines_of(session, order) if line.lot}
    lots = select(MarketLot.code).where(col(MarketLot.code).in_(codes)).order_by(col(MarketLot.code))
    session.exec(lots.with_for_update()).all()


def _check(seen: Review, reason: str) -> None:
    refused = [concern.words for one in seen.orders for concern in one.concerns if concern.refused]
    if refused:
        raise ConflictError(f"Rien n'est approuvé : {' ; '.join(dict.fromkeys(refused))}.")
    passed = [concern.words for one in seen.orders for concern in one.concerns]
    if passed and not reason:
        raise CantineError(NO_REASON.format(" ; ".join(dict.fromkeys(passed))))


def _over_credit(credit: Credit, before: Decimal, cost: Decimal) -> Iterable[Concern]:
    if cost > before:
        over = cost - max(before, Decimal(0))
        yield Concern(f"le crédit nourriture {of_month(credit.month)} est dépassé de {euros(over)} TTC")


def _under_minimum(
    session: Session,
    order: PurchaseOrder,
    supplier: Supplier,
    written: Mapping[int | None, Sequence[OrderLine]],
) -> Iterable[Concern]:
    """The whole visit counts: what is ordered already, the other orders shown, those of its group."""
    visit = col(PurchaseOrder.supplier) == order.supplier, col(PurchaseOrder.delivery) == order.delivery
    mine = and_(*visit, col(PurchaseOrder.kitchen) == order.kitchen)
    same = or_(mine, col(PurchaseOrder.group) == order.group) if order.group else mine
    rows = session.exec(select(PurchaseOrder).where(same, col(PurchaseOrder.state).in_(LIVE)))
    counted = [
        row
        for row in rows
        if row.id in written or row.state != BROUILLON or (order.group and row.group == order.group)
    ]
    there = sum((line.total_ht for row in counted for line in life.lines_of(session, row)), Decimal(0))
    if there < supplier.min_order_ht:
        lack = supplier.min_order_ht - there
        yield Concern(f"{supplier.name} : il manque {euros(lack)} pour son minimum de commande")


def _late(supplier: Supplier, order: PurchaseOrder, ordering: Ordering, *, late: bool) -> Iterable[Concern]:
    if late:
        limit = day_words(ordering.deadline(supplier, order.delivery))
        yield Concern(f"{supplier.name} : l'heure limite ({limit}, {supplier.cutoff_hour}) est passée")


class _Ceilings:
    """What is bought and ordered of each limited lot, and what some orders would add in their order."""

    def __init__(
        self,
        session: Session,
        written: Mapping[int | None, Sequence[OrderLine]],
    ) -> None:
        codes = {line.lot for lines in written.values() for line in lines if line.lot}
        self.lots = {
            lot.code: lot
            for lot in session.exec(select(MarketLot).where(col(MarketLot.code).in_(codes)))
            if lot.max_ht is not None
        }
        self.spent = _spent(session, self.lots)

    def concerns(self, order: PurchaseOrder, lines: Sequence[OrderLine]) -> Iterable[Concern]:
        """Lots that an order passes; counted once it is told."""
        added: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            lot = self.lots.get(line.lot or "")
            if lot is not None and lot.valid_from <= order.delivery <= lot.valid_to:
                added[lot.code] += line.total_ht
        for code, cost in added.items():
            buyer = order.buyer if self.lots[code].frame == FREE else ""
            self.spent[code, buyer] += cost
            yield from self._over(code, buyer)

    def over(self, lines: Sequence[OrderLine]) -> Iterable[Concern]:
        """Contracts' lots of some lines that what is ordered passes already."""
        for code in sorted({line.lot for line in lines if line.lot in self.lots}):
            yield from self._over(code, "")

    def _over(self, code: str, buyer: str) -> Iterable[Concern]:
        lot, spent = self.lots[code], self.spent[code, buyer]
        most = lot.max_ht or Decimal(0)
        if spent > most:
            over = euros(spent - most)
            free = f"{lot.name} : votre seuil de {euros(most)} HT est dépassé de {over}"
            bound = f"{lot.name} : le maximum du marché, {euros(most)} HT, est dépassé de {over}"
            yield Concern(free) if lot.frame == FREE else Concern(bound, refused=True)


def _spent(session: Session, lots: Mapping[str, MarketLot]) -> defaultdict[tuple[str, str], Decimal]:
    """Euros HT bought and ordered of each lot while it lasts: by all, or by each buyer in a free lot."""
    spent: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    if not lots:
        return spent
    buyers = {kitchen.code: buyer_of(kitchen) for kitchen in session.exec(select(Kitchen))}
    for (code, kitchen), spend in spend_by_lot(session, lots).items():
        spent[code, buyers[kitchen] if lots[code].frame == FREE else ""] += spend.committed
    return spent
