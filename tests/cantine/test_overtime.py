"""After its time, a search that found nothing still says why: within ten seconds, and its lease holds."""

import threading
import time
from functools import partial
from itertools import chain, repeat
from multiprocessing import Pipe
from typing import Any

import pytest

from cantine.planning import runs
from cantine.planning.search import BEAT_SECONDS, OVERTIME_SECONDS, Story, _follow
from optim import effort, explain, surrogate, ways
from optim.backend import Answer, Outcome
from optim.plan import Result, Status
from optim.solve import EXPLAIN_SECONDS, meet
from tests.optim.test_solve_blocks import part


def test_the_reason_is_looked_for_in_what_is_left_of_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing the models counts: after four seconds of it, no solver gets more than the five left."""
    given: list[float] = []

    def solver(*_: Any, seconds: float, **__: Any) -> Answer:
        given.append(seconds)
        return Answer(Outcome.UNKNOWN, None, float("inf"), float("-inf"))

    for name in ("process_time", "monotonic"):
        clock = chain([100.0], repeat(104.0))
        monkeypatch.setattr(effort, name, partial(next, clock))
    monkeypatch.setattr(explain, "run", solver)
    monkeypatch.setattr(surrogate, "run", solver)
    assert ways.why(part(4), None, meet, seconds=EXPLAIN_SECONDS) == ways.Why()
    assert given
    assert max(given) <= EXPLAIN_SECONDS - ways.LEAST_SECONDS - 4.0


def test_a_silent_search_keeps_its_lease() -> None:
    """While the child looks for the reason and says nothing, the worker beats on, well within the lease."""
    ours, theirs = Pipe()
    beats: list[float] = []

    def child() -> None:
        time.sleep(6 * BEAT_SECONDS)
        result = Result(status=Status.INFEASIBLE, conflicts=("Budget",)).model_dump_json()
        theirs.send(("result", {"result": result, "findings": {}}))

    def listen(_told: dict[str, Any]) -> bool:
        beats.append(time.monotonic())
        return True

    thread = threading.Thread(target=child)
    thread.start()
    started = time.monotonic()
    answer = _follow(ours, Story(time_limit=0.0), started, listen)
    thread.join()
    assert answer is not None
    assert answer.result.conflicts == ("Budget",)
    gaps = [after - before for before, after in zip([started, *beats], beats, strict=False)]
    assert len(beats) >= 2
    assert max(gaps) < runs.LEASE.total_seconds() / 3
    assert EXPLAIN_SECONDS < OVERTIME_SECONDS
