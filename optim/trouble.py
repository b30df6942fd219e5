"""What stands in the way of a plan in force: foods that do not come, dishes that break a rule."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from optim.backend import Compiled, Engine, run
from optim.instance import Dish, Instance
from optim.linear import LinearModel
from optim.model import Model, Scope, full_model
from optim.plan import Violation, dish_need_g, need_g
from optim.purchasing import keep_ranks, recipes_of
from optim.rules import RULES
from optim.stand_ins import Place
from optim.uses import Packs, covered

NEGLIGIBLE = 1e-3
"""Kilograms, packs or euros that a row may lack without anybody minding."""
MENU_RULES = frozenset(rule.name for rule in RULES if not rule.purchases)


@dataclass(frozen=True)
class Trouble:
    """Places whose dish cannot stay, the foods that lack, and the rules broken."""

    places: frozenset[Place] = frozenset()
    foods: frozenset[str] = frozenset()
    rules: tuple[Violation, ...] = ()
    tight: bool = False
    """Whether something else lacks: room, a minimum, money."""

    @property
    def none(self) -> bool:
        """Whether the menus may stay."""
        return not (self.places or self.foods or self.rules or self.tight)

    def sentences(self, instance: Instance) -> Iterator[str]:
        """The same in kitchen words."""
        if self.foods:
            names = ", ".join(sorted(instance.food[code].name for code in self.foods))
            yield f"Livraisons : il n'arrive pas assez à temps de {names}."
        yield from dict.fromkeys(fault.message for fault in self.rules)


def short_foods(instance: Instance, dishes: Iterable[Dish], packs: Packs) -> frozenset[str]:
    """Foods that these packs and the store do not bring in time."""
    needs: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for (day, food), grams in need_g(instance, dishes).items():
        needs[food][day] = grams
    return frozenset(food for food in needs if not covered(instance, packs, food, needs[food]))


def find_trouble(instance: Instance, dishes: list[Dish], broken: Sequence[Violation]) -> Trouble:
    """What cannot be bought for these dishes at all, and the places of the rules that they break."""
    model = full_model(instance, Scope(recipes_of(instance, dishes)), skip=MENU_RULES)
    keep_ranks(instance, model, dishes)
    for column in model.variables.dish.values():
        model.linear.fix(column, 1)
    unsold = _unsold(instance, dishes, model)
    rows = _lacking(model.linear)
    cannot = {(d.date, d.slot) for d in dishes if unsold & dish_need_g(instance, d).keys()}
    return Trouble(
        places=frozenset(_places(model, rows) | cannot | _broken_places(dishes, broken)),
        foods=frozenset(_foods(instance, model.linear, rows)) | unsold,
        rules=tuple(broken),
        tight=bool(rows),
    )


def _unsold(instance: Instance, dishes: Iterable[Dish], model: Model) -> frozenset[str]:
    """Foods that nothing brings at all: where there is no source, there is no row."""
    stock = {lot.code: lot.food for lot in instance.stock}
    there = {instance.offer[code].food for code, _ in model.variables.packs}
    there |= {stock[code] for code in model.variables.lot}
    return frozenset(food for _, food in need_g(instance, dishes)) - there


def _lacking(linear: LinearModel) -> list[int]:
    """Rows that give, when as little as possible must."""
    slacks: dict[int, int] = {}
    rows = len(linear.row_terms)
    linear.cost[:] = [0.0] * len(linear.cost)
    linear.integer[:] = [False] * len(linear.integer)
    for row in range(rows):
        if linear.row_rule[row] == "objectif":
            continue
        for sign, bound in ((1.0, linear.row_low[row]), (-1.0, linear.row_high[row])):
            if abs(bound) != float("inf"):
                slack = linear.var(0, float("inf"), cost=1.0)
                linear.row_terms[row].append((slack, sign))
                slacks[slack] = row
    answer = run(Compiled(linear), Engine.GLOP, seconds=2.0)
    if answer.values is None:
        return []
    return sorted({row for slack, row in slacks.items() if answer.values[slack] > NEGLIGIBLE})


def _places(model: Model, rows: Iterable[int]) -> set[Place]:
    """Where the dishes of some rows are."""
    place = {column: (served.date, served.slot) for served, column in model.variables.servings.items()}
    found = (place.get(column) for row in rows for column, _ in model.linear.row_terms[row])
    return {where for where in found if where is not None}


def _foods(instance: Instance, linear: LinearModel, rows: Iterable[int]) -> set[str]:
    """The foods that the rows of needs speak of."""
    codes = {food.name: food.code for food in instance.foods}
    names = (linear.row_about[row].rpartition(" le ")[0] for row in rows if linear.row_rule[row] == "besoin")
    return {codes[name] for name in names if name in codes}


def _broken_places(dishes: Iterable[Dish], broken: Iterable[Violation]) -> set[Place]:
    """Places that a broken rule names: a component of a day, or a whole day."""
    found: set[Place] = set()
    for fault in broken:
        if fault.date is not None:
            here = {(d.date, d.slot) for d in dishes if d.date == fault.date}
            found |= {place for place in here if fault.slot in {None, place[1].value}}
    return found
