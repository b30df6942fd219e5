"""« Annuler » after an act on the menus: one step back, and forth again.

The state before the last act stays in the signed cookie of the person who did it; the button
works as long as nobody, they included, has changed that day since.
"""

from datetime import date
from urllib.parse import urlsplit

from flask import flash, session, url_for
from flask import request as asked
from werkzeug.wrappers import Response

from cantine import web
from cantine.french import day as day_words
from cantine.french import moment
from cantine.menus.models import Service
from cantine.menus.undo import State, put_back, state_of
from cantine.menus.versions import EditConflictError
from cantine.planning.params import day_in, stamp, way_back

KEPT = "undo"
ON_THE_GRID = "/menus"


def offer(kitchen: str, day: date, before: State, said: str, back: str, *, word: str = "Annuler") -> None:
    """Keep what the day was, and say what happened with the button that takes it back."""
    row = web.db().get(Service, (kitchen, day))
    place, key = urlsplit(back), {"date": day.isoformat(), "version": row.version if row else 0}
    session[KEPT] = {
        "kitchen": kitchen,
        **key,
        "state": before,
        "button": {
            "word": word,
            "url": url_for("menus.undo", kitchen=kitchen),
            "fields": {**key, "retour": place._replace(fragment="").geturl(), "ancre": place.fragment},
            "swap": ON_THE_GRID in place.path,
            "focus": _focus(place.fragment),
        },
    }
    flash(said, KEPT)


def _focus(anchor: str) -> str:
    """The link inside a cell of the grid, or the head of a day."""
    return ("w" if anchor.startswith("j-") else "a") + anchor


def undo(kitchen: str) -> Response:
    """Make the day what it was before the last act, unless it changed again meanwhile."""
    day, kept = day_in(asked.form, "date"), session.get(KEPT) or {}
    back = way_back(url_for("menus.grid", kitchen=kitchen, du=day), asked.form.get("ancre", ""))
    own = stamp()
    if (kept.get("kitchen"), kept.get("date"), kept.get("version")) != (
        kitchen,
        day.isoformat(),
        own.version,
    ):
        words = "Ce changement n'est plus le dernier : rien n'est annulé. Changez le plat à la main."
        return web.see_other(back, words, "warn")
    now = state_of(web.db(), kitchen, day)
    try:
        put_back(web.db(), kitchen, day, kept["state"], own)
    except EditConflictError as conflict:
        web.db().rollback()
        return web.see_other(back, _too_late(conflict), "warn")
    web.db().commit()
    said = f"C'est annulé : le {day_words(day)} est comme avant."
    offer(kitchen, day, now, said, back, word="Rétablir")
    return web.see_other(back)


def _too_late(conflict: EditConflictError) -> str:
    who = conflict.line.who if conflict.line else "Un collègue"
    when = f", {moment(conflict.line.at)}" if conflict.line else ""
    return (
        f"{who} a changé le menu du {day_words(conflict.day)} après vous{when}. "
        "Rien n'est annulé : sa version reste en place."
    )
