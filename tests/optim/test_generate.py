"""Invented instances: repeatable, of the shape asked, plannable or impossible as asked."""

from dataclasses import replace

import pytest

from optim.check import violations
from optim.generate import Budget, Shape, generate
from optim.generate.budget import expected_cents, least_cents
from optim.generate.foods import GROUPS, sizes
from optim.generate.market import TRADES
from optim.instance import Instance
from optim.plan import Status
from optim.solve import solve
from optim.terms import Slot

SMALL = Shape(services=8, meals=300, dishes=110, foods=60, suppliers=12, offers=120, stock_lots=3)
"""Two weeks: plannable in a second or two."""


@pytest.fixture(scope="module")
def small() -> Instance:
    return generate(SMALL, 3)


def test_same_seed_same_instance(small: Instance) -> None:
    """The same shape and seed give the same JSON, another seed another."""
    assert generate(SMALL, 3).model_dump_json() == small.model_dump_json()
    assert generate(SMALL, 4).model_dump_json() != small.model_dump_json()


def test_json_both_ways(small: Instance) -> None:
    """An invented instance travels as JSON."""
    assert Instance.model_validate_json(small.model_dump_json()) == small


def test_counts_of_the_shape() -> None:
    """The default shape is that of the benchmark: 504 offers, 200 dishes, 160 foods, 23 suppliers."""
    instance = generate(replace(Shape(), budget=Budget.IMPOSSIBLE), 0)
    assert (len(instance.offers), len(instance.recipes)) == (504, 200)
    assert (len(instance.foods), len(instance.suppliers)) == (160, 23)
    assert len(instance.horizon) == 20
    assert len({service.meals for service in instance.horizon}) > 1
    assert {offer.food for offer in instance.offers} == {food.code for food in instance.foods}


def test_credit_is_never_over_the_cheapest(small: Instance) -> None:
    """An offer earns on no more than the cheapest of the same food and labels."""
    for offer in small.offers:
        rivals = [o for o in small.offers if (o.food, o.labels) == (offer.food, offer.labels)]
        assert offer.credit_cents_kg == min(o.price_cents * 1000 // o.pack_g for o in rivals)


def test_fewer_foods_keep_every_group() -> None:
    """However few the foods, each group has one; too few for that is refused."""
    found = sizes(30)
    assert sum(found.values()) == 30
    assert min(found.values()) == 1
    with pytest.raises(ValueError, match=str(len(GROUPS))):
        sizes(len(GROUPS) - 1)
    with pytest.raises(ValueError, match=str(len(TRADES))):
        generate(replace(SMALL, suppliers=len(TRADES)), 0)


def test_a_loose_budget_is_plannable(small: Instance) -> None:
    """Two weeks are planned in seconds, and the check finds nothing."""
    result = solve(small, time_limit=4, seed=1)
    assert result.plan is not None
    assert violations(small, result.plan) == []


def test_an_impossible_budget_is_refused() -> None:
    """Under the least cost no plan exists, and the answer says so in words."""
    instance = generate(replace(SMALL, services=4, dishes=60, budget=Budget.IMPOSSIBLE), 3)
    result = solve(instance, time_limit=3, seed=1)
    assert result.plan is None
    assert result.status is Status.INFEASIBLE
    assert result.conflicts


def test_budgets_are_in_order(small: Instance) -> None:
    """Impossible under the proven least, binding between the least and the expected, loose above."""
    binding = generate(replace(SMALL, budget=Budget.BINDING), 3).budget_ttc_cents
    impossible = generate(replace(SMALL, budget=Budget.IMPOSSIBLE), 3).budget_ttc_cents
    assert binding is not None
    assert impossible is not None
    assert small.budget_ttc_cents is not None
    expected = expected_cents(small)
    assert impossible < least_cents(small) < binding < expected < small.budget_ttc_cents


def test_choices_and_four_components() -> None:
    """Presentations and components are those of the shape."""
    shape = replace(SMALL, choices=(2, 2, 2, 1, 1), components=4, budget=Budget.IMPOSSIBLE)
    kitchen = generate(shape, 0).kitchen
    assert kitchen.components == 4
    assert [kitchen.presentations(slot) for slot in Slot] == [2, 2, 2, 1, 1]
