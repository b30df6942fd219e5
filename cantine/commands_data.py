"""Verbs on data: import, export, template, check, backup, restore."""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from cantine import table_book
from cantine.archive import Manifest
from cantine.backup import backup, restore
from cantine.clock import utc_now
from cantine.config import Config
from cantine.db import transaction
from cantine.errors import Fault, NotFoundError
from cantine.french import plural
from cantine.import_journal import note_import
from cantine.package_load import Changes
from cantine.tables import check_package, export_package, import_package, write_template
from cantine.terminal import say

DONE, FAULTS = 0, 1
PLAN_FILES = ("instance.json", "result.json")


def load(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine import``: all or nothing; faults are raised together."""
    _needs_folder(args.folder)
    with transaction(engine) as session:
        done = import_package(session, args.folder)
        now = utc_now()
        note_import(session, done, now)
        table_book.follow(session, done, now, None)
    for changes in done:
        if changes.added or changes.changed or changes.unchanged:
            say(f"  {changes.table:<20} {_told(changes)}")
    say("Import terminé.")
    return DONE


def _told(changes: Changes) -> str:
    parts = (
        (len(changes.added), "ajoutée"),
        (len(changes.changed), "modifiée"),
        (changes.unchanged, "inchangée"),
    )
    return ", ".join(plural(count, word) for count, word in parts if count)


def export(engine: Engine, args: argparse.Namespace) -> int:
    """``cantine export``."""
    with Session(engine) as session:
        rows = export_package(session, args.folder)
    say(f"{plural(rows, 'ligne écrite', 'lignes écrites')} dans {args.folder}")
    return DONE


def template(_config: Config, args: argparse.Namespace) -> int:
    """``cantine template``: never over files that hold data."""
    present = sorted(path.name for path in args.folder.glob("*.csv")) if args.folder.is_dir() else []
    if present:
        raise NotFoundError(
            f"Le dossier « {args.folder} » contient déjà {present[0]} : choisissez un dossier vide."
        )
    write_template(args.folder)
    say(f"Paquet vide écrit dans {args.folder} ; lisez LISEZMOI.md.")
    return DONE


def check(_config: Config, args: argparse.Namespace) -> int:
    """``cantine check``: a plan's folder is recomputed, any other is a package."""
    _needs_folder(args.folder)
    if any((args.folder / name).exists() for name in PLAN_FILES):
        # Checking a package needs nothing of planning: it is imported for a plan only.
        check_plan: Callable[[Path], list[str]]
        check_plan = importlib.import_module("cantine.planning.folder").check_folder
        return _show(check_plan(args.folder), "Plan vérifié : tout est juste.")
    return _show(check_package(args.folder), "Paquet vérifié : aucune faute.")


def _show(faults: list[Fault] | list[str], fine: str) -> int:
    for fault in faults:
        say(str(fault))
    say(plural(len(faults), "faute trouvée.", "fautes trouvées.") if faults else fine)
    return FAULTS if faults else DONE


def save(config: Config, args: argparse.Namespace) -> int:
    """``cantine backup``."""
    manifest = backup(config, args.file, utc_now())
    say(f"{_content(manifest)} dans {args.file}")
    return DONE


def put_back(config: Config, args: argparse.Namespace) -> int:
    """``cantine restore``."""
    manifest = restore(config, args.file, utc_now(), force=args.force)
    say(f"{_content(manifest)} remis en place.")
    return DONE


def _content(manifest: Manifest) -> str:
    rows = plural(sum(manifest.tables().values()), "ligne")
    return f"{rows} et {plural(len(manifest.files()), 'fichier')}"


def _needs_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise NotFoundError(f"Le dossier « {folder} » n'existe pas.")
