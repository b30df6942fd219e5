"""Blocks of 20 meals and what is still reachable in each, given the meals already settled.

A block that goes on after the horizon, or that holds meals left without a menu, is asked its
part: of 15 meals out of 20, three quarters.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from optim.instance import Instance, Service
from optim.units import BLOCK, iso_week

__all__ = ["BLOCK", "Block", "Limit", "Need", "blocks", "limits"]


@dataclass(frozen=True)
class Block:
    """Twenty successive meals of the kitchen, or fewer at the end of its calendar."""

    services: tuple[Service, ...]
    kept: frozenset[date] = frozenset()

    @property
    def served(self) -> tuple[Service, ...]:
        """Meals eaten, or behind the horizon."""
        return tuple(s for s in self.services if s.served)

    @property
    def settled(self) -> tuple[Service, ...]:
        """Meals that nothing can change: served, or kept as they are."""
        return tuple(s for s in self.services if s.served or s.date in self.kept)

    @property
    def free(self) -> tuple[Service, ...]:
        """Meals of the horizon whose menu is asked."""
        return tuple(s for s in self.planned if s.date not in self.kept)

    @property
    def planned(self) -> tuple[Service, ...]:
        """Meals of the horizon."""
        return tuple(s for s in self.services if not s.served)

    @property
    def missing(self) -> int:
        """Meals of the block that come after the horizon, or have no menu yet."""
        return BLOCK - len(self.services)

    @property
    def open(self) -> int:
        """Meals that may still help: planned now or later."""
        return len(self.free) + self.missing


def blocks(instance: Instance) -> list[Block]:
    """Consecutive blocks counted from the first meal given, those of the horizon only."""
    dates = sorted({*(s.date for s in instance.services), *instance.without_menu})
    number = {day: rank // BLOCK for rank, day in enumerate(dates)}
    groups = groupby(instance.services, key=lambda service: number[service.date])
    found = (Block(tuple(services), instance.kept) for _, services in groups)
    return [block for block in found if block.planned]


def weeks(instance: Instance) -> dict[tuple[int, int], list[Service]]:
    """Services of each ISO week that holds one whose menu is asked, the served ones included."""
    found: defaultdict[tuple[int, int], list[Service]] = defaultdict(list)
    for service in instance.services:
        found[iso_week(service.date)].append(service)
    return {
        week: days
        for week, days in found.items()
        if any(not s.served and s.date not in instance.kept for s in days)
    }


@dataclass(frozen=True)
class Need:
    """A frequency to reach or not to pass in one block, and what one meal can bring."""

    least: int | None
    most: int | None
    per_meal: int


@dataclass(frozen=True)
class Limit:
    """What is asked of the meals of the block that are known, once the settled ones are counted."""

    low: int | None
    high: int | None
    note: str = ""
    goal: int = 0
    """The minimum of the whole block, or the nearest that the settled meals leave reachable."""

    def eased(self, steps: int) -> "Limit":
        """The same limits once so many presentations are given up on either side."""
        low = None if self.low is None else max(0, self.low - steps)
        high = None if self.high is None else self.high + steps
        return replace(self, low=low, high=high, goal=max(0, self.goal - steps))


def limits(
    block: Block,
    needs: Mapping[str, Need],
    settled: Callable[[str], int],
    rivals: tuple[tuple[str, ...], ...],
) -> dict[str, Limit]:
    """The nearest reachable limits of each criterion in a block.

    ``rivals`` are criteria that share the same component: their shortfalls must fit together in
    the meals that remain, or the largest is lowered, one meal at a time.
    """
    done = {name: settled(name) for name in needs}
    least = {name: need.least for name, need in needs.items() if need.least is not None}
    goals = _reachable(least, block.open, done, needs, rivals)
    paced = {name: _paced(block, needs[name], least[name], goal) for name, goal in goals.items()}
    lows = _reachable(paced, len(block.free), done, needs, rivals)
    return {
        name: _limit(block, need, done[name], goals.get(name, 0), lows.get(name))
        for name, need in needs.items()
    }


def _reachable(
    asked: Mapping[str, int],
    meals: int,
    done: Mapping[str, int],
    needs: Mapping[str, Need],
    rivals: tuple[tuple[str, ...], ...],
) -> dict[str, int]:
    """The counts asked, or the nearest that so many meals may still bring."""
    short = {n: max(0, min(count - done[n], meals * needs[n].per_meal)) for n, count in asked.items()}
    for group in rivals:
        _share_out(short, [n for n in group if n in short], meals, needs)
    return {n: min(count, done[n] + short[n]) for n, count in asked.items()}


def _share_out(short: dict[str, int], group: list[str], meals: int, needs: Mapping[str, Need]) -> None:
    while group and sum(short[n] for n in group) > meals * max(needs[n].per_meal for n in group):
        largest = max(group, key=lambda n: short[n])
        short[largest] -= 1


def _paced(block: Block, need: Need, least: int, goal: int) -> int:
    """The part of a minimum that the known meals owe, and all that the later ones could not bring."""
    part = least * len(block.services) // BLOCK
    return max(0, min(goal, max(part, goal - block.missing * need.per_meal)))


def _limit(block: Block, need: Need, done: int, goal: int, low: int | None) -> Limit:
    high = None
    notes = []
    if need.least is not None and goal < need.least:
        notes.append(f"au mieux {goal} au lieu de {need.least}, vu les repas déjà {_settled(block)}")
    if need.most is not None:
        part = need.most if need.least is None else -(-need.most * len(block.services) // BLOCK)
        high = max(part, done, low or 0)
        if done > need.most:
            notes.append(f"{done} déjà {_settled(block)} au lieu de {need.most}")
    if low is not None and block.missing:
        notes.append(_progress(block, low, high))
    return Limit(low, high, " ; ".join(notes), goal)


def _settled(block: Block) -> str:
    return "servis" if len(block.settled) == len(block.served) else "servis ou gardés"


def _progress(block: Block, low: int, high: int | None) -> str:
    words = f"bloc en cours : {len(block.services)} repas sur {BLOCK}"
    if high is not None and high > low:
        return f"{words}, il en faut déjà {low} à {high}"
    return f"{words}, il en faut déjà {low}" if low else words
