"""Several plans to choose from: each valid, none beaten, spread out; and why there is none."""

from functools import partial
from itertools import permutations

import pytest

import optim.frontier as frontiers
from optim.check import violations
from optim.figures import Figures, dish_extras_millicents, figures
from optim.frontier import MOST, Aim, Frontier, _Climb, frontier
from optim.generate import generate
from optim.instance import Instance
from optim.plan import Plan
from optim.points import Point, spread
from optim.units import MILLICENTS
from tests.optim.small import dishes, food
from tests.optim.test_generate import SMALL
from tests.optim.test_sequential import one_plat

ENOUGH = 8
"""Plans asked for on a kitchen's real question."""


def point(cost: float, local: float, co2e: float) -> Point:
    """A point of these figures, without a plan."""
    told = Figures(
        meals=1,
        cost_cents_per_meal=cost,
        cost_ttc_cents_per_meal=cost,
        purchases_cents=0,
        share_local=local,
        share_egalim=0,
        share_bio=0,
        co2e_kg_per_meal=co2e,
        surplus_cents=0,
    )
    return Point(Plan(dishes=()), told)


@pytest.fixture(scope="module")
def generated() -> tuple[Instance, Frontier]:
    """A generated kitchen and what was found in a short time, until there are enough plans."""
    instance = generate(SMALL, 3)
    found = frontier(instance, seconds=90, seed=1, on_progress=lambda _, count, __: count < ENOUGH)
    return instance, found


def test_no_plan_beats_another(generated: tuple[Instance, Frontier]) -> None:
    """At least eight plans of a generated kitchen; of any two, each is better at something, as shown."""
    _, found = generated
    assert ENOUGH <= len(found.points) <= MOST
    for one, other in permutations(found.points, 2):
        assert any(a < b for a, b in zip(one.criteria, other.criteria, strict=True))
    costs = [p.criteria for p in found.points]
    assert costs == sorted(costs)


def test_each_point_is_a_valid_plan_with_its_own_figures(generated: tuple[Instance, Frontier]) -> None:
    """``check`` accepts every plan for the question as it was asked, and figures are recomputed alike."""
    instance, found = generated
    for one in found.points:
        assert violations(instance, one.plan) == []
        assert figures(instance, one.plan) == one.figures


def test_rice_at_two_prices_gives_both_ends() -> None:
    """Rice for 100: in cheap packs 10.55 c, all local 14.77 c; the local one in place is not found again."""
    found = frontier(one_plat(), seconds=5)
    told = {
        (round(p.figures.cost_ttc_cents_per_meal, 2), round(p.figures.share_local, 2)) for p in found.points
    }
    assert {(10.55, 0.0), (14.77, 1.0)} <= told
    local = next(p for p in found.points if p.figures.share_local > 0.5)
    beside = frontier(one_plat(), seconds=1, in_place=local.plan).points
    assert beside
    assert not any(local.beats(p) for p in beside)


def test_without_any_plan_the_search_says_why() -> None:
    """A budget of one cent: no point, and the sentence of the search."""
    found = frontier(one_plat(budget_ttc_cents=1), seconds=3)
    assert found.points == ()
    assert found.failure is not None
    assert found.failure.plan is None


def test_stopped_it_keeps_what_it_has() -> None:
    """A listener that answers False at the first plan gets that plan."""
    found = frontier(one_plat(), seconds=60, on_progress=lambda _, count, __: count == 0)
    assert len(found.points) == 1


def test_few_plans_on_a_loaded_machine_get_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute of the clock, half a minute of two processors: half a minute more; forty seconds at most."""
    clock = {"monotonic": 0.0, "process_time": 0.0}
    for name in clock:
        monkeypatch.setattr(frontiers, name, partial(clock.__getitem__, name))
    climb = _Climb(one_plat(), 60, 0, None)
    clock.update(monotonic=60.0, process_time=60.0)
    assert climb.over
    climb.points = [point(1, 0.1, 1)]
    assert climb.left == pytest.approx(30)
    clock["process_time"] = 0.0
    assert climb.left == pytest.approx(40)
    climb.points *= ENOUGH
    assert climb.over


def test_of_the_two_nearest_one_goes_and_the_best_stay() -> None:
    """Cost 1 to 5: the two close ones become one, the cheapest and the most local are kept."""
    points = [point(1, 0.1, 1), point(2, 0.2, 1), point(2.1, 0.21, 1), point(5, 0.9, 1)]
    kept = spread(points, 3)
    assert {p.figures.cost_cents_per_meal for p in kept} >= {1, 5}
    assert len(kept) == 3
    assert len({p.figures.cost_cents_per_meal for p in kept} & {2, 2.1}) == 1


def test_an_aim_moves_only_its_prices() -> None:
    """Half the shares: half the highest prices, the profile's taste unchanged, the budget as it was."""
    asked = Aim(shares=500, climate=100).of(one_plat(budget_ttc_cents=200))
    assert (asked.profile.local_permille, asked.profile.quality_permille) == (250, 150)
    assert asked.profile.co2e_cents_per_kg == 10
    assert asked.profile.taste_cents_per_100 == one_plat().profile.taste_cents_per_100
    assert asked.budget_ttc_cents == 200


def test_an_aim_weighs_dishes_at_its_own_prices() -> None:
    """10 kg of rice of 2 kg of CO2e each: nothing at plain prices, 20 € where climate comes first."""
    instance = one_plat(foods=(food("riz", co2e_g_per_kg=2000), food("pates")))
    (dish,) = dishes(instance.recipes, {instance.horizon[0].date: ["riz"]})
    plain = instance.changed(profile=instance.profile.model_copy(update={"co2e_cents_per_kg": 0}))
    known = dish_extras_millicents(plain, dish)
    assert dish_extras_millicents(Aim(climate=1000).of(plain), dish) - known == 2_000 * MILLICENTS
