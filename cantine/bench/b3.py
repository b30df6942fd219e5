"""B3: the published school-menu instance, cost only, over 20, 40 and 60 days."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from cantine.bench.school import FILES, School, keeps_bounds, read_school
from cantine.bench.school_cost import Cheapest, cheapest, daily_model
from cantine.bench.table import Table, instances, number
from cantine.terminal import say
from optim.apart import Solver, Watched, watch
from optim.backend import Compiled

PUBLISHED = {20: 20.264626, 40: 40.038338, 60: 59.721195}
"""Proven optima."""
SECONDS = 10
TARGET_SECONDS = 2.0
CLOSE = 1e-6
DONE, FAULTS = 0, 1
SOLVERS = (Solver.CP_SAT, Solver.HIGHS, Solver.SCIP)
TABLE = Table(
    ("jours", 5),
    ("calcul", -22),
    ("objectif", 11),
    ("borne", 11),
    ("prouvé", 6),
    ("s", 6),
    ("optimum publié", 14),
)


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 when one of our lines is not the published optimum, proven in time."""
    school, seconds = read_school(instances(args.data, "mpp", FILES)), args.seconds or SECONDS
    say(f"{len(school.days)} jours possibles (entrée, plat, dessert). Le même temps à chacun : {seconds} s.")
    say(TABLE.head())
    good = True
    for days, optimum in PUBLISHED.items():
        found = cheapest(school, days, seconds)
        good &= found is not None and _reached(school, found, optimum)
        say(_our_line(days, found, optimum))
        for solver in SOLVERS:
            say(_line(days, whole(school, days, solver, seconds), optimum))
    say("Optimum publié, prouvé en moins de 2 s, à chaque durée." if good else "Objectif manqué.")
    return DONE if good else FAULTS


def _reached(school: School, found: Cheapest, optimum: float) -> bool:
    right = found.proven and abs(found.objective - optimum) < CLOSE and keeps_bounds(school, found.plan)
    return right and found.seconds < TARGET_SECONDS


def whole(school: School, days: int, solver: Solver, seconds: float) -> Watched:
    """The model written day by day, given to a solver in a process of its own."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.pb"
        file.write_bytes(Compiled(daily_model(school, days)).proto().SerializeToString())
        return watch(solver, file, seconds=seconds)


def _our_line(days: int, found: Cheapest | None, optimum: float) -> str:
    if found is None:
        return TABLE.line((days, "cantine", None, None, "non", None, optimum))
    cells = number(found.objective, 6), number(found.bound, 6), "oui" if found.proven else "non"
    return TABLE.line((days, "cantine (jours comptés)", *cells, number(found.seconds), f"{optimum:.6f}"))


def _line(days: int, found: Watched, optimum: float) -> str:
    name = f"{found.solver}, modèle entier"
    proven = "oui" if found.status == "optimal" else "non"
    cells = number(found.objective, 6), number(found.bound, 6), proven, number(found.seconds)
    return TABLE.line((days, name, *cells, f"{optimum:.6f}"))
