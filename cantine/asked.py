"""What pages of any room read from an address or a form: dates, numbers, weights, and today."""

from datetime import date
from decimal import Decimal, InvalidOperation

from werkzeug.datastructures import MultiDict

from cantine import web
from cantine.clock import today_of
from cantine.errors import CantineError
from cantine.kitchens.settings import today

NOT_A_DATE = "La date attendue ressemble à 2027-01-05."
YEARS = range(2000, 2100)
"""Far from the ends of the calendar, where weeks cannot be counted."""
MOST = 10_000_000


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


def decimal_in(values: MultiDict[str, str], name: str) -> Decimal | None:
    """A number written as people do (« 12,50 », « 1 240 », « −18 »); None where nothing is written.

    Raises:
        CantineError: it cannot be read.
    """
    text = values.get(name, "").strip()
    plain = "".join(text.split()).replace(",", ".").replace("\u2212", "-")
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise CantineError(f"« {text[:20]} » n'est pas un nombre. Exemple : 12,50.") from error
    if not number.is_finite() or abs(number) > MOST:
        raise CantineError(f"« {text[:20]} » n'est pas un nombre. Exemple : 12,50.")
    return number
