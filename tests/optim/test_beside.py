"""The process of a better bound: what it tells, when it stops, that nobody outlives the search."""

import subprocess
import sys
from time import monotonic, sleep

import pytest

import optim.solve as search
from optim import beside
from optim.backend import Compiled
from optim.beside import SIZE_BYTES, Beside, Teller, bound_in
from optim.generate import Budget, Shape, generate
from optim.instance import Instance
from optim.linear import LinearModel
from optim.plan import Status
from optim.proof import Proof
from optim.solve import solve
from optim.surrogate import MenuGuess
from tests.optim.small import cooked, food, offer
from tests.optim.test_solve import plats

FIRST = (
    "         0       0         0   0.00%   -181564680.8699 inf                  inf"
    "        0      0      0         0     0.4s"
)
ROOT = (
    "         0       0         0   0.00%   1191624.873174  inf                  inf"
    "     2422    424    194      8769     7.8s"
)


def test_progress_lines_of_highs() -> None:
    """The sum of the least costs, told before the first relaxation, is no bound to show."""
    assert bound_in(ROOT) == pytest.approx(1_191_624.873174)
    assert bound_in(FIRST) is None
    assert bound_in("Presolve reductions: rows 12682(-5484); columns 14217(-845)") is None


def test_better_bounds_only_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small rises are told too; only those worth having put the end off."""
    teller = Teller()
    teller.lines([FIRST, ROOT, ROOT])
    teller.tell(1_191_000.0)
    marked = teller.since
    teller.tell(1_191_630.0)
    assert [float(line) for line in capsys.readouterr().out.split()] == [1_191_624.873174, 1_191_630.0]
    assert teller.since == marked
    assert not teller.stalled
    monkeypatch.setattr(beside, "STALL_SECONDS", -1.0)
    assert teller.stalled


def heard(model: Compiled) -> list[float]:
    """The bounds told of a model, to its end."""
    bounds: list[float] = []
    process = Beside(model, seconds=10, seed=0, hear=bounds.append)
    while not process.over:
        sleep(0.01)
    process.close()
    return bounds


def rice() -> Instance:
    """10.5 kg of rice from packs of 5 kg at 30 € or 3 kg at 21 €."""
    offers = (offer("grand", "riz", price_cents=3000), offer("petit", "riz", pack_g=3000, price_cents=2100))
    return plats([cooked("riz", {"riz": 105})], foods=(food("riz"),), offers=offers)


def proof_of(instance: Instance) -> Proof:
    """Its relaxation."""
    return Proof(instance, MenuGuess(instance))


def test_whole_packs_are_seen() -> None:
    """10.5 kg: 63 € in parts; one large pack and two small ones, 72 €, when they are whole."""
    proof = proof_of(rice())
    assert proof.solve(seconds=5).bound == pytest.approx(6300)
    assert heard(proof.whole)[-1] == pytest.approx(7200)


def test_nothing_fits() -> None:
    """One column asked to be at once above two and under one."""
    linear = LinearModel()
    column = linear.binary(1.0)
    linear.row("besoin", [(column, 1.0)], low=2)
    assert heard(Compiled(linear)) == [float("inf")]


def test_closed_at_once() -> None:
    """A process that would work for long ends at once, and by itself when its search dies."""
    model = proof_of(generate(Shape(dishes=120, offers=300, budget=Budget.LOOSE), 0)).whole
    process = Beside(model, seconds=60, seed=0, hear=lambda _: None)
    began = monotonic()
    process.close()
    assert monotonic() - began < 1
    assert process.over
    bare = model.proto().SerializeToString()
    command = [sys.executable, "-m", "optim.beside", "60", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as orphan:
        assert orphan.stdin is not None
        orphan.stdin.write(len(bare).to_bytes(SIZE_BYTES, "big") + bare)
        orphan.stdin.close()
        assert orphan.wait(timeout=20) == 0


def test_a_search_takes_the_better_bound_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk finds 72 €; without whole packs the bound would stay at 63 €."""
    monkeypatch.setattr(search, "SMALL", 0)
    result = solve(rice(), time_limit=20)
    assert result.status is Status.OPTIMAL
    assert result.objective_cents == pytest.approx(7200)
    assert result.bound_cents is not None
    assert result.bound_cents <= 7200


def test_a_search_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started, the bound is that of the parts."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(search, "SMALL", 0)
    monkeypatch.setattr(search, "BESIDE_SECONDS", 0.0)
    monkeypatch.setattr(search, "Beside", refuse)
    result = solve(rice(), time_limit=1)
    assert result.objective_cents == pytest.approx(7200)
    assert result.bound_cents == pytest.approx(6300, abs=1)
