"""What purchases bring beyond what the plan takes of them, and what they fail to bring. Reading only."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.states import BROUILLON
from cantine.planning.mishaps import load_mishaps
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.ordered import STAPLES, Key
from cantine.suppliers.models import Offer

Lacks = dict[tuple[date, str], float]
"""Grams by meal and food."""


@dataclass
class Free:
    """Grams of a food that no meal takes, between its delivery and its last day."""

    delivery: date
    until: date
    grams: float


@dataclass(frozen=True)
class Bought:
    """What the deliveries of a kitchen leave free, and the meals they leave short."""

    free: dict[str, list[Free]]
    short: Lacks

    def fill(self, lacks: Lacks) -> Lacks:
        """What is still lacking once the free food has gone to the first meals."""
        found: Lacks = {}
        for (day, food), grams in sorted(lacks.items()):
            left = grams
            for source in self.free.get(food, ()):
                if source.delivery <= day <= source.until:
                    taken = min(left, source.grams)
                    source.grams -= taken
                    left -= taken
            if left > 0:
                found[day, food] = left
        return found


def bought_beyond(session: Session, kitchen: str, today: date) -> Bought:
    """Packs planned or ordered against what the meals take of them; drafts count what hands added."""
    uses: defaultdict[Key, list[PlannedUse]] = defaultdict(list)
    rows = select(PlannedUse).where(PlannedUse.kitchen == kitchen, col(PlannedUse.offer).is_not(None))
    for use in session.exec(rows.order_by(col(PlannedUse.date))):
        if use.offer and use.delivery:
            uses[use.offer, use.delivery].append(use)
    packs = _packs(session, kitchen, today)
    offers = _offers(session, {offer for offer, _ in {*uses, *packs}})
    free: defaultdict[str, list[Free]] = defaultdict(list)
    short: Lacks = {}
    for key in {*uses, *packs}:
        offer, food = offers[key[0]]
        left = packs[key] * offer.pack_g - sum(use.grams for use in uses[key])
        if left > 0:
            last = key[1] + timedelta(days=food.shelf_life_days)
            free[food.code].append(Free(key[1], last, left))
        for day, grams in _last(uses[key], -left, today):
            short[day, food.code] = short.get((day, food.code), 0) + grams
    return Bought(dict(free), short)


def _last(uses: Iterable[PlannedUse], lack: float, today: date) -> Iterable[tuple[date, float]]:
    """The last meals go without."""
    for use in sorted(uses, key=lambda one: one.date, reverse=True):
        if lack <= 0 or use.date < today:
            return
        yield use.date, min(lack, use.grams)
        lack -= use.grams


def _packs(session: Session, kitchen: str, today: date) -> Counter[Key]:
    """Packs that come: planned or ordered, less what suppliers told, plus what drafts add by hand."""
    mishaps = load_mishaps(session, kitchen, today)
    packs: Counter[Key] = Counter()
    for row in session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == kitchen)):
        key = row.offer, row.delivery
        packs[key] = mishaps.arriving(key, row.packs)
    drafts = session.exec(
        select(OrderLine, col(PurchaseOrder.delivery))
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderLine.order))
        .where(
            PurchaseOrder.kitchen == kitchen,
            PurchaseOrder.state == BROUILLON,
            PurchaseOrder.source != STAPLES,
            PurchaseOrder.delivery >= today,
        )
    )
    for line, delivery in drafts:
        packs[line.offer, delivery] += line.packs - line.theoretical_packs
    return packs


def _offers(session: Session, codes: Iterable[str]) -> dict[str, tuple[Offer, Food]]:
    rows = select(Offer, Food).join(Food, col(Food.code) == col(Offer.food))
    return {offer.code: (offer, food) for offer, food in session.exec(rows.where(col(Offer.code).in_(codes)))}
