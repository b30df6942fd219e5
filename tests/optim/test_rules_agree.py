"""The two readings of each rule set against each other on random kitchens and random plans."""

from datetime import date, timedelta
from math import ceil

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optim.check import violations
from optim.instance import Dish, Instance, Recipe
from optim.plan import Plan, Purchase, Use, need_g
from optim.rules import RULES
from optim.terms import Critere, Slot, Vegetarien
from tests.optim.cases import fits
from tests.optim.small import (
    MONDAY,
    apart,
    buy,
    cooked,
    days,
    draw,
    food,
    kitchen,
    lot,
    offer,
    question,
    recipe,
    services,
    supplier,
    take,
    two_lines,
)

MENU_RULES = tuple(rule.name for rule in RULES if not rule.purchases)
PURCHASE_RULES = tuple(rule.name for rule in RULES if rule.purchases)
STEADY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
FOODS = (
    food("boeuf"),
    food("colin", fresh_fish=True),
    food("tomate", season_months={2}),
    food("lait", raw_milk=True),
)


@st.composite
def recipes(draw_: st.DrawFn, slot: Slot, number: int) -> Recipe:
    """A dish with a few properties, each rather rare."""

    def rarely() -> bool:
        return draw_(st.integers(0, 4)) == 0

    main = draw_(st.sampled_from(["", "", "boeuf", "colin", "tomate"]))
    return cooked(
        f"{slot.value}{number}",
        {main: 100} if main else {},
        slot,
        tags=draw_(st.frozensets(st.sampled_from(list(Critere)), max_size=4)),
        vegetarian=draw_(st.sampled_from([None, *Vegetarien])),
        main_food=main,
        garnish=draw_(st.sampled_from(["", "legume", "feculent"])),
        colour=draw_(st.sampled_from(["", "vert", "orange"])),
        theme="fete" if rarely() else "",
        complete_dish=slot is Slot.PLAT and rarely(),
        covers_dairy=slot in {Slot.ENTREE, Slot.DESSERT} and rarely(),
        pork=rarely(),
        substitute="dinde" if rarely() else None,
        months=frozenset({2}) if rarely() else frozenset(),
        day_before=rarely(),
        heavy=rarely(),
        equipment=frozenset({"four"}) if rarely() else frozenset(),
        staff_minutes=draw_(st.integers(0, 40)),
        repeat_gap=draw_(st.integers(0, 3)),
        variant_of=f"{slot.value}0" if rarely() else None,
    )


@st.composite
def meals(
    draw_: st.DrawFn, day: date, known: list[Recipe], choices: dict[Slot, int], components: int
) -> list[Dish]:
    """Dishes of one day, most often with the right number in each slot."""
    chosen: list[Dish] = []
    without = {draw_(st.sampled_from([Slot.ENTREE, Slot.DESSERT]))} if components == 4 else set()
    for slot in (Slot.ENTREE, Slot.PLAT, Slot.GARNITURE, Slot.DESSERT, Slot.LAITIER):
        if slot in without and draw_(st.integers(0, 9)):
            continue
        mine = draw_(st.permutations([r for r in known if r.slot is slot and r.code != "dinde"]))
        for rank, dish in enumerate(mine[: choices[slot]]):
            share = ceil(1000 / choices[slot])
            chosen.append(Dish(date=day, slot=slot, choice=rank + 1, recipe=dish.code, share_permille=share))
            if choices[slot] == 1:
                without |= {Slot.GARNITURE} if dish.complete_dish and choices[Slot.GARNITURE] == 1 else set()
                without |= {Slot.LAITIER} if dish.covers_dairy and choices[Slot.LAITIER] == 1 else set()
    return chosen


@st.composite
def menus(draw_: st.DrawFn) -> tuple[Instance, Plan]:
    """A kitchen of 3 dishes a slot, and dishes at random on each service."""
    choices = {slot: draw_(st.integers(1, 2)) for slot in Slot}
    known = [draw_(recipes(slot, number)) for slot in Slot for number in range(3)]
    known.append(recipe("dinde", months=frozenset({1})))
    served, planned = draw_(st.sampled_from([(0, 3), (1, 4), (18, 4), (20, 3)]))
    dates = days(served + planned)
    components = draw_(st.integers(4, 5))
    chosen = [d for day in dates for d in draw_(meals(day, known, choices, components))]
    history = tuple(d for d in chosen if d.date in dates[:served])
    plan = Plan(dishes=tuple(d for d in chosen if d.date not in dates[:served]))
    asked = kitchen(
        components=components,
        choices=choices,
        directed=frozenset({Slot.DESSERT}) if draw_(st.integers(0, 3)) == 0 else frozenset(),
        no_pork_permille=draw_(st.sampled_from([0, 200])),
        equipment={"four": 1},
        staff_minutes=draw_(st.integers(60, 200)),
        week_days=draw_(st.integers(4, 5)),
    )
    if draw_(st.booleans()):
        asked = two_lines(
            asked,
            components=draw_(st.integers(4, components)),
            choices={slot: draw_(st.integers(1, count)) for slot, count in choices.items()},
        )
    meals_ = services(dates, served=served)
    instance = question(
        known,
        foods=FOODS,
        services=apart(meals_) if asked.lines else meals_,
        history=history,
        kitchen=asked,
        closed_before={dates[served]},
        bans={(dates[-1], "plat0")},
        locks={dates[-1]: ["garniture1"]} if draw_(st.booleans()) else {},
    )
    return instance, plan


@STEADY
@given(menus())
def test_rows_and_check_judge_menus_alike(case: tuple[Instance, Plan]) -> None:
    """For every rule of menus: the check finds no fault exactly when the rows allow the plan.

    The rows of the other rules count on those of the structure: a meal without it is judged by
    the structure alone.
    """
    instance, plan = case
    told = {fault.rule for fault in violations(instance, plan)}
    rules = ("structure",) if "structure" in told else MENU_RULES
    for rule in rules:
        assert (rule, fits(instance, plan, rule)) == (rule, rule not in told)


@st.composite
def kitchens_with_purchases(draw_: st.DrawFn) -> tuple[Instance, Plan]:
    """Two foods, three offers, a lot of each; each need is taken from some source that is still good."""
    dates = days(4)
    life = {name: draw_(st.integers(0, 8)) for name in ("chou", "lait")}
    comes = [MONDAY + timedelta(days=n) for n in (-1, 0, 1, 3)]
    instance = question(
        (
            cooked("potee", {"chou": 100}),
            cooked("gratin", {"chou": 60, "lait": 50}),
            cooked("flan", {"lait": 80}, Slot.DESSERT),
        ),
        services=services(dates),
        foods=[food(name, shelf_life_days=kept, storage="froid") for name, kept in life.items()],
        suppliers=(
            supplier(dates=comes, min_order_cents=draw_(st.sampled_from([0, 900])), delivery_fee_cents=100),
            supplier("t", dates=comes[1:]),
        ),
        offers=(
            offer("c5", "chou", weekly_packs=draw_(st.sampled_from([None, 4]))),
            offer("c3", "chou", supplier="t", pack_g=3000, valid_from=MONDAY),
            offer("l2", "lait", supplier="t", pack_g=2000, vat_permille=200),
        ),
        stock=(
            lot("sc", "chou", 7000, MONDAY + timedelta(days=draw_(st.integers(-1, 5)))),
            lot("sl", "lait", 4000, MONDAY + timedelta(days=draw_(st.integers(-1, 5)))),
        ),
        kitchen=kitchen(storage_g={"froid": draw_(st.sampled_from([15_000, 25_000, 60_000]))}),
        budget_ttc_cents=draw_(st.sampled_from([None, 12, 30])),
    )
    dishes = tuple(
        Dish(date=day, slot=instance.recipe[code].slot, recipe=code)
        for day in dates
        for code in draw_(st.sampled_from([("potee",), ("gratin", "flan"), ("flan",)]))
    )
    uses: list[Use] = []
    room = {stored.code: stored.grams for stored in instance.stock}
    for (day, name), needed in sorted(need_g(instance, dishes).items()):
        grams = needed
        for stored in instance.stock:
            taken = min(grams, room[stored.code])
            if stored.food == name and stored.expires_on >= day and taken and draw_(st.booleans()):
                uses.append(draw(day, name, taken, stored.code))
                room[stored.code] -= taken
                grams -= taken
        sources = [
            (o.code, d)
            for o in instance.offers
            for d in instance.supplier[o.supplier].delivery_dates
            if o.food == name and d <= day <= d + timedelta(days=life[name]) and o.valid_from <= d
        ]
        if grams and sources:
            code, delivery = draw_(st.sampled_from(sources))
            uses.append(take(day, name, grams, code, delivery))
    return instance, Plan(dishes=dishes, purchases=_bought(instance, uses), uses=tuple(uses))


def _bought(instance: Instance, uses: list[Use]) -> tuple[Purchase, ...]:
    """The packs that the uses of each delivery need."""
    used: dict[tuple[str, object], int] = {}
    found = []
    for use in uses:
        if use.offer and use.delivery:
            used[use.offer, use.delivery] = used.get((use.offer, use.delivery), 0) + use.grams
    for use in uses:
        key = use.offer or "", use.delivery
        if use.delivery and key in used:
            packs = -(-used.pop(key) // instance.offer[key[0]].pack_g)
            found.append(buy(key[0], packs, use.delivery))
    return tuple(found)


@settings(STEADY, max_examples=250)
@given(kitchens_with_purchases())
def test_rows_refuse_no_plan_that_the_check_accepts(case: tuple[Instance, Plan]) -> None:
    """What the rules of purchases accept, the model may choose."""
    instance, plan = case
    if not {fault.rule for fault in violations(instance, plan)} & set(PURCHASE_RULES):
        assert fits(instance, plan, *PURCHASE_RULES)
