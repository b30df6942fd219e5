"""Orders as their pages show them: the list by state, one order with its versions, events and answers."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from cantine.accounts.models import User
from cantine.orders.life import events_of, expected_packs, lines_of
from cantine.orders.links import links_of
from cantine.orders.models import (
    OrderGroup,
    OrderLine,
    PurchaseOrder,
    SupplierAnswer,
    SupplierAnswerLine,
)
from cantine.orders.states import (
    AMENDE,
    ANNULE,
    APPROUVE,
    BROUILLON,
    CONFIRME,
    ENVOYE,
    FACTURE,
    MODIFIE,
    RECU,
    REFUSE,
    STATE_KINDS,
    STATE_WORDS,
    STEP_WORDS,
    TRANSITIONS,
)
from cantine.suppliers.models import Supplier

PAGE = 50
FILTERS: Mapping[str, tuple[str, frozenset[str]]] = {
    BROUILLON: ("À approuver", frozenset({BROUILLON})),
    APPROUVE: ("À envoyer", frozenset({APPROUVE})),
    ENVOYE: ("Sans réponse", frozenset({ENVOYE})),
    CONFIRME: ("Confirmées", frozenset({CONFIRME})),
    MODIFIE: ("Changées ou refusées", frozenset({MODIFIE, REFUSE})),
    RECU: ("Reçues", frozenset({RECU})),
    FACTURE: ("Facturées", frozenset({FACTURE})),
    ANNULE: ("Annulées", frozenset({ANNULE})),
}
"""What the list may be narrowed to: word and states."""


@dataclass(frozen=True)
class Row:
    """One order of the list."""

    id: int
    number: str
    supplier: str
    delivery: date
    state: str
    products: int
    total_ht: Decimal
    short: int
    """Lines of which less comes than ordered."""
    group: int | None
    version: int
    staples: bool

    @property
    def words(self) -> str:
        """Its state in words."""
        return STATE_WORDS[self.state]

    @property
    def kind(self) -> str:
        """The sign beside them."""
        return STATE_KINDS[self.state]


@dataclass(frozen=True)
class Listed:
    """A page of the list, with how many orders each filter holds."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    total: int
    suppliers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    """One event in words."""

    at: datetime
    words: str
    who: str
    detail: str
    version: int


@dataclass(frozen=True)
class Compared:
    """One line over the versions of an order."""

    line: OrderLine
    packs: tuple[int | None, ...]
    """By version, the first first; empty where the version had no such line."""
    expected: int
    note: str

    @property
    def short(self) -> bool:
        """Whether less comes than what is ordered."""
        return self.expected < self.line.packs


@dataclass(frozen=True)
class Sheet:
    """One order with everything that happened to it."""

    order: PurchaseOrder
    supplier: Supplier
    lines: tuple[Compared, ...]
    events: tuple[Told, ...]
    answers: tuple[SupplierAnswer, ...]
    group: OrderGroup | None
    linked: bool
    """Whether a link was made for its supplier: an order that left otherwise has none to close."""

    @property
    def words(self) -> str:
        """Its state in words."""
        return STATE_WORDS[self.order.state]

    @property
    def kind(self) -> str:
        """The sign beside them."""
        return STATE_KINDS[self.order.state]

    @property
    def total_ht(self) -> Decimal:
        """Euros of the goods ordered."""
        return sum((line.line.total_ht for line in self.lines), Decimal(0))

    @property
    def short(self) -> tuple[Compared, ...]:
        """Lines of which less comes."""
        return tuple(line for line in self.lines if line.short)

    @property
    def reasons(self) -> Mapping[str, str]:
        """What is asked for beside the acts that need a reason."""
        return {AMENDE: "Pourquoi rectifier", ANNULE: "Pourquoi annuler"}

    def may(self, kind: str) -> bool:
        """Whether a step may be taken now."""
        return self.order.state in TRANSITIONS[kind].sources


def list_orders(
    session: Session,
    kitchen: str,
    today: date,
    *,
    state: str = "",
    supplier: str = "",
    monday: date | None = None,
    page: int = 1,
) -> Listed:
    """Orders of a kitchen, the next deliveries first, then those past; cancelled ones only when asked."""
    counts: Counter[str] = Counter()
    by_state = select(col(PurchaseOrder.state), func.count()).where(PurchaseOrder.kitchen == kitchen)
    for name, count in session.exec(by_state.group_by(col(PurchaseOrder.state))):
        counts[next(key for key, (_, states) in FILTERS.items() if name in states)] += count
    states = FILTERS[state][1] if state in FILTERS else frozenset(STATE_WORDS) - {ANNULE}
    here = [col(PurchaseOrder.kitchen) == kitchen, col(PurchaseOrder.state).in_(states)]
    if supplier:
        here.append(col(PurchaseOrder.supplier) == supplier)
    if monday:
        here.append(col(PurchaseOrder.delivery).between(monday, date.fromordinal(monday.toordinal() + 6)))
    total = session.exec(select(func.count()).select_from(PurchaseOrder).where(*here)).one()
    query = (
        select(PurchaseOrder, Supplier.name)
        .join(Supplier, col(Supplier.code) == col(PurchaseOrder.supplier))
        .where(*here)
        .order_by(*_next_first(today), col(Supplier.name), col(PurchaseOrder.id))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    found = session.exec(query).all()
    lines = _lines(session, [order for order, _ in found])
    known = session.exec(
        select(col(Supplier.code), col(Supplier.name))
        .where(
            col(Supplier.code).in_(
                select(col(PurchaseOrder.supplier)).where(PurchaseOrder.kitchen == kitchen)
            )
        )
        .order_by(col(Supplier.name))
    ).all()
    rows = tuple(_row(order, name, lines.get(order.id or 0, [])) for order, name in found)
    return Listed(rows, counts, total, tuple((code, name) for code, name in known))


def _next_first(today: date) -> tuple[ColumnElement[Any], ...]:
    coming = col(PurchaseOrder.delivery) >= today
    soonest = case((coming, col(PurchaseOrder.delivery)))
    return case((coming, 0), else_=1), soonest, col(PurchaseOrder.delivery).desc()


def _lines(session: Session, orders: Collection[PurchaseOrder]) -> dict[int, list[OrderLine]]:
    versions = {order.id: order.order_version for order in orders}
    found: dict[int, list[OrderLine]] = {}
    for line in session.exec(select(OrderLine).where(col(OrderLine.order).in_(versions))):
        if line.version == versions[line.order]:
            found.setdefault(line.order, []).append(line)
    return found


def _row(order: PurchaseOrder, supplier: str, lines: Sequence[OrderLine]) -> Row:
    return Row(
        id=order.id or 0,
        number=order.number,
        supplier=supplier,
        delivery=order.delivery,
        state=order.state,
        products=sum(bool(line.packs) for line in lines),
        total_ht=sum((line.total_ht for line in lines), Decimal(0)),
        short=sum(expected_packs(line) < line.packs for line in lines),
        group=order.group,
        version=order.order_version,
        staples=order.source == "epicerie",
    )


def sheet_of(session: Session, order: PurchaseOrder) -> Sheet:
    """One order as its page shows it."""
    versions = [lines_of(session, order, number) for number in range(1, order.order_version + 1)]
    answers = session.exec(
        select(SupplierAnswer).where(SupplierAnswer.order == order.id).order_by(col(SupplierAnswer.id))
    ).all()
    notes = _notes(session, answers[-1]) if answers else {}
    return Sheet(
        order=order,
        supplier=session.get_one(Supplier, order.supplier),
        lines=tuple(
            Compared(
                line=line,
                packs=tuple(_packs(lines, line.position) for lines in versions),
                expected=expected_packs(line),
                note=notes.get(line.id or 0, ""),
            )
            for line in versions[-1]
        ),
        events=tuple(_events(session, order)),
        answers=tuple(answers),
        group=session.get(OrderGroup, order.group) if order.group else None,
        linked=bool(links_of(session, order)),
    )


def _packs(lines: Sequence[OrderLine], position: int) -> int | None:
    return next((line.packs for line in lines if line.position == position), None)


def _notes(session: Session, answer: SupplierAnswer) -> dict[int, str]:
    rows = session.exec(select(SupplierAnswerLine).where(SupplierAnswerLine.answer == answer.id))
    return {row.line: row.note for row in rows}


def _events(session: Session, order: PurchaseOrder) -> list[Told]:
    events = events_of(session, order)
    ids = {event.user_id for event in events if event.user_id}
    names = dict(session.exec(select(col(User.id), col(User.name)).where(col(User.id).in_(ids))).all())
    return [
        Told(
            at=event.at,
            words=STEP_WORDS.get(event.kind, event.kind),
            who=names.get(event.user_id, "") or event.who or "cantine",
            detail=event.detail,
            version=event.order_version,
        )
        for event in reversed(events)
    ]


def waiting(session: Session, kitchen: str, today: date) -> Mapping[str, int]:
    """What orders wait for: drafts to approve, orders to send, answers nobody has looked at."""
    here = PurchaseOrder.kitchen == kitchen, PurchaseOrder.delivery >= today
    by_state = dict(
        session.exec(
            select(col(PurchaseOrder.state), func.count()).where(*here).group_by(col(PurchaseOrder.state))
        ).all()
    )
    unseen = session.exec(
        select(func.count())
        .select_from(SupplierAnswer)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(SupplierAnswer.order))
        .where(
            PurchaseOrder.kitchen == kitchen,
            col(SupplierAnswer.seen_at).is_(None),
            col(SupplierAnswer.kind).in_({MODIFIE, REFUSE}),
            col(PurchaseOrder.state).in_({MODIFIE, REFUSE}),
        )
    ).one()
    return {
        BROUILLON: by_state.get(BROUILLON, 0),
        APPROUVE: by_state.get(APPROUVE, 0),
        "reponses": unseen,
    }
