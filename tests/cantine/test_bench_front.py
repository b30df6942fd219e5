"""Cost and repetition of the published instance: objectives by hand, archive, search against all plans."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from cantine.bench import school_kernel as kernel
from cantine.bench.school import School, keeps_bounds, read_school
from cantine.bench.school_front import Front, Ranges, hypervolume, tables_of
from cantine.bench.table import Table, number, percent
from tests.cantine.school_files import write_school

UNIT = Ranges(np.array([0.0, 0.0]), np.array([1.0, 1.0]))


@pytest.fixture
def school(tmp_path: Path) -> School:
    return read_school(write_school(tmp_path))


def again(school: School, *days: int) -> float:
    dishes, _, compat, common, *_ = tables_of(school)
    return kernel.repetition(np.array(days), dishes, compat, common)


def test_repetition_of_two_days(school: School) -> None:
    """Soup, chicken, apple, then salad, chicken, flan; the plan is preceded by itself.

    Starters come back after two days: 8/2 + 8/2. Chicken after one: 10 + 10. Desserts after two:
    2/2 + 2/2. The second day looks back on one, with the oldest weight, 3; vegetables (0.1) and meat
    (3) are in common: 8 + 20 + 2 + 3 + 3.1 = 36.1.
    """
    assert again(school, 0, 2) == pytest.approx(36.1)


def test_repetition_within_a_day(school: School) -> None:
    """Salad, rice and apple alone: 20 for coming back every day, 0.1 for vegetables twice."""
    assert again(school, 3) == pytest.approx(20.1)


def test_the_change_of_a_move_is_exact(school: School) -> None:
    """Putting a day elsewhere changes F2 by what it says, on five hundred random moves over nine days."""
    random = np.random.default_rng(1)
    dishes, _, compat, common, *_ = tables_of(school)
    sequence = random.integers(5, size=9)
    value = again(school, *sequence)
    for _ in range(500):
        place, day = int(random.integers(9)), int(random.integers(5))
        value += kernel.put(sequence, dishes, compat, common, place, day)
        assert value == pytest.approx(again(school, *sequence))


def test_the_archive_keeps_what_nothing_beats() -> None:
    """Of random points taken in, exactly those that no other beats stay, sorted."""
    random = np.random.default_rng(2)
    archive = np.zeros((50, 2)), np.zeros((50, 1), dtype=np.int64), np.zeros(1, np.int64)
    points = random.integers(12, size=(200, 2)).astype(float)
    for rank, (money, repeated) in enumerate(points):
        kernel.keep(archive, money, repeated, np.array([rank]))
    kept = archive[0][: archive[2][0]]
    best = {
        tuple(one) for one in points if not any((two <= one).all() and (two < one).any() for two in points)
    }
    assert [tuple(point) for point in kept] == sorted(best)
    assert all(tuple(points[rank]) in best for (rank,) in archive[1][: archive[2][0]])


def test_hypervolume() -> None:
    """Two steps under (1, 1): 1 by 0.5, then 0.5 by 0.5. Below zero counts, above one does not."""
    assert hypervolume(np.array([[0.5, 0.0], [0.0, 0.5], [0.6, 0.4]]), UNIT) == pytest.approx(0.75)
    assert hypervolume(np.array([[-1.0, -1.0], [0.2, 1.2]]), UNIT) == pytest.approx(4)


def test_the_search_finds_the_whole_front(school: School) -> None:
    """Over four days every plan can be listed: the search has the hypervolume of all of them together."""
    plans = [np.array(plan) for plan in product(range(5), repeat=4) if keeps_bounds(school, np.array(plan))]
    points = np.array([(school.prices[plan].sum(), again(school, *plan)) for plan in plans])
    ranges = Ranges(points.min(axis=0), points.max(axis=0))
    front = Front(school, ranges, 4, seed=0)
    for weight in (0.05, 0.5, 0.95):
        front.walk(weight, 4000, fresh=True)
    assert front.faults() == 0
    assert front.area == pytest.approx(hypervolume(points, ranges))


def test_lines_of_a_table() -> None:
    """What is not known is a dash; numbers have the decimals asked for."""
    table = Table(("nom", -6), ("valeur", 8), ("part", 8))
    assert table.head() == "nom      valeur     part"
    assert table.line(("a", number(1.239), percent(0.5, 1))) == "a          1.24   50.0 %"
    assert table.line(("b", number(float("inf")), None)) == "b             -        -"
