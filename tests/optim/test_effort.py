"""Effort is counted in seconds of processor, whatever else the machine does."""

from itertools import chain, repeat

import pytest

from optim import effort
from optim.effort import SLOWEST, Effort


def at(monkeypatch: pytest.MonkeyPatch, processor: float, clock: float) -> Effort:
    """Ten seconds of effort, so much of the processor and of the clock later."""
    for name, passed in (("process_time", processor), ("monotonic", clock)):
        monkeypatch.setattr(effort, name, chain([50.0], repeat(50.0 + passed)).__next__)
    return Effort(10)


def test_a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are two seconds."""
    spent = at(monkeypatch, 2, 2)
    assert spent.left == 8
    assert spent.clock(3) == 3


def test_a_loaded_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One third of the processor: as much is left as on a quiet machine, and solvers wait longer."""
    spent = at(monkeypatch, 2, 6)
    assert spent.left == 8
    assert spent.clock(3) == 9


def test_an_end_to_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Almost no processor: the clock has the last word."""
    spent = at(monkeypatch, 0.5, 100)
    assert spent.left == pytest.approx(10 - 100 / SLOWEST)
    assert spent.clock(1) == SLOWEST


def test_two_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """More processor than clock: no solver gets less than it was given."""
    assert at(monkeypatch, 4, 2).clock(3) == 3
