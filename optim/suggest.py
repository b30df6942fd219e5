"""What another meal does to the plan in place: no solver.

The rest of the plan stays: what the meal no longer eats, a dish set aside before included, goes back to the
store or to the supplier, what it needs more comes from the store, then from whole packs. Every part of the
objective is the difference that ``figures.objective_parts`` finds between both plans, worked out from what
changes alone, in about a millisecond, so that a page can rank every recipe.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from optim.cover import Missing, Source, Store, Visit, cover, drop, lots_of, release, source_of, store_of
from optim.figures import co2e_millicents_per_kg, taste_millicents, waste_millicents
from optim.instance import Dish, Instance
from optim.plan import Plan, Purchase, Use, bread_need_g, dish_need_g
from optim.units import MILLICENTS, PERMILLE
from optim.worth import Packs, Sliding, closing, credits_of, fees, shortfall, sliding_of, spent


@dataclass(frozen=True)
class Effect:
    """One meal changed: what is bought, cancelled, taken from the store, and what it is worth."""

    day: date
    dishes: tuple[Dish, ...]
    packs: Packs
    """Packs more (or less) of each offer on each delivery."""
    uses: tuple[Use, ...]
    """Of the foods whose need changes that day: their whole use after the change."""
    foods: frozenset[str]
    taken: Mapping[str, int]
    """Grams by food that were in the store for nobody."""
    left: Mapping[str, int]
    """Grams by food that stay in the store for nobody."""
    missing: tuple[Missing, ...] = ()
    small: Mapping[Visit, int] = field(default_factory=dict)
    """Cents that lack to the minimum of the visits changed."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Millicents more (or less) of each part of the objective."""

    @property
    def millicents(self) -> int:
        """What the objective gains or loses, what lacks to the minimums bought with it."""
        return sum(self.parts.values()) + sum(self.small.values()) * MILLICENTS

    @property
    def bought(self) -> tuple[Purchase, ...]:
        """Packs more."""
        return tuple(Purchase(offer=c, delivery=d, packs=n) for (c, d), n in self.packs.items() if n > 0)

    @property
    def freed(self) -> tuple[Purchase, ...]:
        """Packs less, as many as given back."""
        return tuple(Purchase(offer=c, delivery=d, packs=-n) for (c, d), n in self.packs.items() if n < 0)

    def after(self, plan: Plan) -> Plan:
        """The plan in place with this change."""
        packs = Counter({(p.offer, p.delivery): p.packs for p in plan.purchases})
        packs.update(self.packs)
        uses = [u for u in plan.uses if u.date != self.day or u.food not in self.foods]
        return Plan(
            dishes=(*(d for d in plan.dishes if d.date != self.day), *self.dishes),
            purchases=tuple(Purchase(offer=c, delivery=d, packs=n) for (c, d), n in packs.items() if n),
            uses=(*uses, *self.uses),
        )


@dataclass(frozen=True)
class InPlace:
    """A plan in place, read once, of which any meal may be changed.

    Its purchases and uses may concern more than the services of the question.
    """

    instance: Instance
    plan: Plan
    firm: frozenset[tuple[str, date]] = frozenset()
    """Offers and deliveries told withdrawn or short: a change orders neither more nor less of them."""
    _before: dict[date, Counter[str]] = field(default_factory=dict)

    @cached_property
    def store(self) -> Store:
        """What is bought and used."""
        return store_of(self.instance, self.plan, self.firm)

    @cached_property
    def sliding(self) -> Sliding:
        """Where the sliding counts stand."""
        return sliding_of(self.instance, self.plan)

    @cached_property
    def _uses(self) -> dict[tuple[date, str], list[Use]]:
        found: defaultdict[tuple[date, str], list[Use]] = defaultdict(list)
        for use in self.plan.uses:
            found[use.date, use.food].append(use)
        return found

    @cached_property
    def _foods_used(self) -> dict[date, set[str]]:
        found: defaultdict[date, set[str]] = defaultdict(set)
        for day, food in self._uses:
            found[day].add(food)
        return found

    @cached_property
    def _earned(self) -> dict[str, int]:
        return credits_of(self.instance, self.plan.uses)

    @cached_property
    def _spent(self) -> dict[str, int]:
        return spent(self.instance, self.store.packs)

    def planned_g(self, day: date, food: str) -> int:
        """Grams that the plan brings to a meal."""
        return sum(use.grams for use in self._uses.get((day, food), ()))

    def with_meal(self, day: date, dishes: Iterable[Dish]) -> Effect:
        """The effect of serving these dishes on a day, in place of its own."""
        dishes, store = tuple(dishes), self.store.copy()
        before, after = self._needed(day), self._need(day, dishes)
        idle = (food for food in self._foods_used.get(day, ()) if not after[food])
        foods = frozenset({food for food in before | after if before[food] != after[food]}.union(idle))
        uses: list[Use] = []
        missing: list[Missing] = []
        released: set[Source] = set()
        for food in sorted(foods):
            known = self._uses.get((day, food), [])
            there = self.planned_g(day, food)
            if there > after[food] and (after[food] < before[food] or not after[food]):
                released |= {source_of(use) for use in known}
                known = release(store, known, there - after[food])
            more, lack = cover(store, day, food, max(0, after[food] - max(there, before[food])))
            uses += _merged([*known, *more])
            missing += [lack] if lack else []
        drop(store, released)
        return self._effect(day, dishes, store, tuple(uses), foods, tuple(missing))

    def _needed(self, day: date) -> Counter[str]:
        """Grams of each food of the meal in place."""
        if day not in self._before:
            self._before[day] = self._need(day, self.plan.by_day.get(day, ()))
        return self._before[day]

    def _need(self, day: date, dishes: Iterable[Dish]) -> Counter[str]:
        need: Counter[str] = Counter()
        if self.instance.kitchen.bread_food:
            need[self.instance.kitchen.bread_food] = bread_need_g(self.instance, self.instance.service[day])
        for dish in dishes:
            need.update(dish_need_g(self.instance, dish))
        return need

    def _effect(
        self,
        day: date,
        dishes: tuple[Dish, ...],
        store: Store,
        uses: tuple[Use, ...],
        foods: frozenset[str],
        missing: tuple[Missing, ...],
    ) -> Effect:
        changed = ((key, count - self.store.packs[key]) for key, count in store.packs.items())
        packs = {key: count for key, count in changed if count}
        moved = {key for key, grams in store.used.items() if grams != self.store.used[key]} | set(packs)
        taken, left = self._spared(store, moved)
        visits = {(self.instance.offer[code].supplier, delivery) for code, delivery in packs}
        return Effect(
            day=day,
            dishes=dishes,
            packs=packs,
            uses=uses,
            foods=foods,
            taken=taken,
            left=left,
            missing=missing,
            small={visit: lack for visit in sorted(visits) if (lack := _lack(store, visit))},
            parts=self._supply(store, uses, foods, day, packs) | self._served(day, dishes, foods),
        )

    def _spared(self, store: Store, moved: set[Source]) -> tuple[dict[str, int], dict[str, int]]:
        """Grams by food that were for nobody and are used, then those used that are for nobody."""
        taken: Counter[str] = Counter()
        left: Counter[str] = Counter()
        for code, delivery in moved:
            food = lots_of(self.instance)[code].food if delivery is None else self.instance.offer[code].food
            was, now = self.store.spare((code, delivery)), store.spare((code, delivery))
            used = store.used[code, delivery] - self.store.used[code, delivery]
            taken[food] += min(was, max(0, used))
            left[food] += max(0, now - was) if used < 0 else 0
        return {f: g for f, g in taken.items() if g}, {f: g for f, g in left.items() if g}

    def _supply(
        self,
        store: Store,
        uses: tuple[Use, ...],
        foods: frozenset[str],
        day: date,
        packs: Packs,
    ) -> dict[str, int]:
        """Parts of the objective that come from purchases and the store."""
        instance, profile = self.instance, self.instance.profile
        gone = credits_of(instance, (use for food in foods for use in self._uses.get((day, food), ())))
        new, was = credits_of(instance, uses), self._earned
        earned = {name: was[name] + new[name] - gone[name] for name in was}
        bought = {name: self._spent[name] + cents for name, cents in spent(instance, packs).items()}
        stirred = foods | {instance.offer[code].food for code, _ in packs}
        prices = {"local": profile.local_permille, "quality": profile.quality_permille}
        return {
            "purchases": sum(n * instance.offer[c].price_cents * MILLICENTS for (c, _), n in packs.items()),
            "delivery_fees": fees(self.store, store, packs),
            "closing_stock": sum(closing(self.store, food) - closing(store, food) for food in stirred),
            "shortfall": shortfall(instance, bought, earned) - shortfall(instance, self._spent, was),
            **{
                name: was[name] * price // PERMILLE - earned[name] * price // PERMILLE
                for name, price in prices.items()
            },
        }

    def _served(self, day: date, dishes: tuple[Dish, ...], foods: frozenset[str]) -> dict[str, int]:
        """Parts of the objective that come from the dishes alone."""
        instance, old = self.instance, self.plan.by_day.get(day, ())

        def change(price: Callable[[Instance, Dish], int]) -> int:
            return sum(price(instance, d) for d in dishes) - sum(price(instance, d) for d in old)

        def gas(need: Counter[str]) -> int:
            return sum(need[food] * co2e_millicents_per_kg(instance, food) // 1000 for food in foods)

        return {
            "waste": change(waste_millicents),
            "taste": change(taste_millicents),
            "co2e": gas(self._need(day, dishes)) - gas(self._needed(day)),
            "repetition": self.sliding.moved(day, dishes) * instance.profile.repetition_cents * MILLICENTS,
        }


def _merged(uses: Iterable[Use]) -> list[Use]:
    """One use per source: what a meal takes twice from a delivery is one line."""
    found: dict[Source, Use] = {}
    for use in uses:
        known = found.get(source_of(use))
        grams = use.grams + (known.grams if known else 0)
        found[source_of(use)] = use.model_copy(update={"grams": grams})
    return list(found.values())


def _lack(store: Store, visit: Visit) -> int:
    """Cents that a visit lacks to the minimum of its supplier."""
    total = store.totals[visit]
    return max(0, store.instance.supplier[visit[0]].min_order_cents - total) if total else 0
