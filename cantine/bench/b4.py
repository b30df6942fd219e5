"""B4: the published school-menu instance, cost and repetition together, over 20, 40 and 60 days."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

import numpy as np

from cantine.bench.school import FILES, read_school
from cantine.bench.school_cost import cheapest
from cantine.bench.school_front import Front, read_ranges
from cantine.bench.table import Table, instances, number
from cantine.terminal import say

PUBLISHED = {20: (0.9065, 0.9384), 40: (0.8521, 0.8923), 60: (0.8109, 0.9084)}
"""Mean and best of the published heuristics."""
ANNEALING = {20: 0.9844, 40: 1.0793, 60: 1.4258}
"""What a simple annealing reached: the figure to pass."""
SEEDS, SECONDS = 10, 600
CORES = 2
PROOF_SECONDS = 20.0
DONE, FAULTS = 0, 1
TABLE = Table(
    ("jours", 5),
    ("moyenne", 9),
    ("meilleur", 9),
    ("pire", 9),
    ("plans", 7),
    ("M coups", 9),
    ("recuit simple", 13),
    ("publié moy.", 11),
    ("publié max", 10),
)


@dataclass(frozen=True)
class Search:
    """One run of one seed."""

    area: float
    plans: int
    moves: int
    faults: int


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 when a mean does not pass the annealing or a kept plan does not hold."""
    folder = instances(args.data, "mpp", FILES)
    seeds, seconds = args.seeds or SEEDS, float(args.seconds or SECONDS)
    say(f"Hypervolume, référence (1, 1) ; {seeds} graines de {seconds:.0f} s, {CORES} à la fois.")
    say(TABLE.head())
    good = True
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        for days in PUBLISHED:
            asked = [pool.submit(search, folder, days, seed, seconds) for seed in range(seeds)]
            found = [each.result() for each in asked]
            say(_line(days, found))
            good &= fmean(each.area for each in found) > ANNEALING[days]
            good &= not any(each.faults for each in found)
    say("Au-dessus du recuit simple, en moyenne." if good else "Objectif manqué.")
    return DONE if good else FAULTS


def search(folder: Path, days: int, seed: int, seconds: float) -> Search:
    """One seed: the cheapest plan in any order, then walks until the time is up."""
    school = read_school(folder)
    front = Front(school, read_ranges(folder, days), days, seed)
    best = cheapest(school, days, PROOF_SECONDS)
    if best is not None:
        front.start(np.random.default_rng(seed).permutation(best.plan))
    front.search(seconds)
    return Search(front.area, len(front.points), front.moves, front.faults())


def _line(days: int, found: Sequence[Search]) -> str:
    areas = [each.area for each in found]
    return TABLE.line(
        (
            days,
            number(fmean(areas), 4),
            number(max(areas), 4),
            number(min(areas), 4),
            round(fmean(each.plans for each in found)),
            number(fmean(each.moves for each in found) / 1e6, 1),
            number(ANNEALING[days], 4),
            *(number(value, 4) for value in PUBLISHED[days]),
        )
    )
