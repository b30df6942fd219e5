"""What people change in draft orders: quantities, lines by hand, the theoretical again; never commits."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from cantine.errors import CantineError, ConflictError
from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import OrderLine
from cantine.planning.drafts import HAND, PLAN, WEEK, Draft, Place, append, create, drafts_of, follow_plan
from cantine.planning.order_lines import Market
from cantine.planning.ordered import Key, hold_orders
from cantine.planning.wanted import MARK, Wanted, mark_of, wanted
from cantine.suppliers.models import Offer, Supplier

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

Cell = tuple[bool, str, date]
"""One quantity of the page: whether it is one of the staples, offer, delivery."""


@dataclass(frozen=True)
class Shown:
    """What a page showed when its form was filled: mark of the plan, versions of the drafts."""

    mark: str
    versions: Mapping[Place, int]


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
    if any(not 0 <= count <= life.MOST for count in packs.values()):
        raise CantineError(life.TOO_MUCH)
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
    if not 1 <= packs <= life.MOST:
        raise CantineError(f"Une quantité va de 1 à {life.MOST} colis.")
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
        append(session, draft.order, [line])
    else:
        line.packs = min(life.MOST, line.packs + packs)
        session.add(line)
    life.hold(session, draft.order)
    life.note_event(session, draft.order, "change", actor, now, f"ajouté : {packs} × {line.name}")
    return line
