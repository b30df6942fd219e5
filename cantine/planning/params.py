"""What the pages of menus read from an address or a form, and where they send back to."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.datastructures import MultiDict

from cantine import web
from cantine.accounts import guard
from cantine.asked import NOT_A_DATE, day_in, days_in, this_day, whole_in
from cantine.errors import CantineError
from cantine.menus.grid import Place
from cantine.menus.versions import Stamp
from optim.terms import Niveau, Slot

__all__ = [
    "NOT_A_DATE",
    "day_in",
    "days_in",
    "diners_in",
    "place_in",
    "stamp",
    "this_day",
    "way_back",
    "whole_in",
]


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
