"""The ledger of proposals: the Run row is the truth, the queue only a doorbell.

A worker claims a run with a lease and a token; everything it writes later is written under that
token, so that a stopped worker which wakes up again is refused.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, or_, update
from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.clock import time_of
from cantine.errors import ConflictError, NotFoundError
from cantine.kitchens.models import Kitchen
from cantine.menus.announced import remember
from cantine.menus.models import Service
from cantine.menus.versions import Stamp, snapshot
from cantine.menus.versions import finish as note_menu
from cantine.planning.build import load_profile
from cantine.planning.drafts import follow_plan
from cantine.planning.kept import kept_words
from cantine.planning.models import Run
from cantine.planning.save import Versions, check_orders, check_stock, check_unchanged, save_plan
from optim.concessions import labels
from optim.instance import Instance
from optim.plan import Result

LEASE = timedelta(seconds=15)
ATTEMPTS = 3
TIRED = (
    "La recherche s'est arrêtée trois fois sans finir. "
    "Réessayez avec moins de services, ou prévenez l'administrateur."
)
OPEN_STATES = ("attente", "calcul")
PROPOSALS = ("proposition", "reparation")
"""Kinds of run that end with menus to accept or to set aside."""
BUSY = {
    "proposition": "Une proposition est déjà en préparation pour cette cuisine.",
    "reparation": "Une réparation est déjà en préparation pour cette cuisine.",
    "frontiere": "Une recherche de plusieurs plans est déjà en préparation pour cette cuisine.",
    "comparaison": "Une comparaison est déjà en préparation pour cette cuisine.",
}


def start(
    session: Session,
    *,
    kitchen: str,
    first: date,
    services: int,
    profile: str,
    time_limit: int,
    seed: int,
    user_id: int | None,
    now: datetime,
    kind: str = "proposition",
    request: Mapping[str, Any] | None = None,
) -> Run:
    """Write a new run, to be taken up by a worker; ``request`` is what is asked beside a plan.

    Raises:
        ConflictError: a run of this kitchen is open already, of whatever kind.
        NotFoundError: unknown profile.
    """
    load_profile(session, profile)
    none_open(session, kitchen)
    run = Run(
        kitchen=kitchen,
        kind=kind,
        request=json.dumps(request or {}),
        first_date=first,
        services=services,
        profile=profile,
        time_limit=time_limit,
        seed=seed,
        created_at=now,
        created_by=user_id,
    )
    session.add(run)
    session.flush()
    return run


def none_open(session: Session, kitchen: str) -> None:
    """Hold the kitchen's row, so that two people starting at once wait for each other (PostgreSQL).

    Raises:
        ConflictError: a run of this kitchen is open, of whatever kind.
    """
    session.exec(select(Kitchen.code).where(Kitchen.code == kitchen).with_for_update()).first()
    busy = select(Run.kind).where(Run.kitchen == kitchen, col(Run.state).in_(OPEN_STATES))
    if (other := session.exec(busy).first()) is not None:
        raise ConflictError(BUSY[other])


def get_run(session: Session, run_id: int, kitchen: str | None = None) -> Run:
    """One run, of ``kitchen`` if given.

    Raises:
        NotFoundError: no such run, or of another kitchen.
    """
    run = session.get(Run, run_id)
    if run is None or (kitchen is not None and run.kitchen != kitchen):
        raise NotFoundError("Cette proposition n'existe pas.")
    return run


def latest(session: Session, kitchen: str, kinds: Sequence[str] = PROPOSALS) -> Run | None:
    """The last run of a kitchen among some kinds, whatever its state."""
    asked = select(Run).where(Run.kitchen == kitchen, col(Run.kind).in_(kinds))
    return session.exec(asked.order_by(col(Run.id).desc())).first()


def progress_of(run: Run) -> dict[str, Any]:
    """What the worker last said: seconds, objective, bound, figures, history."""
    return dict(json.loads(run.progress or "{}"))


def findings_of(run: Run) -> dict[str, Any]:
    """What a run found beside a plan."""
    return dict(json.loads(run.findings or "{}"))


def cancel(session: Session, run: Run) -> None:
    """Ask the worker to stop and keep its best plan; a run not begun is simply closed, one ended stays so."""
    if run.state not in OPEN_STATES:
        return
    run.cancel = True
    if run.state == "attente":
        run.state = "annule"
    session.add(run)


def accept(session: Session, run: Run, user_id: int | None, now: datetime, today: date) -> frozenset[date]:
    """Put the plan of a finished run in the grid, in place of what was there.

    Returns:
        The later meals whose menus were kept, and whose purchases were planned again.

    Raises:
        ConflictError: the run has no plan, somebody decided already, changed one of its days, or
            took the food it counts on.
    """
    _hold(session, run)
    _undecided(run)
    result = Result.model_validate_json(run.result) if run.result else None
    if result is None or result.plan is None:
        raise ConflictError("Cette proposition n'a pas de menus à accepter.")
    instance = Instance.model_validate_json(run.instance)
    check_unchanged(session, run.kitchen, instance, json.loads(run.versions), today)
    repaired = run.kind == "reparation"
    check_orders(session, run.kitchen, instance, today, time_of(now), repaired=repaired)
    check_stock(session, run.kitchen, instance, result.plan, today)
    before = {s.date: snapshot(session, run.kitchen, s.date) for s in instance.horizon}
    for day in before:
        remember(session, run.kitchen, day, user_id, now)
    save_plan(session, run.kitchen, instance, result.plan)
    follow_plan(session, run.kitchen, today, now)
    for day, was in before.items():
        if snapshot(session, run.kitchen, day) != was:
            note_menu(session, run.kitchen, day, Stamp(user_id, now, today, 0), was)
    more = f" ; menus {kept_words(instance.kept)} inchangés, leurs achats refaits" if instance.kept else ""
    if instance.relaxed:
        more += f" ; accordé : {' ; '.join(labels(instance.relaxed))}"
    _decide(session, run, "accepte", user_id, now, more)
    return instance.kept


def discard(session: Session, run: Run, user_id: int | None, now: datetime) -> None:
    """Set the proposal aside; the menus stay as they are.

    Raises:
        ConflictError: somebody decided already.
    """
    _hold(session, run)
    _undecided(run)
    _decide(session, run, "ecarte", user_id, now)


def _hold(session: Session, run: Run) -> None:
    """Two decisions, or a decision and an edit, wait for each other (PostgreSQL).

    The row of the kitchen, once held, keeps new services out; SQLite has one writer anyway.
    """
    session.exec(select(Kitchen.code).where(Kitchen.code == run.kitchen).with_for_update()).one()
    session.refresh(run, with_for_update=True)
    days = select(Service).where(Service.kitchen == run.kitchen, Service.date >= run.first_date)
    again = {"populate_existing": True}
    session.exec(days.order_by(col(Service.date)).with_for_update().execution_options(**again)).all()


def _undecided(run: Run) -> None:
    if run.decision:
        words = "acceptée" if run.decision == "accepte" else "écartée"
        raise ConflictError(f"Cette proposition a déjà été {words}.")


def _decide(
    session: Session, run: Run, decision: str, user_id: int | None, now: datetime, more: str = ""
) -> None:
    run.decision = decision
    session.add(run)
    journal.record(
        session,
        user_id=user_id,
        kitchen=run.kitchen,
        subject="proposition",
        key=f"{run.id}, à partir du {run.first_date.isoformat()}",
        before="à décider",
        after=decision + more,
        now=now,
    )


def claim(session: Session, run_id: int, now: datetime) -> str | None:
    """Take a waiting run, or one whose worker is gone.

    Returns:
        The token to write under, or None when another worker has it or there is nothing to do.
    """
    token = secrets.token_hex(16)
    claimed = _execute(
        session,
        update(Run)
        .where(
            col(Run.id) == run_id,
            col(Run.cancel).is_(False) | (col(Run.state) == "calcul"),
            or_(
                col(Run.state) == "attente",
                (col(Run.state) == "calcul") & (col(Run.lease_until) < now),
            ),
            col(Run.attempts) < ATTEMPTS,
        )
        .values(
            state="calcul",
            token=token,
            lease_until=now + LEASE,
            attempts=col(Run.attempts) + 1,
            started_at=now,
        ),
    )
    return token if claimed else None


def heartbeat(
    session: Session, run_id: int, token: str, now: datetime, progress: Mapping[str, Any] | None
) -> bool | None:
    """Extend the lease and write the progress.

    Returns:
        Whether the chief asked to stop; None when the token is no longer valid.
    """
    values: dict[str, Any] = {"lease_until": now + LEASE}
    if progress is not None:
        values["progress"] = json.dumps(progress)
    if not _execute(session, _under_token(run_id, token).values(**values)):
        return None
    return bool(session.exec(select(Run.cancel).where(Run.id == run_id)).one())


def keep_question(session: Session, run_id: int, token: str, instance: str, versions: Versions) -> bool:
    """Keep the question, so that any complaint can be replayed, and the versions it was built on."""
    statement = _under_token(run_id, token).values(instance=instance, versions=json.dumps(versions))
    return _execute(session, statement)


def finish(
    session: Session,
    run_id: int,
    token: str,
    now: datetime,
    result: str,
    progress: str,
    findings: str = "{}",
) -> bool:
    """Write the answer; refused (False) when another worker holds the run."""
    ended = {"state": "fini", "finished_at": now, "lease_until": None}
    values = {**ended, "result": result, "progress": progress, "findings": findings}
    return _execute(session, _under_token(run_id, token).values(**values))


def fail(session: Session, run_id: int, token: str, now: datetime, error: str) -> bool:
    """Write why there is no answer, in French."""
    statement = _under_token(run_id, token).values(
        state="echec", error=error, finished_at=now, lease_until=None
    )
    return _execute(session, statement)


def to_ring(session: Session, now: datetime) -> list[int]:
    """Runs that wait or whose worker is gone; those tried too often are closed."""
    lost = (col(Run.state) == "calcul") & (col(Run.lease_until) < now)
    session.execute(
        update(Run)
        .where(lost, col(Run.attempts) >= ATTEMPTS)
        .values(state="echec", error=TIRED, finished_at=now, token="")
    )
    rows = session.exec(select(Run.id).where(or_(col(Run.state) == "attente", lost)).order_by(col(Run.id)))
    return [run_id for run_id in rows if run_id is not None]


def _under_token(run_id: int, token: str) -> Update:
    return update(Run).where(col(Run.id) == run_id, col(Run.token) == token, col(Run.state) == "calcul")


def _execute(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
