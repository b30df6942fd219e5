"""Import of a table from a file, with a preview; export of what the list shows."""

import base64
import hashlib
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cantine import table_form, table_list, tables, web
from cantine.errors import CantineError, ConflictError, ForbiddenError, NotFoundError
from cantine.french import plural
from cantine.package_known import hold_rows
from cantine.package_load import Change, Changes
from cantine.package_schema import TableForm
from cantine.package_write import cell_text, csv_bytes, xlsx_bytes
from cantine.table_pages import TablePage
from cantine.tables_web import View, asked, bound, look, note, write

MOST_SHOWN = 200
WRITERS: Mapping[str, tuple[Callable[[TableForm, Iterable[dict[str, Any]]], bytes], str]] = {
    "csv": (partial(csv_bytes, guarded=True), "text/csv; charset=utf-8"),
    "xlsx": (xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def init_table_files(app: Flask, pages: Iterable[TablePage]) -> None:
    """Add import and export of every table to the site."""
    for page in pages:
        app.add_url_rule(f"{page.path}/export.<kind>", f"{page.endpoint}_export", bound(export, page))
        app.add_url_rule(
            f"{page.path}/importer",
            f"{page.endpoint}_import",
            bound(import_file, page),
            methods=["GET", "POST"],
        )


def export(page: TablePage, kind: str) -> Response:
    """The rows of the list as a file; what the person may not see is not in it."""
    if kind not in WRITERS:
        raise NotFoundError
    view = look(page)
    rows = table_list.matching(view.form, view.visible(), view.names, asked(page))
    write, mimetype = WRITERS[kind]
    headers = {"Content-Disposition": f"attachment; filename={page.table}.{kind}"}
    return Response(write(view.form, [dict(row) for row in rows]), mimetype=mimetype, headers=headers)


def import_file(page: TablePage) -> str | BaseResponse | tuple[str, int]:
    """Send a file, look at what it changes, then confirm."""
    if request.method == "GET":
        return _page(look(page))
    name, data = _sent()
    hold_rows(web.db(), table_list.table_form(page))
    view = look(page)
    preview = tables.read_table(web.db(), page.table, name, data)
    if preview.faults:
        return _page(view, faults=preview.faults, name=name), 422
    changes = preview.changes
    for row in [*changes.added, *(change.after for change in changes.changed)]:
        if not view.may("import", row):
            raise ForbiddenError("Ce fichier contient des lignes d'une cuisine qui n'est pas la vôtre.")
    mark = _mark(changes)
    if request.form.get("mark") == mark:
        return _write(view, preview)
    content = base64.b64encode(data).decode()
    late = "mark" in request.form
    return _page(view, preview=preview, name=name, content=content, mark=mark, late=late)


def _sent() -> tuple[str, bytes]:
    """Name and bytes of the file, sent now or carried from the preview."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return upload.filename, upload.read()
    try:
        return request.form.get("name", ""), base64.b64decode(request.form["content"], validate=True)
    except (KeyError, Base64Error) as error:
        raise CantineError("Choisissez d'abord un fichier .csv ou .xlsx.") from error


def _mark(changes: Changes) -> str:
    """A mark of the changes shown, so that what is confirmed is what was seen."""
    shown = repr((changes.added, [(one.before, one.after) for one in changes.changed]))
    return hashlib.sha256(shown.encode()).hexdigest()[:20]


def _write(view: View, preview: tables.Preview) -> BaseResponse:
    changes = preview.changes
    if len(write(view, preview.rows).added) != len(changes.added):
        raise ConflictError
    for row in changes.added:
        note(view, table_list.key_text(view.form, row), None, row)
    for change in changes.changed:
        note(view, table_list.key_text(view.form, change.after), change.before, change.after)
    web.db().commit()
    added, changed = len(changes.added), len(changes.changed)
    told = (
        plural(added, "ligne ajoutée", "lignes ajoutées"),
        plural(changed, "changée"),
        plural(changes.unchanged, "identique"),
    )
    message = f"Import fait\u00a0: {', '.join(told)}."
    return web.see_other(url_for(view.page.endpoint), message)


def _page(view: View, **shown: object) -> str:
    preview = shown.get("preview")
    changed = []
    if isinstance(preview, tables.Preview):
        changed = [_changed(view, change) for change in preview.changes.changed[:MOST_SHOWN]]
    return render_template("tables/import.html", page=view.page, form=view.form, changed=changed, **shown)


def _changed(view: View, change: Change) -> tuple[str, list[tuple[str, str, str]]]:
    """A changed row: its key, then each column before and after."""
    shown = partial(table_form.shown_text, view.page)
    lines = [
        (
            table_form.heading(view.page, column),
            shown(column, cell_text(change.before[column.name])),
            shown(column, cell_text(change.after[column.name])),
        )
        for column in map(view.form.column, change.columns)
    ]
    return table_list.key_text(view.form, change.after), lines
