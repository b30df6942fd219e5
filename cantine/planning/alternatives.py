"""What may take the place of a dish: each candidate with its cost, its signs and what it changes.

Every recipe is first placed roughly, by its price and the criteria it moves; the best of them are then read
whole: what the checker says, and what they do to the purchases and to the objective (``optim.suggest``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cantine.french import fold
from cantine.menus.grid import GridDay, GridDish, Place
from cantine.planning.board import Board
from cantine.planning.change import Change, change_of
from cantine.planning.costing import DishFacts
from cantine.planning.placing import Effect, Known, dish_at, known_effects, new_faults, placed, variant
from cantine.planning.supply import Supply
from optim.instance import Profile
from optim.terms import Slot
from optim.units import PERMILLE

SHOWN = 10
READ = 20
"""Candidates read by the checker at most, unless more are asked."""
SPARE = 2
"""Good candidates beyond those shown: the effect on the orders may change their order."""
EVERY = 60


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
    change: Change | None = None
    rough_cents: float = 0.0
    """What it costs less what the aims credit: enough to choose which candidates are read whole."""

    @property
    def troubled(self) -> bool:
        """Whether it breaks something, or cannot be bought in time."""
        late = self.change is not None and not self.change.orders.possible
        return bool(self.broken or self.warnings or late)

    @property
    def rank(self) -> tuple[bool, bool, int, int, float]:
        """What keeps the rules first, repairs before the rest; then the best effect on the objective."""
        worth = self.change.millicents if self.change else self.rough_cents
        gain = len(self.broken) - len(self.repaired)
        return self.refused, self.troubled, gain, len(self.warnings), worth


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
    bought: bool = False
    """Whether the meal has purchases planned: only then can a change of orders be told."""


def swap_panel(
    board: Board, place: Place, query: str, supply: Supply | None = None, *, everything: bool = False
) -> SwapPanel | None:
    """Candidates for one place, best first; None where the day is not on the board."""
    date_, slot, choice = place
    day = board.day(date_)
    if day is None:
        return None
    current = dish_at(day, place)
    profile = supply.instance.profile if supply else Profile()
    candidates = sorted(_candidates(board, day, place, query, profile), key=lambda a: a.rank)
    limit = EVERY if everything or query else SHOWN
    read = _read(board, day, place, candidates, limit)
    weighed = [_weighed(board, supply, day, place, a) for a in read]
    return SwapPanel(
        day=day,
        slot=slot,
        choice=choice,
        current=current,
        current_facts=board.facts[current] if current else None,
        query=query,
        found=len(candidates),
        alternatives=tuple(sorted(weighed, key=lambda a: a.rank)[:limit]),
        bought=supply is not None and supply.planned(day.date),
    )


def foods_for(board: Board, place: Place) -> set[str]:
    """Foods of every candidate of a place and of the dishes beside it: what a change may buy."""
    date_, slot, _ = place
    day = board.day(date_)
    beside = {dish.recipe for dish in day.dishes} if day else set()
    book = board.coster.book
    codes = {code for code, entry in book.items() if entry.recipe.slot == slot.value} | beside
    codes |= {entry.recipe.substitute for code in codes if (entry := book[code]).recipe.substitute}
    return {food.code for code in codes if code in book for _, food in book[code].lines if not food.staple}


def _candidates(board: Board, day: GridDay, place: Place, query: str, profile: Profile) -> list[Alternative]:
    _, slot, choice = place
    taken = {dish.recipe for dish in day.slot(slot)}
    wanted = fold(query).split()
    known: Known = {}
    found = []
    for code, entry in board.coster.book.items():
        row = entry.recipe
        if row.slot != slot.value or code in taken or not entry.lines:
            continue
        if all(word in fold(row.name) for word in wanted):
            candidate = _candidate(board, day, (slot, choice), code, known)
            found.append(replace(candidate, rough_cents=_rough_cents(candidate.facts, profile)))
    return found


def _candidate(board: Board, day: GridDay, place: tuple[Slot, int], code: str, known: Known) -> Alternative:
    slot, choice = place
    row = board.coster.book[code].recipe
    current = dish_at(day, (day.date, slot, choice))
    dish = placed(board, day, slot, choice, code)
    facts = board.coster.facts(dish, day)
    before = board.facts[current].value.ttc_per_portion if current else None
    after = facts.value.ttc_per_portion
    repaired, broken = known_effects(board, day, dish, known)
    return Alternative(
        recipe=code,
        name=row.name,
        facts=facts,
        delta_cents=after - before if before is not None and after is not None else None,
        repaired=repaired,
        broken=broken,
        refused=any(code == refused for refused, _ in board.bans.get(day.date, ())),
    )


def _rough_cents(facts: DishFacts, profile: Profile) -> float:
    """Price at the cheapest offers, less what the aims of the kitchen credit."""
    value = facts.value
    credited = value.local * profile.local_permille + value.egalim * profile.quality_permille
    priced = bool(value.ht) or not value.portions
    gas = value.co2e_kg * profile.co2e_cents_per_kg
    return value.ht - credited / PERMILLE + gas if priced else float("inf")


def _weighed(
    board: Board, supply: Supply | None, day: GridDay, place: Place, candidate: Alternative
) -> Alternative:
    """Say what the candidate does to the shares, the orders and the objective."""
    after = variant(board, day, placed(board, day, place[1], place[2], candidate.recipe))
    change = change_of(board, supply, day, after, place) if supply and day.open else None
    if change is None:
        return candidate
    current, cost = dish_at(day, place), change.facts.value.ttc_per_portion
    before = board.facts[current].value.ttc_per_portion if current else None
    delta = cost - before if before is not None and cost is not None else None
    return replace(candidate, change=change, facts=change.facts, delta_cents=delta)


def _read(
    board: Board, day: GridDay, place: Place, candidates: Sequence[Alternative], limit: int
) -> list[Alternative]:
    """The candidates that the checker finds good, in their rough order, then what fills the panel."""
    good: list[Alternative] = []
    others: list[Alternative] = []
    for candidate in candidates[: max(limit, READ)]:
        told = _warned(board, day, place, candidate)
        (others if told.troubled else good).append(told)
        if len(good) >= limit + SPARE:
            break
    return [*good, *sorted(others, key=lambda a: a.rank)[: max(0, limit - len(good))]]


def _warned(board: Board, day: GridDay, place: Place, candidate: Alternative) -> Alternative:
    """Say what else the candidate would bring: too soon again, out of season, no room in the oven."""
    if board.checker is None or day.date not in set(board.block.dates):
        return candidate
    after = variant(board, day, placed(board, day, place[1], place[2], candidate.recipe))
    return replace(candidate, warnings=new_faults(board, after)[:2])


def choices_of(board: Board) -> Sequence[tuple[Slot, int]]:
    """Rows of the grid: each component, as many times as it has choices."""
    choices = board.kitchen.choices
    return [(slot, rank) for slot in Slot for rank in range(1, choices[slot.value] + 1)]
