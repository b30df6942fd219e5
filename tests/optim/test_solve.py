"""The search: optima worked out by hand, answers that the checker accepts, gains that must not be."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optim.check import violations
from optim.figures import figures, objective_parts
from optim.instance import Egalim, Instance, Offer, Profile
from optim.plan import Plan, Purchase, Result, Status
from optim.solve import Progress, solve
from optim.terms import FamilleProduits, Label, Slot, Vegetarien
from optim.units import MILLICENTS
from tests.optim.small import (
    MONDAY,
    NEXT_MONDAY,
    TUESDAY,
    cooked,
    days,
    dishes,
    food,
    kitchen,
    lot,
    offer,
    question,
    services,
    supplier,
)

ONE_PLAT = kitchen(choices=dict.fromkeys(Slot, 0) | {Slot.PLAT: 1})
QUIET = frozenset({"V1", "V6", "V7", "vege-plus", "F08", "F09"})
"""Rules that a kitchen of plats alone cannot keep."""
PURCHASES_ONLY = Profile(
    local_permille=0,
    quality_permille=0,
    shortfall_permille=0,
    waste_cents_per_kg=0,
    co2e_cents_per_kg=0,
    taste_cents_per_100=0,
    repetition_cents=0,
)


def plats(recipes: list[object], meals: int = 1, **fields: object) -> Instance:
    """A kitchen of 100 collégiens that serves one plat and nothing else."""
    values = {
        "kitchen": ONE_PLAT,
        "services": services(days(meals)),
        "switched_off": QUIET,
        "profile": PURCHASES_ONLY,
        "suppliers": (supplier(),),
    } | fields
    return question(recipes, **values)  # type: ignore[arg-type]


def solved(instance: Instance, seconds: float = 5) -> Result:
    """A result whose plan the checker accepts and whose figures hold."""
    result = solve(instance, time_limit=seconds)
    assert result.plan is not None, result
    assert violations(instance, result.plan) == []
    total = sum(objective_parts(instance, result.plan).values()) / MILLICENTS
    assert result.objective_cents == pytest.approx(total, abs=0.01)
    assert result.bound_cents is not None
    assert result.bound_cents <= total + 1e-6
    return result


def test_whole_packs_of_the_cheapest_mix() -> None:
    """10 kg of rice from packs of 5 kg at 30 € or 3 kg at 21 €.

    Two large: 60 €. One large and two small: 72 €. Four small: 84 €. So 60 €.
    """
    offers = (offer("grand", "riz", price_cents=3000), offer("petit", "riz", pack_g=3000, price_cents=2100))
    result = solved(plats([cooked("riz", {"riz": 100})], foods=(food("riz"),), offers=offers))
    assert result.objective_cents == pytest.approx(6000)
    assert result.status is Status.OPTIMAL


def test_a_minimum_order_is_filled_at_least_cost() -> None:
    """With a minimum of 80 €: two large and one small make 81 €; three large would make 90 €."""
    offers = (offer("grand", "riz", price_cents=3000), offer("petit", "riz", pack_g=3000, price_cents=2100))
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=offers,
        suppliers=(supplier(min_order_cents=8000),),
    )
    assert solved(instance).objective_cents == pytest.approx(8100)


def test_menus_and_purchases_are_chosen_together() -> None:
    """Pasta costs 50 € against 60 € for rice, but its supplier asks for an order of 70 €: rice."""
    instance = plats(
        [cooked("riz", {"riz": 100}), cooked("pates", {"ble": 100})],
        foods=(food("riz"), food("ble")),
        offers=(
            offer("riz", "riz", price_cents=3000),
            offer("ble", "ble", price_cents=2500, supplier="t"),
        ),
        suppliers=(supplier(), supplier("t", min_order_cents=7000)),
    )
    result = solved(instance)
    assert result.plan is not None
    assert result.plan.dishes[0].recipe == "riz"
    assert result.objective_cents == pytest.approx(6000)


def test_one_pack_feeds_two_services_while_it_keeps() -> None:
    """5 kg a day, packs of 10 kg at 50 €: one pack for two days if it keeps, two if it does not."""
    pack = offer("sac", "riz", pack_g=10_000, price_cents=5000)
    two_days = (supplier(dates=(MONDAY, TUESDAY)),)
    for life, cents in ((1, 5000), (0, 10_000)):
        instance = plats(
            [cooked("riz", {"riz": 50})],
            2,
            foods=(food("riz", shelf_life_days=life),),
            offers=(pack,),
            suppliers=two_days,
        )
        assert solved(instance).objective_cents == pytest.approx(cents), life


def test_the_stock_is_eaten_before_anything_is_bought() -> None:
    """10 kg in store that will not keep: nothing to buy, nothing to pay."""
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        stock=(lot("reste", "riz", 10_000, MONDAY),),
    )
    result = solved(instance)
    assert result.objective_cents == pytest.approx(0)
    assert result.plan is not None
    assert result.plan.purchases == ()


def test_a_local_euro_is_worth_its_price() -> None:
    """A = 0.30: carrots of the neighbour at 1.40 € beat those at 1.00 €; at 1.50 € they do not."""
    for cents, chosen in ((700, "voisin"), (750, "halle")):
        instance = plats(
            [cooked("carottes", {"carotte": 100})],
            foods=(food("carotte"),),
            offers=(
                offer("voisin", "carotte", price_cents=cents, local=True, credit_cents_kg=cents // 5),
                offer("halle", "carotte", price_cents=500),
            ),
            profile=PURCHASES_ONLY.model_copy(update={"local_permille": 300}),
        )
        result = solved(instance)
        assert result.plan is not None
        assert {p.offer for p in result.plan.purchases} == {chosen}


@st.composite
def small_questions(draw: st.DrawFn) -> Instance:
    """One to four services, a few plats, two suppliers with days, minima, packs, labels and budgets."""
    random = Random(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 4))
    foods = [food(f"f{n}", shelf_life_days=random.choice([0, 1, 3, 30])) for n in range(4)]
    recipes = [
        cooked(
            f"r{n}",
            {f.code: random.choice([20, 60, 110]) for f in random.sample(foods, 2)},
            repeat_gap=random.choice([0, 2]),
            taste_permille=random.choice([600, 900]),
        )
        for n in range(4)
    ]
    every_day = tuple(MONDAY + timedelta(days=n) for n in range(-1, 4))
    sellers = (
        supplier("s", every_day, min_order_cents=random.choice([0, 3000])),
        supplier("t", every_day[::2], delivery_fee_cents=random.choice([0, 500])),
    )
    offers = [
        offer(
            f"{f.code}{by}",
            f.code,
            supplier=by,
            pack_g=(pack := random.choice([1000, 2500, 5000])),
            price_cents=(cents := random.randint(100, 900)),
            credit_cents_kg=cents * 1000 // pack,
            local=random.random() < 0.5,
            labels=frozenset({Label.BIO} if random.random() < 0.3 else ()),
        )
        for f in foods
        for by in ("s", "t")
    ]
    return plats(
        recipes,
        count,
        foods=tuple(foods),
        offers=tuple(offers),
        suppliers=sellers,
        profile=Profile(),
        budget_ttc_cents=random.choice([None, 400]),
        egalim=Egalim(target_egalim_permille=random.choice([0, 300]), past_cents=10_000),
    )


@given(small_questions())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_the_search_returns_the_checker_accepts(instance: Instance) -> None:
    """A valid plan with its true objective above its bound, or an honest refusal."""
    result = solve(instance, time_limit=2)
    if result.plan is None:
        assert result.status is not Status.FEASIBLE
        return
    assert violations(instance, result.plan) == []
    total = sum(objective_parts(instance, result.plan).values()) / MILLICENTS
    assert result.objective_cents == pytest.approx(total, abs=0.01)
    assert (result.bound_cents or 0) <= total + 1e-6


def labelled_market(price: int = 600) -> Instance:
    """Local organic beef of two suppliers, a cheaper conventional one, and every credit at work."""
    bio = frozenset({Label.BIO})
    cheapest = min(price, 700) * 1000 // 5000
    offers = (
        offer("bio1", "boeuf", price_cents=price, labels=bio, local=True, credit_cents_kg=cheapest),
        offer("bio2", "boeuf", price_cents=700, labels=bio, local=True, credit_cents_kg=cheapest),
        offer("nu", "boeuf", price_cents=500),
    )
    return plats(
        [cooked("boeuf", {"boeuf": 90}), cooked("riz", {"riz": 100})],
        2,
        foods=(food("boeuf", family=FamilleProduits.VIANDES_VOLAILLES), food("riz")),
        offers=(*offers, offer("riz", "riz", price_cents=450)),
        profile=Profile(local_permille=500, quality_permille=200, shortfall_permille=400),
        egalim=Egalim(
            past_cents=100_000,
            past_meat_fish_cents=50_000,
            target_egalim_permille=500,
            target_bio_permille=200,
            target_meat_fish_permille=600,
        ),
    )


def value(instance: Instance, plan: Plan) -> float:
    """Objective in cents."""
    return sum(objective_parts(instance, plan).values()) / MILLICENTS


def test_surplus_never_pays() -> None:
    """One pack more of anything, labelled or not, that keeps or not, raises the objective."""
    instance = labelled_market()
    plan = solved(instance).plan
    assert plan is not None
    before = value(instance, plan)
    for extra in instance.offers:
        more = Purchase(delivery=MONDAY, offer=extra.code, packs=1)
        assert value(instance, plan.model_copy(update={"purchases": (*plan.purchases, more)})) > before


def test_being_dearer_never_pays() -> None:
    """The dearer the cheapest organic beef, the higher the optimum, up to the point where it is left."""
    optima = [solved(labelled_market(price)).objective_cents or 0 for price in (400, 500, 600, 700, 900)]
    assert optima == sorted(optima)


def dearer(instance: Instance, code: str) -> Instance:
    """The same market with one offer at twice its price, credits recomputed."""
    raised = [
        o.model_copy(update={"price_cents": o.price_cents * 2}) if o.code == code else o
        for o in instance.offers
    ]

    def reference(one: Offer) -> int:
        like = [o for o in raised if (o.food, o.labels) == (one.food, one.labels)]
        return min(o.price_cents * 1000 // o.pack_g for o in like)

    offers = tuple(o.model_copy(update={"credit_cents_kg": reference(o)}) for o in raised)
    return Instance.model_validate(instance.model_dump() | {"offers": [o.model_dump() for o in offers]})


def without_minimum(instance: Instance) -> Instance:
    """The same market where suppliers ask for no minimum: a rise would help to reach one."""
    suppliers = tuple(s.model_copy(update={"min_order_cents": 0}) for s in instance.suppliers)
    return instance.model_copy(update={"suppliers": suppliers})


@given(small_questions().map(without_minimum), st.integers(0, 7))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_price_rise_makes_a_better_plan(instance: Instance, rank: int) -> None:
    """Whatever offer doubles its price, the plan of the dearer market is not under the old bound."""
    before = solve(instance, time_limit=2)
    after = solve(dearer(instance, instance.offers[rank].code), time_limit=2)
    if before.bound_cents is not None and after.objective_cents is not None:
        assert after.objective_cents >= before.bound_cents - 1e-6


def test_the_same_seed_gives_the_same_plan() -> None:
    """Twice the same question, seed and amount of work: the same plan to the last gram."""
    instance = labelled_market()
    one, two = (solve(instance, seed=3, deterministic=True) for _ in range(2))
    assert one.plan == two.plan
    assert one.objective_cents == two.objective_cents


def test_the_listener_hears_better_and_better_and_may_stop() -> None:
    """Objectives only fall, bounds only rise; a False stops the search at once."""
    heard: list[Progress] = []
    solve(labelled_market(), time_limit=3, on_progress=heard.append)  # type: ignore[func-returns-value]
    objectives = [p.objective_cents for p in heard if p.plan is not None and p.objective_cents is not None]
    assert objectives == sorted(objectives, reverse=True)
    stopped = solve(labelled_market(), time_limit=60, on_progress=lambda _: False)
    assert stopped.seconds < 10


def test_shares_of_a_kept_choice_are_respected() -> None:
    """A dish kept for 70 % of the diners leaves 30 % for the other."""
    recipes = [cooked("boeuf", {"boeuf": 100}), cooked("riz", {"riz": 100})]
    (kept,) = dishes(recipes, {MONDAY: ["boeuf"]})
    instance = plats(
        recipes,
        kitchen=kitchen(choices=dict.fromkeys(Slot, 0) | {Slot.PLAT: 2}),
        foods=(food("boeuf"), food("riz")),
        offers=(offer("boeuf", "boeuf"), offer("riz", "riz")),
        locks=(kept.model_copy(update={"share_permille": 700}),),
    )
    plan = solved(instance).plan
    assert plan is not None
    assert {d.recipe: d.share_permille for d in plan.dishes} == {"boeuf": 700, "riz": 300}


def test_a_budget_out_of_reach_is_told_in_cents_per_meal() -> None:
    """10 kg at 1 €/kg and 5.5 % of VAT are 10.55 cents a meal: a budget of 8 lacks three."""
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=(offer("sac", "riz", pack_g=1000, price_cents=100),),
        budget_ttc_cents=8,
    )
    result = solve(instance, time_limit=3)
    assert result.status is Status.INFEASIBLE
    assert result.plan is None
    assert result.conflicts == ("Crédit nourriture : il manque 0,03 € par repas.",)


@pytest.mark.parametrize("small", [2500, 0])
def test_dear_stock_is_eaten_although_new_is_cheap(monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    """Rice bought at 10 € a kilogram and sold today at 1 €: the store is eaten all the same."""
    monkeypatch.setattr("optim.solve.SMALL", small)
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz", shelf_life_days=60),),
        offers=(offer("neuf", "riz"),),
        stock=(lot("fond", "riz", 10_000, MONDAY + timedelta(days=60), 1000),),
    )
    result = solved(instance, 3)
    assert result.plan is not None
    assert [(use.lot, use.grams) for use in result.plan.uses] == [("fond", 10_000)]
    assert result.objective_cents == pytest.approx(0)


@pytest.mark.parametrize("small", [2500, 0])
def test_a_budget_that_only_the_stock_can_keep_is_kept(monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    """10 kg of rice needed, 20 in the store: one cent per meal is enough, however dear the offer."""
    monkeypatch.setattr("optim.solve.SMALL", small)
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=(offer("cher", "riz", price_cents=5000),),
        stock=(lot("fond", "riz", 20_000, days(4)[3]),),
        budget_ttc_cents=1,
    )
    result = solved(instance)
    assert result.plan is not None
    assert result.plan.purchases == ()
    none = solve(instance.model_copy(update={"stock": ()}), time_limit=3)
    assert none.status is Status.INFEASIBLE


def test_the_fewest_rules_to_give_up_are_named() -> None:
    """Only meat to cook: the vegetarian menu is what cannot be, and nothing else is accused."""
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        switched_off=QUIET - {"V1"},
    )
    result = solve(instance, time_limit=3)
    assert result.status is Status.INFEASIBLE
    assert len(result.conflicts) == 1
    assert result.conflicts[0].startswith("Menu végétarien de la semaine")


def test_a_food_that_arrives_too_late_is_told() -> None:
    """The only delivery comes after the service."""
    instance = plats(
        [cooked("riz", {"riz": 100}, vegetarian=Vegetarien.CEREALE_LEGUMINEUSE)],
        foods=(food("riz"),),
        offers=(offer("sac", "riz"),),
        suppliers=(supplier(dates=(NEXT_MONDAY,)),),
    )
    result = solve(instance, time_limit=3)
    assert result.plan is None
    assert result.conflicts


def test_figures_of_a_plan() -> None:
    """10 kg needed, 15 kg bought at 1 €/kg: 15 cents HT a meal, 5 € lost, all local, none organic."""
    instance = plats(
        [cooked("riz", {"riz": 100})],
        foods=(food("riz", co2e_g_per_kg=2000),),
        offers=(offer("sac", "riz", pack_g=15_000, price_cents=1500, local=True),),
    )
    plan = solved(instance).plan
    assert plan is not None
    told = figures(instance, plan)
    assert told.cost_cents_per_meal == pytest.approx(15)
    assert told.cost_ttc_cents_per_meal == pytest.approx(15.825)
    assert (told.share_local, told.share_bio, told.surplus_cents) == (1, 0, 500)
    assert told.co2e_kg_per_meal == pytest.approx(0.2)
