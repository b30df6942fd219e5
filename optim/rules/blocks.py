"""Blocks of 20 meals and what is still reachable in each, given the meals already served."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optim.instance import Instance, Service

BLOCK = 20
"""Successive meals over which variety is checked (arrêté du 30 septembre 2011, art. 2)."""


@dataclass(frozen=True)
class Block:
    """Twenty successive meals of the kitchen, or fewer at the end of its calendar."""

    services: tuple[Service, ...]

    @property
    def served(self) -> tuple[Service, ...]:
        """Meals that nothing can change."""
        return tuple(s for s in self.services if s.served)

    @property
    def planned(self) -> tuple[Service, ...]:
        """Meals of the horizon."""
        return tuple(s for s in self.services if not s.served)

    @property
    def missing(self) -> int:
        """Meals of the block that come after the horizon."""
        return BLOCK - len(self.services)

    @property
    def open(self) -> int:
        """Meals that may still help: planned now or later."""
        return len(self.planned) + self.missing


def blocks(instance: Instance) -> list[Block]:
    """Consecutive blocks counted from the first service given, those of the horizon only."""
    found = [
        Block(instance.services[start : start + BLOCK]) for start in range(0, len(instance.services), BLOCK)
    ]
    return [block for block in found if block.planned]


@dataclass(frozen=True)
class Need:
    """A frequency to reach or not to pass in one block, and what one meal can bring."""

    least: int | None
    most: int | None
    per_meal: int


@dataclass(frozen=True)
class Limit:
    """What is asked of the block once the served meals are counted."""

    low: int | None
    high: int | None
    note: str = ""


def limits(
    block: Block,
    needs: Mapping[str, Need],
    served: Callable[[str], int],
    rivals: tuple[tuple[str, ...], ...],
) -> dict[str, Limit]:
    """The nearest reachable limits of each criterion in a block.

    ``rivals`` are criteria that share the same component: their shortfalls must fit together in
    the meals that remain, or the largest is lowered, one meal at a time.
    """
    done = {name: served(name) for name in needs}
    short = {
        name: max(0, min(need.least - done[name], block.open * need.per_meal))
        for name, need in needs.items()
        if need.least is not None
    }
    for group in rivals:
        _share_out(short, [n for n in group if n in short], block.open, needs)
    return {name: _limit(block, need, done[name], short.get(name)) for name, need in needs.items()}


def _share_out(short: dict[str, int], group: list[str], meals: int, needs: Mapping[str, Need]) -> None:
    while group and sum(short[n] for n in group) > meals * max(needs[n].per_meal for n in group):
        largest = max(group, key=lambda n: short[n])
        short[largest] -= 1


def _limit(block: Block, need: Need, done: int, short: int | None) -> Limit:
    low = high = None
    notes = []
    if need.least is not None and short is not None:
        goal = done + short if done < need.least else need.least
        if goal < need.least:
            notes.append(f"au mieux {goal} au lieu de {need.least}, vu les repas déjà servis")
        low = max(0, goal - block.missing * need.per_meal)
    if need.most is not None:
        high = max(need.most, done)
        if done > need.most:
            notes.append(f"{done} déjà servis au lieu de {need.most}")
    return Limit(low, high, " ; ".join(notes))
