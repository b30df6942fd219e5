"""The walk: worse moves are taken less and less as it cools; the best plan seen is kept."""

import numpy as np

from optim.anneal.compiled import compiled, inlined
from optim.anneal.larder import bring_back, buy_again, cover, pay, price
from optim.anneal.moves import change_visits, exchange, exchange_days, replace
from optim.anneal.records import EMPTY, HARD, SOFT, Board, Ints
from optim.anneal.rows import SLACK, begin, eat_log, follow, missed, take_all_back, touch, weigh


@inlined
def keep(board: Board, dishes: Ints, opened: Ints, moods: Ints) -> None:
    """Copy the choices of the present plan."""
    for p in range(len(dishes)):
        dishes[p] = board.place[p].dish
    for v in range(len(opened)):
        opened[v] = board.visit[v].opened
    for f in range(len(moods)):
        moods[f] = board.food[f].mood


@compiled
def change_menus(board: Board, kind: float) -> bool:
    """A move of dishes that breaks no further rule, made on rows and needs."""
    missing = board.total[HARD] + SLACK
    if kind < 0.52:
        good = replace(board, missing)
    elif kind < 0.72:
        good = exchange(board, missing)
    else:
        good = exchange_days(board, missing)
    if good:
        eat_log(board, 1)
    else:
        take_all_back(board)
    return good


@compiled
def try_menus(board: Board, kind: float, hard: float, limit: float) -> float:
    """Make a move of dishes and return its price; where it is refused, take it back and return infinity."""
    if not change_menus(board, kind):
        return np.inf
    buy_again(board)
    value = price(board, hard)
    if value <= limit:
        return value
    bring_back(board)
    eat_log(board, -1)
    take_all_back(board)
    return np.inf


@compiled
def try_visits(board: Board, hard: float, limit: float) -> float:
    """The same for deliveries."""
    v, w = change_visits(board)
    if v == EMPTY:
        return np.inf
    buy_again(board)
    value = price(board, hard)
    if value <= limit:
        return value
    bring_back(board)
    board.visit[v].opened = 1 - board.visit[v].opened
    if w >= 0:
        board.visit[w].opened = 1 - board.visit[w].opened
    return np.inf


@compiled
def try_mood(board: Board, hard: float, limit: float) -> float:
    """The same for the way of choosing the offers of a food."""
    food = board.food
    f, mood = np.random.randint(len(food)), np.random.randint(len(board.mood))
    before = food[f].mood
    if food[f].days == 0 or mood == before:
        return np.inf
    food[f].mood = mood
    touch(board, f)
    buy_again(board)
    value = price(board, hard)
    if value <= limit:
        return value
    bring_back(board)
    food[f].mood = before
    return np.inf


@compiled
def cool(
    board: Board,
    moves: int,
    warmth: float,
    hard: float,
    seed: int,
    best: float,
    dishes: Ints,
    opened: Ints,
    moods: Ints,
) -> float:
    """Try moves at one warmth.

    Args:
        board: the present plan, changed in place.
        moves: how many to try.
        warmth: cents of worsening accepted once in e tries.
        hard: cents for a unit that a rule misses.
        seed: of the dice.
        best: the lowest price seen before.
        dishes: dishes of the best plan, changed in place.
        opened: its deliveries, the same.
        moods: its ways of choosing offers, the same.

    Returns:
        The lowest price seen.
    """
    np.random.seed(seed)
    present = price(board, hard)
    for _ in range(moves):
        begin(board)
        kind, limit = np.random.random(), present - warmth * np.log(np.random.random())
        if kind < 0.75:
            value = try_menus(board, kind, hard, limit)
        elif kind < 0.95:
            value = try_visits(board, hard, limit)
        else:
            value = try_mood(board, hard, limit)
        if value < np.inf:
            present = value
            if present < best - 1e-6:
                best = present
                keep(board, dishes, opened, moods)
    return best


@compiled
def load(board: Board, dishes: Ints, opened: Ints, moods: Ints) -> None:
    """Work everything out again from the choices."""
    board.total[:] = 0.0
    board.sums[:] = 0.0
    board.need[:, :] = board.fixed
    board.level[:, :] = 0.0
    for v in range(len(board.visit)):
        board.visit[v].opened, board.visit[v].spend = opened[v], 0.0
        board.visit[v].cost, board.visit[v].cash = 0.0, 0.0
    for n in range(len(board.limit)):
        board.limit[n].used = 0.0
    for p in range(len(board.place)):
        board.place[p].dish = EMPTY
    load_rows(board)
    for p in range(len(dishes)):
        dish = dishes[p]
        board.place[p].dish = dish
        if dish >= 0:
            weigh(board.total, board.candidate, board.term, board.row, board.helper, board.link, dish, 1)
            for k in range(board.candidate[dish].food_start, board.candidate[dish].food_stop):
                board.need[board.need_of[k].food, board.place[p].day] += board.need_of[k].grams
    load_foods(board, moods)


@compiled
def load_foods(board: Board, moods: Ints) -> None:
    """Buy for the needs; what may fill an order is known of every food before any order is paid."""
    food = board.food
    for f in range(len(food)):
        food[f].mood, food[f].picks, food[f].cost = moods[f], 0, 0.0
        food[f].days = np.sum(board.need[f] > 0)
        if food[f].days or food[f].lot_stop > food[f].lot_start:
            cover(board, f)
    for f in range(len(food)):
        if food[f].days or food[f].lot_stop > food[f].lot_start:
            pay(board, f, 1)


@compiled
def load_rows(board: Board) -> None:
    """Rows without any dish, and what they miss."""
    row, helper, link = board.row, board.helper, board.link
    for r in range(len(row)):
        row[r].act = 0.0
    for h in range(len(helper)):
        value = follow(row, helper, link, h)
        helper[h].value = value
        for k in range(helper[h].use_start, helper[h].use_stop):
            row[link[k].row].act += value * link[k].weight
    for r in range(len(row)):
        if row[r].helper == EMPTY:
            lack = missed(row[r].low, row[r].high, row[r].act)
            if row[r].price < 0:
                board.total[HARD] += lack
            else:
                board.total[SOFT] += lack * row[r].price
