"""What anybody may read of a site: its validated menus of this week and the next, as plain data."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 -- a field is called date
from datetime import timedelta

from sqlmodel import Session

from cantine.clock import today_of
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Site
from cantine.kitchens.settings import load_settings
from cantine.menus.announced import told
from cantine.menus.grid import Days, load_days, monday_of
from cantine.menus.signs import ALLERGENS, SLOT_WORDS
from cantine.publishing.served import Served, eats, load_served
from cantine.reports.allergens import dish_allergens
from cantine.reports.menu import weekly_menu
from cantine.reports.reading import Reading
from cantine.reports.shares import Shares
from cantine.reports.signs import SIGN_WORDS, Sign, dish_signs
from optim.terms import Allergene, Slot

WEEKS = 2
WEEK = timedelta(days=7)
FRIDAY = 5
TOLD, CHANGING, WITHDRAWN, CLOSED, UNKNOWN = "annonce", "change", "retire", "ferme", "attente"
DAY_UNKNOWN = "Menu pas encore publié."
WEEK_UNKNOWN = "Les menus de cette semaine ne sont pas encore publiés."


@dataclass(frozen=True)
class PublicDish:
    """One dish, for somebody who reads it on a phone.

    Attributes:
        allergens: present, in words.
        to_confirm: may be present, in words.
        unknown: the sheet of a product is still asked for: nothing may be ruled out.
        choice: one of several of its course that day.
        without_pork: what those who eat no pork are served instead.
    """

    slot: Slot
    course: str
    name: str
    signs: tuple[Sign, ...]
    allergens: tuple[str, ...]
    to_confirm: tuple[str, ...]
    unknown: bool
    gelatine: bool
    choice: bool = False
    without_pork: "PublicDish | None" = None


@dataclass(frozen=True)
class PublicDay:
    """One day of a site.

    Attributes:
        state: « annonce », « change » (being changed), « retire », « ferme » or « attente ».
        words: what is said instead of a menu.
        changed_on: when an announced menu was announced otherwise.
    """

    date: Date
    state: str
    words: str
    theme: str = ""
    dishes: tuple[PublicDish, ...] = ()
    changed_on: Date | None = None


@dataclass(frozen=True)
class PublicWeek:
    """One week of a site; ``shares`` are those planned for its validated menus."""

    monday: Date
    days: tuple[PublicDay, ...]
    meats: tuple[str, ...]
    season: tuple[str, ...]
    shares: Shares | None

    @property
    def told(self) -> bool:
        """Whether some menu of it is announced."""
        return any(day.dishes for day in self.days)

    @property
    def words(self) -> str:
        """What is said of the whole week, where every day would say the same."""
        said = {day.words for day in self.days if day.state in {UNKNOWN, CLOSED}}
        alike = len(said) == 1 and all(day.state in {UNKNOWN, CLOSED} for day in self.days)
        return WEEK_UNKNOWN if said == {DAY_UNKNOWN} and alike else said.pop() if alike else ""


@dataclass(frozen=True)
class PublicMenus:
    """The public page of a site."""

    site: str
    name: str
    commune: str
    departement: str
    demonstration: bool
    weeks: tuple[PublicWeek, ...]
    signs: tuple[Sign, ...]
    local_words: str
    bread: bool


def public_menus(session: Session, site: Site, today: Date) -> PublicMenus:
    """This week and the next; from Saturday on, the two that follow."""
    first = monday_of(today + timedelta(days=7 - FRIDAY))
    last = first + WEEKS * WEEK - timedelta(days=1)
    served = load_served(session, site, first, last)
    days = load_days(session, get_kitchen(session, site.kitchen), today)
    weeks = tuple(_week(served, days, first + n * WEEK) for n in range(WEEKS))
    shown = {s for week in weeks for day in week.days for dish in day.dishes for s in dish.signs}
    settings = load_settings(session)
    return PublicMenus(
        site=site.code,
        name=site.name,
        commune=served.reading.commune,
        departement=settings.departement_name,
        demonstration=settings.demonstration,
        weeks=weeks,
        signs=tuple(Sign(code, word) for code, word in SIGN_WORDS.items() if Sign(code, word) in shown),
        local_words=settings.local_words,
        bread=served.reading.kitchen.bread_g > 0,
    )


def public_day_dishes(reading: Reading, day: Date) -> tuple[PublicDish, ...]:
    """The dishes of a day, in the order of a meal."""
    planned = reading.dishes.get(day, ())
    courses = Counter(dish.slot for dish in planned)
    return tuple(
        replace(_dish(reading, dish.recipe, Slot(dish.slot), day), choice=courses[dish.slot] > 1)
        for dish in planned
    )


def _week(served: Served, days: Days, monday: Date) -> PublicWeek:
    weekdays = [int(digit) for digit in days.kitchen.service_days]
    dates = [monday + timedelta(days=weekday - 1) for weekday in weekdays]
    paper = weekly_menu(served.reading, monday)
    return PublicWeek(
        monday=monday,
        days=tuple(_day(served, days, day) for day in dates),
        meats=paper.meats,
        season=paper.season,
        shares=paper.shares,
    )


def _day(served: Served, days: Days, day: Date) -> PublicDay:
    changed = served.changed(day)
    on = today_of(changed.at) if changed else None
    if served.reading.dishes.get(day):
        dishes = public_day_dishes(served.reading, day)
        return PublicDay(day, TOLD, "", days.theme(day), dishes, on)
    state, words = _instead(served, days, day)
    return PublicDay(day, state, words, changed_on=on if state == WITHDRAWN else None)


def _instead(served: Served, days: Days, day: Date) -> tuple[str, str]:
    """What is said of a day without a menu to tell; the kitchen's own notes stay inside."""
    last = served.told.get(day, (None,))[-1]
    if last is not None and not told(last):
        return WITHDRAWN, "Pas de repas : le menu annoncé est retiré."
    grid = days.day(day)
    if not days.calendar.is_open(day) and grid.closed:
        return CLOSED, days.closed_names.get(day) or "Pas de repas."
    if grid.excluded or grid.closed or not eats(days.usual, served.site.code, day):
        return CLOSED, "Pas de repas."
    if last is not None:
        return CHANGING, "Le menu annoncé est en cours de changement."
    return UNKNOWN, DAY_UNKNOWN


def _dish(reading: Reading, recipe: str, slot: Slot, day: Date) -> PublicDish:
    entry, found = reading.book[recipe], dish_allergens(reading, recipe, day)
    substitute = entry.recipe.substitute if entry.derived.pork else None
    return PublicDish(
        slot=slot,
        course=SLOT_WORDS[slot],
        name=entry.recipe.name,
        signs=dish_signs(reading, recipe, day),
        allergens=tuple(ALLERGENS[one] for one in Allergene if one in found.present),
        to_confirm=tuple(ALLERGENS[one] for one in Allergene if one in found.confirm),
        unknown=bool(found.missing),
        gelatine=entry.derived.gelatine,
        without_pork=_dish(reading, substitute, slot, day) if substitute else None,
    )
