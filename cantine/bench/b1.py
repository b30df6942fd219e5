"""B1: one kitchen, twenty services, our search beside the whole model given to three solvers."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cantine.bench.table import Table, number, percent
from cantine.terminal import say
from optim.apart import Solver, Watched, watch
from optim.generate import Budget, Shape, generate
from optim.instance import Instance

SEEDS, SECONDS = 8, 30
FIRST_SECONDS = 2.0
GAP, LONG_SECONDS, LONG_GAP, BINDING_LONG_GAP = 0.03, 300, 0.01, 0.015
"""Targets: first plan, gap at 30 s, gap at 5 minutes, the same where the budget binds."""
DONE, FAULTS = 0, 1
TABLE = Table(
    ("instance", -36),
    ("calcul", -8),
    ("1er plan s", 10),
    ("objectif", 12),
    ("borne", 12),
    ("écart", 9),
    ("s", 6),
    ("Mo", 6),
    ("remarque", -10),
)
SHAPES = (
    Shape(),
    Shape(meals=300, budget=Budget.BINDING),
    Shape(meals=900, components=4),
    Shape(choices=(2, 2, 2, 1, 2)),
    Shape(meals=600, budget=Budget.BINDING),
    Shape(meals=300, week_days=5),
    Shape(meals=900, components=4, budget=Budget.BINDING),
    Shape(budget=Budget.IMPOSSIBLE),
)
"""One per seed, again from the start after the eighth."""


@dataclass(frozen=True)
class Run:
    """What each solver did of one instance."""

    shape: Shape
    found: dict[Solver, Watched]


def run(args: argparse.Namespace) -> int:
    """Print one line per instance and solver, then what was reached; 1 when a target is missed."""
    seconds = args.seconds or SECONDS
    say(f"Le même temps à chacun : {seconds} s, modèle compris, chacun seul dans son processus.")
    say(TABLE.head())
    runs = []
    for seed, shape in enumerate(islice(cycle(SHAPES), args.seeds or SEEDS)):
        runs.append(Run(shape, _instance_lines(generate(shape, seed), shape, seed, seconds)))
    say("")
    return DONE if _summary(runs, seconds) else FAULTS


def _instance_lines(instance: Instance, shape: Shape, seed: int, seconds: float) -> dict[Solver, Watched]:
    found = {}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "instance.json"
        file.write_text(instance.model_dump_json(), "utf-8")
        for solver in Solver:
            found[solver] = watch(solver, file, seconds=seconds, seed=seed)
            say(_line(name_of(shape, seed), found[solver]))
    return found


def name_of(shape: Shape, seed: int) -> str:
    """An instance in a few words."""
    choices = "".join(str(count) for count in shape.choices)
    budget = {"loose": "large", "binding": "serré", "impossible": "impossible"}[shape.budget.value]
    return f"{seed} : {shape.meals} repas, {shape.components} c., {choices}, {budget}"


def _line(name: str, found: Watched) -> str:
    return TABLE.line(
        (
            name,
            found.solver,
            number(found.first_seconds),
            number(found.objective, 0),
            number(found.bound, 0),
            percent(found.gap),
            number(found.seconds, 1),
            number(found.memory_mb, 0),
            found.fault or ("impossible" if found.status == "infeasible" else ""),
        )
    )


def _summary(runs: Sequence[Run], seconds: float) -> bool:
    """Medians, worst and share within target of each; whether ours reaches every target."""
    possible = [run for run in runs if run.shape.budget is not Budget.IMPOSSIBLE]
    refused = [run for run in runs if run.shape.budget is Budget.IMPOSSIBLE]
    good = True
    for solver in Solver:
        reached = solver_summary(solver, possible, seconds)
        good &= reached or solver is not Solver.OURS
    said = sum(run.found[Solver.OURS].status == "infeasible" for run in refused)
    if refused:
        say(f"Budgets impossibles : {said} sur {len(refused)} refusés par cantine, preuve à l'appui.")
    return good and said == len(refused)


def solver_summary(solver: Solver, runs: Sequence[Run], seconds: float) -> bool:
    """One solver's medians; whether each instance is within its targets."""
    firsts = sorted(f for run in runs if (f := run.found[solver].first_seconds) is not None)
    gaps = sorted(g for run in runs if (g := run.found[solver].gap) is not None)
    quick = sum(first <= FIRST_SECONDS for first in firsts)
    near = sum(
        (gap := run.found[solver].gap) is not None and gap <= target_gap(run.shape, seconds) for run in runs
    )
    words = [f"{solver.value:<8} plan valable {len(firsts)}/{len(runs)}"]
    if firsts:
        words.append(
            f"1er plan : médiane {median(firsts):.1f} s, pire {firsts[-1]:.1f} s, à temps {quick}/{len(runs)}"
        )
    if gaps:
        words.append(
            f"écart : médiane {percent(median(gaps))}, pire {percent(gaps[-1])}, atteint {near}/{len(runs)}"
        )
    say(" ; ".join(words))
    return quick == near == len(runs)


def target_gap(shape: Shape, seconds: float) -> float:
    """The gap aimed at after so many seconds."""
    if seconds < LONG_SECONDS:
        return GAP
    return BINDING_LONG_GAP if shape.budget is Budget.BINDING else LONG_GAP
