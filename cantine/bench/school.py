"""The published school-menu instance (B3, B4): read from its folder, never copied into the project.

One starter, one main and one dessert a day; prices in the instance's own money, nutrients as
shares of the daily reference. The files carry no licence: ``--data`` says where they are.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cantine.errors import CantineError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FILES = ("primerosplatos.txt", "segundosplatos.txt", "postres.txt")
REFERENCE = (
    *(135.0, 585.0, 1012.0, 562.5, 31.72, 8.55, 112.5, 2025.0, 27.08, 25.75, 870.0),
    *(450.0, 0.41, 0.63, 0.54, 2.28, 27.0, 4.65, 6.3, 67.5, 6.75),
)
"""Daily references of the 21 nutrients, in the order of the files."""
CALCIUM, ENERGY, FAT, IRON, POTASSIUM, PROTEIN = 1, 2, 4, 5, 7, 8
UNCHECKED = (CALCIUM, IRON, POTASSIUM)
DAY_BOUNDS = {ENERGY: (0.85, 1.15), FAT: (0.75, 1.25), PROTEIN: (0.75, 1.25)}
PLAN_BOUNDS = {ENERGY: (0.90, 1.10), FAT: (0.90, 1.10), PROTEIN: (0.90, 1.10)}
OTHER_BOUNDS = (0.70, 1.30)
NUTRIENTS = slice(15, 36)
"""Fields of a line: name, price, grams, 7 allergens, 5 incompatibilities, 21 nutrients, food groups."""
GROUP_FIELD = 36
TOLERANCE = 1e-9


class Course(NamedTuple):
    """The dishes of one course."""

    names: tuple[str, ...]
    prices: Floats
    nutrients: Floats
    """Dish × nutrient, as a share of the daily reference."""
    groups: tuple[frozenset[int], ...]


@dataclass(frozen=True)
class School:
    """The three courses, and every day (starter, main, dessert) that keeps the bounds of a day."""

    courses: tuple[Course, Course, Course]
    days: NDArray[np.int64]
    """Day × 3: indices of the dishes."""
    prices: Floats
    nutrients: Floats
    """Day × nutrient."""


def read_school(folder: Path) -> School:
    """The instance of a folder.

    Raises:
        CantineError: a file is missing or does not have the expected form.
    """
    first, second, third = (_course(folder / name) for name in FILES)
    return school_of((first, second, third))


def school_of(courses: tuple[Course, Course, Course]) -> School:
    """Courses with their feasible days."""
    sizes = [len(course.prices) for course in courses]
    grid = np.indices(sizes).reshape(3, -1).T
    nutrients = np.sum([course.nutrients[grid[:, n]] for n, course in enumerate(courses)], axis=0)
    prices = np.sum([course.prices[grid[:, n]] for n, course in enumerate(courses)], axis=0)
    good = np.ones(len(grid), dtype=bool)
    for nutrient, (low, high) in DAY_BOUNDS.items():
        good &= (nutrients[:, nutrient] >= low) & (nutrients[:, nutrient] <= high)
    return School(courses, grid[good], prices[good], nutrients[good])


def plan_bounds() -> list[tuple[int, float, float]]:
    """Nutrient, least and most per day on average over the plan."""
    return [
        (nutrient, *PLAN_BOUNDS.get(nutrient, OTHER_BOUNDS))
        for nutrient in range(len(REFERENCE))
        if nutrient not in UNCHECKED
    ]


def keeps_bounds(school: School, plan: NDArray[np.int64]) -> bool:
    """Whether a plan, as rows of ``school.days``, keeps every bound: read again from the text."""
    total = school.nutrients[plan].sum(axis=0) / len(plan)
    return all(low - TOLERANCE <= total[n] <= high + TOLERANCE for n, low, high in plan_bounds())


def _course(path: Path) -> Course:
    try:
        lines = path.read_text("latin-1").splitlines()
        rows = [line.strip(" ,").split(",") for line in lines if line.strip(" ,")]
        nutrients = np.array([[float(cell) for cell in row[NUTRIENTS]] for row in rows])
        return Course(
            tuple(row[0] for row in rows),
            np.array([float(row[1]) for row in rows]),
            nutrients / np.array(REFERENCE),
            tuple(frozenset(int(cell) for cell in row[GROUP_FIELD:]) for row in rows),
        )
    except (OSError, ValueError, IndexError) as error:
        raise CantineError(f"« {path} » manque ou n'a pas la forme attendue.") from error
