"""What a plan is worth: the objective part by part, and the figures shown to people.

Everything is recomputed from the plan and the instance, in integer millicents, no solver.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from optim.instance import Dish, Frozen, Instance, Offer, StockLot
from optim.lines import Serving, served_diners, servings, views
from optim.plan import Plan, Purchase, Worth, need_g, serving_need_g
from optim.rules.budget import cost_ttc_millicents
from optim.rules.frequency import sliding_off
from optim.rules.lines import seen_by
from optim.terms import MEAT_FISH
from optim.units import MILLICENTS, PERMILLE, price_millicents

CLOSING_PERMILLE = 900
"""What usable closing stock is worth of its price: a little less, so that surplus never pays."""
CLOSING_DAYS = 14
"""Stock is usable when it keeps so many days after the last service."""
STEP_PERMILLE = 50
"""Width of the first two steps of shortfall, as a share of the reference spend."""
REFERENCE_CENTS = 225
"""Reference spend of a meal where the kitchen has no budget: median food cost of a collège meal."""


class Figures(Frozen):
    """What people read under a plan; money in cents, shares between 0 and 1."""

    meals: int
    cost_cents_per_meal: float
    cost_ttc_cents_per_meal: float
    purchases_cents: int
    share_local: float
    share_egalim: float
    share_bio: float
    co2e_kg_per_meal: float
    surplus_cents: int


def objective_parts(instance: Instance, plan: Plan) -> dict[str, int]:
    """Millicents of each part of the objective; their sum is what ``solve`` minimises."""
    return {
        "purchases": purchases_millicents(instance, plan),
        "delivery_fees": fees_millicents(instance, plan),
        "closing_stock": -closing_millicents(instance, plan),
        "local": -_credit(instance, plan, instance.profile.local_permille, local=True),
        "quality": -_credit(instance, plan, instance.profile.quality_permille, local=False),
        "shortfall": shortfall_millicents(instance, plan),
        "waste": sum(waste_millicents(instance, dish) for dish in plan.dishes),
        "co2e": sum(
            grams * co2e_millicents_per_kg(instance, food) // 1000
            for (_, food), grams in need_g(instance, plan.dishes).items()
        ),
        "taste": sum(taste_millicents(instance, dish) for dish in plan.dishes),
        "repetition": _sliding_off(instance, plan) * instance.profile.repetition_cents * MILLICENTS,
    }


def _sliding_off(instance: Instance, plan: Plan) -> int:
    """Sliding counts as the line of most diners lives them."""
    for view in views(instance, law=True):
        return sliding_off(view.instance, seen_by(view, plan))
    return sliding_off(instance, plan)


def purchases_millicents(instance: Instance, plan: Plan) -> int:
    """Packs at their price, HT."""
    return sum(p.packs * instance.offer[p.offer].price_cents * MILLICENTS for p in plan.purchases)


def fees_millicents(instance: Instance, plan: Plan) -> int:
    """Delivery fees, HT, once per supplier and day."""
    visits = {(instance.offer[p.offer].supplier, p.delivery) for p in plan.purchases}
    return sum(instance.supplier[code].delivery_fee_cents for code, _ in visits) * MILLICENTS


def usable_after(instance: Instance, expiry: date) -> bool:
    """Whether what is left on the last day may still be cooked later."""
    return expiry >= instance.horizon[-1].date + timedelta(days=CLOSING_DAYS)


def delivery_usable_after(instance: Instance, offer: Offer, delivery: date) -> bool:
    """The same for a delivery of an offer."""
    return usable_after(instance, instance.keeps_to(offer.food, delivery))


def offer_millicents_kg(offer: Offer) -> int:
    """Price of a kilogram of an offer, HT, rounded down."""
    return offer.price_cents * MILLICENTS * 1000 // offer.pack_g


def _cheapest(instance: Instance) -> dict[str, int]:
    """Millicents of a kilogram at the cheapest offer of each food."""

    def compute() -> dict[str, int]:
        found: dict[str, int] = {}
        for offer in instance.offers:
            cost = offer_millicents_kg(offer)
            found[offer.food] = min(cost, found.get(offer.food, cost))
        return found

    return instance.memo("cheapest offers", compute)


def new_closing_millicents_kg(instance: Instance, food: str) -> int:
    """What a usable kilogram bought and left at the end is worth: 90 % of the cheapest offer.

    Whatever was paid for it: nobody then gains by buying again what the store holds.
    """
    return _cheapest(instance)[food] * CLOSING_PERMILLE // PERMILLE


def lot_closing_millicents_kg(instance: Instance, lot: StockLot) -> int:
    """What a kilogram of a lot is worth if it is left at the end, never more than a new one."""
    if not usable_after(instance, lot.expires_on):
        return 0
    price = lot.price_cents_kg * MILLICENTS
    return min(price, _cheapest(instance).get(lot.food, price)) * CLOSING_PERMILLE // PERMILLE


def delivery_closing_millicents_kg(instance: Instance, offer: Offer, delivery: date) -> int:
    """What a kilogram of a delivery is worth if it is left at the end, as far as it is counted."""
    if not delivery_usable_after(instance, offer, delivery):
        return 0
    return new_closing_millicents_kg(instance, offer.food)


def largest_pack_g(instance: Instance, food: str) -> int:
    """Grams of the largest pack in which a food is sold."""

    def largest() -> dict[str, int]:
        found: dict[str, int] = {}
        for offer in instance.offers:
            found[offer.food] = max(offer.pack_g, found.get(offer.food, 0))
        return found

    known: dict[str, int] = instance.memo("largest packs", largest)
    return known.get(food, 0)


def bought_closing_millicents(instance: Instance, food: str, left_g: int, eaten_g: int) -> int:
    """What is left of the usable deliveries of a food is worth.

    No more of it counts than the plan uses and one pack: a minimum order filled with thirty
    kilograms of garlic is not a saving.
    """
    counted = min(left_g, eaten_g + largest_pack_g(instance, food))
    return counted * new_closing_millicents_kg(instance, food) // 1000


def closing_millicents(instance: Instance, plan: Plan) -> int:
    """Usable stock left at the end, bought or there from the start, a tenth under the price of new."""
    used = _used(plan)
    left: Counter[str] = Counter()
    for purchase, grams in _left(instance, plan):
        offer = instance.offer[purchase.offer]
        left[offer.food] += grams * delivery_usable_after(instance, offer, purchase.delivery)
    eaten: Counter[str] = Counter()
    for use in plan.uses:
        eaten[use.food] += use.grams
    total = sum(bought_closing_millicents(instance, food, left[food], eaten[food]) for food in left)
    for lot in instance.stock:
        total += (lot.grams - used[lot.code, None]) * lot_closing_millicents_kg(instance, lot) // 1000
    return total


def surplus_millicents(instance: Instance, plan: Plan) -> int:
    """Cost of what is bought, not used, and not usable later."""
    total = 0
    for purchase, grams in _left(instance, plan):
        offer = instance.offer[purchase.offer]
        if not delivery_usable_after(instance, offer, purchase.delivery):
            total += grams * offer.price_cents * MILLICENTS // offer.pack_g
    return total


def _used(plan: Plan) -> Counter[tuple[str, date | None]]:
    used: Counter[tuple[str, date | None]] = Counter()
    for use in plan.uses:
        used[use.offer or use.lot or "", use.delivery] += use.grams
    return used


def _left(instance: Instance, plan: Plan) -> Iterator[tuple[Purchase, int]]:
    used = _used(plan)
    for purchase in plan.purchases:
        offer = instance.offer[purchase.offer]
        yield purchase, purchase.packs * offer.pack_g - used[offer.code, purchase.delivery]


def _credit(instance: Instance, plan: Plan, permille: int, *, local: bool) -> int:
    earned = 0
    for use in plan.uses:
        offer = instance.offer.get(use.offer or "")
        if offer and (counts_local(offer) if local else offer.egalim):
            earned += price_millicents(use.grams, offer.credit_cents_kg)
    return earned * permille // PERMILLE


def counts_local(offer: Offer) -> bool:
    """Local, and outside the exclusive lots where local may not weigh."""
    return offer.local and offer.local_counts


def meat_fish(instance: Instance, offer: Offer) -> bool:
    """Whether the offer belongs to the family counted together."""
    return instance.food[offer.food].family in MEAT_FISH


def targets(instance: Instance) -> tuple[tuple[str, int, int, int], ...]:
    """The three trajectories: name, target per mille, past purchases and past labelled, in cents."""
    year = instance.egalim
    return (
        ("egalim", year.target_egalim_permille, year.past_cents, year.past_egalim_cents),
        ("bio", year.target_bio_permille, year.past_cents, year.past_bio_cents),
        (
            "meat_fish",
            year.target_meat_fish_permille,
            year.past_meat_fish_cents,
            year.past_meat_fish_egalim_cents,
        ),
    )


def concerns(instance: Instance, target: str, offer: Offer) -> tuple[bool, bool]:
    """Whether an offer is in the base of a target, and whether it helps to reach it."""
    base = target != "meat_fish" or meat_fish(instance, offer)
    return base, base and (offer.bio if target == "bio" else offer.egalim)


def step_width_millicents(instance: Instance) -> int:
    """Width of the first two steps of shortfall."""
    meal = instance.budget_ttc_cents or REFERENCE_CENTS
    return instance.meals * meal * MILLICENTS * STEP_PERMILLE // PERMILLE


def shortfall_millicents(instance: Instance, plan: Plan) -> int:
    """What the year still lacks to each target, priced in three convex steps.

    Bought counts at its price, used at its credit: surplus and dear prices only add to the lack.
    """
    total = 0
    for name, target, past, past_labelled in targets(instance):
        bought = sum(
            p.packs * instance.offer[p.offer].price_cents * MILLICENTS
            for p in plan.purchases
            if concerns(instance, name, instance.offer[p.offer])[0]
        )
        used = sum(
            price_millicents(u.grams, instance.offer[u.offer].credit_cents_kg)
            for u in plan.uses
            if u.offer and concerns(instance, name, instance.offer[u.offer])[1]
        )
        lack = target * (past * MILLICENTS + bought) // PERMILLE - past_labelled * MILLICENTS - used
        total += stepped_millicents(instance, max(0, lack))
    return total


def stepped_millicents(instance: Instance, lack: int) -> int:
    """Price of a lack to a target, in millicents: three convex steps."""
    width = step_width_millicents(instance)
    first, second, third = instance.profile.shortfall_steps_permille
    return (
        min(lack, width) * first
        + min(max(0, lack - width), width) * second
        + max(0, lack - 2 * width) * third
    ) // PERMILLE


def waste_millicents(instance: Instance, dish: Dish) -> int:
    """Price of what is expected to be left on the plates."""
    return sum(_waste(instance, served) for served in servings(instance, dish))


def _waste(instance: Instance, served: Serving) -> int:
    recipe, diners = instance.recipe[served.recipe], served_diners(instance, served)
    milligrams = sum(recipe.waste_mg.get(niveau, 0) * count for niveau, count in diners.items())
    grams = milligrams * served.share_permille // PERMILLE // 1000
    return price_millicents(grams, instance.profile.waste_cents_per_kg)


def taste_millicents(instance: Instance, dish: Dish) -> int:
    """Price of the diners who are expected to dislike a dish."""
    return sum(_taste(instance, served) for served in servings(instance, dish))


def _taste(instance: Instance, served: Serving) -> int:
    dislike = PERMILLE - instance.recipe[served.recipe].taste_permille
    diners = sum(served_diners(instance, served).values())
    weighted = diners * served.share_permille * dislike
    return weighted * instance.profile.taste_cents_per_100 * MILLICENTS // 100 // PERMILLE**2


def co2e_millicents_per_kg(instance: Instance, food: str) -> int:
    """Price of the greenhouse gas of a kilogram of food."""
    return instance.food[food].co2e_g_per_kg * instance.profile.co2e_cents_per_kg * MILLICENTS // 1000


def figures(instance: Instance, plan: Plan) -> Figures:
    """Costs HT and TTC per meal, shares of the purchases HT as the State counts them, gas, surplus."""
    meals = max(1, instance.meals)
    bought = purchases_millicents(instance, plan)
    fees = fees_millicents(instance, plan)
    needs = need_g(instance, plan.dishes)
    gas = sum(grams * instance.food[food].co2e_g_per_kg for (_, food), grams in needs.items())
    return Figures(
        meals=instance.meals,
        cost_cents_per_meal=((bought + fees) / MILLICENTS + instance.ordered_ht_cents) / meals
        + instance.kitchen.staples_cents,
        cost_ttc_cents_per_meal=cost_ttc_millicents(instance, plan) / MILLICENTS / meals,
        purchases_cents=bought // MILLICENTS,
        share_local=_share(instance, plan, lambda offer: offer.local),
        share_egalim=_share(instance, plan, lambda offer: offer.egalim),
        share_bio=_share(instance, plan, lambda offer: offer.bio),
        co2e_kg_per_meal=gas / 1e6 / meals,
        surplus_cents=surplus_millicents(instance, plan) // MILLICENTS,
    )


def worth_of(instance: Instance, plan: Plan) -> Worth:
    """What people read of a plan first."""
    told = figures(instance, plan)
    return Worth(**{name: getattr(told, name) for name in Worth.model_fields})


def _share(instance: Instance, plan: Plan, keep: Callable[[Offer], bool]) -> float:
    bought = purchases_millicents(instance, plan)
    kept = [p for p in plan.purchases if keep(instance.offer[p.offer])]
    return purchases_millicents(instance, Plan(dishes=(), purchases=tuple(kept))) / bought if bought else 0.0


def dish_extras_millicents(instance: Instance, dish: Dish) -> int:
    """What a dish weighs beside its food: plate waste, taste and gas."""
    return sum(serving_extras_millicents(instance, served) for served in servings(instance, dish))


def serving_extras_millicents(instance: Instance, served: Serving) -> int:
    """The same for one level of choice."""

    def compute() -> int:
        gas = sum(
            grams * co2e_millicents_per_kg(instance, food) // 1000
            for food, grams in serving_need_g(instance, served).items()
        )
        return _waste(instance, served) + _taste(instance, served) + gas

    return instance.memo(("extras", served), compute)
