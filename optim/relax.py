"""A bound that no plan can beat: the question with fewer demands, solved whole.

Every recipe, offer and delivery is there. Packs may be cut, credits do not look at dates, the
price of repetition is left out; each of these can only make the optimum cheaper.
"""

from collections import defaultdict
from datetime import date, timedelta

from optim.backend import Compiled
from optim.instance import Instance
from optim.linear import LinearModel
from optim.model import Model, Scope, full_model
from optim.rules.purchases import KG, FoodNeeds, arrivals_by_food, need_terms, whole_use

REPLACED = frozenset({"besoin", "stockage"})
"""Rules written otherwise, or left out, in the relaxation."""


def relaxed_model(instance: Instance, scope: Scope) -> tuple[Model, Compiled]:
    """Dishes whole, packs and visits in parts; the store as a chain from service to service."""
    model = full_model(instance, scope, skip=REPLACED)
    arrivals = arrivals_by_food(model.variables, instance)
    for food, needs in need_terms(model.variables, instance).items():
        _chain(model, instance, food, needs, arrivals.get(food, {}))
    compiled = Compiled(model.linear)
    for columns in (model.variables.packs, model.variables.delivery):
        compiled.integer[list(columns.values())] = False
    return model, compiled


def _chain(
    model: Model,
    instance: Instance,
    food: str,
    needs: FoodNeeds,
    arrivals: dict[date, list[tuple[int, float]]],
) -> None:
    linear = model.linear
    life = timedelta(days=instance.food[food].shelf_life_days)
    lots = _lot_columns(linear, model, instance, food, list(needs))
    lost = {day: linear.var(0, float("inf")) for day in arrivals}
    kept: dict[date, int] = {}
    stored: list[tuple[int, float]] = []
    pending = sorted(arrivals)
    for day in sorted(needs):
        terms, constant = needs[day]
        while pending and pending[0] <= day:
            delivery = pending.pop(0)
            stored = [*stored, *arrivals[delivery], (lost[delivery], -1.0)]
            _eaten_in_time(linear, stored, needs, lots, (delivery, delivery + life))
        kept[day] = linear.var(0, float("inf"))
        row = [*stored, *terms, *((c, 1.0) for c in lots.get(day, ())), (kept[day], -1.0)]
        linear.row("besoin", row, constant, constant)
        stored = [(kept[day], 1.0)]
    whole_use(model.linear, model.variables, instance, (food, needs))


def _lot_columns(
    linear: LinearModel, model: Model, instance: Instance, food: str, days: list[date]
) -> dict[date, list[int]]:
    columns: defaultdict[date, list[int]] = defaultdict(list)
    for lot in instance.stock:
        if lot.food != food or lot.code not in model.variables.lot:
            continue
        mine = []
        for day in days:
            if day <= lot.expires_on:
                column = linear.var(0, lot.grams / KG)
                columns[day].append(column)
                mine.append((column, 1.0))
        linear.row("conservation", [*mine, (model.variables.lot[lot.code], -1.0)], 0, 0)
    return columns


def _eaten_in_time(
    linear: LinearModel,
    stored: list[tuple[int, float]],
    needs: FoodNeeds,
    lots: dict[date, list[int]],
    window: tuple[date, date],
) -> None:
    delivery, last = window
    if all(day <= last for day in needs):
        return
    inside = [day for day in needs if delivery <= day <= last]
    row = [*stored, *(term for day in inside for term in needs[day][0])]
    row += [(c, 1.0) for day in inside for c in lots.get(day, ())]
    linear.row("conservation", row, high=sum(needs[day][1] for day in inside))
