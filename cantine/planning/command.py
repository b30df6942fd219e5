"""``cantine plan``: a proposal from the command line, written to a folder."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from cantine import french
from cantine.clock import time_of, today_of, utc_now
from cantine.db import reading
from cantine.errors import NothingToPlanError
from cantine.kitchens.settings import today
from cantine.planning.build import build_instance
from cantine.planning.folder import write_folder
from cantine.planning.kept import kept_words, with_kept_days
from optim.figures import figures
from optim.instance import Instance
from optim.plan import Result, Status
from optim.solve import EXPLAIN_SECONDS, Progress, solve

DONE, NO_PLAN = 0, 3
STATUS = {
    Status.OPTIMAL: "la meilleure, démontré",
    Status.FEASIBLE: "valable, peut-être pas la meilleure",
    Status.INFEASIBLE: "aucun menu ne tient toutes les règles",
    Status.UNKNOWN: "aucun menu valable trouvé dans le temps donné",
}


def run(engine: Engine, args: argparse.Namespace) -> int:
    """Plan a kitchen's menus and purchases; nothing is written to the database.

    Returns:
        0 when a plan was written, 3 when none is valid or there is nothing to plan (the reasons
        are printed).
    """
    now = utc_now()
    try:
        with reading(engine) as session:
            day = today(session, today_of(now))
            instance = build_instance(
                session, args.kitchen, args.start, args.services, args.profile, day, time_of(now)
            )
    except NothingToPlanError as error:
        say(error.message)
        return NO_PLAN
    first = instance.horizon[0].date
    if first != args.start:
        say(f"Pas de service le {french.day(args.start)} : le plan part du {french.day(first, year=True)}.")
    if instance.kept:
        say(
            f"Les menus {kept_words(instance.kept)} sont déjà choisis : ils sont gardés, et leurs achats "
            "sont prévus avec ceux des repas demandés."
        )
    result = propose(instance, args.time_limit, args.seed)
    out = Path(args.out)
    write_folder(out, instance, result)
    say(f"Dossier du plan : {out}")
    return DONE if result.plan is not None else NO_PLAN


def propose(instance: Instance, time_limit: float, seed: int) -> Result:
    """Search, telling what happens, and print the summary."""
    services = french.plural(len(instance.horizon) - len(instance.kept), "service")
    say(f"{instance.kitchen.name} : recherche de {services}, {time_limit:g} secondes au plus.")
    say(f"Si rien ne convient, jusqu'à {EXPLAIN_SECONDS:g} secondes de plus pour dire pourquoi…")
    result = with_kept_days(instance, solve(instance, time_limit=time_limit, seed=seed, on_progress=_show))
    for line in summary_lines(instance, result):
        say(line)
    return result


def _show(progress: Progress) -> bool:
    """A line per better plan on a terminal; silent in a log."""
    if sys.stdout.isatty() and progress.objective_cents is not None:
        say(f"  {progress.seconds:4.0f} s : objectif {french.cents(progress.objective_cents)}")
    return True


def summary_lines(instance: Instance, result: Result) -> Iterator[str]:
    """What the plan is worth, one French line per figure."""
    yield f"Proposition : {STATUS[result.status]}."
    if result.plan is None:
        yield from (f"  {conflict}" for conflict in result.conflicts)
        return
    told = figures(instance, result.plan)
    criteria = [rule for rule in result.rules if rule.rule.startswith("F")]
    kept = sum(rule.kept for rule in criteria)
    yield f"  Repas                      {french.number(told.meals)} sur {len(instance.horizon)} services"
    yield (
        f"  Coût par repas             {french.cents(told.cost_cents_per_meal)} HT, "
        f"{french.cents(told.cost_ttc_cents_per_meal)} TTC"
        f" (crédit {french.cents(instance.budget_ttc_cents)} TTC)"
    )
    yield f"  Produits locaux            {french.percent(told.share_local, 1)} des achats HT"
    yield f"  Durables et de qualité     {french.percent(told.share_egalim, 1)} des achats HT (EGAlim)"
    yield f"  Dont bio                   {french.percent(told.share_bio, 1)} des achats HT"
    yield f"  Climat                     {french.number(told.co2e_kg_per_meal, 2)} kg CO2e par repas"
    yield f"  Critères de l'arrêté 2011  {kept} tenus sur {len(criteria)}"
    yield f"  Objectif                   {french.cents(result.objective_cents)}"
    yield f"  Plancher démontré          {french.cents(result.bound_cents)}"
    if result.gap is not None:
        left = result.gap * told.purchases_cents / max(1, told.meals)
        yield (
            f"  Écart                      {french.percent(result.gap, 1)} des achats : "
            f"économie encore possible, au plus {french.number(left, 1)} c par repas"
        )
    first = (
        ""
        if result.first_solution_seconds is None
        else (f" (premiers menus valables après {french.number(result.first_solution_seconds, 1)} s)")
    )
    yield f"  Temps de recherche         {french.number(result.seconds, 0)} s{first}"


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)  # noqa: T201 -- the command line speaks here
