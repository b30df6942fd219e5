"""What the chief gives up: rules follow it in both readings, counters keep the law and say so."""

import pytest
from hypothesis import HealthCheck, given, settings

from optim.check import counts, violations
from optim.concessions import MEASURES, label_of, labels, relaxable
from optim.figures import objective_parts
from optim.instance import Instance
from optim.plan import Plan
from optim.solve import solve
from optim.units import MILLICENTS
from tests.optim import test_rules_covered
from tests.optim.cases import NAMES, Case, faults_of, fits
from tests.optim.small import cooked, food, offer, question, recipe, supplier
from tests.optim.test_solve import ONE_PLAT, PURCHASES_ONLY, QUIET, small_questions

CASES: list[Case] = [case for family in test_rules_covered.FAMILIES for case in family.CASES]
STEPS = [case for case in CASES if relaxable(case.rule)]
FAR = 100_000
"""More steps than any plan of a case needs."""


def least(case: Case) -> int:
    """The fewest steps with which the rule accepts its broken plan, found by halving."""
    low, high = 0, FAR
    while high - low > 1:
        middle = (low + high) // 2
        eased = case.instance.relaxing({case.rule: middle})
        low, high = (middle, high) if faults_of(case.rule, eased, case.broken) else (low, middle)
    return high


@pytest.mark.parametrize("case", STEPS, ids=str)
def test_both_readings_follow_what_is_given_up(case: Case) -> None:
    """The broken plan is accepted by the check and by the rows from the same step on, not before."""
    steps = least(case)
    assert steps < FAR
    eased = case.instance.relaxing({case.rule: steps})
    assert faults_of(case.rule, eased, case.broken) == []
    assert fits(eased, case.broken, case.rule)
    if steps > 1:
        short = case.instance.relaxing({case.rule: steps - 1})
        assert faults_of(case.rule, short, case.broken)
        assert not fits(short, case.broken, case.rule)


@pytest.mark.parametrize("case", STEPS, ids=str)
def test_the_other_plans_stay_accepted(case: Case) -> None:
    """What kept the rule keeps it once it is eased."""
    eased = case.instance.relaxing({case.rule: 1})
    for plan in (case.trivial, case.repaired):
        assert faults_of(case.rule, eased, plan) == []
        assert fits(eased, plan, case.rule)


@pytest.mark.parametrize("case", STEPS, ids=str)
def test_counters_keep_the_law(case: Case) -> None:
    """The limit shown is that of the rule, broken is told broken, with a word on who accepted it."""
    eased = case.instance.relaxing({case.rule: least(case)})
    before = [c for c in counts(case.instance, case.broken) if c.rule == case.rule]
    after = [c for c in counts(eased, case.broken) if c.rule == case.rule]
    assert [(c.count, c.limit, c.kept) for c in after] == [(c.count, c.limit, c.kept) for c in before]
    assert all(("accepté par le chef" in c.note) == (not c.kept) for c in after)


def test_a_measure_is_of_a_known_rule() -> None:
    """Nothing is offered that no rule reads."""
    assert set(MEASURES) <= NAMES


def test_words_of_the_kitchen() -> None:
    """Steps as a chief says them."""
    assert label_of("F09", 1) == "accepter 1 poisson de moins"
    assert label_of("F09", 2) == "accepter 2 poissons de moins"
    assert label_of("budget", 7) == "+0,07 € par repas"
    assert label_of("temps", 20) == "+20 minutes de travail par jour"
    assert labels({"temps": 5, "F09": 1}) == [label_of("F09", 1), label_of("temps", 5)]


def test_nothing_derived_is_shared_with_the_eased_question() -> None:
    """What was worked out for the law is worked out again for what is accepted."""
    case = next(case for case in STEPS if case.rule == "F09")
    assert violations(case.instance, case.broken)
    eased = case.instance.relaxing({"F09": least(case)})
    assert eased.as_ruled.relaxed == {}
    assert faults_of("F09", eased, case.broken) == []
    assert faults_of("F09", eased.as_ruled, case.broken)


def test_a_question_travels_with_what_was_given_up() -> None:
    """The JSON of a run brings the steps back."""
    asked = question([recipe("riz")], relaxed={"F09": 1})
    assert Instance.model_validate_json(asked.model_dump_json()).relaxed == {"F09": 1}
    with pytest.raises(ValueError, match="relaxed"):
        question([recipe("riz")], relaxed={"F09": 0})


@given(instance=small_questions())
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_giving_up_never_costs(instance: Instance) -> None:
    """Proven optima: every rule eased by a step is never dearer than the rules as they are."""
    ruled = solve(instance, time_limit=6)
    eased = solve(instance.relaxing(dict.fromkeys(MEASURES, 1)), time_limit=6)
    if ruled.plan is None:
        return
    assert eased.plan is not None
    assert eased.bound_cents is not None
    assert ruled.objective_cents is not None
    assert eased.bound_cents <= ruled.objective_cents + 0.01
    total = sum(objective_parts(instance, eased.plan).values()) / MILLICENTS
    assert eased.objective_cents == pytest.approx(total, abs=0.01)


def test_a_budget_eased_by_what_lacks_is_enough() -> None:
    """10.55 cents a meal for a budget of 8: three more cents, never two; the counter stays broken."""
    instance = question(
        [cooked("riz", {"riz": 100})],
        kitchen=ONE_PLAT,
        services=question().services[:1],
        switched_off=QUIET,
        profile=PURCHASES_ONLY,
        foods=(food("riz"),),
        suppliers=(supplier(),),
        offers=(offer("sac", "riz", pack_g=1000, price_cents=100),),
        budget_ttc_cents=8,
    )
    assert solve(instance.relaxing({"budget": 2}), time_limit=2).plan is None
    result = solve(instance.relaxing({"budget": 3}), time_limit=2)
    assert isinstance(result.plan, Plan)
    told = next(count for count in result.rules if count.rule == "budget")
    assert (told.limit, told.kept, told.note) == (8, False, "écart accepté par le chef")
