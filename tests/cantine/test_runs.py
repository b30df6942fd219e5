"""Long work: the ledger, its leases and tokens, and a worker killed in the middle of a plan."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.clock import utc_now
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import ConflictError
from cantine.menus.models import Dish, Service
from cantine.planning import runs
from cantine.planning.models import PlannedPurchase, PlannedUse, Run
from optim.check import violations
from optim.instance import Instance
from optim.plan import Result, Status

FIRST = date(2027, 1, 4)
NOW = datetime(2027, 1, 4, 14, 30, tzinfo=UTC)
CONSUMER = """
from cantine.config import from_environment
from cantine.jobs import run_consumer
run_consumer(from_environment())
"""
PATIENCE = 150


def begin(session: Session, *, time_limit: int = 10, services: int = 8) -> Run:
    """A run of the invented département's first kitchen."""
    return runs.start(
        session,
        kitchen="PORT-BRUME",
        first=FIRST,
        services=services,
        profile="equilibre",
        time_limit=time_limit,
        seed=1,
        user_id=None,
        now=NOW,
    )


def test_one_run_at_a_time(marais_engine: Engine) -> None:
    """A second proposal is refused while one is open."""
    with Session(marais_engine) as session:
        begin(session)
        with pytest.raises(ConflictError, match="déjà en préparation"):
            begin(session)


def test_two_starts_at_once_give_one_run(each_marais: Config) -> None:
    """Two people who click at the same moment: one run, one refusal, on both databases."""
    engine = make_engine(each_marais.database_url)

    def click() -> str:
        try:
            with transaction(engine) as session:
                begin(session)
                time.sleep(0.3)
        except ConflictError:
            return "refus"
        return "lancé"

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert sorted(future.result() for future in [pool.submit(click), pool.submit(click)]) == [
            "lancé",
            "refus",
        ]
    engine.dispose()


def test_claim_is_exclusive_until_the_lease_ends(marais_engine: Engine) -> None:
    """Two workers never hold one run; a lost worker's run is taken up again, and its token is dead."""
    with Session(marais_engine) as session:
        run_id = begin(session).id or 0
        first = runs.claim(session, run_id, NOW)
        assert first
        assert runs.claim(session, run_id, NOW) is None
        later = NOW + runs.LEASE + timedelta(seconds=1)
        second = runs.claim(session, run_id, later)
        assert second
        assert runs.heartbeat(session, run_id, first, later, {}) is None
        assert not runs.finish(session, run_id, first, later, "{}", "{}")
        assert runs.finish(session, run_id, second, later, '{"status": "unknown"}', "{}")
        session.expire_all()
        assert runs.get_run(session, run_id).result == '{"status": "unknown"}'


def test_a_run_tried_too_often_is_closed(marais_engine: Engine) -> None:
    """After three lost workers the run fails, with a sentence for the chief."""
    with Session(marais_engine) as session:
        run_id = begin(session).id or 0
        now = NOW
        for _ in range(runs.ATTEMPTS):
            assert runs.claim(session, run_id, now)
            now += runs.LEASE + timedelta(seconds=1)
        assert runs.to_ring(session, now) == []
        session.expire_all()
        run = runs.get_run(session, run_id)
        assert (run.state, run.error) == ("echec", runs.TIRED)


def test_cancel_before_the_work_begins(marais_engine: Engine) -> None:
    """A run that no worker took is closed at once, and another may start."""
    with Session(marais_engine) as session:
        run = begin(session)
        runs.cancel(session, run)
        session.flush()
        assert run.state == "annule"
        assert runs.claim(session, run.id or 0, NOW) is None
        assert begin(session).state == "attente"


@contextmanager
def consumer(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in its own process, killed at the end."""
    environment = {
        **os.environ,
        "CANTINE_HOME": str(config.home),
        "CANTINE_DATABASE_URL": config.database_url,
        "CANTINE_SECRET_KEY": config.secret_key,
        "CANTINE_QUEUE_URL": "" if config.sqlite_path else config.database_url,
    }
    process = subprocess.Popen([sys.executable, "-c", CONSUMER], env=environment, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 of the worker and of all it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(engine: Engine, run_id: int, done: Callable[[Run], bool]) -> Run:
    """The run, once ``done``."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with Session(engine) as session:
            run = runs.get_run(session, run_id)
            if done(run):
                return run
        time.sleep(0.2)
    raise AssertionError(f"the run did not get there: {run.state} {run.progress[:200]} {run.error}")


def test_a_killed_worker_loses_nothing(each_marais: Config) -> None:
    """Kill -9 in the middle of a plan: the run is taken up again and finishes once."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        run_id = begin(session).id or 0
    with consumer(each_marais) as process:
        wait_for(engine, run_id, lambda run: run.state == "calcul" and "seconds" in run.progress)
        kill(process)
    with transaction(engine) as session:
        lost = runs.get_run(session, run_id)
        assert lost.state == "calcul"
        assert runs.claim(session, run_id, utc_now()) is None, "the lease still holds"
        session.refresh(lost)
        lost.lease_until = utc_now()  # its fifteen seconds are over: nothing else of it is invented
    with consumer(each_marais):
        wait_for(engine, run_id, lambda run: "share_local" in run.progress and run.progress != lost.progress)
        with transaction(engine) as session:
            runs.cancel(session, runs.get_run(session, run_id))
        run = wait_for(engine, run_id, lambda run: run.state not in runs.OPEN_STATES)
    assert (run.state, run.attempts) == ("fini", 2)
    result = Result.model_validate_json(run.result)
    assert result.plan is not None
    assert violations(Instance.model_validate_json(run.instance), result.plan) == []
    engine.dispose()


def test_cancel_keeps_the_best_plan_and_accept_writes_it(marais_engine: Engine, home: Path) -> None:
    """« Arrêter et voir » ends within seconds with a plan; accepted, it is the grid and the orders."""
    from tests.conftest import make_config  # noqa: PLC0415 -- a helper, not a fixture

    with transaction(marais_engine) as session:
        run_id = begin(session, time_limit=300).id or 0
    with consumer(make_config(home)):
        wait_for(marais_engine, run_id, lambda run: "share_local" in run.progress)
        with transaction(marais_engine) as session:
            runs.cancel(session, runs.get_run(session, run_id))
        asked = utc_now()
        run = wait_for(marais_engine, run_id, lambda run: run.state not in runs.OPEN_STATES)
    assert run.state == "fini"
    assert run.finished_at is not None
    assert run.finished_at - asked < timedelta(seconds=6)
    result = Result.model_validate_json(run.result)
    assert result.status in {Status.FEASIBLE, Status.OPTIMAL}
    assert result.plan is not None
    with transaction(marais_engine) as session:
        runs.accept(session, runs.get_run(session, run_id), None, NOW, FIRST)
    with Session(marais_engine) as session:
        dishes = session.exec(select(Dish).where(Dish.kitchen == "PORT-BRUME", Dish.date >= FIRST)).all()
        assert {(d.date, d.slot, d.choice, d.recipe) for d in dishes} == {
            (d.date, d.slot.value, d.choice, d.recipe) for d in result.plan.dishes
        }
        purchases = session.exec(select(PlannedPurchase)).all()
        assert {(p.delivery, p.offer, p.packs) for p in purchases} == {
            (p.delivery, p.offer, p.packs) for p in result.plan.purchases
        }
        assert len(session.exec(select(PlannedUse)).all()) == len(result.plan.uses)
        assert (
            len(
                session.exec(
                    select(Service).where(Service.kitchen == "PORT-BRUME", Service.date >= FIRST)
                ).all()
            )
            == 8
        )
        assert (
            session.exec(select(JournalEntry).where(JournalEntry.subject == "proposition")).one().after
            == "accepte"
        )
        with pytest.raises(ConflictError, match="déjà été acceptée"):
            runs.discard(session, runs.get_run(session, run_id), None, NOW)
