"""``cantine bench``: names, missing data, what the table of B1 counts."""

from pathlib import Path

import pytest

from cantine.bench.b1 import Run, name_of, solver_summary, target_gap
from cantine.bench.b2 import plan_lines, summary
from cantine.cli import main
from optim.apart import Solver, Watched
from optim.compare import Comparison
from optim.figures import Figures
from optim.generate import Budget, Shape

SHAPE = Shape(meals=300, budget=Budget.BINDING)


@pytest.fixture(autouse=True)
def _home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTINE_HOME", str(home))


def figures_of(cost: float, local: float, egalim: float) -> Figures:
    return Figures(
        meals=100,
        cost_cents_per_meal=cost,
        cost_ttc_cents_per_meal=cost,
        purchases_cents=round(100 * cost),
        share_local=local,
        share_egalim=egalim,
        share_bio=0,
        co2e_kg_per_meal=1,
        surplus_cents=0,
    )


def test_unknown_names_list_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown benchmark is a usage error that names those that exist."""
    assert main(["bench", "b9"]) == 2
    assert "b1, b2, b3, b4, kitchens" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["b2", "b3", "b4"])
def test_missing_data_are_a_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Third-party data that are not there: one French sentence with the option, exit code 1."""
    assert main(["bench", name, "--data", str(tmp_path)]) == 1
    assert "--data DOSSIER" in capsys.readouterr().err


def test_what_b1_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """Of two instances one is in time and one near enough: neither target is reached by all."""
    quick = Watched("cantine", "feasible", 30, first_seconds=1.5, objective=1000, bound=960, gap=0.04)
    near = Watched("cantine", "feasible", 30, first_seconds=3, objective=1000, bound=980, gap=0.02)
    runs = [Run(SHAPE, {Solver.OURS: quick}), Run(SHAPE, {Solver.OURS: near})]
    assert not solver_summary(Solver.OURS, runs, 30)
    text = capsys.readouterr().out
    assert "médiane 2.2 s, pire 3.0 s, à temps 1/2" in text
    assert "médiane 3.00 %, pire 4.00 %, atteint 1/2" in text


def test_targets_of_b1() -> None:
    """3 % in 30 s; in five minutes 1 %, 1.5 % where the budget binds."""
    assert target_gap(SHAPE, 30) == 0.03
    assert target_gap(SHAPE, 300) == 0.015
    assert target_gap(Shape(), 300) == 0.01
    assert name_of(SHAPE, 4) == "4 : 300 repas, 5 c., 11111, serré"


def test_the_comparison_of_b2() -> None:
    """Ten points of local at 200 c, or the same shares for 8 c less."""
    compared = Comparison(figures_of(200, 0.1, 0.05), figures_of(199, 0.2, 0.07), figures_of(192, 0.1, 0.06))
    lines = list(plan_lines("K", compared))
    assert "199.0   20.0 %    7.0 %" in lines[1]
    texts = " ".join(summary([compared]))
    assert "+10.0 points de local et +2.0 points d'EGAlim" in texts
    assert "épargne 8.0 c TTC par repas" in texts
    assert list(plan_lines("K", None)) == ["K : pas de plan trouvé, menus d'abord."]
