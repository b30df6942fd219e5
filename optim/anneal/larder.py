"""The cheapest way to feed one food's needs from the deliveries that are open.

The meals that need the food are cut into runs, each fed by one offer on one delivery day: a small
dynamic programme. Of the open days of an offer, the last before a run serves it best.
"""

import numpy as np

from optim.anneal.compiled import compiled, inlined
from optim.anneal.records import (
    BIO,
    BOUGHT,
    BUDGET,
    CASH,
    CROWD,
    EGALIM,
    EMPTY,
    EXCESS,
    EXTRAS,
    FAMILY,
    FEE_TAX,
    FOODS,
    HARD,
    MEAT_FISH,
    OFFSET,
    OVER,
    SOFT,
    TOUCHED,
    TTC,
    VISITS,
    WIDTH,
    Board,
)

UNFED = 1e7
"""Cents for a need that no delivery can feed."""
BEYOND = 10.0
"""Cents for a cent bought beyond the volume that a supplier has for the week."""
CROWDED = 0.05
"""Cents for a gram and a morning beyond the room of a zone."""
KEPT, LOST = 0.15, 1.05
"""What a euro missing to a minimum order costs: filled with food that keeps, or with food that is lost."""


@compiled
def from_store(board: Board, code: int) -> tuple[int, float]:
    """Feed the meals from the lots, soonest expiry first; what is left to buy is written in ``run``.

    Returns:
        How many meals are left to buy for, and the closing value taken, cents.
    """
    lot, run, need = board.lot, board.run, board.need
    start, stop = board.food[code].lot_start, board.food[code].lot_stop
    left = np.empty(stop - start, np.int64)
    for k in range(start, stop):
        left[k - start] = lot[k].grams
    held, stored = board.held[code, 0], board.food[code].zone >= 0
    held[:] = 0.0
    meals, cost = 0, 0.0
    for meal in range(need.shape[1]):
        grams = need[code, meal]
        if stored:
            for k in range(start, stop):
                if lot[k].first <= meal <= lot[k].last:
                    held[meal] += left[k - start]
        if grams == 0:
            continue
        for k in range(start, stop):
            if lot[k].first <= meal <= lot[k].last and grams > 0:
                taken = min(grams, left[k - start])
                left[k - start] -= taken
                grams -= taken
                cost += taken * lot[k].cost
        if grams > 0:
            run[meals].day = meal
            run[meals].grams = grams
            meals += 1
    return meals, cost


@compiled
def find_late(board: Board, code: int, meals: int) -> None:
    """For each meal to buy for and each offer, the last open arrival that may feed it."""
    run, offer, arrival, visit, late = board.run, board.offer, board.arrival, board.visit, board.late
    start, stop = board.food[code].start, board.food[code].stop
    for n in range(meals):
        meal = run[n].day
        for o in range(start, stop):
            found = EMPTY
            a = offer[o].stop - 1
            while a >= offer[o].start:
                if arrival[a].first <= meal:
                    if arrival[a].last < meal:
                        break
                    if visit[arrival[a].visit].opened:
                        found = a
                        break
                a -= 1
            late[n, o - start] = found


@compiled
def cut_runs(board: Board, code: int, meals: int) -> None:
    """The best cut of the meals into runs, in the mood of the food; written in ``run``."""
    run, offer, arrival, late = board.run, board.offer, board.arrival, board.late
    start, stop = board.food[code].start, board.food[code].stop
    pull, push, tax, earn = board.mood[board.food[code].mood]
    run[0].best = 0.0
    for end in range(meals):
        lowest, grams, last_meal = np.inf, 0, run[end].day
        for begin in range(end, -1, -1):
            grams += run[begin].grams
            cheapest, chosen, packs = np.inf, EMPTY, 0
            for o in range(start, stop):
                a = late[begin, o - start]
                if a < 0 or arrival[a].last < last_meal:
                    continue
                count = np.ceil(grams / offer[o].pack)
                if count > offer[o].most:
                    continue
                surplus = count * offer[o].pack - grams
                value = count * (offer[o].price + push * offer[o].push + tax * offer[o].tax)
                value -= (
                    earn * (surplus * arrival[a].closing + grams * offer[o].credit)
                    + pull * grams * offer[o].pull
                )
                if value < cheapest:
                    cheapest, chosen, packs = value, a, int(count)
            if chosen < 0:
                if begin < end:
                    break
                cheapest = UNFED
            if run[begin].best + cheapest < lowest:
                lowest = run[begin].best + cheapest
                run[end].cut, run[end].arrival = begin, chosen
                run[end].packs, run[end].covered = packs, grams
        run[end + 1].best = lowest


@compiled
def hold(board: Board, code: int, end: int, grams: int) -> None:
    """Put what a run brings into the store, until it is eaten or past its date."""
    run, held = board.run, board.held[code, 0]
    a, n = run[end].arrival, run[end].cut
    for meal in range(board.arrival[a].first, board.arrival[a].last + 1):
        held[meal] += grams
        if n <= end and run[n].day == meal:
            grams -= run[n].grams
            n += 1


@compiled
def crowd(board: Board, code: int, sign: int) -> None:
    """Add what is held of a food to its zone, or take it off."""
    zone = board.food[code].zone
    room, level, held = board.room[zone], board.level[zone], board.held[code, 0]
    for meal in range(len(level)):
        before = max(0.0, level[meal] - room)
        level[meal] += sign * held[meal]
        board.total[CROWD] += max(0.0, level[meal] - room) - before


@compiled
def cover(board: Board, code: int) -> None:
    """Work out the purchases of a food, its cost as the objective sees it, and what it adds to the sums."""
    run, offer, arrival, food, pick = board.run, board.offer, board.arrival, board.food, board.pick
    sums = board.sums_of[code, 0]
    sums[:] = 0.0
    meals, cost = from_store(board, code)
    most = food[code].largest + np.sum(board.need[code])
    food[code].room = most * food[code].worth
    picks, left = 0, 0
    if meals:
        find_late(board, code, meals)
        cut_runs(board, code, meals)
    end = meals - 1
    while end >= 0:
        a, packs, grams = run[end].arrival, run[end].packs, run[end].covered
        if a < 0:
            cost += UNFED
        else:
            sold = offer[arrival[a].offer]
            cents = packs * sold.price
            cost += cents - grams * sold.credit
            if arrival[a].closing > 0:
                left += packs * sold.pack - grams
            sums[TTC] += cents + packs * sold.tax
            sums[BOUGHT] += cents
            sums[FAMILY] += cents * sold.family
            sums[EGALIM] += grams * sold.egalim
            sums[BIO] += grams * sold.bio
            sums[MEAT_FISH] += grams * sold.meat_fish
            if food[code].zone >= 0:
                hold(board, code, end, packs * sold.pack)
            line = pick[code, 0, picks]
            line.arrival, line.packs, line.grams = a, packs, grams
            picks += 1
        end = run[end].cut - 1
    food[code].picks = picks
    food[code].cost = cost - min(left, most) * food[code].worth


@compiled
def pay(board: Board, code: int, sign: int) -> None:
    """Add the purchases of a food to the totals, or take them off."""
    food, pick, arrival, offer, visit = board.food, board.pick, board.arrival, board.offer, board.visit
    limit, index, total, sums = board.limit, board.lists, board.total, board.sums
    if food[code].zone >= 0:
        crowd(board, code, sign)
    total[FOODS] += sign * food[code].cost
    for k in range(6):
        sums[k] += sign * board.sums_of[code, 0, k]
    for n in range(food[code].picks):
        a = pick[code, 0, n].arrival
        packs = sign * pick[code, 0, n].packs
        price = offer[arrival[a].offer].price
        come = visit[arrival[a].visit]
        come.spend += packs * price
        cost, cash = 0.0, 0.0
        if come.spend > 0.5:
            cost, cash = come.fee, come.fee
            if come.spend < come.minimum:
                missing, room = come.minimum - come.spend, 0.0
                for k in range(come.keep_start, come.keep_stop):
                    if room >= missing:
                        break
                    if food[index[k]].days > 0:
                        room += food[index[k]].room
                kept = min(missing, room)
                cost += kept * KEPT + (missing - kept) * LOST
                cash += missing
        total[VISITS] += cost - come.cost
        total[CASH] += cash - come.cash
        come.cost, come.cash = cost, cash
        number = arrival[a].limit
        if number >= 0:
            before = max(0.0, limit[number].used - limit[number].room)
            limit[number].used += packs
            total[EXCESS] += (max(0.0, limit[number].used - limit[number].room) - before) * price


@compiled
def copy_plan(board: Board, code: int, target: int, source: int) -> None:
    """Save the plan of a food (to 1 from 0), or bring it back (to 0 from 1)."""
    food, pick = board.food, board.pick
    if target:
        food[code].cost_before, food[code].picks_before = food[code].cost, food[code].picks
    else:
        food[code].cost, food[code].picks = food[code].cost_before, food[code].picks_before
    for k in range(6):
        board.sums_of[code, target, k] = board.sums_of[code, source, k]
    for n in range(food[code].picks):
        pick[code, target, n] = pick[code, source, n]
    if food[code].zone >= 0:
        board.held[code, target] = board.held[code, source]


@compiled
def buy_again(board: Board) -> None:
    """Plan the touched foods again."""
    for k in range(board.counter[TOUCHED]):
        code = board.touched[k]
        copy_plan(board, code, 1, 0)
        pay(board, code, -1)
        cover(board, code)
        pay(board, code, 1)


@compiled
def bring_back(board: Board) -> None:
    """Give the touched foods their former plans."""
    for k in range(board.counter[TOUCHED]):
        code = board.touched[k]
        pay(board, code, -1)
        copy_plan(board, code, 0, 1)
        pay(board, code, 1)


@inlined
def stepped(width: float, first: float, second: float, third: float, lack: float) -> float:
    """Price of a lack on three steps."""
    return (
        min(lack, width) * first
        + min(max(0.0, lack - width), width) * second
        + max(0.0, lack - 2 * width) * third
    )


@compiled
def price(board: Board, hard: float) -> float:
    """Cents of the present plan as the objective sees it, ``hard`` for a unit that a rule misses."""
    total, sums, scalar, steps, target = board.total, board.sums, board.scalar, board.steps, board.target
    value: float = total[EXTRAS] + total[FOODS] + total[VISITS] + total[SOFT] + scalar[OFFSET]
    value += BEYOND * total[EXCESS] + CROWDED * total[CROWD] + hard * total[HARD]
    for t in range(3):
        if target[t].permille > 0:
            base = sums[FAMILY] if t == 2 else sums[BOUGHT]
            lack = target[t].permille / 1000 * (target[t].past + base) - target[t].labelled - sums[EGALIM + t]
            if lack > 0:
                value += stepped(scalar[WIDTH], steps[0], steps[1], steps[2], lack)
    taxed = sums[TTC] + total[CASH] * scalar[FEE_TAX]
    return value + scalar[OVER] * max(0.0, taxed - scalar[BUDGET])
