"""« Annuler » after an act on the menus: one step back, and forth again.

The state before the last act stays in the signed cookie of the person who did it; the button
works as long as nobody, they included, has changed that day since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import flash, session, url_for
from flask import request as asked
from werkzeug.wrappers import Response

from cantine import web
from cantine.clock import time_of
from cantine.french import day as day_words
from cantine.french import moment
from cantine.menus.models import Service
from cantine.menus.undo import State, put_back, state_of
from cantine.menus.versions import EditConflictError, Stamp
from cantine.planning.carry_out import OrdersError, mark_of, put_orders_back
from cantine.planning.carry_out import State as Orders
from cantine.planning.drafts import follow_plan
from cantine.planning.ordered import hold_orders
from cantine.planning.params import day_in, stamp, way_back
from cantine.suppliers.ordering import load_ordering

KEPT = "undo"
ON_THE_GRID = "/menus"


@dataclass(frozen=True)
class Left:
    """A day as an act leaves it, and what its purchases were, with the mark of what they are now."""

    version: int
    orders: tuple[Orders, str] | None


def leave(kitchen: str, day: date, orders: Orders | None = None) -> Left:
    """Read what an act leaves, before it is committed: a colleague's change comes after it, and is noticed.

    ``orders`` is what the purchases planned were, where they changed with the menu.
    """
    web.db().flush()
    row = web.db().get(Service, (kitchen, day))
    mark = (orders, mark_of(web.db(), kitchen, day, orders)) if orders else None
    return Left(row.version if row else 0, mark)


def offer(
    kitchen: str, day: date, before: State, left: Left, said: str, back: str, *, word: str = "Annuler"
) -> None:
    """Keep what the day was, and say what happened with the button that takes it back."""
    place, key = urlsplit(back), {"date": day.isoformat(), "version": left.version}
    session[KEPT] = {
        "kitchen": kitchen,
        **key,
        "state": before,
        "orders": left.orders,
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
    try:
        now, orders = _put_back(kitchen, day, kept, own)
        left = leave(kitchen, day, orders)
    except EditConflictError as conflict:
        web.db().rollback()
        return web.see_other(back, _too_late(conflict), "warn")
    except OrdersError as refused:
        web.db().rollback()
        return web.see_other(back, refused.message, "warn")
    web.db().commit()
    said = f"C'est annulé : le {day_words(day)} est comme avant{', ses commandes aussi' if orders else ''}."
    offer(kitchen, day, now, left, said, back, word="Rétablir")
    return web.see_other(back)


def _put_back(kitchen: str, day: date, kept: Mapping[str, Any], own: Stamp) -> tuple[State, Orders | None]:
    """The day, and its orders where they changed with it, as they were; what they were just now."""
    hold_orders(web.db(), kitchen)
    now = state_of(web.db(), kitchen, day)
    put_back(web.db(), kitchen, day, kept["state"], own)
    if not kept.get("orders"):
        return now, None
    ordering = load_ordering(web.db(), own.today, time_of(own.now))
    orders, left = kept["orders"]
    before = put_orders_back(web.db(), kitchen, day, orders, left, ordering, own)
    follow_plan(web.db(), kitchen, own.today, own.now)
    return now, before


def _too_late(conflict: EditConflictError) -> str:
    who = conflict.line.who if conflict.line else "Un collègue"
    when = f", {moment(conflict.line.at)}" if conflict.line else ""
    return (
        f"{who} a changé le menu du {day_words(conflict.day)} après vous{when}. "
        "Rien n'est annulé : sa version reste en place."
    )
