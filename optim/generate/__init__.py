"""Invented instances of a realistic shape, for tests and benchmarks: same shape and seed, same instance.

What lives here: the shape, its foods, market and recipes, the calibration of the budget. What does
not: real data (``seeds/``) and the search.
"""

from datetime import date, timedelta
from random import Random

from optim.generate.book import recipes
from optim.generate.budget import calibrated
from optim.generate.foods import BREAD, foods
from optim.generate.market import market
from optim.generate.shape import Budget, Shape
from optim.instance import Egalim, Food, Instance, Kitchen, Service, StockLot
from optim.terms import Niveau, Slot

__all__ = ["Budget", "Shape", "generate"]

FIRST_DAY = date(2027, 1, 4)
"""A Monday."""
WEEKDAYS = {4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
ADULTS_PERMILLE = 80
ATTENDANCE = (0.82, 1.12)
"""Least and most of the usual meals on a day, where headcounts vary."""
STOCK_DAYS = (20, 200)
TARGETS = Egalim(target_egalim_permille=300, target_bio_permille=100, target_meat_fish_permille=300)


def generate(shape: Shape, seed: int) -> Instance:
    """The instance of a shape and a seed; its budget is calibrated once and kept in it.

    Raises:
        ValueError: the shape asks for fewer offers than foods or for sizes the tables cannot make.
    """
    random = Random(f"{seed}/{shape.services}/{shape.meals}/{shape.components}/{shape.choices}")
    days = _days(shape)
    larder = foods(random, shape.foods)
    suppliers, offers = market(random, shape, larder, days)
    instance = Instance(
        kitchen=_kitchen(shape),
        services=tuple(Service(date=day, diners=_diners(random, shape)) for day in days),
        foods=larder,
        recipes=recipes(random, shape.dishes, larder),
        suppliers=suppliers,
        offers=offers,
        stock=_stock(random, shape, larder),
        egalim=TARGETS,
        today=FIRST_DAY - timedelta(days=10),
    )
    return calibrated(instance, shape.budget)


def _days(shape: Shape) -> tuple[date, ...]:
    days: list[date] = []
    day = FIRST_DAY
    while len(days) < shape.services:
        if day.weekday() in WEEKDAYS[shape.week_days]:
            days.append(day)
        day += timedelta(days=1)
    return tuple(days)


def _diners(random: Random, shape: Shape) -> dict[Niveau, int]:
    meals = round(shape.meals * random.uniform(*ATTENDANCE)) if shape.headcounts_vary else shape.meals
    adults = meals * ADULTS_PERMILLE // 1000
    return {Niveau.COLLEGE: meals - adults, Niveau.ADULTE: adults}


def _kitchen(shape: Shape) -> Kitchen:
    return Kitchen(
        code="essai",
        name="Cuisine d'essai",
        components=shape.components,
        choices=dict(zip(Slot, shape.choices, strict=True)),
        week_days=shape.week_days,
        equipment={"friteuse": 1, "four": 3},
        bread_food=BREAD,
    )


def _stock(random: Random, shape: Shape, larder: tuple[Food, ...]) -> tuple[StockLot, ...]:
    dry = [food for food in larder if food.storage in {"epicerie", "surgele"}]
    return tuple(
        StockLot(
            code=f"lot-{food.code}",
            food=food.code,
            grams=random.randrange(2, 12) * 10 * shape.meals,
            price_cents_kg=random.randrange(150, 400),
            expires_on=FIRST_DAY + timedelta(days=random.randrange(*STOCK_DAYS)),
        )
        for food in random.sample(dry, min(shape.stock_lots, len(dry)))
    )
