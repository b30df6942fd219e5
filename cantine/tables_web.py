"""The pages of every table: list, one row, new row. Import and export are in ``tables_files``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from flask import Flask, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from cantine import table_book, table_form, table_list, tables, web
from cantine.accounts import access, drafts, guard, journal, small_counts
from cantine.errors import ConflictError, NotFoundError
from cantine.package_known import database_rows, hold_rows
from cantine.package_load import Changes
from cantine.package_schema import TableForm
from cantine.package_write import cell_text
from cantine.table_form import Texts
from cantine.table_list import Request
from cantine.table_pages import NOBODY, Row, TablePage

CONFLICT = 409
BOTH = ["GET", "POST"]
TAKEN = "« {} » existe déjà : ouvrez cette ligne pour la changer."


@dataclass(frozen=True)
class View:
    """One request on one table: rows, owners and what the person may see and do."""

    page: TablePage
    form: TableForm
    rows: Mapping[str, Row]
    names: table_list.Names
    owner: Callable[[Row], str | None]

    def may(self, verb: str, row: Row) -> bool:
        """Whether the person may do ``verb`` (edit, new, import) on this row."""
        return guard.person().may(f"{self.page.endpoint}_{verb}", self.owner(row))

    def require(self, verb: str, row: Row) -> None:
        """Refuse unless they may."""
        guard.require(f"{self.page.endpoint}_{verb}", self.owner(row))

    def visible(self) -> list[Row]:
        """Rows the person may read, small counts hidden from those who do not need them."""
        grants = guard.person().grants
        rule = access.ACCESS[self.page.endpoint]
        rows = [
            row
            for row in self.rows.values()
            if not self.page.private or access.holds(rule, grants, self.owner(row))
        ]
        return [small_counts.shown(row, grants, self.owner(row)) for row in rows]

    def unread(self, row: Row | None) -> frozenset[str]:
        """Columns of a row that the person may not read, so does not write either."""
        owner = self.owner(row) if row is not None else None
        return small_counts.unread(self.page.secret, guard.person().grants, owner)

    def get(self, key: str) -> Row:
        """The row of this key; when something is sent, held until the answer."""
        row = self.rows.get(key)
        if row is not None and request.method == "POST":
            row = hold_rows(web.db(), self.form, row)
        if row is None:
            raise NotFoundError(f"« {key} » n'existe pas, ou plus, dans la table « {self.page.title} ».")
        return row


def bound(view: Callable[..., ResponseReturnValue], page: TablePage) -> Callable[..., ResponseReturnValue]:
    """``view`` for one table; a partial would have no name for Flask-WTF."""

    @wraps(view)
    def call(**arguments: str) -> ResponseReturnValue:
        return view(page, **arguments)

    return call


def init_tables(app: Flask, pages: Iterable[TablePage]) -> None:
    """Add the pages of every table to the site."""
    app.extensions["table_pages"] = tuple(pages)
    app.add_url_rule("/donnees", "tables.hub", hub)
    for page in app.extensions["table_pages"]:
        rule = partial(app.add_url_rule, methods=BOTH)
        app.add_url_rule(page.path, page.endpoint, bound(show_list, page))
        rule(f"{page.path}/nouveau", f"{page.endpoint}_new", bound(new_row, page))
        rule(f"{page.path}/<key>/modifier", f"{page.endpoint}_edit", bound(edit_row, page))


def look(page: TablePage, *, named: bool = True) -> View:
    """Read the table for this request, with the names behind its codes unless only rows count."""
    form = table_list.table_form(page)
    rows = {table_list.key_text(form, row): row for row in database_rows(web.db(), form).values()}
    owner = page.owners(web.db()) if page.owners else None
    names = table_list.names_of(web.db(), form) if named else {}
    return View(page, form, rows, names, owner or (lambda _row: None))


def hub() -> str:
    """All tables, with how many rows each holds."""
    pages = [
        (page, len(look(page, named=False).visible()))
        for page in current_app.extensions["table_pages"]
        if page.listed and guard.may(page.endpoint)
    ]
    return render_template("tables/hub.html", pages=pages)


def asked(page: TablePage) -> Request:
    """What the address asks of the list; an order would tell the counts that are hidden."""
    sort = request.args.get("tri", "")
    name = sort.removeprefix("-")
    return Request(
        query=request.args.get("q", ""),
        filters={name: request.args.get(name, "") for name in page.filters},
        sort="" if name in page.secret else name,
        descending=sort.startswith("-"),
        page=max(1, request.args.get("page", 1, type=web.whole)),
    )


def show_list(page: TablePage) -> str:
    """The list."""
    view, wanted = look(page), asked(page)
    rows = view.visible()
    found = table_list.matching(view.form, rows, view.names, wanted)
    last = table_list.pages(len(found))
    number = min(wanted.page, last)
    start = (number - 1) * table_list.PAGE
    return render_template(
        "tables/list.html",
        page=page,
        asked=wanted,
        heads=_heads(view, wanted),
        lines=[_line(view, row) for row in found[start : start + table_list.PAGE]],
        count=len(found),
        everything=len(rows),
        number=number,
        last=last,
        filters=_filters(view, rows, wanted),
        address=_address,
    )


def _heads(view: View, wanted: Request) -> list[dict[str, object]]:
    """Column titles with the state and the address of their sort."""
    heads: list[dict[str, object]] = []
    for name in view.page.shown:
        if name == view.page.total:
            heads.append({"title": view.page.titles[name], "numeric": True, "name": ""})
            continue
        column = view.form.column(name)
        here = wanted.sort == name
        state = ("descending" if wanted.descending else "ascending") if here else ""
        following = f"-{name}" if here and not wanted.descending else name
        sortable = name not in view.page.secret
        heads.append(
            {
                "title": table_form.heading(view.page, column),
                "numeric": column.kind in table_list.NUMERIC and name not in view.names,
                "name": name if sortable else "",
                "state": state,
                "url": _address(tri=following, page=None),
            }
        )
    return heads


def _line(view: View, row: Row) -> dict[str, object]:
    key = table_list.key_text(view.form, row)
    page = view.page
    edit = url_for(f"{page.endpoint}_edit", key=key) if view.may("edit", row) else ""
    sheet = url_for(page.sheet, code=key) if page.sheet in current_app.view_functions else ""
    cells = [table_list.cell(page, view.form, row, name, view.names) for name in page.shown]
    return {"key": key, "cells": cells, "edit": edit, "sheet": sheet}


def _filters(view: View, rows: Sequence[Row], wanted: Request) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "title": table_form.heading(view.page, view.form.column(name)),
            "choices": table_list.choices(view.form, rows, view.names, name),
            "value": (wanted.filters or {}).get(name, ""),
        }
        for name in view.page.filters
    ]


def _address(**changes: str | int | None) -> str:
    """The address of the list with some of its questions changed."""
    kept: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for(request.endpoint or "", **{name: value for name, value in kept.items() if value})


def edit_row(page: TablePage, key: str) -> str | Response | tuple[str, int]:
    """One row: shown, checked, saved; refused with both versions if a colleague was faster."""
    view = look(page)
    before = view.get(key)
    view.require("edit", before)
    texts, unread = table_form.texts_of(view.form, before), view.unread(before)
    filled = table_form.row_form(page, view.form, texts, view.names, new=False, without=unread)
    if filled.validate_on_submit():
        typed = table_form.typed_texts(page, view.form, filled, texts)
        if request.form.get("shown") != table_form.fingerprint(view.form, before, unread):
            return _conflict(view, key, before, typed), CONFLICT
        after = table_form.check(web.db(), page, view.form, typed, filled)
        if after is not None:
            after = table_form.declare(page, before, after)
            view.require("edit", after)
            return _save(view, key, before, after)
    return _row_page(view, filled, key, before)


def new_row(page: TablePage) -> str | Response:
    """A new row."""
    view = look(page)
    blank: Texts = {column.name: _default(column.default) for column in view.form.columns}
    filled = table_form.row_form(page, view.form, blank, view.names, new=True, without=view.unread(None))
    if filled.validate_on_submit():
        typed = table_form.typed_texts(page, view.form, filled, blank)
        after = table_form.check(web.db(), page, view.form, typed, filled)
        if after is not None and (key := table_list.key_text(view.form, after)) in view.rows:
            filled.form_errors.append(TAKEN.format(key))
        elif after is not None:
            view.require("new", after)
            return _save(view, table_list.key_text(view.form, after), None, after)
    return _row_page(view, filled, "", None)


def _default(value: object) -> str:
    return cell_text(value)


def _row_page(view: View, filled: Any, key: str, before: Row | None) -> str:  # noqa: ANN401 -- flask-wtf is untyped
    return render_template(
        "tables/row.html",
        page=view.page,
        form=filled,
        prefix=table_form.PREFIX,
        key=key,
        name=name_of(before, key),
        removable=before is not None and view.may("remove", before),
        shown=table_form.fingerprint(view.form, before, view.unread(before)),
        names=view.names,
        most_names=table_form.MOST_NAMES,
        estimated={
            name
            for name, origin in view.page.origins.items()
            if before and before[origin] in table_list.ESTIMATES
        },
    )


def name_of(row: Row | None, key: str) -> str:
    """How people call a row: its name, else its key."""
    return str(row["name"]) if row is not None and "name" in row else key.replace("~", ", ")


def _save(view: View, key: str, before: Row | None, after: Row) -> Response:
    changes = write(view, [dict(after)])
    if before is None and not changes.added:
        raise ConflictError(TAKEN.format(key))
    note(view, key, before, after)
    drafts.forget(web.db(), guard.person().id, request.path)
    web.db().commit()
    target = (
        url_for(view.page.endpoint, q=name_of(after, key))
        if view.page.sheet == ""
        else url_for(view.page.endpoint)
    )
    return web.see_other(target, f"« {name_of(after, key)} » est enregistré.")


def write(view: View, rows: list[dict[str, Any]]) -> Changes:
    """Write rows that were checked.

    Raises:
        ConflictError: somebody added or removed one of them, or what it refers to, at the same instant.
    """
    try:
        changes = tables.write_table(web.db(), view.page.table, rows)
        table_book.follow(web.db(), [changes], web.now(), guard.person().id)
    except IntegrityError as error:
        web.db().rollback()
        raise ConflictError from error
    return changes


def note(view: View, key: str, before: Row | None, after: Row) -> None:
    """Write the change of one row in the journal."""
    old, new = table_form.difference(before, after, [column.name for column in view.form.columns])
    if old == new:
        return
    owner = view.owner(after)
    journal.record(
        web.db(),
        user_id=guard.person().id,
        kitchen=owner if owner and owner != NOBODY else "",
        subject="table",
        key=f"{view.page.table}/{key}",
        before=old,
        after=new,
        now=web.now(),
    )
    emptied = [name for name in view.page.personal if old.get(name) and not new.get(name)]
    if emptied:
        journal.erase(web.db(), f"{view.page.table}/{key}", emptied)


def _conflict(view: View, key: str, before: Row, mine: Texts) -> str:
    """Both versions, side by side, and the choice."""
    theirs = table_form.texts_of(view.form, before)
    columns = [column for column in view.form.columns if theirs[column.name] != mine[column.name]]
    shown = partial(table_form.shown_text, view.page)
    return render_template(
        "tables/conflict.html",
        page=view.page,
        key=key,
        name=name_of(before, key),
        last=journal.latest(web.db(), "table", f"{view.page.table}/{key}"),
        rows=[
            (table_form.heading(view.page, one), shown(one, theirs[one.name]), shown(one, mine[one.name]))
            for one in columns
        ],
        mine=request.form,
        shown=table_form.fingerprint(view.form, before, view.unread(before)),
    )
