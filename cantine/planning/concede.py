"""A way out taken: what is given up goes with a new proposal, and into the journal."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.errors import ConflictError
from cantine.menus.grid import Place
from cantine.menus.models import Dish
from cantine.menus.versions import Stamp
from cantine.planning import runs
from cantine.planning.models import Run
from cantine.planning.ways_out import take_back
from optim.concessions import labels
from optim.instance import Instance
from optim.plan import Plan, Result, Way
from optim.terms import Slot

RELAXED, START, FREED = "relaxed", "start", "freed"
"""Keys of a run's request: steps given up by rule, the plan met with them, decisions taken back in words."""
NOTHING = "rien"


def request_of(run: Run) -> dict[str, Any]:
    """What was asked beside a plan."""
    return dict(json.loads(run.request or "{}"))


def carried(run: Run) -> dict[str, Any]:
    """What the chief gave up already, for a search that follows."""
    return {key: value for key, value in request_of(run).items() if key in {RELAXED, FREED, START}}


def relaxed_of(request: Mapping[str, Any]) -> dict[str, int]:
    """Steps given up, by rule."""
    return {rule: int(steps) for rule, steps in request.get(RELAXED, {}).items()}


def eased(instance: Instance, request: Mapping[str, Any]) -> Instance:
    """The question with what the chief gave up."""
    relaxed = relaxed_of(request)
    return instance.relaxing(relaxed) if relaxed else instance


def plan_to_start_from(request: Mapping[str, Any]) -> Plan | None:
    """The plan met with a way out."""
    return Plan.model_validate(request[START]) if START in request else None


def given_up(run: Run) -> tuple[str, ...]:
    """What the chief gave up for a proposal, in kitchen words."""
    request = request_of(run)
    return (*labels(relaxed_of(request)), *request.get(FREED, ()))


def concede(session: Session, run: Run, rank: int, versions: Mapping[date, int], stamp: Stamp) -> Run:
    """Give up what one way says and ask again at once; the proposal without result is set aside.

    Raises:
        ConflictError: the run has no such way, or somebody changed one of its days.
    """
    ways = Result.model_validate_json(run.result).ways if run.result else ()
    if not 0 <= rank < len(ways):
        raise ConflictError("Cette sortie n'existe plus. Relisez la page.")
    way = ways[rank]
    kept = [place for decision in way.decisions("garder") for place in _places(session, run, decision)]
    banned = way.decisions("ecarter")
    take_back(session, run.kitchen, kept, banned, versions, stamp)
    if not run.decision:
        runs.discard(session, run, stamp.user_id, stamp.now)
    again = runs.start(
        session,
        kitchen=run.kitchen,
        first=max(run.first_date, stamp.today),
        services=run.services,
        profile=run.profile,
        time_limit=run.time_limit,
        seed=run.seed,
        user_id=stamp.user_id,
        now=stamp.now,
        request=_request(run, way),
    )
    _tell(session, run, again, stamp.user_id, stamp.now)
    return again


def _request(run: Run, way: Way) -> dict[str, Any]:
    before = request_of(run)
    freed = [one.label for one in way.concessions if one.decisions]
    return {
        RELAXED: {**relaxed_of(before), **way.relaxed},
        FREED: [*before.get(FREED, ()), *freed],
        START: way.plan.model_dump(mode="json"),
    }


def _places(session: Session, run: Run, decision: tuple[date, str]) -> list[Place]:
    day, recipe = decision
    rows = session.exec(
        select(Dish).where(Dish.kitchen == run.kitchen, Dish.date == day, col(Dish.recipe) == recipe)
    )
    return [(row.date, Slot(row.slot), row.choice) for row in rows]


def _tell(session: Session, run: Run, again: Run, user_id: int | None, now: datetime) -> None:
    journal.record(
        session,
        user_id=user_id,
        kitchen=run.kitchen,
        subject="proposition",
        key=f"{again.id}, à partir du {again.first_date.isoformat()}",
        before="accordé : " + (" ; ".join(given_up(run)) or NOTHING),
        after="accordé : " + " ; ".join(given_up(again)),
        now=now,
    )
