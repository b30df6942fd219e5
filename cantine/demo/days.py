"""School days of any year: those of the calendar, else those of the same weeks of the year it knows."""

from collections.abc import Iterator
from datetime import date, timedelta

from cantine.kitchens.headcount import SchoolCalendar

YEAR = timedelta(weeks=52)
PUBLIC_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
"""Month and day of the public holidays whose date does not move (Code du travail, L3133-1)."""


def school_days(calendar: SchoolCalendar, year: int) -> Iterator[date]:
    """Days with school of a year, invented where the calendar does not reach."""
    if not calendar.closed or calendar.last is None:
        return
    first = min(calendar.closed)
    day = date(year, 1, 1)
    while day.year == year:
        known = day if first <= day <= calendar.last else _counterpart(day, first)
        if calendar.is_open(known) and (day.month, day.day) not in PUBLIC_HOLIDAYS:
            yield day
        day += timedelta(days=1)


def _counterpart(day: date, first: date) -> date:
    """The same weekday about the same date, in the year that the calendar knows."""
    years = -((day - first) // YEAR)
    return day + years * YEAR
