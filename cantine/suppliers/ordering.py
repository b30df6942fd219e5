"""Until when a delivery may be ordered: read by the search, the pages, the panels and the papers alike.

An order leaves on a working day (``SchoolCalendar.working``), before the hour of its supplier. A day of the
school holidays is one: suppliers take orders then, and the first meals of a term are ordered during them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlmodel import Session

from cantine.kitchens.headcount import SchoolCalendar, load_calendar
from cantine.kitchens.settings import load_settings
from cantine.suppliers.market import delivery_dates
from cantine.suppliers.models import Supplier

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ordering:
    """When somebody asks: the calendar of the département, the day, the time in France."""

    calendar: SchoolCalendar
    today: date
    hour: time = time.min

    def deadline(self, supplier: Supplier, delivery: date) -> date:
        """Last day to order: the supplier's delay before the delivery, or the working day before that."""
        day = delivery - supplier.lead_days * DAY
        while not self.calendar.working(day):
            day -= DAY
        return day

    def too_late(self, supplier: Supplier, delivery: date) -> bool:
        """Whether the last day is over, or its hour."""
        passed = self.hour >= time.fromisoformat(supplier.cutoff_hour)
        return self.deadline(supplier, delivery) < self.today + passed * DAY

    def deliveries(self, supplier: Supplier, first: date, last: date) -> Iterator[date]:
        """Days of delivery between two dates for which an order may still leave."""
        days = delivery_dates(supplier, self.calendar, first, last)
        return (day for day in days if not self.too_late(supplier, day))


def load_ordering(session: Session, today: date, hour: time = time.min) -> Ordering:
    """What a kitchen may still order; a demonstration lives the morning of its day."""
    at = time.min if load_settings(session).demonstration else hour
    return Ordering(load_calendar(session), today, at)
