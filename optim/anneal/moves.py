"""The moves: dishes replaced or exchanged, days exchanged, deliveries opened, closed or put elsewhere.

A move of dishes is made on the rows first; one that breaks a rule is taken back before any purchase
is worked out.
"""

import numpy as np

from optim.anneal.compiled import compiled
from optim.anneal.records import EMPTY, HARD, LOG, Board
from optim.anneal.rows import missed, put, take_back, touch

TRIES = 20
MENDS = 8


@compiled
def any_place(board: Board) -> int:
    """A place whose dish may change, or EMPTY."""
    place = board.place
    for _ in range(10 * TRIES):
        p = np.random.randint(len(place))
        if place[p].free and place[p].stop > place[p].start:
            return p
    return EMPTY


@compiled
def any_dish(board: Board, p: int) -> int:
    """A candidate of a place."""
    place = board.place[p]
    return place.start + np.random.randint(place.stop - place.start)


@compiled
def weight_on(board: Board, dish: int, row: int) -> float:
    """What a dish weighs on a row."""
    term = board.term
    for k in range(board.candidate[dish].row_start, board.candidate[dish].row_stop):
        if term[k].row == row:
            return term[k].weight
    return 0.0


@compiled
def broken_row(board: Board, day: int) -> int:
    """A row of the meal's composition that does not hold, or EMPTY."""
    row, index = board.row, board.lists
    for k in range(board.day[day].row_start, board.day[day].row_stop):
        r = index[k]
        if row[r].helper == EMPTY and missed(row[r].low, row[r].high, row[r].act) > 0:
            return r
    return EMPTY


@compiled
def mend_row(board: Board, day: int, kept: int, row: int) -> bool:
    """Fill or empty another place of the day, so that a row comes nearer."""
    short = board.row[row].act < board.row[row].low
    start, stop = board.day[day].place_start, board.day[day].place_stop
    first = np.random.randint(stop - start)
    for k in range(stop - start):
        p = board.lists[start + (k + first) % (stop - start)]
        place = board.place[p]
        if p == kept or not place.free:
            continue
        if place.dish >= 0:
            weight = weight_on(board, place.dish, row)
            if (weight > 0 and not short) or (weight < 0 and short):
                put(board, p, EMPTY)
                return True
        elif place.stop > place.start:
            for _ in range(4):
                dish = any_dish(board, p)
                weight = weight_on(board, dish, row)
                if (weight > 0 and short) or (weight < 0 and not short):
                    put(board, p, dish)
                    return True
    return False


@compiled
def mend_meal(board: Board, day: int, kept: int) -> None:
    """Fill and empty other places of the day until the meal is whole, or nothing helps."""
    for _ in range(MENDS):
        row = broken_row(board, day)
        if row == EMPTY or not mend_row(board, day, kept, row):
            return


@compiled
def mend_elsewhere(board: Board, missing: float) -> bool:
    """After an exchange that broke a rule, look for a second one in the same slot that mends it."""
    first = board.log[0].place
    for _ in range(MENDS):
        p = any_place(board)
        before = board.place[p].dish
        if p == first or before < 0 or board.place[p].slot != board.place[first].slot:
            continue
        dish = any_dish(board, p)
        if dish == before or board.candidate[dish].shape != board.candidate[before].shape:
            continue
        put(board, p, dish)
        if board.total[HARD] <= missing:
            return True
        take_back(board)
    return False


@compiled
def replace(board: Board, missing: float) -> bool:
    """Another dish in a place; the meal or another day mended where it must."""
    p = any_place(board)
    if p == EMPTY:
        return False
    dish, before = any_dish(board, p), board.place[p].dish
    if dish == before:
        return False
    put(board, p, dish)
    if board.total[HARD] <= missing:
        return True
    if before < 0 or board.candidate[dish].shape != board.candidate[before].shape:
        mend_meal(board, board.place[p].day, p)
        return board.total[HARD] <= missing
    return mend_elsewhere(board, missing)


@compiled
def exchange(board: Board, missing: float) -> bool:
    """Two dishes of the same slot change places."""
    p = any_place(board)
    if p == EMPTY:
        return False
    for _ in range(TRIES):
        q = any_place(board)
        if board.place[q].slot == board.place[p].slot and q != p:
            break
    one, two = board.place[p].dish, board.place[q].dish
    if one < 0 or two < 0 or board.place[q].slot != board.place[p].slot:
        return False
    if board.candidate[one].shape != board.candidate[two].shape:
        return False
    here, there = board.at[p, board.candidate[two].recipe], board.at[q, board.candidate[one].recipe]
    if here < 0 or there < 0 or here == one:
        return False
    put(board, p, here)
    put(board, q, there)
    return board.total[HARD] <= missing


@compiled
def moved_dish(board: Board, p: int, q: int) -> int:
    """The candidate of ``p`` that is the dish of ``q``: EMPTY for no dish, less for none such."""
    dish = board.place[q].dish
    if dish == EMPTY:
        return EMPTY
    found = board.at[p, board.candidate[dish].recipe]
    return found if found >= 0 else EMPTY - 1


@compiled
def exchange_days(board: Board, missing: float) -> bool:
    """Two whole menus change days."""
    days, index, place = board.day, board.lists, board.place
    d, e = np.random.randint(len(days)), np.random.randint(len(days))
    size = days[d].place_stop - days[d].place_start
    if d == e or size != days[e].place_stop - days[e].place_start:
        return False
    for k in range(size):
        p, q = index[days[d].place_start + k], index[days[e].place_start + k]
        if place[p].slot != place[q].slot:
            return False
        here, there = moved_dish(board, p, q), moved_dish(board, q, p)
        fixed = not (place[p].free and place[q].free)
        if here < EMPTY or there < EMPTY or (fixed and (here != place[p].dish or there != place[q].dish)):
            return False
        if here != place[p].dish:
            put(board, p, here)
        if there != place[q].dish:
            put(board, q, there)
    return board.counter[LOG] > 0 and board.total[HARD] <= missing


@compiled
def switch_visit(board: Board, v: int) -> None:
    """Open or close a delivery; the foods it changes are touched."""
    visit, food, index = board.visit, board.food, board.lists
    visit[v].opened = 1 - visit[v].opened
    for k in range(visit[v].food_start, visit[v].food_stop):
        code = index[k]
        if food[code].days == 0:
            continue
        if visit[v].opened:
            touch(board, code)
            continue
        for n in range(food[code].picks):
            if board.arrival[board.pick[code, 0, n].arrival].visit == v:
                touch(board, code)
                break


@compiled
def used_visit(board: Board) -> int:
    """A delivery that takes place and asks something, or EMPTY."""
    visit = board.visit
    for _ in range(10 * TRIES):
        v = np.random.randint(len(visit))
        if visit[v].spend > 0.5 and not visit[v].free:
            return v
    return EMPTY


@compiled
def change_visits(board: Board) -> tuple[int, int]:
    """Close a delivery, put it on another day near, or open one.

    Returns:
        The deliveries switched, EMPTY where none.
    """
    visit, kind = board.visit, np.random.random()
    if kind > 0.75:
        v = np.random.randint(len(visit))
        if visit[v].opened:
            return EMPTY, EMPTY
        switch_visit(board, v)
        return v, EMPTY
    v, w = used_visit(board), EMPTY
    if v == EMPTY:
        return EMPTY, EMPTY
    if kind > 0.35:
        near = v + np.random.randint(-4, 5)
        if 0 <= near < len(visit) and visit[near].supplier == visit[v].supplier and not visit[near].opened:
            w = near
        elif kind > 0.5:
            return EMPTY, EMPTY
    switch_visit(board, v)
    if w >= 0:
        switch_visit(board, w)
    return v, w
