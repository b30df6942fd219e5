"""The answer: dishes, purchases and what each delivery feeds; every indicator recomputed here.

No solver: screens, prints and tests read these figures, never the variables of a model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property

from pydantic import Field

from optim.instance import Dish, Frozen, Instance, Recipe, Service
from optim.lines import Serving, served_diners, servings
from optim.terms import Niveau, Slot
from optim.units import PERMILLE

Day = date
"""A second name, for a field that is itself called ``date`` and has a default."""


class Purchase(Frozen):
    """Packs of one offer on one delivery day."""

    delivery: date
    offer: str
    packs: int = Field(gt=0)


class Use(Frozen):
    """Grams taken for one service, from one delivery of an offer or from one lot of the stock."""

    date: date
    food: str
    grams: int = Field(gt=0)
    offer: str | None = None
    delivery: Day | None = None
    lot: str | None = None


class Plan(Frozen):
    """Dishes of the horizon, purchases, and the use of each."""

    dishes: tuple[Dish, ...]
    purchases: tuple[Purchase, ...] = ()
    uses: tuple[Use, ...] = ()

    @cached_property
    def by_day(self) -> dict[date, tuple[Dish, ...]]:
        """Dishes of each service of the horizon."""
        days: dict[date, list[Dish]] = {}
        for dish in self.dishes:
            days.setdefault(dish.date, []).append(dish)
        return {day: tuple(dishes) for day, dishes in days.items()}


class Violation(Frozen):
    """A rule not kept, in kitchen words."""

    rule: str
    message: str
    date: Day | None = None
    slot: str | None = None
    count: int | None = None
    limit: int | None = None


class RuleCount(Frozen):
    """Where a rule stands: shown as a counter on the grid."""

    rule: str
    name: str
    source: str
    op: str = Field(description="'>=', '=', '<=' or 'ok'")
    count: int
    limit: int
    kept: bool
    block: date | None = Field(default=None, description="first service of its block of 20")
    note: str = ""


class Status(StrEnum):
    """How a search ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class Concession(Frozen):
    """One rule that the chief may give up, and by how much."""

    rule: str
    amount: int = Field(
        default=0, ge=0, description="steps of Instance.relaxed; 0: decisions are taken back instead"
    )
    decisions: tuple[tuple[Day, str], ...] = Field(
        default=(), description="kept (garder) or refused (ecarter) recipes to let go, by date"
    )
    label: str = Field(description="what is given up, in kitchen words")
    sentence: str = Field(description="what stands in the way, as a French sentence")


class Worth(Frozen):
    """What people read of a plan first; shares of the purchases HT, between 0 and 1."""

    cost_ttc_cents_per_meal: float
    share_local: float
    share_egalim: float


class Way(Frozen):
    """A way out of a question without answer: with these concessions, a plan was found."""

    concessions: tuple[Concession, ...]
    plan: Plan = Field(description="the plan met, which every other rule accepts")
    worth: Worth | None = Field(default=None, description="of that plan; runs of before do not have it")

    @property
    def relaxed(self) -> dict[str, int]:
        """The steps, as ``Instance.relaxed`` takes them."""
        return {one.rule: one.amount for one in self.concessions if one.amount}

    @property
    def label(self) -> str:
        """What is given up, in kitchen words."""
        return " et ".join(one.label for one in self.concessions)

    def decisions(self, rule: str) -> tuple[tuple[date, str], ...]:
        """What the chief takes back: under ``garder`` the kept dishes, under ``ecarter`` the refused ones."""
        return tuple(d for one in self.concessions if one.rule == rule for d in one.decisions)


class Result(Frozen):
    """What ``solve`` returns: the plan and the proof of what it is worth."""

    status: Status
    plan: Plan | None = None
    objective_cents: float | None = None
    bound_cents: float | None = None
    gap: float | None = Field(default=None, description="(objective - bound) / purchases of the plan")
    objective_parts: Mapping[str, float] = Field(default={}, description="cents, by part")
    seconds: float = 0
    first_solution_seconds: float | None = None
    seed: int = 0
    rules: tuple[RuleCount, ...] = ()
    conflicts: tuple[str, ...] = Field(default=(), description="French sentences when nothing fits")
    ways: tuple[Way, ...] = Field(default=(), description="the fewest rules to give up, each way tried")


def in_order(dishes: Iterable[Dish]) -> tuple[Dish, ...]:
    """Dishes by date, in the order of service, then by choice."""
    slots = {slot: rank for rank, slot in enumerate(Slot)}
    return tuple(sorted(dishes, key=lambda d: (d.date, slots[d.slot], d.choice, d.recipe)))


def dishes_of(instance: Instance, plan: Plan, service: Service) -> tuple[Dish, ...]:
    """Dishes of any service: from the history when served, from the plan otherwise."""
    return (instance.history_by_day if service.served else plan.by_day).get(service.date, ())


def names_known(instance: Instance, plan: Plan) -> bool:
    """Whether the question still has every recipe and offer that the plan names: prices and recipes move."""
    offers = {purchase.offer for purchase in plan.purchases} | {use.offer for use in plan.uses if use.offer}
    return offers <= instance.offer.keys() and all(dish.recipe in instance.recipe for dish in plan.dishes)


def recipe_need_mg(instance: Instance, recipe: Recipe, diners: Mapping[Niveau, int]) -> Counter[str]:
    """Milligrams of each food when all ``diners`` choose ``recipe``, or its substitute for want of pork."""
    need: Counter[str] = Counter()
    substitute = instance.recipe[recipe.substitute] if recipe.substitute else None
    without = instance.kitchen.no_pork_permille if recipe.pork and substitute else 0
    for share, eaten in ((PERMILLE - without, recipe), (without, substitute)):
        if not share or eaten is None:
            continue
        for ingredient in eaten.ingredients:
            for niveau, count in diners.items():
                need[ingredient.food] += ingredient.milligrams.get(niveau, 0) * count * share // PERMILLE
    return need


def dish_need_g(instance: Instance, dish: Dish) -> Mapping[str, int]:
    """Grams of each food that one dish of the plan needs, rounded up."""

    def compute() -> Counter[str]:
        need: Counter[str] = Counter()
        for served in servings(instance, dish):
            need.update(serving_need_g(instance, served))
        return need

    place = dish.date, dish.slot, dish.choice, dish.recipe, dish.share_permille
    return instance.memo(("dish need", place), compute)


def serving_need_g(instance: Instance, served: Serving) -> Mapping[str, int]:
    """Grams of each food of a recipe for its share of the diners of one level of choice, rounded up."""

    def compute() -> Counter[str]:
        need = recipe_need_mg(instance, instance.recipe[served.recipe], served_diners(instance, served))
        return Counter({food: -(-mg * served.share_permille // 1_000_000) for food, mg in need.items() if mg})

    return instance.memo(("need", served), compute)


def bread_need_g(instance: Instance, service: Service) -> int:
    """Grams of bread of one service."""
    return -(-service.meals * instance.kitchen.bread_mg // 1000) if instance.kitchen.bread_food else 0


def need_g(instance: Instance, dishes: Iterable[Dish]) -> dict[tuple[date, str], int]:
    """Grams by (service date, food) over the horizon, bread included."""
    need: defaultdict[tuple[date, str], int] = defaultdict(int)
    for dish in dishes:
        for food, grams in dish_need_g(instance, dish).items():
            need[dish.date, food] += grams
    if instance.kitchen.bread_food:
        for service in instance.horizon:
            need[service.date, instance.kitchen.bread_food] += bread_need_g(instance, service)
    return {key: grams for key, grams in need.items() if grams}
