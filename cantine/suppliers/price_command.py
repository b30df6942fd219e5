"""``cantine import-prices``: a supplier's list from the command line, all or nothing."""

import argparse

from sqlalchemy import Engine

from cantine.clock import today_of, utc_now
from cantine.db import transaction
from cantine.errors import CantineError, Fault, FaultsError, NotFoundError
from cantine.french import euros, full_date, number, percent, plural
from cantine.kitchens.settings import today
from cantine.suppliers.price_change import DOWN, NEW, OTHER, SAME, UP, Change
from cantine.suppliers.price_load import Loaded, Sent, apply_loaded, load_list
from cantine.suppliers.price_memory import get_supplier
from cantine.suppliers.price_reading import TABLE
from cantine.terminal import say

DONE = 0
MOST = 20
WHICH_FOOD = "« {} » : quel aliment ? Dites-le sur la page du tarif."
WORDS = {NEW: "nouvelle", UP: "en hausse", DOWN: "en baisse", OTHER: "changée", SAME: "inchangée"}


def run(engine: Engine, args: argparse.Namespace) -> int:
    """Read a list, say what it changes, and write it unless ``--dry-run``.

    Raises:
        NotFoundError: no such file, or no such supplier.
        CantineError: the file cannot be read, or its columns cannot be guessed.
        FaultsError: with every line at fault; nothing is written.
    """
    if not args.file.is_file():
        raise NotFoundError(f"Le fichier « {args.file} » n'existe pas.")
    now = utc_now()
    with transaction(engine) as session:
        supplier = get_supplier(session, args.supplier, hold=True)
        sent = Sent(args.file.name, args.file.read_bytes(), first=args.start, last=args.end)
        loaded = load_list(session, supplier, sent, today(session, today_of(now)))
        _refuse(loaded)
        _tell(loaded)
        if args.dry_run:
            say("Essai : rien n'est écrit.")
        else:
            apply_loaded(session, loaded, by=None, now=now)
            say("Tarif appliqué.")
    return DONE


def _refuse(loaded: Loaded) -> None:
    if loaded.missing:
        raise CantineError(
            f"Colonne introuvable : {', '.join(loaded.missing)}. Titres lus : "
            f"{', '.join(loaded.listing.headings)}. Choisissez-les une fois sur la page du tarif."
        )
    unknown = [
        Fault(
            TABLE,
            one.line.number,
            None,
            f"« {one.line.name} » : quel aliment ? Dites-le sur la page du tarif.",
        )
        for one in loaded.comparison.unknown
    ]
    if faults := [*loaded.comparison.faults, *unknown]:
        raise FaultsError(sorted(faults, key=lambda fault: fault.line or 0))


def _tell(loaded: Loaded) -> None:
    if loaded.before:
        say(
            f"Ce fichier a déjà été appliqué, du {full_date(loaded.before.valid_from)} "
            f"au {full_date(loaded.before.valid_to)}."
        )
    say(f"Valable du {full_date(loaded.first)} au {full_date(loaded.last)} :")
    for kind, word in WORDS.items():
        changes = loaded.comparison.of(kind)
        say(f"  {number(len(changes)):>6} {word}{'s' if len(changes) > 1 and ' ' not in word else ''}")
        for change in changes[:MOST] if kind in {UP, DOWN} else []:
            say(f"         {_told(change)}")
    gone = len(loaded.comparison.gone)
    say(
        f"  {number(gone):>6} {'absentes' if gone > 1 else 'absente'} du fichier"
        f"{', retirées' if loaded.closes and gone else ', gardées' if gone else ''}"
    )
    if loaded.reading.unpriced:
        say(f"  {plural(len(loaded.reading.unpriced), 'ligne')} sans prix, laissées de côté")


def _told(change: Change) -> str:
    sign = "+" if change.difference_ht > 0 else ""
    euro = f"{sign}{euros(change.difference_ht)}{' par kg' if change.by_kg else ''}"
    return f"{change.after['name']} : {euro} ({sign}{percent(change.share, 1)})"
