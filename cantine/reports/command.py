"""``cantine report``: papers from the command line."""

import argparse
from datetime import date
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine import french
from cantine.clock import time_of, today_of, utc_now
from cantine.db import reading
from cantine.errors import CantineError
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import today
from cantine.reports import batch, pdf
from cantine.reports.batch import BLOCK, NAMES, RECIPE, NothingToPrintError, Request
from cantine.reports.order_sheets import ORDER_PAPERS
from cantine.reports.paper import Sheet
from cantine.terminal import complain

DONE, NOTHING, USAGE = 0, 1, 2


def run(engine: Engine, args: argparse.Namespace) -> int:
    """Write a report of one kitchen, or of all of them.

    ``--out`` ending in ``.pdf`` is one file; anything else is a folder, made if needed.

    Returns:
        0 when something was written, 1 when the period holds nothing, 2 for a wrong question.
    """
    fault = _fault(args)
    if fault:
        complain(fault)
        return USAGE
    with reading(engine) as session:
        day = today(session, today_of(utc_now()))
        written = [path for code in _kitchens(session, args) for path in _write(session, code, day, args)]
    for path in written:
        print(path)  # noqa: T201 -- the answer of the command
    return DONE if written else NOTHING


def _fault(args: argparse.Namespace) -> str:
    """What is wrong with the question, in French; empty if nothing is."""
    if args.name not in NAMES:
        return f"Document inconnu : « {args.name} ». Documents : {', '.join(NAMES)}."
    if args.name == RECIPE and not args.recipe:
        return "Indiquez la recette : --recipe CODE."
    if args.all and args.out.suffix == ".pdf":
        return "Pour toutes les cuisines, --out est un dossier."
    if args.start and args.end and args.end < args.start:
        return f"--to : le {french.full_date(args.end)} est avant le {french.full_date(args.start)}."
    return ""


def _kitchens(session: Session, args: argparse.Namespace) -> list[str]:
    """The kitchens one after the other; the papers of a producer take all of them at once (empty code)."""
    if args.kitchen:
        return [args.kitchen]
    if args.name in ORDER_PAPERS:
        return [""]
    return list(session.exec(select(Kitchen.code).order_by(col(Kitchen.code))))


def _write(session: Session, kitchen: str, day: date, args: argparse.Namespace) -> list[Path]:
    request = Request(
        name=args.name,
        kitchen=kitchen,
        first=args.date or args.start or day,
        last=args.date or args.end,
        recipe=args.recipe or "",
        today=day,
        hour=time_of(utc_now()),
        supplier=args.supplier or "",
        number=args.number or "",
    )
    try:
        if request.name in ORDER_PAPERS and args.out.suffix != ".pdf":
            return batch.write_files(batch.order_files(session, request), args.out)
        made = batch.sheets(session, request)
    except NothingToPrintError as nothing:
        complain(f"{kitchen} : {nothing.message}" if kitchen else nothing.message)
        return []
    return _files(made, request, args)


def _files(made: list[Sheet], request: Request, args: argparse.Namespace) -> list[Path]:
    out: Path = args.out
    if out.suffix != ".pdf":
        own_folder = args.all and args.name == BLOCK
        return batch.write(made, out / request.kitchen if own_folder else out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(pdf.render(made, batch.title_of(made, request)))
    except OSError as error:
        raise CantineError(f"« {out} » ne peut pas être écrit : {error.strerror}.") from error
    return [out]
