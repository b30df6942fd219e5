"""Plans for tests: made without any search, enough for the pages to show; or the first of a real search."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from cantine.planning import runs
from cantine.planning.build import build_instance
from cantine.planning.models import Run
from cantine.planning.save import versions_of
from optim.check import violations
from optim.instance import Dish, Instance, Offer
from optim.plan import Plan, Purchase, Result, Status, Use, need_g
from optim.solve import Progress, solve
from optim.terms import Slot
from tests.cantine.site import NOW

FIRST = date(2027, 1, 4)


def first_found(instance: Instance, *, bounded: bool = False) -> Result:
    """The first valid plan of a real search, however slow the machine; ``bounded``: with a bound beside."""

    def go_on(told: Progress) -> bool:
        return told.objective_cents is None or (bounded and told.bound_cents is None)

    result = solve(instance, time_limit=240, seed=1, on_progress=go_on)
    assert result.plan is not None, result.conflicts
    assert violations(instance, result.plan) == []
    return result


def simple_plan(instance: Instance) -> Plan:
    """One recipe after the other in each component, each food from its cheapest offer."""
    dishes: list[Dish] = []
    kept = {(dish.date, dish.slot, dish.choice): dish for dish in instance.locks}
    for rank, service in enumerate(instance.horizon):
        filled: set[Slot] = set()
        for slot in Slot:
            for choice in range(1, instance.kitchen.presentations(slot) + 1):
                if slot in filled:
                    continue
                dish = kept.get((service.date, slot, choice)) or _dish(
                    instance, service.date, slot, choice, rank
                )
                filled |= _filled(instance, dish)
                dishes.append(dish)
    return _bought(instance, dishes)


def _dish(instance: Instance, day: date, slot: Slot, choice: int, rank: int) -> Dish:
    pool = [r for r in instance.recipes if r.slot is slot and not r.complete_dish and not r.covers_dairy]
    pool = pool or [r for r in instance.recipes if r.slot is slot]
    recipe = pool[(rank * 3 + choice) % len(pool)]
    share = 1000 // instance.kitchen.presentations(slot)
    return Dish(date=day, slot=slot, choice=choice, recipe=recipe.code, share_permille=share)


def _filled(instance: Instance, dish: Dish) -> set[Slot]:
    recipe = instance.recipe[dish.recipe]
    filled = set()
    if recipe.complete_dish and instance.kitchen.complete_fills_garnish:
        filled.add(Slot.GARNITURE)
    if recipe.covers_dairy and dish.slot is Slot.ENTREE and instance.kitchen.dairy_fills(Slot.ENTREE):
        filled.add(Slot.LAITIER)
    return filled


def _bought(instance: Instance, dishes: list[Dish]) -> Plan:
    uses: list[Use] = []
    grams: defaultdict[tuple[date, str], int] = defaultdict(int)
    for (day, food), need in need_g(instance, dishes).items():
        offer = min((o for o in instance.offers if o.food == food), key=lambda o: o.price_cents / o.pack_g)
        delivery = _delivery(instance, offer, day)
        grams[delivery, offer.code] += need
        uses.append(Use(date=day, food=food, grams=need, offer=offer.code, delivery=delivery))
    purchases = tuple(
        Purchase(delivery=day, offer=code, packs=-(-need // instance.offer[code].pack_g))
        for (day, code), need in grams.items()
    )
    return Plan(dishes=tuple(dishes), purchases=purchases, uses=tuple(uses))


def _delivery(instance: Instance, offer: Offer, day: date) -> date:
    days = instance.supplier[offer.supplier].delivery_dates
    return max((delivery for delivery in days if delivery <= day), default=day)


def finished_run(session: Session, kitchen: str, services: int = 19, first: date = FIRST) -> Run:
    """A run that found a plan and waits for the chief."""
    run = runs.start(
        session,
        kitchen=kitchen,
        first=first,
        services=services,
        profile="equilibre",
        time_limit=60,
        seed=0,
        user_id=None,
        now=NOW,
    )
    instance = build_instance(session, kitchen, first, services, "equilibre", FIRST)
    plan = simple_plan(instance)
    result = Result(
        status=Status.FEASIBLE, plan=plan, objective_cents=900_000.0, bound_cents=890_000.0, seconds=60.0
    )
    run.state, run.instance, run.result = "fini", instance.model_dump_json(), result.model_dump_json()
    run.versions = json.dumps(versions_of(session, kitchen, instance))
    asked = [service.date for service in instance.horizon if service.date not in instance.kept]
    run.progress = json.dumps(told(60.0, asked))
    session.add(run)
    session.flush()
    return run


def told(seconds: float, days: Sequence[date] = (FIRST,)) -> dict[str, object]:
    """What a worker says after so many seconds."""
    return {
        "seconds": seconds,
        "time_limit": 60,
        "objective_cents": 900_000.0,
        "bound_cents": 890_000.0,
        "gap": 0.01,
        "meals": 8265,
        "cost_cents_per_meal": 201.0,
        "share_local": 0.52,
        "share_egalim": 0.41,
        "rules_kept": 15,
        "rules_total": 15,
        "days": [day.isoformat() for day in days],
        "kept": [],
        "asked": {"meals": 8265, "ht": 1_661_265.0, "local": 860_000.0, "egalim": 680_000.0, "services": 19},
        "proposals": 3,
        "history": [[2.0, 980_000.0, None], [9.0, 930_000.0, 850_000.0], [30.0, 900_000.0, 890_000.0]],
    }


def accept_plan(session: Session, kitchen: str, services: int = 19) -> Run:
    """Menus and purchases in place, as after a proposal accepted."""
    run = finished_run(session, kitchen, services)
    runs.accept(session, run, None, NOW, NOW.date())
    session.flush()
    return run
