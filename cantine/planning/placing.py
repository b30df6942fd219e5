"""A recipe put in a place of the board, and what the rules say of it then: no solver, nothing written."""

from dataclasses import dataclass, replace

from cantine.menus.grid import GridDay, GridDish, Place, filled_by
from cantine.planning.board import Board
from cantine.planning.counters import CRITERIA, Counter, dishes_of
from optim.plan import Plan
from optim.rules import RULES
from optim.terms import Slot


@dataclass(frozen=True)
class Effect:
    """What a candidate does to one criterion."""

    counter: Counter
    before: int

    @property
    def words(self) -> str:
        """« légumes cuits 10/10, tenu », « féculents 9/10, mieux », « fritures 5/4, rompu »."""
        was, now = abs(self.before - self.counter.limit), abs(self.counter.count - self.counter.limit)
        verdict = "tenu" if self.counter.kept else "mieux" if now < was else "rompu"
        return f"{self.counter.label} {self.counter.count}/{self.counter.limit}, {verdict}"


Effects = tuple[tuple[Effect, ...], tuple[Effect, ...]]
"""Criteria repaired, criteria broken."""
Known = dict[tuple[object, ...], Effects]
"""Effects by what the criteria look at in a recipe."""


def dish_at(day: GridDay, place: Place) -> GridDish | None:
    """The dish of a place."""
    return next((dish for dish in day.slot(place[1]) if dish.choice == place[2]), None)


def placed(board: Board, day: GridDay, slot: Slot, choice: int, code: str) -> GridDish:
    """A recipe as the dish of a place, with the share of the dish it replaces."""
    row = board.coster.book[code].recipe
    current = dish_at(day, (day.date, slot, choice))
    share = current.share_permille if current else 1000 // board.kitchen.choices[slot.value]
    return GridDish(
        date=day.date,
        slot=slot,
        choice=choice,
        recipe=code,
        name=row.name,
        share_permille=share,
        complete=row.complete_dish,
        covers_dairy=row.covers_dairy,
    )


def variant(board: Board, day: GridDay, dish: GridDish) -> GridDay:
    """The day with another dish in one place."""
    filled = filled_by(board.kitchen, board.coster.book[dish.recipe].recipe)
    kept = (d for d in day.dishes if (d.slot, d.choice) != (dish.slot, dish.choice) and d.slot not in filled)
    return replace(day, dishes=(*kept, dish))


def known_effects(board: Board, day: GridDay, dish: GridDish, known: Known) -> Effects:
    """Recipes that count for the same criteria change them alike: each kind is worked out once."""
    if board.checker is None:
        return (), ()
    recipe = board.checker.instance.recipe[dish.recipe]
    kind = recipe.tags, recipe.complete_dish, recipe.covers_dairy, recipe.variant_of
    if kind not in known:
        known[kind] = criteria_moved(board, variant(board, day, dish))
    return known[kind]


def criteria_moved(board: Board, day: GridDay) -> Effects:
    """Criteria repaired and criteria broken."""
    if board.checker is None or day.date not in set(board.block.dates):
        return (), ()
    before = {counter.rule: counter for counter in board.reading.counters}
    after = board.checker.counters(board.checker.replacing(dishes_of(day), day.date))
    moved = [(c, before[c.rule]) for c in after if c.rule in before and c.count != before[c.rule].count]
    repaired = [Effect(c, was.count) for c, was in moved if _distance(c) < _distance(was)]
    broken = [Effect(c, was.count) for c, was in moved if not c.kept and _distance(c) > _distance(was)]
    return tuple(repaired), tuple(broken)


def _distance(counter: Counter) -> int:
    """How far a criterion is from being kept."""
    return 0 if counter.kept else abs(counter.count - counter.limit)


def new_faults(board: Board, after: GridDay) -> tuple[str, ...]:
    """What a changed day breaks that was not broken, beside the criteria, which have their counters."""
    if board.checker is None:
        return ()
    instance, plan = (
        board.checker.instance,
        Plan(dishes=board.checker.replacing(dishes_of(after), after.date)),
    )
    rules = (r for r in RULES if not r.purchases and r.name not in CRITERIA and r.applies(instance))
    known = {fault.message for fault in board.reading.faults}
    told = (fault.message for rule in rules for fault in rule.violations(instance, plan))
    return tuple(message for message in told if message not in known)
