"""The grid as plain data: the days of a kitchen by week, with their dishes. Reading only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice, takewhile

from sqlmodel import Session, col, select

from cantine.kitchens.headcount import (
    SchoolCalendar,
    UsualDiners,
    load_calendar,
    load_diners,
    service_dates,
)
from cantine.kitchens.lines import Lines, load_lines
from cantine.kitchens.models import ClosedDay, Kitchen
from cantine.menus.models import Dish, Service
from cantine.menus.themes import load_themes, theme_named
from cantine.recipes.models import Recipe
from optim.rules.blocks import BLOCK
from optim.terms import Niveau, Slot
from optim.units import PERMILLE

Place = tuple[date, Slot, int]
"""One place of the menus: date, component, rank of the choice."""

AHEAD = 5 * BLOCK
"""Meals listed ahead of today: five blocks, about half a school year."""


@dataclass(frozen=True)
class GridDish:
    """One dish of one day, as the grid shows it."""

    date: date
    slot: Slot
    choice: int
    recipe: str
    name: str
    share_permille: int = 1000
    locked: bool = False
    own: bool = False
    complete: bool = False
    covers_dairy: bool = False

    @property
    def anchor(self) -> str:
        """Identifier of its cell in the page."""
        return f"c-{self.date.isoformat()}-{self.slot.value}-{self.choice}"


@dataclass(frozen=True)
class GridDay:
    """One service: who eats, what, and where its decision stands."""

    date: date
    diners: Mapping[Niveau, int]
    usual: int
    lines: Lines | None = None
    status: str = "prevu"
    note: str = ""
    version: int = 0
    dishes: tuple[GridDish, ...] = ()
    past: bool = False
    closed: str = ""
    theme: str = ""
    """The theme of the meal, where its note names one."""

    @property
    def meals(self) -> int:
        """All diners of the day."""
        return sum(self.diners.values())

    @property
    def by_line(self) -> dict[str, dict[Niveau, int]]:
        """The same diners by line of the kitchen, where it has several."""
        return self.lines.split(self.date, self.diners) if self.lines else {}

    def eaters(self, dish: GridDish) -> dict[Niveau, float]:
        """Diners who take a dish, by class: some lines may not have it among their choices."""
        if self.lines is None:
            return {niveau: count * dish.share_permille / PERMILLE for niveau, count in self.diners.items()}
        thousandths = self.lines.eaters(dish, self.diners, covers_dairy=dish.covers_dairy)
        return {niveau: count / PERMILLE for niveau, count in thousandths.items()}

    @property
    def excluded(self) -> bool:
        """Set aside by the chief, with a reason."""
        return self.status == "exclu"

    @property
    def open(self) -> bool:
        """Whether its menu may still change."""
        return not (self.past or self.excluded or self.closed or self.status == "servi")

    @property
    def anchor(self) -> str:
        """Identifier of its column in the page."""
        return f"j-{self.date.isoformat()}"

    def slot(self, slot: Slot) -> tuple[GridDish, ...]:
        """Dishes of one component, in the order of the choices."""
        return tuple(dish for dish in self.dishes if dish.slot is slot)

    def included_in(self, slot: Slot) -> GridDish | None:
        """The dish that already fills an empty component."""
        if slot is Slot.GARNITURE:
            return next((d for d in self.dishes if d.slot is Slot.PLAT and d.complete), None)
        if slot is Slot.LAITIER:
            return next((d for d in self.dishes if d.covers_dairy and d.slot is not Slot.LAITIER), None)
        return None


@dataclass(frozen=True)
class GridWeek:
    """The days of one week on which the kitchen serves, closed ones included."""

    monday: date
    days: tuple[GridDay, ...]

    @property
    def number(self) -> int:
        """ISO number of the week."""
        return self.monday.isocalendar().week

    @property
    def served(self) -> tuple[GridDay, ...]:
        """Days with a meal."""
        return tuple(day for day in self.days if not day.closed and not day.excluded)

    @property
    def state(self) -> str:
        """« vide », « servie », « validee », « incomplete » or « brouillon »."""
        days = self.served
        if not any(day.dishes for day in days):
            return "vide"
        if all(day.past for day in days):
            return "servie"
        if not all(day.dishes for day in days):
            return "incomplete"
        return (
            "validee" if all(day.status in {"valide", "servi"} or day.past for day in days) else "brouillon"
        )


@dataclass(frozen=True)
class Block:
    """Twenty successive meals of the kitchen, the unit on which variety is checked."""

    dates: tuple[date, ...]
    previous: date | None = None
    following: date | None = None

    @property
    def first(self) -> date:
        """Its first meal."""
        return self.dates[0]

    @property
    def last(self) -> date:
        """Its last meal."""
        return self.dates[-1]


@dataclass(frozen=True)
class Days:
    """Everything needed to read any day of one kitchen."""

    kitchen: Kitchen
    today: date
    calendar: SchoolCalendar
    closed_names: Mapping[date, str]
    usual: UsualDiners
    lines: Lines
    services: Mapping[date, Service]
    with_dishes: frozenset[date]
    fallback: str = ""
    """Name of the plat de secours, where somebody has a choice that may run out."""
    themes: tuple[str, ...] = ()
    """Themes that some recipe has."""

    @property
    def unlike(self) -> tuple[str, ...]:
        """How the places that do not have every choice are served, one sentence each."""
        return self.lines.sentences

    def meal_dates(self, ahead: int | None = AHEAD) -> tuple[date, ...]:
        """Dates of the meals served, then of those to come, in the order of the calendar.

        Blocks of 20 are cut from the first of these dates on, for the grid as for the planner.
        ``ahead`` is how many meals to come are listed; None: all that the calendar knows.
        """
        past = (
            day
            for day, row in self.services.items()
            if day < self.today and day in self.with_dishes and row.status != "exclu"
        )
        coming = (day for day in service_dates(self.kitchen, self.calendar, self.today) if self._serves(day))
        return (*past, *islice(coming, ahead))

    def _serves(self, day: date) -> bool:
        row = self.services.get(day)
        if row is not None and row.status == "exclu":
            return False
        return sum(self.diners(day).values()) > 0

    def diners(self, day: date) -> dict[Niveau, int]:
        """Who eats on a day: decided with its menu, else the usual diners."""
        row = self.services.get(day)
        return {niveau: getattr(row, niveau.value) for niveau in Niveau} if row else self.usual.on(day)

    def by_line(self, day: date) -> dict[str, dict[Niveau, int]]:
        """The same by line of the kitchen, where it has several."""
        return self.lines.split(day, self.diners(day))

    def day(self, day: date, dishes: Iterable[GridDish] = ()) -> GridDay:
        """One day, from its row where it has one, else from the usual diners."""
        row, usual = self.services.get(day), self.usual.on(day)
        reason = "" if self.calendar.is_open(day) else self.closed_names.get(day) or "fermé"
        expected = sum(usual.values())
        if row is None and not expected and not reason:
            reason = "pas de convives"
        return GridDay(
            date=day,
            diners=self.diners(day),
            usual=expected,
            lines=self.lines if self.lines.cook.lines else None,
            status=row.status if row else "prevu",
            note=row.note if row else "",
            version=row.version if row else 0,
            dishes=tuple(dishes),
            past=day < self.today,
            closed="" if row else reason,
            theme=self.theme(day),
        )

    def theme(self, day: date) -> str:
        """The theme of the meal: the one that the day's note names, if any."""
        row = self.services.get(day)
        return theme_named(row.note, self.themes) if row else ""


def load_days(session: Session, kitchen: Kitchen, today: date) -> Days:
    """Read the calendar, the usual diners and the services of a kitchen."""
    rows = session.exec(select(Service).where(Service.kitchen == kitchen.code).order_by(col(Service.date)))
    names = {row.date: row.name for row in session.exec(select(ClosedDay))}
    usual = load_diners(session, kitchen.code)
    return Days(
        kitchen=kitchen,
        today=today,
        calendar=load_calendar(session),
        closed_names=names,
        usual=usual,
        lines=load_lines(session, kitchen, usual),
        services={row.date: row for row in rows},
        with_dishes=frozenset(
            session.exec(select(col(Dish.date)).where(Dish.kitchen == kitchen.code).distinct())
        ),
        fallback=_fallback(session, kitchen),
        themes=load_themes(session),
    )


def _fallback(session: Session, kitchen: Kitchen) -> str:
    recipe = session.get(Recipe, kitchen.fallback_recipe) if max(kitchen.choices.values()) > 1 else None
    return recipe.name if recipe else ""


def block_around(days: Days, around: date) -> Block | None:
    """The twenty meals that hold the first meal on or after a date; None beyond the calendar."""
    dates = days.meal_dates()
    place = sum(1 for day in takewhile(lambda day: day < around, dates))
    if place >= len(dates):
        place = len(dates) - 1
    if place < 0:
        return None
    start = place // BLOCK * BLOCK
    return Block(
        dates=dates[start : start + BLOCK],
        previous=dates[start - BLOCK] if start else None,
        following=dates[start + BLOCK] if start + BLOCK < len(dates) else None,
    )


def load_dishes(session: Session, kitchen: str, first: date, last: date) -> dict[date, list[GridDish]]:
    """Dishes of a kitchen between two dates, by day."""
    statement = (
        select(Dish, Recipe.name, Recipe.complete_dish, Recipe.covers_dairy)
        .join(Recipe, col(Recipe.code) == col(Dish.recipe))
        .where(Dish.kitchen == kitchen, Dish.date >= first, Dish.date <= last)
        .order_by(col(Dish.date), col(Dish.choice))
    )
    found: dict[date, list[GridDish]] = {}
    for row, name, complete, dairy in session.exec(statement):
        found.setdefault(row.date, []).append(
            GridDish(
                date=row.date,
                slot=Slot(row.slot),
                choice=row.choice,
                recipe=row.recipe,
                name=name,
                share_permille=row.share_permille,
                locked=row.locked,
                own=row.chosen_by == "chef",
                complete=complete,
                covers_dairy=dairy,
            )
        )
    return found


def weeks_between(
    days: Days, dishes: Mapping[date, Sequence[GridDish]], first: date, last: date
) -> tuple[GridWeek, ...]:
    """Whole weeks from that of ``first`` to that of ``last``; weeks without any service are left out."""
    monday, weeks = monday_of(first), []
    weekdays = [int(digit) for digit in days.kitchen.service_days]
    while monday <= last:
        dates = [monday + timedelta(days=weekday - 1) for weekday in weekdays]
        week = GridWeek(monday, tuple(days.day(day, dishes.get(day, ())) for day in dates))
        if any(not day.closed for day in week.days):
            weeks.append(week)
        monday += timedelta(days=7)
    return tuple(weeks)


def monday_of(day: date) -> date:
    """First day of the week of a date."""
    return day - timedelta(days=day.weekday())


def with_dishes(week: GridWeek, dishes: Mapping[date, Sequence[GridDish]]) -> GridWeek:
    """The same week with other dishes on some days: a proposal looked at before it is accepted."""
    days = (replace(day, dishes=tuple(dishes[day.date])) if day.date in dishes else day for day in week.days)
    return replace(week, days=tuple(days))


def filled_by(kitchen: Kitchen, recipe: Recipe) -> frozenset[Slot]:
    """Components that a dish leaves empty, where nobody has a choice: garniture, laitage."""
    choices, filled = kitchen.choices, set()
    if recipe.complete_dish and choices["plat"] == choices["garniture"] == 1:
        filled.add(Slot.GARNITURE)
    if recipe.covers_dairy and recipe.slot != "laitier" and choices[recipe.slot] == choices["laitier"] == 1:
        filled.add(Slot.LAITIER)
    return frozenset(filled)
