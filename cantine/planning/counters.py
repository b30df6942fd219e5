"""Where the rules stand for the menus of the grid, read by ``optim.check``: no solver."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cantine.foods.models import Food
from cantine.kitchens.lines import Lines
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import Settings
from cantine.menus.grid import GridDay, monday_of
from cantine.planning import convert
from cantine.planning.horizon import days_after_closing
from cantine.recipes.book import Book
from optim import instance as question
from optim.check import counts, menu_violations
from optim.plan import Plan, RuleCount, Violation
from optim.rules import RULES
from optim.rules.blocks import BLOCK
from optim.rules.frequency import FREQUENCIES

SHORT: Mapping[str, str] = {
    "F01": "crudités",
    "F02": "fruits crus",
    "F03": "légumes cuits",
    "F04": "féculents",
    "F05": "fromages riches en calcium",
    "F06": "autres fromages",
    "F07": "laitages",
    "F08": "bœuf, veau, agneau",
    "F09": "poisson",
    "F10": "peu de viande ou poisson",
    "F11": "entrées grasses",
    "F12": "desserts gras",
    "F13": "fritures",
    "F14": "plats gras",
    "F15": "desserts sucrés",
}
"""The criteria as a cook says them, short enough for a counter."""

CRITERIA = frozenset(rule.name for rule in FREQUENCIES)
"""The frequencies of the law: a new row has its counter, under its title until it gets a short one."""
WEEKLY: Mapping[str, str] = {"V1": "végétarien", "friture": "fritures"}
"""What is counted week by week, as a cook says it."""

GROUPS = ((">=", "Au moins"), ("=", "Exactement"), ("<=", "Au plus"))


@dataclass(frozen=True)
class Counter:
    """One criterion of the block: « légumes cuits 9/10 »."""

    rule: str
    label: str
    name: str
    source: str
    op: str
    count: int
    limit: int
    kept: bool
    note: str = ""
    bound: int | None = None
    """What the meals known so far had to reach, or not to pass, where they did not: the law's
    limit for a whole block, its part for one that later meals will finish."""

    @property
    def sentence(self) -> str:
        """What it says, in full."""
        words = {">=": "au moins", "=": "exactement", "<=": "au plus"}[self.op]
        return f"{self.name}\u00a0: {self.count} pour {words} {self.limit}"

    @property
    def fault(self) -> str:
        """What is wrong, shortly."""
        bound = self.limit if self.bound is None else self.bound
        gap = self.count - bound
        verb = f"il en manque {-gap}" if gap < 0 else f"{gap} de trop"
        return f"{self.label} {self.count}/{bound}\u00a0: {verb}"


@dataclass(frozen=True)
class Reading:
    """What the check says of one block."""

    counters: tuple[Counter, ...] = ()
    weeks: Mapping[date, tuple[Counter, ...]] = field(default_factory=dict)
    """What is counted week by week, by Monday."""
    faults: tuple[Violation, ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, tuple[Counter, ...]], ...]:
        """Counters grouped « Au moins », « Exactement », « Au plus »."""
        return tuple((word, tuple(c for c in self.counters if c.op == op)) for op, word in GROUPS)

    @property
    def broken(self) -> tuple[Counter, ...]:
        """Criteria that are not kept."""
        return tuple(c for c in self.counters if not c.kept)

    @property
    def others(self) -> tuple[Violation, ...]:
        """What else is wrong: structure, season, equipment, repetition."""
        criteria = {c.rule for c in self.counters}
        return tuple(v for v in self.faults if v.rule not in criteria)

    @property
    def kept(self) -> int:
        """How many criteria are kept."""
        return sum(c.kept for c in self.counters)


@dataclass(frozen=True)
class Checker:
    """The question behind the menus of one block: ask it about any variant of them."""

    instance: question.Instance
    dishes: tuple[question.Dish, ...]
    block: date
    """First service of the block shown."""

    def read(self) -> Reading:
        """Counters and faults of the block as it stands."""
        told = counts(self.instance, Plan(dishes=self.dishes))
        faults = self.faults(self.dishes)
        bounds = {fault.rule: fault.limit for fault in faults}
        criteria = [c for c in told if c.rule in CRITERIA and c.block == self.block]
        return Reading(
            counters=tuple(replace(_counter(c), bound=bounds.get(c.rule)) for c in criteria),
            weeks=_weeks(told),
            faults=faults,
        )

    def counters(self, dishes: Sequence[question.Dish]) -> tuple[Counter, ...]:
        """The criteria of the law for the block shown, with other dishes."""
        plan = Plan(dishes=tuple(dishes))
        told = (c for rule in RULES if rule.name in CRITERIA for c in rule.counts(self.instance, plan))
        return tuple(_counter(c) for c in told if c.block == self.block)

    def faults(self, dishes: Sequence[question.Dish]) -> tuple[Violation, ...]:
        """Everything wrong with other dishes."""
        return tuple(menu_violations(self.instance, dishes))

    def replacing(self, changed: Sequence[question.Dish], day: date) -> tuple[question.Dish, ...]:
        """The menus of the block with another meal on one day."""
        return (*(dish for dish in self.dishes if dish.date != day), *changed)


def make_checker(
    kitchen: Kitchen,
    lines: Lines,
    settings: Settings,
    days: Sequence[GridDay],
    before: Sequence[GridDay],
    book: Book,
    bans: Iterable[tuple[date, str]],
    today: date,
    opened: date | None = None,
) -> Checker | None:
    """The question for the days of a block that have a menu, after a whole block before it.

    Days without a menu yet are left out, since they may still help every criterion; ``opened``
    is the one being filled.
    """
    planned = [day for day in days if day.dishes or day.date == opened]
    if not planned:
        return None
    if len(before) != BLOCK or not all(day.dishes for day in before):
        before = ()
    shown_open = any(not day.past for day in planned)
    services = (
        *(_service(day, served=True) for day in before),
        *(_service(day, served=shown_open and day.past) for day in planned),
    )
    served = {service.date for service in services if service.served}
    dishes = [dish for day in (*before, *planned) for dish in dishes_of(day)]
    entries = [book[code] for code in sorted(book)]
    meals = max(day.meals for day in planned)
    foods: dict[str, Food] = {food.code: food for entry in entries for _, food in entry.lines}
    instance = question.Instance(
        kitchen=convert.kitchen_of(kitchen, settings, lines),
        services=services,
        history=tuple(dish for dish in dishes if dish.date in served),
        bans=frozenset(bans),
        foods=tuple(convert.food_of(food) for food in foods.values()),
        recipes=tuple(convert.recipe_of(entry, meals) for entry in entries),
        suppliers=(),
        offers=(),
        closed_before=days_after_closing(kitchen, services),
        today=today,
    )
    return Checker(instance, tuple(d for d in dishes if d.date not in served), planned[0].date)


def dishes_of(day: GridDay) -> list[question.Dish]:
    """The dishes of a day, as the question names them."""
    return [
        question.Dish(
            date=day.date,
            slot=dish.slot,
            choice=dish.choice,
            recipe=dish.recipe,
            share_permille=dish.share_permille,
        )
        for dish in day.dishes
    ]


def _service(day: GridDay, *, served: bool) -> question.Service:
    return question.Service(
        date=day.date, diners=day.diners, by_line=day.by_line, served=served, theme=day.theme
    )


def _weeks(told: Iterable[RuleCount]) -> dict[date, tuple[Counter, ...]]:
    """Counters of each week by its Monday, in the order of the rules."""
    weeks: defaultdict[date, list[Counter]] = defaultdict(list)
    for count in told:
        if count.rule in WEEKLY and count.block is not None:
            weeks[monday_of(count.block)].append(_counter(count))
    return {monday: tuple(counters) for monday, counters in weeks.items()}


def _counter(count: RuleCount) -> Counter:
    return Counter(
        rule=count.rule,
        label=SHORT.get(count.rule) or WEEKLY.get(count.rule) or count.name,
        name=count.name,
        source=count.source,
        op=count.op,
        count=count.count,
        limit=count.limit,
        kept=count.kept,
        note=count.note,
    )
