"""Papers of orders: bons de commande, the batch of a producer, its round and its packing list."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cantine.orders.models import PurchaseOrder
from cantine.orders.states import COMMITTED, REFUSE
from cantine.reports.head import period_words
from cantine.reports.order_figures import OrderPaper
from cantine.reports.order_reading import order_paper
from cantine.reports.order_xml import NAME, order_xml
from cantine.reports.paper import Sheet
from cantine.reports.round_figures import round_of
from cantine.reports.xmp import Hybrid

ORDER, BATCH, ROUND, PACKING = "bon-de-commande", "lot-fournisseur", "tournee", "repartition"
ORDER_PAPERS = (ORDER, BATCH, ROUND, PACKING)
LEVEL = "COMFORT"
SIZES = ("", "font-size:9pt;line-height:1.22", "font-size:8.5pt;line-height:1.15")
"""The signature stays with the lines where the order nearly holds on a page."""
NUMBER = (col(PurchaseOrder.year), col(PurchaseOrder.rank))


@dataclass(frozen=True)
class Asked:
    """Which orders: those delivered between two dates, all of them where a name is empty.

    Attributes:
        number: of one order, whatever its day.
    """

    first: date
    last: date
    today: date
    kitchen: str = ""
    supplier: str = ""
    number: str = ""


def order_sheet(session: Session, order: PurchaseOrder, today: date) -> Sheet:
    """The bon de commande of one order, its XML with it."""
    paper = order_paper(session, order, today)
    kind = "ORDER_CHANGE" if paper.version > 1 else "ORDER"
    twin = Hybrid(NAME, order_xml(paper), "Commande au format Order-X", kind, LEVEL)
    return Sheet(paper.stem, "order.html", paper.head, paper, SIZES, twin)


def packing_sheet(session: Session, orders: Sequence[PurchaseOrder], today: date) -> Sheet:
    """How the packs of several orders of one supplier are shared between the sites."""
    papers = [order_paper(session, order, today) for order in orders]
    return _packing(papers, orders[0].supplier)


def order_sheets(session: Session, name: str, asked: Asked) -> dict[str, list[Sheet]]:
    """Sheets of a paper by file; a batch is one file for each supplier, the others a file for each sheet."""
    orders = _orders(session, asked)
    if name == ORDER:
        made = [order_sheet(session, order, asked.today) for order in orders]
        return {f"{sheet.stem}-{order.kitchen}": [sheet] for sheet, order in zip(made, orders, strict=True)}
    by_supplier: defaultdict[str, list[PurchaseOrder]] = defaultdict(list)
    for order in orders:
        by_supplier[order.supplier].append(order)
    return {
        f"{name}-{supplier}-{asked.first.isoformat()}": _of_supplier(session, name, own, asked)
        for supplier, own in sorted(by_supplier.items())
    }


def _of_supplier(session: Session, name: str, orders: Sequence[PurchaseOrder], asked: Asked) -> list[Sheet]:
    papers = [order_paper(session, order, asked.today) for order in orders]
    supplier = orders[0].supplier
    if name == ROUND:
        return [_round(papers, supplier, asked)]
    if name == PACKING:
        return [_packing(papers, supplier)]
    bons = [order_sheet(session, order, asked.today) for order in orders]
    return [_round(papers, supplier, asked), _packing(papers, supplier), *bons]


def _round(papers: Sequence[OrderPaper], supplier: str, asked: Asked) -> Sheet:
    period = period_words(asked.first, asked.last)
    figures = round_of(papers, "Feuille de tournée", period)
    return Sheet(f"{ROUND}-{supplier}-{asked.first.isoformat()}", "round.html", figures.head, figures)


def _packing(papers: Sequence[OrderPaper], supplier: str) -> Sheet:
    days = [paper.delivery for paper in papers]
    figures = round_of(papers, "Répartition par site", period_words(min(days), max(days)))
    return Sheet(f"{PACKING}-{supplier}-{min(days).isoformat()}", "packing.html", figures.head, figures)


def _orders(session: Session, asked: Asked) -> list[PurchaseOrder]:
    """Approved orders that may still come or came; a refused one is no paper to deliver from."""
    query = select(PurchaseOrder).where(col(PurchaseOrder.state).in_(COMMITTED - {REFUSE}))
    if asked.number:
        year, _, rank = asked.number.partition("-")
        numbers = (int(text) if text.isdigit() else 0 for text in (year, rank))
        query = query.where(*(column == n for column, n in zip(NUMBER, numbers, strict=True)))
    else:
        query = query.where(col(PurchaseOrder.delivery).between(asked.first, asked.last))
    if asked.kitchen:
        query = query.where(PurchaseOrder.kitchen == asked.kitchen)
    if asked.supplier:
        query = query.where(PurchaseOrder.supplier == asked.supplier)
    ordered = query.order_by(
        col(PurchaseOrder.delivery), col(PurchaseOrder.supplier), col(PurchaseOrder.kitchen)
    )
    return list(session.exec(ordered.order_by(col(PurchaseOrder.id))))
