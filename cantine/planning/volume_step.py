"""One dish tried in one place for a volume, and the board as it stands once dishes are placed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from cantine.menus.grid import GridDay, GridDish, GridWeek, Place, filled_by
from cantine.planning.announced import Announced
from cantine.planning.board import Board
from cantine.planning.change import Change, change_of
from cantine.planning.placing import Effect, criteria_moved, dish_at, new_faults, placed, variant
from cantine.planning.supply import Supply
from optim.terms import Slot


@dataclass(frozen=True)
class Option:
    """One dish in one place, and what it would do."""

    day: GridDay
    dish: GridDish
    replaced: GridDish | None
    grams: int
    """Of the food, more than the meal took."""
    portions: float
    repaired: tuple[Effect, ...] = ()
    broken: tuple[Effect, ...] = ()
    warnings: tuple[str, ...] = ()
    change: Change | None = None

    @property
    def place(self) -> Place:
        """Where it goes."""
        return self.dish.date, self.dish.slot, self.dish.choice

    @property
    def kept(self) -> bool:
        """Whether nothing is broken, and everything else can be bought in time."""
        late = self.change is None or not self.change.orders.possible
        return not (self.broken or self.warnings or late)

    @property
    def rank(self) -> tuple[bool, int, int, float]:
        """The best place first."""
        worth = self.change.millicents if self.change else float("inf")
        return not self.kept, len(self.broken) - len(self.repaired), len(self.warnings), worth

    @property
    def delta_cents(self) -> float | None:
        """Cents TTC more (or less) per meal of the day."""
        if self.change is None:
            return None
        return (self.change.total.ttc - self.change.before.ttc) / self.day.meals


@dataclass(frozen=True)
class Step:
    """A board and its purchases, as they stand after some placements."""

    board: Board
    supply: Supply
    announced: Announced

    @cached_property
    def days(self) -> tuple[GridDay, ...]:
        """Days asked whose menu may change, and whose rules can be read."""
        instance = self.supply.instance
        return tuple(
            day
            for day in self.board.open
            if self.announced.first <= day.date <= self.announced.last
            and day.status != "valide"
            and day.dishes
            and day.date in instance.service
        )

    def options(self) -> Iterator[Option]:
        """Every dish with the food, in every place that may change."""
        for code, entry in self.board.coster.book.items():
            if any(food.code == self.announced.food.code for _, food in entry.lines):
                slot = Slot(entry.recipe.slot)
                for day in self.days:
                    for choice in range(1, self.board.kitchen.choices[slot.value] + 1):
                        option = self._option(day, slot, choice, code)
                        if option is not None:
                            yield option

    def _option(self, day: GridDay, slot: Slot, choice: int, code: str) -> Option | None:
        book, kitchen = self.board.coster.book, self.board.kitchen
        replaced = dish_at(day, (day.date, slot, choice))
        gone = [d for d in day.dishes if d.slot in filled_by(kitchen, book[code].recipe)]
        refused = code in {recipe for recipe, _ in self.board.bans.get(day.date, ())}
        there = code in {d.recipe for d in day.dishes}
        filled = replaced is None and day.included_in(slot) is not None
        if there or refused or filled or any(d.locked for d in (replaced, *gone) if d):
            return None
        dish = placed(self.board, day, slot, choice, code)
        after = variant(self.board, day, dish)
        grams = round(self._need(after) - self._need(day))
        return Option(day, dish, replaced, grams, sum(day.eaters(dish).values())) if grams > 0 else None

    def _need(self, day: GridDay) -> float:
        food = self.announced.food.code
        return sum(self.board.coster.need(dish, day).get(food, 0.0) for dish in day.dishes)

    def read(self, option: Option) -> Option:
        """What the checker, the costs and the purchases say of it."""
        after = variant(self.board, option.day, option.dish)
        repaired, broken = criteria_moved(self.board, after)
        change = change_of(self.board, self.supply, option.day, after, option.place)
        return replace(
            option,
            repaired=repaired,
            broken=broken,
            warnings=new_faults(self.board, after),
            change=change,
        )

    def placing(self, option: Option) -> Option | None:
        """The same dish in the same place, now that others are placed."""
        day = self.board.day(option.dish.date)
        if day is None:
            return None
        again = self._option(day, option.dish.slot, option.dish.choice, option.dish.recipe)
        return self.read(again) if again else None

    def there(self) -> Iterator[tuple[date, str, int]]:
        """Dishes of these days that need the food while nothing was bought for them."""
        food = self.announced.food.code
        for day in self.board.open:
            if self.announced.first <= day.date <= self.announced.last:
                free = self.supply.in_place.planned_g(day.date, food)
                for dish in day.dishes:
                    grams = self.board.coster.need(dish, day).get(food, 0.0)
                    lack, free = max(0, round(grams - free)), max(0, round(free - grams))
                    if lack > self.announced.rounding_g:
                        yield day.date, dish.name, lack

    def after(self, option: Option) -> "Step":
        """The same once a dish is placed."""
        if option.change is None or self.board.checker is None:
            return self
        day = variant(self.board, option.day, option.dish)
        checker = replace(
            self.board.checker, dishes=self.board.checker.replacing(option.change.effect.dishes, day.date)
        )
        origins = self.supply.origins(option.change.effect)
        coster = replace(self.board.coster, sources=self.board.coster.sources.with_uses(origins))
        facts = {**self.board.facts, **{dish: coster.facts(dish, day) for dish in day.dishes}}
        board = replace(
            self.board,
            weeks=tuple(_with_day(week, day) for week in self.board.weeks),
            checker=checker,
            reading=checker.read(),
            coster=coster,
            facts=facts,
            values={**self.board.values, day.date: coster.day_value(day, facts)},
        )
        plan = option.change.effect.after(self.supply.in_place.plan)
        supply = replace(self.supply, in_place=replace(self.supply.in_place, plan=plan))
        return Step(board, supply, self.announced)


def _with_day(week: GridWeek, day: GridDay) -> GridWeek:
    return replace(week, days=tuple(day if d.date == day.date else d for d in week.days))
