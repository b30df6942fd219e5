"""Producers' answers as the buyer reads them: new ones first, what changes in packs and in euros."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.orders.life import lines_of
from cantine.orders.models import PurchaseOrder, SupplierAnswer, SupplierAnswerLine
from cantine.orders.states import MODIFIE, REFUSE, STATE_KINDS, WITH_SUPPLIER
from cantine.suppliers.models import Supplier

SHOWN = 100
GONE = "Cette réponse n'existe pas, ou plus."
WORDS = {"confirme": "confirmée", "modifie": "changée", "refuse": "refusée"}


@dataclass(frozen=True)
class Changed:
    """A line of which less comes than ordered, or on which something is said."""

    name: str
    offer: str
    pack: str
    ordered: int
    coming: int
    price_ht: Decimal
    note: str

    @property
    def difference_ht(self) -> Decimal:
        """Euros less."""
        return (self.coming - self.ordered) * self.price_ht


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        current: it speaks of the version in force, and nothing was received yet.
        latest: no later answer to the same order.
    """

    id: int
    order: PurchaseOrder
    supplier: str
    version: int
    kind: str
    at: datetime
    note: str
    new: bool
    by_link: bool
    changes: tuple[Changed, ...]
    current: bool
    latest: bool

    @property
    def words(self) -> str:
        """What it comes to."""
        return WORDS[self.kind]

    @property
    def sign(self) -> str:
        """Kind of the sign beside the word."""
        return STATE_KINDS[self.kind]

    @property
    def difference_ht(self) -> Decimal:
        """Euros less, all lines."""
        return sum((change.difference_ht for change in self.changes), Decimal(0))

    @property
    def to_mend(self) -> bool:
        """Whether the plan counts on packs that will not come."""
        return self.current and self.latest and self.kind in {MODIFIE, REFUSE}


def answers_for(session: Session, kitchen: str, since: date | None = None) -> list[Answer]:
    """Answers to the orders of a kitchen, those nobody read first; delivered from ``since`` on, if given."""
    query = (
        select(SupplierAnswer, PurchaseOrder, Supplier.name)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(SupplierAnswer.order))
        .join(Supplier, col(Supplier.code) == col(PurchaseOrder.supplier))
        .where(PurchaseOrder.kitchen == kitchen)
        .order_by(col(SupplierAnswer.seen_at).is_not(None), col(SupplierAnswer.id).desc())
        .limit(SHOWN)
    )
    if since is not None:
        query = query.where(PurchaseOrder.delivery >= since)
    rows = session.exec(query).all()
    latest: dict[int, int] = {}
    for answer, _, _ in rows:
        latest[answer.order] = max(answer.id or 0, latest.get(answer.order, 0))
    return [
        _answer(session, answer, order, name, latest=latest[answer.order] == answer.id)
        for answer, order, name in rows
    ]


def get_answer(session: Session, number: int, kitchen: str) -> SupplierAnswer:
    """An answer to an order of a kitchen.

    Raises:
        NotFoundError: none such.
    """
    answer = session.get(SupplierAnswer, number)
    order = session.get(PurchaseOrder, answer.order) if answer else None
    if answer is None or order is None or order.kitchen != kitchen:
        raise NotFoundError(GONE)
    return answer


def see_answer(session: Session, answer: SupplierAnswer, by: int | None, now: datetime) -> None:
    """Somebody read it."""
    if answer.seen_at is None:
        answer.seen_at, answer.seen_by = now, by
        session.add(answer)


def see_all(session: Session, kitchen: str, by: int | None, now: datetime) -> None:
    """Somebody read every answer of a kitchen."""
    mine = select(PurchaseOrder.id).where(PurchaseOrder.kitchen == kitchen)
    new = select(SupplierAnswer).where(
        col(SupplierAnswer.order).in_(mine), col(SupplierAnswer.seen_at).is_(None)
    )
    for answer in session.exec(new):
        see_answer(session, answer, by, now)


def last_answer(session: Session, order: PurchaseOrder) -> SupplierAnswer | None:
    """The last answer to the version in force."""
    query = select(SupplierAnswer).where(
        SupplierAnswer.order == order.id, SupplierAnswer.order_version == order.order_version
    )
    return session.exec(query.order_by(col(SupplierAnswer.id).desc())).first()


def _answer(
    session: Session, answer: SupplierAnswer, order: PurchaseOrder, supplier: str, *, latest: bool
) -> Answer:
    said = {
        row.line: row
        for row in session.exec(select(SupplierAnswerLine).where(SupplierAnswerLine.answer == answer.id))
    }
    changes = tuple(
        Changed(
            name=line.name,
            offer=line.offer,
            pack=line.pack_label or "colis",
            ordered=line.packs,
            coming=said[line.id or 0].packs,
            price_ht=line.price_ht,
            note=said[line.id or 0].note,
        )
        for line in lines_of(session, order, answer.order_version)
        if line.id in said
    )
    return Answer(
        id=answer.id or 0,
        order=order,
        supplier=supplier,
        version=answer.order_version,
        kind=answer.kind,
        at=answer.at,
        note=answer.note,
        new=answer.seen_at is None,
        by_link=answer.link is not None,
        changes=changes,
        current=answer.order_version == order.order_version and order.state in WITH_SUPPLIER,
        latest=latest,
    )
