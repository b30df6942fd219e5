"""The menus as arrays: places, their candidates, and the rows that the rules write."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import inf

from optim.figures import dish_extras_millicents
from optim.instance import Dish, Instance, Recipe
from optim.linear import LinearModel
from optim.lines import views
from optim.plan import Plan, dish_need_g
from optim.rules.frequency import Frequency, sliding_windows
from optim.rules.lines import seen_by
from optim.surrogate import MenuGuess
from optim.terms import Slot
from optim.units import MILLICENTS

MUST_HOLD = -1.0
Terms = list[tuple[int, float]]
Place = tuple[date, Slot | None, int]
"""Date, slot and rank of the choice; without a slot, a yes-or-no column of a rule."""


@dataclass
class Candidate:
    """A dish at a place."""

    dish: Dish | None
    recipe: int
    shape: int
    extras: float
    rows: Terms
    needs: list[tuple[int, int]]


@dataclass
class Menus:
    """Rows and places, before they become arrays."""

    instance: Instance
    guess: MenuGuess
    foods: dict[str, int]
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    candidates: list[list[Candidate]] = field(default_factory=list)
    column_rows: dict[int, Terms] = field(default_factory=dict)
    helpers: list[int] = field(default_factory=list)
    sliding: dict[Frequency, list[tuple[frozenset[date], int]]] = field(default_factory=dict)
    day_rows: dict[date, list[int]] = field(default_factory=dict)

    @property
    def linear(self) -> LinearModel:
        """The rows of the rules."""
        return self.guess.model.linear

    def __post_init__(self) -> None:
        """Read the rows, each in its own unit (a minute is no dish), then fill the places."""
        linear = self.linear
        size = [max((abs(weight) for _, weight in terms), default=1.0) or 1.0 for terms in linear.row_terms]
        self.low = [low / unit for low, unit in zip(linear.row_low, size, strict=True)]
        self.high = [high / unit for high, unit in zip(linear.row_high, size, strict=True)]
        self.price = [MUST_HOLD] * len(self.low)
        rows: defaultdict[int, Terms] = defaultdict(list)
        for row, terms in enumerate(linear.row_terms):
            for column, weight in terms:
                rows[column].append((row, weight / size[row]))
        self.column_rows = rows
        self.recipes = {recipe.code: n for n, recipe in enumerate(self.instance.recipes)}
        self._add_sliding()
        self._add_places()
        self._add_switches()
        self._find_day_rows()

    def _row(self, low: float, high: float, price: float) -> int:
        self.low.append(low)
        self.high.append(high)
        self.price.append(price)
        return len(self.low) - 1

    def _add_sliding(self) -> None:
        """Sliding counts of 20 meals, as the objective prices them: for the line of most diners."""
        self.view = next(iter(views(self.instance, law=True)), None)
        seen = self.view.instance if self.view else self.instance
        price = float(self.instance.profile.repetition_cents)
        for window in sliding_windows(seen):
            least = -inf if window.least is None else window.least - window.served
            most = inf if window.most is None else window.most - window.served
            row = self._row(least, most, price)
            self.sliding.setdefault(window.rule, []).append((frozenset(window.dates), row))

    def _sliding_terms(self, dish: Dish) -> Iterator[tuple[int, float]]:
        seen: tuple[Dish, ...] = (dish,)
        instance = self.instance
        if self.view:
            seen, instance = seen_by(self.view, Plan(dishes=(dish,))).dishes, self.view.instance
        for rule, windows in self.sliding.items():
            count = rule.count(instance, seen)
            if count:
                for dates, row in windows:
                    if dish.date in dates:
                        yield row, float(count)

    def _add_places(self) -> None:
        for (day, slot), recipes in self.guess.allowed().items():
            once = {r.code: self._row(-inf, 1, MUST_HOLD) for r in recipes} if self._chosen(slot) else {}
            locks = {
                lock.choice: lock.recipe
                for lock in self.instance.locks
                if (lock.date, lock.slot) == (day, slot)
            }
            for choice in range(1, self.instance.kitchen.presentations(slot) + 1):
                kept = locks.get(choice)
                options = [r for r in recipes if (r.code == kept if kept else r.code not in locks.values())]
                found = [
                    self._candidate(Dish(date=day, slot=slot, choice=choice, recipe=r.code), r)
                    for r in options
                ]
                for recipe, candidate in zip(options, found, strict=True):
                    if once:
                        candidate.rows.append((once[recipe.code], 1.0))
                self.places.append((day, slot, choice))
                self.candidates.append(sorted(found, key=lambda c: (c.shape, c.recipe)))

    def _chosen(self, slot: Slot) -> bool:
        return self.instance.kitchen.presentations(slot) > 1

    def _candidate(self, bare: Dish, recipe: Recipe) -> Candidate:
        variables = self.guess.model.variables
        share = variables.share_of(bare.date, bare.slot, recipe.code)
        dish = bare.model_copy(update={"share_permille": share})
        rows: Terms = []
        for level in self.instance.kitchen.levels(dish.slot):
            if dish.choice <= level:
                column = variables.among(dish.date, dish.slot, recipe.code, level)
                rows += self.column_rows.get(column, [])
        rows += self._sliding_terms(dish)
        needs = [(self.foods[food], grams) for food, grams in dish_need_g(self.instance, dish).items()]
        extras = dish_extras_millicents(self.instance, dish) / MILLICENTS
        shape = 2 * recipe.complete_dish + recipe.covers_dairy
        return Candidate(dish, self.recipes[recipe.code], shape, extras, rows, needs)

    def _add_switches(self) -> None:
        """Columns of the rules that are no dish: some follow from dishes, others are places to fill."""
        dishes = {column: served.date for served, column in self.guess.model.variables.servings.items()}
        for column in range(len(self.linear.lower)):
            if column in dishes or not self.column_rows.get(column):
                continue
            if column in self.linear.leaning:
                self.helpers.append(column)
                continue
            others = (c for row, _ in self.column_rows[column] for c, _ in self.linear.row_terms[row])
            day = next(dishes[c] for c in others if c in dishes)
            self.places.append((day, None, 1))
            rows = list(self.column_rows[column])
            self.candidates.append([Candidate(None, len(self.recipes), 0, 0.0, rows, [])])

    def _find_day_rows(self) -> None:
        """What a meal is made of: the rows to mend after a dish of another shape."""
        dishes = {column: served.date for served, column in self.guess.model.variables.servings.items()}
        for row, rule in enumerate(self.linear.row_rule):
            if rule == "structure":
                days = {dishes[c] for c, _ in self.linear.row_terms[row] if c in dishes}
                if len(days) == 1:
                    self.day_rows.setdefault(days.pop(), []).append(row)
