"""Every kitchen of the database planned once: what a département gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import monotonic

from sqlalchemy import Engine
from sqlmodel import col, select

from cantine.clock import today_of, utc_now
from cantine.db import reading
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import today
from cantine.planning.build import build_instance
from cantine.planning.command import say
from optim.check import violations
from optim.figures import figures
from optim.instance import Instance
from optim.solve import solve

SERVICES = 20
PROFILE = "equilibre"
DONE, FAULTS = 0, 1
COLUMNS = (
    ("repas", 7),
    ("choix", 7),
    ("offres", 8),
    ("1er menu", 10),
    ("secondes", 10),
    ("c HT/repas", 12),
    ("écart", 8),
)
HEAD = f"{'cuisine':<26}" + "".join(f"{name:>{width}}" for name, width in COLUMNS) + "  règles"


@dataclass(frozen=True)
class Line:
    """One kitchen of the table."""

    kitchen: str
    valid: bool
    first_seconds: float | None
    gap: float | None
    text: str


def kitchens(engine: Engine, time_limit: float, seed: int, only: Sequence[str] | None) -> int:
    """Plan 20 services of each kitchen; 1 if one of them has no valid plan."""
    with reading(engine) as session:
        codes = [
            c for c in session.exec(select(Kitchen.code).order_by(col(Kitchen.code))) if not only or c in only
        ]
        day = today(session, today_of(utc_now()))
    say(HEAD)
    lines = []
    for code in codes:
        with reading(engine) as session:
            instance = build_instance(session, code, day, SERVICES, PROFILE, day)
        lines.append(_line(instance, time_limit, seed))
        say(lines[-1].text)
    _summary(lines)
    return DONE if all(line.valid for line in lines) else FAULTS


def _line(instance: Instance, time_limit: float, seed: int) -> Line:
    began = monotonic()
    result = solve(instance, time_limit=time_limit, seed=seed)
    seconds = monotonic() - began
    faults = ["aucun plan"] if result.plan is None else [v.message for v in violations(instance, result.plan)]
    cost = "" if result.plan is None else f"{figures(instance, result.plan).cost_cents_per_meal:.1f}"
    gap = "" if result.gap is None else f"{result.gap:.1%}"
    first = "" if result.first_solution_seconds is None else f"{result.first_solution_seconds:.1f}"
    choices = "".join(str(count) for count in instance.kitchen.choices.values())
    meals = instance.meals // len(instance.horizon)
    cells = (meals, choices, len(instance.offers), first, f"{seconds:.1f}", cost, gap)
    text = f"{instance.kitchen.code:<26}" + "".join(
        f"{cell:>{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True)
    )
    text += "  tenues" if not faults else f"  {faults[0]}"
    return Line(instance.kitchen.code, not faults, result.first_solution_seconds, result.gap, text)


def _summary(lines: Sequence[Line]) -> None:
    gaps = sorted(line.gap for line in lines if line.gap is not None)
    firsts = sorted(line.first_seconds for line in lines if line.first_seconds is not None)
    say(f"{sum(line.valid for line in lines)} cuisines sur {len(lines)} ont un plan valable.")
    if gaps and firsts:
        say(f"Écart : médiane {median(gaps):.1%}, pire {gaps[-1]:.1%}.")
        say(f"Premier plan valable : médiane {median(firsts):.1f} s, pire {firsts[-1]:.1f} s.")
