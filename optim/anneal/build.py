"""From a question to its board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from optim.anneal import records as r
from optim.anneal.market import Market
from optim.anneal.menus import Candidate, Menus, Place
from optim.figures import largest_pack_g, lot_closing_millicents_kg, step_width_millicents, targets
from optim.instance import Dish, Instance
from optim.plan import need_g
from optim.rules.budget import FEE_VAT_PERMILLE, budget_cents
from optim.rules.purchases import zone_rooms_g
from optim.surrogate import MenuGuess
from optim.units import MILLICENTS, PERMILLE

MOODS = ((0, 0, 0, 1), (1, 1, 0, 1), (0.5, 0.5, 0, 1), (0, 0, 1, 1), (0, 0, 1, 0))
"""Pull, push, tax, credit: the objective, towards the targets, half-way, towards the budget, all for it."""


ROOM_USED = 0.97
"""Share of a zone that the walk fills: the plan may share deliveries among meals a little otherwise."""


@dataclass(frozen=True)
class Names:
    """What the numbers of a board stand for."""

    places: list[Place]
    dishes: list[Dish | None]
    arrivals: list[tuple[str, date]]
    foods: list[str]
    visits: list[tuple[str, date]]


def make_board(instance: Instance, guess: MenuGuess) -> tuple[r.Board, Names]:
    """The arrays of a question, no dish chosen yet, every delivery open."""
    fixed = need_g(instance, ())
    foods = sorted(
        {f for _, f in fixed} | {i.food for recipe in instance.recipes for i in recipe.ingredients}
    )
    number = {food: n for n, food in enumerate(foods)}
    menus, market = Menus(instance, guess, number), Market(instance, foods)
    flat = [candidate for group in menus.candidates for candidate in group]
    names = Names(menus.places, [c.dish for c in flat], market.arrival_keys, foods, market.visits)
    index = _Index()
    day = _days(instance, menus, index)
    visit = _visits(instance, market, index)
    place, candidate, at, term, need_of = _menu_arrays(instance, menus, flat)
    row, helper, link = _row_arrays(menus)
    meals, shape = len(instance.horizon), (len(foods), 2)
    bread = np.zeros((len(foods), meals), np.int64)
    rank = {service.date: n for n, service in enumerate(instance.horizon)}
    for (when, food), grams in fixed.items():
        bread[number[food], rank[when]] = grams
    board = r.Board(
        place=place,
        candidate=candidate,
        at=at,
        term=term,
        need_of=need_of,
        row=row,
        helper=helper,
        link=link,
        day=day,
        lists=np.array(index.items, np.int64),
        arrival=_filled(r.ARRIVAL, market.arrivals),
        offer=_filled(r.OFFER, market.offers),
        limit=_filled(r.LIMIT, [(room, 0.0) for room in market.limits]),
        lot=_filled(r.LOT, market.lots),
        visit=visit,
        food=_foods(instance, market),
        sums_of=np.zeros((*shape, 6)),
        pick=np.zeros((*shape, meals), r.PICK),
        held=np.zeros((*shape, meals)),
        level=np.zeros((len(instance.kitchen.storage_g), meals)),
        room=np.array([grams * ROOM_USED for _, grams in sorted(zone_rooms_g(instance).items())]),
        need=bread.copy(),
        fixed=bread,
        total=np.zeros(8),
        sums=np.zeros(6),
        scalar=_scalars(instance),
        steps=np.array(instance.profile.shortfall_steps_permille) / PERMILLE,
        target=_filled(r.TARGET, [numbers for _, *numbers in targets(instance)]),
        mood=np.array(MOODS, np.float64),
        run=np.zeros(meals + 1, r.RUN),
        late=np.zeros((meals, 1 + max((b - a for a, b in market.offers_of), default=0)), np.int64),
        log=np.zeros(4 * len(menus.places) + 64, r.LOGGED),
        touched=np.zeros(len(foods) + 1, np.int64),
        counter=np.zeros(3, np.int64),
    )
    return board, names


class _Index:
    """Lists laid end to end."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def add(self, members: Sequence[int]) -> tuple[int, int]:
        start = len(self.items)
        self.items += members
        return start, len(self.items)


def _filled(dtype: np.dtype[np.void], rows: Sequence[Sequence[float]]) -> r.Records:
    """Records whose first fields are given; the others start at zero."""
    table = np.zeros(len(rows), dtype)
    names = dtype.names or ()
    for name, column in zip(names, zip(*rows, strict=True), strict=False):
        table[name] = column
    return table


def _spans(lists: Sequence[Sequence[object]]) -> list[tuple[int, int]]:
    stops = np.cumsum([len(members) for members in lists]).tolist()
    return list(zip([0, *stops[:-1]], stops, strict=True)) if stops else []


def _merged(rows: list[tuple[int, float]]) -> list[tuple[int, float]]:
    total: dict[int, float] = {}
    for row, weight in rows:
        total[row] = total.get(row, 0.0) + weight
    return sorted(total.items())


def _menu_arrays(
    instance: Instance, menus: Menus, flat: list[Candidate]
) -> tuple[r.Records, r.Records, r.Ints, r.Records, r.Records]:
    rank = {service.date: n for n, service in enumerate(instance.horizon)}
    slots = {slot: n for n, slot in enumerate(dict.fromkeys(slot for _, slot, _ in menus.places))}
    kept = {(lock.date, lock.slot, lock.choice) for lock in instance.locks}
    spans = _spans(menus.candidates)
    place = _filled(
        r.PLACE,
        [
            (rank[day], slots[slot], (day, slot, choice) not in kept, start, stop, r.EMPTY)
            for (day, slot, choice), (start, stop) in zip(menus.places, spans, strict=True)
        ],
    )
    terms, needs = [_merged(c.rows) for c in flat], [c.needs for c in flat]
    candidate = _filled(
        r.CANDIDATE,
        [
            (c.shape, c.recipe, *row, *need, c.extras)
            for c, row, need in zip(flat, _spans(terms), _spans(needs), strict=True)
        ],
    )
    at = np.full((len(place), len(instance.recipes) + 1), r.EMPTY, np.int64)
    for number, (start, stop) in enumerate(spans):
        for member in range(start, stop):
            at[number, flat[member].recipe] = member
    term = _filled(r.TERM, [pair for pairs in terms for pair in pairs])
    return place, candidate, at, term, _filled(r.NEED, [pair for pairs in needs for pair in pairs])


def _row_arrays(menus: Menus) -> tuple[r.Records, r.Records, r.Records]:
    """Rows, the helpers they bound or use, and the links between."""
    linear, bounds, uses = menus.linear, [], []
    behind = [r.EMPTY] * len(menus.low)
    for number, column in enumerate(menus.helpers):
        leaning = linear.leaning[column]
        pairs = menus.column_rows[column]
        held = [(n, w) for n, w in pairs if (menus.high[n] if w * leaning > 0 else -menus.low[n]) < np.inf]
        for n, _ in held:
            behind[n] = number
        bounds.append(held)
        uses.append([pair for pair in pairs if pair not in held])
    first = sum(map(len, bounds))
    helper = _filled(
        r.HELPER,
        [
            (
                linear.integer[c],
                *a,
                b[0] + first,
                b[1] + first,
                linear.leaning[c],
                linear.lower[c],
                linear.upper[c],
            )
            for c, a, b in zip(menus.helpers, _spans(bounds), _spans(uses), strict=True)
        ],
    )
    link = _filled(r.TERM, [pair for pairs in (*bounds, *uses) for pair in pairs])
    row = _filled(r.ROW, list(zip(behind, menus.low, menus.high, menus.price, strict=True)))
    return row, helper, link


def _days(instance: Instance, menus: Menus, index: _Index) -> r.Records:
    rows = []
    for service in instance.horizon:
        places = [n for n, (day, _, _) in enumerate(menus.places) if day == service.date]
        rows.append((*index.add(menus.day_rows.get(service.date, [])), *index.add(places)))
    return _filled(r.DAY, rows)


def _visits(instance: Instance, market: Market, index: _Index) -> r.Records:
    rows = []
    numbers = {supplier.code: n for n, supplier in enumerate(instance.suppliers)}
    for (code, _), sold, kept in zip(market.visits, market.sold, market.kept, strict=True):
        supplier = instance.supplier[code]
        minimum, fee = supplier.min_order_cents, supplier.delivery_fee_cents
        spans = (*index.add(sorted(kept)), *index.add(sorted(sold)))
        rows.append((not minimum and not fee, numbers[code], *spans, 1, minimum, fee))
    return _filled(r.VISIT, rows)


def _foods(instance: Instance, market: Market) -> r.Records:
    zones = {zone: n for n, zone in enumerate(sorted(instance.kitchen.storage_g))}
    stored = [zones.get(instance.food[code].storage, r.EMPTY) for code in market.foods]
    largest = [largest_pack_g(instance, code) for code in market.foods]
    rows = zip(market.offers_of, market.lots_of, stored, largest, strict=True)
    food = _filled(r.FOOD, [(*offers, *lots, *rest) for offers, lots, *rest in rows])
    food["worth"] = market.worths
    return food


def _scalars(instance: Instance) -> r.Floats:
    worth = (
        sum(lot.grams * lot_closing_millicents_kg(instance, lot) for lot in instance.stock)
        / MILLICENTS
        / 1000
    )
    fee_tax = (PERMILLE + FEE_VAT_PERMILLE) / PERMILLE
    width = step_width_millicents(instance) / MILLICENTS
    return np.array([width, budget_cents(instance), fee_tax, -worth, 1.0])
