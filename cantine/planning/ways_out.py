"""After a search that found nothing: which of the chief's own decisions could be taken back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cantine.french import fold
from cantine.menus import edit
from cantine.menus.grid import Days, Place
from cantine.menus.models import Ban, Dish
from cantine.menus.versions import Stamp
from cantine.planning.models import Run
from cantine.recipes.models import Recipe
from optim.plan import Way, Worth
from optim.terms import Critere, Slot

BUDGET = "credit nourriture"
LAW = frozenset({*Critere, "V1"})
"""Rules of the law that a way may leave broken: the counters go on saying so."""


@dataclass(frozen=True)
class Decision:
    """One dish kept, or set aside, for a day.

    Attributes:
        value: what the form sends back to take it back.
        named: the search says that this dish stands in the way.
    """

    date: date
    name: str
    value: str
    version: int
    named: bool
    validated: bool = False


@dataclass(frozen=True)
class Offered:
    """One way that the search tried: a button."""

    rank: int
    label: str
    law: bool
    """Whether a rule of the law would stay broken."""
    budget: bool
    worth: Worth | None
    """Of the plan met with it."""
    versions: tuple[tuple[date, int], ...]
    """Version of each day whose decision is taken back, as shown."""


@dataclass(frozen=True)
class WaysOut:
    """What may give way."""

    offered: tuple[Offered, ...]
    kept: tuple[Decision, ...]
    banned: tuple[Decision, ...]
    excluded: tuple[tuple[date, str], ...]
    budget: bool
    credit_cents: int
    """Crédit nourriture of a meal, TTC."""

    @property
    def decided(self) -> bool:
        """Whether a decision of the chief can be taken back at once."""
        return bool(self.kept or self.banned)

    @property
    def versions(self) -> dict[date, int]:
        """Version of each day concerned, as shown."""
        return {one.date: one.version for one in (*self.kept, *self.banned)}


def ways_out(
    session: Session, run: Run, days: Days, conflicts: Sequence[str], ways: Sequence[Way] = ()
) -> WaysOut:
    """The ways tried; the kept dishes, banned dishes and excluded days among the meals of a run."""
    meals = [day for day in days.meal_dates() if day >= max(run.first_date, days.today)][: run.services]
    last = max(meals, default=run.first_date)
    said = fold(" ".join(conflicts))
    excluded = tuple(
        (day, row.note)
        for day, row in sorted(days.services.items())
        if run.first_date <= day <= last and row.status == "exclu"
    )
    return WaysOut(
        offered=tuple(_offered(days, rank, way) for rank, way in enumerate(ways)),
        kept=_kept(session, days, meals, said),
        banned=_banned(session, days, meals, said),
        excluded=excluded,
        budget=BUDGET in said,
        credit_cents=days.kitchen.budget_ttc_cents,
    )


def _offered(days: Days, rank: int, way: Way) -> Offered:
    rules = {one.rule for one in way.concessions}
    dates = {day for one in way.concessions for day, _ in one.decisions}
    return Offered(
        rank=rank,
        label=way.label,
        law=bool(rules & LAW),
        budget="budget" in rules,
        worth=way.worth,
        versions=tuple((day, _version(days, day)) for day in sorted(dates)),
    )


def _kept(session: Session, days: Days, meals: Sequence[date], said: str) -> tuple[Decision, ...]:
    statement = (
        select(Dish, Recipe.name)
        .join(Recipe, col(Recipe.code) == col(Dish.recipe))
        .where(Dish.kitchen == days.kitchen.code, col(Dish.date).in_(meals))
        .order_by(col(Dish.date), col(Dish.choice))
    )
    found = []
    for dish, name in session.exec(statement):
        row = days.services[dish.date]
        if dish.locked or row.status == "valide":
            value = f"{dish.date.isoformat()}~{dish.slot}~{dish.choice}"
            validated = row.status == "valide"
            found.append(Decision(dish.date, name, value, row.version, fold(name) in said, validated))
    return tuple(found)


def _banned(session: Session, days: Days, meals: Sequence[date], said: str) -> tuple[Decision, ...]:
    statement = (
        select(Ban, Recipe.name)
        .join(Recipe, col(Recipe.code) == col(Ban.recipe))
        .where(Ban.kitchen == days.kitchen.code, col(Ban.date).in_(meals))
        .order_by(col(Ban.date))
    )
    return tuple(
        Decision(
            ban.date,
            name,
            f"{ban.date.isoformat()}~{ban.recipe}",
            _version(days, ban.date),
            fold(name) in said,
        )
        for ban, name in session.exec(statement)
    )


def _version(days: Days, day: date) -> int:
    row = days.services.get(day)
    return row.version if row else 0


def take_back(
    session: Session,
    kitchen: str,
    kept: Iterable[Place],
    banned: Iterable[tuple[date, str]],
    versions: Mapping[date, int],
    stamp: Stamp,
) -> None:
    """Let kept dishes go and banned recipes come back, one change in the journal per day.

    Raises:
        EditConflictError: somebody changed one of the days since the page was shown.
    """
    places: defaultdict[date, list[Place]] = defaultdict(list)
    recipes: defaultdict[date, list[str]] = defaultdict(list)
    for place in kept:
        places[place[0]].append(place)
    for day, recipe in banned:
        recipes[day].append(recipe)
    for day in sorted({*places, *recipes}):
        own = Stamp(stamp.user_id, stamp.now, stamp.today, versions.get(day, 0))
        edit.free(session, kitchen, day, places[day], recipes[day], own)


def place_of(value: str) -> Place:
    """The place behind a ticked kept dish.

    Raises:
        ValueError: no page of ours sends this.
    """
    day, slot, choice = value.split("~")
    return date.fromisoformat(day), Slot(slot), int(choice)


def ban_of(value: str) -> tuple[date, str]:
    """The day and the recipe behind a ticked banned dish.

    Raises:
        ValueError: no page of ours sends this.
    """
    day, recipe = value.split("~")
    return date.fromisoformat(day), recipe
