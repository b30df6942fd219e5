"""Dishes put and taken: the rows of the rules and what they miss follow, a term at a time.

Arrays of the board are named before a loop: reaching through the board inside it costs more than the loop.
"""

import numpy as np

from optim.anneal.compiled import compiled, inlined
from optim.anneal.records import EMPTY, EXTRAS, HARD, LOG, SOFT, TOUCHED, TURN, Board, Floats, Records

SLACK = 1e-9


@inlined
def missed(low: float, high: float, act: float) -> float:
    """By how much an activity is out of its bounds."""
    return max(0.0, low - act - SLACK) + max(0.0, act - high - SLACK)


@compiled
def follow(row: Records, helper: Records, link: Records, number: int) -> float:
    """The value of a helper, from the rows that bound it."""
    leaning = helper[number].sense
    value = helper[number].high if leaning > 0 else helper[number].low
    for k in range(helper[number].above_start, helper[number].above_stop):
        bound = row[link[k].row]
        weight = link[k].weight
        limit = bound.high if weight * leaning > 0 else bound.low
        held = (limit - bound.act) / weight
        value = min(value, held) if leaning > 0 else max(value, held)
    if helper[number].whole:
        value = np.floor(value + SLACK) if leaning > 0 else np.ceil(value - SLACK)
    return max(value, helper[number].low) if leaning > 0 else value


@compiled
def weigh(
    total: Floats,
    candidate: Records,
    term: Records,
    row: Records,
    helper: Records,
    link: Records,
    dish: int,
    sign: int,
) -> None:
    """Add a dish to its rows, or take it off."""
    total[EXTRAS] += sign * candidate[dish].extras
    hard = 0.0
    for k in range(candidate[dish].row_start, candidate[dish].row_stop):
        at = row[term[k].row]
        before = at.act
        after = before + sign * term[k].weight
        at.act = after
        number = at.helper
        if number == EMPTY:
            rise = missed(at.low, at.high, after) - missed(at.low, at.high, before)
            if rise != 0.0:
                if at.price < 0:
                    hard += rise
                else:
                    total[SOFT] += rise * at.price
            continue
        rise = follow(row, helper, link, number) - helper[number].value
        if rise != 0.0:
            helper[number].value += rise
            for x in range(helper[number].use_start, helper[number].use_stop):
                use = row[link[x].row]
                before = use.act
                use.act = before + rise * link[x].weight
                hard += missed(use.low, use.high, use.act) - missed(use.low, use.high, before)
    total[HARD] += hard


@inlined
def shift(board: Board, dish: int, sign: int) -> None:
    """Add a dish to its rows, or take it off."""
    weigh(board.total, board.candidate, board.term, board.row, board.helper, board.link, dish, sign)


@compiled
def put(board: Board, place: int, dish: int) -> None:
    """Exchange the dish of a place, and remember the one before."""
    before = board.place[place].dish
    rank = board.counter[LOG]
    board.log[rank].place = place
    board.log[rank].before = before
    board.counter[LOG] = rank + 1
    if before >= 0:
        shift(board, before, -1)
    if dish >= 0:
        shift(board, dish, 1)
    board.place[place].dish = dish


@compiled
def take_back(board: Board) -> None:
    """Undo the last exchange."""
    rank = board.counter[LOG] - 1
    place, before = board.log[rank].place, board.log[rank].before
    if board.place[place].dish >= 0:
        shift(board, board.place[place].dish, -1)
    if before >= 0:
        shift(board, before, 1)
    board.place[place].dish = before
    board.counter[LOG] = rank


@compiled
def take_all_back(board: Board) -> None:
    """Undo the exchanges of a move."""
    while board.counter[LOG]:
        take_back(board)


@inlined
def begin(board: Board) -> None:
    """Start a move."""
    board.counter[TOUCHED] = 0
    board.counter[TURN] += 1
    board.counter[LOG] = 0


@inlined
def touch(board: Board, food: int) -> None:
    """Remember once that a food is to be planned again."""
    if board.food[food].stamp != board.counter[TURN]:
        board.food[food].stamp = board.counter[TURN]
        board.touched[board.counter[TOUCHED]] = food
        board.counter[TOUCHED] += 1


@compiled
def eat(board: Board, dish: int, meal: int, sign: int) -> None:
    """Add what a dish needs of each food to a meal, or take it off."""
    food, need, need_of = board.food, board.need, board.need_of
    for k in range(board.candidate[dish].food_start, board.candidate[dish].food_stop):
        code = need_of[k].food
        before = need[code, meal]
        after = before + sign * need_of[k].grams
        need[code, meal] = after
        if before == 0 and after > 0:
            food[code].days += 1
        elif before > 0 and after == 0:
            food[code].days -= 1
        touch(board, code)


@compiled
def eat_log(board: Board, sign: int) -> None:
    """Needs of the exchanges of a move (sign 1), or back (-1); a place exchanged twice counts once."""
    log, place = board.log, board.place
    for n in range(board.counter[LOG]):
        where = log[n].place
        first = True
        for m in range(n):
            if log[m].place == where:
                first = False
        if first:
            meal = place[where].day
            if log[n].before >= 0:
                eat(board, log[n].before, meal, -sign)
            if place[where].dish >= 0:
                eat(board, place[where].dish, meal, sign)
