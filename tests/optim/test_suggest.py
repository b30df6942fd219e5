"""What another meal does to the plan in place: orders by hand, every figure against the whole plan."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from optim.cover import Missing, cover, store_of
from optim.figures import objective_parts
from optim.generate import Shape, generate
from optim.instance import Dish, Egalim, Instance
from optim.plan import Plan, Purchase, Use, need_g
from optim.rules import RULES
from optim.suggest import Effect, InPlace
from optim.terms import Slot
from tests.optim.small import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    buy,
    cooked,
    draw,
    food,
    lot,
    menu,
    offer,
    question,
    services,
    supplier,
    take,
)

POTEE = cooked("potee", {"chou": 100})
FONDUE = cooked("fondue", {"poireau": 100})
GRATIN = cooked("gratin", {"poireau": 30})


def kitchen_garden(*, dates: tuple[Any, ...] = (MONDAY, TUESDAY), **fields: Any) -> Instance:
    """Cabbage or leeks for 100 diners on Tuesday and Thursday; the supplier may come on ``dates``."""
    defaults: dict[str, Any] = {
        "services": services((TUESDAY, THURSDAY)),
        "foods": (food("chou", shelf_life_days=9), food("poireau", shelf_life_days=9)),
        "suppliers": (supplier(dates=dates),),
        "offers": (offer("c5", "chou"), offer("p5", "poireau", price_cents=700)),
    }
    return question((POTEE, FONDUE, GRATIN), **(defaults | fields))


def cabbages(instance: Instance, packs: int = 4) -> Plan:
    """Cabbage on both days, from Monday's delivery."""
    uses = tuple(take(day, "chou", 10_000, "c5") for day in (TUESDAY, THURSDAY))
    dishes = menu(instance, {TUESDAY: ["potee"], THURSDAY: ["potee"]}).dishes
    return Plan(dishes=dishes, purchases=(buy("c5", packs),), uses=uses)


def swapped(instance: Instance, plan: Plan, recipe: str, firm: str = "") -> Effect:
    """Thursday's plat changed; of the offer ``firm``, the supplier told what comes on Monday."""
    told = frozenset({(firm, MONDAY)} if firm else ())
    dishes = (Dish(date=THURSDAY, slot=Slot.PLAT, recipe=recipe),)
    return InPlace(instance, plan, told).with_meal(THURSDAY, dishes)


def agrees(instance: Instance, plan: Plan, effect: Effect) -> Plan:
    """Each part is the difference that the figures find; every purchase rule but minimums still holds."""
    after = effect.after(plan)
    before, now = objective_parts(instance, plan), objective_parts(instance, after)
    assert dict(effect.parts) == {name: now[name] - before[name] for name in before}
    if not effect.missing:
        checked = [r for r in RULES if r.name in {"besoin", "conservation", "livraison", "volume"}]
        was, told = (
            {fault.message.split(" : ")[0] for rule in checked for fault in rule.violations(instance, each)}
            for each in (plan, after)
        )
        assert told - was - {instance.food[name].name for name in effect.left} == set()
    return after


def test_packs_follow_the_dish() -> None:
    """10 kg of cabbage are two packs less, 10 kg of leeks two more with the same visit: 14 € against 10 €."""
    instance = kitchen_garden()
    plan = cabbages(instance)
    effect = swapped(instance, plan, "fondue")
    assert effect.freed == (buy("c5", 2),)
    assert effect.bought == (buy("p5", 2),)
    assert effect.parts["purchases"] == (1400 - 1000) * 1000
    assert (effect.taken, effect.left, effect.missing, effect.small) == ({}, {}, (), {})
    agrees(instance, plan, effect)


def test_what_a_dish_set_aside_left_goes_with_the_choice() -> None:
    """Thursday's cabbage has no dish any more: it goes back to the supplier when leeks take its place."""
    instance = kitchen_garden()
    plan = cabbages(instance)
    bare = plan.model_copy(update={"dishes": tuple(d for d in plan.dishes if d.date != THURSDAY)})
    effect = swapped(instance, bare, "fondue")
    assert (effect.freed, effect.bought) == ((buy("c5", 2),), (buy("p5", 2),))
    assert effect.foods == {"chou", "poireau"}
    agrees(instance, bare, effect)


def test_what_is_in_the_store_is_eaten_first() -> None:
    """12 kg of leeks in the store: nothing to buy, nothing to pay."""
    instance = kitchen_garden(stock=(lot("p", "poireau", 12_000, THURSDAY),))
    plan = cabbages(instance)
    effect = swapped(instance, plan, "fondue")
    assert effect.bought == ()
    assert effect.taken == {"poireau": 10_000}
    assert effect.uses == (draw(THURSDAY, "poireau", 10_000, "p"),)
    agrees(instance, plan, effect)


def test_a_surplus_comes_before_a_new_pack() -> None:
    """6 kg left of Monday's leeks feed part of it: one pack more, of the two that 10 kg would take."""
    instance = kitchen_garden()
    plan = cabbages(instance)
    rest = Plan(
        dishes=plan.dishes,
        purchases=(*plan.purchases, buy("p5", 2)),
        uses=(*plan.uses, take(TUESDAY, "poireau", 4000, "p5")),
    )
    effect = swapped(instance, rest, "fondue")
    assert (effect.taken, [p.packs for p in effect.bought]) == ({"poireau": 6000}, [1])
    agrees(instance, rest, effect)


def test_an_order_that_has_left_stays() -> None:
    """Monday can no longer be ordered for: the cabbage stays in the store, leeks come on Tuesday."""
    instance = kitchen_garden(dates=(TUESDAY,))
    plan = cabbages(instance)
    effect = swapped(instance, plan, "fondue")
    assert (effect.freed, effect.left) == ((), {"chou": 10_000})
    assert effect.bought == (Purchase(offer="p5", delivery=TUESDAY, packs=2),)
    agrees(instance, plan, effect)


def test_a_delivery_told_short_stays_with_its_visit() -> None:
    """Cabbage told short is not sent back, nor the rest of its visit under the minimum; leeks are bought."""
    instance = kitchen_garden(suppliers=(supplier(dates=(MONDAY, TUESDAY), min_order_cents=2000),))
    dishes = menu(instance, {THURSDAY: ["potee"]}).dishes
    plan = Plan(dishes=dishes, purchases=(buy("c5", 2),), uses=(take(THURSDAY, "chou", 10_000, "c5"),))
    effect = swapped(instance, plan, "fondue", firm="c5")
    assert (effect.freed, effect.left) == ((), {"chou": 10_000})
    assert effect.bought == (buy("p5", 2),)
    filled = plan.model_copy(update={"purchases": (*plan.purchases, buy("p5", 2))})
    nothing = InPlace(instance, filled, frozenset({("p5", MONDAY)})).with_meal(THURSDAY, ())
    assert (nothing.packs, nothing.left) == ({}, {"chou": 10_000})


def test_nobody_buys_more_of_a_delivery_told_withdrawn() -> None:
    """Leeks withdrawn on Monday are bought on Tuesday; cabbage that did not come is not ordered again."""
    instance = kitchen_garden()
    plan = cabbages(instance)
    effect = swapped(instance, plan, "fondue", firm="p5")
    assert effect.bought == (Purchase(offer="p5", delivery=TUESDAY, packs=2),)
    lost = plan.model_copy(update={"purchases": ()})
    assert swapped(instance, lost, "fondue", firm="c5").packs == {("p5", TUESDAY): 2}


def test_too_late_to_order_is_told() -> None:
    """Nobody can come before Thursday any more: the leeks are missing, and not for want of a seller."""
    late = THURSDAY + timedelta(days=1)
    instance = kitchen_garden(dates=(late,))
    assert swapped(instance, cabbages(instance), "fondue").missing == (Missing("poireau", 10_000, late=True),)
    nobody = kitchen_garden(offers=(offer("c5", "chou"),))
    assert swapped(nobody, cabbages(nobody), "fondue").missing == (Missing("poireau", 10_000, late=False),)


def test_a_minimum_keeps_packs_and_is_told() -> None:
    """15 € at least: of four packs at 5 € one may go; a new supplier under his minimum is named."""
    minimum = supplier(min_order_cents=1500)
    instance = kitchen_garden(
        suppliers=(minimum, supplier("t", dates=(TUESDAY,), min_order_cents=5000)),
        offers=(offer("c5", "chou"), offer("p5", "poireau", supplier="t")),
    )
    plan = cabbages(instance)
    effect = swapped(instance, plan, "fondue")
    assert effect.freed == (buy("c5", 1),)
    assert effect.left == {"chou": 5000}
    assert effect.small == {("t", TUESDAY): 4000}
    assert effect.millicents == sum(effect.parts.values()) + 4000 * 1000
    agrees(instance, plan, effect)


def test_a_visit_for_nothing_is_cancelled_whole() -> None:
    """The packs that only filled a minimum go with the last that fed a meal, and so does the fee."""
    instance = kitchen_garden(
        suppliers=(supplier(min_order_cents=2000, delivery_fee_cents=300), supplier("t", dates=(TUESDAY,))),
        offers=(offer("c5", "chou"), offer("p5", "poireau", supplier="t", price_cents=500)),
    )
    plan = Plan(
        dishes=menu(instance, {THURSDAY: ["potee"]}).dishes,
        purchases=(buy("c5", 4),),
        uses=(take(THURSDAY, "chou", 10_000, "c5"),),
    )
    effect = swapped(instance, plan, "fondue")
    assert effect.freed == (buy("c5", 4),)
    assert effect.parts["delivery_fees"] == -300_000
    agrees(instance, plan, effect)


def test_the_cheapest_once_the_aims_are_counted() -> None:
    """A local pack at 6 € that earns 30 % beats one at 5 €; over its weekly volume the other serves."""
    local = offer("l5", "poireau", price_cents=600, local=True, credit_cents_kg=120, weekly_packs=1)
    instance = kitchen_garden(offers=(offer("c5", "chou"), offer("p5", "poireau"), local))
    plan = cabbages(instance)
    assert [p.offer for p in swapped(instance, plan, "gratin").bought] == ["l5"]
    effect = swapped(instance, plan, "fondue")
    assert {(p.offer, p.packs) for p in effect.bought} == {("p5", 2)}
    agrees(instance, plan, effect)


def test_what_a_kept_food_still_takes() -> None:
    """From 10 kg to 3 kg of the same food: the packs follow, the meal keeps its own."""
    instance = kitchen_garden()
    dishes = menu(instance, {TUESDAY: ["potee"], THURSDAY: ["fondue"]}).dishes
    plan = Plan(
        dishes=dishes,
        purchases=(buy("c5", 2), buy("p5", 2)),
        uses=(take(TUESDAY, "chou", 10_000, "c5"), take(THURSDAY, "poireau", 10_000, "p5")),
    )
    effect = swapped(instance, plan, "gratin")
    assert effect.freed == (buy("p5", 1),)
    assert effect.uses == (take(THURSDAY, "poireau", 3000, "p5"),)
    agrees(instance, plan, effect)


def bought_plan(instance: Instance, random: Random) -> Plan:
    """Dishes at random, their food from whoever comes first; a fifth of it is not bought at all."""
    dishes = []
    for service in instance.horizon:
        for slot in Slot:
            pool = [r for r in instance.recipes if r.slot is slot and not r.complete_dish]
            dishes.append(Dish(date=service.date, slot=slot, recipe=random.choice(pool).code))
    store, uses = store_of(instance, Plan(dishes=())), list[Use]()
    for (day, name), grams in need_g(instance, dishes).items():
        if random.random() > 0.2:
            uses += cover(store, day, name, grams)[0]
    purchases = tuple(
        Purchase(offer=c, delivery=d, packs=n + random.randrange(2)) for (c, d), n in store.packs.items()
    )
    return Plan(dishes=tuple(dishes), purchases=purchases, uses=tuple(uses))


@pytest.mark.parametrize("seed", range(3))
def test_every_part_is_that_of_the_whole_plan(seed: int) -> None:
    """Hundreds of changes of invented plans: the marginal figures are those of the plan read again whole."""
    shape = Shape(services=6, meals=300, dishes=110, foods=60, suppliers=12, offers=120, stock_lots=8)
    random, instance = Random(seed), generate(shape, seed)
    egalim = Egalim(
        past_cents=90_000, past_egalim_cents=9000, target_egalim_permille=300, target_bio_permille=200
    )
    late = {service.date for service in instance.horizon[:2]}
    instance = instance.model_copy(update={"egalim": egalim})
    plan = bought_plan(instance, random)
    gone = tuple(
        s.model_copy(update={"delivery_dates": tuple(d for d in s.delivery_dates if d not in late)})
        for s in instance.suppliers
    )
    instance = Instance.model_validate(instance.model_dump() | {"suppliers": gone})
    place = InPlace(instance, plan)
    for recipe in instance.recipes:
        day = random.choice(instance.horizon).date
        kept = [d for d in plan.by_day[day] if d.slot is not recipe.slot]
        effect = place.with_meal(day, (*kept, Dish(date=day, slot=recipe.slot, recipe=recipe.code)))
        agrees(instance, plan, effect)
