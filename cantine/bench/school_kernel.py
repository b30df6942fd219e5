"""The inner loop of B4: annealing over sequences of days, on plain arrays, compiled.

No object, no Python list: integers, floats and NumPy arrays only. A state is a sequence of feasible
days (rows of the tables); F1 is the sum of prices, F2 what optimiser.md calls compatibility, distance
and food groups, with its cyclic distances and its first days looked at with the oldest weights.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.anneal.compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DISTANCE = np.array([8.0, 10.0, 2.0])
"""Weight of the days since the same starter, main, dessert."""
LOOK_BACK = np.array([3.0, 2.5, 1.8, 1.0, 0.2])
"""Weight of a day with a food group in common, the oldest of the last five first."""
REPLACE, ALIKE, SWAP = 0.25, 0.5, 0.75
"""Moves: a day replaced by any, by one with two dishes the same, two exchanged, else a dish of theirs."""
ROUNDING = 1e-12
"""Excess that is only the rounding of sums."""
Tables = tuple[Ints, Ints, Floats, Floats, Floats, Floats, Ints]
Archive = tuple[Floats, Ints, Ints]
Move = tuple[int, int, int, int]


@compiled
def since(sequence: Ints, dishes: Ints, place: int, dish: int) -> int:
    """Days back from ``place`` to the same dish, the plan preceded by itself; its length if never."""
    length = len(sequence)
    for other in range(place - 1, -1, -1):
        if dishes[sequence[other]] == dish:
            return place - other
    for other in range(length - 1, place, -1):
        if dishes[sequence[other]] == dish:
            return place - other + length
    return length


@compiled
def until(sequence: Ints, dishes: Ints, place: int, dish: int) -> int:
    """Days from ``place`` forward to the same dish; the length of the plan if never."""
    length = len(sequence)
    for other in range(place + 1, length):
        if dishes[sequence[other]] == dish:
            return other - place
    for other in range(place):
        if dishes[sequence[other]] == dish:
            return other - place + length
    return length


@compiled
def looked_back(sequence: Ints, common: Floats, place: int, age: int) -> float:
    """What the day ``age`` before ``place`` adds for the groups in common."""
    if age > place or age > len(LOOK_BACK):
        return 0.0
    window = min(len(LOOK_BACK), place)
    shared = common[sequence[place - age], sequence[place]]
    return shared + LOOK_BACK[window - age] if shared > 0 else 0.0


@compiled
def around(sequence: Ints, common: Floats, place: int) -> float:
    """All food-group terms that the day at ``place`` takes part in."""
    total = 0.0
    for age in range(1, len(LOOK_BACK) + 1):
        total += looked_back(sequence, common, place, age)
        if place + age < len(sequence):
            total += looked_back(sequence, common, place + age, age)
    return total


@compiled
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


@compiled
def gained(sequence: Ints, dishes: Ints, place: int, dish: int, weight: float) -> float:
    """Distance terms that a dish adds at ``place``: its own, and that of its next coming."""
    length = len(sequence)
    back, ahead = since(sequence, dishes, place, dish), until(sequence, dishes, place, dish)
    if back == length:
        return weight / length
    return weight / back + weight / ahead - weight / (back + ahead)


@compiled
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


@compiled
def excess(totals: Floats, low: Floats, high: Floats, length: int) -> float:
    """By how much the averages of the plan pass their bounds."""
    out = 0.0
    for nutrient in range(len(totals)):
        average = totals[nutrient] / length
        out += max(0.0, low[nutrient] - average) + max(0.0, average - high[nutrient])
    return out


@compiled
def drawn(sequence: Ints, tables: Tables) -> Move:
    """A move: a place and the day that comes there, another place and its day, or -1 twice."""
    place, kind = np.random.randint(len(sequence)), np.random.random()  # noqa: NPY002
    if kind < REPLACE:
        return place, np.random.randint(len(tables[4])), -1, -1  # noqa: NPY002
    if kind < ALIKE:
        near = tables[1][sequence[place]]
        return place, near[np.random.randint(len(near))], -1, -1  # noqa: NPY002
    other = np.random.randint(len(sequence))  # noqa: NPY002
    if kind < SWAP:
        return place, sequence[other], other, sequence[place]
    return exchanged(sequence, tables, place, other)


@compiled
def exchanged(sequence: Ints, tables: Tables, place: int, other: int) -> Move:
    """Two days give each other their dish of one course, where both days stay feasible."""
    dishes, day = tables[0], tables[6]
    one, two = dishes[:, sequence[place]].copy(), dishes[:, sequence[other]].copy()
    course = np.random.randint(3)  # noqa: NPY002
    one[course], two[course] = two[course], one[course]
    first, second = day[one[0], one[1], one[2]], day[two[0], two[1], two[2]]
    if first < 0 or second < 0:
        return place, sequence[place], -1, -1
    return place, first, other, second


@compiled
def tried(sequence: Ints, tables: Tables, bounds: tuple[Floats, Floats], move: Move, now: Floats) -> Floats:
    """Make a move; F1, F2, excess and the totals of the nutrients after it."""
    dishes, _, compat, common, price, nutrients, _ = tables
    place, new, other, other_new = move
    old, after = sequence[place], now.copy()
    after[1] += put(sequence, dishes, compat, common, place, new)
    if other >= 0:
        after[1] += put(sequence, dishes, compat, common, other, other_new)
        return after
    after[0] += price[new] - price[old]
    for nutrient in range(nutrients.shape[1]):
        after[3 + nutrient] += nutrients[new, nutrient] - nutrients[old, nutrient]
    after[2] = excess(after[3:], bounds[0], bounds[1], len(sequence))
    return after


@compiled
def measured(sequence: Ints, tables: Tables, bounds: tuple[Floats, Floats]) -> Floats:
    """F1, F2, excess and the totals of the nutrients of a sequence, from scratch."""
    dishes, _, compat, common, price, nutrients, _ = tables
    now = np.zeros(3 + nutrients.shape[1])
    for day in sequence:
        now[0] += price[day]
        now[3:] += nutrients[day]
    now[1] = repetition(sequence, dishes, compat, common)
    now[2] = excess(now[3:], bounds[0], bounds[1], len(sequence))
    return now


@compiled
def shifted(rows: NDArray[Any], first: int, to: int, size: int) -> None:
    """Move the rows from ``first`` to the last so that they start at ``to``."""
    if to > first:
        for rank in range(size - 1, first - 1, -1):
            rows[rank + to - first] = rows[rank]
    elif to < first:
        for rank in range(first, size):
            rows[rank + to - first] = rows[rank]


@compiled
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


@compiled
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
            day), price (day), nutrients (day, nutrient), the day of a starter, main and dessert or -1.
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
        move = drawn(sequence, tables)
        place, other = move[0], move[2]
        old, other_old = sequence[place], sequence[other]
        if move[1] == old:
            continue
        after = tried(sequence, tables, bounds, move, now)
        if after[2] <= ROUNDING:
            keep(archive, after[0], after[1], sequence)
        found = aim[0] * after[0] + aim[1] * after[1] + aim[2] * after[2]
        if found <= value or np.random.random() < math.exp((value - found) / warmth):  # noqa: NPY002
            now, value = after, found
        else:
            sequence[place] = old
            if other >= 0:
                sequence[other] = other_old
    return float(value)
