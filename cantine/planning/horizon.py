"""Which services a plan covers, which served ones it must remember, which later ones it keeps."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from cantine.errors import NothingToPlanError
from cantine.kitchens.models import Kitchen
from cantine.menus.grid import Days, load_days
from optim import instance as question
from optim.units import BLOCK

KEPT_AHEAD = BLOCK
"""Meals after the asked ones whose menus, where they have one, are kept and bought with them.

It covers the rest of any block of 20, the longest time before a dish may come back (15 meals) and
what fresh food keeps; beyond, only groceries could feed both, and their deliveries stay as planned.
"""


@dataclass(frozen=True)
class Horizon:
    """Served services (whole blocks, the open one included), the asked ones, the kept ones."""

    services: tuple[question.Service, ...]
    kept: frozenset[date] = frozenset()
    without_menu: tuple[date, ...] = ()
    """Meals left without a menu, that count in their block of 20."""

    @property
    def planned(self) -> tuple[question.Service, ...]:
        """The services to plan, or whose purchases are planned again."""
        return tuple(s for s in self.services if not s.served)

    @property
    def dates(self) -> frozenset[date]:
        """Dates of these services."""
        return frozenset(s.date for s in self.planned)

    @property
    def first(self) -> date:
        """Date of the first service to plan."""
        return self.planned[0].date

    @property
    def last(self) -> date:
        """Date of the last service to plan, or kept."""
        return self.planned[-1].date

    def leaving(self, days: Collection[date]) -> "Horizon":
        """The same without some of the kept services: their menus and purchases stay as they are."""
        return Horizon(
            tuple(s for s in self.services if s.date not in days),
            self.kept - set(days),
            tuple(sorted({*self.without_menu, *days})),
        )


def find_horizon(session: Session, kitchen: Kitchen, first: date, count: int, today: date) -> Horizon:
    """The ``count`` services of a kitchen from ``first`` on, what was before, and what is kept after.

    Meals are counted as the grid counts them, so that both cut the same blocks of 20. Services
    excluded by the chief are left out.

    Raises:
        NothingToPlanError: no service in that period.
    """
    days = load_days(session, kitchen, min(first, today))
    dates = days.meal_dates(ahead=None)
    start = bisect_left(dates, first)
    end = min(start + count, len(dates))
    if start == end:
        raise NothingToPlanError(
            f"Aucun service à planifier à partir du {first:%d/%m/%Y} : la cuisine est fermée, sans convives, "
            "ou le calendrier scolaire n'est pas connu."
        )
    kept = [day for day in dates[end : end + KEPT_AHEAD] if day in days.with_dishes]
    # The calendar of the question: from the block before the open one to the last meal kept.
    known = dates[max(0, (start // BLOCK - 1) * BLOCK) : dates.index(kept[-1]) + 1 if kept else end]
    return _horizon(days, known, frozenset(dates[start:end]), frozenset(kept))


def _horizon(days: Days, known: Sequence[date], asked: frozenset[date], kept: frozenset[date]) -> Horizon:
    first = min(asked)
    services = tuple(
        question.Service(
            date=day,
            diners=days.diners(day),
            by_line=days.by_line(day),
            served=day < first,
            theme=days.theme(day),
        )
        for day in known
        if day in asked or day in days.with_dishes
    )
    there = {service.date for service in services}
    return Horizon(services, kept, tuple(day for day in known if day not in there))


def days_after_closing(
    kitchen: Kitchen, services: tuple[question.Service, ...], without_menu: Collection[date] = ()
) -> frozenset[date]:
    """Services whose day before the kitchen was closed: no work the day before."""
    weekdays = {int(digit) for digit in kitchen.service_days}
    known = {s.date for s in services} | set(without_menu)
    closed = set()
    for service in services:
        eve = service.date - timedelta(days=1)
        if eve.isoweekday() not in weekdays or (eve not in known and service.date != services[0].date):
            closed.add(service.date)
    return frozenset(closed)
