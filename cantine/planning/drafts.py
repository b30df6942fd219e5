"""Draft orders: made from what the plan asks, following it where nobody changed them by hand.

One draft a supplier, a delivery and a source. A line is changed by hand where its packs are not those the
plan asks (``theoretical_packs``): it keeps them when the plan moves, and the page says what is asked now.
Every function holds the orders of the kitchen first; none commits.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.kitchens.headcount import get_kitchen
from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.purchases import buyer_of
from cantine.orders.states import BROUILLON
from cantine.planning.order_lines import Market
from cantine.planning.ordered import STAPLES, Key, hold_orders
from cantine.planning.wanted import Wanted, wanted
from cantine.suppliers.models import Supplier

PLAN, HAND = "plan", "main"
CANTINE = Actor(who="cantine")
WEEK = timedelta(days=7)
Visit = tuple[str, date]
"""A supplier and a delivery."""
Place = tuple[bool, str, date]
"""A draft: whether it is one of staples, supplier, delivery."""


@dataclass(frozen=True)
class Draft:
    """A draft order and its lines."""

    order: PurchaseOrder
    lines: tuple[OrderLine, ...]

    @property
    def visit(self) -> Visit:
        """Its supplier and delivery."""
        return self.order.supplier, self.order.delivery

    @property
    def place(self) -> Place:
        """What tells it from the other drafts of a kitchen."""
        return self.staples, self.order.supplier, self.order.delivery

    @property
    def staples(self) -> bool:
        """Whether it is the order of the month."""
        return self.order.source == STAPLES

    def line(self, offer: str) -> OrderLine | None:
        """The line of an offer."""
        return next((line for line in self.lines if line.offer == offer), None)


def drafts_of(session: Session, kitchen: str, today: date) -> list[Draft]:
    """Drafts of the deliveries to come."""
    orders = session.exec(
        select(PurchaseOrder)
        .where(
            PurchaseOrder.kitchen == kitchen,
            PurchaseOrder.state == BROUILLON,
            PurchaseOrder.delivery >= today,
        )
        .order_by(col(PurchaseOrder.delivery), col(PurchaseOrder.id))
    ).all()
    lines: defaultdict[int, list[OrderLine]] = defaultdict(list)
    ids = [order.id for order in orders]
    rows = select(OrderLine).where(col(OrderLine.order).in_(ids)).order_by(col(OrderLine.position))
    for line in session.exec(rows):
        lines[line.order].append(line)
    return [Draft(order, tuple(lines[order.id or 0])) for order in orders]


def follow_plan(session: Session, kitchen: str, today: date, now: datetime) -> dict[Key, Wanted]:
    """Bring every draft to the plan of now, but what was changed by hand; returns what the plan asks."""
    hold_orders(session, kitchen)
    asked = wanted(session, kitchen, today)
    drafts = [draft for draft in drafts_of(session, kitchen, today) if not draft.staples]
    market = Market.load(session, kitchen, today) if drafts else None
    for draft in drafts:
        if market:
            _follow(session, draft, asked, market, now)
    return asked


def _follow(
    session: Session, draft: Draft, asked: Mapping[Key, Wanted], market: Market, now: datetime
) -> None:
    mine = {k[0]: want for k, want in asked.items() if (want.offer.supplier, k[1]) == draft.visit}
    words = []
    for line in draft.lines:
        want = mine.pop(line.offer, None)
        now_asked = want.packs if want else 0
        if line.packs == line.theoretical_packs != now_asked:
            words.append(f"{line.name} {line.packs} → {now_asked}")
            line.packs = now_asked
        line.theoretical_packs, line.needed_g = now_asked, want.needed_g if want else 0
        if line.packs or line.theoretical_packs:
            session.add(line)
        else:
            session.delete(line)
    words += [f"{want.offer.name} 0 → {want.packs}" for want in mine.values()]
    session.flush()
    append(session, draft.order, [market.line(want) for want in mine.values()])
    if words:
        life.note_event(session, draft.order, "change", CANTINE, now, f"suit le plan : {', '.join(words)}")
    if not life.lines_of(session, draft.order):
        life.cancel(session, draft.order, CANTINE, now, "Le plan n'en demande plus.")


def prepare(
    session: Session, kitchen: str, monday: date, today: date, actor: Actor, now: datetime
) -> list[Draft]:
    """Write every order that the plan asks for a week of deliveries as a draft; those of the week."""
    asked = follow_plan(session, kitchen, today, now)
    there = {d.visit for d in drafts_of(session, kitchen, today) if not d.staples}
    visits: defaultdict[Visit, list[Wanted]] = defaultdict(list)
    for want in asked.values():
        visit = want.offer.supplier, want.delivery
        if monday <= want.delivery < monday + WEEK and visit not in there:
            visits[visit].append(want)
    if visits:
        market = Market.load(session, kitchen, today)
        for visit, wants in visits.items():
            create(session, kitchen, visit, PLAN, [market.line(want) for want in wants], actor, now)
    found = drafts_of(session, kitchen, today)
    return [draft for draft in found if monday <= draft.order.delivery < monday + WEEK]


def create(
    session: Session,
    kitchen: str,
    visit: Visit,
    source: str,
    lines: Iterable[OrderLine],
    actor: Actor,
    now: datetime,
) -> PurchaseOrder:
    """A new draft; its buyer is the collège, its fee the supplier's unless the visit has an order already."""
    row, (supplier, delivery) = get_kitchen(session, kitchen), visit
    others = session.exec(
        select(PurchaseOrder.id).where(
            PurchaseOrder.kitchen == kitchen,
            PurchaseOrder.supplier == supplier,
            PurchaseOrder.delivery == delivery,
            PurchaseOrder.state != "annule",
        )
    ).first()
    fee = session.get_one(Supplier, supplier).delivery_fee_ht
    order = PurchaseOrder(
        kitchen=kitchen,
        buyer=buyer_of(row),
        supplier=supplier,
        delivery=delivery,
        source=source,
        fee_ht=Decimal(0) if others else fee,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(order)
    session.flush()
    append(session, order, lines)
    life.note_event(session, order, "cree", actor, now)
    return order


def append(session: Session, order: PurchaseOrder, lines: Iterable[OrderLine]) -> None:
    """Add lines after those of an order."""
    last = max((line.position for line in life.lines_of(session, order)), default=0)
    for position, line in enumerate(lines, last + 1):
        line.order, line.position = order.id or 0, position
        session.add(line)
    session.flush()
