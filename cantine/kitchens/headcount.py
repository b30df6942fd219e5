"""Days of service of a kitchen, and the diners expected on each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.kitchens.models import ClosedDay, Closure, Kitchen, Site, SiteDiners
from optim.terms import Niveau

Diners = Mapping[Niveau, int]
PAI_ORDER = (Niveau.COLLEGE, Niveau.ELEMENTAIRE, Niveau.MATERNELLE)
"""Classes from which the paniers-repas PAI are deducted, in this order: adults have none."""
MAX_SEARCH_DAYS = 400
FRIDAY = 5
RECEIVING_DAYS = 3
"""Working days before a reopening when a kitchen receives goods (usage: the agents' return)."""


def get_kitchen(session: Session, code: str) -> Kitchen:
    """The kitchen of this code.

    Raises:
        NotFoundError: no such kitchen; names near ones.
    """
    kitchen = session.get(Kitchen, code)
    if kitchen is None:
        near = session.exec(
            select(Kitchen.code).where(col(Kitchen.code).contains(code[:4].upper())).limit(3)
        ).all()
        hint = f" Peut-être : {', '.join(near)} ?" if near else ""
        raise NotFoundError(f"La cuisine « {code} » n'existe pas.{hint}")
    return kitchen


@dataclass(frozen=True)
class SchoolCalendar:
    """Closed days; beyond ``last`` nothing is known and nothing is promised."""

    closed: Mapping[date, str]
    last: date | None

    def is_open(self, day: date) -> bool:
        """A weekday with school."""
        return day.isoweekday() <= FRIDAY and day not in self.closed

    def working(self, day: date) -> bool:
        """A day when somebody may order: a weekday, no public holiday nor the bridge beside one."""
        return day.isoweekday() <= FRIDAY and self.closed.get(day) not in {"ferie", "pont"}

    def receives(self, day: date) -> bool:
        """A day when a kitchen takes deliveries: open, or just before a reopening, never a public holiday."""
        if not self.working(day):
            return False
        if day not in self.closed:
            return True
        ahead = (day + timedelta(days=n) for n in range(1, 8))
        working = 1
        for later in ahead:
            if self.is_open(later):
                return working <= RECEIVING_DAYS
            working += later.isoweekday() <= FRIDAY and self.closed.get(later) == "vacances"
        return False


def load_calendar(session: Session) -> SchoolCalendar:
    """The closed days of the département's calendar."""
    closed = {row.date: row.kind for row in session.exec(select(ClosedDay))}
    return SchoolCalendar(closed, max(closed, default=None))


def service_dates(kitchen: Kitchen, calendar: SchoolCalendar, first: date) -> Iterator[date]:
    """Dates of service from ``first`` on, as far as the calendar is known."""
    days = {int(digit) for digit in kitchen.service_days}
    for offset in range(MAX_SEARCH_DAYS):
        day = first + timedelta(days=offset)
        if calendar.last and day > calendar.last:
            return
        if day.isoweekday() in days and calendar.is_open(day):
            yield day


@dataclass(frozen=True)
class UsualDiners:
    """Usual diners of one kitchen, its sites' closures and paniers-repas PAI deducted."""

    by_site: Mapping[str, Mapping[int, Diners]]
    closures: Mapping[tuple[str, date], int | None]
    pai: Mapping[str, int] = field(default_factory=dict)

    def on(self, day: date) -> dict[Niveau, int]:
        """Diners to cook for on a day, by class; the number of an absence was counted for that day."""
        total = dict.fromkeys(Niveau, 0)
        for site in self.by_site:
            for niveau, count in self.at(site, day).items():
                total[niveau] += count
        return total

    def at(self, site: str, day: date) -> Diners:
        """The same for one site."""
        usual = self.by_site[site].get(day.isoweekday(), {})
        if (site, day) in self.closures:
            return _present(usual, self.closures[site, day])
        return to_cook(usual, self.pai.get(site, 0))


def to_cook(diners: Diners, pai_meals: int) -> dict[Niveau, int]:
    """Diners left to cook for, once those who bring a panier-repas PAI are deducted.

    The one place of this deduction: from the oldest pupils present, in a fixed order, never from
    the adults, never below zero.
    """
    left = dict(diners)
    for niveau in PAI_ORDER:
        taken = min(pai_meals, left.get(niveau, 0))
        left[niveau] = left.get(niveau, 0) - taken
        pai_meals -= taken
    return left


def _present(usual: Diners, present: int | None) -> Diners:
    left, everyone = present or 0, sum(usual.values())
    return (
        {niveau: count * min(left, everyone) // everyone for niveau, count in usual.items()}
        if everyone
        else {}
    )


def load_diners(session: Session, kitchen: str) -> UsualDiners:
    """Usual diners of the sites of a kitchen."""
    pai = dict(session.exec(select(Site.code, Site.pai_meals).where(Site.kitchen == kitchen)).all())
    by_site: dict[str, dict[int, Diners]] = {site: {} for site in pai}
    for row in session.exec(select(SiteDiners).where(col(SiteDiners.site).in_(pai))):
        by_site[row.site][row.weekday] = {niveau: getattr(row, niveau.value) for niveau in Niveau}
    closures = session.exec(select(Closure).where(col(Closure.site).in_(pai)))
    return UsualDiners(by_site, {(row.site, row.date): row.diners for row in closures}, pai)


def all_diners(session: Session) -> dict[str, UsualDiners]:
    """Usual diners of every kitchen, read at once."""
    sites = {site.code: site for site in session.exec(select(Site))}
    weeks: defaultdict[str, dict[int, Diners]] = defaultdict(dict)
    for row in session.exec(select(SiteDiners)):
        weeks[row.site][row.weekday] = {niveau: getattr(row, niveau.value) for niveau in Niveau}
    closures: defaultdict[str, dict[tuple[str, date], int | None]] = defaultdict(dict)
    for closed in session.exec(select(Closure)):
        closures[sites[closed.site].kitchen][closed.site, closed.date] = closed.diners
    by_kitchen: defaultdict[str, list[Site]] = defaultdict(list)
    for site in sites.values():
        by_kitchen[site.kitchen].append(site)
    return {
        kitchen: UsualDiners(
            {site.code: weeks[site.code] for site in own},
            closures[kitchen],
            {site.code: site.pai_meals for site in own},
        )
        for kitchen, own in by_kitchen.items()
    }
