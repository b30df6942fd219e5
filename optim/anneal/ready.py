"""Load the compiled code before a clock starts: a second in a new process, more after an upgrade."""

from functools import cache

import numpy as np

from optim.anneal import records as r
from optim.anneal.cooling import cool, load
from optim.anneal.larder import price


def empty_board() -> r.Board:
    """A board of nothing, with the types of all boards."""
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return r.Board(
        place=np.zeros(0, r.PLACE),
        candidate=np.zeros(0, r.CANDIDATE),
        at=np.zeros((0, 0), np.int64),
        term=np.zeros(0, r.TERM),
        need_of=np.zeros(0, r.NEED),
        row=np.zeros(0, r.ROW),
        helper=np.zeros(0, r.HELPER),
        link=np.zeros(0, r.TERM),
        day=np.zeros(0, r.DAY),
        lists=whole,
        arrival=np.zeros(0, r.ARRIVAL),
        offer=np.zeros(0, r.OFFER),
        limit=np.zeros(0, r.LIMIT),
        lot=np.zeros(0, r.LOT),
        visit=np.zeros(0, r.VISIT),
        food=np.zeros(0, r.FOOD),
        sums_of=np.zeros((0, 2, 6)),
        pick=np.zeros((0, 2, 0), r.PICK),
        held=np.zeros((0, 2, 0)),
        level=np.zeros((0, 0)),
        room=real,
        need=np.zeros((0, 0), np.int64),
        fixed=np.zeros((0, 0), np.int64),
        total=np.zeros(8),
        sums=np.zeros(6),
        scalar=np.zeros(5),
        steps=np.zeros(3),
        target=np.zeros(3, r.TARGET),
        mood=np.zeros((1, 4)),
        run=np.zeros(1, r.RUN),
        late=np.zeros((0, 1), np.int64),
        log=np.zeros(1, r.LOGGED),
        touched=np.zeros(1, np.int64),
        counter=np.zeros(3, np.int64),
    )


@cache
def ready() -> None:
    """Compile, or read what was compiled before; once a process."""
    board, none = empty_board(), np.zeros(0, np.int64)
    load(board, none, none, none)
    cool(board, 0, 1.0, 1.0, 0, np.inf, none, none, none)
    price(board, 1.0)
