"""What a site is served, as it may be told outside: validated menus only, the dishes that this site takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from cantine.errors import NotFoundError
from cantine.kitchens.headcount import UsualDiners
from cantine.kitchens.models import Commune, Site
from cantine.menus.announced import announcements
from cantine.menus.models import AnnouncedMenu, Dish
from cantine.reports.reading import Reading, load_reading
from optim.instance import Line
from optim.lines import line_permille

PUBLISHED = frozenset({"valide", "servi"})
"""States of a service whose menu may be told outside."""


@dataclass(frozen=True)
class Served:
    """The validated menus of one site over a period.

    Attributes:
        reading: holds the validated services alone, with the dishes that the site takes.
        told: every announcement of these days, oldest first.
    """

    site: Site
    reading: Reading
    told: Mapping[date, tuple[AnnouncedMenu, ...]]

    @property
    def days(self) -> list[date]:
        """Days with a menu to tell."""
        return sorted(self.reading.dishes)

    def changed(self, day: date) -> AnnouncedMenu | None:
        """The announcement in force of a day, where it replaced another one."""
        rows = self.told.get(day, ())
        return rows[-1] if len(rows) > 1 else None


def get_site(session: Session, code: str) -> Site:
    """The site of this code.

    Raises:
        NotFoundError: no such site.
    """
    site = session.get(Site, code)
    if site is None:
        raise NotFoundError("Ce restaurant n'existe pas, ou plus.")
    return site


def load_served(session: Session, site: Site, first: date, last: date) -> Served:
    """The validated menus of a site between two dates."""
    return load_all_served(session, site.kitchen, [site], first, last)[0]


def load_all_served(
    session: Session, kitchen: str, sites: Sequence[Site], first: date, last: date
) -> list[Served]:
    """The same for several sites of one kitchen, read once."""
    reading = _validated(load_reading(session, kitchen, first, last), first, last)
    told = announcements(session, kitchen, first, last)
    named = select(Commune).where(col(Commune.insee).in_({site.insee for site in sites}))
    communes = {row.insee: row.name for row in session.exec(named)}
    return [
        Served(site, _at_site(reading, site, communes.get(site.insee, reading.commune)), told)
        for site in sites
    ]


def eats(usual: UsualDiners, site: str, day: date) -> bool:
    """Whether anybody eats at a site that day, as far as its usual diners and absences are known."""
    present = usual.closures.get((site, day), -1)
    if not present:  # an absence of everybody
        return False
    return not usual.by_site.get(site) or sum(usual.at(site, day).values()) > 0


def line_of(reading: Reading, site: str) -> Line | None:
    """How a site is served, where the kitchen does not serve all its sites alike."""
    lines = reading.lines
    return next(
        (line for line in lines.cook.lines if site in {one.code for one in lines.sites[line.code]}), None
    )


def _validated(reading: Reading, first: date, last: date) -> Reading:
    services = {
        day: row
        for day, row in reading.services.items()
        if first <= day <= last and row.status in PUBLISHED and reading.dishes.get(day)
    }
    return replace(reading, services=services, dishes={day: reading.dishes[day] for day in services})


def _at_site(reading: Reading, site: Site, commune: str) -> Reading:
    line, usual = line_of(reading, site.code), reading.lines.usual
    dishes = {
        day: tuple(dish for dish in planned if line is None or _taken(reading, line, dish))
        for day, planned in reading.dishes.items()
        if eats(usual, site.code, day)
    }
    dishes = {day: taken for day, taken in dishes.items() if taken}
    services = {day: reading.services[day] for day in dishes}
    return replace(reading, place=site.name, commune=commune, services=services, dishes=dishes)


def _taken(reading: Reading, line: Line, dish: Dish) -> bool:
    dairy = reading.book[dish.recipe].recipe.covers_dairy
    return line_permille(reading.lines.cook, line, dish, covers_dairy=dairy) > 0
