"""What one kitchen buys in an invented year: week after week, family after family, under its means."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random

from cantine.demo.shelf import BIO, PLAIN, QUALITY, Item, Shelf
from cantine.kitchens.models import Kitchen
from cantine.orders.purchases import to_the_cent
from optim.terms import FamilleProduits as F

SPENT: Mapping[str, tuple[float, float]] = {
    F.VIANDES_VOLAILLES: (0.26, 0.12),
    F.CHARCUTERIE: (0.03, 0.03),
    F.PRODUITS_DE_LA_MER: (0.10, 0.05),
    F.FRUITS_ET_LEGUMES: (0.24, 0.35),
    F.PRODUITS_LAITIERS: (0.18, 0.20),
    F.BOULANGERIE: (0.07, 0.11),
    F.BOISSONS: (0.01, 0.01),
    F.AUTRES: (0.11, 0.13),
}
"""Part of the money and part of the lines of each family: an estimate, for the demonstration."""
LINES_A_WEEK = 94
"""Lines of an ordinary kitchen (1,000 meals a week more or less); large ones have more, slowly."""
ORDINARY_MEALS = 1600
BIO_MEDIAN, BIO_SPREAD, BIO_MOST = 0.030, 0.75, 0.188
"""Share of organic purchases: median and maximum published for 2023 (94 collèges of the Pas-de-Calais)."""
QUALITY_LEAST, QUALITY_USUAL, QUALITY_MOST = 0.02, 0.07, 0.20
"""Other durable and quality purchases, so that the mean of both is near the 10.8 % published for 2023."""
CREDIT_RATE = 0.0015
CREDIT_DAYS = 9


@dataclass(frozen=True)
class Bought:
    """One line."""

    item: Item
    day: date
    packs: int
    amount: Decimal


@dataclass
class Habits:
    """How a kitchen buys: drawn once, kept all year."""

    cost: float
    bio: float
    quality: float
    lines: int
    spent: dict[str, float] = field(default_factory=lambda: {BIO: 0.0, QUALITY: 0.0, "": 0.0})

    def wanted(self, dice: Random) -> str:
        """The class that is the most behind what the kitchen means to buy, most of the time."""
        total = self.spent[""] or 1.0
        if self.spent[BIO] < self.bio * total and dice.random() < 0.5:  # noqa: PLR2004 -- not every time
            return BIO
        if self.spent[QUALITY] < self.quality * total and dice.random() < 0.5:  # noqa: PLR2004 -- the same
            return QUALITY
        return PLAIN

    def note(self, quality: str, amount: float) -> None:
        """Remember what was spent."""
        self.spent[""] += amount
        if quality != PLAIN:
            self.spent[quality] += amount


def habits(kitchen: Kitchen, dice: Random, meals_a_week: float) -> Habits:
    """Draw the habits of a kitchen around the published figures."""
    bio = min(BIO_MOST, BIO_MEDIAN * dice.lognormvariate(0, BIO_SPREAD))
    return Habits(
        cost=kitchen.budget_ttc_cents / 105.5 * dice.uniform(0.90, 1.0),
        bio=bio,
        quality=dice.triangular(QUALITY_LEAST, QUALITY_MOST, QUALITY_USUAL),
        lines=round(LINES_A_WEEK * (meals_a_week / ORDINARY_MEALS) ** 0.4),
    )


def basket(habit: Habits, shelf: Shelf, meals: Mapping[date, int], dice: Random) -> Iterator[Bought]:
    """A year, from the meals of each day; a few deliveries are followed by a credit note."""
    weeks: defaultdict[date, list[date]] = defaultdict(list)
    for day in meals:
        weeks[day - timedelta(days=day.weekday())].append(day)
    for monday, days in weeks.items():
        money = habit.cost * sum(meals[day] for day in days)
        lines = habit.lines * len(days) / 5
        for family, (part, share) in SPENT.items():
            drawer = _Drawer(shelf.get(family, {}), days, monday)
            for line in _family(habit, drawer, money * part * dice.gauss(1, 0.12), lines * share, dice):
                yield line
                yield from _credit(line, dice, max(meals))


def _family(habit: Habits, drawer: "_Drawer", money: float, lines: float, dice: Random) -> Iterator[Bought]:
    usual = money / max(lines, 1)
    while money > 0:
        found = drawer.draw(habit.wanted(dice), dice)
        if found is None:
            return
        item, price = found
        packs = max(1, round(usual * dice.lognormvariate(0, 0.4) / float(price)))
        amount = to_the_cent(price * packs)
        if packs == 1 and float(amount) > 2 * money:
            return
        money -= float(amount)
        habit.note(item.quality, float(amount))
        yield Bought(item, drawer.day(item, dice), packs, amount)


def _credit(line: Bought, dice: Random, last: date) -> Iterator[Bought]:
    """A pack sent back, taken off in the days that follow."""
    if dice.random() >= CREDIT_RATE:
        return
    later = line.day + timedelta(days=dice.randint(1, CREDIT_DAYS))
    if later <= last:
        yield Bought(line.item, later, 0, -to_the_cent(line.amount / line.packs))


class _Drawer:
    """The products of a family in one week, drawn by weight among those delivered."""

    def __init__(self, shelf: Mapping[str, list[Item]], days: Sequence[date], monday: date) -> None:
        self._days = {day.isoweekday(): day for day in days}
        self._monday = monday
        self._by_class = {quality: self._weighed(items) for quality, items in shelf.items()}

    def _weighed(self, items: list[Item]) -> tuple[list[Item], list[float]]:
        there = [item for item in items if item.weekdays & self._days.keys()]
        return there, list(accumulate(item.weight(self._monday) for item in there))

    def draw(self, quality: str, dice: Random) -> tuple[Item, Decimal] | None:
        """A product of the class, of the plain one where there is none; and its price."""
        for wanted in (quality, PLAIN, QUALITY, BIO):
            items, weights = self._by_class.get(wanted, ([], []))
            if items:
                item = items[bisect(weights, dice.random() * weights[-1], hi=len(items) - 1)]
                return item, item.price(self._monday)
        return None

    def day(self, item: Item, dice: Random) -> date:
        """One of its days of delivery."""
        return self._days[dice.choice(sorted(item.weekdays & self._days.keys()))]
