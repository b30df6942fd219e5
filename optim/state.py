"""A plan being searched: menus, open deliveries, the purchases of each food, and their price."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from optim.figures import dish_extras_millicents, step_width_millicents, targets
from optim.incumbent import OVER_BUDGET
from optim.instance import Dish, Instance, Offer
from optim.pantry import (
    BIO,
    BOUGHT,
    EGALIM,
    MEAT_FISH,
    MEAT_FISH_EGALIM,
    NOTHING,
    TTC,
    UNFED,
    Floats,
    FoodPlan,
    Mood,
    Needs,
    Pantry,
    Pick,
)
from optim.plan import Plan, dish_need_g, in_order, need_g
from optim.rules.budget import FEE_VAT_PERMILLE, staples_ttc_millicents
from optim.units import MILLICENTS, PERMILLE

KEPT_FILLING = 0.15
LOST_FILLING = 1.05
"""What a euro missing to a minimum order costs: filled with food that keeps, or with food that is lost."""
EXCESS = 10
"""Cents for a cent bought beyond the volume that a supplier has for the week."""


@dataclass
class Totals:
    """Running sums over all foods."""

    cost: float
    sums: Floats
    spend: dict[int, int]
    """Cents of each delivery."""
    weekly: dict[tuple[str, int], int] = field(default_factory=dict)
    """Packs of each limited offer in a week."""
    excess: float = 0.0
    """Cents of the packs beyond what suppliers have for a week."""

    def copy(self) -> "Totals":
        """A twin that may change apart."""
        return replace(self, spend=dict(self.spend), weekly=dict(self.weekly))

    def after(self, old: FoodPlan, new: FoodPlan) -> None:
        """Exchange the plan of a food."""
        self.cost += new.cost - old.cost
        self.sums = self.sums + new.sums - old.sums
        for sign, plan in ((-1, old), (1, new)):
            for pick in plan.picks:
                cents = self.spend.get(pick.visit, 0) + sign * pick.cents
                self.spend[pick.visit] = cents
                if not cents:
                    del self.spend[pick.visit]
                if pick.most is not None:
                    self._count(pick, sign)

    def _count(self, pick: Pick, sign: int) -> None:
        key, room, price = (pick.offer, pick.week), pick.most or 0, pick.cents / pick.packs
        before = self.weekly.get(key, 0)
        self.weekly[key] = after = before + sign * pick.packs
        self.excess += (max(0, after - room) - max(0, before - room)) * price


@dataclass(frozen=True)
class Change:
    """A move worked out but not made: what it exchanges, and the new price."""

    value: float
    extras: float
    totals: Totals
    opened: int
    plans: Mapping[str, FoodPlan]
    needs: Mapping[str, Needs] = field(default_factory=dict)
    moods: Mapping[str, Mood] = field(default_factory=dict)
    removed: tuple[Dish, ...] = ()
    added: tuple[Dish, ...] = ()


class State:
    """Menus and deliveries with their price, ready to try moves."""

    def __init__(self, pantry: Pantry, dishes: Iterable[Dish], opened: int) -> None:
        self.pantry = pantry
        self.instance: Instance = pantry.instance
        self.rank: dict[date, int] = {day: n for n, day in enumerate(pantry.days)}
        self.menus: dict[date, tuple[Dish, ...]] = Plan(dishes=tuple(dishes)).by_day
        self.opened = opened | pantry.visits.free()
        self.budget = budget_cents(self.instance)
        self.targets = [t for t in targets(self.instance) if t[1]]
        self.width = step_width_millicents(self.instance) / MILLICENTS
        self.steps = self.instance.profile.shortfall_steps_permille
        self.extras = sum(self._extra(d) for d in self.dishes)
        self.needs: dict[str, Needs] = self._all_needs()
        self.moods: dict[str, Mood] = {}
        self.plans = {food: pantry.plan(food, needs, self.opened) for food, needs in self.needs.items()}
        self.totals = Totals(0.0, np.zeros(6), {})
        for plan in self.plans.values():
            self.totals.after(NOTHING, plan)
        self.value = self._price(self.totals, self.extras)

    @property
    def dishes(self) -> tuple[Dish, ...]:
        """All dishes of the horizon."""
        return in_order(d for dishes in self.menus.values() for d in dishes)

    def menus_after(self, change: Change) -> dict[date, tuple[Dish, ...]]:
        """The menus of the days that a move changes."""
        found: dict[date, tuple[Dish, ...]] = {}
        for out, dish in zip(change.removed, change.added, strict=True):
            before = found.get(dish.date) or self.menus[dish.date]
            found[dish.date] = tuple(dish if d == out else d for d in before)
        return found

    def _extra(self, dish: Dish) -> float:
        found: float = self.instance.memo(
            ("extra", dish.date, dish.slot, dish.choice, dish.recipe, dish.share_permille),
            lambda: dish_extras_millicents(self.instance, dish) / MILLICENTS,
        )
        return found

    def _all_needs(self) -> dict[str, Needs]:
        per_food: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for (day, food), grams in need_g(self.instance, self.dishes).items():
            per_food[food].append((self.rank[day], grams))
        return {food: tuple(sorted(rows)) for food, rows in per_food.items()}

    def _price(self, totals: Totals, extras: float) -> float:
        visits = self.pantry.visits
        cost, fees = extras + totals.cost + EXCESS * totals.excess, 0.0
        for visit, cents in totals.spend.items():
            fees += visits.fee[visit]
            cost += visits.fee[visit]
            missing = visits.minimum[visit] - cents
            if missing > 0:
                cost += missing * self._filling(visit)
                fees += missing
        ttc = float(totals.sums[TTC]) + fees * (PERMILLE + FEE_VAT_PERMILLE) / PERMILLE
        return cost + self._shortfall(totals.sums) + OVER_BUDGET * max(0.0, ttc - self.budget)

    def _filling(self, visit: int) -> float:
        """What a cent missing to the minimum costs: little where some food of the menus keeps."""
        keeps = any(food in self.needs for food in self.pantry.keeps(visit))
        return KEPT_FILLING if keeps else LOST_FILLING

    def _shortfall(self, sums: Floats) -> float:
        total = 0.0
        for name, target, past, labelled in self.targets:
            base, used = (MEAT_FISH, MEAT_FISH_EGALIM) if name == "meat_fish" else (BOUGHT, EGALIM)
            worth = sums[BIO if name == "bio" else used]
            lack = target / PERMILLE * (past + sums[base]) - labelled - worth
            total += stepped_cents(self.width, self.steps, float(lack))
        return total

    def _change(self, plans: dict[str, FoodPlan], extras: float, opened: int) -> Change:
        totals = self.totals.copy()
        for food, plan in plans.items():
            old = self.plans.get(food, NOTHING)
            if plan is not old:
                totals.after(old, plan)
        return Change(self._price(totals, extras), extras, totals, opened, plans)

    def try_dishes(self, removed: tuple[Dish, ...], added: tuple[Dish, ...]) -> Change:
        """Price the exchange of some dishes."""
        shift: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for sign, group in ((-1, removed), (1, added)):
            for dish in group:
                rank = self.rank[dish.date]
                for food, grams in dish_need_g(self.instance, dish).items():
                    shift[food][rank] = shift[food].get(rank, 0) + sign * grams
        needs: dict[str, Needs] = {}
        for food, moved in shift.items():
            rows = dict(self.needs.get(food, ()))
            for rank, grams in moved.items():
                rows[rank] = rows.get(rank, 0) + grams
            needs[food] = tuple(sorted((rank, grams) for rank, grams in rows.items() if grams))
        plans = {food: self._plan(food, rows, self.opened) for food, rows in needs.items()}
        extras = self.extras - sum(map(self._extra, removed)) + sum(map(self._extra, added))
        change = self._change(plans, extras, self.opened)
        return replace(change, needs=needs, removed=removed, added=added)

    def try_visits(self, opened: int) -> Change:
        """Price another set of deliveries."""
        changed = opened ^ self.opened
        larders = self.pantry.larders
        touched = ((f, needs) for f, needs in self.needs.items() if larders[f].mask & changed)
        plans = {food: self._plan(food, needs, opened) for food, needs in touched}
        return self._change(plans, self.extras, opened)

    def try_mood(self, food: str, mood: Mood) -> Change:
        """Price another way of choosing the offers of a food."""
        plan = self.pantry.plan(food, self.needs[food], self.opened, mood)
        return replace(self._change({food: plan}, self.extras, self.opened), moods={food: mood})

    def _plan(self, food: str, needs: Needs, opened: int) -> FoodPlan:
        return self.pantry.plan(food, needs, opened, self.moods.get(food, Mood.OBJECTIVE))

    def make(self, change: Change) -> None:
        """Carry a move out."""
        self.menus |= self.menus_after(change)
        self.opened, self.extras = change.opened, change.extras
        self.totals, self.value = change.totals, change.value
        self.needs |= change.needs
        self.plans |= change.plans
        self.moods |= change.moods

    @property
    def fed(self) -> bool:
        """Whether every need finds a delivery."""
        return self.totals.cost < UNFED / 2

    def spend(self) -> dict[int, int]:
        """Cents of each delivery."""
        return self.totals.spend

    def packs(self) -> dict[tuple[str, date], int]:
        """Packs to buy, orders filled up to their minimum."""
        packs: Counter[tuple[str, date]] = Counter()
        for plan in self.plans.values():
            for pick in plan.picks:
                packs[pick.offer, self.pantry.visits.keys[pick.visit][1]] += pick.packs
        for visit, cents in self.spend().items():
            self._fill(packs, visit, self.pantry.visits.minimum[visit] - cents)
        return dict(packs)

    def _wanted(self, offer: Offer, delivery: date) -> bool:
        """Whether some service still to come while it keeps needs the food."""
        last = delivery + timedelta(days=self.instance.food[offer.food].shelf_life_days)
        days = self.pantry.days
        return any(delivery <= days[rank] <= last for rank, _ in self.needs.get(offer.food, ()))

    def _fill(self, packs: Counter[tuple[str, date]], visit: int, missing: int) -> None:
        """Top an order up, with what keeps first, then with what overshoots least."""
        _, day = self.pantry.visits.keys[visit]
        offers = [(lost, o) for lost, o in self.pantry.sold(visit) if self._wanted(o, day)]
        while missing > 0 and offers:
            short = missing
            _, offer = min(
                offers, key=lambda o: (o[0] * (-(-short // o[1].price_cents)) * o[1].price_cents, o[1].code)
            )
            count = -(-missing // offer.price_cents)
            if offer.weekly_packs is not None:
                count = min(count, max(0, offer.weekly_packs - packs[offer.code, day]))
            packs[offer.code, day] += count
            missing -= count * offer.price_cents
            offers = [o for o in offers if o[1] is not offer]


def stepped_cents(width: float, steps: tuple[int, int, int], lack: float) -> float:
    """Price of a lack on the three steps."""
    lack = max(0.0, lack)
    parts = min(lack, width), min(max(0.0, lack - width), width), max(0.0, lack - 2 * width)
    return sum(part * price for part, price in zip(parts, steps, strict=True)) / PERMILLE


def budget_cents(instance: Instance) -> float:
    """Cents TTC that purchases and fees may cost."""
    if instance.budget_ttc_cents is None or "budget" in instance.switched_off:
        return float("inf")
    room = instance.budget_ttc_cents * instance.meals
    return room - staples_ttc_millicents(instance) / MILLICENTS
