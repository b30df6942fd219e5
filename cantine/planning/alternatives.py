"""What may take the place of a dish: each candidate with its cost, its signs and what it changes.

Every recipe is first placed roughly, by its price and the criteria it moves; the best of them are then read
whole: what the checker says, and what they do to the purchases and to the objective (``optim.suggest``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cantine.french import fold
from cantine.menus.grid import GridDay, GridDish, Place, filled_by
from cantine.planning.board import Board
from cantine.planning.change import Change, change_of
from cantine.planning.costing import DishFacts
from cantine.planning.counters import CRITERIA, Counter, dishes_of
from cantine.planning.supply import Supply
from optim.instance import Profile
from optim.plan import Plan
from optim.rules import RULES
from optim.terms import Slot
from optim.units import PERMILLE

SHOWN = 10
READ = 20
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
    current = _current(day, place)
    profile = supply.instance.profile if supply else Profile()
    candidates = sorted(_candidates(board, day, place, query, profile), key=lambda a: a.rank)
    limit = EVERY if everything or query else SHOWN
    weighed = [_weighed(board, supply, day, place, a) for a in candidates[: max(limit, READ)]]
    read = _best(board, day, place, sorted(weighed, key=lambda a: a.rank), limit)
    return SwapPanel(
        day=day,
        slot=slot,
        choice=choice,
        current=current,
        current_facts=board.facts[current] if current else None,
        query=query,
        found=len(candidates),
        alternatives=tuple(sorted(read, key=lambda a: a.rank)[:limit]),
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
    current = _current(day, (day.date, slot, choice))
    dish = placed(board, day, slot, choice, code)
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


def _rough_cents(facts: DishFacts, profile: Profile) -> float:
    """Price at the cheapest offers, less what the aims of the kitchen credit."""
    value = facts.value
    credited = value.local * profile.local_permille + value.egalim * profile.quality_permille
    priced = bool(value.ht) or not value.portions
    gas = value.co2e_kg * profile.co2e_cents_per_kg
    return value.ht - credited / PERMILLE + gas if priced else float("inf")


def placed(board: Board, day: GridDay, slot: Slot, choice: int, code: str) -> GridDish:
    """A recipe as the dish of a place, with the share of the dish it replaces."""
    row = board.coster.book[code].recipe
    current = _current(day, (day.date, slot, choice))
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


def _weighed(
    board: Board, supply: Supply | None, day: GridDay, place: Place, candidate: Alternative
) -> Alternative:
    """Say what the candidate does to the shares, the orders and the objective."""
    after = variant(board, day, placed(board, day, place[1], place[2], candidate.recipe))
    change = change_of(board, supply, day, after, place) if supply and day.open else None
    if change is None:
        return candidate
    current, cost = _current(day, place), change.facts.value.ttc_per_portion
    before = board.facts[current].value.ttc_per_portion if current else None
    delta = cost - before if before is not None and cost is not None else None
    return replace(candidate, change=change, facts=change.facts, delta_cents=delta)


def _best(
    board: Board, day: GridDay, place: Place, weighed: Sequence[Alternative], limit: int
) -> list[Alternative]:
    """The candidates read by the checker, in order, until enough of them keep the rules."""
    read: list[Alternative] = []
    for candidate in weighed:
        read.append(_warned(board, day, place, candidate))
        if sum(not found.troubled for found in read) >= limit:
            break
    return read


def _warned(board: Board, day: GridDay, place: Place, candidate: Alternative) -> Alternative:
    """Say what else the candidate would bring: too soon again, out of season, no room in the oven."""
    if board.checker is None or day.date not in set(board.block.dates):
        return candidate
    after = variant(board, day, placed(board, day, place[1], place[2], candidate.recipe))
    return replace(candidate, warnings=new_faults(board, after)[:2])


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


def _current(day: GridDay, place: Place) -> GridDish | None:
    return next((dish for dish in day.slot(place[1]) if dish.choice == place[2]), None)


def choices_of(board: Board) -> Sequence[tuple[Slot, int]]:
    """Rows of the grid: each component, as many times as it has choices."""
    choices = board.kitchen.choices
    return [(slot, rank) for slot in Slot for rank in range(1, choices[slot.value] + 1)]
