"""A table as a list: searched, filtered, sorted, cut into pages, each value in French. No web here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from cantine.accounts import small_counts
from cantine.french import DASH, cents, euros, fold, kg, number, permille
from cantine.package_known import database_rows, key_of
from cantine.package_schema import Column, TableForm, forms
from cantine.package_write import cell_text
from cantine.table_pages import Row, TablePage
from cantine.words import word

PAGE = 50
CODED = {"style", "group", "family", "kind", "colour", "texture"}
"""Columns of codes whose words the tables do not enumerate."""
NUMERIC = {"whole", "number", "money"}
ESTIMATES = {"estime", True}

Names = Mapping[str, Mapping[str, str]]
"""For a column that refers to another table: name of each code."""


@dataclass(frozen=True)
class Request:
    """What the person asked of the list."""

    query: str = ""
    filters: Mapping[str, str] | None = None
    sort: str = ""
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Cell:
    """One value as shown."""

    text: str
    numeric: bool = False
    estimated: bool = False


def table_form(page: TablePage) -> TableForm:
    """The form of the table of ``page``."""
    return forms()[page.table]


def key_text(form: TableForm, row: Row) -> str:
    """The key of a row as one word of an address."""
    return "~".join(cell_text(part) for part in key_of(form, dict(row)))


def names_of(session: Session, form: TableForm) -> dict[str, dict[str, str]]:
    """Names behind the codes of every column that refers to a table with names."""
    found: dict[str, dict[str, str]] = {}
    tables: dict[str, dict[str, str]] = {}
    for reference in form.references:
        target = forms()[reference.table]
        if len(reference.columns) == 1 and any(column.name == "name" for column in target.columns):
            if target.name not in tables:
                rows = database_rows(session, target).values()
                tables[target.name] = {str(row[reference.targets[0]]): str(row["name"]) for row in rows}
            found[reference.columns[0]] = tables[target.name]
    return found


def matching(form: TableForm, rows: Sequence[Row], names: Names, asked: Request) -> list[Row]:
    """Rows that hold every word of the query and pass the filters, sorted."""
    words = fold(asked.query).split()
    wanted = {name: value for name, value in (asked.filters or {}).items() if value}
    kept = [
        row
        for row in rows
        if all(cell_text(row[name]) == value for name, value in wanted.items())
        and (not words or _holds(form, row, names, words))
    ]
    column = next((one for one in form.columns if one.name == asked.sort), None)
    if column is not None:
        sort_by(kept, column, names, descending=asked.descending)
    return kept


def sort_by(rows: list[Row], column: Column, names: Names, *, descending: bool) -> None:
    """Sort in place; empty values stay last both ways."""
    known = names.get(column.name, {})

    def rank(row: Row) -> Any:  # noqa: ANN401 -- compared with its own kind only
        value = row[column.name]
        return (
            value if column.kind in NUMERIC | {"date", "flag"} else fold(known.get(value, cell_text(value)))
        )

    empty = [row for row in rows if row[column.name] in (None, "", ())]
    full = [row for row in rows if row[column.name] not in (None, "", ())]
    full.sort(key=rank, reverse=descending)
    rows[:] = full + empty


def _holds(form: TableForm, row: Row, names: Names, words: Sequence[str]) -> bool:
    texts = [names.get(column.name, {}).get(row[column.name], "") for column in form.columns if names]
    texts += [str(row[column.name]) for column in form.columns if column.kind == "text"]
    everything = fold(" ".join(texts))
    return all(one in everything for one in words)


def choices(form: TableForm, rows: Sequence[Row], names: Names, column: str) -> list[tuple[str, str]]:
    """What a filter offers: the values present, in words."""
    kind = form.column(column)
    values = {cell_text(row[column]) for row in rows if row[column] not in (None, "", ())}
    known = names.get(column, {})
    found = [(value, known.get(value) or show(kind, _typed(kind, value)).text) for value in values]
    return sorted(found, key=lambda one: fold(one[1]))


def _typed(column: Column, text: str) -> object:
    return text == "true" if column.kind == "flag" else int(text) if column.kind == "whole" else text


def cell(page: TablePage, form: TableForm, row: Row, name: str, names: Names) -> Cell:
    """One value of the list."""
    if name == page.total:
        value = small_counts.total(row[secret] for secret in page.secret)
        return Cell(value if isinstance(value, str) else number(value), numeric=True)
    column = form.column(name)
    shown = Cell(euros(row[name] / 1000), numeric=True) if name in page.priced else show(column, row[name])
    known = names.get(name, {}).get(str(row[name]))
    estimated = row.get(page.origins.get(name, "")) in ESTIMATES and row[name] is not None
    return Cell(known or shown.text, numeric=shown.numeric, estimated=estimated)


def show(column: Column, value: Any) -> Cell:  # noqa: ANN401 -- a value of any column
    """A value in French, with its unit when the name of the column tells it."""
    if value is None or value in ("", ()):
        return Cell(DASH, numeric=column.kind in NUMERIC)
    if isinstance(value, bool):
        return Cell("oui" if value else "non")
    if isinstance(value, tuple):
        return Cell(", ".join(word(one) for one in value))
    if isinstance(value, date):
        return Cell(value.strftime("%d/%m/%Y"))
    if isinstance(value, int | float | Decimal):
        return Cell(_figure(column, value), numeric=True)
    # A number may be told in words: a small count that is not shown.
    numeric = column.kind in NUMERIC
    return Cell(word(value) if column.words or column.name in CODED else str(value), numeric=numeric)


def _figure(column: Column, value: float | Decimal) -> str:
    if column.kind == "money":
        return euros(value)
    if column.name.endswith("_permille"):
        return permille(value)
    if column.in_cents:
        return cents(value)
    if column.name in {"pack_g", "grams"}:
        return kg(value)
    return str(value) if column.name in {"weekday", "choice", "position"} else number(value)


def pages(count: int) -> int:
    """Number of pages of a list."""
    return max(1, math.ceil(count / PAGE))
