"""Several plans to choose from: as a run keeps them, and as points of a drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cantine.errors import NotFoundError
from cantine.french import NBSP, cents, number, percent
from cantine.planning import runs
from cantine.planning.models import Run
from optim.figures import Figures
from optim.frontier import Point
from optim.plan import Plan

KIND = "frontiere"
WIDTH, HEIGHT = 680, 330
LEFT, RIGHT, TOP, BOTTOM = 66.0, 26.0, 18.0, 284.0
RADIUS = 13.0
ROOM = 0.07
"""Of the width of the values, left free on each side."""


def findings_of(points: Sequence[Point]) -> dict[str, Any]:
    """As a run keeps them, the cheapest first."""
    told = [
        {"figures": p.figures.model_dump(mode="json"), "plan": p.plan.model_dump(mode="json")} for p in points
    ]
    return {"points": told}


@dataclass(frozen=True)
class Choice:
    """One plan of the page; ``number`` counts from the cheapest."""

    number: int
    figures: Figures


def choices_of(run: Run) -> tuple[Choice, ...]:
    """The plans that a run found, the cheapest first."""
    told = runs.findings_of(run).get("points") or []
    return tuple(Choice(n, Figures.model_validate(point["figures"])) for n, point in enumerate(told, start=1))


def plan_of(run: Run, wanted: int) -> Plan:
    """One of them.

    Raises:
        NotFoundError: the run holds no such plan.
    """
    told = runs.findings_of(run).get("points") or []
    if not 1 <= wanted <= len(told):
        raise NotFoundError("Ce plan n'existe pas.")
    return Plan.model_validate(told[wanted - 1]["plan"])


@dataclass(frozen=True)
class Measure:
    """What an axis measures."""

    code: str
    name: str
    of: Callable[[Figures], float]
    say: Callable[[float], str]
    """A graduation, in words."""


COST = Measure("cout", "Coût par repas, TTC", lambda f: f.cost_ttc_cents_per_meal, cents)
LOCAL = Measure("local", "Local", lambda f: f.share_local, percent)
EGALIM = Measure("egalim", "Durable et de qualité", lambda f: f.share_egalim, percent)
CO2E = Measure("co2e", "Climat", lambda f: f.co2e_kg_per_meal, lambda v: f"{number(v, 2)}{NBSP}kg")
UPWARDS = (LOCAL, EGALIM, CO2E)
STEPS = tuple(m * 10.0**e for e in range(-3, 4) for m in (1, 2, 5))
GRADUATIONS = 5


@dataclass(frozen=True)
class Dot:
    """A plan on the drawing."""

    choice: Choice
    x: float
    y: float


@dataclass(frozen=True)
class Tick:
    """A graduation."""

    at: float
    word: str


@dataclass(frozen=True)
class Drawing:
    """Cost against one other measure, in the units of the view box."""

    measure: Measure
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = BOTTOM
    radius: float = RADIUS


def draw(choices: Sequence[Choice], measure: Measure) -> Drawing:
    """The plans as dots; a dot that would cover another is moved aside by hardly its width."""
    costs, values = [COST.of(c.figures) for c in choices], [measure.of(c.figures) for c in choices]
    x, y = _Axis(costs, LEFT, WIDTH - RIGHT), _Axis(values, BOTTOM, TOP)
    dots: list[Dot] = []
    for choice, cost, value in zip(choices, costs, values, strict=True):
        dots.append(_beside(Dot(choice, x.at(cost), y.at(value)), dots))
    return Drawing(measure, tuple(dots), x.ticks(COST.say), y.ticks(measure.say))


def _beside(dot: Dot, others: Sequence[Dot]) -> Dot:
    """The dot, lifted until it covers none of the others; lowered at the top of the drawing."""
    for shift in (s * k * RADIUS / 2 for k in range(12) for s in (-1, 1)):
        y = dot.y + shift
        if not TOP <= y <= BOTTOM:
            continue
        if all((dot.x - o.x) ** 2 + (y - o.y) ** 2 >= (2 * RADIUS) ** 2 for o in others):
            return Dot(dot.choice, dot.x, y)
    return dot


class _Axis:
    """Values to the units of the drawing, with round graduations."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = min(values), max(values)
        room = (high - low) * ROOM or abs(high) * ROOM or 1.0
        self.low, self.high, self.start, self.end = low - room, high + room, start, end

    def at(self, value: float) -> float:
        """Where a value stands."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def ticks(self, say: Callable[[float], str]) -> tuple[Tick, ...]:
        """At most so many round values inside the axis."""
        step = next((s for s in STEPS if (self.high - self.low) / s <= GRADUATIONS), STEPS[-1])
        first = int(-(-self.low // step))
        inside = [n * step for n in range(first, first + GRADUATIONS + 1) if n * step <= self.high]
        return tuple(Tick(self.at(value), say(round(value, 4))) for value in inside)


def of_code(code: str) -> Measure:
    """The measure an address asks for: local, unless it names another."""
    return next((measure for measure in UPWARDS if measure.code == code), LOCAL)
