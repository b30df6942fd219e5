"""Garnitures of different colours from one service to the next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from optim.instance import Dish, Instance, Service
from optim.linear import LinearModel
from optim.plan import Plan, Violation, dishes_of
from optim.rules.base import Rule
from optim.rules.words import day_name
from optim.terms import Slot
from optim.variables import Variables

Columns = Mapping[str, list[tuple[bool, int]]]
"""Columns of the garnitures of a service by colour, each with whether it is kept."""


@dataclass(frozen=True, kw_only=True)
class GarnishColour(Rule):
    """Not the same colour of garniture two services running, where nobody has a choice of it.

    Two dishes that are both served or kept already are never blamed.
    """

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """Garnitures of the colour of the time before."""
        if not self._looked_at(instance):
            return []
        found = []
        for before, after in pairwise(instance.services):
            if after.served:
                continue
            earlier = self._garnishes(instance, dishes_of(instance, plan, before))
            for dish in self._garnishes(instance, dishes_of(instance, plan, after)):
                recipe = instance.recipe[dish.recipe]
                if any(self._clash(instance, one, dish) for one in earlier):
                    words = f"{recipe.name} le {day_name(after.date)}"
                    message = f"{words} : garniture de la même couleur ({recipe.colour}) la fois d'avant."
                    found.append(self.fault(message, after.date, dish.slot.value))
        return found

    def _looked_at(self, instance: Instance) -> bool:
        """Whether everybody eats the one garniture, and the chief did not give the rule up."""
        return instance.kitchen.presentations(Slot.GARNITURE) == 1 and not self.given_up(instance)

    def _garnishes(self, instance: Instance, dishes: Iterable[Dish]) -> list[Dish]:
        """What is eaten as garniture: the garniture, or the complete dish that takes its place."""
        complete = instance.kitchen.complete_fills_garnish
        return [
            d
            for d in dishes
            if d.slot is Slot.GARNITURE
            or (d.slot is Slot.PLAT and complete and instance.recipe[d.recipe].complete_dish)
        ]

    def _clash(self, instance: Instance, before: Dish, after: Dish) -> bool:
        one, two = instance.recipe[before.recipe].colour, instance.recipe[after.recipe].colour
        settled = _decided(instance)
        both = {(before.date, before.recipe), (after.date, after.recipe)} <= settled
        return bool(two) and one == two and not both

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row per colour and pair of services; a colour just served is kept away."""
        if not self._looked_at(instance):
            return
        for before, after in pairwise(instance.services):
            if after.served:
                continue
            columns = self._columns(variables, instance, after)
            earlier = {} if before.served else self._columns(variables, instance, before)
            self._pair(model, after, earlier, columns)
            if before.served:
                self._after_served(model, instance, (before, after), columns)

    def _columns(self, variables: Variables, instance: Instance, service: Service) -> Columns:
        found: defaultdict[str, list[tuple[bool, int]]] = defaultdict(list)
        for slot in (Slot.GARNITURE, Slot.PLAT):
            for recipe, column in variables.by_slot.get((service.date, slot), ()):
                stands = recipe.complete_dish and instance.kitchen.complete_fills_garnish
                if recipe.colour and (slot is Slot.GARNITURE or stands):
                    kept = (service.date, recipe.code) in _decided(instance)
                    found[recipe.colour].append((kept, column))
        return found

    def _after_served(
        self, model: LinearModel, instance: Instance, pair: tuple[Service, Service], columns: Columns
    ) -> None:
        before, after = pair
        for dish in self._garnishes(instance, instance.history_by_day.get(before.date, ())):
            colour = instance.recipe[dish.recipe].colour
            free = [(column, 1.0) for kept, column in columns.get(colour, ()) if not kept]
            self._row(model, free, 0, colour, after)

    def _pair(self, model: LinearModel, after: Service, earlier: Columns, later: Columns) -> None:
        for colour in sorted(earlier.keys() & later.keys()):
            one, two = earlier[colour], later[colour]
            if not (any(kept for kept, _ in one) and any(kept for kept, _ in two)):
                self._row(model, [(column, 1.0) for _, column in (*one, *two)], 1, colour, after)

    def _row(
        self, model: LinearModel, terms: list[tuple[int, float]], most: int, colour: str, after: Service
    ) -> None:
        about = f"{colour} en garniture, {day_name(after.date)}"
        model.row(self.name, terms, high=most, about=about, step=1)


def _decided(instance: Instance) -> frozenset[tuple[date, str]]:
    """Dishes that were served or that the chief keeps."""

    def compute() -> frozenset[tuple[date, str]]:
        return frozenset((dish.date, dish.recipe) for dish in (*instance.history, *instance.locks))

    return instance.memo("decided dishes", compute)


COLOUR = GarnishColour(
    name="couleur", title="pas la même couleur de garniture deux fois de suite", source="choix de la cuisine"
)
