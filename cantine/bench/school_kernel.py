"""The inner loop of B4: annealing over sequences of days, on plain arrays so that it may be compiled.

No object, no Python list: integers, floats and NumPy arrays only. A state is a sequence of feasible
days (rows of the tables); F1 is the sum of prices, F2 what optimiser.md calls compatibility, distance
and food groups, with its cyclic distances and its first days looked at with the oldest weights.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DISTANCE = np.array([8.0, 10.0, 2.0])
"""Weight of the days since the same starter, main, dessert."""
LOOK_BACK = np.array([3.0, 2.5, 1.8, 1.0, 0.2])
"""Weight of a day with a food group in common, the oldest of the last five first."""
REPLACE, ALIKE = 0.4, 0.6
"""Share of the moves that replace a day by any, then by one with two dishes the same; the rest exchange."""
ROUNDING = 1e-12
"""Excess that is only the rounding of sums."""
Tables = tuple[Ints, Ints, Floats, Floats, Floats, Floats]
Archive = tuple[Floats, Ints, Ints]


def since(sequence: Ints, dishes: Ints, place: int, dish: int) -> int:
    """Days back from ``place`` to the same dish, the plan preceded by itself; its length if never."""
    length = len(sequence)
    for back in range(1, length):
        if dishes[sequence[place - back]] == dish:
            return back
    return length


def until(sequence: Ints, dishes: Ints, place: int, dish: int) -> int:
    """Days from ``place`` forward to the same dish; the length of the plan if never."""
    length = len(sequence)
    for ahead in range(1, length):
        if dishes[sequence[(place + ahead) % length]] == dish:
            return ahead
    return length


def looked_back(sequence: Ints, common: Floats, place: int, age: int) -> float:
    """What the day ``age`` before ``place`` adds for the groups in common."""
    if age > place or age > len(LOOK_BACK):
        return 0.0
    window = min(len(LOOK_BACK), place)
    shared = common[sequence[place - age], sequence[place]]
    return shared + LOOK_BACK[window - age] if shared > 0 else 0.0


def around(sequence: Ints, common: Floats, place: int) -> float:
    """All food-group terms that the day at ``place`` takes part in."""
    total = 0.0
    for age in range(1, len(LOOK_BACK) + 1):
        total += looked_back(sequence, common, place, age)
        if place + age < len(sequence):
            total += looked_back(sequence, common, place + age, age)
    return total


def repetition(sequence: Ints, dishes: Ints, compat: Floats, common: Floats) -> float:
    """F2 of a sequence, from scratch."""
    total = 0.0
    for place in range(len(sequence)):
        total += compat[sequence[place]]
        for course in range(3):
            dish = dishes[course, sequence[place]]
            total += DISTANCE[course] / since(sequence, dishes[course], place, dish)
        for age in range(1, len(LOOK_BACK) + 1):
            total += looked_back(sequence, common, place, age)
    return total


def gained(sequence: Ints, dishes: Ints, place: int, dish: int, weight: float) -> float:
    """Distance terms that a dish adds at ``place``: its own, and that of its next coming."""
    length = len(sequence)
    back, ahead = since(sequence, dishes, place, dish), until(sequence, dishes, place, dish)
    if back == length:
        return weight / length
    return weight / back + weight / ahead - weight / (back + ahead)


def put(sequence: Ints, dishes: Ints, compat: Floats, common: Floats, place: int, day: int) -> float:
    """Serve ``day`` at ``place``; the change of F2."""
    old = sequence[place]
    change = compat[day] - compat[old] - around(sequence, common, place)
    for course in range(3):
        before, after = dishes[course, old], dishes[course, day]
        if before != after:
            change += gained(sequence, dishes[course], place, after, DISTANCE[course])
            change -= gained(sequence, dishes[course], place, before, DISTANCE[course])
    sequence[place] = day
    return float(change + around(sequence, common, place))


def excess(totals: Floats, low: Floats, high: Floats, length: int) -> float:
    """By how much the averages of the plan pass their bounds."""
    out = 0.0
    for nutrient in range(len(totals)):
        average = totals[nutrient] / length
        out += max(0.0, low[nutrient] - average) + max(0.0, average - high[nutrient])
    return out


def drawn(sequence: Ints, alike: Ints, kinds: int) -> tuple[int, int, int]:
    """A move: the place, the other place of an exchange or -1, the day that comes to the first."""
    place, kind = np.random.randint(len(sequence)), np.random.random()  # noqa: NPY002
    if kind < REPLACE:
        return place, -1, np.random.randint(kinds)  # noqa: NPY002
    if kind < ALIKE:
        return place, -1, alike[sequence[place], np.random.randint(alike.shape[1])]  # noqa: NPY002
    other = np.random.randint(len(sequence))  # noqa: NPY002
    return place, other, sequence[other]


def tried(
    sequence: Ints, tables: Tables, bounds: tuple[Floats, Floats], move: tuple[int, int, int], now: Floats
) -> Floats:
    """Make a move; F1, F2, excess and the totals of the nutrients after it."""
    dishes, _, compat, common, price, nutrients = tables
    place, other, new = move
    old, after = sequence[place], now.copy()
    after[1] += put(sequence, dishes, compat, common, place, new)
    if other >= 0:
        after[1] += put(sequence, dishes, compat, common, other, old)
        return after
    after[0] += price[new] - price[old]
    for nutrient in range(nutrients.shape[1]):
        after[3 + nutrient] += nutrients[new, nutrient] - nutrients[old, nutrient]
    after[2] = excess(after[3:], bounds[0], bounds[1], len(sequence))
    return after


def undone(sequence: Ints, move: tuple[int, int, int], old: int) -> None:
    """Take a move back."""
    place, other, new = move
    sequence[place] = old
    if other >= 0:
        sequence[other] = new


def measured(sequence: Ints, tables: Tables, bounds: tuple[Floats, Floats]) -> Floats:
    """F1, F2, excess and the totals of the nutrients of a sequence, from scratch."""
    dishes, _, compat, common, price, nutrients = tables
    now = np.zeros(3 + nutrients.shape[1])
    for day in sequence:
        now[0] += price[day]
        now[3:] += nutrients[day]
    now[1] = repetition(sequence, dishes, compat, common)
    now[2] = excess(now[3:], bounds[0], bounds[1], len(sequence))
    return now


def anneal(
    sequence: Ints,
    tables: Tables,
    bounds: tuple[Floats, Floats],
    aim: Floats,
    walk: tuple[int, float, float],
    archive: Archive,
    seed: int,
) -> float:
    """Walk from ``sequence`` (left at the last state); every plan tried that nothing kept beats is kept.

    Args:
        sequence: days of the plan, rows of the tables.
        tables: dishes (course, day), days alike (day, rank), compat (day), groups in common (day,
            day), price (day), nutrients (day, nutrient).
        bounds: least and most average of each nutrient.
        aim: price of F1, of F2 and of the excess.
        walk: moves, temperature at the start and at the end.
        archive: objectives (rank, 2), sequences (rank, place), count (1).
        seed: of the random numbers.

    Returns:
        The value of the last state.
    """
    np.random.seed(seed)  # noqa: NPY002 -- the generator that compiles
    now = measured(sequence, tables, bounds)
    value = aim[0] * now[0] + aim[1] * now[1] + aim[2] * now[2]
    warmth, cooling = walk[1], (walk[2] / walk[1]) ** (1.0 / walk[0])
    for _ in range(walk[0]):
        warmth *= cooling
        move = drawn(sequence, tables[1], len(tables[4]))
        old = sequence[move[0]]
        if move[2] == old:
            continue
        after = tried(sequence, tables, bounds, move, now)
        if after[2] <= ROUNDING:
            keep(archive, after[0], after[1], sequence)
        found = aim[0] * after[0] + aim[1] * after[1] + aim[2] * after[2]
        if found <= value or np.random.random() < math.exp((value - found) / warmth):  # noqa: NPY002
            now, value = after, found
        else:
            undone(sequence, move, old)
    return float(value)


def keep(archive: Archive, money: float, again: float, sequence: Ints) -> bool:
    """Take a plan in if none kept is as good in both; drop those it beats. Sorted by F1.

    A full archive takes no more than what replaces something.
    """
    points, sequences, count = archive
    size = count[0]
    start = int(np.searchsorted(points[:size, 0], money))
    if start > 0 and points[start - 1, 1] <= again:
        return False
    if start < size and points[start, 0] == money and points[start, 1] <= again:
        return False
    last = start
    while last < size and points[last, 1] >= again:
        last += 1
    if last == start and size == len(points):
        return False
    shifted(points, last, start + 1, size)
    shifted(sequences, last, start + 1, size)
    points[start, 0], points[start, 1] = money, again
    sequences[start] = sequence
    count[0] = size + 1 - (last - start)
    return True


def shifted(rows: NDArray[Any], first: int, to: int, size: int) -> None:
    """Move the rows from ``first`` to the last so that they start at ``to``."""
    if to > first:
        for rank in range(size - 1, first - 1, -1):
            rows[rank + to - first] = rows[rank]
    elif to < first:
        for rank in range(first, size):
            rows[rank + to - first] = rows[rank]
