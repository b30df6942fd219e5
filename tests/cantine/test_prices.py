"""Prices of the week: what is sold beyond them, until when, and where people are told it is a guess."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.models import Kitchen
from cantine.planning.folder import PURCHASES, _purchases
from cantine.planning.models import PlannedPurchase
from cantine.planning.purchases import load_orders
from cantine.reports.purchases import purchase_list
from cantine.reports.reading import load_reading
from cantine.suppliers.market import reachable_offers
from cantine.suppliers.models import Offer
from cantine.suppliers.prices import estimated_on, lasts_until
from optim.plan import Plan, Purchase
from tests.optim.small import food, question, supplier
from tests.optim.small import offer as asked_offer

WEEK = date(2027, 1, 4), date(2027, 1, 10)
INSIDE, AFTER = date(2027, 1, 5), date(2027, 1, 19)
DEMO = "fl_vergelys-carotte-1"


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


def test_beyond_its_week_an_offer_can_still_be_planned(seeds_engine: Engine) -> None:
    """In the demonstration, carrots of the week are offered until mid-February."""
    with Session(seeds_engine) as session:
        kitchen = session.get_one(Kitchen, "ARRAS-MITTERRAND")
        (later,) = [
            r
            for r in reachable_offers(session, kitchen, date(2027, 2, 1), date(2027, 2, 26), 80)
            if r.offer.code == DEMO
        ]
        assert (later.valid_to, later.offer.valid_to) == (date(2027, 2, 14), date(2027, 1, 10))
        gone = reachable_offers(session, kitchen, date(2027, 2, 15), date(2027, 2, 26), 80)
    assert DEMO not in {r.offer.code for r in gone}


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
        orders = load_orders(session, "ARRAS-MITTERRAND", date(2027, 1, 4), {})
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
