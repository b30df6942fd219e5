"""Usual diners of a site, weekday by weekday: read, compared, written. Never commits."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.kitchens.models import Kitchen, Site, SiteDiners

CLASSES = ("maternelle", "elementaire", "college", "adulte")
DAYS = ("", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

Week = Mapping[int, Mapping[str, int]]
"""Diners by weekday (1 = Monday) and class."""


@dataclass(frozen=True)
class SiteWeek:
    """A site, its days of service and its usual diners."""

    site: Site
    days: tuple[int, ...]
    week: Week
    estimated: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes that eat here, and those of this kind of site."""
        eating = {name for counts in self.week.values() for name, count in counts.items() if count}
        usual = (
            {"college", "adulte"} if self.site.kind == "college" else {"maternelle", "elementaire", "adulte"}
        )
        return tuple(name for name in CLASSES if name in eating | usual)

    @property
    def mark(self) -> str:
        """A short mark of the figures as shown."""
        content = repr([(day, sorted(counts.items())) for day, counts in sorted(self.week.items())])
        return hashlib.sha256(content.encode()).hexdigest()[:20]

    def total(self, day: int) -> int:
        """Diners of a day, all classes."""
        return sum(self.week.get(day, {}).values())


def site_week(session: Session, code: str) -> SiteWeek:
    """The usual week of one site.

    Raises:
        NotFoundError: no such site.
    """
    site = session.get(Site, code)
    if site is None:
        raise NotFoundError(f"Le lieu de repas « {code} » n'existe pas.")
    return _weeks(session, [site])[0]


def all_weeks(session: Session) -> Sequence[SiteWeek]:
    """The usual week of every site, by name."""
    return _weeks(session, session.exec(select(Site).order_by(Site.name)).all())


def _weeks(session: Session, sites: Sequence[Site]) -> Sequence[SiteWeek]:
    query = select(SiteDiners)
    if len(sites) == 1:
        query = query.where(SiteDiners.site == sites[0].code)
    rows: dict[str, list[SiteDiners]] = {}
    for row in session.exec(query.order_by(col(SiteDiners.weekday))):
        rows.setdefault(row.site, []).append(row)
    days = dict(session.exec(select(Kitchen.code, Kitchen.service_days)).all())
    return [_week(site, days.get(site.kitchen, "12345"), rows.get(site.code, [])) for site in sites]


def _week(site: Site, days: str, rows: Sequence[SiteDiners]) -> SiteWeek:
    week = {row.weekday: {name: getattr(row, name) for name in CLASSES} for row in rows}
    return SiteWeek(site, tuple(int(day) for day in days), week, any(row.origin == "estime" for row in rows))


def changed_days(before: Week, after: Week) -> dict[int, dict[str, int]]:
    """Days whose figures differ."""
    empty = dict.fromkeys(CLASSES, 0)
    return {
        day: dict(counts) for day, counts in after.items() if dict(before.get(day, empty)) != dict(counts)
    }


def save(session: Session, site: str, week: Week) -> None:
    """Write days of a site; a figure typed by hand is declared, no longer estimated."""
    for day, counts in week.items():
        row = session.get(SiteDiners, (site, day)) or SiteDiners(site=site, weekday=day)
        row.sqlmodel_update({**counts, "origin": "declare"})
        session.add(row)


def in_words(week: Week) -> dict[str, str]:
    """Figures by day, for the journal and for the two versions of a conflict."""
    return {
        DAYS[day]: ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "personne"
        for day, counts in sorted(week.items())
    }
