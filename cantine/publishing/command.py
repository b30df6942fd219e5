"""``cantine export-scdl``: validated menus as open data."""

import argparse

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine import french
from cantine.clock import utc_now
from cantine.db import reading
from cantine.errors import CantineError
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.publishing.scdl import open_data
from cantine.terminal import complain, say

DONE, USAGE = 0, 2


def run(engine: Engine, args: argparse.Namespace) -> int:
    """Write both files in a folder, made if needed; nothing is written when something is wrong.

    Returns:
        0 when written, 2 for a wrong question.
    """
    if args.end < args.start:
        complain(f"--to : le {french.full_date(args.end)} est avant le {french.full_date(args.start)}.")
        return USAGE
    with reading(engine) as session:
        kitchens = _kitchens(session, args.kitchen)
        made = open_data(session, kitchens, args.start, args.end, utc_now(), demo=args.demo)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, text in made.files():
            (args.out / name).write_text(text, encoding="utf-8", newline="")
            say(args.out / name)
    except OSError as error:
        raise CantineError(f"« {args.out} » ne peut pas être écrit : {error.strerror}.") from error
    days, cooks = french.plural(made.days, "jour"), french.plural(made.kitchens, "cuisine")
    say(f"{days} de menus validés, {cooks}.")
    return DONE


def _kitchens(session: Session, asked: list[str] | None) -> list[str]:
    """The kitchens asked, which must exist; all of them if none is named."""
    if not asked:
        return list(session.exec(select(Kitchen.code).order_by(col(Kitchen.code))))
    return [get_kitchen(session, code).code for code in asked]
