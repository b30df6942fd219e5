"""``cantine bench NAME``: which benchmark, with which arguments."""

import argparse
from collections.abc import Callable

from cantine.bench import b1, b2, b3, b4, kitchens
from cantine.config import Config
from cantine.terminal import say
from cantine.upgrade import prepare

USAGE = 2
KITCHEN_SECONDS = 60
ALONE: dict[str, Callable[[argparse.Namespace], int]] = {"b1": b1.run, "b3": b3.run, "b4": b4.run}
"""Benchmarks that need no database."""
STORED = ("b2", "kitchens")


def run(config: Config, args: argparse.Namespace) -> int:
    """Run the benchmark ``args.name``; unknown names list those that exist."""
    if args.minutes:
        args.seconds = args.minutes * 60
    if args.name in ALONE:
        return ALONE[args.name](args)
    if args.name == "b2":
        return b2.run(config, args)
    if args.name == "kitchens":
        return kitchens.kitchens(prepare(config), args.seconds or KITCHEN_SECONDS, args.seed, args.kitchen)
    say(f"Banc d'essai inconnu : « {args.name} ». Connus : {', '.join(sorted([*ALONE, *STORED]))}.")
    return USAGE
