"""One table through Frictionless: typed rows, and each error told as a French sentence.

Frictionless checks titles, types, constraints, primary and foreign keys. What it cannot know
(vocabularies of lists, keys of SIRET, sums) is in ``package_rules``.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from frictionless import Package, Resource, Schema
from frictionless import errors as frictionless_errors
from frictionless.resources import TableResource

from cantine.errors import Fault
from cantine.french import plural
from cantine.package_read import Sheet
from cantine.package_schema import Column, Reference, TableForm, forms, table_schema
from cantine.words import told

Row = dict[str, Any]
Keys = Callable[[Reference], Collection[tuple[Any, ...]]]
"""Gives the values a foreign key may take outside the sheet itself."""

_FRENCH_NUMBER = re.compile(r"^-?\d[\d\s\u00a0\u202f]*,\d+$")
_FRENCH_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_POSITION = re.compile(r"position (\d+)")
_CONSTRAINT = re.compile(r'constraint "(\w+)" is')
_LONGEST_QUOTE = 60
MONEY_EXPONENT = -4


@dataclass(frozen=True)
class Line:
    """One typed row: ``number`` as a spreadsheet shows it, ``clean`` when Frictionless found no error."""

    number: int
    values: Row
    clean: bool


@dataclass(frozen=True)
class Checked:
    """A sheet after Frictionless."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check_sheet(form: TableForm, sheet: Sheet, keys: Keys) -> Checked:
    """Validate and type one sheet.

    Args:
        form: the table expected.
        sheet: its text cells.
        keys: values allowed for a foreign key, besides those of the sheet when it refers to itself.
    """
    checked = Checked()
    resource = _resource(form, sheet, keys)
    with resource:
        header = resource.header
        checked.faults.extend(_header_fault(form, error) for error in header.errors)
        for row in resource.row_stream:
            faults = list(_row_faults(form, row.errors))
            values = {column.name: _value(column, row.get(column.name)) for column in form.columns}
            faults += _odd_numbers(form, row.row_number, values)
            checked.faults.extend(faults)
            clean = not faults and header.valid
            checked.lines.append(Line(row.row_number, values, clean))
    return checked


def _resource(form: TableForm, sheet: Sheet, keys: Keys) -> TableResource:
    """The sheet beside small tables of the keys it may refer to."""
    schema = table_schema(form)
    resources: list[TableResource] = []
    for number, reference in enumerate(form.references):
        name = f"cles-{number}"
        schema["foreignKeys"][number]["reference"]["resource"] = name
        known = set(keys(reference))
        if reference.table == form.name:
            known |= _own_keys(sheet, reference)
        resources.append(_key_resource(name, reference, known))
    # Any order of columns is accepted: a spreadsheet's user may have moved them.
    schema["fieldsMatch"] = "equal"
    data = [sheet.header, *sheet.rows]
    main = TableResource(name="table", data=data, schema=Schema.from_descriptor(schema))
    package = Package(resources=[*resources, main])
    found: Resource = package.get_resource("table")
    assert isinstance(found, TableResource)  # noqa: S101 -- narrows the type for mypy
    return found


def _key_resource(name: str, reference: Reference, known: set[tuple[Any, ...]]) -> TableResource:
    fields = table_schema(forms()[reference.table])["fields"]
    kept = [{"name": one["name"], "type": one["type"]} for one in fields if one["name"] in reference.targets]
    kept.sort(key=lambda one: reference.targets.index(one["name"]))
    schema = Schema.from_descriptor({"fields": kept})
    return TableResource(name=name, data=[list(reference.targets), *map(list, sorted(known))], schema=schema)


def _own_keys(sheet: Sheet, reference: Reference) -> set[tuple[Any, ...]]:
    if not set(reference.targets) <= set(sheet.header):
        return set()
    places = [sheet.header.index(name) for name in reference.targets]
    return {tuple(row[place] for place in places) for row in sheet.rows if len(row) > max(places)}


def _value(column: Column, cell: Any) -> Any:  # noqa: ANN401 -- a cell of any type
    """The value stored for a cell: blank cells take the default, lists are cut."""
    if cell is None:
        return column.default
    if column.kind == "list":
        return tuple(str(cell).split(";"))
    return cell


def _odd_numbers(form: TableForm, line: int, values: Row) -> list[Fault]:
    """Numbers Frictionless lets through: infinite ones, and fractions of money finer than 1/10000 €."""
    faults = []
    for column in form.columns:
        value = values[column.name]
        if not isinstance(value, Decimal):
            continue
        if not math.isfinite(float(value)):
            values[column.name] = None
            reason = f"« {value} » n'est pas un nombre. Exemple : 12.5"
            faults.append(Fault(form.name, line, column.name, reason))
        elif column.kind == "number":
            values[column.name] = float(value)
        elif value.normalize().as_tuple().exponent < MONEY_EXPONENT:  # type: ignore[operator]  # finite: an int
            faults.append(Fault(form.name, line, column.name, "quatre décimales au plus. Exemple : 12.3456"))
    return faults


def _header_fault(form: TableForm, error: frictionless_errors.HeaderError) -> Fault:
    if isinstance(error, frictionless_errors.MissingLabelError):
        return Fault(form.name, 1, error.field_name, "cette colonne manque ; ajoutez-la, vide si besoin.")
    if isinstance(error, frictionless_errors.ExtraLabelError):
        names = ", ".join(column.name for column in form.columns)
        reason = f"colonne inconnue ; supprimez-la. Colonnes prévues : {names}."
        return Fault(form.name, 1, error.label, reason)
    return Fault(form.name, 1, None, "la ligne de titres n'est pas celle prévue.")


def _row_faults(form: TableForm, errors: list[frictionless_errors.RowError]) -> Iterator[Fault]:
    missing = [error for error in errors if isinstance(error, frictionless_errors.MissingCellError)]
    if missing:
        reason = f"il manque {plural(len(missing), 'case')} à la fin ; vérifiez virgules et guillemets."
        yield Fault(form.name, missing[0].row_number, None, reason)
    extra = [error for error in errors if isinstance(error, frictionless_errors.ExtraCellError)]
    if extra:
        reason = "trop de cases ; mettez entre guillemets les textes qui contiennent une virgule."
        yield Fault(form.name, extra[0].row_number, None, reason)
    for error in errors:
        if error not in missing and error not in extra and not _is_blank_key(error):
            yield _row_fault(form, error)


def _is_blank_key(error: frictionless_errors.RowError) -> bool:
    """A key without any value: each of its cells is already told to be required."""
    return isinstance(error, frictionless_errors.PrimaryKeyError) and not _POSITION.search(error.note)


def _row_fault(form: TableForm, error: frictionless_errors.RowError) -> Fault:
    if isinstance(error, frictionless_errors.CellError):
        column = form.column(error.field_name)
        reason = _reason(column, error)
        return Fault(form.name, error.row_number, column.name, reason)
    if isinstance(error, frictionless_errors.PrimaryKeyError):
        return _key_fault(form, error)
    if isinstance(error, frictionless_errors.ForeignKeyError):
        return _reference_fault(form, error)
    return Fault(form.name, error.row_number, None, "cette ligne est vide ; supprimez-la.")


def _key_fault(form: TableForm, error: frictionless_errors.PrimaryKeyError) -> Fault:
    other = _POSITION.search(error.note)
    where = f"qu'à la ligne {other[1]}" if other else "qu'une autre ligne"
    reason = f"même clé ({' + '.join(form.key)}) {where} ; gardez une seule des deux."
    return Fault(form.name, error.row_number, form.key[0], reason)


def _reference_fault(form: TableForm, error: frictionless_errors.ForeignKeyError) -> Fault:
    reference = next(one for one in form.references if list(one.columns) == error.field_names)
    shown = " / ".join(str(cell) for cell in error.field_cells)
    targets = ", ".join(reference.targets)
    reason = f"« {_quote(shown)} » n'existe pas dans la table « {reference.table} » ({targets})."
    return Fault(form.name, error.row_number, reference.columns[-1], reason)


def _reason(column: Column, error: frictionless_errors.CellError) -> str:
    constraint = _CONSTRAINT.search(error.note)
    if constraint is None:
        return _type_reason(column, error.cell)
    choices = ", ".join(map(told, column.words))
    limits: Mapping[str, str] = {
        "required": f"cette case ne peut pas être vide ({column.description}).",
        "minimum": f"« {_quote(error.cell)} » est trop petit ; au moins {column.minimum}.",
        "maximum": f"« {_quote(error.cell)} » est trop grand ; au plus {column.maximum}.",
        "enum": f"« {_quote(error.cell)} » n'est pas prévu ; au choix : {choices}.",
    }
    form = f"« {_quote(error.cell)} » n'a pas la forme attendue ({column.description})."
    return limits.get(constraint[1], form)


def _type_reason(column: Column, cell: str) -> str:
    quoted = f"« {_quote(cell)} »"
    if column.kind in ("number", "money", "whole") and _FRENCH_NUMBER.match(cell):
        example = re.sub(r"\s", "", cell).replace(",", ".")
        return f"{quoted} : les décimales s'écrivent avec un point. Exemple : {example}"
    french = _FRENCH_DATE.match(cell)
    if column.kind == "date" and french:
        example = f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}"
        return f"{quoted} : les dates s'écrivent année-mois-jour. Exemple : {example}"
    return {
        "number": f"{quoted} n'est pas un nombre. Exemple : 12.5",
        "money": f"{quoted} n'est pas un montant en euros. Exemple : 12.50",
        "whole": f"{quoted} n'est pas un nombre entier. Exemple : 12",
        "flag": f"{quoted} : écrivez true (oui) ou false (non).",
        "date": f"{quoted} n'est pas une date. Exemple : 2027-01-04",
    }.get(column.kind, f"{quoted} n'est pas lisible.")


def _quote(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
