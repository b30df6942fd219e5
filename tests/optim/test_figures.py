"""What a plan is worth, worked out by hand, and the perverse gains that must not exist."""

from datetime import timedelta
from typing import Any

import pytest

from optim.figures import (
    closing_millicents,
    dish_extras_millicents,
    figures,
    objective_parts,
    shortfall_millicents,
)
from optim.instance import Egalim, Instance
from optim.plan import Plan
from optim.terms import FamilleProduits, Label, Niveau, Slot
from tests.optim.cases import priced
from tests.optim.small import (
    MONDAY,
    THURSDAY,
    buy,
    cooked,
    days,
    draw,
    food,
    kitchen,
    lot,
    menu,
    offer,
    question,
    recipe,
    services,
    supplier,
    take,
)

BIO = frozenset({Label.BIO})


def two_days(*, life: int = 30, **fields: Any) -> Instance:
    """Cabbage for 100 diners on Monday and Thursday; usable afterwards when it keeps until 22 January."""
    potee = cooked("potee", {"chou": 100}, waste_mg={Niveau.COLLEGE: 20_000}, taste_permille=700)
    defaults: dict[str, Any] = {
        "services": services((MONDAY, THURSDAY)),
        "foods": (food("chou", shelf_life_days=life, co2e_g_per_kg=400),),
        "suppliers": (supplier(delivery_fee_cents=300),),
        "offers": (offer("c5", "chou", labels=BIO, local=True, credit_cents_kg=80),),
        "kitchen": kitchen(staples_cents=10),
        "egalim": Egalim(past_cents=10_000, past_egalim_cents=4000, target_egalim_permille=500),
    }
    return question((potee,), **(defaults | fields))


def cabbage(instance: Instance, packs: int = 5) -> Plan:
    """Both days fed by one delivery of Monday."""
    dishes = menu(instance, {MONDAY: ["potee"], THURSDAY: ["potee"]}).dishes
    uses = tuple(take(day, "chou", 10_000, "c5") for day in (MONDAY, THURSDAY))
    return Plan(dishes=dishes, purchases=(buy("c5", packs),), uses=uses)


# 5 packs at 5.00 € = 25.00 €, one visit 3.00 €. 20 of 25 kg are used, the 5 kg left cost 5.00 € and
# are worth 4.50 €. Credit: 20 kg × 0.80 € = 16.00 €, of which local earns 30 % and quality 15 %.
# Shortfall: 50 % of (100 + 25) is 62.50 €; 40 + 16 are there, 6.50 € lack at 8 %, first step.
# Waste: 20 g × 200 = 4 kg at 2.00 €. Gas: 20 kg × 0.4 kg at 0.05 €. 60 diners dislike it, at 0.02 €.
PARTS_CENTS = {
    "purchases": 2500,
    "delivery_fees": 300,
    "closing_stock": -450,
    "local": -480,
    "quality": -240,
    "shortfall": 52,
    "waste": 800,
    "co2e": 40,
    "taste": 120,
    "repetition": 0,
}


def test_objective_part_by_part() -> None:
    """Each part is what the comment above works out."""
    instance = two_days()
    assert objective_parts(instance, cabbage(instance)) == {k: v * 1000 for k, v in PARTS_CENTS.items()}


# The same in packs of 8 kg at 8.00 €, three of them, so that the solver would buy no pack less: 24.00 €,
# 4 kg left are worth 3.60 €, 6.00 € lack: 24 + 3 - 3.60 - 4.80 - 2.40 + 0.48 + 8 + 0.40 + 1.20 = 26.28 €.
def test_model_prices_a_plan_as_the_figures_do() -> None:
    """The objective of the solver and that of the figures are one."""
    packs = offer("c5", "chou", labels=BIO, local=True, credit_cents_kg=80, pack_g=8000, price_cents=800)
    instance = two_days(offers=(packs,))
    plan = cabbage(instance, packs=3)
    assert sum(objective_parts(instance, plan).values()) == 2_628_000
    rules = ("besoin", "conservation", "minimum")
    assert priced(instance, plan, *rules).objective == pytest.approx(2628)


def test_dish_weighs_its_waste_taste_and_gas() -> None:
    """Beside its food, each of the two dishes weighs half of 8.00 + 0.40 + 1.20 €."""
    instance = two_days()
    assert [dish_extras_millicents(instance, d) for d in cabbage(instance).dishes] == [480_000] * 2


def test_indicators() -> None:
    """25 + 3 € for 200 meals and 0.10 € of staples: 0.24 €; with 5.5 % of VAT 0.2532 €."""
    shown = figures(two_days(), cabbage(two_days()))
    assert (shown.meals, shown.purchases_cents, shown.surplus_cents) == (200, 2500, 0)
    assert shown.cost_cents_per_meal == pytest.approx(24)
    assert shown.cost_ttc_cents_per_meal == pytest.approx(25.32)
    assert shown.co2e_kg_per_meal == pytest.approx(0.04)
    assert (shown.share_local, shown.share_egalim, shown.share_bio) == (1, 1, 1)


@pytest.mark.parametrize(("life", "closing", "surplus"), [(16, 0, 500), (17, 450, 0)])
def test_left_over_is_stock_or_surplus(life: int, closing: int, surplus: int) -> None:
    """What keeps fourteen days after the last service (Monday's + 17 days) is stock, else it is lost."""
    instance = two_days(life=life)
    assert closing_millicents(instance, cabbage(instance)) == closing * 1000
    assert figures(instance, cabbage(instance)).surplus_cents == surplus


def test_stock_that_is_eaten_costs_its_closing_value() -> None:
    """A lot of 20 kg at 1.00 €: 18.00 € when kept; drawn for Monday, 9.00 €, without credit nor surplus."""
    instance = two_days(stock=(lot("l", "chou", 20_000, MONDAY + timedelta(days=60)),))
    assert closing_millicents(instance, Plan(dishes=())) == 1_800_000
    drawn = Plan(dishes=(), uses=(draw(MONDAY, "chou", 10_000, "l"),))
    parts = objective_parts(instance, drawn)
    assert (parts["closing_stock"], parts["local"], parts["quality"]) == (-900_000, 0, 0)
    assert figures(instance, drawn).surplus_cents == 0


# Step width: 200 meals × 2.25 € × 5 % = 22.50 €. A target of 50 % of 100 € without any label lacks 50 €:
# 22.50 × 8 % + 22.50 × 12 % + 5 × 16 % = 1.80 + 2.70 + 0.80 = 5.30 €.
@pytest.mark.parametrize(("past", "price"), [(4500, 180), (9000, 450), (10_000, 530)])
def test_shortfall_rises_in_three_steps(past: int, price: int) -> None:
    """The second step is dearer than the first, the third than the second."""
    year = Egalim(past_cents=past, target_egalim_permille=500)
    assert shortfall_millicents(two_days(egalim=year), Plan(dishes=())) == price * 1000


def test_step_follows_the_budget() -> None:
    """With a budget of 1.00 € a step is 10 €: 10 × 8 % + 10 × 12 % + 30 × 16 % = 6.80 €."""
    year = Egalim(past_cents=10_000, target_egalim_permille=500)
    instance = two_days(egalim=year, budget_ttc_cents=100)
    assert shortfall_millicents(instance, Plan(dishes=())) == 680_000


def test_repetition_is_priced_by_presentation() -> None:
    """One sliding window without any tag misses 64 presentations at 0.10 €."""
    dates = days(21)
    instance = question((recipe("riz"),), services=services(dates))
    plan = menu(instance, {day: ["riz"] for day in dates})
    assert objective_parts(instance, plan)["repetition"] == 640_000


def test_taste_and_waste_follow_the_share() -> None:
    """A dish for half of the diners weighs half."""
    one = cooked("potee", {}, waste_mg={Niveau.COLLEGE: 20_000})
    instance = question((one, recipe("riz")), kitchen=kitchen(choices={Slot.PLAT: 2}))
    plan = menu(instance, {MONDAY: ["potee", "riz"]})
    parts = objective_parts(instance, plan)
    assert (parts["waste"], parts["taste"]) == (200_000, 60_000)


def market() -> Instance:
    """Four products at 10.00 € a pack: organic, red label, local in an exclusive lot, neither."""
    kinds: dict[str, dict[str, Any]] = {
        "bio": {"labels": BIO},
        "rouge": {"labels": {Label.LABEL_ROUGE}},
        "local": {"local": True, "local_counts": False},
        "autre": {},
    }
    return question(
        foods=[food("boeuf", family=FamilleProduits.VIANDES_VOLAILLES)],
        offers=[offer(code, "boeuf", price_cents=1000, **kind) for code, kind in kinds.items()],
        suppliers=(supplier(delivery_fee_cents=900),),
    )


def test_shares_as_the_state_counts() -> None:
    """Shares of the purchases HT: what is bought counts whole, used or not; fees and staples do not."""
    bought = Plan(dishes=(), purchases=(buy("bio", 1), buy("rouge", 2), buy("local", 3), buy("autre", 4)))
    shown = figures(market(), bought)
    assert (shown.share_bio, shown.share_egalim, shown.share_local) == (0.1, 0.3, 0.3)


def test_nothing_bought_is_no_share() -> None:
    """An empty plan divides nothing."""
    shown = figures(market(), Plan(dishes=()))
    assert (shown.share_bio, shown.share_egalim, shown.share_local) == (0, 0, 0)


def test_local_of_an_exclusive_lot_earns_nothing() -> None:
    """It is shown as local, and weighs nothing in the choice."""
    plan = Plan(dishes=(), purchases=(buy("local", 1),), uses=(take(MONDAY, "boeuf", 5000, "local"),))
    assert figures(market(), plan).share_local == 1
    assert objective_parts(market(), plan)["local"] == 0
