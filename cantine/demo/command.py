"""The verb ``cantine demo-year``."""

import argparse
import resource
from time import monotonic

from sqlalchemy import Engine

from cantine.clock import today_of, utc_now
from cantine.db import transaction
from cantine.demo.year import invent
from cantine.french import number, plural
from cantine.kitchens.models import Setting
from cantine.kitchens.settings import today
from cantine.terminal import say

DONE = 0
KIBI = 1024
EVERY = 20


def run(engine: Engine, args: argparse.Namespace) -> int:
    """Invent the year in one transaction: all of it or nothing."""
    began = monotonic()
    with transaction(engine) as session:
        shown = session.get(Setting, "demo_kitchen")
        day = today(session, today_of(utc_now()))
        first = shown.value if shown else ""
        made = invent(session, args.year, args.seed, day, first, args.kitchen, report=_tell)
    say(
        f"{plural(made.purchases, 'achat')} de {plural(made.kitchens, 'cuisine')}, "
        f"{plural(made.services, 'repas servi', 'repas servis')}, {plural(made.orders, 'commande')} "
        f"avec réception : année {args.year}, inventée."
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBI
    say(f"En {number(monotonic() - began, 0)} s, {number(peak, 0)} Mo de mémoire au plus.")
    return DONE


def _tell(done: int, count: int) -> None:
    if done % EVERY == 0:
        say(f"  {done} cuisines sur {count}")
