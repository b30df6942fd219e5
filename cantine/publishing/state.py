"""How far the menus of a kitchen are published: days told, and days that are not yet."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from cantine.kitchens.headcount import get_kitchen
from cantine.menus.announced import announcements, told
from cantine.menus.grid import load_days, load_dishes, monday_of, weeks_between
from cantine.publishing.served import PUBLISHED

WEEKS = 4


@dataclass(frozen=True)
class WeekState:
    """One week: its days of service, those told outside, those told once and open again."""

    monday: date
    days: int
    published: int
    reopened: tuple[date, ...]

    @property
    def whole(self) -> bool:
        """Whether every day of service is told."""
        return self.published == self.days


def week_states(session: Session, kitchen: str, today: date) -> tuple[WeekState, ...]:
    """This week and the next ones; weeks without service are left out."""
    row, monday = get_kitchen(session, kitchen), monday_of(today)
    last = monday + timedelta(days=7 * WEEKS - 1)
    days = load_days(session, row, today)
    before = announcements(session, kitchen, monday, last)
    found = []
    for week in weeks_between(days, load_dishes(session, kitchen, monday, last), monday, last):
        published = [day for day in week.served if day.status in PUBLISHED and day.dishes]
        reopened = tuple(
            day.date
            for day in week.served
            if day.status == "prevu" and day.date in before and told(before[day.date][-1])
        )
        found.append(WeekState(week.monday, len(week.served), len(published), reopened))
    return tuple(found)
