"""A block planned in two times: fifteen meals, then the five that remain."""

from optim.check import counts, violations
from optim.instance import Dish, Instance, Profile
from optim.plan import Status
from optim.solve import solve
from optim.terms import Critere, Slot
from tests.optim.small import cooked, days, food, kitchen, offer, question, recipe, services, supplier

TWENTY = days(20)
DISHES = {
    "boeuf": (Slot.PLAT, Critere.F08),
    "colin": (Slot.PLAT, Critere.F09),
    "carottes": (Slot.GARNITURE, Critere.F03),
    "riz": (Slot.GARNITURE, Critere.F04),
    "emmental": (Slot.LAITIER, Critere.F05),
    "brie": (Slot.LAITIER, Critere.F06),
    "yaourt": (Slot.LAITIER, Critere.F07),
}
"""Each costs something; pasta and cream fill no criterion and cost nothing."""
WHOLE = {"F03": 10, "F04": 10, "F05": 8, "F06": 4, "F07": 6, "F08": 4, "F09": 4}


def part(meals: int, eaten: tuple[Dish, ...] = ()) -> Instance:
    """A kitchen without starter nor dessert, some meals already served."""
    served = len({dish.date for dish in eaten})
    return question(
        [
            *(cooked(code, {"tout": 100}, slot, tags={tag}) for code, (slot, tag) in DISHES.items()),
            recipe("pates"),
            recipe("creme", Slot.LAITIER),
        ],
        kitchen=kitchen(choices={Slot.ENTREE: 0, Slot.DESSERT: 0}),
        services=services(TWENTY[:meals], served=served),
        history=eaten,
        foods=(food("tout", shelf_life_days=60),),
        suppliers=(supplier(dates=(TWENTY[served],)),),
        offers=(offer("tout", "tout"),),
        switched_off={"V1", "V6", "V7", "vege-plus"},
        profile=Profile(
            local_permille=0,
            quality_permille=0,
            shortfall_permille=0,
            waste_cents_per_kg=0,
            co2e_cents_per_kg=0,
            taste_cents_per_100=0,
            repetition_cents=0,
        ),
    )


def test_fifteen_meals_leave_a_block_that_five_can_finish() -> None:
    """The cheapest fifteen put as much off as they may, and the law is still kept at the twentieth."""
    first = solve(part(15), time_limit=20)
    assert first.status is Status.OPTIMAL
    assert first.plan is not None
    whole = part(20, first.plan.dishes)
    last = solve(whole, time_limit=20)
    assert last.plan is not None, last
    assert violations(whole, last.plan) == []
    told = {count.rule: count for count in counts(whole, last.plan) if count.rule in WHOLE}
    assert all(told[name].count >= least for name, least in WHOLE.items())
    assert [count.note for count in told.values()] == [""] * 7
