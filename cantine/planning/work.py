"""What a worker does with one run: claim, build, search, write under its token."""

import json
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cantine.clock import time_of, today_of, utc_now
from cantine.db import reading, transaction
from cantine.errors import CantineError
from cantine.kitchens.settings import today
from cantine.planning import runs
from cantine.planning.build import build_instance
from cantine.planning.kept import with_kept_days
from cantine.planning.save import versions_of
from cantine.planning.search import search
from optim.instance import Instance
from optim.plan import Result, Status

logger = logging.getLogger(__name__)
NOTHING_FOUND = "La recherche n'a pas trouvé de menus dans le temps donné. Laissez-lui plus de temps."


def execute(engine: Engine, run_id: int) -> None:
    """Take a run up and carry it to its end; a run held by another worker is left alone."""
    with transaction(engine) as session:
        token = runs.claim(session, run_id, utc_now())
    if token is None:
        return
    try:
        instance, time_limit, seed = _question(engine, run_id, token)
        result, progress = search(
            instance,
            time_limit=time_limit,
            seed=seed,
            listener=lambda told: _beat(engine, run_id, token, told),
        )
        _write(engine, run_id, token, with_kept_days(instance, result), progress)
    except CantineError as error:
        _fail(engine, run_id, token, error.message)
    except Exception:
        logger.exception("run %s failed", run_id)
        _fail(
            engine,
            run_id,
            token,
            "La recherche s'est arrêtée sur une erreur. L'administrateur la trouvera au journal.",
        )


def ring_waiting(engine: Engine, now: datetime) -> list[int]:
    """Runs to ring again: waiting ones, and those whose worker is gone."""
    with transaction(engine) as session:
        return runs.to_ring(session, now)


def _question(engine: Engine, run_id: int, token: str) -> tuple[Instance, int, int]:
    """Build the question in a reading session, then keep it under the token."""
    with reading(engine) as session:
        run = runs.get_run(session, run_id)
        now = utc_now()
        day, hour = today(session, today_of(now)), time_of(now)
        instance = build_instance(session, run.kitchen, run.first_date, run.services, run.profile, day, hour)
        versions = versions_of(session, run.kitchen, instance)
        time_limit, seed = run.time_limit, run.seed
    with transaction(engine) as session:
        runs.keep_question(session, run_id, token, instance.model_dump_json(), versions)
    return instance, time_limit, seed


def _beat(engine: Engine, run_id: int, token: str, told: dict[str, Any]) -> bool:
    """Go on unless the chief asked to stop, or another worker took the run over."""
    with transaction(engine) as session:
        return runs.heartbeat(session, run_id, token, utc_now(), told) is False


def _write(engine: Engine, run_id: int, token: str, result: Result, progress: dict[str, Any]) -> None:
    with transaction(engine) as session:
        if result.plan is None and result.status is not Status.INFEASIBLE and not result.conflicts:
            runs.fail(session, run_id, token, utc_now(), NOTHING_FOUND)
            return
        written = runs.finish(
            session, run_id, token, utc_now(), result.model_dump_json(), json.dumps(progress)
        )
    if not written:
        logger.warning("run %s: another worker holds it, this late result is refused", run_id)


def _fail(engine: Engine, run_id: int, token: str, error: str) -> None:
    with transaction(engine) as session:
        runs.fail(session, run_id, token, utc_now(), error)
