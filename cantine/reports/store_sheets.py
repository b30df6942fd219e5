"""Papers of the store by name: control at the door, issue for a meal, inventory."""

from datetime import date

from sqlmodel import Session, col, select

from cantine.orders.models import PurchaseOrder
from cantine.orders.states import COMMITTED, REFUSE
from cantine.reports.paper import Sheet
from cantine.reports.store_figures import check_paper, count_paper, issue_paper

CHECK, ISSUE, COUNT = "controle-reception", "sortie-stock", "inventaire"
STORE_PAPERS = (CHECK, ISSUE, COUNT)
NOTHING = {
    CHECK: "Aucune commande approuvée à livrer sur cette période.",
    ISSUE: "Aucun plat prévu ce jour-là : rien à sortir.",
    COUNT: "Rien en stock dans cette zone : rien à compter.",
}


def store_sheets(
    session: Session, name: str, kitchen: str, first: date, last: date, number: str = "", zone: str = ""
) -> list[Sheet]:
    """Sheets of a paper; none where there is nothing to print.

    Args:
        session: a database session.
        name: one of ``STORE_PAPERS``.
        kitchen: its key.
        first: first day of the deliveries; day of the meal or of the count.
        last: last day of the deliveries.
        number: of one order, whatever its day, for the control at the door.
        zone: storage zone to count; empty: all.
    """
    if name == CHECK:
        return [_check(session, order) for order in _orders(session, kitchen, first, last, number)]
    if name == ISSUE:
        issue = issue_paper(session, kitchen, first)
        stem = f"{ISSUE}-{kitchen}-{first.isoformat()}"
        return [Sheet(stem, "issue.html", issue.head, issue)] if issue else []
    count = count_paper(session, kitchen, first, zone)
    return [Sheet(f"{COUNT}-{kitchen}-{first.isoformat()}", "count.html", count.head, count)] if count else []


def _check(session: Session, order: PurchaseOrder) -> Sheet:
    figures = check_paper(session, order)
    return Sheet(f"{CHECK}-{order.kitchen}-{order.number}", "check.html", figures.head, figures)


def _orders(session: Session, kitchen: str, first: date, last: date, number: str) -> list[PurchaseOrder]:
    """Orders to be delivered, by day and number."""
    query = select(PurchaseOrder).where(
        PurchaseOrder.kitchen == kitchen, col(PurchaseOrder.state).in_(COMMITTED - {REFUSE})
    )
    if not number:
        query = query.where(col(PurchaseOrder.delivery).between(first, last))
    rows = session.exec(query.order_by(col(PurchaseOrder.delivery), col(PurchaseOrder.rank)))
    return [row for row in rows if not number or row.number == number]
