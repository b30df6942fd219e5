"""The cheapest way to feed one food's needs from the deliveries that take place.

The needs of the horizon are cut into runs of services, each fed by one offer on one delivery day:
a small dynamic programme, remembered for each need and each set of deliveries.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from optim.figures import (
    concerns,
    delivery_closing_millicents_kg,
    lot_closing_millicents_kg,
    offer_millicents_kg,
    targets,
)
from optim.instance import Instance, Offer
from optim.model import credit_permille
from optim.units import MILLICENTS, PERMILLE, iso_week

Floats = NDArray[np.float64]
Needs = tuple[tuple[int, int], ...]
"""(rank of the service in the horizon, grams) in order."""

TTC, BOUGHT, MEAT_FISH, EGALIM, BIO, MEAT_FISH_EGALIM = range(6)
"""What a purchase adds to: cents TTC, cents HT, of meat and fish, and used cents with a label."""


class Mood(Enum):
    """What the offers of a food are chosen by; the search changes it food by food."""

    OBJECTIVE = "objective"
    QUALITY = "quality"
    """The objective and the relief of the shortfalls."""
    THRIFT = "thrift"
    """The least money out, all taxes included."""


UNFED = 1e7
"""Cents for a need that no delivery can feed."""


@dataclass(frozen=True)
class Pick:
    """Packs of an offer on a delivery, and their price."""

    offer: str
    visit: int
    packs: int
    cents: int
    week: int = 0
    most: int | None = None
    """Packs that the supplier has for the week."""


@dataclass(frozen=True)
class FoodPlan:
    """The purchases of one food: cost in cents as the objective sees it, shortfalls apart."""

    cost: float
    picks: tuple[Pick, ...]
    sums: Floats


NOTHING = FoodPlan(0.0, (), np.zeros(6))


class Visits:
    """Deliveries (supplier, day) as bits."""

    def __init__(self, instance: Instance) -> None:
        self.keys = [(s.code, day) for s in instance.suppliers for day in s.delivery_dates]
        self.bit = {key: rank for rank, key in enumerate(self.keys)}
        self.minimum = [instance.supplier[code].min_order_cents for code, _ in self.keys]
        weeks = {week: n for n, week in enumerate(sorted({iso_week(day) for _, day in self.keys}))}
        self.week = [weeks[iso_week(day)] for _, day in self.keys]
        self.fee = [instance.supplier[code].delivery_fee_cents for code, _ in self.keys]

    def free(self) -> int:
        """Deliveries that ask nothing: always open."""
        return sum(1 << n for n in range(len(self.keys)) if not self.minimum[n] and not self.fee[n])

    def all(self) -> int:
        """Every delivery open."""
        return (1 << len(self.keys)) - 1


@dataclass
class Larder:
    """One food: its offers by delivery as arrays, its stock, and what was already worked out."""

    offers: list[Offer]
    visit: list[int]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    pack: NDArray[np.int64]
    price: Floats
    """Cents of a pack."""
    credit: Floats
    """Cents earned by a gram used, for local and for quality."""
    closing: Floats
    """Cents kept by a gram left."""
    pull: Floats
    """Cents that a gram used relieves of the shortfalls, at their first price."""
    push: Floats
    """Cents that a pack adds to the shortfalls."""
    tax: Floats
    """VAT of a pack, cents."""
    most: Floats
    """Packs the supplier has for the week."""
    stock: list[tuple[int, int, float]]
    """Lots: last service fed, grams, closing value of a gram lost when it is used."""
    mask: int
    tables: dict[tuple[Needs, Mood], tuple[Floats, NDArray[np.int64], Needs]] = field(default_factory=dict)
    plans: dict[tuple[Needs, int, Mood], FoodPlan] = field(default_factory=dict)


class Pantry:
    """All foods of an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.visits = Visits(instance)
        self.days = [s.date for s in instance.horizon]
        self._sold = self._all_sold()
        self._keeps = [tuple(sorted({o.food for lost, o in sold if lost < 1})) for sold in self._sold]
        self.larders = {food.code: self._larder(food.code) for food in instance.foods}

    def _larder(self, food: str) -> Larder:
        rows = [row for offer in self.instance.offers if offer.food == food for row in self._rows(offer)]
        columns = list(zip(*rows, strict=True)) if rows else [()] * 9
        offers, visit, first, last, pack, price, credit, closing, most = columns
        pull, push = self._shadow(list(offers))
        stock = [
            (
                self._last_rank(lot.expires_on),
                lot.grams,
                lot_closing_millicents_kg(self.instance, lot) / MILLICENTS / 1000,
            )
            for lot in self.instance.stock
            if lot.food == food
        ]
        return Larder(
            offers=list(offers),
            visit=list(visit),
            first=np.array(first, dtype=np.int64),
            last=np.array(last, dtype=np.int64),
            pack=np.array(pack, dtype=np.int64),
            price=np.array(price, dtype=float),
            credit=np.array(credit, dtype=float),
            closing=np.array(closing, dtype=float),
            pull=pull,
            push=push * np.array(price, dtype=float),
            tax=np.array([o.price_cents * o.vat_permille / PERMILLE for o in offers], dtype=float),
            most=np.array(most, dtype=float),
            stock=sorted(stock),
            mask=sum(1 << v for v in set(visit)),
        )

    def _rows(self, offer: Offer) -> list[tuple[Offer, int, int, int, int, float, float, float, float]]:
        life = timedelta(days=self.instance.food[offer.food].shelf_life_days)
        rows = []
        for day in self.instance.supplier[offer.supplier].delivery_dates:
            fed = [n for n, d in enumerate(self.days) if day <= d <= day + life]
            if fed and offer.valid_from <= day <= offer.valid_to:
                closing = delivery_closing_millicents_kg(self.instance, offer, day) / MILLICENTS / 1000
                most = float("inf") if offer.weekly_packs is None else float(offer.weekly_packs)
                bit = self.visits.bit[offer.supplier, day]
                credit = credit_permille(self.instance, offer) / PERMILLE * offer.credit_cents_kg / 1000
                price = float(offer.price_cents)
                rows.append((offer, bit, fed[0], fed[-1], offer.pack_g, price, credit, closing, most))
        return rows

    def _shadow(self, offers: list[Offer]) -> tuple[Floats, Floats]:
        """Per offer: relief of the shortfalls by a gram used, burden of a cent bought."""
        first = self.instance.profile.shortfall_steps_permille[0] / PERMILLE
        pull, push = [], []
        for offer in offers:
            known = [
                (target, *concerns(self.instance, n, offer)) for n, target, _, _ in targets(self.instance)
            ]
            pull.append(
                first * sum(helps for target, _, helps in known if target) * offer.credit_cents_kg / 1000
            )
            push.append(first * sum(target * base for target, base, _ in known) / PERMILLE)
        return np.array(pull, dtype=float), np.array(push, dtype=float)

    def _last_rank(self, day: date) -> int:
        return sum(d <= day for d in self.days) - 1

    def sold(self, visit: int) -> list[tuple[float, Offer]]:
        """Offers of a delivery, each with the share of its price that is lost when nothing uses it."""
        return self._sold[visit]

    def keeps(self, visit: int) -> tuple[str, ...]:
        """Foods of a delivery that stay usable after the horizon."""
        return self._keeps[visit]

    def _all_sold(self) -> list[list[tuple[float, Offer]]]:
        sold: list[list[tuple[float, Offer]]] = [[] for _ in self.visits.keys]
        for offer in self.instance.offers:
            for day in self.instance.supplier[offer.supplier].delivery_dates:
                if offer.valid_from <= day <= offer.valid_to:
                    kept = delivery_closing_millicents_kg(self.instance, offer, day)
                    lost = 1 - kept / max(1, offer_millicents_kg(offer))
                    sold[self.visits.bit[offer.supplier, day]].append((lost, offer))
        return sold

    def plan(self, food: str, needs: Needs, opened: int, mood: Mood = Mood.OBJECTIVE) -> FoodPlan:
        """The cheapest purchases found for the needs of a food, with these deliveries open."""
        if not needs:
            return NOTHING
        larder = self.larders[food]
        key = needs, opened & larder.mask, mood
        known = larder.plans.get(key)
        if known is None:
            known = larder.plans[key] = self._work_out(larder, needs, opened, mood)
        return known

    def _work_out(self, larder: Larder, needs: Needs, opened: int, mood: Mood) -> FoodPlan:
        table = larder.tables.get((needs, mood))
        if table is None:
            table = larder.tables[needs, mood] = _table(larder, needs, mood)
        costs, packs, bought = table
        if not bought:
            return FoodPlan(_stock_cost(larder, needs), (), np.zeros(6))
        open_columns = [n for n, bit in enumerate(larder.visit) if opened >> bit & 1]
        if not open_columns:
            return FoodPlan(UNFED * len(bought), (), np.zeros(6))
        part = costs[:, open_columns]
        best = part.argmin(axis=1)
        value = part[np.arange(len(part)), best]
        cost, picks, sums = _stock_cost(larder, needs), [], np.zeros(6)
        for run in _cut(value, len(bought)):
            column, grams = open_columns[best[run]], _run_grams(bought, run, len(bought))
            if value[run] >= UNFED:
                cost += UNFED
                continue
            offer, count = larder.offers[column], int(packs[run, column])
            picks.append(self._pick(offer, larder.visit[column], count))
            left = count * offer.pack_g - grams
            cost += float(picks[-1].cents - grams * larder.credit[column] - left * larder.closing[column])
            sums += self._sums(offer, count, grams)
        return FoodPlan(cost, tuple(picks), sums)

    def _pick(self, offer: Offer, visit: int, count: int) -> Pick:
        week = self.visits.week[visit]
        return Pick(offer.code, visit, count, count * offer.price_cents, week, offer.weekly_packs)

    def _sums(self, offer: Offer, packs: int, grams: int) -> Floats:
        cents, worth = packs * offer.price_cents, grams * offer.credit_cents_kg / 1000
        family, labelled = concerns(self.instance, "meat_fish", offer)
        return np.array(
            [
                cents * (PERMILLE + offer.vat_permille) / PERMILLE,
                cents,
                cents * family,
                worth * offer.egalim,
                worth * offer.bio,
                worth * labelled,
            ]
        )


def _from_stock(larder: Larder, needs: Needs) -> tuple[Needs, float]:
    """Needs left once the stock is used, soonest expiry first, and the closing value it costs."""
    lots = [list(lot) for lot in larder.stock]
    left, cost = [], 0.0
    for rank, grams in needs:
        short = grams
        for lot in lots:
            if lot[0] >= rank and lot[1] and short:
                taken = min(short, int(lot[1]))
                lot[1] -= taken
                short -= taken
                cost += taken * lot[2]
        if short:
            left.append((rank, short))
    return tuple(left), cost


def _stock_cost(larder: Larder, needs: Needs) -> float:
    return _from_stock(larder, needs)[1] if larder.stock else 0.0


def _table(larder: Larder, needs: Needs, mood: Mood) -> tuple[Floats, NDArray[np.int64], Needs]:
    """Cost and packs of each run of services (first-last in order) by each offer and delivery."""
    bought = _from_stock(larder, needs)[0] if larder.stock else needs
    ranks = np.array([rank for rank, _ in bought])
    total = np.concatenate([[0], np.cumsum([grams for _, grams in bought])])
    begin, end = np.triu_indices(len(bought))
    if not len(bought) or not len(larder.pack):
        return (
            np.full((len(begin), max(1, len(larder.pack))), UNFED),
            np.zeros((len(begin), 1), np.int64),
            bought,
        )
    grams = (total[end + 1] - total[begin])[:, None]
    packs = -(-grams // larder.pack[None, :])
    costs = packs * larder.price - (packs * larder.pack - grams) * larder.closing
    if mood is Mood.THRIFT:
        costs = packs * (larder.price + larder.tax)
    elif mood is Mood.QUALITY:
        costs = costs + packs * larder.push - grams * (larder.credit + larder.pull)
    else:
        costs = costs - grams * larder.credit
    fits = (larder.first <= ranks[begin][:, None]) & (larder.last >= ranks[end][:, None])
    costs = np.where(fits & (packs <= larder.most), costs, UNFED)
    return costs, packs, bought


def _run_index(begin: int, end: int, count: int) -> int:
    return begin * count - begin * (begin - 1) // 2 + end - begin


def _run_grams(needs: Needs, run: int, count: int) -> int:
    begin = 0
    while run >= count - begin:
        run -= count - begin
        begin += 1
    return sum(grams for _, grams in needs[begin : begin + run + 1])


def _cut(value: Floats, count: int) -> list[int]:
    """The cheapest partition of the services into runs."""
    best = [0.0] + [float("inf")] * count
    cut = [0] * (count + 1)
    for end in range(count):
        for begin in range(end + 1):
            cost = best[begin] + value[_run_index(begin, end, count)]
            if cost < best[end + 1]:
                best[end + 1], cut[end + 1] = cost, begin
    runs, end = [], count
    while end:
        runs.append(_run_index(cut[end], end - 1, count))
        end = cut[end]
    return runs
