"""What the kitchen's own rules say of a few exchanged dishes, without reading the whole menus again.

Only for exchanges that leave the law's counts as they are; the checker has the last word anyway.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from optim.instance import Dish, Instance, Recipe
from optim.rules import RULES
from optim.rules.kitchen import HEAVY_A_DAY, minutes_of
from optim.rules.taste import VARIED, is_variant

ByDay = Mapping[date, tuple[Dish, ...]]


class Clashes:
    """The rules of taste and of the kitchen for one instance, ready to look at single days."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.days = [s.date for s in instance.services]
        self.on = {rule.name for rule in RULES if rule.applies(instance)}
        self.single = {s for s in VARIED if instance.kitchen.presentations(s) == 1}

    def found(self, menus: ByDay, days: Iterable[date]) -> bool:
        """Whether some rule is broken on these days or by their neighbours."""
        return any(self._day(menus, day) for day in days)

    def _day(self, menus: ByDay, day: date) -> bool:
        dishes = menus[day]
        pairs = [(d, self.instance.recipe[d.recipe]) for d in dishes]
        return self._kitchen(pairs) or self._meal(pairs) or self._around(menus, day, pairs)

    def _kitchen(self, pairs: list[tuple[Dish, Recipe]]) -> bool:
        kitchen = self.instance.kitchen
        if "lourd" in self.on and sum(r.heavy for _, r in pairs) > HEAVY_A_DAY:
            return True
        if "temps" in self.on and kitchen.staff_minutes is not None:
            minutes = sum(minutes_of(self.instance, d) for d, _ in pairs)
            if minutes > kitchen.staff_minutes:
                return True
        if "materiel" not in self.on:
            return False
        used = Counter(machine for _, r in pairs for machine in r.equipment)
        return any(count > kitchen.equipment.get(machine, count) for machine, count in used.items())

    def _meal(self, pairs: list[tuple[Dish, Recipe]]) -> bool:
        codes = [d.recipe for d, _ in pairs]
        noticed = [(d, r) for d, r in pairs if d.slot in VARIED and not is_variant(self.instance, d)]
        foods = [r.main_food for _, r in noticed if r.main_food]
        same = "aliment" in self.on and len(set(foods)) < len(foods)
        return same or ("retour" in self.on and len(set(codes)) < len(codes))

    def _around(self, menus: ByDay, day: date, pairs: list[tuple[Dish, Recipe]]) -> bool:
        rank = self.instance.rank[day]
        if "aliment" in self.on:
            mine = {(d.slot, r.main_food) for d, r in pairs if d.slot in self.single and r.main_food}
            for near in (rank - 1, rank + 1):
                for dish in self._at(menus, near):
                    if (dish.slot, self.instance.recipe[dish.recipe].main_food) in mine:
                        return True
        return "retour" in self.on and any(self._back_too_soon(menus, rank, r) for _, r in pairs)

    def _back_too_soon(self, menus: ByDay, rank: int, recipe: Recipe) -> bool:
        for away in range(1, recipe.repeat_gap):
            for near in (rank - away, rank + away):
                if any(dish.recipe == recipe.code for dish in self._at(menus, near)):
                    return True
        return False

    def _at(self, menus: ByDay, rank: int) -> tuple[Dish, ...]:
        if not 0 <= rank < len(self.days):
            return ()
        day = self.days[rank]
        return menus.get(day) or self.instance.history_by_day.get(day, ())
