"""Grouped orders: several kitchens' orders to one supplier for one day, with what goes to each site.

Each kitchen keeps its own numbered order: a group changes no quantity and binds nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, and_, col, or_, select

from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.french import plural
from cantine.kitchens.models import Kitchen
from cantine.orders.life import Actor, get_order, hold, lines_of, note_event
from cantine.orders.models import OrderGroup, OrderLine, OutMessage, PurchaseOrder
from cantine.orders.states import ANNULE, APPROUVE, BROUILLON, STATE_KINDS, STATE_WORDS
from cantine.suppliers.models import Supplier

OPEN = frozenset({BROUILLON, APPROUVE})
"""Only what has not left may be grouped, or be taken out of a group."""
ON_ITS_WAY = frozenset({"a_envoyer", "en_cours", "a_verifier", "envoye"})
TWO = 2
SEVERAL = "Une commande groupée réunit au moins deux cuisines : cochez-en deux."
UNLIKE = "Une commande groupée va à un seul fournisseur, pour un seul jour."
LEFT = "La commande de {} est déjà partie, ou groupée : rechargez la page."
SENT = "Une des commandes est déjà partie : le groupe ne se défait plus."


@dataclass(frozen=True)
class Part:
    """One kitchen's order in a group, or that may join one."""

    order: PurchaseOrder
    kitchen: str
    total_ht: Decimal

    @property
    def words(self) -> str:
        """State in words."""
        return STATE_WORDS[self.order.state]

    @property
    def kind(self) -> str:
        """The sign beside them."""
        return STATE_KINDS[self.order.state]


@dataclass(frozen=True)
class Gathered:
    """Orders to one supplier for one day: grouped, or that may be."""

    supplier: Supplier
    delivery: date
    parts: tuple[Part, ...]
    group: OrderGroup | None = None

    @property
    def total_ht(self) -> Decimal:
        """Euros of all of them."""
        return sum((part.total_ht for part in self.parts), Decimal(0))

    @property
    def missing_ht(self) -> Decimal:
        """Euros short of the supplier's minimum, together."""
        return max(Decimal(0), self.supplier.min_order_ht - self.total_ht)

    @property
    def alone(self) -> int:
        """Orders that would not reach the minimum by themselves."""
        return sum(part.total_ht < self.supplier.min_order_ht for part in self.parts)

    @property
    def open(self) -> bool:
        """Whether none has left."""
        return all(part.order.state in OPEN for part in self.parts)


@dataclass(frozen=True)
class PackingRow:
    """One product: packs by site, in the order of the parts, and together."""

    name: str
    pack: str
    packs: tuple[int, ...]
    grams: int

    @property
    def total(self) -> int:
        """Packs of all sites."""
        return sum(self.packs)


def candidates(session: Session, kitchens: Mapping[str, str], today: date) -> list[Gathered]:
    """Orders of several of these kitchens (name by code) that may be grouped, the next deliveries first."""
    rows = session.exec(
        select(PurchaseOrder)
        .where(
            col(PurchaseOrder.kitchen).in_(kitchens),
            col(PurchaseOrder.state).in_(OPEN),
            col(PurchaseOrder.group).is_(None),
            PurchaseOrder.delivery >= today,
        )
        .order_by(col(PurchaseOrder.delivery), col(PurchaseOrder.supplier), col(PurchaseOrder.kitchen))
    )
    visits: defaultdict[tuple[str, date], list[PurchaseOrder]] = defaultdict(list)
    for order in rows:
        visits[order.supplier, order.delivery].append(order)
    return [
        _gathered(session, orders, kitchens)
        for orders in visits.values()
        if len({order.kitchen for order in orders}) >= TWO
    ]


def groups_of(session: Session, kitchens: Mapping[str, str], today: date) -> list[Gathered]:
    """Groups to come in which one of these kitchens takes part, with their parts."""
    groups = session.exec(
        select(OrderGroup).where(OrderGroup.delivery >= today).order_by(col(OrderGroup.delivery))
    )
    found = (gathered(session, group, kitchens) for group in groups)
    return [one for one in found if one.parts]


def get_group(session: Session, group_id: int, kitchens: Collection[str]) -> OrderGroup:
    """A group in which one of these kitchens takes part.

    Raises:
        NotFoundError: none such.
    """
    group = session.get(OrderGroup, group_id)
    mine = select(PurchaseOrder.id).where(
        PurchaseOrder.group == group_id, col(PurchaseOrder.kitchen).in_(kitchens)
    )
    if group is None or session.exec(mine.limit(1)).first() is None:
        raise NotFoundError("Cette commande groupée n'existe pas, ou plus.")
    return group


def gathered(session: Session, group: OrderGroup, kitchens: Mapping[str, str]) -> Gathered:
    """A group with the parts of these kitchens."""
    rows = session.exec(
        select(PurchaseOrder)
        .where(
            PurchaseOrder.group == group.id,
            PurchaseOrder.state != ANNULE,
            col(PurchaseOrder.kitchen).in_(kitchens),
        )
        .order_by(col(PurchaseOrder.kitchen))
    ).all()
    if not rows:
        return Gathered(session.get_one(Supplier, group.supplier), group.delivery, (), group)
    return _gathered(session, rows, kitchens, group)


def _gathered(
    session: Session,
    orders: Sequence[PurchaseOrder],
    kitchens: Mapping[str, str],
    group: OrderGroup | None = None,
) -> Gathered:
    parts = tuple(
        Part(
            order,
            kitchens[order.kitchen],
            sum((line.total_ht for line in lines_of(session, order)), Decimal(0)),
        )
        for order in orders
    )
    first = orders[0]
    return Gathered(session.get_one(Supplier, first.supplier), first.delivery, parts, group)


def packing(session: Session, found: Gathered) -> tuple[PackingRow, ...]:
    """What goes to each site, product by product."""
    rows: dict[str, tuple[OrderLine, list[int]]] = {}
    for place, part in enumerate(found.parts):
        for line in lines_of(session, part.order):
            _, packs = rows.setdefault(line.offer, (line, [0] * len(found.parts)))
            packs[place] += line.packs
    listed = (
        PackingRow(line.name, line.pack_label, tuple(packs), sum(packs) * line.pack_g)
        for line, packs in rows.values()
        if any(packs)
    )
    return tuple(sorted(listed, key=lambda row: row.name))


def form_group(session: Session, ids: Collection[int], actor: Actor, now: datetime) -> OrderGroup:
    """Put orders together, to be sent as one with a packing list by site; never commits.

    Raises:
        CantineError: fewer than two kitchens, or several suppliers or days.
        ConflictError: one has left, or is in a group already.
    """
    orders = [get_order(session, key) for key in sorted(ids)]
    for order in orders:
        hold(session, order)
    if len({order.kitchen for order in orders}) < TWO:
        raise CantineError(SEVERAL)
    if len({(order.supplier, order.delivery) for order in orders}) > 1:
        raise CantineError(UNLIKE)
    for order in orders:
        if order.state not in OPEN or order.group is not None or _on_its_way(session, order):
            raise ConflictError(LEFT.format(session.get_one(Kitchen, order.kitchen).name))
    group = OrderGroup(
        supplier=orders[0].supplier,
        delivery=orders[0].delivery,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(group)
    session.flush()
    for order in orders:
        order.group = group.id
        note_event(session, order, "groupe", actor, now, plural(len(orders), "commande"))
    return group


def undo_group(session: Session, group: OrderGroup, actor: Actor, now: datetime) -> None:
    """Each order is by itself again, the group stays empty: mails and links may name it; never commits.

    Raises:
        ConflictError: one of them has left.
    """
    orders = session.exec(
        select(PurchaseOrder).where(PurchaseOrder.group == group.id).order_by(col(PurchaseOrder.id))
    ).all()
    for order in orders:
        hold(session, order)
    here = [order for order in orders if order.state != ANNULE]
    if any(order.state not in OPEN or _on_its_way(session, order) for order in here):
        raise ConflictError(SENT)
    for order in orders:
        order.group = None
        note_event(session, order, "degroupe", actor, now)


def _on_its_way(session: Session, order: PurchaseOrder) -> bool:
    """Whether a mail of this version, or of its group, waits, left or may have left."""
    whose = and_(OutMessage.order == order.id, OutMessage.order_version == order.order_version)
    if order.group is not None:
        whose = or_(whose, OutMessage.group == order.group)
    query = select(OutMessage.id).where(whose, col(OutMessage.state).in_(ON_ITS_WAY))
    return session.exec(query.limit(1)).first() is not None
