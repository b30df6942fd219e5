"""The board of one block: its weeks, what each dish is worth, and where the rules stand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.foods.models import Food
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import Settings, load_settings
from cantine.menus.grid import (
    Block,
    Days,
    GridDay,
    GridDish,
    GridWeek,
    block_around,
    load_days,
    load_dishes,
    monday_of,
    weeks_between,
)
from cantine.menus.models import Ban
from cantine.planning.costing import Coster, DishFacts, Value
from cantine.planning.counters import Checker, Reading, make_checker
from cantine.planning.models import Run
from cantine.planning.proposal import proposed_dishes, proposed_plan
from cantine.planning.sources import Sources, planned_uses, weigh
from cantine.planning.year import YearSoFar, year_until, year_with
from cantine.recipes.book import Book
from cantine.recipes.models import Recipe
from cantine.suppliers.book import load_book
from cantine.suppliers.market import reachable_offers
from optim.plan import Plan
from optim.terms import Niveau, Slot


@dataclass(frozen=True)
class Board:
    """Everything the grid page shows, read once."""

    days: Days
    settings: Settings
    block: Block
    weeks: tuple[GridWeek, ...]
    coster: Coster
    facts: Mapping[GridDish, DishFacts]
    values: Mapping[date, Value]
    checker: Checker | None
    reading: Reading
    bans: Mapping[date, tuple[tuple[str, str], ...]]
    year: YearSoFar
    proposal: Run | None = None

    @property
    def kitchen(self) -> Kitchen:
        """Whose menus these are."""
        return self.days.kitchen

    @property
    def inside(self) -> tuple[GridDay, ...]:
        """Days of the block, in order; the weeks may show a few more."""
        dates = set(self.block.dates)
        return tuple(day for week in self.weeks for day in week.days if day.date in dates)

    @property
    def total(self) -> Value:
        """Value of the meals of the block that have a menu."""
        return sum((self.values[day.date] for day in self.inside if day.dishes), Value())

    @property
    def planned(self) -> int:
        """Meals of the block that have a menu."""
        return sum(bool(day.dishes) for day in self.inside)

    @property
    def open(self) -> tuple[GridDay, ...]:
        """Days of the block whose menu may still change."""
        return tuple(day for day in self.inside if day.open)

    @property
    def vegetarian_days(self) -> frozenset[date]:
        """Days that offer a vegetarian plat."""
        return frozenset(dish.date for dish, facts in self.facts.items() if facts.vegetarian)

    def day(self, date_: date) -> GridDay | None:
        """One day of the weeks shown."""
        return next((day for week in self.weeks for day in week.days if day.date == date_), None)

    def serves(self, niveau: Niveau) -> bool:
        """Whether the kitchen feeds this class on some day."""
        return any(day.diners[niveau] for week in self.weeks for day in week.days)

    def broken_at(self, dish: GridDish) -> bool:
        """Whether a fault names this dish's place."""
        return any(v.date == dish.date and v.slot == dish.slot.value for v in self.reading.others)

    def over_budget(self, value: Value) -> bool:
        """Whether a day or the block costs more than the crédit nourriture."""
        cost = value.ttc_per_portion
        return cost is not None and cost > self.kitchen.budget_ttc_cents


def load_board(
    session: Session,
    kitchen_code: str,
    around: date,
    today: date,
    *,
    proposal: Run | None = None,
    opened: tuple[date, Slot] | None = None,
    recipes: Collection[str] = (),
) -> Board | None:
    """The board of the block that holds a date; None where the calendar knows no meal.

    ``opened`` is a place being changed: every recipe of its component is then in the book. ``recipes``
    are others to have in it.
    """
    days = load_days(session, get_kitchen(session, kitchen_code), today)
    block = block_around(days, around)
    if block is None:
        return None
    settings = load_settings(session)
    plan = proposed_plan(proposal) if proposal else None
    before_dates = _dates_before(days, block)
    dishes = _dishes(session, days, block, before_dates)
    if proposal and plan:
        dishes |= proposed_dishes(session, proposal, plan)
    weeks = weeks_between(days, dishes, block.first, block.last)
    before = [days.day(day, dishes.get(day, ())) for day in before_dates]
    shown = [day for week in weeks for day in week.days]
    codes = recipes_of(session, [*before, *shown], opened[1] if opened else None, recipes)
    book = load_book(session, codes)
    coster = make_coster(session, days.kitchen, settings, book, (block.first, block.last), plan)
    facts = {dish: coster.facts(dish, day) for day in shown for dish in day.dishes}
    bans = _bans(session, days.kitchen.code, block)
    inside = [day for day in shown if day.date in set(block.dates)]
    refused = [(row.date, row.recipe) for row, _ in bans]
    checker = make_checker(
        days.kitchen,
        days.lines,
        settings,
        inside,
        before,
        book,
        refused,
        days.today,
        opened[0] if opened else None,
    )
    return Board(
        days=days,
        settings=settings,
        block=block,
        weeks=weeks,
        coster=coster,
        facts=facts,
        values={day.date: coster.day_value(day, facts) for day in shown},
        checker=checker,
        reading=checker.read() if checker else Reading(),
        bans=_by_day(bans),
        year=_year(session, days, block, plan),
        proposal=proposal,
    )


def make_coster(
    session: Session,
    kitchen: Kitchen,
    settings: Settings,
    book: Book,
    span: tuple[date, date],
    plan: Plan | None = None,
) -> Coster:
    """Costs with what was bought for these days; on those of a proposal, with what it would buy."""
    market = reachable_offers(session, kitchen, *span, settings.local_km)
    uses = planned_uses(session, kitchen.code, *span)
    if plan:
        uses = [*(use for use in uses if use.date not in plan.by_day), *plan.uses]
    return Coster(
        book=book,
        sources=Sources(weigh(session, kitchen.code, uses, market), market, span[0]),
        no_pork_permille=kitchen.no_pork_permille,
        bread=session.get(Food, settings.bread_food),
        bread_g=kitchen.bread_g,
        staples_cents=settings.staples_cents_per_meal,
        staples_vat_permille=settings.staples_vat_permille,
    )


def _year(session: Session, days: Days, block: Block, plan: Plan | None) -> YearSoFar:
    """The year until the end of the block, that of its first meal to come; with the proposal shown."""
    year = max(block.first, min(days.today, block.last)).year
    if plan:
        return year_with(session, days.kitchen.code, plan, year, block.last)
    return year_until(session, days.kitchen.code, year, block.last)


def _dates_before(days: Days, block: Block) -> Sequence[date]:
    """The twenty meals before: what they served must not come back too soon."""
    earlier = block_around(days, block.previous) if block.previous else None
    return earlier.dates if earlier else ()


def _dishes(session: Session, days: Days, block: Block, before: Sequence[date]) -> dict[date, list[GridDish]]:
    first = monday_of(before[0] if before else block.first)
    return load_dishes(session, days.kitchen.code, first, monday_of(block.last) + timedelta(days=6))


def recipes_of(
    session: Session, days: Iterable[GridDay], slot: Slot | None, others: Collection[str] = ()
) -> list[str]:
    """Recipes of some days, of one component, and others, with those served without pork."""
    codes = {dish.recipe for day in days for dish in day.dishes} | set(others)
    if slot is not None:
        codes |= set(session.exec(select(Recipe.code).where(Recipe.slot == slot.value)))
    substitutes = session.exec(select(Recipe.substitute).where(col(Recipe.code).in_(codes)))
    return sorted(codes | {code for code in substitutes if code})


def _bans(session: Session, kitchen: str, block: Block) -> Sequence[tuple[Ban, str]]:
    statement = select(Ban, Recipe.name).join(Recipe, col(Recipe.code) == col(Ban.recipe))
    return session.exec(
        statement.where(Ban.kitchen == kitchen, Ban.date >= block.first, Ban.date <= block.last)
    ).all()


def _by_day(bans: Sequence[tuple[Ban, str]]) -> dict[date, tuple[tuple[str, str], ...]]:
    found: dict[date, tuple[tuple[str, str], ...]] = {}
    for row, name in bans:
        found[row.date] = (*found.get(row.date, ()), (row.recipe, name))
    return found
