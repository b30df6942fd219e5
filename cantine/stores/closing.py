"""Closing a reception: its food goes into the stock, its cost into the purchases; and correcting it after."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.accounts import journal
from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.french import kg
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.versions import Stamp
from cantine.orders import life, purchases
from cantine.orders.models import OrderLine
from cantine.orders.states import APPROUVE, FACTURE
from cantine.stores import ledger, receptions
from cantine.stores.models import Reception, ReceptionLine, StockMove
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.models import Offer, Supplier

SUBJECT = "réception"
WHY = "Dites en quelques mots pourquoi\u00a0: la raison est gardée avec la réception."
NOTHING = "Cette réception n'a aucun produit\u00a0: ajoutez ce qui est arrivé, ou laissez-la ouverte."
VAT_PERMILLE = 55
Change = tuple[ReceptionLine, Food, date, int]
"""A line, its food, the day of the lot, and grams to add or take."""


def close(session: Session, reception: Reception, who: Stamp) -> None:
    """Stock in, purchases written, the order received: together or not at all. The reception must be held.

    Closed again after a correction, only what differs from the first time is moved.

    Raises:
        CantineError: lines are still to be checked, or a correction takes out food already used.
    """
    lines = receptions.lines_of(session, reception)
    _refuse_unchecked(lines)
    foods = {line.food: session.get_one(Food, line.food) for line in lines}
    for line, food, day, grams in sorted(_changes(session, reception, lines, foods), key=_key):
        _move(session, reception, line, food, day, grams, who)
    for line in lines:
        _buy(session, reception, line, foods[line.food])
    if reception.order is not None:
        _received(session, reception, lines, who)
    _note(session, reception, who, "clôturée", lines)
    reception.state, reception.closed_at, reception.closed_by = receptions.CLOSED, who.now, who.user_id
    receptions.touch(session, reception)


def reopen(session: Session, kitchen: str, number: int, reason: str, who: Stamp) -> None:
    """A closed reception may be corrected, for a reason that stays in the journal and on its moves.

    Raises:
        CantineError: no reason.
    """
    reception = receptions.get_reception(session, kitchen, number, lock=True)
    if reception.state == receptions.OPEN:
        return
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise CantineError(WHY)
    reception.state = receptions.OPEN
    reception.note = f"{reception.note}\n{reason}".strip()
    _note(session, reception, who, f"rouverte\u00a0: {reason}", [])
    receptions.touch(session, reception)


def _key(change: Change) -> tuple[str, date]:
    """Lots are always moved in this order: two closings cannot wait for each other."""
    return change[1].code, change[2]


def _refuse_unchecked(lines: list[ReceptionLine]) -> None:
    if not lines:
        raise CantineError(NOTHING)
    waiting = [line.name for line in lines if line.accepted_g is None]
    if waiting:
        raise CantineError(f"Encore à contrôler\u00a0: {', '.join(waiting)}. Rien n'est clôturé.")


def _changes(
    session: Session, reception: Reception, lines: list[ReceptionLine], foods: dict[str, Food]
) -> list[Change]:
    """Grams to add to each lot so that the book holds what was accepted."""
    gaps: defaultdict[tuple[int, date], int] = defaultdict(int)
    rows = session.exec(
        select(col(StockMove.reception_line), col(StockMove.expires_on), func.sum(col(StockMove.grams)))
        .where(col(StockMove.reception_line).in_([line.id for line in lines]))
        .group_by(col(StockMove.reception_line), col(StockMove.expires_on))
    )
    for number, day, grams in rows:
        gaps[number or 0, day] -= int(grams)
    for line in lines:
        day = receptions.lot_date(line, foods[line.food], reception.date)
        gaps[line.id or 0, day] += line.accepted_g or 0
    by_number = {line.id or 0: line for line in lines}
    return [
        (by_number[number], foods[by_number[number].food], day, grams)
        for (number, day), grams in gaps.items()
        if grams
    ]


def _move(
    session: Session,
    reception: Reception,
    line: ReceptionLine,
    food: Food,
    day: date,
    grams: int,
    who: Stamp,
) -> None:
    again = reception.closed_at is not None
    ledger.move(
        session,
        kitchen=reception.kitchen,
        food=food.code,
        expires_on=day,
        grams=grams,
        kind=ledger.CORRECTION if again else ledger.RECEPTION,
        date=who.today if again else reception.date,
        at=who.now,
        user_id=who.user_id,
        price_ht_per_kg=line.price_ht_per_kg,
        reason=reception.note.rpartition("\n")[2] if again else "",
        reception_line=line.id,
        offer=line.offer,
    )


def _buy(session: Session, reception: Reception, line: ReceptionLine, food: Food) -> None:
    if not line.accepted_g:
        purchases.forget_reception(session, line.id or 0)
        return
    offer = session.get(Offer, line.offer) if line.offer else None
    ordered = session.get(OrderLine, line.order_line) if line.order_line else None
    bought = purchases.record_reception(
        session,
        kitchen=session.get_one(Kitchen, reception.kitchen),
        supplier=session.get_one(Supplier, reception.supplier),
        date=reception.date,
        description=line.name,
        offer=offer,
        food=food,
        grams=line.accepted_g,
        amount_ht=line.price_ht_per_kg * line.accepted_g / Decimal(receptions.PER_KG),
        vat_permille=ordered.vat_permille if ordered else offer.vat_permille if offer else VAT_PERMILLE,
        lot=ordered.lot if ordered else offer.lot if offer else None,
        order_line=line.order_line,
        reception_line=line.id or 0,
        local_km=ordered.local_km if ordered else _local_km(session, reception, line),
    )
    if line.label_proof is False:
        bought.labels = ()  # without a proof on the product or the slip, the product does not count
        session.add(bought)


def _local_km(session: Session, reception: Reception, line: ReceptionLine) -> float | None:
    """Distance of a local product that no order told; None where it is not local."""
    kitchen, day = session.get_one(Kitchen, reception.kitchen), reception.date
    local_km = load_settings(session).local_km
    return next(
        (
            item.distance_km
            for item in reachable_offers(session, kitchen, day, day, local_km)
            if item.offer.code == line.offer and item.local
        ),
        None,
    )


def _received(session: Session, reception: Reception, lines: list[ReceptionLine], who: Stamp) -> None:
    order = life.get_order(session, reception.order or 0, reception.kitchen, lock=True)
    actor = life.Actor(who.user_id)
    if order.state == APPROUVE:
        life.mark_sent(session, order, actor, who.now, "livrée sans envoi par cantine")
    short = [line for line in lines if receptions.is_short(line)]
    words = ", ".join(f"{line.name} {kg(line.accepted_g)} sur {kg(line.ordered_g)}" for line in short)
    if order.state != FACTURE:
        life.mark_received(session, order, actor, who.now, words)


def _note(session: Session, reception: Reception, who: Stamp, what: str, lines: list[ReceptionLine]) -> None:
    journal.record(
        session,
        user_id=who.user_id,
        kitchen=reception.kitchen,
        subject=SUBJECT,
        key=f"{session.get_one(Supplier, reception.supplier).name}, {reception.date:%d/%m/%Y}",
        before="",
        after={"état": what} | {line.name: kg(line.accepted_g) for line in lines},
        now=who.now,
    )
