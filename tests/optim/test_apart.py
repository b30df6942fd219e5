"""One solver in a process of its own: what is measured, and that its plan is checked like ours."""

from pathlib import Path

import pytest

from optim.apart import Solver, answer, has_solution, watch
from tests.optim.test_sequential import one_plat

SOLVED = (
    " C       0       0         0   0.00%   59.44561399     60.754575          2.15%       80      8     28"
)
UNSOLVED = (
    "         0       0         0   0.00%   59.27830035     inf                  inf        0      0      3"
)


def test_progress_lines_of_highs() -> None:
    """A line knows a solution when its second figure after the explored share is a number."""
    assert has_solution(SOLVED)
    assert not has_solution(UNSOLVED)
    assert not has_solution("Coefficient ranges:")


@pytest.mark.parametrize("solver", list(Solver))
def test_every_solver_finds_the_same(solver: Solver, tmp_path: Path) -> None:
    """Local rice: 14.00 € less 0.30 of it, 9.80 €, beats plain rice at 10 €; each proves it."""
    file = tmp_path / "instance.json"
    file.write_text(one_plat().model_dump_json(), "utf-8")
    found = answer(solver, file, 5, 0)
    assert found.fault == ""
    assert found.status == "optimal"
    assert found.objective == pytest.approx(980, abs=0.5)
    assert found.bound == pytest.approx(980, abs=0.5)
    assert found.gap == pytest.approx(0, abs=1e-3)
    assert found.first_seconds is not None
    assert found.first_seconds <= found.seconds


def test_an_impossible_question_is_told(tmp_path: Path) -> None:
    """Ten cents a meal buy neither rice nor pasta."""
    file = tmp_path / "instance.json"
    file.write_text(one_plat(budget_ttc_cents=10).model_dump_json(), "utf-8")
    found = answer(Solver.OURS, file, 5, 0)
    assert found.status == "infeasible"
    assert found.objective is None


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """A process that fails says why instead of figures."""
    file = tmp_path / "instance.json"
    file.write_text("{}", "utf-8")
    found = watch(Solver.SCIP, file, seconds=5)
    assert found.status == "unknown"
    assert found.fault
