"""What the pages of menus read from an address or a form, and where they send back to."""

from datetime import date
from urllib.parse import urlsplit

from flask import request
from werkzeug.datastructures import MultiDict

from cantine import web
from cantine.accounts import guard
from cantine.clock import today_of
from cantine.errors import CantineError
from cantine.kitchens.settings import today
from cantine.menus.grid import Place
from cantine.menus.versions import Stamp
from optim.terms import Niveau, Slot

NOT_A_DATE = "La date attendue ressemble à 2027-01-05."
YEARS = range(2000, 2100)
"""Far from the ends of the calendar, where weeks cannot be counted."""


def this_day() -> date:
    """Today, as the site tells it."""
    return today(web.db(), today_of(web.now()))


def day_in(values: MultiDict[str, str], name: str, default: date | None = None) -> date:
    """A date of the address or the form.

    Raises:
        CantineError: it cannot be read.
    """
    text = values.get(name, "")
    return default if not text and default is not None else _day(text)


def days_in(values: MultiDict[str, str], name: str) -> list[date]:
    """The dates ticked in a form.

    Raises:
        CantineError: one of them cannot be read.
    """
    return [_day(text) for text in values.getlist(name)]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CantineError(NOT_A_DATE) from error
    if day.year not in YEARS:
        raise CantineError(NOT_A_DATE)
    return day


def whole_in(values: MultiDict[str, str], name: str, default: int | None = None) -> int:
    """A whole number of the address or the form.

    Raises:
        CantineError: it cannot be read.
    """
    text = values.get(name, "").strip()
    if not text and default is not None:
        return default
    try:
        return web.whole(text)
    except ValueError as error:
        raise CantineError(f"« {text[:20]} » n'est pas un nombre entier. Exemple : 120.") from error


def place_in(values: MultiDict[str, str]) -> Place:
    """One place of the menus: date, component, choice.

    Raises:
        CantineError: it is no place.
    """
    slot, choice = values.get("composante", ""), whole_in(values, "rang", 1)
    if slot not in set(Slot) or not 1 <= choice <= 3:  # noqa: PLR2004 -- three choices at most
        raise CantineError
    return day_in(values, "date"), Slot(slot), choice


def diners_in(values: MultiDict[str, str]) -> dict[Niveau, int]:
    """Headcount by class; a class that is not asked is empty."""
    return {niveau: whole_in(values, niveau.value, 0) for niveau in Niveau}


def stamp() -> Stamp:
    """Who edits now, from which version."""
    return Stamp(
        user_id=guard.person().id,
        now=web.now(),
        today=this_day(),
        version=whole_in(request.form, "version", 0),
    )


def way_back(default: str, anchor: str = "") -> str:
    """Where the form came from, on this site only, at the place that changed."""
    target = web.safe_next(request.form.get("retour")) or default
    return urlsplit(target)._replace(fragment=anchor).geturl()
