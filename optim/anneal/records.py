"""The arrays of the compiled search. Records, not one array a field: compiled code passes few arguments."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = NDArray[np.void]

EMPTY = -1
"""No dish in a place, no helper behind a row, no limit on an offer."""


def record(whole: str, real: str = "") -> np.dtype[np.void]:
    """A record of whole numbers, then real ones."""
    fields = [(name, np.int64) for name in whole.split()] + [(name, np.float64) for name in real.split()]
    return np.dtype(fields, align=True)


PLACE = record("day slot free start stop dish")
"""A presentation to fill: its candidates, and the one there."""
CANDIDATE = record("shape recipe row_start row_stop food_start food_stop", "extras")
"""A dish at a place: what it weighs on rows and foods, and its price beside food, cents."""
TERM = record("row", "weight")
NEED = record("food grams")
ROW = record("helper", "low high price act")
"""A demand on menus; a price under zero: it must hold. With a helper: it bounds the helper."""
HELPER = record("whole above_start above_stop use_start use_stop", "sense low high value")
"""A column of the rules that follows from the dishes: as large (sense 1) or small (-1) as rows let it."""
DAY = record("row_start row_stop place_start place_stop")
ARRIVAL = record("visit first last limit offer", "closing")
"""An offer on a delivery day: services it may feed, and what a gram left is worth, cents."""
OFFER = record("start stop pack", "price credit tax pull push family most egalim bio meat_fish")
"""Cents: of a pack for price, tax and push, of a gram used for credit, pull and the three labels."""
LIMIT = record("", "room used")
LOT = record("last grams first", "cost")
VISIT = record(
    "free supplier keep_start keep_stop food_start food_stop opened", "minimum fee spend cost cash"
)
FOOD = record(
    "start stop lot_start lot_stop zone largest days mood picks picks_before stamp",
    "worth room cost cost_before",
)
"""Grams of the largest pack; cents of a gram that keeps and is left, and of all that may be left so."""
PICK = record("arrival packs grams")
RUN = record("day grams cut arrival packs covered", "best")
LOGGED = record("place before")
TARGET = record("", "permille past labelled")

EXTRAS, FOODS, VISITS, CASH, SOFT, HARD, EXCESS, CROWD = range(8)
"""Places of the running totals."""
TTC, BOUGHT, FAMILY, EGALIM, BIO, MEAT_FISH = range(6)
"""Places of the running sums of purchases, cents."""
WIDTH, BUDGET, FEE_TAX, OFFSET, OVER = range(5)
"""Places of the scalars: width of a step of shortfall, budget TTC, fees TTC by HT, what stock is worth, and
what a cent over the budget costs."""
TOUCHED, TURN, LOG = range(3)
"""Places of the counters."""


class Board(NamedTuple):
    """The question and the present plan."""

    place: Records
    candidate: Records
    at: Ints
    """Candidate of each (place, recipe), or EMPTY."""
    term: Records
    need_of: Records
    row: Records
    helper: Records
    link: Records
    day: Records
    lists: Ints
    """Lists that records point into: rows and places of a day, foods of a visit."""
    arrival: Records
    offer: Records
    limit: Records
    lot: Records
    visit: Records
    food: Records
    sums_of: Floats
    """(food, now or before, sums)."""
    pick: Records
    """(food, now or before, rank)."""
    held: Floats
    """(food, now or before, service): grams in store on the morning of a service."""
    level: Floats
    """(zone, service): grams in the zones whose room is limited."""
    room: Floats
    """Grams that each of these zones takes."""
    need: Ints
    """Grams of each (food, service)."""
    fixed: Ints
    """The same without any dish: bread."""
    total: Floats
    sums: Floats
    scalar: Floats
    steps: Floats
    target: Records
    mood: Floats
    """How the offers of a food may be chosen: weights of pull, push, tax, and of credit and closing."""
    run: Records
    late: Ints
    """Scratch: the last open arrival of an offer before a service."""
    log: Records
    touched: Ints
    counter: Ints
