"""Deliveries as their page lists them: expected, begun, received; and what a supplier failed to bring."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.orders import life
from cantine.orders.models import PurchaseOrder
from cantine.orders.spend import WAITED_FOR
from cantine.stores.models import Reception, ReceptionLine
from cantine.stores.receptions import CLOSED, OPEN, is_short
from cantine.suppliers.models import Offer, Supplier

LATE, AHEAD, RECENT = timedelta(days=14), timedelta(days=7), timedelta(days=30)
RECORD = timedelta(days=365)


@dataclass(frozen=True)
class Expected:
    """An order to come, with the reception begun of it."""

    order: PurchaseOrder
    supplier: str
    products: int
    grams: int
    reception: int | None
    late: bool


@dataclass(frozen=True)
class Received:
    """A reception in the list: begun or closed."""

    reception: Reception
    supplier: str
    order: PurchaseOrder | None
    products: int
    checked: int
    refused: int
    short: int
    may_follow: bool


@dataclass(frozen=True)
class SupplierRecord:
    """What a supplier brought over a year: deliveries, lines refused, lines short."""

    supplier: str
    deliveries: int
    lines: int
    refused: int
    short: int
    reasons: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Deliveries:
    """The page « Réceptions »."""

    today: Sequence[Expected]
    late: Sequence[Expected]
    ahead: Sequence[Expected]
    begun: Sequence[Received]
    done: Sequence[Received]


def load_deliveries(session: Session, kitchen: str, today: date) -> Deliveries:
    """Orders expected around today, receptions begun, those closed of the last month."""
    expected = list(_expected(session, kitchen, today))
    rows = [*_receptions(session, kitchen, Reception.state == OPEN)]
    done = [*_receptions(session, kitchen, Reception.state == CLOSED, Reception.date >= today - RECENT)]
    return Deliveries(
        today=[one for one in expected if one.order.delivery == today],
        late=[one for one in expected if one.order.delivery < today],
        ahead=[one for one in expected if one.order.delivery > today],
        begun=rows,
        done=done,
    )


def _expected(session: Session, kitchen: str, today: date) -> Sequence[Expected]:
    orders = session.exec(
        select(PurchaseOrder, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(PurchaseOrder.supplier))
        .where(
            PurchaseOrder.kitchen == kitchen,
            col(PurchaseOrder.state).in_(WAITED_FOR),
            col(PurchaseOrder.delivery).between(today - LATE, today + AHEAD),
        )
        .order_by(col(PurchaseOrder.delivery), col(Supplier.name))
    ).all()
    numbers = [order.id for order, _ in orders]
    begun = dict(
        session.exec(
            select(col(Reception.order), col(Reception.id)).where(col(Reception.order).in_(numbers))
        ).all()
    )
    found = []
    for order, name in orders:
        coming = [line for line in life.lines_of(session, order) if life.expected_packs(line)]
        grams = sum(life.expected_packs(line) * line.pack_g for line in coming)
        found.append(
            Expected(order, name, len(coming), grams, begun.get(order.id), late=order.delivery < today)
        )
    return found


def _receptions(session: Session, kitchen: str, *conditions: bool) -> Sequence[Received]:
    rows = session.exec(
        select(Reception, Supplier.name, PurchaseOrder)
        .join(Supplier, col(Supplier.code) == col(Reception.supplier))
        .outerjoin(PurchaseOrder, col(PurchaseOrder.id) == col(Reception.order))
        .where(Reception.kitchen == kitchen, *conditions)
        .order_by(col(Reception.date).desc(), col(Reception.id).desc())
    ).all()
    lines = _lines(session, [reception.id for reception, *_ in rows])
    followed = {reception.order for reception, *_ in rows if reception.state == OPEN}
    return [
        _received(reception, name, order, lines[reception.id], followed) for reception, name, order in rows
    ]


def _received(
    reception: Reception,
    supplier: str,
    order: PurchaseOrder | None,
    lines: Sequence[ReceptionLine],
    followed: set[int | None],
) -> Received:
    short = sum(is_short(line) for line in lines)
    return Received(
        reception=reception,
        supplier=supplier,
        order=order,
        products=len(lines),
        checked=sum(line.accepted_g is not None for line in lines),
        refused=sum(bool(line.refusal) for line in lines),
        short=short,
        may_follow=bool(short and order is not None and order.id not in followed),
    )


def _lines(session: Session, numbers: Sequence[int | None]) -> dict[int | None, list[ReceptionLine]]:
    found: defaultdict[int | None, list[ReceptionLine]] = defaultdict(list)
    for line in session.exec(select(ReceptionLine).where(col(ReceptionLine.reception).in_(numbers))):
        found[line.reception].append(line)
    return found


def supplier_records(session: Session, kitchen: str, today: date) -> list[SupplierRecord]:
    """Refusals and shortages of the year by supplier, the worst first; those without any are left out."""
    rows = session.exec(
        select(ReceptionLine, Reception.id, Supplier.name)
        .join(Reception, col(Reception.id) == col(ReceptionLine.reception))
        .join(Supplier, col(Supplier.code) == col(Reception.supplier))
        .where(Reception.kitchen == kitchen, Reception.state == CLOSED, Reception.date >= today - RECORD)
    )
    lines: defaultdict[str, list[ReceptionLine]] = defaultdict(list)
    deliveries: defaultdict[str, set[int | None]] = defaultdict(set)
    for line, number, name in rows:
        lines[name].append(line)
        deliveries[name].add(number)
    records = [_record(name, len(deliveries[name]), mine) for name, mine in lines.items()]
    kept = [record for record in records if record.refused or record.short]
    return sorted(kept, key=lambda record: (-record.refused - record.short, record.supplier))


def _record(supplier: str, deliveries: int, lines: Sequence[ReceptionLine]) -> SupplierRecord:
    reasons: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if line.refusal:
            reasons[line.refusal] += 1
    short = sum(is_short(line) and not line.refusal for line in lines)
    most = sorted(reasons.items(), key=lambda item: -item[1])
    return SupplierRecord(supplier, deliveries, len(lines), sum(reasons.values()), short, most)


def sold_by(session: Session, supplier: str, day: date) -> Sequence[Offer]:
    """What a supplier sells on a day, by name."""
    query = select(Offer).where(Offer.supplier == supplier, Offer.valid_from <= day, Offer.valid_to >= day)
    return session.exec(query.order_by(col(Offer.name))).all()


def who_delivers(session: Session) -> list[tuple[str, str]]:
    """Code and name of every supplier, by name."""
    return list(session.exec(select(Supplier.code, Supplier.name).order_by(col(Supplier.name))).all())
