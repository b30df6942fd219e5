"""B2: menus and purchases together, against menus first and the cheapest line after."""

import argparse
from collections.abc import Iterator, Sequence
from statistics import median

from sqlmodel import Session, col, select

from cantine.bench.ration import FILE, PRICINGS, in_turn, joint, read_ration
from cantine.bench.table import Table, instances, number, percent
from cantine.clock import today_of, utc_now
from cantine.config import Config
from cantine.db import reading
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import today
from cantine.planning.build import build_instance
from cantine.terminal import say
from cantine.upgrade import prepare
from optim.compare import Comparison, compare
from optim.figures import Figures
from optim.instance import Instance

PUBLISHED = 864_475.85
PUBLISHED_PERCENT = (11.60, 22.48, 53.72)
CLOSE, CLOSE_PERCENT = 0.01, 0.005
KITCHENS, SECONDS, SERVICES = 3, 30, 20
PROFILE = "equilibre"
DONE, FAULTS = 0, 1
RATION = Table(("ration", -34), ("coût", 14), ("écart", 10), ("publié", 10))
PLANS = Table(("cuisine", -26), ("plan", -26), ("c TTC/repas", 11), ("local", 8), ("EGAlim", 8), ("bio", 8))


def run(config: Config, args: argparse.Namespace) -> int:
    """The third-party instance, then the kitchens of the database."""
    good = third_party(args)
    say("")
    engine, found = prepare(config), []
    say(PLANS.head())
    with reading(engine) as session:
        for instance in _kitchens(session, args.seeds or KITCHENS, args.kitchen):
            compared = compare(instance, seconds=args.seconds or SECONDS, seed=args.seed)
            for line in plan_lines(instance.kitchen.code, compared):
                say(line)
            found.append(compared)
    for line in summary([compared for compared in found if compared]):
        say(line)
    return DONE if good and all(found) else FAULTS


def third_party(args: argparse.Namespace) -> bool:
    """Print the four published figures as found here; whether they are the same."""
    ration = read_ration(instances(args.data, "wfp", (FILE,)) / FILE)
    best = joint(ration)
    good = abs(best - PUBLISHED) < CLOSE
    say(RATION.head())
    say(RATION.line(("ensemble", number(best), "", number(PUBLISHED))))
    for (name, pricing), published in zip(PRICINGS.items(), PUBLISHED_PERCENT, strict=True):
        cost = in_turn(ration, pricing)
        excess = 100 * (cost / best - 1)
        good &= abs(excess - published) < CLOSE_PERCENT
        cells = number(cost), number(excess, 2, " %"), number(published, 2, " %")
        say(RATION.line((f"ration d'abord, {name}", *cells)))
    say("Chiffres publiés retrouvés." if good else "Chiffres publiés non retrouvés.")
    return good


def _kitchens(session: Session, count: int, only: Sequence[str] | None) -> Iterator[Instance]:
    """The kitchens asked for, or so many spread over the list."""
    codes = list(session.exec(select(Kitchen.code).order_by(col(Kitchen.code))))
    chosen = (
        [code for code in codes if code in only] if only else codes[:: max(1, len(codes) // count)][:count]
    )
    day = today(session, today_of(utc_now()))
    for code in chosen:
        yield build_instance(session, code, day, SERVICES, PROFILE, day)


def plan_lines(kitchen: str, compared: Comparison | None) -> Iterator[str]:
    """The three plans of a kitchen."""
    if compared is None:
        yield f"{kitchen} : pas de plan trouvé, menus d'abord."
        return
    for name, found in (
        ("menus d'abord", compared.in_turn),
        ("ensemble, même dépense", compared.same_cost),
        ("ensemble, mêmes parts", compared.same_shares),
    ):
        yield PLANS.line((kitchen, name, *_cells(found)))


def _cells(found: Figures | None) -> tuple[str | None, ...]:
    if found is None:
        return (None,) * 4
    shares = (percent(share, 1) for share in (found.share_local, found.share_egalim, found.share_bio))
    return (number(found.cost_ttc_cents_per_meal, 1), *shares)


def summary(found: Sequence[Comparison]) -> Iterator[str]:
    """Medians over the kitchens."""
    points = [compared.points for compared in found if compared.points]
    saved = [compared.saved_cents for compared in found if compared.saved_cents is not None]
    if points:
        local, egalim = (median(values) for values in zip(*points, strict=True))
        yield (
            f"À dépense égale, ensemble gagne {local:+.1f} points de local et {egalim:+.1f} points d'EGAlim "
            f"(médiane de {len(points)})."
        )
    if saved:
        cents = median(saved)
        yield f"À parts égales, ensemble épargne {cents:.1f} c TTC par repas (médiane de {len(saved)})."
