"""Ways out of a question without answer: the fewest rules, by how much, each one feasible."""

from dataclasses import replace
from time import process_time

import pytest

from optim.check import violations
from optim.figures import worth_of
from optim.generate import Budget, generate
from optim.instance import Instance
from optim.plan import Result
from optim.rules.budget import over_budget_cents
from optim.solve import EXPLAIN_SECONDS, meet, solve
from optim.surrogate import MenuGuess
from optim.terms import Critere, Vegetarien
from optim.ways import conceded, steps_needed, why
from tests.optim.small import NEXT_MONDAY, cooked, days, dishes, food, offer, supplier
from tests.optim.test_generate import SMALL
from tests.optim.test_solve import ONE_PLAT, QUIET, plats

FISHING = QUIET - {"F09"}
"""Rules of plats alone, with the four fish of the law."""


def ways_of(instance: Instance, seconds: float = 2) -> Result:
    """A result without plan, each of whose ways leads to a plan that the checker accepts."""
    result = solve(instance, time_limit=seconds)
    assert result.plan is None, result.status
    for way in result.ways:
        eased = conceded(instance, way.concessions)
        assert violations(eased, way.plan) == []
        assert way.worth == worth_of(instance, way.plan)
        found = solve(eased, time_limit=5)
        assert found.plan is not None, (way.label, found.conflicts)
        assert violations(eased, found.plan) == []
    return result


def labels_of(result: Result) -> list[str]:
    """What each way gives up."""
    return [way.label for way in result.ways]


def fish(budget: int) -> Instance:
    """Twenty plats: rice at 10.55 cents a meal, fish at 105.5: four of them make 29.54, three 24.80."""
    return plats(
        [cooked("riz", {"riz": 100}), cooked("colin", {"colin": 100}, tags=frozenset({Critere.F09}))],
        20,
        foods=(food("riz", shelf_life_days=60), food("colin", shelf_life_days=60)),
        offers=(
            offer("riz", "riz", pack_g=1000, price_cents=100),
            offer("colin", "colin", pack_g=1000, price_cents=1000),
        ),
        switched_off=FISHING,
        budget_ttc_cents=budget,
    )


def test_four_fish_and_a_short_budget() -> None:
    """« 4 poissons et 0,28 € » : two cents more, or one fish less."""
    result = ways_of(fish(28))
    assert result.conflicts == ("Crédit nourriture : il manque 0,02 € par repas.",)
    assert labels_of(result) == ["+0,02 € par repas", "accepter 1 poisson de moins"]
    assert result.ways[1].relaxed == {"F09": 1}
    worth = [way.worth for way in result.ways if way.worth]
    assert [round(one.cost_ttc_cents_per_meal, 2) for one in worth] == [29.54, 24.79]


def test_more_steps_where_one_is_not_enough() -> None:
    """At 24 cents three fish are still too dear: two less."""
    assert labels_of(ways_of(fish(24))) == ["+0,06 € par repas", "accepter 2 poissons de moins"]


def test_what_was_given_up_before_counts() -> None:
    """One cent granted already, two more lack: the way says three in all, and its plan keeps within them."""
    granted = fish(27).relaxing({"budget": 1})
    result = ways_of(granted)
    assert result.conflicts == ("Crédit nourriture : il manque 0,02 € par repas.",)
    assert result.ways[0].relaxed == {"budget": 3}


def test_a_way_may_need_two_concessions() -> None:
    """Only fish to cook, too dear: as many fish as meals are no fault, the money is."""
    instance = fish(28)
    only = instance.changed(recipes=instance.recipes[:1], budget_ttc_cents=10)
    result = ways_of(only)
    assert [way.relaxed for way in result.ways] == [{"F09": 4, "budget": 1}]
    assert labels_of(result) == ["accepter 4 poissons de moins et +0,01 € par repas"]


def test_the_team_lacks_minutes() -> None:
    """An hour of work for a team of forty-two minutes: twenty more a day, by five."""
    instance = plats(
        [cooked("riz", {"riz": 100}, staff_minutes=60)],
        kitchen=ONE_PLAT.model_copy(update={"staff_minutes": 42}),
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
    )
    result = ways_of(instance)
    assert labels_of(result) == ["+20 minutes de travail par jour"]
    assert result.conflicts == ("Temps de l'équipe : il manque 18 minutes de travail sur la période.",)


def test_a_kept_dish_may_go_or_the_rule_it_breaks() -> None:
    """The same dish kept on two days running, back after ten: sooner, or one of them let go."""
    recipes = [cooked("riz", {"riz": 100}, repeat_gap=2), cooked("pates", {"riz": 90}, repeat_gap=2)]
    first, second = days(2)
    locks = dishes(recipes, {first: ["riz"], second: ["riz"]})
    instance = plats(recipes, 2, foods=(food("riz"),), offers=(offer("sac", "riz"),), locks=locks)
    result = ways_of(instance)
    sooner, let_go = labels_of(result)
    assert sooner == "laisser revenir un plat 1 service plus tôt"
    assert let_go in {f"ne plus garder riz du {day}" for day in ("lundi 5 janvier", "mardi 6 janvier")}
    freed = result.ways[1]
    assert freed.relaxed == {}
    assert len(freed.decisions("garder")) == 1


def test_a_refused_dish_may_come_back() -> None:
    """The only plat is refused: the way out is to take it again."""
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        bans=frozenset({(days(1)[0], "riz")}),
    )
    result = ways_of(instance)
    assert labels_of(result) == ["reprendre riz du lundi 5 janvier"]
    assert result.ways[0].decisions("ecarter") == ((days(1)[0], "riz"),)


def test_the_menus_of_later_days_are_not_given_up_by_a_button() -> None:
    """What is kept after the meals asked is another question to ask, not a dish to let go."""
    recipes = [cooked("riz", {"riz": 100}, repeat_gap=2)]
    first, second = days(2)
    instance = plats(
        recipes,
        2,
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        locks=dishes(recipes, {first: ["riz"], second: ["riz"]}),
        kept=frozenset({second}),
    )
    assert all(second not in {d for d, _ in way.decisions("garder")} for way in ways_of(instance).ways)


def test_no_way_round_what_the_market_does_not_bring() -> None:
    """The only delivery comes too late: the reason is told, nothing is offered."""
    instance = plats(
        [cooked("riz", {"riz": 100}, vegetarian=Vegetarien.CEREALE_LEGUMINEUSE)],
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        suppliers=(supplier(dates=(NEXT_MONDAY,)),),
    )
    result = ways_of(instance)
    assert result.ways == ()
    assert result.conflicts[0].startswith("Livraisons")


def test_a_tight_budget_of_a_realistic_question() -> None:
    """Within ten seconds of processor, the least money that a plan was found for, and what else would do."""
    instance = generate(replace(SMALL, services=8, dishes=80, budget=Budget.IMPOSSIBLE), 3)
    began = process_time()
    told = why(instance, None, meet, seconds=EXPLAIN_SECONDS)
    assert process_time() - began < EXPLAIN_SECONDS
    assert told.sentences
    assert told.ways[0].relaxed.keys() == {"budget"}
    assert 1 <= len(told.ways) <= 3
    for way in told.ways:
        eased = conceded(instance, way.concessions)
        assert violations(eased, way.plan) == []
        found = solve(eased, time_limit=1, start=way.plan)
        assert found.plan is not None, way.label


def test_a_plan_met_says_what_lacks_exactly() -> None:
    """A plan over the budget is within it once its way is taken, and not a cent before."""
    instance = fish(28)
    base = meet(
        instance, MenuGuess(instance), dishes(instance.recipes, {day: ["riz"] for day in days(20)}), 1.0
    )
    assert base is not None
    told = why(instance, base, meet, seconds=5)
    cents = told.ways[0].relaxed["budget"]
    assert over_budget_cents(instance.relaxing({"budget": cents}), base) == pytest.approx(0)
    assert over_budget_cents(instance.relaxing({"budget": cents - 1}), base) > 0


def test_steps_are_the_fewest() -> None:
    """Menus without fish: four presentations less, and no rule without steps."""
    instance = fish(28)
    menus = dishes(instance.recipes, {day: ["riz"] for day in days(20)})
    assert steps_needed(instance, "F09", menus) == 4
    three = dishes(instance.recipes, {d: ["colin" if n < 3 else "riz"] for n, d in enumerate(days(20))})
    assert steps_needed(instance, "F09", three) == 1


def test_a_start_that_names_what_is_gone_is_left_aside() -> None:
    """The recipe, or the offer, of the plan known before is no more: the search answers all the same."""
    instance = fish(60)
    start = solve(instance, time_limit=2).plan
    assert start is not None
    fewer = instance.changed(offers=(*instance.offers[:1], offer("colin2", "colin", price_cents=1000)))
    assert solve(fewer, time_limit=2, start=start).plan is not None
    assert solve(instance, time_limit=2, start=start).plan is not None
