"""``python -m optim instance.json``: the plan as JSON on the standard output, no database."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from optim.instance import Instance
from optim.refusal import reasons
from optim.solve import solve

NO_PLAN = 3


def main(arguments: list[str] | None = None) -> int:
    """Read an instance, solve it, write the result; 0 with a plan, 3 without."""
    parser = argparse.ArgumentParser(prog="optim", description="Menus et achats, ensemble.")
    parser.add_argument("instance", type=Path, help="fichier JSON de la question")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="secondes")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="graine du hasard")
    parser.add_argument(
        "--deterministic",
        action="store_true",
        help="une quantité de travail fixe au lieu d'une durée : mêmes menus à chaque fois",
    )
    options = parser.parse_args(arguments)
    try:
        instance = Instance.model_validate_json(options.instance.read_text(encoding="utf-8"))
    except OSError as fault:
        parser.error(f"{options.instance} : {fault}")
    except ValidationError as fault:
        parser.error("\n  ".join([f"{options.instance} : cette question n'a pas de sens.", *reasons(fault)]))
    result = solve(
        instance, time_limit=options.time_limit, seed=options.seed, deterministic=options.deterministic
    )
    sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    return 0 if result.plan else NO_PLAN


if __name__ == "__main__":
    sys.exit(main())
