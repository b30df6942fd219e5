"""One search in its own process: a solve never takes the worker, or the site, down with it.

The child sends each better plan through a pipe and dies with its parent. To stop is to ask,
then to end the child after a second and keep the best plan it had sent.
"""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from cantine.planning.compare import served_by, told_of
from cantine.planning.kinds import KINDS, Answer, Findings, Job
from optim.check import counts
from optim.figures import figures, objective_parts
from optim.instance import Instance
from optim.plan import Result, Status
from optim.solve import Progress
from optim.units import MILLICENTS

STOP = "stop"
PATIENCE_SECONDS = 1.0
BEAT_SECONDS = 0.5
QUIET_SECONDS = 0.2
"""Between two messages that say nothing new."""
OVERTIME_SECONDS = 60.0
"""Beyond the time limit plus this, the child is taken for lost."""

Listener = Callable[[dict[str, Any]], bool]
"""Receives the progress at each beat; answers False to stop and keep the best plan."""


@dataclass
class Story:
    """What the search said so far."""

    time_limit: float
    seconds: float = 0.0
    history: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    best: Result | None = None
    findings: Findings = field(default_factory=dict)

    def hear(self, message: dict[str, Any]) -> None:
        """Take one message of the child in."""
        best = message.pop("best")
        if best is not None:
            self.best = Result.model_validate_json(best)
        self.findings = message.pop("findings", None) or self.findings
        self.figures = {**self.figures, **message}
        point = (message["seconds"], message["objective_cents"], message["bound_cents"])
        if not self.history or point[1:] != self.history[-1][1:]:
            self.history.append(point)

    def told(self, started: float) -> dict[str, Any]:
        """The progress, as kept in the run."""
        return {
            **self.figures,
            "seconds": round(monotonic() - started, 1),
            "time_limit": self.time_limit,
            "history": self.history,
            "proposals": len({objective for _, objective, _ in self.history if objective is not None}),
        }


def search(instance: Instance, job: Job, listener: Listener) -> tuple[Answer, dict[str, Any]]:
    """Do the work of a run in a child process.

    Returns:
        The answer (UNKNOWN when the child died without any plan) and the last progress.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_child, args=(theirs, instance.model_dump_json(), job), daemon=True)
    child.start()
    theirs.close()
    started = monotonic()
    story = Story(job.time_limit, figures=_asked(instance))
    try:
        answer = _follow(ours, story, started, listener)
    finally:
        child.terminate()
        child.join(PATIENCE_SECONDS)
        if child.is_alive():
            child.kill()
        ours.close()
    best = story.best or Result(status=Status.UNKNOWN, seed=job.seed)
    return answer or Answer(best, story.findings), story.told(started)


def _asked(instance: Instance) -> dict[str, Any]:
    """What the search is about: the meals asked, and those kept after them."""
    kept = sorted(instance.kept)
    days = [service.date for service in instance.horizon if service.date not in instance.kept]
    return {"days": [day.isoformat() for day in days], "kept": [day.isoformat() for day in kept]}


def _follow(pipe: Connection, story: Story, started: float, listener: Listener) -> Answer | None:
    """Listen until the result, the end of the child, or a second after the request to stop."""
    stop_at: float | None = None
    while True:
        try:
            while pipe.poll(BEAT_SECONDS if stop_at is None else 0.05):
                kind, message = pipe.recv()
                if kind == "result":
                    return Answer(Result.model_validate_json(message["result"]), message["findings"])
                story.hear(message)
                if stop_at is None and not listener(story.told(started)):
                    stop_at = _ask_to_stop(pipe)
        except EOFError:
            return None
        now = monotonic()
        if stop_at is None and not listener(story.told(started)):
            stop_at = _ask_to_stop(pipe)
        if (stop_at and now > stop_at) or now - started > story.time_limit + OVERTIME_SECONDS:
            return None


def _ask_to_stop(pipe: Connection) -> float:
    pipe.send(STOP)
    return monotonic() + PATIENCE_SECONDS


def message_of(instance: Instance, progress: Progress, seed: int) -> dict[str, Any]:
    """What the page shows of the search; ``best`` is the plan itself when it is new."""
    message: dict[str, Any] = {
        "seconds": round(progress.seconds, 1),
        "objective_cents": progress.objective_cents,
        "bound_cents": progress.bound_cents,
        "gap": progress.gap,
        "best": None,
    }
    if progress.plan is not None:
        told = figures(instance, progress.plan)
        rules = counts(instance, progress.plan)
        criteria = [rule for rule in rules if rule.rule.startswith("F")]
        message |= told.model_dump(mode="json")
        message["asked"] = told_of(served_by(instance, progress.plan))
        message |= {"rules_kept": sum(r.kept for r in criteria), "rules_total": len(criteria)}
        message["best"] = Result(
            status=Status.FEASIBLE,
            plan=progress.plan,
            objective_cents=progress.objective_cents,
            bound_cents=progress.bound_cents,
            gap=progress.gap,
            objective_parts={k: v / MILLICENTS for k, v in objective_parts(instance, progress.plan).items()},
            seconds=progress.seconds,
            seed=seed,
            rules=tuple(rules),
        ).model_dump_json()
    return message


def _child(pipe: Connection, question: str, job: Job) -> None:
    """Entry of the child process."""
    instance = Instance.model_validate_json(question)
    stopped = threading.Event()

    def obey() -> None:
        try:
            pipe.recv()
        except EOFError:
            os._exit(1)
        stopped.set()

    threading.Thread(target=obey, daemon=True).start()
    last = 0.0

    def report(
        progress: Progress, told: Mapping[str, Any] | None = None, findings: Findings | None = None
    ) -> bool:
        nonlocal last
        if progress.plan or findings or progress.seconds - last > QUIET_SECONDS:
            message = {**message_of(instance, progress, job.seed), **(told or {}), "findings": findings}
            pipe.send(("progress", message))
            last = progress.seconds
        return not stopped.is_set()

    answer = KINDS[job.kind](instance, job, report)
    pipe.send(("result", {"result": answer.result.model_dump_json(), "findings": answer.findings}))
