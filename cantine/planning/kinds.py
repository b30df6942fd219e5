"""What each kind of run works out, in the child process: a plan, and what else was found beside.

A new kind is one function here, of (instance, job, report), named in ``KINDS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from optim.instance import Instance
from optim.plan import Result
from optim.solve import Progress, solve

Findings = dict[str, Any]
"""What a run keeps beside a plan; JSON."""


@dataclass(frozen=True)
class Job:
    """What is asked of the child: the kind of run, what was asked beside a plan, the time, the seed."""

    kind: str = "proposition"
    request: Mapping[str, Any] = field(default_factory=dict)
    time_limit: float = 60.0
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """What a run ends with."""

    result: Result
    findings: Findings = field(default_factory=dict)


class Report(Protocol):
    """Tells how far the work is; answers False when it must stop and keep the best it has."""

    def __call__(
        self,
        progress: Progress,
        told: Mapping[str, Any] | None = None,
        findings: Findings | None = None,
    ) -> bool:
        """``told``: small, joins the progress on the page; ``findings``: kept if the child must be ended."""
        ...


Work = Callable[[Instance, Job, Report], Answer]


def propose(instance: Instance, job: Job, report: Report) -> Answer:
    """Menus and purchases."""
    return Answer(solve(instance, time_limit=job.time_limit, seed=job.seed, on_progress=report))


KINDS: Mapping[str, Work] = {"proposition": propose}
