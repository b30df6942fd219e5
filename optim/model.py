"""The question as one linear model: dishes and purchases together.

Costs in cents, quantities in kilograms. The same model serves every step of the search: relaxed
for the bound, with menus fixed for the purchases, read row by row by the compiled walk.
"""

from dataclasses import dataclass
from datetime import date
from math import ceil

from optim.figures import (
    concerns,
    counts_local,
    delivery_usable_after,
    largest_pack_g,
    lot_closing_millicents_kg,
    new_closing_millicents_kg,
    serving_extras_millicents,
    step_width_millicents,
    targets,
)
from optim.instance import Dish, Instance, Offer, Recipe
from optim.linear import LinearModel
from optim.lines import Serving, serving
from optim.plan import need_g, serving_need_g
from optim.rules import RULES
from optim.rules.purchases import KG
from optim.terms import Slot
from optim.units import MILLICENTS, PERMILLE
from optim.variables import Variables


@dataclass(frozen=True)
class Model:
    """A linear model and the names of its columns."""

    linear: LinearModel
    variables: Variables


def menu_model(instance: Instance) -> Model:
    """Dishes only, with every rule that speaks of menus; costs beside food."""
    linear, variables = LinearModel(), Variables(instance.recipe)
    _add_dishes(linear, variables, instance, _all_recipes(instance))
    _add_rules(linear, variables, instance, purchases=False)
    return Model(linear, variables)


@dataclass(frozen=True)
class Scope:
    """What a model may choose from: a search looks at a part of the market at a time."""

    recipes: dict[tuple[date, Slot], list[Recipe]]
    offers: frozenset[str] | None = None

    def sells(self, offer: Offer) -> bool:
        """Whether the offer is looked at."""
        return self.offers is None or offer.code in self.offers


def full_model(
    instance: Instance, scope: Scope, *, skip: frozenset[str] = frozenset(), soft_budget: float = 0
) -> Model:
    """Dishes and purchases within a scope, every rule but those to skip.

    With ``soft_budget``, the budget may be passed at that many cents a cent.
    """
    linear, variables = LinearModel(), Variables(instance.recipe)
    _add_dishes(linear, variables, instance, scope.recipes)
    _add_purchases(linear, variables, instance, scope)
    _add_shortfall(linear, variables, instance)
    _add_rules(linear, variables, instance, purchases=True, skip=skip)
    if soft_budget:
        for row in (n for n, rule in enumerate(linear.row_rule) if rule == "budget"):
            linear.row_terms[row].append((linear.var(0, float("inf"), cost=soft_budget), -1.0))
    return Model(linear, variables)


def _all_recipes(instance: Instance) -> dict[tuple[date, Slot], list[Recipe]]:
    per_slot = {slot: [r for r in instance.recipes if r.slot is slot] for slot in Slot}
    return {
        (service.date, slot): recipes
        for service in instance.horizon
        for slot, recipes in per_slot.items()
        if instance.kitchen.presentations(slot)
    }


def shares(instance: Instance, day: date, slot: Slot) -> tuple[dict[str, int], int]:
    """Shares the chief decided in a slot, and the equal share of each other dish, rounded up."""
    choices = instance.kitchen.presentations(slot)
    decided = {
        lock.recipe: lock.share_permille
        for lock in instance.locks
        if (lock.date, lock.slot) == (day, slot) and choices > 1 and lock.share_permille < PERMILLE
    }
    others = choices - len(decided)
    rest = PERMILLE - sum(decided.values())
    return decided, ceil(rest / others) if others > 0 and rest > 0 else PERMILLE


def _add_dishes(
    linear: LinearModel,
    variables: Variables,
    instance: Instance,
    recipes: dict[tuple[date, Slot], list[Recipe]],
) -> None:
    for (day, slot), choices in recipes.items():
        decided, other = shares(instance, day, slot)
        variables.free_share[day, slot] = other
        for recipe in choices:
            share = decided.get(recipe.code, other)
            if recipe.code in decided:
                variables.share[day, slot, recipe.code] = share
            dish = Dish(date=day, slot=slot, recipe=recipe.code, share_permille=share)
            for level in instance.kitchen.levels(slot):
                served = serving(instance.kitchen, dish, level)
                cost = serving_extras_millicents(instance, served) / MILLICENTS
                variables.servings[served] = column = linear.binary(cost)
                if level == instance.kitchen.presentations(slot):
                    variables.add_dish(day, slot, recipe, column)
                else:
                    variables.first[day, slot, recipe.code, level] = column


def _add_rules(
    linear: LinearModel,
    variables: Variables,
    instance: Instance,
    *,
    purchases: bool,
    skip: frozenset[str] = frozenset(),
) -> None:
    for rule in RULES:
        if rule.applies(instance) and (purchases or not rule.purchases) and rule.name not in skip:
            rule.build(linear, variables, instance)
    for column in linear.forbidden:
        linear.fix(column, 0)


def most_needed(instance: Instance, variables: Variables) -> dict[tuple[date, str], float]:
    """Kilograms of each food that a service could need at most: bounds of uses and packs."""
    most: dict[tuple[date, str], float] = {key: grams / KG for key, grams in need_g(instance, ()).items()}
    for (day, level), dishes in _by_level(variables).items():
        per_food: dict[str, list[int]] = {}
        for served in dishes:
            for food, grams in serving_need_g(instance, served).items():
                per_food.setdefault(food, []).append(grams)
        for food, weights in per_food.items():
            heaviest = sum(sorted(weights, reverse=True)[: level[1]]) / KG
            most[day, food] = most.get((day, food), 0) + heaviest
    return most


def _by_level(variables: Variables) -> dict[tuple[date, tuple[Slot, int]], list[Serving]]:
    found: dict[tuple[date, tuple[Slot, int]], list[Serving]] = {}
    for served in variables.servings:
        found.setdefault((served.date, (served.slot, served.level)), []).append(served)
    return found


def _add_purchases(linear: LinearModel, variables: Variables, instance: Instance, scope: Scope) -> None:
    days: dict[str, dict[date, float]] = {}
    for (day, food), most in sorted(most_needed(instance, variables).items()):
        days.setdefault(food, {})[day] = most
    for offer in instance.offers:
        if offer.food in days and scope.sells(offer):
            _add_offer(linear, variables, instance, offer, days[offer.food])
    for lot in instance.stock:
        kept = lot_closing_millicents_kg(instance, lot) / MILLICENTS
        linear.offset -= kept * lot.grams / KG
        most = sum(needed for day, needed in days.get(lot.food, {}).items() if lot.feeds(day, day))
        if most:
            variables.lot[lot.code] = linear.var(0, min(lot.grams / KG, most), cost=kept)
    _add_most_left(linear, variables, instance)


def _add_offer(
    linear: LinearModel,
    variables: Variables,
    instance: Instance,
    offer: Offer,
    most: dict[date, float],
) -> None:
    usable = []
    for delivery in instance.supplier[offer.supplier].delivery_dates:
        served = [d for d in most if delivery <= d <= instance.keeps_to(offer.food, delivery)]
        if served and offer.valid_from <= delivery <= offer.valid_to:
            _add_delivery(linear, variables, instance, offer, delivery, sum(most[d] for d in served))
            if delivery_usable_after(instance, offer, delivery):
                usable.append(delivery)
    if any(code == offer.code for code, _ in variables.packs):
        credit = credit_permille(instance, offer) / PERMILLE * offer.credit_cents_kg
        variables.used[offer.code] = linear.var(0, sum(most.values()), cost=-credit)
        _add_closing(linear, variables, instance, offer, usable)


def _add_closing(
    linear: LinearModel, variables: Variables, instance: Instance, offer: Offer, usable: list[date]
) -> None:
    """What is bought and not used is worth something only as far as it keeps."""
    if not usable:
        return
    worth = new_closing_millicents_kg(instance, offer.food)
    left = variables.left[offer.code] = linear.var(0, float("inf"), cost=-worth / MILLICENTS)
    kilograms = offer.pack_g / KG
    late = [(variables.packs[offer.code, d], -kilograms) for d in usable]
    every = [(c, -kilograms) for (code, _), c in variables.packs.items() if code == offer.code]
    linear.row("objectif", [(left, 1.0), *late], high=0)
    linear.row("objectif", [(left, 1.0), (variables.used[offer.code], 1.0), *every], high=0)


def _add_most_left(linear: LinearModel, variables: Variables, instance: Instance) -> None:
    """What is left of a food counts as far as the horizon needs of it, and one pack."""
    rows: dict[str, list[tuple[int, float]]] = {}
    for code, column in variables.left.items():
        rows.setdefault(instance.offer[code].food, []).append((column, 1.0))
    taken = [(instance.offer[code].food, column) for code, column in variables.used.items()]
    taken += [(lot.food, variables.lot[lot.code]) for lot in instance.stock if lot.code in variables.lot]
    for food, column in taken:
        if food in rows:
            rows[food].append((column, -1.0))
    for food, row in rows.items():
        linear.row("objectif", row, high=largest_pack_g(instance, food) / KG)


def _add_delivery(
    linear: LinearModel, variables: Variables, instance: Instance, offer: Offer, delivery: date, most: float
) -> None:
    supplier = instance.supplier[offer.supplier]
    packs = max(ceil(most * KG / offer.pack_g), ceil(supplier.min_order_cents / offer.price_cents))
    if offer.weekly_packs is not None:
        packs = min(packs, offer.weekly_packs)
    variables.packs[offer.code, delivery] = linear.var(0, packs, integer=True, cost=offer.price_cents)
    key = offer.supplier, delivery
    if key not in variables.delivery and (supplier.min_order_cents or supplier.delivery_fee_cents):
        variables.delivery[key] = linear.binary(supplier.delivery_fee_cents)


def credit_permille(instance: Instance, offer: Offer) -> int:
    """What a euro of the offer earns when it is used, for local and for quality."""
    profile = instance.profile
    return profile.local_permille * counts_local(offer) + profile.quality_permille * offer.egalim


def label_credit_permille(instance: Instance, offer: Offer) -> int:
    """What a euro of the offer earns when it is used, with its relief of the shortfalls.

    At the first of their three prices; the same euro, once bought, adds its target to what must be reached.
    """
    first = instance.profile.shortfall_steps_permille[0]
    relief = sum(
        first * (PERMILLE - target) // PERMILLE
        for name, target, _, _ in targets(instance)
        if target and concerns(instance, name, offer)[1]
    )
    return credit_permille(instance, offer) + relief


def _add_shortfall(linear: LinearModel, variables: Variables, instance: Instance) -> None:
    """The lack to each target, in euros, on three steps of rising price."""
    width = step_width_millicents(instance) / MILLICENTS / 100
    steps = instance.profile.shortfall_steps_permille
    for name, target, past, past_labelled in targets(instance):
        if not target or not any(steps):
            continue
        terms = [
            (linear.var(0, width if rank < 2 else float("inf"), cost=price / PERMILLE * 100), 1.0)  # noqa: PLR2004
            for rank, price in enumerate(steps)
        ]
        for (code, _), column in variables.packs.items():
            offer = instance.offer[code]
            if concerns(instance, name, offer)[0]:
                terms.append((column, -target / PERMILLE * offer.price_cents / 100))
        for code, column in variables.used.items():
            if concerns(instance, name, instance.offer[code])[1]:
                terms.append((column, instance.offer[code].credit_cents_kg / 100))
        linear.row("objectif", terms, low=(target / PERMILLE * past - past_labelled) / 100, about=name)
