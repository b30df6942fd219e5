"""Who takes which presentation: the lines of a kitchen, and each line's meals as a question of its own.

A kitchen presents as many dishes in a slot as its widest line; a line with n choices takes the first
n of them, in equal shares; the shares that a dish carries are those of the lines that have them all.
A line of four components in a kitchen of five takes the starter on one day and the dessert on the
next, by the calendar: the law has one table for four and five components, so that neither its raw
vegetables nor its fruits may be left out for good.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from typing import Any, NamedTuple, Protocol

from optim.instance import Dish, Frozen, Instance, Kitchen, Line, Recipe
from optim.terms import Niveau, Slot
from optim.units import PERMILLE


class Serving(NamedTuple):
    """A recipe as the lines with ``level`` choices of its slot are served it."""

    date: date
    slot: Slot
    recipe: str
    level: int
    share_permille: int
    """Of the diners of these lines."""


def alternates(kitchen: Kitchen, line: Line) -> bool:
    """Whether the line has one component less than the kitchen cooks."""
    return line.components < kitchen.components


def left_out(day: date) -> Slot:
    """The slot that an alternating line does not take that day."""
    return Slot.DESSERT if day.toordinal() % 2 else Slot.ENTREE


class Placed(Protocol):
    """A dish at its place, whoever describes it."""

    @property
    def date(self) -> date:
        """Day of service."""

    @property
    def slot(self) -> str:
        """Its component."""

    @property
    def choice(self) -> int:
        """Its rank."""

    @property
    def share_permille(self) -> int:
        """Its share of the diners who have every choice."""


def takes(kitchen: Kitchen, line: Line, day: date, slot: Slot, *, covers_dairy: bool) -> bool:
    """Whether the line takes a dish of the slot that day, be it as its dairy product."""
    if not alternates(kitchen, line) or slot is not left_out(day):
        return True
    return covers_dairy and kitchen.dairy_fills(slot)


def line_permille(kitchen: Kitchen, line: Line, dish: Placed, *, covers_dairy: bool) -> int:
    """Share of a line's diners who take a dish: nobody where it is not among its choices."""
    slot = Slot(dish.slot)
    count, most = line.presentations(slot), kitchen.presentations(slot)
    if not count or not takes(kitchen, line, dish.date, slot, covers_dairy=covers_dairy):
        return 0
    if count == most:
        return dish.share_permille
    return ceil(PERMILLE / count) if dish.choice <= count else 0


def servings(instance: Instance, dish: Dish) -> tuple[Serving, ...]:
    """A dish as each level of choice is served it."""
    levels = instance.kitchen.levels(dish.slot)
    return tuple(
        serving(instance.kitchen, dish, level)
        for level in levels
        if dish.choice <= level or level == levels[-1]
    )


def serving(kitchen: Kitchen, dish: Dish, level: int) -> Serving:
    """A dish as one level is served it: equal shares where not every choice is there."""
    whole = level == kitchen.presentations(dish.slot)
    share = dish.share_permille if whole else ceil(PERMILLE / level)
    return Serving(dish.date, dish.slot, dish.recipe, level, share)


def served_diners(instance: Instance, served: Serving) -> Mapping[Niveau, int]:
    """Diners of the lines of this level that take the recipe that day, whatever they choose."""
    kitchen, service = instance.kitchen, instance.service[served.date]
    if not kitchen.lines:
        return service.diners if served.level == kitchen.presentations(served.slot) else {}
    recipe = instance.recipe[served.recipe]

    def compute() -> Counter[Niveau]:
        found: Counter[Niveau] = Counter()
        for line in kitchen.lines:
            level = line.presentations(served.slot)
            dairy = recipe.covers_dairy
            if level == served.level and takes(kitchen, line, served.date, served.slot, covers_dairy=dairy):
                found.update(service.by_line[line.code])
        return found

    return instance.memo(("diners", served.date, served.slot, served.level, recipe.covers_dairy), compute)


class LineKitchen(Kitchen):
    """A kitchen as one of its lines knows it."""

    whole: Kitchen
    alternating: bool = False

    @property
    def complete_fills_garnish(self) -> bool:
        """As for the whole kitchen: what is cooked beside a complete dish is there for every line."""
        return self.whole.complete_fills_garnish

    def dairy_fills(self, slot: Slot) -> bool:
        """As for the whole kitchen."""
        return self.whole.dairy_fills(slot)

    def presented(self, slot: Slot, day: date) -> int:
        """None in the slot that the line leaves out that day."""
        out = self.alternating and slot is left_out(day)
        return 0 if out else self.presentations(slot)


@dataclass(frozen=True)
class View:
    """One line's meals as a question of its own: what the rules of the law look at."""

    source: Instance
    line: Line
    law: bool
    """Whether the presentations of a directed slot count once."""

    def presentations(self, slot: Slot) -> int:
        """Presentations of the slot that count for the line."""
        count = self.line.presentations(slot)
        return min(1, count) if self.law and slot in self.source.kitchen.directed else count

    def sees(self, dish: Dish) -> bool:
        """Whether the dish is one of those that count for the line."""
        count = self.presentations(dish.slot)
        ranked = dish.choice <= count or count == self.source.kitchen.presentations(dish.slot)
        return ranked and self.takes(dish.date, self.source.recipe[dish.recipe])

    def takes(self, day: date, recipe: Recipe) -> bool:
        """Whether the line takes the recipe's slot that day."""
        dairy = recipe.covers_dairy
        return takes(self.source.kitchen, self.line, day, recipe.slot, covers_dairy=dairy)

    @cached_property
    def instance(self) -> Instance:
        """The question as if this line alone were served."""
        source, kitchen = self.source, self.source.kitchen
        own = _fields(kitchen) | {
            "components": self.line.components,
            "choices": {slot: self.presentations(slot) for slot in Slot},
            "lines": (),
            "directed": frozenset(),
            "whole": kitchen,
            "alternating": alternates(kitchen, self.line),
        }
        changed = {
            "kitchen": LineKitchen.model_construct(**own),
            "history": tuple(dish for dish in source.history if self.sees(dish)),
            "locks": tuple(dish for dish in source.locks if self.sees(dish)),
        }
        return Instance.model_construct(**(_fields(source) | changed))


def _fields(of: Frozen) -> dict[str, Any]:
    """What was given, without what was derived from it since."""
    return {name: getattr(of, name) for name in type(of).model_fields}


def views(instance: Instance, *, law: bool) -> tuple[View, ...]:
    """A view per line, the line of most diners first; none where all are served alike and all counts."""
    kitchen = instance.kitchen
    if not kitchen.lines and not (law and kitchen.directed):
        return ()

    def compute() -> tuple[View, ...]:
        alone = Line(
            code=kitchen.code, name=kitchen.name, components=kitchen.components, choices=kitchen.choices
        )
        lines = kitchen.lines or (alone,)
        diners = {
            line.code: sum(sum(s.by_line.get(line.code, {}).values()) for s in instance.horizon)
            for line in lines
        }
        ordered = sorted(lines, key=lambda line: (-diners[line.code], line.code))
        return tuple(View(instance, line, law) for line in ordered)

    return instance.memo(("views", law), compute)
