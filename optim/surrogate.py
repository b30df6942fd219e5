"""Menus first guessed with one price per food and day: a small model solved in half a second.

The price is that of the best offer that can reach the service. The budget gets as much more room as
the stock may save, so that menus impossible at these prices are impossible at all.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from optim.backend import Answer, Compiled, Engine, Outcome, run
from optim.capacity import capacity_rows
from optim.instance import Dish, Instance, Offer, Recipe
from optim.lines import Serving, servings
from optim.model import Model, credit_permille, menu_model, most_needed
from optim.plan import in_order, need_g, serving_need_g
from optim.rules.budget import budget_cents
from optim.rules.purchases import KG
from optim.terms import Slot
from optim.units import PERMILLE

Recipes = dict[tuple[date, Slot], list[Recipe]]


@dataclass
class Prices:
    """Cents per kilogram of each food on each service: as the objective sees it, and TTC."""

    net: dict[tuple[date, str], float] = field(default_factory=dict)
    ttc: dict[tuple[date, str], float] = field(default_factory=dict)


def reach(instance: Instance, offer: Offer) -> set[date]:
    """Services that some delivery of the offer can feed."""
    days = instance.supplier[offer.supplier].delivery_dates
    spans = [(d, instance.keeps_to(offer.food, d)) for d in days if offer.valid_from <= d <= offer.valid_to]
    return {s.date for s in instance.horizon if any(d <= s.date <= last for d, last in spans)}


def first_prices(instance: Instance) -> Prices:
    """The best offer of each food for each service; the stock only where no offer comes."""
    prices = Prices()
    for offer in instance.offers:
        gross = offer.price_cents * 1000 / offer.pack_g
        net = gross - credit_permille(instance, offer) / PERMILLE * offer.credit_cents_kg
        taxed = gross * (PERMILLE + offer.vat_permille) / PERMILLE
        for day in reach(instance, offer):
            key = day, offer.food
            prices.net[key] = min(net, prices.net.get(key, net))
            prices.ttc[key] = min(taxed, prices.ttc.get(key, taxed))
    for lot in instance.stock:
        for service in instance.horizon:
            if lot.feeds(service.date, service.date):
                prices.net.setdefault((service.date, lot.food), lot.price_cents_kg)
                prices.ttc.setdefault((service.date, lot.food), 0.0)
    return prices


class MenuGuess:
    """The menus that cost least at given prices, with every rule of the menus."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.model: Model = menu_model(instance)
        for terms, room in capacity_rows(instance, self.model.variables):
            self.model.linear.row("besoin", terms, high=room)
        self.compiled = Compiled(self.model.linear)
        self.prices = first_prices(instance)
        self.unbuyable: dict[int, str] = {}
        """Columns of dishes that cannot be bought for, and the first food that lacks."""
        self._drop_unbuyable()
        self.budget_factor = 1.0
        self.outcome = Outcome.UNKNOWN

    def _drop_unbuyable(self) -> None:
        variables = self.model.variables
        for served in variables.servings:
            needs = serving_need_g(self.instance, served)
            missing = [food for food in needs if (served.date, food) not in self.prices.net]
            if missing:
                column = variables.dish[served.date, served.slot, served.recipe]
                self.unbuyable[column] = missing[0]
                self.compiled.upper[column] = 0

    def allowed(self) -> Recipes:
        """Recipes of each slot that may be served and bought."""
        return {
            key: [recipe for recipe, column in dishes if self.compiled.upper[column] > 0]
            for key, dishes in self.model.variables.by_slot.items()
        }

    def cost(self, day: date, slot: Slot, code: str) -> float:
        """Cents of a dish as a first choice at the present prices, its extras included."""
        share = self.model.variables.share_of(day, slot, code)
        dish = Dish(date=day, slot=slot, recipe=code, share_permille=share)
        return sum(self._cost(served) for served in servings(self.instance, dish))

    def _cost(self, served: Serving) -> float:
        total: float = self.model.linear.cost[self.model.variables.servings[served]]
        for food, grams in serving_need_g(self.instance, served).items():
            total += self.prices.net.get((served.date, food), 0.0) * grams / 1000
        return total

    def any_menus(self, seconds: float, seed: int) -> list[Dish] | None:
        """The first menus found that keep every rule of the menus, whatever they cost."""
        model = self.compiled.copy()
        model.cost[:] = 0
        answer = run(model, Engine.HIGHS, seconds=seconds, seed=seed)
        self.outcome = answer.outcome
        return None if answer.values is None else self.dishes(answer)

    def solve(self, seconds: float, seed: int) -> list[Dish] | None:
        """The cheapest menus found, or nothing."""
        model = self.compiled.copy()
        for served, column in self.model.variables.servings.items():
            if model.upper[column] > 0:
                model.cost[column] = self._cost(served)
        answer = run(self.with_budget(model), Engine.HIGHS, seconds=seconds, gap=2e-3, seed=seed)
        self.outcome = answer.outcome
        return None if answer.values is None else self.dishes(answer)

    def with_budget(self, model: Compiled) -> Compiled:
        """The model with the budget as its last row: dishes at the cheapest prices, less the stock."""
        instance = self.instance
        room = budget_cents(instance)
        if room == float("inf"):
            return model
        fixed = sum(
            self.prices.ttc.get(key, 0.0) * grams / 1000 for key, grams in need_g(instance, ()).items()
        )
        terms = []
        for served, column in self.model.variables.servings.items():
            needs = serving_need_g(instance, served).items()
            cents = sum(self.prices.ttc.get((served.date, food), 0.0) * g / 1000 for food, g in needs)
            terms.append((column, cents))
        return model.with_row(terms, high=(room + self._saved_by_stock() - fixed) * self.budget_factor)

    def _saved_by_stock(self) -> float:
        """Cents TTC of the row that the stock may stand for: what is taken of a lot is not bought."""
        needs = most_needed(self.instance, self.model.variables)
        saved = 0.0
        for lot in self.instance.stock:
            days = [day for day, food in needs if food == lot.food and lot.feeds(day, day)]
            price = max((self.prices.ttc.get((day, lot.food), 0.0) for day in days), default=0.0)
            saved += price * min(lot.grams / KG, sum(needs[day, lot.food] for day in days))
        return saved

    def dishes(self, answer: Answer) -> list[Dish]:
        """The chosen dishes, as a plan says them."""
        return chosen_dishes(self.instance, self.model, answer)


def chosen_dishes(instance: Instance, model: Model, answer: Answer) -> list[Dish]:
    """Dishes at one, with their choice number and share."""
    if answer.values is None:
        return []
    level: dict[tuple[date, Slot, str], int] = {}
    for served, column in model.variables.servings.items():
        if answer.values[column] > 0.5:  # noqa: PLR2004 - binaries come back as floats
            place = served.date, served.slot, served.recipe
            level[place] = min(served.level, level.get(place, served.level))
    dishes = [
        Dish(date=day, slot=slot, recipe=code, share_permille=model.variables.share_of(day, slot, code))
        for (day, slot, code), _ in sorted(
            level.items(), key=lambda item: (*item[0][:2], item[1], item[0][2])
        )
    ]
    return renumbered(instance, dishes)


def renumbered(instance: Instance, dishes: list[Dish]) -> list[Dish]:
    """A kept dish keeps its place among the choices; the others fill the places left, in their order."""
    kept = {(lock.date, lock.slot, lock.recipe): lock.choice for lock in instance.locks}
    groups: defaultdict[tuple[date, Slot], list[Dish]] = defaultdict(list)
    for dish in dishes:
        groups[dish.date, dish.slot].append(dish)
    found = []
    for members in groups.values():
        places = {
            d.recipe: kept[d.date, d.slot, d.recipe] for d in members if (d.date, d.slot, d.recipe) in kept
        }
        free = iter([n for n in range(1, len(members) + 4) if n not in places.values()])
        found += [d.model_copy(update={"choice": places.get(d.recipe) or next(free)}) for d in members]
    return list(in_order(found))
