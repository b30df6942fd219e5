"""Tiny questions and answers, with sensible defaults: each test says only what matters to it.

What lives here: builders. What does not: rules, expected values, any assertion.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from optim.instance import Dish, Food, Instance, Kitchen, Line, Offer, Recipe, Service, StockLot, Supplier
from optim.plan import Plan, Purchase, Use, dish_need_g
from optim.terms import Critere, FamilleProduits, Niveau, Slot, Vegetarien

MONDAY = date(2026, 1, 5)
"""First day of the tiny questions: a Monday, ISO week 2 of 2026."""
TUESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in (1, 3, 4))
NEXT_MONDAY = MONDAY + timedelta(days=7)
FOUR_DAYS = (0, 1, 3, 4)
"""Monday, Tuesday, Thursday, Friday."""
FIVE_DAYS = (0, 1, 2, 3, 4)
MEALS = 100
"""Diners of a service: a portion of 100 g then makes 10 kg."""

Table = Mapping[date, Iterable[str]]
"""Recipes by day."""


def days(count: int, *, start: date = MONDAY, weekdays: tuple[int, ...] = FOUR_DAYS) -> tuple[date, ...]:
    """The next ``count`` days of service from ``start`` on."""
    found: list[date] = []
    day = start
    while len(found) < count:
        if day.weekday() in weekdays:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def services(dates: Iterable[date], *, served: int = 0, meals: int = MEALS) -> tuple[Service, ...]:
    """One service of collégiens a day, the first ``served`` of them already eaten."""
    return tuple(
        Service(date=day, diners={Niveau.COLLEGE: meals}, served=rank < served)
        for rank, day in enumerate(dates)
    )


def kitchen(**fields: Any) -> Kitchen:
    """A kitchen of five components without choice, without staples."""
    return Kitchen(**({"code": "k", "name": "Cuisine", "choices": {}, "staples_cents": 0} | fields))


def two_lines(whole: Kitchen, **fields: Any) -> Kitchen:
    """The kitchen with a collège served as it is, and schools served as ``fields`` say: one choice of all."""
    college = Line(code="college", name="Collège", components=whole.components, choices=whole.choices)
    schools = {
        "components": whole.components,
        "choices": {slot: min(1, n) for slot, n in whole.choices.items()},
    }
    line = Line(**({"code": "ecoles", "name": "Écoles"} | schools | fields))
    return whole.model_copy(update={"lines": (college, line)})


def apart(meals: Iterable[Service], schools: int = 40) -> tuple[Service, ...]:
    """The same services, so many of the diners at the schools."""
    return tuple(
        service.model_copy(
            update={
                "by_line": {
                    "college": {Niveau.COLLEGE: service.meals - schools},
                    "ecoles": {Niveau.COLLEGE: schools},
                }
            }
        )
        for service in meals
    )


def recipe(code: str, slot: Slot = Slot.PLAT, *tags: Critere, **fields: Any) -> Recipe:
    """A dish that asks nothing and may come back at once."""
    defaults = {"name": code.capitalize(), "repeat_gap": 0, "tags": frozenset(tags)}
    return Recipe(code=code, slot=slot, **(defaults | fields))


def cooked(code: str, foods: Mapping[str, int], slot: Slot = Slot.PLAT, **fields: Any) -> Recipe:
    """A dish with so many grams of each food per collégien."""
    ingredients = [
        {"food": food, "milligrams": {Niveau.COLLEGE: grams * 1000}} for food, grams in foods.items()
    ]
    return recipe(code, slot, ingredients=ingredients, **fields)


def starter(code: str, *tags: Critere, **fields: Any) -> Recipe:
    """A starter without meat."""
    return recipe(code, Slot.ENTREE, *tags, **({"vegetarian": Vegetarien.AUTRE} | fields))


def food(code: str, **fields: Any) -> Food:
    """A food that keeps for ten days."""
    defaults = {
        "name": code.capitalize(),
        "family": FamilleProduits.FRUITS_ET_LEGUMES,
        "shelf_life_days": 10,
    }
    return Food(code=code, **(defaults | fields))


def supplier(code: str = "s", dates: Iterable[date] = (MONDAY,), **fields: Any) -> Supplier:
    """A supplier who comes on some days, without minimum nor fee."""
    return Supplier(code=code, **({"name": code.upper(), "delivery_dates": tuple(dates)} | fields))


def offer(code: str, of: str, **fields: Any) -> Offer:
    """Packs of 5 kg at 5.00 €, valid all year: 100 cents a kilogram, of which all may be credited."""
    defaults = {
        "supplier": "s",
        "pack_g": 5000,
        "price_cents": 500,
        "credit_cents_kg": 100,
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
    }
    return Offer(code=code, food=of, **(defaults | fields))


def lot(code: str, of: str, grams: int, expires_on: date, price_cents_kg: int = 100) -> StockLot:
    """Food in the store."""
    return StockLot(code=code, food=of, grams=grams, price_cents_kg=price_cents_kg, expires_on=expires_on)


def question(recipes: Iterable[Recipe] = (), **fields: Any) -> Instance:
    """One week of four services in a plain kitchen, unless ``fields`` say otherwise.

    ``history`` and ``locks`` may be given as a table of recipes by day.
    """
    recipes = tuple(recipes)
    defaults: dict[str, Any] = {
        "kitchen": kitchen(),
        "services": services(days(4)),
        "foods": (),
        "suppliers": (),
        "offers": (),
        "today": MONDAY,
    }
    for name in ("history", "locks"):
        if isinstance(fields.get(name), Mapping):
            fields[name] = dishes(recipes, fields[name])
    return Instance(recipes=recipes, **(defaults | fields))


def dishes(recipes: Iterable[Recipe], table: Table) -> tuple[Dish, ...]:
    """Dishes by day, each in its own slot, sharing the diners equally."""
    slots = {r.code: r.slot for r in recipes}
    found = []
    for day, codes in table.items():
        names = list(codes)
        sizes = Counter(slots[code] for code in names)
        seen: Counter[Slot] = Counter()
        for code in names:
            slot = slots[code]
            seen[slot] += 1
            share = -(-1000 // sizes[slot])
            found.append(Dish(date=day, slot=slot, choice=seen[slot], recipe=code, share_permille=share))
    return tuple(found)


def menu(instance: Instance, table: Table) -> Plan:
    """A plan of dishes alone."""
    return Plan(dishes=dishes(instance.recipes, table))


def buy(offer_code: str, packs: int, delivery: date = MONDAY) -> Purchase:
    """Packs of one offer."""
    return Purchase(offer=offer_code, packs=packs, delivery=delivery)


def take(day: date, of: str, grams: int, offer_code: str, delivery: date = MONDAY) -> Use:
    """Grams of a delivery for one service."""
    return Use(date=day, food=of, grams=grams, offer=offer_code, delivery=delivery)


def draw(day: date, of: str, grams: int, lot_code: str) -> Use:
    """Grams of a stock lot for one service."""
    return Use(date=day, food=of, grams=grams, lot=lot_code)


def served_from(instance: Instance, dishes_: Iterable[Dish], offer_code: str) -> tuple[Use, ...]:
    """What the dishes need of the food of an offer, all taken from its delivery of Monday."""
    of = instance.offer[offer_code].food
    needs = ((dish, dish_need_g(instance, dish).get(of, 0)) for dish in dishes_)
    return tuple(take(dish.date, of, grams, offer_code) for dish, grams in needs if grams)
