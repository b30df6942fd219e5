"""What a change does to the purchases planned, written as it was told: packs of deliveries, uses of a meal.

The state before is plain data, so that a page can keep it until the person changes their mind. It goes back
only as long as nothing else has touched the same deliveries and lots: put back then, it is right again.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, delete, select

from cantine.accounts import journal
from cantine.errors import ConflictError
from cantine.french import day as day_words
from cantine.french import plural
from cantine.menus.versions import Stamp, journal_key
from cantine.menus.words import lower_first
from cantine.planning.mishaps import Order, load_mishaps
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import committed
from cantine.planning.save import use_row
from cantine.planning.supply import Supply
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering
from optim.suggest import Effect

State = Mapping[str, Any]
"""Packs and price of some orders (0: not planned), and all that one meal takes of some foods."""

SUBJECT = "achats"
MARK = 16
_USE = ("food", "grams", "offer", "delivery", "lot_expires_on")
_SOURCE = slice(2, None)


class OrdersError(ConflictError):
    """Orders that cannot be what they were any more."""


def carry_out(session: Session, kitchen: str, supply: Supply, effect: Effect, stamp: Stamp) -> State:
    """Write the packs and the uses of a change; what they were, to go back."""
    packs: Counter[Order] = Counter()
    for purchase in supply.in_place.plan.purchases:
        packs[_order(supply, purchase.offer, purchase.delivery)] += purchase.packs
    prices: dict[Order, Decimal] = {}
    for (code, delivery), more in effect.packs.items():
        order = _order(supply, code, delivery)
        packs[order] += more
        prices[order] = supply.items[code].price_ht
    before = _read(session, kitchen, effect.day, prices, effect.foods)
    for order, price in prices.items():
        _set_packs(session, kitchen, order, packs[order], price)
    _forget_uses(session, kitchen, effect.day, effect.foods)
    session.add_all(use_row(kitchen, use, lambda code: supply.items[code].offer.code) for use in effect.uses)
    _note(session, kitchen, effect.day, before, stamp)
    return before


def mark_of(session: Session, kitchen: str, day: date, state: State) -> str:
    """A short mark of the same orders and foods now, of their sources and of what other meals take there."""
    now = _same(session, kitchen, day, state)
    sources = {tuple(use[_SOURCE]) for use in (*state["uses"], *now["uses"])}
    sources |= {(offer, delivery, None) for offer, delivery, *_ in now["packs"]}
    others: Counter[str] = Counter()
    for row in session.exec(select(PlannedUse).where(PlannedUse.kitchen == kitchen, PlannedUse.date != day)):
        if tuple(_texts(row)[_SOURCE]) in sources:
            others[json.dumps(_texts(row)[_SOURCE] + [row.food])] += row.grams
    content = json.dumps([now, sorted(others.items()), _coming(session, kitchen, day, sources)])
    return hashlib.sha256(content.encode()).hexdigest()[:MARK]


def _coming(session: Session, kitchen: str, day: date, sources: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Packs ordered, and packs that come, of each order among the sources of a meal."""
    mishaps = load_mishaps(session, kitchen, day)
    found = []
    for offer, at in sorted({(offer, at) for offer, at, _ in sources if offer and at}):
        order = offer, date.fromisoformat(at)
        row = session.get(PlannedPurchase, (kitchen, order[1], offer))
        packs = row.packs if row else 0
        found.append([offer, at, packs, mishaps.arriving(order, packs)])
    return found


def put_orders_back(
    session: Session, kitchen: str, day: date, state: State, left: str, ordering: Ordering, stamp: Stamp
) -> State:
    """Make orders and uses again what they were; what they were just now, to go forth again.

    Raises:
        OrdersError: somebody touched the same orders since they were left with this mark, a supplier told
            that one of them does not come as ordered, or the time to order one of them is over.
    """
    _check_told(session, kitchen, stamp.today, state)
    if mark_of(session, kitchen, day, state) != left:
        raise OrdersError("Les commandes de ces produits ont changé depuis : rien n'est annulé.")
    now, bound = _same(session, kitchen, day, state), committed(session, kitchen)
    for (offer, delivery, packs, price), was in zip(state["packs"], now["packs"], strict=True):
        if packs != was[2]:
            order = offer, date.fromisoformat(delivery)
            _check_ordered(order, bound)
            _check_time(session, order, ordering)
            _set_packs(session, kitchen, order, packs, Decimal(price))
    _forget_uses(session, kitchen, day, state["foods"])
    session.add_all(_use(kitchen, day, texts) for texts in state["uses"])
    _note(session, kitchen, day, now, stamp)
    return now


def _order(supply: Supply, code: str, delivery: date) -> Order:
    """The row behind an offer of the question and its delivery."""
    return supply.items[code].offer.code, delivery


def _read(
    session: Session, kitchen: str, day: date, prices: Mapping[Order, Decimal], foods: Iterable[str]
) -> State:
    """Some orders, at the price they would have, and what a meal takes of some foods."""
    packs = []
    for (offer, delivery), new in sorted(prices.items()):
        row = session.get(PlannedPurchase, (kitchen, delivery, offer))
        count, price = (row.packs, row.price_ht) if row else (0, new)
        packs.append([offer, delivery.isoformat(), count, str(price)])
    of_meal = PlannedUse.kitchen == kitchen, PlannedUse.date == day, col(PlannedUse.food).in_(foods)
    uses = session.exec(select(PlannedUse).where(*of_meal))
    return {"packs": packs, "foods": sorted(foods), "uses": sorted(map(_texts, uses), key=str)}


def _same(session: Session, kitchen: str, day: date, state: State) -> State:
    """The orders and foods of a state, as they are now."""
    prices = {(offer, date.fromisoformat(at)): Decimal(price) for offer, at, _, price in state["packs"]}
    return _read(session, kitchen, day, prices, state["foods"])


def _texts(use: PlannedUse) -> list[Any]:
    values = (getattr(use, name) for name in _USE)
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _use(kitchen: str, day: date, texts: list[Any]) -> PlannedUse:
    food, grams, offer, *dates = texts
    delivery, lot = (date.fromisoformat(text) if text else None for text in dates)
    source = {"offer": offer, "delivery": delivery, "lot_expires_on": lot}
    return PlannedUse(kitchen=kitchen, date=day, food=food, grams=grams, **source)


def _set_packs(session: Session, kitchen: str, order: Order, packs: int, price: Decimal) -> None:
    """So many packs of an order; one that was planned keeps its price."""
    offer, delivery = order
    row = session.get(PlannedPurchase, (kitchen, delivery, offer))
    if row and not packs:
        session.delete(row)
    elif packs:
        row = row or PlannedPurchase(
            kitchen=kitchen, delivery=delivery, offer=offer, packs=packs, price_ht=price
        )
        row.packs = packs
        session.add(row)


def _forget_uses(session: Session, kitchen: str, day: date, foods: Iterable[str]) -> None:
    here = col(PlannedUse.kitchen) == kitchen, col(PlannedUse.date) == day, col(PlannedUse.food).in_(foods)
    session.exec(delete(PlannedUse).where(*here))


def _check_told(session: Session, kitchen: str, today: date, state: State) -> None:
    """A change never touches an order told withdrawn or short: one that is was told after it."""
    mishaps = load_mishaps(session, kitchen, today)
    for code, at, *_ in state["packs"]:
        delivery = date.fromisoformat(at)
        if mishaps.told((code, delivery)):
            offer = session.get_one(Offer, code)
            supplier = session.get_one(Supplier, offer.supplier).name
            raise OrdersError(
                f"{supplier} a annoncé depuis que {lower_first(offer.name)} ne viendra pas, ou pas en entier,"
                f" le {day_words(delivery)} : rien n'est annulé."
            )


def _check_ordered(order: Order, bound: Collection[Order]) -> None:
    if order in bound:
        raise OrdersError(
            f"La commande livrée le {day_words(order[1])} a été approuvée depuis : rien n'est annulé. "
            "Rectifiez-la depuis « Suivi »."
        )


def _check_time(session: Session, order: Order, ordering: Ordering) -> None:
    supplier = session.get_one(Supplier, session.get_one(Offer, order[0]).supplier)
    if ordering.too_late(supplier, order[1]):
        raise OrdersError(
            f"L'heure limite de commande de {supplier.name} pour le {day_words(order[1])} est passée : "
            "rien n'est annulé."
        )


def _note(session: Session, kitchen: str, day: date, before: State, stamp: Stamp) -> None:
    """Write in the journal the packs of the orders that changed."""
    session.flush()
    told: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for when, state in (("before", before), ("after", _same(session, kitchen, day, before))):
        for code, delivery, packs, _ in state["packs"]:
            offer = session.get_one(Offer, code)
            supplier = session.get_one(Supplier, offer.supplier).name
            name = f"{offer.name}, {supplier}, livraison du {day_words(date.fromisoformat(delivery))}"
            told[when][name] = plural(packs, "colis", "colis") if packs else ""
    if told["before"] != told["after"]:
        journal.record(
            session,
            user_id=stamp.user_id,
            kitchen=kitchen,
            subject=SUBJECT,
            key=journal_key(kitchen, day),
            before=told["before"],
            after=told["after"],
            now=stamp.now,
        )
