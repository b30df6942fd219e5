"""The staircase of a search: the best proposal against the proven floor, as points of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 116
LEFT, RIGHT, TOP, BOTTOM = 12.0, 12.0, 18.0, 82.0

Point = tuple[float, float | None, float | None]


@dataclass(frozen=True)
class Staircase:
    """Paths and labels ready to draw, in the units of the view box."""

    best: str
    floor: str
    between: str
    end_x: float
    best_y: float
    floor_y: float | None
    seconds: float
    best_label_y: float = TOP - 4
    floor_label_y: float = BOTTOM + 4
    axis_y: float = BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def staircase(history: Sequence[Point], meals: int, time_limit: float) -> Staircase | None:
    """The drawing of a search; None before the first proposal."""
    best = [(seconds, value / meals) for seconds, value, _ in history if value is not None and meals]
    floor = [(seconds, bound / meals) for seconds, _, bound in history if bound is not None and meals]
    if not best:
        return None
    last = max(seconds for seconds, _, _ in history)
    scale = _Scale(max(time_limit, last, 1.0), [value for _, value in best + _near(best, floor)])
    best_points = scale.steps(best, last)
    floor_points = scale.steps(_near(best, floor), last)
    return Staircase(
        best=path(best_points),
        floor=path(floor_points),
        between=path([*best_points, *reversed(floor_points)]) + "Z" if floor_points else "",
        end_x=best_points[-1][0],
        best_y=best_points[-1][1],
        floor_y=floor_points[-1][1] if floor_points else None,
        seconds=last,
    )


def _near(
    best: Sequence[tuple[float, float]], floor: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The floor, cut where it is too far below to be read beside the best."""
    final = best[-1][1]
    reach = max(max(value for _, value in best) - final, 0.05 * abs(final), 1.0)
    return [(seconds, max(value, final - 2 * reach)) for seconds, value in floor]


@dataclass(frozen=True)
class _Scale:
    """Seconds and cents to the units of the drawing."""

    seconds: float
    values: Sequence[float]

    def x(self, seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds

    def y(self, value: float) -> float:
        low, high = min(self.values), max(self.values)
        spread = (high - low) or 1.0
        return BOTTOM - 6 - (BOTTOM - TOP - 6) * (value - low) / spread

    def steps(self, values: Sequence[tuple[float, float]], last: float) -> list[tuple[float, float]]:
        """Horizontal then vertical, up to now."""
        points: list[tuple[float, float]] = []
        for seconds, value in values:
            if points:
                points.append((self.x(seconds), points[-1][1]))
            points.append((self.x(seconds), self.y(value)))
        if points:
            points.append((self.x(last), points[-1][1]))
        return points


def path(points: Sequence[tuple[float, float]]) -> str:
    """Points as the path of an SVG."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""
