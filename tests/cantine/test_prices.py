"""Prices of the week: what is sold beyond them, until when, and where people are told it is a guess."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.models import Kitchen
from cantine.planning.build import build_instance
from cantine.planning.folder import PURCHASES, _purchases
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.purchases import load_orders
from cantine.planning.save import save_plan
from cantine.planning.sources import weigh
from cantine.planning.year import year_with
from cantine.reports.purchases import purchase_list
from cantine.reports.reading import load_reading
from cantine.suppliers.market import Reachable, reachable_offers
from cantine.suppliers.models import Offer, PriceSeason
from cantine.suppliers.ordering import load_ordering
from cantine.suppliers.prices import Index, Seasons, estimated_on, lasts_until, load_seasons, offer_code
from optim.instance import Dish
from optim.plan import Plan, Purchase, Use
from optim.terms import Slot
from tests.optim.small import food, question, supplier
from tests.optim.small import offer as asked_offer

WEEK = date(2027, 1, 4), date(2027, 1, 10)
INSIDE, AFTER = date(2027, 1, 5), date(2027, 1, 19)
DEMO = "fl_vergelys-carotte-1"
FEBRUARY = date(2027, 2, 1)
LATER = f"{DEMO}@2027-02-01"
SPAN = WEEK[0], date(2027, 2, 5)


def price(code: str, first: date, last: date, food: str = "carotte") -> Offer:
    """Ten kilograms at a price that holds between two days."""
    return Offer(
        code=code,
        supplier="halle",
        food=food,
        name=code,
        pack_g=10_000,
        price_ht=Decimal(11),
        valid_from=first,
        valid_to=last,
    )


def test_a_price_of_the_week_lasts_five_weeks() -> None:
    """The last price known stays on sale, and no longer."""
    assert lasts_until([price("a", *WEEK)], {"carotte"}) == {"a": date(2027, 2, 14)}


def test_a_newer_price_takes_over() -> None:
    """The eve of the next price is the last day of the older one."""
    newer = price("b", date(2027, 1, 18), date(2027, 1, 24))
    assert lasts_until([price("a", *WEEK), newer], {"carotte"})["a"] == date(2027, 1, 17)


@pytest.mark.parametrize(
    "other",
    [price("a", *WEEK, food="riz"), price("a", date(2026, 12, 14), date(2027, 3, 26))],
    ids=["no fruit or vegetable", "price of a season"],
)
def test_other_prices_end_with_their_validity(other: Offer) -> None:
    """A price of the season ends because the harvest does; rice has no price of the week."""
    assert lasts_until([other], {"carotte"}) == {}


def test_after_its_week_a_price_is_a_guess() -> None:
    """Sure on its last day, estimated the day after; always when the supplier says so."""
    weekly = price("a", *WEEK)
    assert [estimated_on(weekly, day) for day in (WEEK[1], date(2027, 1, 11))] == [False, True]
    weekly.estimated_price = True
    assert estimated_on(weekly, WEEK[0])


@pytest.mark.parametrize(
    ("index", "day", "estimate"),
    [
        ({1: 1060, 2: 1090}, WEEK[1], "11"),
        ({1: 1060, 2: 1090}, date(2027, 1, 31), "11"),
        ({1: 1060, 2: 1090}, date(2027, 2, 1), "11.31"),
        ({1: 1100, 2: 1000}, date(2027, 2, 1), "10"),
        ({2: 1090}, date(2027, 2, 1), "11.99"),
        ({}, date(2027, 2, 1), "11"),
    ],
    ids=["announced", "same month", "dearer in February", "cheaper", "a month without a row", "no row"],
)
def test_after_its_week_a_price_follows_the_season(index: Index, day: date, estimate: str) -> None:
    """The last price × the index of the delivery ÷ that of the last price; without a row, 1000."""
    assert Seasons({"carotte": index}).price_on(price("a", *WEEK), day) == Decimal(estimate)


@pytest.mark.parametrize(("day", "estimate"), [(date(2027, 2, 27), "22"), (date(2027, 3, 1), "33")])
def test_a_week_takes_the_month_where_most_of_it_lies(day: date, estimate: str) -> None:
    """The Saturday 27 February is February's; Monday 1 March begins March; a food not fresh never moves."""
    seasons = Seasons({"carotte": {1: 1000, 2: 2000, 3: 3000}})
    assert seasons.price_on(price("a", *WEEK), day) == Decimal(estimate)
    assert seasons.price_on(price("a", *WEEK, food="riz"), day) == Decimal(11)


def test_a_week_across_two_months_has_one_price() -> None:
    """From Monday 29 March 2027, Thursday is in April: so is Monday."""
    seasons = Seasons({"carotte": {1: 1000, 3: 1000, 4: 2000}})
    days = date(2027, 3, 28), date(2027, 3, 29)
    assert [seasons.price_on(price("a", *WEEK), day) for day in days] == [Decimal(11), Decimal(22)]


def test_the_groups_of_fresh_foods_have_a_whole_year(seeds_engine: Engine) -> None:
    """In the demonstration every group sold fresh has twelve months whose mean is 1000, estimates all."""
    with Session(seeds_engine) as session:
        seasons = load_seasons(session)
        origins = {row.origin for row in session.exec(select(PriceSeason))}
    assert origins == {"estime"}
    assert "carotte" in seasons.weekly
    for food_code, index in seasons.weekly.items():
        assert sorted(index) == list(range(1, 13)), food_code
        assert sum(index.values()) == 12_000, food_code


def test_beyond_its_week_an_offer_can_still_be_planned(seeds_engine: Engine) -> None:
    """In the demonstration, carrots of the week are offered until mid-February, in February at its price."""
    with Session(seeds_engine) as session:
        kitchen = session.get_one(Kitchen, "ARRAS-MITTERRAND")

        def carrots(first: date, last: date) -> list[Reachable]:
            return [r for r in reachable_offers(session, kitchen, first, last, 80) if r.offer.code == DEMO]

        january, february = carrots(date(2027, 2, 1), date(2027, 2, 26))
        assert [r.code for r in carrots(WEEK[0], date(2027, 1, 29))] == [DEMO]
        assert carrots(date(2027, 2, 15), date(2027, 2, 26)) == []
    assert (january.code, january.price_ht, january.valid_to) == (DEMO, Decimal("4.50"), date(2027, 1, 31))
    assert (february.code, february.valid_from, february.valid_to) == (LATER, FEBRUARY, date(2027, 2, 14))
    assert february.price_ht == Decimal("4.63")
    assert offer_code(LATER) == offer_code(DEMO) == DEMO


def test_a_plan_is_asked_written_and_told_at_the_price_of_its_month(seeds_engine: Engine) -> None:
    """A February delivery costs February's estimate in the question, the rows, the files and the grid."""
    with Session(seeds_engine) as session:
        asked = build_instance(session, "ARRAS-MITTERRAND", WEEK[0], 20, "equilibre", WEEK[0])
        assert [asked.offer[code].price_cents for code in (DEMO, LATER)] == [450, 463]
        dish = next(recipe for recipe in asked.recipes if recipe.slot is Slot.ENTREE)
        plan = Plan(
            dishes=(Dish(date=FEBRUARY, slot=Slot.ENTREE, recipe=dish.code),),
            purchases=(
                Purchase(delivery=INSIDE, offer=DEMO, packs=2),
                Purchase(delivery=FEBRUARY, offer=LATER, packs=2),
            ),
            uses=(Use(date=FEBRUARY, food="carotte", grams=9_000, offer=LATER, delivery=FEBRUARY),),
        )
        year = year_with(session, "ARRAS-MITTERRAND", plan, 2027, FEBRUARY)
        market = reachable_offers(session, session.get_one(Kitchen, "ARRAS-MITTERRAND"), *SPAN, 80)
        ((grams, source),) = weigh(session, "ARRAS-MITTERRAND", plan.uses, market)[FEBRUARY, "carotte"]
        save_plan(session, "ARRAS-MITTERRAND", asked, plan)
        rows = session.exec(select(PlannedPurchase).where(PlannedPurchase.delivery == FEBRUARY)).all()
        (use,) = session.exec(select(PlannedUse)).all()
        paid = [(row.offer, row.packs, row.price_ht) for row in rows]
        assert use.offer == DEMO
    assert paid == [(DEMO, 2, Decimal("4.63"))]
    assert year.planned.total == 2 * (450 + 463)
    assert (grams, round(source.cents_per_kg, 1), source.estimated) == (9_000, 92.6, True)
    written = [dict(zip(PURCHASES, row, strict=True)) for row in _purchases(asked, plan)]
    assert [row["offer"] for row in written] == [DEMO, DEMO]
    assert [row["unit_price_ht"] for row in written] == ["4.50", "4.63"]
    assert [row["price_estimated"] for row in written] == ["false", "true"]


def test_orders_and_paper_say_that_a_price_is_a_guess(seeds_engine: Engine) -> None:
    """« À commander » and the purchase list mark the delivery after the week, not the one inside."""
    with Session(seeds_engine) as session:
        offer = session.exec(select(Offer).where(Offer.code == DEMO)).one()
        for day in (INSIDE, AFTER):
            session.add(
                PlannedPurchase(
                    kitchen="ARRAS-MITTERRAND", delivery=day, offer=DEMO, packs=2, price_ht=offer.price_ht
                )
            )
        session.flush()
        orders = load_orders(session, "ARRAS-MITTERRAND", load_ordering(session, date(2027, 1, 4)), {})
        reading = load_reading(session, "ARRAS-MITTERRAND", date(2027, 1, 4), date(2027, 1, 22))
        paper = purchase_list(session, reading, date(2027, 1, 4), date(2027, 1, 22), date(2027, 1, 4))
    assert [line.estimated for order in orders for line in order.lines] == [False, True]
    lines = [line for s in paper.suppliers for d in s.deliveries for line in d.lines]
    assert [line.estimated for line in lines] == [False, True]


def test_the_file_of_purchases_says_it_too() -> None:
    """purchases.csv has a column for it, delivery by delivery."""
    sold = asked_offer("c", "chou").model_copy(update={"price_holds_to": INSIDE})
    asked = question(foods=(food("chou"),), suppliers=(supplier(),), offers=(sold,))
    plan = Plan(dishes=(), purchases=tuple(Purchase(delivery=d, offer="c", packs=1) for d in (INSIDE, AFTER)))
    column = PURCHASES.index("price_estimated")
    assert [row[column] for row in _purchases(asked, plan)] == ["false", "true"]
