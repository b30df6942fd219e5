"""Words as the grid writes them: « 4 – 8 janv. », « lun. 4 », « +0,04 € »."""

import re
from collections.abc import Iterable
from datetime import date

from cantine.french import cents, number, short_day
from cantine.menus.grid import monday_of
from optim.rules.words import MONTHS


def short_span(first: date, last: date) -> str:
    """Two dates in one breath."""
    end = short_day(last).split(" ", 1)[1]
    start = short_day(first).split(" ", 1)[1]
    if (first.year, first.month) == (last.year, last.month):
        start = start.split(" ")[0]
    return f"{start} – {end}"


def monday(day: date) -> date:
    """First day of the week of a date."""
    return monday_of(day)


def short_weekday(day: date) -> str:
    """The day of the week and its number."""
    return short_day(day).rsplit(" ", 1)[0]


def capitalize_first(text: str) -> str:
    """A sentence starts with a capital; the rest is left alone."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """A name in the middle of a sentence; the rest is left alone."""
    return text[:1].lower() + text[1:]


def hour(clock: str) -> str:
    """« 12:00 » as « 12 h », « 11:30 » as « 11 h 30 »."""
    hours, _, minutes = clock.partition(":")
    return f"{int(hours)}\u00a0h" + (f"\u00a0{minutes}" if minutes.strip("0") else "")


def signed_cents(value: float) -> str:
    """A change of price: « +0,04 € », « −0,02 € »."""
    return f"{'−' if value < 0 else '+'}{cents(abs(value))}"


def signed_number(value: float, decimals: int = 0) -> str:
    """A change: « +0,4 », « −0,25 », « 0,0 » where it rounds to nothing."""
    told = number(abs(value), decimals)
    return told if not told.strip("0,") else f"{'−' if value < 0 else '+'}{told}"


def month_words(months: Iterable[int]) -> str:
    """Months of the season, « toute l'année » for the twelve of them."""
    known = sorted(months)
    if len(known) == len(MONTHS):
        return "toute l'année"
    return ", ".join(MONTHS[month - 1] for month in known) or "aucun mois commun à tous les produits frais"


def without_number(step: str) -> str:
    """A step without the number typed before it: the list numbers it."""
    return re.sub(r"^\s*\d+\s*[.)]\s*", "", step)


FILTERS = {
    function.__name__: function
    for function in (
        monday,
        short_span,
        short_weekday,
        capitalize_first,
        lower_first,
        hour,
        signed_cents,
        signed_number,
        month_words,
        without_number,
    )
}
