"""Repair where money is short: no solver finds orders near those in force, a walk does."""

from collections import Counter
from dataclasses import replace
from time import process_time

from optim.check import violations
from optim.generate import Budget, generate
from optim.repair import KEEP, TOO_FAR, InForce, repair
from optim.solve import solve
from tests.optim.test_generate import SMALL


def test_the_two_dearest_offers_gone_from_a_binding_budget() -> None:
    """A plan is found within five seconds of processor; most dishes stay, most orders too."""
    instance = generate(replace(SMALL, budget=Budget.BINDING), 5)
    plan = solve(instance, deterministic=True).plan
    assert plan is not None
    cents = Counter[str]()
    for bought in plan.purchases:
        cents[bought.offer] += bought.packs * instance.offer[bought.offer].price_cents
    gone = {offer for offer, _ in cents.most_common(3)} - {"o-pain"}
    kept = instance.changed(offers=tuple(offer for offer in instance.offers if offer.code not in gone))
    orders = tuple(bought for bought in plan.purchases if bought.offer not in gone)
    began = process_time()
    found = repair(kept, InForce(dishes=plan.dishes, orders=orders)).result
    assert process_time() - began < 5
    assert found.plan is not None, found.conflicts
    asked = kept.changed(switched_off=kept.switched_off | {KEEP}, locks=found.plan.dishes)
    assert violations(asked, found.plan) == []
    stay = {dish.recipe for dish in plan.dishes} & {dish.recipe for dish in found.plan.dishes}
    assert len(stay) >= len(plan.dishes) * 0.9
    assert TOO_FAR not in found.conflicts
