"""Several plans to choose from, as a run keeps them: those found, and the one in place beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cantine.errors import NotFoundError
from cantine.planning import runs
from cantine.planning.in_force import InPlace
from cantine.planning.models import Run
from optim.figures import Figures
from optim.plan import Plan
from optim.points import Point, beats, criteria_of

KIND = "frontiere"


def findings_of(points: Sequence[Point], here: InPlace | None = None) -> dict[str, Any]:
    """As a run keeps them, the cheapest first; nothing is in place where a meal had no menu."""
    return {
        "points": [_kept(p.figures) | {"plan": p.plan.model_dump(mode="json")} for p in points],
        "in_place": None if here is None else {**_kept(here.figures), "faults": here.faults},
    }


def _kept(figures: Figures | None) -> dict[str, Any]:
    return {"figures": figures and figures.model_dump(mode="json")}


@dataclass(frozen=True)
class Choice:
    """One plan of the page; ``number`` counts from the cheapest, 0 is the plan in place."""

    number: int
    figures: Figures


@dataclass(frozen=True)
class Choices:
    """What the page shows of a run."""

    plans: tuple[Choice, ...] = ()
    """Those found, the cheapest first."""
    in_place: Choice | None = None
    faults: tuple[str, ...] = ()
    """Why the plan in place is no answer to the question, where it is none."""
    compared: bool = False
    """Whether the run looked at what is in place: those of the first release did not."""

    @property
    def rows(self) -> tuple[Choice, ...]:
        """All of them, the cheapest first, the one in place at its rank."""
        all_of_them = [*filter(None, [self.in_place]), *self.plans]
        return tuple(sorted(all_of_them, key=lambda c: (c.figures.cost_ttc_cents_per_meal, c.number)))

    @property
    def beating(self) -> tuple[int, ...]:
        """Numbers of the plans that are at least as good as the one in place on everything."""
        if self.in_place is None:
            return ()
        here = criteria_of(self.in_place.figures)
        return tuple(c.number for c in self.plans if beats(criteria_of(c.figures), here))


def choices_of(run: Run) -> Choices:
    """The plans that a run found, and the one that was in place."""
    told = runs.findings_of(run)
    points, here = told.get("points") or [], told.get("in_place") or {}
    shown = here.get("figures")
    return Choices(
        plans=tuple(Choice(n, Figures.model_validate(p["figures"])) for n, p in enumerate(points, start=1)),
        in_place=Choice(0, Figures.model_validate(shown)) if shown else None,
        faults=tuple(here.get("faults", ())),
        compared="in_place" in told,
    )


def plan_of(run: Run, wanted: int) -> Plan:
    """One of them.

    Raises:
        NotFoundError: the run holds no such plan.
    """
    told = runs.findings_of(run).get("points") or []
    if not 1 <= wanted <= len(told):
        raise NotFoundError("Ce plan n'existe pas.")
    return Plan.model_validate(told[wanted - 1]["plan"])
