"""Menus first, cheapest line after: a plan that check accepts, and what choosing together wins over it."""

from typing import Any

import pytest

from optim.check import violations
from optim.compare import compare, weighted
from optim.figures import figures
from optim.instance import Instance, Profile
from optim.sequential import cheapest_lines, menus_first
from optim.terms import Slot
from tests.optim.small import MONDAY, cooked, days, dishes, food, kitchen, offer, question, services, supplier

QUIET = frozenset({"V1", "V6", "V7", "vege-plus", "F08", "F09"})
"""Rules that a kitchen of plats alone cannot keep."""
RECIPES = (cooked("riz", {"riz": 100}), cooked("pates", {"pates": 100}))
OFFERS = (
    offer("riz-simple", "riz"),
    offer("riz-local", "riz", price_cents=700, credit_cents_kg=140, local=True),
    offer("riz-cher", "riz", price_cents=1500),
    offer("pates-simple", "pates", price_cents=750),
)
"""Rice at 1.00, 1.40 (local) and 3.00 € a kilogram: 1.80 € on average. Pasta at 1.50 €."""


def one_plat(**fields: Any) -> Instance:
    """One meal of one plat for 100 collégiens: 10 kg of rice or of pasta."""
    values = {
        "kitchen": kitchen(choices=dict.fromkeys(Slot, 0) | {Slot.PLAT: 1}),
        "services": services(days(1)),
        "switched_off": QUIET,
        "profile": Profile(taste_cents_per_100=0, shortfall_permille=0),
        "foods": (food("riz"), food("pates")),
        "suppliers": (supplier(),),
        "offers": OFFERS,
    }
    return question(RECIPES, **(values | fields))


def test_menus_look_at_mean_prices() -> None:
    """Pasta is cheaper than rice on average, so pasta is bought: 10 kg at 1.50 €, 15.825 c a meal TTC."""
    instance = one_plat()
    plan = menus_first(instance)
    assert plan is not None
    assert violations(instance, plan) == []
    assert [dish.recipe for dish in plan.dishes] == ["pates"]
    assert figures(instance, plan).cost_ttc_cents_per_meal == pytest.approx(15.825)


def test_together_wins_money_or_shares() -> None:
    """Rice in its cheapest packs costs 10.55 c a meal: 5.275 less. For 15 c, all of it may be local."""
    compared = compare(one_plat(), seconds=1)
    assert compared is not None
    assert compared.saved_cents == pytest.approx(5.275)
    assert compared.points == pytest.approx((100, 0))


def test_the_next_cheapest_where_the_cheapest_cannot_come() -> None:
    """The cheapest rice is sold from 200 € on, with one pack announced: the local one is bought."""
    dear = supplier("loin", (MONDAY,), min_order_cents=20_000)
    first = OFFERS[0].model_copy(update={"supplier": "loin", "weekly_packs": 1})
    instance = one_plat(suppliers=(supplier(), dear), offers=(first, *OFFERS[1:]))
    plan = cheapest_lines(instance, list(dishes(RECIPES, {MONDAY: ["riz"]})), seed=0, seconds=2)
    assert plan is not None
    assert [purchase.offer for purchase in plan.purchases] == ["riz-local"]


def test_cheaper_menus_when_the_bill_passes_the_budget() -> None:
    """At 12 c TTC a meal pasta is too dear: rice comes after all. At 10 c nothing does."""
    plan = menus_first(one_plat(budget_ttc_cents=12))
    assert plan is not None
    assert [dish.recipe for dish in plan.dishes] == ["riz"]
    assert menus_first(one_plat(budget_ttc_cents=10)) is None


def test_weights_of_a_profile() -> None:
    """Half the prices of the aims, the rest as it was."""
    half = weighted(Profile(local_permille=300, quality_permille=100, shortfall_permille=80), 500)
    assert (half.local_permille, half.quality_permille, half.shortfall_permille) == (150, 50, 40)
    assert half.waste_cents_per_kg == Profile().waste_cents_per_kg
