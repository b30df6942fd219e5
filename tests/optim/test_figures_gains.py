"""The two perverse gains must be impossible: surplus never pays, being dearer never pays."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from optim.figures import closing_millicents, objective_parts, purchases_millicents, shortfall_millicents
from optim.instance import Egalim, Instance, Offer, Profile
from optim.plan import Plan
from optim.terms import FamilleProduits, Label
from tests.optim.small import MONDAY, buy, draw, food, lot, offer, question, services, supplier, take

STEADY = settings(max_examples=100, deadline=None, derandomize=True, database=None)
NAMES = ("a", "b", "c")
Market = tuple[Instance, Plan]


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Any prices that a profile accepts."""
    local = draw(st.integers(0, 950))
    quality = draw(st.integers(0, 950 - local))
    return Profile(
        local_permille=local,
        quality_permille=quality,
        shortfall_permille=draw(st.integers(0, 1000)),
    )


@st.composite
def offers(draw: st.DrawFn, code: str) -> Offer:
    """Packs of some kilograms; the reference is another offer's price, or none."""
    kilograms, price = draw(st.integers(1, 10)), draw(st.integers(50, 2000))
    reference = draw(st.integers(50, 3000))
    return offer(
        code,
        code,
        pack_g=kilograms * 1000,
        price_cents=kilograms * price,
        credit_cents_kg=min(price, reference),
        labels=draw(st.frozensets(st.sampled_from([Label.BIO, Label.LABEL_ROUGE]))),
        local=draw(st.booleans()),
        local_counts=draw(st.booleans()),
    )


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Three foods, some packs of each, of which some grams are used."""
    families = st.sampled_from([FamilleProduits.VIANDES_VOLAILLES, FamilleProduits.FRUITS_ET_LEGUMES])
    known = [draw(offers(code)) for code in NAMES]
    past = draw(st.integers(0, 20_000))
    labelled, targets = st.integers(0, past), st.integers(0, 1000)
    instance = question(
        foods=[
            food(code, family=draw(families), shelf_life_days=draw(st.sampled_from([5, 60])))
            for code in NAMES
        ],
        offers=known,
        suppliers=(supplier(),),
        services=services([MONDAY]),
        profile=draw(profiles()),
        egalim=Egalim(
            past_cents=past,
            past_egalim_cents=draw(labelled),
            past_bio_cents=draw(labelled),
            past_meat_fish_cents=past // 2,
            past_meat_fish_egalim_cents=draw(labelled) // 2,
            target_egalim_permille=draw(targets),
            target_bio_permille=draw(targets),
            target_meat_fish_permille=draw(targets),
        ),
    )
    packs = {o.code: draw(st.integers(1, 6)) for o in known}
    grams = {o.code: draw(st.integers(0, packs[o.code] * o.pack_g)) for o in known}
    uses = [take(MONDAY, code, weight, code) for code, weight in grams.items() if weight]
    return instance, Plan(dishes=(), purchases=[buy(*line) for line in packs.items()], uses=uses)


def worth(instance: Instance, plan: Plan) -> int:
    """The whole objective, in millicents: the less the better."""
    return sum(objective_parts(instance, plan).values())


@STEADY
@given(markets(), st.sampled_from(NAMES))
def test_surplus_pack_never_pays(market: Market, code: str) -> None:
    """One pack more that nothing uses always costs, whatever its labels and the aims."""
    instance, plan = market
    more = [p.model_copy(update={"packs": p.packs + (p.offer == code)}) for p in plan.purchases]
    assert worth(instance, plan.model_copy(update={"purchases": tuple(more)})) > worth(instance, plan)


@STEADY
@given(markets(), st.sampled_from(NAMES))
def test_use_without_need_never_pays_for_its_pack(market: Market, code: str) -> None:
    """Even when the pack more is said to be used, its credit is less than its price.

    Nothing is hoarded before: a use would give its worth back to a pack too many.
    """
    instance, uses = market[0], market[1].uses
    packs = {use.offer: -(-use.grams // instance.offer[str(use.offer)].pack_g) for use in uses}
    plan = Plan(dishes=(), purchases=[buy(str(name), n) for name, n in packs.items()], uses=uses)
    more = Counter(packs) + Counter([code])
    used = take(MONDAY, code, instance.offer[code].pack_g, code)
    bigger = Plan(dishes=(), purchases=[buy(str(name), n) for name, n in more.items()], uses=(*uses, used))
    assert worth(instance, bigger) > worth(instance, plan)


@STEADY
@given(markets(), st.sampled_from(NAMES), st.integers(1, 500), st.integers(0, 3000))
def test_being_dearer_never_pays(market: Market, code: str, rise: int, reference: int) -> None:
    """A supplier who asks more a kilogram makes the same plan dearer, even if alone to be the reference."""
    instance, plan = market
    offers_: list[dict[str, Any]] = []
    for one in instance.offers:
        values = one.model_dump()
        if one.code == code:
            before = one.price_cents * 1000 // one.pack_g
            values["price_cents"] = (before + rise) * one.pack_g // 1000
            if one.credit_cents_kg == before:
                values["credit_cents_kg"] = min(before + rise, max(before, reference))
        offers_.append(values)
    dearer = Instance.model_validate(instance.model_dump() | {"offers": offers_})
    assert worth(dearer, plan) > worth(instance, plan)


@STEADY
@given(markets())
def test_closing_stock_is_worth_less_than_it_cost(market: Market) -> None:
    """What is left keeps a tenth under its price at most, and earns no label."""
    instance, plan = market
    nothing_used = Plan(dishes=(), purchases=plan.purchases)
    assert closing_millicents(instance, nothing_used) * 10 <= purchases_millicents(instance, plan) * 9
    parts = objective_parts(instance, nothing_used)
    assert (parts["local"], parts["quality"]) == (0, 0)


def store(price: int, *, kilograms: int = 10, own: int = 1000, dear: int = 400) -> Instance:
    """Rice in the store at ``own`` cents a kilogram, and two offers of it, one of them dear."""
    return question(
        foods=(food("riz", shelf_life_days=60),),
        offers=(offer("neuf", "riz", price_cents=5 * price), offer("cher", "riz", price_cents=5 * dear)),
        suppliers=(supplier(),),
        services=services([MONDAY]),
        stock=(lot("fond", "riz", kilograms * 1000, MONDAY + timedelta(days=60), own),),
        profile=Profile(local_permille=0, quality_permille=0, shortfall_permille=0),
    )


def test_old_stock_is_worth_no_more_than_new() -> None:
    """10 kg bought at 10 €, sold today at 1 €: kept, they are worth 9 € and not 90 €."""
    instance = store(100)
    hoarded = Plan(dishes=(), purchases=[buy("neuf", 2)], uses=[take(MONDAY, "riz", 10_000, "neuf")])
    eaten = Plan(dishes=(), uses=[draw(MONDAY, "riz", 10_000, "fond")])
    assert closing_millicents(instance, hoarded) == 900_000
    assert (worth(instance, hoarded), worth(instance, eaten)) == (100_000, 0)


def test_dear_delivery_left_is_worth_no_more_than_a_cheap_one() -> None:
    """5 kg bought at 4 € where others cost 1 €: left, 4.50 €; the store, cheaper still, keeps its price."""
    instance = store(100, kilograms=1, own=50)
    assert closing_millicents(instance, Plan(dishes=(), purchases=[buy("cher", 1)])) == 450_000 + 45_000
    assert closing_millicents(instance, Plan(dishes=(), purchases=[buy("neuf", 1)])) == 450_000 + 45_000


def test_no_more_is_worth_keeping_than_what_is_used_and_one_pack() -> None:
    """Of rice at 1 €, 10 kg are used: as much left and a pack of 5 kg count at 0.90 €, no more."""
    instance = store(100, kilograms=0)
    eaten = [take(MONDAY, "riz", 10_000, "neuf")]
    plans = [Plan(dishes=(), purchases=[buy("neuf", packs)], uses=eaten) for packs in (4, 5, 10, 11)]
    assert [closing_millicents(instance, plan) for plan in plans] == [
        900_000,
        1_350_000,
        1_350_000,
        1_350_000,
    ]
    assert worth(instance, plans[3]) - worth(instance, plans[2]) == 500_000


def test_stock_without_offer_keeps_its_own_price() -> None:
    """Nobody sells it: nine tenths of what it cost."""
    instance = store(100).model_copy(update={"offers": ()})
    assert closing_millicents(instance, Plan(dishes=())) == 9_000_000


@STEADY
@given(st.integers(1, 2000), st.integers(0, 3000), st.integers(1, 2000), st.sampled_from(["neuf", "cher"]))
def test_buying_what_the_store_holds_never_pays(price: int, own: int, dear: int, code: str) -> None:
    """Whatever the old and the new prices, to eat the lot costs less than to keep it and buy."""
    instance = store(price, own=own, dear=dear)
    hoarded = Plan(dishes=(), purchases=[buy(code, 2)], uses=[take(MONDAY, "riz", 10_000, code)])
    eaten = Plan(dishes=(), uses=[draw(MONDAY, "riz", 10_000, "fond")])
    assert worth(instance, eaten) < worth(instance, hoarded)


@STEADY
@given(markets())
def test_no_shortfall_is_the_target_met(market: Market) -> None:
    """The count is careful: where nothing lacks, the true share of the year reaches the target."""
    instance, plan = market
    year = instance.egalim
    sure = instance.model_copy(update={"profile": Profile(shortfall_permille=80)})
    if shortfall_millicents(sure, plan):
        return
    bought = {p.offer: p.packs * instance.offer[p.offer].price_cents for p in plan.purchases}
    labelled = sum(cents for code, cents in bought.items() if instance.offer[code].egalim)
    share = (year.past_egalim_cents + labelled + 1) * 1000
    assert share >= year.target_egalim_permille * (year.past_cents + sum(bought.values()))


def test_delivery_counts_once_a_day() -> None:
    """Two products of one supplier on one day are one visit, on two days two."""
    instance = question(
        foods=(food("a"), food("b")),
        offers=(offer("a", "a"), offer("b", "b")),
        suppliers=(supplier(dates=(MONDAY, MONDAY + timedelta(days=1)), delivery_fee_cents=300),),
    )
    for later, fees in ((0, 300_000), (1, 600_000)):
        bought = (buy("a", 1), buy("b", 1, MONDAY + timedelta(days=later)))
        assert objective_parts(instance, Plan(dishes=(), purchases=bought))["delivery_fees"] == fees
