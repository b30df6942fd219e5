"""« Que faire de 40 kg de poireaux cette semaine ? »: the dishes that use a volume, and where they fit.

A dish is tried in every place of the days asked whose menu may change: what is kept, validated or served
stays. A place is good when the checker finds nothing new to say; the best of them is the one with the best
effect on the objective. Dishes are then put together, as few as use most of the volume.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from cantine.menus.grid import GridDay
from cantine.planning.announced import Announced, announced_supply
from cantine.planning.board import Board
from cantine.planning.change import points_between
from cantine.planning.order_effect import Orders, orders_of
from cantine.planning.placing import Effect
from cantine.planning.supply import Supply
from cantine.planning.volume_step import Option, Step

TOGETHER = 4
"""Dishes put together for one volume: more would be the menu of that food."""
EFFORT = 20
"""One dish more must use a twentieth of the volume more: fewer dishes are easier to cook."""
TRIED = 12
"""Sets of dishes tried in the grid, the most promising first."""
DISHES = 30
"""Dishes put in sets at most, those that use most: butter is in seventy, of which a million sets are made."""
CLOSE = 50
"""A fiftieth more than announced is still that volume; never more than a pack."""


@dataclass(frozen=True)
class Together:
    """Several dishes that use a volume, one after the other."""

    options: tuple[Option, ...]
    orders: Orders
    points: tuple[tuple[str, float], ...]
    cents_per_meal: float
    co2e_per_meal: float

    @property
    def grams(self) -> int:
        """What they use together."""
        return sum(option.grams for option in self.options)

    @property
    def repaired(self) -> tuple[Effect, ...]:
        """Criteria that they bring nearer."""
        return tuple(effect for option in self.options for effect in option.repaired)


@dataclass(frozen=True)
class Uses:
    """Everything that can be done with a volume."""

    announced: Announced
    days: tuple[GridDay, ...]
    """Days asked whose menu may change."""
    there: tuple[tuple[date, str, int], ...]
    """On the menu already, not bought yet: day, dish, grams."""
    dishes: tuple[Option, ...]
    """Each dish at its best place, those that use most first."""
    together: Together | None

    @property
    def left_g(self) -> int:
        """What the dishes already on the menu leave."""
        return max(0, self.announced.grams - sum(grams for _, _, grams in self.there))


def uses_of(board: Board, supply: Supply, announced: Announced) -> Uses:
    """What can be done with a volume on the days asked."""
    step = Step(board, announced_supply(supply, announced), announced)
    there = tuple(step.there())
    left = announced.grams - sum(grams for _, _, grams in there)
    most = left + announced.pack_g
    read = [step.read(option) for option in step.options()]
    return Uses(
        announced=announced,
        days=step.days,
        there=there,
        dishes=tuple(
            sorted(_best_places(read), key=lambda o: (not o.kept, o.grams > most, -o.grams, o.rank))
        ),
        together=_together(step, read, left),
    )


def _best_places(read: Sequence[Option]) -> list[Option]:
    best: dict[str, Option] = {}
    for option in read:
        known = best.get(option.dish.recipe)
        if known is None or option.rank < known.rank:
            best[option.dish.recipe] = option
    return list(best.values())


def _together(start: Step, read: Sequence[Option], left: int) -> Together | None:
    """The dishes that together use most of what is left, and still keep the rules once placed."""
    places: defaultdict[str, list[Option]] = defaultdict(list)
    for option in sorted((o for o in read if o.kept), key=lambda o: o.rank):
        places[option.dish.recipe].append(option)
    room = left + min(left // CLOSE, start.announced.pack_g)
    found = _best_set(start, places, left, room)
    if sum(option.grams for option in found[0]) < left // 2:
        found = max(found, _best_set(start, places, left, left + start.announced.pack_g), key=_grams)
    chosen, step = found
    if not chosen:
        return None
    before, after = start.board.total, step.board.total
    return Together(
        options=tuple(chosen),
        orders=orders_of(step.supply, [o.change.effect for o in chosen if o.change]),
        points=points_between(before, after),
        cents_per_meal=(after.ttc_per_portion or 0.0) - (before.ttc_per_portion or 0.0),
        co2e_per_meal=(after.co2e_per_portion or 0.0) - (before.co2e_per_portion or 0.0),
    )


def _grams(found: tuple[list[Option], Step]) -> int:
    return sum(option.grams for option in found[0])


def _best_set(
    start: Step, places: Mapping[str, list[Option]], left: int, room: int
) -> tuple[list[Option], Step]:
    """The first set of dishes that all find a place, from the most promising on; else the fullest."""
    fits = {code: options[0].grams for code, options in places.items() if options[0].grams <= room}
    weights = dict(sorted(fits.items(), key=lambda item: -item[1])[:DISHES])
    sets = (s for n in range(1, TOGETHER + 1) for s in combinations(sorted(weights), n))
    fitting = [s for s in sets if sum(weights[code] for code in s) <= room]
    best: tuple[list[Option], Step] = [], start
    for codes in sorted(fitting, key=lambda s: len(s) * left // EFFORT - sum(weights[c] for c in s))[:TRIED]:
        found = _placed(start, [places[code] for code in sorted(codes, key=lambda c: -weights[c])], room)
        best = max(best, found, key=_grams)
        if len(found[0]) == len(codes):
            break
    return best


def _placed(start: Step, wanted: Sequence[list[Option]], room: int) -> tuple[list[Option], Step]:
    """Place dishes one after the other, each at its best place that is still good."""
    step, chosen = start, list[Option]()
    for options in wanted:
        taken = {option.place for option in chosen}
        free = (option for option in options if option.place not in taken)
        fresh = (step.placing(option) if chosen else option for option in free)
        good = (o for o in fresh if o and o.kept and o.grams <= room)
        found = next(good, None)
        if found is not None:
            chosen.append(found)
            room -= found.grams
            step = step.after(found)
    return chosen, step
