"""Questions small enough to be solved to proof: optima by hand, and what no change makes worse."""

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from optim.figures import objective_parts
from optim.instance import Instance, Offer
from optim.plan import Purchase, Result, Status
from optim.solve import solve
from optim.terms import Label, Vegetarien
from tests.optim.small import MONDAY, TUESDAY, cooked, food, offer, supplier
from tests.optim.test_solve import PURCHASES_ONLY, QUIET, plats, small_questions, solved

SETTLED = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NOTHING = 0.5
"""Cents left under a proof."""


def test_two_days_share_one_delivery_fee() -> None:
    """5 kg a day, sacks of 5 kg at 10 €, 4 € a visit, rice that keeps: 20 + 4 = 24 €, not 20 + 8."""
    instance = plats(
        [cooked("riz", {"riz": 50})],
        2,
        foods=(food("riz", shelf_life_days=1),),
        offers=(offer("sac", "riz", price_cents=1000),),
        suppliers=(supplier(dates=(MONDAY, TUESDAY), delivery_fee_cents=400),),
    )
    result = solved(instance)
    assert result.objective_cents == pytest.approx(2400)
    assert result.status is Status.OPTIMAL


def test_the_vegetarian_menu_of_the_week_has_its_price() -> None:
    """A roast costs 10 €, a dahl 20 €: two days of a week make 10 + 20 = 30 €, and 20 € without the rule."""
    for off, cents in ((QUIET - {"V1"}, 3000), (QUIET, 2000)):
        instance = plats(
            [
                cooked("roti", {"porc": 100}),
                cooked("dahl", {"lentilles": 100}, vegetarian=Vegetarien.CEREALE_LEGUMINEUSE),
            ],
            2,
            foods=(food("porc"), food("lentilles")),
            offers=(offer("p", "porc"), offer("l", "lentilles", price_cents=1000)),
            switched_off=off,
        )
        assert solved(instance).objective_cents == pytest.approx(cents)


def test_a_budget_gives_up_the_quality_it_cannot_pay() -> None:
    """Organic beef at 20 €, of which quality earns half: 10 €; rice at 12 € is dearer.

    21.1 cents TTC a meal for beef, 12.66 for rice: a credit of 15 cents leaves rice alone, 12 €.
    """
    for budget, cents in ((25, 1000), (15, 1200)):
        instance = plats(
            [cooked("boeuf", {"boeuf": 100}), cooked("riz", {"riz": 100})],
            foods=(food("boeuf"), food("riz")),
            offers=(
                offer("b", "boeuf", price_cents=1000, labels={Label.BIO}, credit_cents_kg=200),
                offer("r", "riz", price_cents=600),
            ),
            profile=PURCHASES_ONLY.model_copy(update={"quality_permille": 500}),
            budget_ttc_cents=budget,
        )
        assert solved(instance).objective_cents == pytest.approx(cents)


def test_what_does_not_keep_is_bought_for_its_day() -> None:
    """6 kg a day that spoil at night, packs of 10 kg at 10 € or 3 kg at 4 €: two small a day, 16 € in all."""
    instance = plats(
        [cooked("salade", {"salade": 60})],
        2,
        foods=(food("salade", shelf_life_days=0),),
        offers=(
            offer("cageot", "salade", pack_g=10_000, price_cents=1000),
            offer("sachet", "salade", pack_g=3000, price_cents=400, credit_cents_kg=133),
        ),
        suppliers=(supplier(dates=(MONDAY, TUESDAY)),),
    )
    assert solved(instance).objective_cents == pytest.approx(1600)


def proven(instance: Instance) -> Result:
    """The optimum, or another question."""
    result = solve(instance, time_limit=2)
    assume(result.status is Status.OPTIMAL)
    return result


def optimum(instance: Instance) -> float:
    """Its objective in cents."""
    return proven(instance).objective_cents or 0.0


def changed(instance: Instance, **fields: object) -> Instance:
    """The same question, checked again."""
    return Instance.model_validate(instance.model_dump() | fields)


@SETTLED
@given(small_questions(), st.integers(0, 7), st.integers(0, 300), st.sampled_from([500, 2500, 10_000]))
def test_one_more_offer_never_costs(instance: Instance, rank: int, over: int, pack_g: int) -> None:
    """An offer at the reference price or above, in packs of any size: it may help, it never harms."""
    model = instance.offers[rank]
    like = [o for o in instance.offers if (o.food, o.labels) == (model.food, model.labels)]
    reference = min(o.credit_cents_kg for o in like)
    price = -(-(max(o.price_cents * 1000 / o.pack_g for o in like) + over) * pack_g // 1000)
    more = Offer(
        **model.model_dump()
        | {"code": "neuf", "pack_g": pack_g, "price_cents": int(price), "credit_cents_kg": reference}
    )
    wider = changed(instance, offers=[o.model_dump() for o in (*instance.offers, more)])
    assert optimum(wider) <= optimum(instance) + NOTHING


LOOSER = (
    {"budget_ttc_cents": None},
    {"budget_ttc_cents": 800},
    {"switched_off": [*QUIET, "retour"]},
    {"switched_off": [*QUIET, "minimum"]},
    {"relaxed": {"retour": 1}},
)


@SETTLED
@given(small_questions(), st.sampled_from(LOOSER))
def test_a_rule_less_never_costs(instance: Instance, looser: dict[str, object]) -> None:
    """Budget lifted or raised, a dish that may come back, no minimum order: the optimum is not dearer."""
    assert optimum(changed(instance, **looser)) <= optimum(instance) + NOTHING


@SETTLED
@given(small_questions())
def test_one_more_pack_never_helps(instance: Instance) -> None:
    """Any offer, on any of its visits: bought for nothing, it adds to the objective of the proven plan."""
    plan = proven(instance).plan
    assert plan is not None
    before = sum(objective_parts(instance, plan).values())
    for extra in instance.offers:
        for delivery in instance.supplier[extra.supplier].delivery_dates:
            more = Purchase(delivery=delivery, offer=extra.code, packs=1)
            dearer = plan.model_copy(update={"purchases": (*plan.purchases, more)})
            assert sum(objective_parts(instance, dearer).values()) > before, extra.code
