"""Plans to choose from as dots of a drawing: cost across, one other measure upwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cantine.french import NBSP, cents, number, percent
from cantine.planning.frontiers import Choice
from optim.figures import Figures

RADIUS = 13.0
ROOM = 0.07
"""Of the width of the values, left free on each side."""


@dataclass(frozen=True)
class Frame:
    """The sheet of a drawing, in the units of its view box; the dots keep their size on either."""

    code: str
    width: int
    height: int
    left: float
    graduations: int
    top: float = 24.0
    beside: float = 20.0
    """Left free on the right."""
    below: float = 46.0
    """For the graduations and the name of the costs."""

    @property
    def right(self) -> float:
        """Where the costs end."""
        return self.width - self.beside

    @property
    def bottom(self) -> float:
        """Where the measure starts."""
        return self.height - self.below


FRAMES = (Frame("wide", 680, 330, 66.0, 5), Frame("narrow", 320, 320, 52.0, 4))
"""For a desk, and for a phone held upright."""


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
    """Cost against one other measure, in the units of the frame."""

    frame: Frame
    measure: Measure
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    radius: float = RADIUS


def draw(choices: Sequence[Choice], measure: Measure, frame: Frame = FRAMES[0]) -> Drawing:
    """The plans as dots; a dot that would cover another is moved aside by hardly its width.

    The plan in place keeps its exact place.
    """
    choices = sorted(choices, key=lambda choice: choice.number)
    costs, values = [COST.of(c.figures) for c in choices], [measure.of(c.figures) for c in choices]
    x, y = _Axis(costs, frame.left, frame.right), _Axis(values, frame.bottom, frame.top)
    dots: list[Dot] = []
    for choice, cost, value in zip(choices, costs, values, strict=True):
        dots.append(_beside(Dot(choice, x.at(cost), y.at(value)), dots, frame))
    n = frame.graduations
    return Drawing(frame, measure, tuple(dots), x.ticks(COST.say, n), y.ticks(measure.say, n))


def _beside(dot: Dot, others: Sequence[Dot], frame: Frame) -> Dot:
    """The dot, lifted until it covers none of the others; lowered at the top of the drawing."""
    for shift in (s * k * RADIUS / 2 for k in range(12) for s in (-1, 1)):
        y = dot.y + shift
        if not frame.top <= y <= frame.bottom:
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

    def ticks(self, say: Callable[[float], str], most: int) -> tuple[Tick, ...]:
        """At most so many round values inside the axis."""
        step = next((s for s in STEPS if (self.high - self.low) / s <= most), STEPS[-1])
        first = int(-(-self.low // step))
        inside = [n * step for n in range(first, first + most + 1) if n * step <= self.high]
        return tuple(Tick(self.at(value), say(round(value, 4))) for value in inside)


def of_code(code: str) -> Measure:
    """The measure an address asks for: local, unless it names another."""
    return next((measure for measure in UPWARDS if measure.code == code), LOCAL)
