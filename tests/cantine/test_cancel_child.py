"""« Arrêter et voir » on the real child process: it ends within a second, with the best plan it had told."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from cantine.planning.kinds import Job
from cantine.planning.search import search
from optim.check import violations
from optim.generate import Shape, generate
from optim.plan import Status

QUESTION = generate(Shape(services=8, meals=320, stock_lots=0), 3)
SECOND = 1.0
GOODBYE = 0.5
"""For the system to take the process down, on a busy machine."""


def test_a_search_stopped_by_the_chief_ends_in_a_second_and_keeps_its_plan() -> None:
    """Asked for ten minutes, stopped at the first plan: answered at once, and the plan is right."""
    asked: list[float] = []

    def listen(told: Mapping[str, Any]) -> bool:
        """Say no once a plan is known."""
        if told.get("objective_cents") is None:
            return True
        asked.append(monotonic())
        return False

    answer, progress = search(QUESTION, Job(time_limit=600), listen)
    assert monotonic() - asked[0] < SECOND + GOODBYE
    assert answer.result.status in {Status.FEASIBLE, Status.OPTIMAL}
    assert answer.result.plan is not None
    assert violations(QUESTION, answer.result.plan) == []
    told_first = next(objective for _, objective, _ in progress["history"] if objective is not None)
    assert answer.result.objective_cents is not None
    assert answer.result.objective_cents <= told_first + 0.01
