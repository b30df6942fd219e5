"""Import and export of data packages, and of single tables for the pages.

A package is a folder with one CSV per table and a Frictionless ``datapackage.json``. Reading
checks everything before anything is written, and returns all faults together; writing then
inserts the new rows and updates the others by primary key. Rows that the package does not
mention are kept: removing is a decision of a person, not of a missing line.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

from cantine.errors import Fault, FaultsError, NotFoundError
from cantine.package_faults import Row, check_sheet
from cantine.package_help import readme
from cantine.package_known import Known, database_rows
from cantine.package_load import Changes, apply_changes, compare
from cantine.package_read import Reading, read_csv, read_file
from cantine.package_rules import check_rules
from cantine.package_schema import TableForm, data_package, forms
from cantine.package_write import csv_bytes, xlsx_bytes

DESCRIPTOR = "datapackage.json"
HELP = "LISEZMOI.md"


class Preview(NamedTuple):
    """One table read from an uploaded file: what would be written, what is wrong, what would change."""

    rows: list[Row]
    faults: list[Fault]
    changes: Changes


def form_of(table: str) -> TableForm:
    """The form of a table.

    Raises:
        NotFoundError: no table of a package has this name.
    """
    if table not in forms():
        raise NotFoundError(f"La table « {table} » n'existe pas. Tables : {', '.join(forms())}.")
    return forms()[table]


def check_package(folder: Path, session: Session | None = None) -> list[Fault]:
    """Every fault of a package; ``session`` gives the rows it may also refer to. Writes nothing."""
    return _read_package(folder, session)[1]


def import_package(session: Session, folder: Path) -> list[Changes]:
    """Check a whole package, then write it. Never commits.

    Raises:
        FaultsError: with every fault; nothing was written.
    """
    known, faults = _read_package(folder, session)
    if faults:
        raise FaultsError(faults)
    done = []
    for form in forms().values():
        changes = compare(form, known.stored(form.name), (line.values for line in known.lines(form.name)))
        apply_changes(session, form, changes)
        done.append(changes)
    return done


def _read_package(folder: Path, session: Session | None) -> tuple[Known, list[Fault]]:
    known = Known(session)
    faults = _folder_faults(folder)
    for form in forms().values():
        path = folder / f"{form.name}.csv"
        if path.is_file():
            faults += _take_in(form, read_csv(form, path.read_bytes()), known)
    faults += check_rules(known, list(forms()))
    order = {name: place for place, name in enumerate(forms())}
    return known, sorted(faults, key=lambda one: (order.get(one.table, -1), one.line or 0))


def _folder_faults(folder: Path) -> list[Fault]:
    """A folder without tables, and files no table expects: a misspelt name would be lost in silence."""
    if not folder.is_dir():
        return [Fault(folder.name, None, None, "ce dossier n'existe pas.")]
    present = sorted(path.stem for path in folder.glob("*.csv"))
    faults = [
        Fault(name, None, None, f"aucune table ne porte ce nom. Tables : {', '.join(forms())}.")
        for name in present
        if name not in forms()
    ]
    if not set(present) & set(forms()):
        reason = f"aucune table trouvée ; il faut des fichiers comme {next(iter(forms()))}.csv."
        faults.append(Fault(folder.name, None, None, reason))
    return faults


def _take_in(form: TableForm, reading: Reading, known: Known) -> list[Fault]:
    sheet, faults = reading
    if sheet is None:
        return faults
    checked = check_sheet(form, sheet, known.keys)
    known.add(form.name, checked.lines)
    return checked.faults


def export_package(session: Session, folder: Path) -> int:
    """Write the whole package; return the number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for form in forms().values():
        rows = _sorted_rows(session, form)
        (folder / f"{form.name}.csv").write_bytes(csv_bytes(form, rows))
        total += len(rows)
    (folder / DESCRIPTOR).write_text(descriptor_text(), encoding="utf-8")
    return total


def write_template(folder: Path) -> None:
    """Write an empty package: titles of columns, descriptor, help in French."""
    folder.mkdir(parents=True, exist_ok=True)
    for form in forms().values():
        (folder / f"{form.name}.csv").write_bytes(csv_bytes(form, []))
    (folder / DESCRIPTOR).write_text(descriptor_text(), encoding="utf-8")
    (folder / HELP).write_text(readme(), encoding="utf-8")


def descriptor_text() -> str:
    """``datapackage.json``, generated from the table models."""
    return json.dumps(data_package(), ensure_ascii=False, indent=2) + "\n"


def _sorted_rows(session: Session, form: TableForm) -> list[Row]:
    """Rows by primary key, sorted here: databases disagree on the order of accents."""
    stored = database_rows(session, form)
    return [stored[key] for key in sorted(stored)]


def read_table(session: Session, table: str, filename: str, data: bytes) -> Preview:
    """Read one table out of a CSV or XLSX file sent to a page. Writes nothing.

    Raises:
        NotFoundError: no such table.
    """
    form = form_of(table)
    known = Known(session)
    faults = _take_in(form, read_file(form, filename, data), known)
    faults += check_rules(known, [table])
    lines = known.lines(table)
    rows = [line.values for line in lines if line.clean]
    faults.sort(key=lambda one: one.line or 0)
    return Preview(rows, faults, compare(form, known.stored(table), rows))


def write_table(session: Session, table: str, rows: Iterable[Row]) -> Changes:
    """Write the rows of a faultless preview. Never commits.

    The rows are compared with the database again: it may have changed since the preview.
    """
    form = form_of(table)
    changes = compare(form, database_rows(session, form), rows)
    apply_changes(session, form, changes)
    return changes


def table_csv(session: Session, table: str) -> bytes:
    """One table as CSV for a person: text looking like a formula is kept from running."""
    form = form_of(table)
    return csv_bytes(form, _sorted_rows(session, form), guarded=True)


def table_xlsx(session: Session, table: str) -> bytes:
    """One table as an XLSX workbook."""
    form = form_of(table)
    return xlsx_bytes(form, _sorted_rows(session, form))
