"""What may take the place of a dish: each candidate with its cost, its signs and what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cantine.french import fold
from cantine.menus.grid import GridDay, GridDish, Place, filled_by
from cantine.planning.board import Board
from cantine.planning.costing import DishFacts
from cantine.planning.counters import SHORT, Checker, Counter, dishes_of
from optim.terms import Slot

SHOWN = 12
READ = 14
EVERY = 60


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


@dataclass(frozen=True)
class Alternative:
    """One candidate."""

    recipe: str
    name: str
    facts: DishFacts
    delta_cents: float | None
    repaired: tuple[Effect, ...] = ()
    broken: tuple[Effect, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: bool = False

    @property
    def rank(self) -> tuple[bool, int, int, float]:
        """Repairs first, then what breaks nothing, then what brings no trouble, then the cheapest."""
        cost = self.facts.value.ttc_per_portion or 1e9
        return self.refused, len(self.broken) - len(self.repaired), len(self.warnings), cost


@dataclass(frozen=True)
class SwapPanel:
    """The panel « Changer » of one place."""

    day: GridDay
    slot: Slot
    choice: int
    current: GridDish | None
    current_facts: DishFacts | None
    query: str
    found: int
    alternatives: tuple[Alternative, ...]


def swap_panel(board: Board, place: Place, query: str, *, everything: bool = False) -> SwapPanel | None:
    """Candidates for one place, best first; None where the day is not on the board."""
    date_, slot, choice = place
    day = board.day(date_)
    if day is None:
        return None
    current = next((d for d in day.slot(slot) if d.choice == choice), None)
    candidates = sorted(_candidates(board, day, slot, choice, query), key=lambda a: a.rank)
    limit = EVERY if everything or query else SHOWN
    read = [_warned(board, day, place, a) for a in candidates[: max(limit, READ)]]
    return SwapPanel(
        day=day,
        slot=slot,
        choice=choice,
        current=current,
        current_facts=board.facts[current] if current else None,
        query=query,
        found=len(candidates),
        alternatives=tuple(sorted(read, key=lambda a: a.rank)[:limit]),
    )


def _candidates(board: Board, day: GridDay, slot: Slot, choice: int, query: str) -> list[Alternative]:
    taken = {dish.recipe for dish in day.slot(slot)}
    wanted = fold(query).split()
    known: Known = {}
    found = []
    for code, entry in board.coster.book.items():
        row = entry.recipe
        if row.slot != slot.value or code in taken or not entry.lines:
            continue
        if all(word in fold(row.name) for word in wanted):
            found.append(_candidate(board, day, (slot, choice), code, known))
    return found


def _candidate(board: Board, day: GridDay, place: tuple[Slot, int], code: str, known: Known) -> Alternative:
    slot, choice = place
    row = board.coster.book[code].recipe
    current = next((d for d in day.slot(slot) if d.choice == choice), None)
    dish = _placed(board, day, slot, choice, code)
    facts = board.coster.facts(dish, day)
    before = board.facts[current].value.ttc_per_portion if current else None
    after = facts.value.ttc_per_portion
    repaired, broken = _known_effects(board, day, dish, known)
    return Alternative(
        recipe=code,
        name=row.name,
        facts=facts,
        delta_cents=after - before if before is not None and after is not None else None,
        repaired=repaired,
        broken=broken,
        refused=any(code == refused for refused, _ in board.bans.get(day.date, ())),
    )


def _placed(board: Board, day: GridDay, slot: Slot, choice: int, code: str) -> GridDish:
    row = board.coster.book[code].recipe
    current = next((d for d in day.slot(slot) if d.choice == choice), None)
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


def _known_effects(board: Board, day: GridDay, dish: GridDish, known: Known) -> Effects:
    """Recipes that count for the same criteria change them alike: each kind is worked out once."""
    if board.checker is None:
        return (), ()
    recipe = board.checker.instance.recipe[dish.recipe]
    kind = recipe.tags, recipe.complete_dish, recipe.covers_dairy, recipe.variant_of
    if kind not in known:
        known[kind] = _effects(board, variant(board, day, dish))
    return known[kind]


def _effects(board: Board, day: GridDay) -> Effects:
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


def _warned(board: Board, day: GridDay, place: Place, candidate: Alternative) -> Alternative:
    """Say what else the candidate would bring: too soon again, out of season, no room in the oven."""
    checker: Checker | None = board.checker
    if checker is None or day.date not in set(board.block.dates):
        return candidate
    dish = _placed(board, day, place[1], place[2], candidate.recipe)
    faults = checker.faults(checker.replacing(dishes_of(variant(board, day, dish)), day.date))
    known = {fault.message for fault in board.reading.faults}
    new = [f.message for f in faults if f.message not in known and f.rule not in SHORT]
    return replace(candidate, warnings=tuple(new[:2]))


def choices_of(board: Board) -> Sequence[tuple[Slot, int]]:
    """Rows of the grid: each component, as many times as it has choices."""
    choices = board.kitchen.choices
    return [(slot, rank) for slot in Slot for rank in range(1, choices[slot.value] + 1)]
