"""Words as the grid writes them: « 4 – 8 janv. », « lun. 4 », « +0,04 € »."""

import re
from collections.abc import Iterable
from datetime import date

from cantine.french import cents, short_day

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def short_span(first: date, last: date) -> str:
    """Two dates in one breath."""
    end = short_day(last).split(" ", 1)[1]
    start = short_day(first).split(" ", 1)[1]
    if (first.year, first.month) == (last.year, last.month):
        start = start.split(" ")[0]
    return f"{start} – {end}"


def short_weekday(day: date) -> str:
    """The day of the week and its number."""
    return short_day(day).rsplit(" ", 1)[0]


def capitalize_first(text: str) -> str:
    """A sentence starts with a capital; the rest is left alone."""
    return text[:1].upper() + text[1:]


def signed_cents(value: float) -> str:
    """A change of price: « +0,04 € », « −0,02 € »."""
    return f"{'−' if value < 0 else '+'}{cents(abs(value))}"


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
    f.__name__: f
    for f in (short_span, short_weekday, capitalize_first, signed_cents, month_words, without_number)
}
