"""The budget of an invented instance, set against what its menus cost: no search, the same on every machine.

Dishes, packs and deliveries in parts (one linear programme) estimate the cost of the best plan without
budget. Menus in parts, bought at the cheapest offers with the stock for nothing, are a proof that no
plan costs less.
"""

from datetime import date, timedelta
from math import ceil, floor

from optim.backend import Compiled, Engine, Floats, Outcome, run
from optim.generate.shape import Budget
from optim.instance import Instance, Offer, Recipe
from optim.model import Model, Scope, menu_model
from optim.plan import need_g, serving_need_g
from optim.relax import relaxed_model
from optim.rules.budget import FEE_VAT_PERMILLE, staples_ttc_millicents
from optim.terms import Slot
from optim.units import MILLICENTS, PERMILLE

WHOLE_PACKS = 1.02
"""What whole packs, minimum orders and deliveries add to the estimate: measured, see docs/benchmarks.md."""
LOOSE, BINDING, IMPOSSIBLE = 1.12, 0.95, 0.96
SECONDS = 300.0

Prices = dict[tuple[date, str], float]


def calibrated(instance: Instance, budget: Budget) -> Instance:
    """The same instance with its budget, in whole cents TTC per meal.

    Raises:
        ValueError: the rules of the menus themselves cannot be kept.
    """
    if budget is Budget.IMPOSSIBLE:
        cents = floor(least_cents(instance) * IMPOSSIBLE)
    else:
        factor = LOOSE if budget is Budget.LOOSE else BINDING
        cents = ceil(expected_cents(instance) * WHOLE_PACKS * factor)
    return instance.changed(budget_ttc_cents=cents)


def expected_cents(instance: Instance) -> float:
    """TTC of a meal of the best plan in parts."""
    model, compiled = relaxed_model(instance, Scope(_recipes(instance)))
    compiled.integer[:] = False
    _, values = _optimum(compiled)
    return _bill_cents(instance, model, values) / instance.meals + _staples_cents(instance)


def _recipes(instance: Instance) -> dict[tuple[date, Slot], list[Recipe]]:
    return {
        (service.date, slot): [recipe for recipe in instance.recipes if recipe.slot is slot]
        for service in instance.horizon
        for slot in Slot
        if instance.kitchen.presentations(slot)
    }


def _bill_cents(instance: Instance, model: Model, values: Floats) -> float:
    bill = 0.0
    for (code, _), column in model.variables.packs.items():
        offer = instance.offer[code]
        bill += float(values[column]) * offer.price_cents * (PERMILLE + offer.vat_permille)
    for (code, _), column in model.variables.delivery.items():
        fee = instance.supplier[code].delivery_fee_cents
        bill += float(values[column]) * fee * (PERMILLE + FEE_VAT_PERMILLE)
    return bill / PERMILLE


def _staples_cents(instance: Instance) -> float:
    return staples_ttc_millicents(instance) / MILLICENTS / instance.meals


def _optimum(compiled: Compiled) -> tuple[float, Floats]:
    answer = run(compiled, Engine.GLOP, seconds=SECONDS)
    if answer.outcome is not Outcome.OPTIMAL or answer.values is None:
        raise ValueError("les menus de cette forme ne peuvent pas suivre les règles")
    return answer.objective, answer.values


def least_cents(instance: Instance) -> float:
    """No plan costs less a meal, TTC: the cheapest offer of each food and day, the stock for nothing."""
    prices, model = _cheapest(instance), menu_model(instance)
    compiled = Compiled(model.linear)
    compiled.integer[:] = False
    compiled.cost[:] = 0
    compiled.offset = 0.0
    for served, column in model.variables.servings.items():
        needs = serving_need_g(instance, served).items()
        if all((served.date, food) in prices for food, _ in needs):
            compiled.cost[column] = sum(prices[served.date, food] * grams / 1000 for food, grams in needs)
        elif not instance.stock:
            compiled.upper[column] = 0
    bread = sum(prices[key] * grams / 1000 for key, grams in need_g(instance, ()).items())
    bill = _optimum(compiled)[0] + bread - _stock_cents(instance, prices)
    return bill / instance.meals + _staples_cents(instance)


def _cheapest(instance: Instance) -> Prices:
    """For each service and food that some delivery reaches: the least price of a kilogram, TTC."""
    found: Prices = {}
    for offer in instance.offers:
        life = timedelta(days=instance.food[offer.food].shelf_life_days)
        visits = instance.supplier[offer.supplier].delivery_dates
        for service in instance.horizon:
            if any(day <= service.date <= day + life for day in visits):
                key = service.date, offer.food
                found[key] = min(_ttc_cents_kg(offer), found.get(key, float("inf")))
    return found


def _ttc_cents_kg(offer: Offer) -> float:
    return offer.price_cents * 1000 / offer.pack_g * (PERMILLE + offer.vat_permille) / PERMILLE


def _stock_cents(instance: Instance, prices: Prices) -> float:
    dearest: dict[str, float] = {}
    for (_, food), price in prices.items():
        dearest[food] = max(price, dearest.get(food, 0.0))
    return sum(dearest.get(lot.food, 0.0) * lot.grams / 1000 for lot in instance.stock)
