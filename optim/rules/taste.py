"""What diners notice: the same dish again, the same food again, and what the chief decided."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from optim.instance import Dish, Instance, Service
from optim.linear import LinearModel
from optim.lines import servings
from optim.plan import Plan, Violation, dishes_of
from optim.rules.base import Rule
from optim.rules.words import SLOTS, dated, day_name
from optim.terms import Slot
from optim.variables import Variables

VARIED = (Slot.ENTREE, Slot.PLAT, Slot.GARNITURE, Slot.DESSERT)
"""Slots where the same main food two services in a row is noticed; dairy is all milk."""
CHIEF = "choix de la cuisine"


@dataclass(frozen=True, kw_only=True)
class RepeatGap(Rule):
    """A dish comes back after so many services, and never twice in one meal."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Dishes that come back too soon."""
        days: defaultdict[str, list[Service]] = defaultdict(list)
        for service in instance.services:
            for dish in dishes_of(instance, plan, service):
                days[dish.recipe].append(service)
        found = []
        for code, services in days.items():
            recipe = instance.recipe[code]
            for before, after in pairwise(services):
                gap = instance.rank[after.date] - instance.rank[before.date]
                if not after.served and gap < max(1, self._gap(instance, code)):
                    message = (
                        f"{recipe.name} revient le {day_name(after.date)}, déjà le {day_name(before.date)}."
                    )
                    wanted = self._gap(instance, code)
                    found.append(self.fault(message, after.date, recipe.slot.value, gap, wanted))
        return found

    def _gap(self, instance: Instance, code: str) -> int:
        """Services before the dish may come back."""
        return max(0, instance.recipe[code].repeat_gap - self.given_up(instance))

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """At most one of the recipe in any run of ``repeat_gap`` services."""
        last = {d.recipe: instance.rank[d.date] for d in sorted(instance.history, key=lambda d: d.date)}
        columns: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for (day, _, code), column in variables.dish.items():
            columns[code][instance.rank[day]] = column
        for code, per_rank in columns.items():
            gap, name = self._gap(instance, code), instance.recipe[code].name
            for start in sorted(per_rank):
                if code in last and start - last[code] < gap:
                    model.forbid(self.name, per_rank[start])
                run = [per_rank[r] for r in range(start, start + gap) if r in per_rank]
                if len(run) > 1:
                    model.row(self.name, [(c, 1.0) for c in run], high=1, about=name)


@dataclass(frozen=True, kw_only=True)
class MainFood(Rule):
    """The same main food neither twice in a meal nor in the same slot of two services running.

    Where a slot offers a choice, who ate a food the day before may take the other dish.
    """

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Meals and pairs of meals that resemble each other."""
        found: list[Violation] = []
        before: tuple[Dish, ...] = ()
        for service in instance.services:
            dishes = tuple(d for d in dishes_of(instance, plan, service) if d.slot in VARIED)
            if not service.served:
                found += self._same_meal(instance, service, dishes)
                found += self._following(instance, service, before, dishes)
            before = dishes
        return found

    def _same_meal(
        self, instance: Instance, service: Service, dishes: tuple[Dish, ...]
    ) -> Iterator[Violation]:
        noticed = (dish for dish in dishes if not is_variant(instance, dish))
        for one, two in combinations(noticed, 2):
            food = instance.recipe[one.recipe].main_food
            if food and food == instance.recipe[two.recipe].main_food:
                names = f"{instance.recipe[one.recipe].name} et {instance.recipe[two.recipe].name}"
                message = f"{names} le {day_name(service.date)} : deux fois le même aliment."
                yield self.fault(message, service.date, two.slot.value)

    def _following(
        self, instance: Instance, service: Service, before: tuple[Dish, ...], dishes: tuple[Dish, ...]
    ) -> Iterator[Violation]:
        for dish in dishes:
            recipe = instance.recipe[dish.recipe]
            again = any(
                d.slot is dish.slot and instance.recipe[d.recipe].main_food == recipe.main_food
                for d in before
            )
            if recipe.main_food and again and instance.kitchen.presentations(dish.slot) == 1:
                message = f"{recipe.name} le {day_name(service.date)} : même aliment la fois d'avant."
                yield self.fault(message, service.date, dish.slot.value)

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per food and meal, one per food, slot and pair of services."""
        previous: Service | None = None
        for service in instance.services:
            if not service.served:
                self._meal_rows(model, variables, instance, service)
                if previous:
                    self._pair_rows(model, variables, instance, (previous, service))
            previous = service

    def _meal_rows(
        self, model: LinearModel, variables: Variables, instance: Instance, service: Service
    ) -> None:
        foods: defaultdict[str, list[int]] = defaultdict(list)
        for slot in VARIED:
            level = 1 if slot in instance.kitchen.directed else instance.kitchen.presentations(slot)
            for recipe, _ in variables.by_slot.get((service.date, slot), ()):
                if recipe.main_food:
                    column = variables.among(service.date, slot, recipe.code, level)
                    foods[recipe.main_food].append(column)
        for food, columns in foods.items():
            if len(columns) > 1:
                about = f"{food}, {day_name(service.date)}"
                model.row(self.name, [(c, 1.0) for c in columns], high=1, about=about)

    def _pair_rows(
        self, model: LinearModel, variables: Variables, instance: Instance, pair: tuple[Service, Service]
    ) -> None:
        previous, service = pair
        for slot in (s for s in VARIED if instance.kitchen.presentations(s) == 1):
            eaten = {
                instance.recipe[d.recipe].main_food
                for d in instance.history_by_day.get(previous.date, ())
                if d.slot is slot and previous.served
            } - {""}
            foods: defaultdict[str, list[int]] = defaultdict(list)
            for recipe, column in variables.by_slot.get((service.date, slot), ()):
                if recipe.main_food in eaten:
                    model.forbid(self.name, column)
                foods[recipe.main_food].append(column)
            for recipe, column in variables.by_slot.get((previous.date, slot), ()):
                foods[recipe.main_food].append(column)
            for food, columns in foods.items():
                if food and len(columns) > 1:
                    about = f"{food} en {SLOTS[slot]}, {day_name(service.date)}"
                    model.row(self.name, [(c, 1.0) for c in columns], high=1, about=about)


@dataclass(frozen=True, kw_only=True)
class Locks(Rule):
    """What the chief keeps stays."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Kept dishes that are not in the plan."""
        found = []
        for lock in instance.locks:
            same = (
                d for d in plan.by_day.get(lock.date, ()) if (d.slot, d.recipe) == (lock.slot, lock.recipe)
            )
            kept = any(self._as_kept(instance, lock, dish) for dish in same)
            if not kept and not instance.service[lock.date].served:
                message = f"{instance.recipe[lock.recipe].name} était gardé le {day_name(lock.date)}."
                found.append(self.fault(message, lock.date, lock.slot.value))
        return found

    def _as_kept(self, instance: Instance, lock: Dish, dish: Dish) -> bool:
        """Whether the dish has the share that was decided, and feeds the same lines."""
        share = dish.share_permille == lock.share_permille or not shared(instance, lock)
        levels = [served.level for served in servings(instance, lock)]
        return share and levels == [served.level for served in servings(instance, dish)]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per kept dish, and one per line that has fewer choices."""
        for lock in instance.locks:
            column = variables.dish.get((lock.date, lock.slot, lock.recipe))
            if not instance.service[lock.date].served:
                terms = [(column, 1.0)] if column is not None else []
                name = dated(instance.recipe[lock.recipe].name, lock.date)
                model.row(self.name, terms, low=1, about=name)
                for level in instance.kitchen.levels(lock.slot)[:-1]:
                    first = variables.first.get((lock.date, lock.slot, lock.recipe, level))
                    if first is not None:
                        taken = float(lock.choice <= level)
                        model.row(self.name, [(first, 1.0)], taken, taken, about=name)


def is_variant(instance: Instance, dish: Dish) -> bool:
    """Whether the dish is a second variant of a directed slot: it counts with the first."""
    return dish.slot in instance.kitchen.directed and dish.choice > 1


def shared(instance: Instance, lock: Dish) -> bool:
    """Whether the share of a kept dish was decided: a single dish, or a whole share, decides nothing."""
    return instance.kitchen.presentations(lock.slot) > 1 and lock.share_permille < 1000  # noqa: PLR2004


@dataclass(frozen=True, kw_only=True)
class Bans(Rule):
    """What the chief refuses does not come."""

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Refused dishes in the plan."""
        return [
            self.fault(
                f"{instance.recipe[d.recipe].name} est écarté le {day_name(d.date)}.", d.date, d.slot.value
            )
            for d in plan.dishes
            if (d.date, d.recipe) in instance.bans
        ]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """Keep those dishes at zero."""
        for (day, _, code), column in variables.dish.items():
            if (day, code) in instance.bans:
                model.forbid(self.name, column)


TASTE = (
    RepeatGap(name="retour", title="délai avant le retour d'un plat", source=CHIEF),
    MainFood(name="aliment", title="pas le même aliment deux fois de suite", source=CHIEF),
    Locks(name="garder", title="plats gardés", source=CHIEF),
    Bans(name="ecarter", title="plats écartés", source=CHIEF),
)
