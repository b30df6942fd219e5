"""Orders of a demonstration's first days: too late to order on its day, they are supposed to have left."""

from collections import defaultdict
from datetime import date, datetime

from sqlmodel import Session

from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import PurchaseOrder
from cantine.planning.drafts import PLAN, Visit, create
from cantine.planning.order_lines import Market
from cantine.planning.ordered import carry_packs, hold_orders
from cantine.planning.wanted import Wanted, wanted
from cantine.suppliers.models import Supplier
from cantine.suppliers.ordering import load_ordering

CANTINE = Actor(who="cantine (démonstration)")
WORDS = "Démonstration : supposée partie à temps."


def send_first_orders(session: Session, kitchen: str, today: date, now: datetime) -> list[PurchaseOrder]:
    """Approve and send what can no longer be ordered today, one order a supplier and delivery."""
    hold_orders(session, kitchen)
    ordering, market = load_ordering(session, today), Market.load(session, kitchen, today)
    visits: defaultdict[Visit, list[Wanted]] = defaultdict(list)
    for want in wanted(session, kitchen, today).values():
        if ordering.too_late(session.get_one(Supplier, want.offer.supplier), want.delivery):
            visits[want.offer.supplier, want.delivery].append(want)
    orders = []
    for visit, wants in sorted(visits.items(), key=lambda item: (item[0][1], item[0][0])):
        lines = [market.line(want) for want in wants]
        order = create(session, kitchen, visit, PLAN, lines, CANTINE, now)
        life.approve(session, order, CANTINE, now, WORDS)
        carry_packs(session, order)
        life.mark_sent(session, order, CANTINE, now, WORDS)
        orders.append(order)
    return orders
