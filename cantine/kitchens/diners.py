"""Usual diners of a site, weekday by weekday: read, compared, written. Never commits."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.kitchens.headcount import to_cook
from cantine.kitchens.models import Kitchen, Site, SiteDiners
from optim.terms import Niveau

CLASSES = tuple(Niveau)
DAYS = ("", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
PAI_WORDS = "paniers-repas PAI"

Week = Mapping[int, Mapping[Niveau, int]]
"""Diners by weekday (1 = Monday) and class."""


@dataclass(frozen=True)
class SiteWeek:
    """A site, its days of service and its usual diners.

    Attributes:
        site: where they eat.
        days: weekdays of service.
        week: diners, as the site declares them.
        estimated: whether a figure is an estimate.
        pai: paniers-repas PAI per service; None for those who may not read them: ``week`` then
            holds the diners to cook for.
    """

    site: Site
    days: tuple[int, ...]
    week: Week
    estimated: bool
    pai: int | None

    @property
    def classes(self) -> tuple[Niveau, ...]:
        """Classes that eat here, and those of this kind of site."""
        eating = {name for counts in self.week.values() for name, count in counts.items() if count}
        pupils = {Niveau.COLLEGE} if self.site.kind == "college" else {Niveau.MATERNELLE, Niveau.ELEMENTAIRE}
        return tuple(name for name in CLASSES if name in eating | pupils | {Niveau.ADULTE})

    @property
    def mark(self) -> str:
        """A short mark of the figures as shown."""
        week = [(day, sorted(counts.items())) for day, counts in sorted(self.week.items())]
        return hashlib.sha256(repr((week, self.pai)).encode()).hexdigest()[:20]

    def total(self, day: int) -> int:
        """Diners of a day, all classes."""
        return sum(self.week.get(day, {}).values())

    def to_cook(self) -> "SiteWeek":
        """The same week for those who may not read the PAI, which a difference would give away."""
        cooked = {day: to_cook(counts, self.site.pai_meals) for day, counts in self.week.items()}
        return replace(self, week=cooked, pai=None)

    def declared(self, typed: Week) -> Week:
        """What is typed over ``to_cook`` as the site would declare it: the PAI put back."""
        return {day: self._put_back(day, counts) for day, counts in typed.items()}

    def _put_back(self, day: int, typed: Mapping[Niveau, int]) -> dict[Niveau, int]:
        usual = self.week.get(day, {})
        cooked = to_cook(usual, self.site.pai_meals)
        return {name: count + usual.get(name, 0) - cooked.get(name, 0) for name, count in typed.items()}


def site_week(session: Session, code: str, *, hold: bool = False) -> SiteWeek:
    """The usual week of one site; ``hold`` makes whoever else edits it wait for the commit.

    Raises:
        NotFoundError: no such site.
    """
    site = session.get(Site, code, with_for_update=hold or None)
    if site is None:
        raise NotFoundError(f"Le lieu de repas « {code} » n'existe pas.")
    return _weeks(session, [site], hold=hold)[0]


def all_weeks(session: Session) -> Sequence[SiteWeek]:
    """The usual week of every site, by name."""
    return _weeks(session, session.exec(select(Site).order_by(Site.name)).all())


def _weeks(session: Session, sites: Sequence[Site], *, hold: bool = False) -> Sequence[SiteWeek]:
    query = select(SiteDiners).order_by(col(SiteDiners.site), col(SiteDiners.weekday))
    if len(sites) == 1:
        query = query.where(SiteDiners.site == sites[0].code)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    rows: dict[str, list[SiteDiners]] = {}
    for row in session.exec(query):
        rows.setdefault(row.site, []).append(row)
    days = dict(session.exec(select(Kitchen.code, Kitchen.service_days)).all())
    return [_week(site, days.get(site.kitchen, "12345"), rows.get(site.code, [])) for site in sites]


def _week(site: Site, days: str, rows: Sequence[SiteDiners]) -> SiteWeek:
    week = {row.weekday: {name: getattr(row, name.value) for name in CLASSES} for row in rows}
    estimated = any(row.origin == "estime" for row in rows)
    return SiteWeek(site, tuple(int(day) for day in days), week, estimated, site.pai_meals)


def changed_days(before: Week, after: Week) -> dict[int, dict[Niveau, int]]:
    """Days whose figures differ."""
    empty = dict.fromkeys(CLASSES, 0)
    return {
        day: dict(counts) for day, counts in after.items() if dict(before.get(day, empty)) != dict(counts)
    }


def save(session: Session, site: Site, week: Week, pai: int) -> None:
    """Write days of a site and its PAI; a figure typed by hand is declared, no longer estimated."""
    for day, counts in week.items():
        row = session.get(SiteDiners, (site.code, day)) or SiteDiners(site=site.code, weekday=day)
        row.sqlmodel_update({**{name.value: count for name, count in counts.items()}, "origin": "declare"})
        session.add(row)
    site.pai_meals = pai
    session.add(site)


def in_words(week: Week, pai: int | None = None) -> dict[str, str]:
    """Figures by day, for the journal and for the two versions of a conflict."""
    days = {
        DAYS[day]: ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "personne"
        for day, counts in sorted(week.items())
    }
    return days if pai is None else {**days, PAI_WORDS: str(pai)}
