"""A walk from plan to plan: dishes replaced or exchanged, deliveries opened, closed or moved.

Each step is priced exactly, food by food; worse steps are accepted less and less.
"""

from collections import defaultdict
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import exp
from random import Random

from optim.check import menu_violations
from optim.clash import Clashes
from optim.instance import Dish, Instance, Recipe
from optim.pantry import Mood
from optim.state import Change, State
from optim.surrogate import MenuGuess
from optim.terms import Slot

Signature = tuple[object, ...]

FIRST_WARMTH = 0.002
AGAIN_WARMTH = 0.001
LAST_WARMTH = 0.00005
"""Worsening accepted once in e tries at the start and at the end, as a share of the plan's price."""


def signature(recipe: Recipe, directed: Container[Slot] = ()) -> Signature:
    """What the rules of the law see of a recipe: two dishes alike may replace each other.

    In a directed slot, that is a variant of the same dish.
    """
    return (
        recipe.slot,
        recipe.tags,
        recipe.vegetarian,
        recipe.complete_dish,
        recipe.covers_dairy,
        recipe.garnish,
        recipe.root if recipe.slot in directed else "",
    )


@dataclass
class Walk:
    """One walker, its state and its dice."""

    guess: MenuGuess
    state: State
    random: Random
    over: Callable[[], bool]

    @property
    def instance(self) -> Instance:
        """The question."""
        return self.state.instance

    @cached_property
    def clashes(self) -> Clashes:
        """The rules of taste and of the kitchen."""
        return Clashes(self.instance)

    @cached_property
    def alike(self) -> dict[tuple[date, Slot], dict[Signature, list[Recipe]]]:
        """Per slot, the recipes that may replace each other."""
        found = {}
        for key, recipes in self.guess.allowed().items():
            groups: defaultdict[Signature, list[Recipe]] = defaultdict(list)
            for recipe in recipes:
                groups[self._signature(recipe)].append(recipe)
            found[key] = dict(groups)
        return found

    def _signature(self, recipe: Recipe) -> Signature:
        return signature(recipe, self.instance.kitchen.directed)

    @cached_property
    def locked(self) -> set[tuple[date, Slot, str]]:
        """Dishes that stay."""
        return {(lock.date, lock.slot, lock.recipe) for lock in self.instance.locks}

    def close_idle(self) -> None:
        """Close deliveries one by one, the smallest orders first, as long as it pays."""
        visits = self.state.pantry.visits
        used = self.state.spend()
        self._accept(self.state.try_visits(visits.free() | sum(1 << v for v in used)))
        for _ in range(3):
            before = self.state.value
            order = sorted(
                self.state.spend().items(), key=lambda item: (item[1] - visits.minimum[item[0]], item[0])
            )
            for visit, _ in order:
                if self.over():
                    return
                if visits.minimum[visit] or visits.fee[visit]:
                    self._accept_better(self.state.try_visits(self.state.opened & ~(1 << visit)))
            if self.state.value > before - 1:
                return

    def run(self, steps: int, cooled: float, *, again: bool) -> State:
        """Take steps at one warmth.

        Args:
            steps: how many moves to try.
            cooled: share of the cooling done, from 0 to 1.
            again: whether this is a later cooling, which starts less warm.

        Returns:
            The best state seen.
        """
        first = AGAIN_WARMTH if again else FIRST_WARMTH
        warmth = first * (LAST_WARMTH / first) ** cooled
        best = self._copy()
        for _ in range(steps):
            if self.over():
                break
            change = self._draw()
            if change is None:
                continue
            rise = change.value - self.state.value
            limit = max(1.0, abs(self.state.value)) * warmth
            if (rise < 0 or self.random.random() < exp(-rise / limit)) and self._right(change):
                self._accept(change)
                if self.state.value < best.value - 1e-6 and (self.state.fed or not best.fed):
                    best = self._copy()
        return best

    def _copy(self) -> State:
        twin = object.__new__(State)
        twin.__dict__ = {
            name: (value.copy() if isinstance(value, (dict, set)) else value)
            for name, value in self.state.__dict__.items()
        }
        return twin

    def _draw(self) -> Change | None:
        kind = self.random.random()
        if kind < 0.6:  # noqa: PLR2004 - shares of the moves, found by trial
            return self._replace()
        if kind < 0.75:  # noqa: PLR2004
            return self._exchange()
        return self._visit() if kind < 0.92 else self._mood()  # noqa: PLR2004

    def _mood(self) -> Change:
        food = self.random.choice(sorted(self.state.needs))
        return self.state.try_mood(food, self.random.choice(list(Mood)))

    def _replace(self) -> Change | None:
        dish = self._pick()
        if dish is None:
            return None
        day, slot = dish.date, dish.slot
        present = self.instance.recipe[dish.recipe]
        others = self.alike[day, slot].get(self._signature(present), [])
        if len(others) < 2:  # noqa: PLR2004 - itself alone
            return None
        other = self.random.choice(others)
        if other.code == dish.recipe:
            return None
        return self.state.try_dishes((dish,), (dish.model_copy(update={"recipe": other.code}),))

    @cached_property
    def places(self) -> list[tuple[date, int]]:
        """Where a dish may change: day and rank among the dishes of the day."""
        return [
            (day, rank)
            for day, dishes in sorted(self.state.menus.items())
            for rank, dish in enumerate(dishes)
            if (day, dish.slot, dish.recipe) not in self.locked
        ]

    def _pick(self) -> Dish | None:
        if not self.places:
            return None
        day, rank = self.random.choice(self.places)
        return self.state.menus[day][rank]

    def _exchange(self) -> Change | None:
        one = self._pick()
        two = self._pick()
        if one is None or two is None or one.slot is not two.slot or one.date == two.date:
            return None
        if self.instance.recipe[one.recipe].complete_dish != self.instance.recipe[two.recipe].complete_dish:
            return None
        if self.instance.recipe[one.recipe].covers_dairy != self.instance.recipe[two.recipe].covers_dairy:
            return None
        if not (self._may(one.date, two) and self._may(two.date, one)):
            return None
        added = (
            one.model_copy(update={"recipe": two.recipe}),
            two.model_copy(update={"recipe": one.recipe}),
        )
        return self.state.try_dishes((one, two), added)

    def _may(self, day: date, dish: Dish) -> bool:
        recipe = self.instance.recipe[dish.recipe]
        return recipe in self.alike[day, dish.slot].get(self._signature(recipe), ())

    def _visit(self) -> Change | None:
        visits = self.state.pantry.visits
        used = [v for v in self.state.spend() if visits.minimum[v] or visits.fee[v]]
        opened = self.state.opened
        kind = self.random.random()
        if used and kind < 0.4:  # noqa: PLR2004
            opened &= ~(1 << self.random.choice(sorted(used)))
        elif used and kind < 0.8:  # noqa: PLR2004
            visit = self.random.choice(sorted(used))
            supplier = visits.keys[visit][0]
            near = [v for v in range(max(0, visit - 3), min(len(visits.keys), visit + 4)) if v != visit]
            near = [v for v in near if visits.keys[v][0] == supplier]
            if near:
                opened = opened & ~(1 << visit) | 1 << self.random.choice(near)
        else:
            opened |= 1 << self.random.randrange(len(visits.keys))
        return None if opened == self.state.opened else self.state.try_visits(opened)

    def _right(self, change: Change) -> bool:
        """Whether the menus after a move keep the rules."""
        if not change.added:
            return True
        changed = self.state.menus_after(change)
        if self.clashes.found({**self.state.menus, **changed}, changed):
            return False
        if all(self._same_to_the_law(*pair) for pair in zip(change.removed, change.added, strict=True)):
            return True
        menus = {**self.state.menus, **changed}
        return not menu_violations(self.instance, [d for dishes in menus.values() for d in dishes])

    def _same_to_the_law(self, out: Dish, dish: Dish) -> bool:
        recipes = self.instance.recipe
        return self._signature(recipes[out.recipe]) == self._signature(recipes[dish.recipe])

    def _accept_better(self, change: Change) -> None:
        if change.value < self.state.value:
            self._accept(change)

    def _accept(self, change: Change) -> None:
        self.state.make(change)
