"""The published school-menu instance: reading, daily bounds, proven optimum; worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from cantine.bench.b3 import whole
from cantine.bench.school import School, keeps_bounds, read_school
from cantine.bench.school_cost import cheapest
from cantine.bench.table import instances
from cantine.errors import CantineError
from optim.apart import Solver
from tests.cantine.school_files import write_school


@pytest.fixture
def school(tmp_path: Path) -> School:
    return read_school(write_school(tmp_path))


def test_days_that_keep_their_bounds(school: School) -> None:
    """Of the eight days, the five whose energy is within .85 and 1.15."""
    # soupe .4 | salade .2 ; poulet .4 | riz .5 ; pomme .2 | flan .4, in the order of the files:
    # .4+.4+.2=1.0 kept, .4+.4+.4=1.2 out, .4+.5+.2=1.1 kept, .4+.5+.4=1.3 out,
    # .2+.4+.2=.8 out,   .2+.4+.4=1.0 kept, .2+.5+.2=.9 kept,  .2+.5+.4=1.1 kept.
    names = [
        tuple(course.names[dish] for course, dish in zip(school.courses, day, strict=True))
        for day in school.days
    ]
    assert names == [
        ("soupe", "poulet", "pomme"),
        ("soupe", "riz", "pomme"),
        ("salade", "poulet", "flan"),
        ("salade", "riz", "pomme"),
        ("salade", "riz", "flan"),
    ]


def test_cheapest_plan_is_proven(school: School) -> None:
    """Salad, rice and apple every day cost 1.70 and give 0.9, the least the plan allows."""
    found = cheapest(school, 20, 10)
    assert found is not None
    assert found.proven
    assert found.objective == pytest.approx(20 * 1.7)
    assert found.bound == pytest.approx(20 * 1.7)
    assert keeps_bounds(school, found.plan)


def test_plan_bounds_are_read_again(school: School) -> None:
    """A day at 1.1 is at the limit of the plan; the tenth of a share more is not."""
    assert keeps_bounds(school, np.array([1, 1]))
    heavier = School(school.courses, school.days, school.prices, school.nutrients * 1.01)
    assert not keeps_bounds(heavier, np.array([1, 1]))


@pytest.mark.parametrize("solver", [Solver.CP_SAT, Solver.HIGHS, Solver.SCIP])
def test_the_whole_model_says_the_same(school: School, solver: Solver) -> None:
    """Each solver, in its own process, proves the hand-made optimum and tells its time and memory."""
    found = whole(school, 3, solver, 10)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(3 * 1.7, abs=1e-5)
    assert found.first_seconds is not None
    assert 0 <= found.first_seconds <= found.seconds
    assert found.memory_mb > 10


def test_missing_files_are_named(tmp_path: Path) -> None:
    """A folder without the files is answered with their names and the option to use."""
    with pytest.raises(CantineError, match=r"postres\.txt.*--data"):
        instances(tmp_path, "mpp", ["postres.txt"])
