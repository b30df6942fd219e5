"""Draft orders: made from what the plan asks, following it where nobody changed them by hand.

One draft a supplier, a delivery and a source. A line is changed by hand where its packs are not those the
plan asks (``theoretical_packs``): it keeps them when the plan moves, and the page says what is asked now.
Every function holds the orders of the kitchen first; none commits.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.errors import CantineError, ConflictError
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.purchases import buyer_of
from cantine.orders.states import BROUILLON
from cantine.planning.ordered import STAPLES, Key, hold_orders
from cantine.planning.wanted import MARK, Wanted, mark_of, wanted
from cantine.suppliers.market import Reachable, reachable_offers
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.prices import estimated_on, load_seasons

PLAN, HAND = "plan", "main"
CANTINE = Actor(who="cantine")
MOST = 9999
WEEK = timedelta(days=7)
PLAN_MOVED = (
    "Le plan ou les commandes ont changé depuis l'affichage : rien n'est enregistré. "
    "Voici les quantités de maintenant : refaites vos changements."
)
ADDED = (
    "Les commandes ont changé depuis l'affichage : regardez si ce produit n'est pas déjà ajouté. "
    "Rien d'autre n'est enregistré."
)
DRAFT_MOVED = (
    "Un collègue a changé la commande de {} depuis l'affichage : rien n'est enregistré. "
    "Voici ses quantités : refaites vos changements."
)

Visit = tuple[str, date]
"""A supplier and a delivery."""
Place = tuple[bool, str, date]
"""A draft: whether it is one of staples, supplier, delivery."""
Cell = tuple[bool, str, date]
"""One quantity of the page: whether it is one of the staples, offer, delivery."""


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


@dataclass(frozen=True)
class Shown:
    """What a page showed when its form was filled: mark of the plan, versions of the drafts."""

    mark: str
    versions: Mapping[Place, int]


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
    session: Session, draft: Draft, asked: Mapping[Key, Wanted], market: "Market", now: datetime
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
    _append(session, draft.order, [market.line(want) for want in mine.values()])
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
    _append(session, order, lines)
    life.note_event(session, order, "cree", actor, now)
    return order


def _append(session: Session, order: PurchaseOrder, lines: Iterable[OrderLine]) -> None:
    last = max((line.position for line in life.lines_of(session, order)), default=0)
    for position, line in enumerate(lines, last + 1):
        line.order, line.position = order.id or 0, position
        session.add(line)
    session.flush()


def set_packs(
    session: Session,
    kitchen: str,
    packs: Mapping[Cell, int],
    shown: Shown,
    today: date,
    actor: Actor,
    now: datetime,
) -> int:
    """Write the quantities of a page; how many moved.

    Raises:
        ConflictError: the plan, or one of the drafts that change, moved since the page was shown.
        CantineError: a quantity cannot be.
    """
    if any(not 0 <= count <= MOST for count in packs.values()):
        raise CantineError(f"Une quantité va de 0 à {MOST} colis.")
    hold_orders(session, kitchen)
    if mark_of(wanted(session, kitchen, today).values()) != shown.mark:
        raise ConflictError(PLAN_MOVED)
    before = {d.place: d.order.version for d in drafts_of(session, kitchen, today)}
    asked = follow_plan(session, kitchen, today, now)
    drafts = {draft.place: draft for draft in drafts_of(session, kitchen, today)}
    changes: defaultdict[Place, dict[str, int]] = defaultdict(dict)
    for (staples, code, delivery), count in packs.items():
        offer = session.get(Offer, code)
        if offer is None:
            raise ConflictError(PLAN_MOVED)
        place = staples, offer.supplier, delivery
        if count != _packs_now(drafts.get(place), asked.get((code, delivery)), code):
            changes[place][code] = count
    for place, moved in changes.items():
        if before.get(place, 0) != shown.versions.get(place, 0):
            raise ConflictError(DRAFT_MOVED.format(session.get_one(Supplier, place[1]).name))
        draft = drafts.get(place) or _begin(session, kitchen, place, asked, today, actor, now)
        _write(session, draft, moved, actor, now)
    return sum(map(len, changes.values()))


def _packs_now(draft: Draft | None, want: Wanted | None, code: str) -> int:
    line = draft.line(code) if draft else None
    if line is not None:
        return line.packs
    return want.packs if want else 0


def _begin(
    session: Session,
    kitchen: str,
    place: Place,
    asked: Mapping[Key, Wanted],
    today: date,
    actor: Actor,
    now: datetime,
) -> Draft:
    """The draft of a delivery that has none, as the plan asks it."""
    staples, *visit = place
    wants = [w for w in asked.values() if [w.offer.supplier, w.delivery] == visit]
    if staples or not wants:
        raise ConflictError(PLAN_MOVED)
    market = Market.load(session, kitchen, today)
    order = create(session, kitchen, place[1:], PLAN, [market.line(w) for w in wants], actor, now)
    return Draft(order, tuple(life.lines_of(session, order)))


def _write(session: Session, draft: Draft, moved: Mapping[str, int], actor: Actor, now: datetime) -> None:
    """Change some packs of one draft."""
    words = []
    for code, count in moved.items():
        line = draft.line(code)
        if line is None:
            raise ConflictError(PLAN_MOVED)
        words.append(f"{line.name} {line.packs} → {count}")
        line.packs = count
        session.add(line)
        if not count and not line.theoretical_packs:
            session.delete(line)
    life.hold(session, draft.order)
    life.note_event(session, draft.order, "change", actor, now, ", ".join(words))
    if not life.lines_of(session, draft.order):
        life.cancel(session, draft.order, actor, now, "Plus aucune ligne.")


def to_theory(session: Session, kitchen: str, monday: date, today: date, actor: Actor, now: datetime) -> int:
    """« Revenir au théorique » for every draft of a week; how many lines moved."""
    follow_plan(session, kitchen, today, now)
    count = 0
    for draft in drafts_of(session, kitchen, today):
        if not monday <= draft.order.delivery < monday + WEEK:
            continue
        moved = [line for line in draft.lines if line.packs != line.theoretical_packs]
        for line in moved:
            line.packs = line.theoretical_packs
            session.add(line)
            if not line.packs:
                session.delete(line)
        if moved:
            life.hold(session, draft.order)
            life.note_event(session, draft.order, "change", actor, now, "revenue au théorique")
        if not life.lines_of(session, draft.order):
            life.cancel(session, draft.order, actor, now, "Plus aucune ligne.")
        count += len(moved)
    return count


def mark_of_drafts(drafts: Iterable[Draft]) -> str:
    """A short mark of the drafts: the same only while nobody, not even a double click, changed one."""
    content = [(draft.order.id, draft.order.version) for draft in drafts]
    return hashlib.sha256(repr(content).encode()).hexdigest()[:MARK]


def add_line(
    session: Session,
    kitchen: str,
    code: str,
    delivery: date,
    packs: int,
    shown: str,
    today: date,
    actor: Actor,
    now: datetime,
) -> OrderLine:
    """Packs of an offer of the market, added by hand to the order of its supplier for a delivery.

    ``shown`` is the mark of the drafts when the page was shown.

    Raises:
        ConflictError: a draft changed since; a double click is told that it was added already.
        CantineError: the quantity cannot be, or nobody sells that for that day.
    """
    if not 1 <= packs <= MOST:
        raise CantineError(f"Une quantité va de 1 à {MOST} colis.")
    hold_orders(session, kitchen)
    if mark_of_drafts(drafts_of(session, kitchen, today)) != shown:
        raise ConflictError(ADDED)
    asked = follow_plan(session, kitchen, today, now)
    market = Market.load(session, kitchen, today)
    item = market.on_sale(code, delivery)
    if item is None:
        raise CantineError("Ce produit n'est pas en vente pour cette livraison : choisissez une autre date.")
    visit = item.offer.supplier, delivery
    drafts = drafts_of(session, kitchen, today)
    draft = next((d for d in drafts if d.visit == visit and not d.staples), None)
    if draft is None:
        wants = [w for w in asked.values() if (w.offer.supplier, w.delivery) == visit]
        source = PLAN if wants else HAND
        order = create(session, kitchen, visit, source, [market.line(w) for w in wants], actor, now)
        draft = Draft(order, tuple(life.lines_of(session, order)))
    line = draft.line(code)
    if line is None:
        line = market.line_of(item.offer, delivery, packs, 0, 0, item.price_ht)
        _append(session, draft.order, [line])
    else:
        line.packs = min(MOST, line.packs + packs)
        session.add(line)
    life.hold(session, draft.order)
    life.note_event(session, draft.order, "change", actor, now, f"ajouté : {packs} × {line.name}")
    return line


class Market:
    """The offers that a kitchen may order, and how they are written in an order."""

    def __init__(self, session: Session, items: Iterable[Reachable]) -> None:
        """Keep the offers by code, each of their prices apart."""
        self.items: defaultdict[str, list[Reachable]] = defaultdict(list)
        self.seasons = load_seasons(session)
        for item in items:
            self.items[item.offer.code].append(item)

    @classmethod
    def load(cls, session: Session, kitchen: str, today: date, days: int = 75) -> "Market":
        """The market of a kitchen from today on."""
        row, km = get_kitchen(session, kitchen), load_settings(session).local_km
        return cls(session, reachable_offers(session, row, today, today + timedelta(days=days), km))

    def on_sale(self, code: str, delivery: date) -> Reachable | None:
        """The offer at its price of a day, where it is sold then."""
        return next((item for item in self.items.get(code, ()) if item.on_sale(delivery)), None)

    def distance(self, code: str) -> float | None:
        """Kilometres of a local offer."""
        item = next(iter(self.items.get(code, ())), None)
        return item.distance_km if item and item.local else None

    def line(self, want: Wanted) -> OrderLine:
        """What the plan asks, as a line of an order to come."""
        return self.line_of(want.offer, want.delivery, want.packs, want.packs, want.needed_g, want.price_ht)

    def line_of(
        self, offer: Offer, delivery: date, packs: int, theoretical: int, needed_g: int, price_ht: Decimal
    ) -> OrderLine:
        """One line, with everything that is printed or counted of the offer as it is today."""
        return OrderLine(
            order=0,
            position=1,
            offer=offer.code,
            food=offer.food,
            name=offer.name,
            reference=offer.reference,
            pack_g=offer.pack_g,
            pack_label=offer.pack_label,
            packs=packs,
            theoretical_packs=theoretical,
            needed_g=needed_g,
            price_ht=price_ht,
            estimated_price=estimated_on(offer, delivery),
            vat_permille=offer.vat_permille,
            labels=offer.labels,
            origin_country=offer.origin_country,
            intermediaries=offer.intermediaries,
            local_km=self.distance(offer.code),
            lot=offer.lot,
        )
