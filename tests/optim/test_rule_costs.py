"""What a step of a rule would bring, against sums made by hand."""

from optim.concessions import label_of
from optim.instance import Instance
from optim.proof import Proof
from optim.rule_costs import RuleCost, rule_costs
from optim.solve import solve
from tests.optim.test_ways import fish


def costs(instance: Instance) -> dict[str, RuleCost]:
    """By rule."""
    found = rule_costs(instance, seconds=20)
    assert found is not None
    return {one.rule: one for one in found}


def test_a_fish_less_saves_the_difference_of_two_plats() -> None:
    """A hundred diners: fish at 100 € a meal, rice at 10 €: a fish less brings 90 €, 4.5 cents a meal."""
    told = costs(fish(60))["F09"]
    assert (told.amount, told.label) == (1, label_of("F09", 1))
    assert abs(told.gain_cents - 9000) < 1
    assert abs(told.gain_cents_per_meal - 4.5) < 0.001
    assert abs(told.cost_cents_per_meal + 4.5) < 0.001
    assert told.local_points == 0


def test_rules_that_do_not_bind_cost_nothing() -> None:
    """A loose budget has no price; with no fish asked, no rule has any."""
    assert costs(fish(60)).keys() == {"F09"}
    assert (
        costs(fish(60).changed(switched_off=frozenset({"F09", "F08", "V1", "V6", "V7", "vege-plus"}))) == {}
    )


def test_a_local_fish_less_costs_local_points() -> None:
    """The fish is local: 400 € of 560 €, 71.4 %; with three, 300 € of 470 €, 63.8 %."""
    instance = fish(60)
    offers = tuple(
        one.model_copy(update={"local": one.food == "colin", "credit_cents_kg": 0}) for one in instance.offers
    )
    told = costs(instance.changed(offers=offers))["F09"]
    assert abs(told.local_points - 100 * (300 / 470 - 400 / 560)) < 0.01


def test_a_binding_budget_has_a_price() -> None:
    """Diners prefer the dear plat: each cent a meal more serves it more often."""
    instance = fish(35)
    liked = tuple(
        one.model_copy(update={"taste_permille": 1000 if one.code == "colin" else 0})
        for one in instance.recipes
    )
    profile = instance.profile.model_copy(update={"taste_cents_per_100": 20_000})
    told = costs(instance.changed(recipes=liked, profile=profile))
    assert told["budget"].amount == 1
    assert told["budget"].cost_cents_per_meal > 0
    assert told["budget"].gain_cents > 0


def test_the_proof_of_a_search_spares_the_first_solve() -> None:
    """The same prices from the relaxation that a search solved, asked twice: the rows come back."""
    kept: list[Proof] = []
    instance = fish(60)
    solve(instance, seed=1, deterministic=True, on_proof=kept.append)
    (proof,) = kept
    alone = rule_costs(instance, seconds=20)
    assert rule_costs(instance, seconds=20, proof=proof) == alone
    assert rule_costs(instance, seconds=20, proof=proof) == alone


def test_without_time_nothing_is_told() -> None:
    """No figure rather than a wrong one."""
    assert rule_costs(fish(60), seconds=0) is None
