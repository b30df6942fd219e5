"""What each kind of run works out, in the child process: a plan, and what else was found beside.

A new kind is one function here, of (instance, job, report), named in ``KINDS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from cantine.planning import comparison, frontiers, prices
from cantine.planning.concede import plan_to_start_from
from cantine.planning.in_force import IN_FORCE, in_place
from cantine.planning.repair import Told
from optim.compare import Comparison, compare
from optim.frontier import frontier
from optim.instance import Instance
from optim.plan import Result, Status
from optim.points import Point
from optim.proof import Proof
from optim.repair import InForce, repair
from optim.rule_costs import rule_costs
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
    """Menus and purchases; after a way out was taken, from the plan that it met."""
    start, proofs = plan_to_start_from(job.request), list[Proof]()
    result = solve(
        instance,
        time_limit=job.time_limit,
        seed=job.seed,
        on_progress=report,
        start=start,
        on_proof=proofs.append,
    )
    last = Progress(result.seconds, result.objective_cents, result.bound_cents, result.gap)
    if result.plan is None or not report(last, {prices.PRICING: True}):
        return Answer(result)
    seconds, proof = prices.seconds_of(job.time_limit), proofs[0] if proofs else None
    return Answer(result, prices.findings_of(rule_costs(instance, seconds=seconds, proof=proof)))


def compare_ways(instance: Instance, job: Job, report: Report) -> Answer:
    """Menus first against menus and purchases together: figures, no menus to accept."""
    began = monotonic()

    def tell(step: int, known: Comparison | None) -> bool:
        findings = comparison.findings_of(known) if known else None
        return report(Progress(monotonic() - began, None, None, None), {"step": step}, findings)

    tell(1, None)
    found = compare(
        instance,
        seconds=job.time_limit * comparison.EACH_PART,
        seed=job.seed,
        patience=comparison.patience(job.time_limit),
        on_progress=tell,
    )
    return Answer(Result(status=Status.UNKNOWN, seed=job.seed), comparison.findings_of(found))


def find_frontier(instance: Instance, job: Job, report: Report) -> Answer:
    """Several plans to choose from, the one in place beside; where there is none, why."""
    here = in_place(instance, job.request)

    def tell(seconds: float, count: int, points: tuple[Point, ...] | None) -> bool:
        findings = frontiers.findings_of(points, here) if points else None
        return report(Progress(seconds, None, None, None), {"points": count}, findings)

    lawful = here.lawful if here else None
    found = frontier(instance, seconds=job.time_limit, seed=job.seed, in_place=lawful, on_progress=tell)
    result = found.failure or Result(status=Status.UNKNOWN, seed=job.seed)
    shown = found.points or lawful
    return Answer(result, frontiers.findings_of(found.points, here) if shown else {})


def mend(instance: Instance, job: Job, report: Report) -> Answer:
    """After a mishap, the plan that changes least, with each change and its reason."""
    force = InForce.model_validate(job.request[IN_FORCE])
    found = repair(instance, force, seconds=job.time_limit, seed=job.seed, on_progress=report)
    told = Told(instance, force, found, job.request["because"], job.request["sold"])
    return Answer(found.result, told.findings())


KINDS: Mapping[str, Work] = {
    "proposition": propose,
    "reparation": mend,
    "comparaison": compare_ways,
    "frontiere": find_frontier,
}
