"""Long work that ends with figures to look at: its start, its progress, its stop, what the journal keeps."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from cantine.accounts import journal
from cantine.errors import CantineError, NotFoundError
from cantine.planning import comparison, frontiers, runs
from cantine.planning.models import Run
from cantine.planning.runs import OPEN_STATES, progress_of
from cantine.planning.search import message_of
from optim.compare import STEPS
from optim.figures import objective_parts
from optim.instance import Instance
from optim.plan import Result
from optim.solve import Progress
from optim.units import MILLICENTS

KINDS = (comparison.KIND, frontiers.KIND)
MOST_SERVICES = 60


@dataclass(frozen=True)
class Asked:
    """What a study is about, and for how long at most it looks."""

    kitchen: str
    first: date
    services: int
    profile: str
    time_limit: int


@dataclass(frozen=True)
class Study:
    """How far a study is, for its page."""

    run: Run
    searching: bool
    stopping: bool
    seconds: int
    said: str
    conflicts: tuple[str, ...]

    @property
    def number(self) -> int:
        """Number of the run."""
        return self.run.id or 0

    @property
    def empty(self) -> bool:
        """Stopped before it began, or ended without anything to show."""
        return not self.searching and not runs.findings_of(self.run)


def begin(session: Session, kind: str, asked: Asked, user_id: int | None, now: datetime) -> Run:
    """Write the run of a study and the line of the journal.

    Raises:
        CantineError: too many services, or none.
        ConflictError: a run of this kitchen is open.
        NotFoundError: unknown profile.
    """
    if not 1 <= asked.services <= MOST_SERVICES:
        raise CantineError(f"Choisissez de 1 à {MOST_SERVICES} repas.")
    run = runs.start(
        session,
        kitchen=asked.kitchen,
        first=asked.first,
        services=asked.services,
        profile=asked.profile,
        time_limit=asked.time_limit,
        seed=0,
        user_id=user_id,
        now=now,
        kind=kind,
    )
    _note(session, run, "", "demandée", user_id, now)
    return run


def stop(session: Session, run: Run, user_id: int | None, now: datetime) -> None:
    """Ask the worker to stop and keep what it has.

    Raises:
        NotFoundError: the run is no study.
    """
    if run.kind not in KINDS:
        raise NotFoundError("Ce calcul n'existe pas.")
    runs.cancel(session, run)
    _note(session, run, "demandée", "arrêt demandé", user_id, now)


def keep(session: Session, run: Run, wanted: int, user_id: int | None, now: datetime) -> Run:
    """Make one plan of a frontier a proposal, to look at and accept as usual.

    Raises:
        NotFoundError: the run holds no such plan.
        ConflictError: a run of this kitchen is open.
    """
    plan = frontiers.plan_of(run, wanted)
    runs.none_open(session, run.kitchen)
    instance = Instance.model_validate_json(run.instance)
    told = progress_of(run)
    worth = sum(objective_parts(instance, plan).values()) / MILLICENTS
    message = message_of(instance, Progress(told["seconds"], worth, None, None, plan), run.seed)
    best = Result.model_validate_json(message.pop("best"))
    told = {**{name: told[name] for name in ("days", "kept", "time_limit")}, **message}
    kept = Run(**_copied(run), result=best.model_dump_json(), created_at=now, created_by=user_id)
    kept.progress, kept.request = json.dumps(told), json.dumps({"frontiere": run.id, "plan": wanted})
    session.add(kept)
    session.flush()
    _note(session, run, "", f"plan {wanted} gardé, proposition {kept.id}", user_id, now)
    return kept


def _copied(run: Run) -> dict[str, Any]:
    """What a proposal takes over from the study it comes from: the question, and when it was answered."""
    names = ("kitchen", "first_date", "services", "profile", "time_limit", "seed", "instance", "versions")
    return {
        **{name: getattr(run, name) for name in names},
        "state": "fini",
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def study_of(run: Run) -> Study:
    """How far a run is, in words."""
    told, searching = progress_of(run), run.state in OPEN_STATES
    result = Result.model_validate_json(run.result) if run.result else None
    return Study(
        run=run,
        searching=searching,
        stopping=searching and run.cancel,
        seconds=round(told.get("seconds") or 0),
        said=_said(run, told),
        conflicts=result.conflicts if result else (),
    )


def _said(run: Run, told: dict[str, Any]) -> str:
    """What is being done, beside the bar of time."""
    if run.kind == comparison.KIND:
        step = told.get("step") or 1
        return "menus d'abord" if step == 1 else f"ensemble, essai {step - 1} sur {STEPS - 1}"
    count = told.get("points") or 0
    return "premier plan" if not count else f"{count} plan{'s' if count > 1 else ''} à choisir"


def _note(session: Session, run: Run, before: str, after: str, user_id: int | None, now: datetime) -> None:
    journal.record(
        session,
        user_id=user_id,
        kitchen=run.kitchen,
        subject="comparaison" if run.kind == comparison.KIND else "plans au choix",
        key=f"{run.id}, à partir du {run.first_date.isoformat()}",
        before=before,
        after=after,
        now=now,
    )
