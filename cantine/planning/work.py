"""What a worker does with one run: claim, build, search, write under its token."""

import json
import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cantine.clock import time_of, today_of, utc_now
from cantine.db import reading, transaction
from cantine.errors import CantineError
from cantine.kitchens.settings import today
from cantine.planning import frontiers, repair, runs
from cantine.planning.build import build_instance
from cantine.planning.concede import eased
from cantine.planning.in_force import IN_FORCE, force_of
from cantine.planning.kept import with_kept_days
from cantine.planning.kinds import Answer, Job
from cantine.planning.save import versions_of
from cantine.planning.search import search
from optim.instance import Instance
from optim.plan import Status

logger = logging.getLogger(__name__)
NOTHING_FOUND = "La recherche n'a pas trouvé de menus dans le temps donné. Laissez-lui plus de temps."


def execute(engine: Engine, run_id: int) -> None:
    """Take a run up and carry it to its end; a run held by another worker is left alone."""
    with transaction(engine) as session:
        token = runs.claim(session, run_id, utc_now())
    if token is None:
        return
    try:
        instance, job = _question(engine, run_id, token)
        answer, progress = search(instance, job, lambda told: _beat(engine, run_id, token, told))
        answer = replace(answer, result=with_kept_days(instance, answer.result))
        _write(engine, run_id, token, answer, progress)
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


def _question(engine: Engine, run_id: int, token: str) -> tuple[Instance, Job]:
    """Build the question in a reading session, then keep it under the token."""
    with reading(engine) as session:
        run = runs.get_run(session, run_id)
        now = utc_now()
        day, hour = today(session, today_of(now)), time_of(now)
        asked = run.kitchen, run.first_date, run.services, run.profile
        instance = build_instance(session, *asked, day, hour, repairing=run.kind == repair.KIND)
        request = json.loads(run.request)
        instance = eased(instance, request)
        if run.kind == repair.KIND:
            request |= repair.in_force(session, run.kitchen, instance, mend_menus=request["mend_menus"])
        if run.kind == frontiers.KIND:
            request[IN_FORCE] = force_of(session, run.kitchen, instance).model_dump(mode="json")
        versions = versions_of(session, run.kitchen, instance)
        job = Job(run.kind, request, run.time_limit, run.seed)
    with transaction(engine) as session:
        runs.keep_question(session, run_id, token, instance.model_dump_json(), versions)
    return instance, job


def _beat(engine: Engine, run_id: int, token: str, told: dict[str, Any]) -> bool:
    """Go on unless the chief asked to stop, or another worker took the run over."""
    with transaction(engine) as session:
        return runs.heartbeat(session, run_id, token, utc_now(), told) is False


def _write(engine: Engine, run_id: int, token: str, answer: Answer, progress: dict[str, Any]) -> None:
    result = answer.result
    said = result.plan is not None or result.status is Status.INFEASIBLE or result.conflicts
    with transaction(engine) as session:
        if not (said or answer.findings):
            runs.fail(session, run_id, token, utc_now(), NOTHING_FOUND)
            return
        end = result.model_dump_json(), json.dumps(progress), json.dumps(answer.findings)
        written = runs.finish(session, run_id, token, utc_now(), *end)
    if not written:
        logger.warning("run %s: another worker holds it, this late result is refused", run_id)


def _fail(engine: Engine, run_id: int, token: str, error: str) -> None:
    with transaction(engine) as session:
        runs.fail(session, run_id, token, utc_now(), error)
