"""An order brought by another delivery of the same supplier: the plan moves with it."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.errors import ConflictError
from cantine.french import day as day_words
from cantine.menus.grid import monday_of
from cantine.orders.life import Actor
from cantine.planning.draft_edits import PLAN_MOVED
from cantine.planning.drafts import follow_plan
from cantine.planning.minimum import may_move
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.need_reading import load_need
from cantine.planning.order_lines import Market
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import Ordering

SUBJECT = "achats"


def move_visit(
    session: Session,
    kitchen: str,
    supplier: str,
    visit: tuple[date, date],
    ordering: Ordering,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring what one delivery was to bring with another one.

    Args:
        session: where to write; never committed here.
        kitchen: whose orders.
        supplier: whose deliveries.
        visit: the delivery planned, the one to join.
        ordering: today's calendar.
        actor: who asks.
        now: the clock.

    Raises:
        ConflictError: the plan moved, it is too late, or a meal would lack its food.
    """
    old, new = visit
    follow_plan(session, kitchen, ordering.today, now)
    found = load_need(session, kitchen, ordering, "", monday_of(old))
    mine = next((v for v in found.visits if (v.supplier.code, v.delivery) == (supplier, old)), None)
    row = session.get_one(Supplier, supplier)
    market = Market.load(session, kitchen, ordering.today)
    if mine is None or ordering.too_late(row, new) or not may_move(mine, new):
        raise ConflictError(PLAN_MOVED)
    if not all(market.on_sale(line.line.offer, new) for line in mine.lines):
        raise ConflictError(PLAN_MOVED)
    for line in mine.lines:
        _move(session, kitchen, line.line.offer, old, new)
    session.flush()
    journal.record(
        session,
        user_id=actor.user_id,
        kitchen=kitchen,
        subject=SUBJECT,
        key=supplier,
        before={"livraison": day_words(old)},
        after={"livraison": day_words(new)},
        now=now,
    )
    follow_plan(session, kitchen, ordering.today, now)


def _move(session: Session, kitchen: str, offer: str, old: date, new: date) -> None:
    row = session.get(PlannedPurchase, (kitchen, old, offer))
    if row is None:
        return
    there = session.get(PlannedPurchase, (kitchen, new, offer))
    if there:
        there.packs += row.packs
        session.add(there)
    else:
        session.add(
            PlannedPurchase(
                kitchen=kitchen, delivery=new, offer=offer, packs=row.packs, price_ht=row.price_ht
            )
        )
    session.delete(row)
    uses = select(PlannedUse).where(PlannedUse.kitchen == kitchen, PlannedUse.offer == offer)
    for use in session.exec(uses.where(col(PlannedUse.delivery) == old)):
        use.delivery = new
        session.add(use)
