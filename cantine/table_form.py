"""One row as a form, built from the columns of its table; checked by the rules of an import."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from cantine import tables
from cantine.accounts.forms import FrenchForm
from cantine.errors import Fault
from cantine.package_schema import Column, TableForm
from cantine.package_write import cell_text
from cantine.table_pages import Row, TablePage
from cantine.words import told, word

PREFIX = "c_"
LONG = {"steps", "note"}
MOST_NAMES = 800
_FRENCH_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_FIGURES = {"whole", "number", "money"}
_FIGURE = re.compile(r"^-?\d+(\.\d+)?$")
_EUROS = "Écrivez un montant en euros, au {} près, comme 2,40 : « {} » ne convient pas."
_MOST = "« {} » est trop grand : au plus {} €. Le montant se tape en euros."
CENTS, THOUSANDTHS = 100, 1000

Texts = dict[str, str]
Names = Mapping[str, Mapping[str, str]]


def texts_of(form: TableForm, row: Row) -> Texts:
    """A row as the package would write it."""
    return {column.name: cell_text(row[column.name]) for column in form.columns}


def fingerprint(form: TableForm, row: Row | None, without: Collection[str] = ()) -> str:
    """A short mark of a row as it was shown, to notice that a colleague changed it meanwhile."""
    texts = texts_of(form, row) if row is not None else {}
    content = json.dumps({name: text for name, text in texts.items() if name not in without})
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def heading(page: TablePage, column: Column) -> str:
    """Title of a column: the page's own, else its description without the help."""
    return page.titles.get(column.name) or column.description.split(" ; ")[0]


def _in_a_euro(page: TablePage, column: Column) -> int:
    """How many of the unit of the data make the euro that people type; 1: typed as in the data."""
    return THOUSANDTHS if column.name in page.priced else CENTS if column.in_cents else 1


def shown_text(page: TablePage, column: Column, text: str) -> str:
    """A text of the package as people read and type it: a decimal comma, cents as euros."""
    unit = _in_a_euro(page, column)
    if unit > 1 and _FIGURE.match(text):
        euros = Decimal(text) / unit
        text = f"{euros:.2f}" if euros == round(euros, 2) else f"{euros:f}"
    return text.replace(".", ",") if column.kind in _FIGURES else text


def row_form(
    page: TablePage, form: TableForm, texts: Texts, names: Names, *, new: bool, without: Collection[str] = ()
) -> Any:  # noqa: ANN401 -- flask-wtf is untyped
    """A form with one field per column but ``without``; the key can be typed only for a new row."""
    left_out = {*without, *(() if new else form.key)}
    columns = [column for column in form.columns if column.name not in left_out]
    fields = {PREFIX + column.name: _field(page, column, names) for column in columns}
    data = {
        PREFIX + column.name: _field_value(page, column, texts.get(column.name, "")) for column in columns
    }
    return type("RowForm", (FrenchForm,), fields)(data=data)


def _field(page: TablePage, column: Column, names: Names) -> Field:
    label = heading(page, column)
    hint = page.hints.get(column.name) or " ; ".join(column.description.split(" ; ")[1:])
    needed = {"required": True} if column.required else {}
    if column.kind == "flag":
        return BooleanField(label)
    if column.words and column.kind != "list":
        blank = [] if column.required or column.default else [SelectChoice("", "–")]
        options = [*blank, *(SelectChoice(str(one), word(one)) for one in column.words)]
        return SelectField(label, choices=options, validate_choice=False)
    if column.kind == "list" and column.words:
        hint = f"plusieurs, séparés par « ; » : {', '.join(map(told, column.words))}"
    if column.name in LONG:
        return TextAreaField(label, description=hint, render_kw={"rows": 6, **needed})
    return StringField(label, description=hint, render_kw={**_input(page, column, names), **needed})


def _input(page: TablePage, column: Column, names: Names) -> dict[str, str]:
    """What the browser should know of the field."""
    if column.kind == "date":
        return {"type": "date"}
    if column.kind in _FIGURES:
        whole = column.kind == "whole" and _in_a_euro(page, column) == 1
        return {"inputmode": "numeric" if whole else "decimal", "class_": "ct-figure"}
    known = names.get(column.name)
    return {"list": f"codes-{column.name}"} if known and len(known) <= MOST_NAMES else {}


def _field_value(page: TablePage, column: Column, text: str) -> str | bool:
    return text == "true" if column.kind == "flag" else shown_text(page, column, text)


def typed_texts(page: TablePage, form: TableForm, filled: Any, kept: Texts) -> Texts:  # noqa: ANN401 -- a form made above
    """What was typed, as the package would write it; what has no field is ``kept``."""
    found = dict(kept)
    for column in form.columns:
        field = filled._fields.get(PREFIX + column.name)
        if field is not None:
            found[column.name] = _canonical(page, column, field.data)
    return found


def _canonical(page: TablePage, column: Column, data: object) -> str:
    if column.kind == "flag":
        return "true" if data else "false"
    text = str(data or "").replace("\r\n", "\n").strip()
    if column.kind in _FIGURES:
        figure, unit = re.sub(r"[\s\u00a0\u202f€]", "", text).replace(",", "."), _in_a_euro(page, column)
        return f"{(Decimal(figure) * unit).normalize():f}" if unit > 1 and _FIGURE.match(figure) else figure
    if column.kind == "list":
        return ";".join(part for part in (piece.strip() for piece in re.split(r"[;,]", text)) if part)
    french = _FRENCH_DATE.match(text) if column.kind == "date" else None
    return f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}" if french else text


def check(session: Session, page: TablePage, form: TableForm, texts: Texts, filled: Any) -> Row | None:  # noqa: ANN401 -- a form made above
    """The typed row when it has no fault; else put each fault on its field and return None."""
    preview = tables.read_table(session, form.name, "saisie.csv", _csv(form, texts))
    for fault in preview.faults:
        field = filled._fields.get(PREFIX + (fault.column or ""))
        if field is None:
            filled.form_errors.append(fault.reason)
        else:
            column = form.column(fault.column or "")
            field.errors = [*field.errors, _reason(page, column, texts[column.name], fault, field.data)]
    return preview.rows[0] if preview.rows and not preview.faults else None


def _reason(page: TablePage, column: Column, text: str, fault: Fault, typed: str) -> str:
    """What is wrong, in the unit in which it was typed."""
    unit = _in_a_euro(page, column)
    if unit > 1 and typed and (not text.isdecimal() or int(text) < (column.minimum or 0)):
        return _EUROS.format("centime" if unit == CENTS else "millième", typed)
    if unit > 1 and column.maximum and text.isdecimal() and int(text) > column.maximum:
        return _MOST.format(typed, shown_text(page, column, f"{column.maximum:.0f}"))
    return fault.reason[:1].upper() + fault.reason[1:]


def _csv(form: TableForm, texts: Texts) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([column.name for column in form.columns])
    writer.writerow([texts.get(column.name, "") for column in form.columns])
    return target.getvalue().encode()


def declare(page: TablePage, before: Row, after: Row) -> Row:
    """A figure typed by hand is no longer an estimate, unless the person says so."""
    changed = dict(after)
    for name, origin in page.origins.items():
        if before[name] != after[name] and before[origin] == after[origin]:
            changed[origin] = False if isinstance(after[origin], bool) else "declare"
    return changed


def difference(before: Row | None, after: Row, columns: Sequence[str]) -> tuple[Texts, Texts]:
    """The texts of the columns that differ, before and after, for the journal and the pages."""
    changed = [name for name in columns if before is None or before[name] != after[name]]
    old = {name: cell_text(before[name]) for name in changed} if before is not None else {}
    return old, {
        name: cell_text(after[name]) for name in changed if before is not None or cell_text(after[name])
    }
