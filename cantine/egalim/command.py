"""The verbs ``export-ma-cantine`` and ``declare-ma-cantine``."""

import argparse
import resource
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine
from sqlmodel import Session

from cantine.clock import today_of, utc_now
from cantine.db import reading
from cantine.egalim.declaration import csv_of, load_declaration
from cantine.egalim.export import Finding, Request, export
from cantine.errors import CantineError
from cantine.french import euros, full_date, number, plural
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import today
from cantine.terminal import complain, say

DONE, FAULTS, USAGE = 0, 1, 2
KIBI = 1024
MOST_WARNINGS = 20


def purchases(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine export-ma-cantine``: the file, or every line to mend; never half of it.

    Returns:
        0 when written, 1 when something is to be mended or nothing was bought, 2 for a wrong question.
    """
    began = monotonic()
    if args.end < args.start:
        complain(f"--to : le {full_date(args.end)} est avant le {full_date(args.start)}.")
        return USAGE
    with reading(engine) as session:
        asked = Request(args.start, args.end, _kitchens(session, args), _today(session), args.demo)
        made = export(session, asked)
    _tell(made.faults, made.warnings)
    if made.faults:
        complain(f"{plural(len(made.faults), 'point')} à corriger, aucun fichier n'est écrit.")
        return FAULTS
    if not made.files:
        complain(f"Aucun achat du {full_date(args.start)} au {full_date(args.end)}.")
        return FAULTS
    for path, data in zip(file_names(args.out, len(made.files)), made.files, strict=True):
        _write(path, data)
        say(str(path))
    said = f"{plural(made.lines, 'achat')} de {plural(made.kitchens, 'cuisine')}, {euros(made.amount)} HT"
    say(said + (f", {plural(made.credits, 'avoir déduit', 'avoirs déduits')}." if made.credits else "."))
    if len(made.files) > 1:
        say(f"{len(made.files)} fichiers : ma cantine n'en prend pas de plus de 10 Mo. Envoyez-les tous.")
    _end(args, began)
    return DONE


def declaration(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine declare-ma-cantine``: one line per SIRET; the same codes."""
    began = monotonic()
    with reading(engine) as session:
        found = load_declaration(
            session, args.year, _today(session), _kitchens(session, args), demo=args.demo
        )
    told = [Finding(one.place.kitchen, None, "bilan", text) for one in found.lines for text in one.warnings]
    _tell(found.faults, told)
    if found.faults or not found.lines:
        complain(
            f"{plural(len(found.faults), 'point')} à corriger, aucun fichier n'est écrit."
            if found.faults
            else f"Aucun achat en {args.year}."
        )
        return FAULTS
    _write(args.out, csv_of(found))
    say(f"{args.out}\n{plural(len(found.lines), 'bilan')} de l'année {args.year}.")
    _end(args, began)
    return DONE


def file_names(out: Path, count: int) -> list[Path]:
    """The file itself, then « achats-2.csv », « achats-3.csv »."""
    return [out, *(out.with_stem(f"{out.stem}-{n}") for n in range(2, count + 1))][:count]


def _kitchens(session: Session, args: argparse.Namespace) -> list[str] | None:
    return [get_kitchen(session, code).code for code in args.kitchen] or None


def _today(session: Session) -> date:
    return today(session, today_of(utc_now()))


def _tell(faults: Iterable[Finding], warnings: Sequence[Finding]) -> None:
    for fault in faults:
        complain(str(fault))
    for warning in warnings[:MOST_WARNINGS]:
        complain(f"à savoir : {warning}")
    if len(warnings) > MOST_WARNINGS:
        complain(f"… et {plural(len(warnings) - MOST_WARNINGS, 'autre point', 'autres points')} à savoir.")


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise CantineError(f"« {path} » ne peut pas être écrit : {error.strerror}.") from error


def _end(args: argparse.Namespace, began: float) -> None:
    if args.demo:
        say("Fichier de démonstration : à ne pas envoyer à ma cantine.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBI
    say(f"En {number(monotonic() - began, 1)} s, {number(peak, 0)} Mo de mémoire au plus.")
