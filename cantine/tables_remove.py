"""The page that removes a row: says what uses it, else asks once, then writes the journal."""

from collections.abc import Iterable
from functools import partial

from flask import Flask, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from cantine import table_book, table_form, table_uses, web
from cantine.accounts import guard, journal
from cantine.errors import ConflictError
from cantine.table_pages import NOBODY, Row, TablePage
from cantine.tables_web import BOTH, View, bound, look, name_of

IN_USE = 409
CHANGED = "Un collègue a changé cette ligne entre-temps. Relisez-la avant de la supprimer."


def init_table_removal(app: Flask, pages: Iterable[TablePage]) -> None:
    """Add to every table the page that removes a row."""
    rule = partial(app.add_url_rule, methods=BOTH)
    for page in pages:
        rule(f"{page.path}/<key>/supprimer", f"{page.endpoint}_remove", bound(remove_row, page))


def remove_row(page: TablePage, key: str) -> str | Response | tuple[str, int]:
    """Ask, or say what stands in the way; posted, remove."""
    view = look(page, named=False)
    row = view.get(key)
    view.require("remove", row)
    uses = table_uses.uses_of(web.db(), view.form, row)
    shown = table_form.fingerprint(view.form, row, view.unread(row))
    if request.method == "POST" and not uses:
        if request.form.get("shown") != shown:
            raise ConflictError(CHANGED)
        return _remove(view, key, row)
    name = name_of(row, key)
    answer = render_template("tables/remove.html", page=page, key=key, name=name, uses=uses, shown=shown)
    return (answer, IN_USE) if request.method == "POST" else answer


def _remove(view: View, key: str, row: Row) -> Response:
    try:
        table_uses.remove(web.db(), view.form, row)
        table_book.follow_removal(web.db(), view.page.table, row, web.now(), guard.person().id)
    except IntegrityError as error:
        web.db().rollback()
        raise ConflictError("Cette ligne sert depuis un instant : rien n'est supprimé.") from error
    owner = view.owner(row)
    texts = table_form.texts_of(view.form, row)
    journal.record(
        web.db(),
        user_id=guard.person().id,
        kitchen=owner if owner and owner != NOBODY else "",
        subject="table",
        key=f"{view.page.table}/{key}",
        before={name: text for name, text in texts.items() if text},
        after={},
        now=web.now(),
    )
    journal.erase(web.db(), f"{view.page.table}/{key}", view.page.personal)
    web.db().commit()
    return web.see_other(url_for(view.page.endpoint), f"« {name_of(row, key)} » est supprimé.")
