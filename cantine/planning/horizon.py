"""Which services a plan covers, and which served ones it must remember."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from sqlmodel import Session, col, select

from cantine.errors import CantineError
from cantine.kitchens.headcount import load_calendar, load_diners, service_dates
from cantine.kitchens.models import Kitchen
from cantine.menus.models import Dish, Service
from optim import instance as question
from optim.terms import Niveau
from optim.units import BLOCK


@dataclass(frozen=True)
class Horizon:
    """Served services (whole blocks, the open one included) then the services to plan."""

    services: tuple[question.Service, ...]

    @property
    def planned(self) -> tuple[question.Service, ...]:
        """The services to plan."""
        return tuple(s for s in self.services if not s.served)

    @property
    def first(self) -> date:
        """Date of the first service to plan."""
        return self.planned[0].date

    @property
    def last(self) -> date:
        """Date of the last service to plan."""
        return self.planned[-1].date


def find_horizon(session: Session, kitchen: Kitchen, first: date, count: int) -> Horizon:
    """The ``count`` services of a kitchen from ``first`` on, after those it already served.

    Blocks of 20 are counted from the first service ever recorded. Services excluded by the
    chief are left out.

    Raises:
        CantineError: no service in that period.
    """
    statement = select(Service).where(Service.kitchen == kitchen.code).order_by(col(Service.date))
    rows = {row.date: row for row in session.exec(statement)}
    planned = _to_plan(session, kitchen, rows, first, count)
    if not planned:
        raise CantineError(
            f"Aucun service à planifier à partir du {first:%d/%m/%Y} : la cuisine est fermée, sans convives, "
            "ou le calendrier scolaire n'est pas connu."
        )
    with_dishes = set(session.exec(select(col(Dish.date)).where(Dish.kitchen == kitchen.code)))
    past = [
        row
        for day, row in rows.items()
        if day < planned[0].date and day in with_dishes and row.status != "exclu"
    ]
    kept = past[-(BLOCK + len(past) % BLOCK) :]
    history = [question.Service(date=row.date, diners=diners_of(row), served=True) for row in kept]
    return Horizon((*history, *planned))


def _to_plan(
    session: Session, kitchen: Kitchen, rows: dict[date, Service], first: date, count: int
) -> list[question.Service]:
    usual = load_diners(session, kitchen.code)
    services = (
        question.Service(date=day, diners=diners_of(rows[day]) if day in rows else usual.on(day))
        for day in service_dates(kitchen, load_calendar(session), first)
        if day not in rows or rows[day].status != "exclu"
    )
    return list(islice((service for service in services if service.meals), count))


def diners_of(row: Service) -> dict[Niveau, int]:
    """Headcount of a service by class."""
    return {niveau: getattr(row, niveau.value) for niveau in Niveau}


def days_after_closing(kitchen: Kitchen, services: tuple[question.Service, ...]) -> frozenset[date]:
    """Services whose day before the kitchen was closed: no work the day before."""
    weekdays = {int(digit) for digit in kitchen.service_days}
    known = {s.date for s in services}
    closed = set()
    for service in services:
        eve = service.date - timedelta(days=1)
        if eve.isoweekday() not in weekdays or (eve not in known and service.date != services[0].date):
            closed.add(service.date)
    return frozenset(closed)
