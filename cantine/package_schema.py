"""The form of a data package, generated from the table models: the two cannot differ.

What lives here: which tables and columns a package has, and their Frictionless descriptors.
What does not: reading (``package_read``), checking (``package_faults``, ``package_rules``),
loading and writing (``package_load``, ``package_write``).
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic_core import PydanticUndefined
from sqlalchemy import Boolean, CheckConstraint, Date, Float, Integer, Table
from sqlalchemy import Column as SqlColumn
from sqlmodel import SQLModel

from cantine.db import Money, TextList
from cantine.egalim.models import YearTotal
from cantine.foods.models import Food, HomogeneousFamily
from cantine.kitchens.models import (
    ClosedDay,
    Closure,
    College,
    Commune,
    KeyFigure,
    Kitchen,
    Setting,
    Site,
    SiteDiners,
)
from cantine.menus.models import Ban, Dish, Service
from cantine.package_terms import LIST_WORDS, TITLES, WORDS
from cantine.planning.models import Profile
from cantine.recipes.models import Recipe, RecipeIngredient, TagOverride
from cantine.suppliers.models import (
    Certificate,
    Engagement,
    MarketLot,
    Offer,
    PriceSeason,
    StapleLevel,
    StockLot,
    Supplier,
)

PACKAGE_TABLES: tuple[type[SQLModel], ...] = (
    Setting,
    ClosedDay,
    Commune,
    KeyFigure,
    College,
    Kitchen,
    Site,
    SiteDiners,
    Closure,
    HomogeneousFamily,
    Food,
    Recipe,
    RecipeIngredient,
    TagOverride,
    Supplier,
    MarketLot,
    Offer,
    Certificate,
    PriceSeason,
    StockLot,
    StapleLevel,
    Engagement,
    Service,
    Dish,
    Ban,
    YearTotal,
    Profile,
)
"""Every table of a package, each after the tables it refers to."""

INTERNAL = {("services", "version")}
"""Versions for editing by several people: they belong to one database, not to its data."""

PACKAGE_VERSION = "1"
LARGEST_INTEGER = 2_147_483_647
LARGEST_MONEY = 1_000_000_000
SMALLEST_MONEY = 0.0001

Kind = Literal["text", "list", "whole", "number", "money", "flag", "date"]
_TYPES: dict[Kind, str] = {
    "text": "string",
    "list": "string",
    "whole": "integer",
    "number": "number",
    "money": "number",
    "flag": "boolean",
    "date": "date",
}
_ONE_OF = re.compile(r"^\s*(\w+)\s+IN\s+(\(.*\))\s*$", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One column of a package's table.

    Attributes:
        default: value of a blank cell; None also when the cell may not be blank.
        words: the only words allowed, in the cell or in each item of a list; empty: any.
        pattern: regular expression of a text, empty: any.
    """

    name: str
    kind: Kind
    required: bool
    default: Any
    description: str
    words: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""

    @property
    def in_cents(self) -> bool:
        """Whether it holds cents, which people read and type as euros."""
        return self.kind == "whole" and "_cents" in self.name


@dataclass(frozen=True)
class Reference:
    """A foreign key: ``columns`` of this table name ``targets`` of another, column by column."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class TableForm:
    """One table of a package, as seen from outside."""

    name: str
    model: type[SQLModel]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]

    def column(self, name: str) -> Column:
        """The column called ``name``."""
        return next(column for column in self.columns if column.name == name)


def sql_table(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a model."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    assert isinstance(table, Table)  # noqa: S101 -- narrows the type for mypy
    return table


@cache
def forms() -> dict[str, TableForm]:
    """Every table of a package by name, in the order of ``PACKAGE_TABLES``."""
    return {form.name: form for form in map(_form, PACKAGE_TABLES)}


def _form(model: type[SQLModel]) -> TableForm:
    table = sql_table(model)
    words = _checked_words(table)
    shown = [column for column in table.columns if (table.name, column.name) not in INTERNAL]
    return TableForm(
        name=table.name,
        model=model,
        columns=tuple(_column(model, column, words) for column in shown),
        key=tuple(column.name for column in table.primary_key.columns),
        references=tuple(
            Reference(
                columns=tuple(element.parent.name for element in constraint.elements),
                table=constraint.referred_table.name,
                targets=tuple(element.column.name for element in constraint.elements),
            )
            for constraint in sorted(table.foreign_key_constraints, key=lambda one: tuple(one.column_keys))
        ),
    )


def _checked_words(table: Table) -> dict[str, tuple[Any, ...]]:
    """Words enumerated by the CHECK constraints ``column IN (…)`` of the table."""
    found: dict[str, tuple[Any, ...]] = {}
    for constraint in table.constraints:
        match = _ONE_OF.match(str(constraint.sqltext)) if isinstance(constraint, CheckConstraint) else None
        if match:
            found[match[1]] = tuple(ast.literal_eval(match[2]))
    return found


def _column(model: type[SQLModel], column: SqlColumn[Any], checked: dict[str, tuple[Any, ...]]) -> Column:
    field = model.model_fields[column.name]
    kind = _kind(column)
    place = (column.table.name, column.name)
    minimum, maximum = _bounds(kind, field.metadata)
    default = None if field.default is PydanticUndefined else field.default
    words = checked.get(column.name) or WORDS.get(place) or LIST_WORDS.get(place) or ()
    return Column(
        name=column.name,
        kind=kind,
        required=field.is_required(),
        default=default,
        description=_description(field.description or "", kind, default),
        words=tuple(str(word) if isinstance(word, str) else word for word in words),
        minimum=minimum,
        maximum=maximum,
        pattern=next((rule.pattern for rule in field.metadata if getattr(rule, "pattern", None)), ""),
    )


def _kind(column: SqlColumn[Any]) -> Kind:
    kinds: tuple[tuple[type, Kind], ...] = (
        (Money, "money"),
        (TextList, "list"),
        (Boolean, "flag"),
        (Integer, "whole"),
        (Float, "number"),
        (Date, "date"),
    )
    return next((kind for sql_type, kind in kinds if isinstance(column.type, sql_type)), "text")


def _bounds(kind: Kind, metadata: list[Any]) -> tuple[float | None, float | None]:
    """Smallest and largest value: the model's, else what the database can hold."""
    low: float | None = None
    high: float | None = {"whole": LARGEST_INTEGER, "money": LARGEST_MONEY}.get(kind)
    for rule in metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
        above = getattr(rule, "gt", None)
        if above is not None:
            low = above + (SMALLEST_MONEY if kind == "money" else 1)
    return low, high


def _description(text: str, kind: Kind, default: object) -> str:
    parts = [text]
    if kind == "list":
        parts.append("plusieurs codes séparés par « ; »")
    if kind == "flag":
        parts.append("true ou false")
    if default not in (None, "", (), False) and "vide :" not in text:
        shown = "true" if default is True else default
        parts.append(f"vide : {shown}")
    return " ; ".join(part for part in parts if part)


def table_schema(form: TableForm) -> dict[str, Any]:
    """The Frictionless Table Schema of one table."""
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in form.columns],
        "missingValues": [""],
        "primaryKey": list(form.key),
    }
    if form.references:
        schema["foreignKeys"] = [
            {
                "fields": list(reference.columns),
                "reference": {
                    "resource": "" if reference.table == form.name else reference.table,
                    "fields": list(reference.targets),
                },
            }
            for reference in form.references
        ]
    return schema


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    if column.pattern:
        constraints["pattern"] = column.pattern
    if column.words and column.kind != "list":
        constraints["enum"] = list(column.words)
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "description": column.description,
    }
    return {**field, "constraints": constraints} if constraints else field


def data_package() -> dict[str, Any]:
    """The Frictionless descriptor of a whole package (``datapackage.json``)."""
    return {
        "profile": "data-package",
        "name": "cantine",
        "title": "Restauration scolaire d'un département",
        "description": "Tables lues et écrites par « cantine import » et « cantine export ».",
        "version": PACKAGE_VERSION,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": form.name,
                "title": TITLES[form.name],
                "path": f"{form.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True, "header": True},
                "schema": table_schema(form),
            }
            for form in forms().values()
        ],
    }
