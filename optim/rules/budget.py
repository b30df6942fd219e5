"""The food money of a meal (crédit nourriture), all taxes included, over the horizon."""

from dataclasses import dataclass

from optim.instance import Instance
from optim.linear import LinearModel
from optim.plan import Plan, RuleCount, Violation
from optim.rules.base import Rule
from optim.rules.words import euros
from optim.units import MILLICENTS, PERMILLE, with_vat
from optim.variables import Variables

FEE_VAT_PERMILLE = 55
"""A delivery fee follows the rate of the food it brings (CGI, art. 267)."""


def cost_ttc_millicents(instance: Instance, plan: Plan) -> int:
    """Purchases, delivery fees, staples and what was ordered before, all taxes included."""
    offers = instance.offer
    bought = sum(
        with_vat(p.packs * offers[p.offer].price_cents * MILLICENTS, offers[p.offer].vat_permille)
        for p in plan.purchases
    )
    visits = {(offers[p.offer].supplier, p.delivery) for p in plan.purchases}
    fees = sum(instance.supplier[code].delivery_fee_cents for code, _ in visits) * MILLICENTS
    return bought + with_vat(fees, FEE_VAT_PERMILLE) + fixed_ttc_millicents(instance)


def staples_ttc_millicents(instance: Instance) -> int:
    """Oil, flour, salt and spices of the horizon, all taxes included."""
    kitchen = instance.kitchen
    return with_vat(kitchen.staples_cents * instance.meals * MILLICENTS, kitchen.staples_vat_permille)


def fixed_ttc_millicents(instance: Instance) -> int:
    """What is spent whatever is chosen: staples, and what was ordered for these meals already."""
    return staples_ttc_millicents(instance) + instance.ordered_ttc_cents * MILLICENTS


def budget_cents(instance: Instance) -> float:
    """Cents TTC that purchases and fees may cost; infinite without a budget."""
    per_meal = meal_cents(instance)
    if per_meal is None or "budget" in instance.switched_off:
        return float("inf")
    return per_meal * instance.meals - fixed_ttc_millicents(instance) / MILLICENTS


def meal_cents(instance: Instance) -> int | None:
    """Cents TTC that a meal may cost, with what the chief accepted beyond the budget."""
    budget = instance.budget_ttc_cents
    return None if budget is None else budget + instance.relaxed.get("budget", 0)


def over_budget_cents(instance: Instance, plan: Plan) -> float:
    """Cents TTC that the plan costs beyond what it may, over the whole horizon."""
    per_meal = meal_cents(instance)
    if per_meal is None:
        return 0.0
    return max(0.0, cost_ttc_millicents(instance, plan) / MILLICENTS - per_meal * instance.meals)


@dataclass(frozen=True, kw_only=True)
class Budget(Rule):
    """The cost of the horizon stays within the budget per meal."""

    purchases: bool = True

    def violations(self, instance: Instance, plan: Plan) -> list[Violation]:
        """The budget, if it is passed."""
        per_meal = meal_cents(instance)
        if per_meal is None:
            return []
        cost, room = cost_ttc_millicents(instance, plan), per_meal * instance.meals * MILLICENTS
        if cost <= room:
            return []
        over = (cost - room) / instance.meals / MILLICENTS
        message = (
            f"Le repas coûte {euros(cost / instance.meals / MILLICENTS)} TTC, "
            f"soit {euros(over)} de plus que le crédit nourriture."
        )
        return [self.fault(message, count=round(cost / MILLICENTS), limit=round(room / MILLICENTS))]

    def counts(self, instance: Instance, plan: Plan) -> list[RuleCount]:
        """Cents per meal, all taxes included."""
        if instance.budget_ttc_cents is None or not instance.meals:
            return []
        cost = cost_ttc_millicents(instance, plan)
        kept = cost <= instance.budget_ttc_cents * instance.meals * MILLICENTS
        return [
            RuleCount(
                rule=self.name,
                name=self.title,
                source=self.source,
                op="<=",
                count=-(-cost // (instance.meals * MILLICENTS)),
                limit=instance.budget_ttc_cents,
                kept=kept,
                note=self.told(instance, "", kept=kept),
            )
        ]

    def build(self, model: LinearModel, variables: Variables, instance: Instance) -> None:
        """One row for the whole horizon, in cents."""
        if instance.budget_ttc_cents is None or not variables.packs:
            return
        terms = []
        for (code, _), column in variables.packs.items():
            offer = instance.offer[code]
            terms.append((column, offer.price_cents * (PERMILLE + offer.vat_permille) / PERMILLE))
        for (code, _), column in variables.delivery.items():
            fee = instance.supplier[code].delivery_fee_cents
            if fee:
                terms.append((column, fee * (PERMILLE + FEE_VAT_PERMILLE) / PERMILLE))
        room = budget_cents(instance)
        model.row(self.name, terms, high=room, about=self.title, step=instance.meals)


BUDGET = (Budget(name="budget", title="crédit nourriture par repas, TTC", source="choix de l'établissement"),)
