"""The order of the month: what a shelf lacks, from whom, in whole packs, and when it comes."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.db import transaction
from cantine.kitchens.headcount import SchoolCalendar
from cantine.planning.models import PlannedPurchase
from cantine.planning.staple_orders import MonthlyOrder, monthly_order, next_deliveries
from cantine.suppliers.market import Reachable
from cantine.suppliers.models import MarketLot, Offer, StapleLevel, StockLot, Supplier
from cantine.suppliers.ordering import Ordering
from cantine.suppliers.staples import Shelf, load_shelves, next_order_day, pick_all
from tests.cantine.reports_kitchen import CODE, VALID, fill, offer

MONDAY, TUESDAY, THURSDAY = date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 7)
MIN, MAX, PACK = 5_000, 15_000, 5_000
CALENDAR = SchoolCalendar(
    {
        date(2027, 1, 1): "ferie",
        **{date(2027, 2, day): "vacances" for day in range(1, 29)},
        **{date(2027, 3, day): "vacances" for day in (1, 2, 3)},
    },
    date(2027, 7, 2),
)
EXPIRED, FRESH = date(2027, 1, 3), date(2027, 6, 1)


def shelf(stock_g: int) -> Shelf:
    """Salt, kept between 5 and 15 kg."""
    return Shelf("sel", "Sel", stock_g, MIN, MAX)


def grocer(**columns: object) -> Supplier:
    """A supplier next door, on Thursdays."""
    usual = {"name": "Épicerie", "kind": "epicerie", "insee": "99001", "latitude": 46.0, "longitude": -1.0}
    return Supplier(**{"code": "epi", "delivery_days": "4", "lead_days": 2, **usual, **columns})


def reach(
    code: str = "sel-5", pack_g: int = PACK, price: str = "5.00", until: date = VALID["valid_to"]
) -> Reachable:
    """An offer of salt that the frames leave open."""
    sold = offer(code, "epi", "sel", pack_g, price)
    return Reachable(
        code=code,
        offer=sold,
        price_ht=sold.price_ht,
        supplier=grocer(),
        local=False,
        local_counts=False,
        distance_km=None,
        valid_from=VALID["valid_from"],
        valid_to=until,
    )


def packs_of(stock_g: int, *, whole: bool) -> int:
    """Packs of 5 kg ordered for a shelf."""
    picks, lacking = pick_all([shelf(stock_g)], [reach()], {"epi": THURSDAY}, whole=whole)
    assert not lacking
    return sum(pick.packs for pick in picks)


@pytest.mark.parametrize(
    ("stock_g", "whole", "packs"),
    [
        (0, False, 3),
        (2_000, False, 2),  # 13 kg of room: a third pack would be 2 kg beyond the maximum
        (4_999, False, 2),
        (5_000, False, 0),  # the minimum is there
        (9_000, False, 0),
        (9_000, True, 1),  # the order day fills what has room
        (10_000, True, 1),
        (10_001, True, 0),  # no room for a whole pack
        (15_000, True, 0),
        (20_000, True, 0),
    ],
)
def test_packs_bring_a_shelf_to_its_maximum(stock_g: int, whole: bool, packs: int) -> None:
    """Under the minimum any day, under the maximum on the order day, nothing above."""
    assert packs_of(stock_g, whole=whole) == packs


def test_a_shelf_comes_near_its_maximum_and_never_beyond() -> None:
    """Whatever is left, less than a pack lacks to the maximum once it has come."""
    for stock_g in range(0, MIN, 250):
        assert MAX - PACK < stock_g + PACK * packs_of(stock_g, whole=False) <= MAX


def test_the_cheapest_a_kilo_of_what_has_room() -> None:
    """A sack of 25 kg is cheaper a kilo and has no room; a bag of 12 kg has, at a better price a kilo."""
    sack, packet = reach("sac", 25_000, "14.00"), reach("sel-5", PACK, "5.00")
    (pick,), _ = pick_all([shelf(2_000)], [sack, packet], {"epi": THURSDAY}, whole=False)
    assert (pick.offer.code, pick.packs, pick.grams, pick.over_g) == ("sel-5", 2, 10_000, 0)
    bag = reach("poche", 12_000, "11.99")
    (pick,), _ = pick_all([shelf(2_000)], [sack, packet, bag], {"epi": THURSDAY}, whole=False)
    assert (pick.offer.code, pick.packs) == ("poche", 1)


def test_a_pack_that_leaves_the_shelf_short_comes_after_one_that_does_not() -> None:
    """3 kg at a low price would leave 4 kg of 5: the dearer pack of 5 kg brings the minimum."""
    small = Shelf("sel", "Sel", 1_000, MIN, 6_500)
    low, packet = reach("petit", 3_000, "1.00"), reach("sel-5", PACK, "9.00")
    (pick,), _ = pick_all([small], [low, packet], {"epi": THURSDAY}, whole=False)
    assert (pick.offer.code, pick.packs) == ("sel-5", 1)


@pytest.mark.parametrize(("stock_g", "packs"), [(4_000, 1), (5_000, 0), (6_000, 0)])
def test_where_no_pack_has_room_one_comes_only_under_the_minimum(stock_g: int, packs: int) -> None:
    """Kept between 5 and 8 kg in sacks of 10 or 25: the smaller passes least, and says by how much."""
    narrow = Shelf("sel", "Sel", stock_g, MIN, 8_000)
    market = [reach("sac", 25_000, "10.00"), reach("sel-10", 10_000, "15.00")]
    picks, lacking = pick_all([narrow], market, {"epi": THURSDAY}, whole=True)
    assert [(pick.offer.code, pick.packs, pick.over_g) for pick in picks] == [("sel-10", 1, 6_000)] * packs
    assert lacking == []


def test_a_shelf_that_nobody_fills_is_told() -> None:
    """No offer, an offer over before the delivery, a supplier who cannot come: each leaves the shelf."""
    empty = shelf(0)
    over = reach(until=date(2027, 1, 6))
    for market, deliveries in (([], {"epi": THURSDAY}), ([over], {"epi": THURSDAY}), ([reach()], {})):
        assert pick_all([empty], market, deliveries, whole=False) == ([], [empty])


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (MONDAY, MONDAY),  # the first of January is a holiday, then comes a weekend
        (TUESDAY, date(2027, 3, 4)),  # February has no school, March starts on the 4th
        (date(2027, 3, 4), date(2027, 3, 4)),
        (date(2027, 7, 1), date(2027, 7, 1)),
        (date(2027, 7, 2), None),  # beyond, the calendar knows nothing
    ],
)
def test_the_order_day_is_the_first_school_day_of_the_month(today: date, expected: date | None) -> None:
    """Today if it is that day, else the next one that the calendar knows."""
    assert next_order_day(CALENDAR, today) == expected


@pytest.mark.parametrize(
    ("today", "hour", "expected"),
    [
        (MONDAY, time(8), THURSDAY),
        (TUESDAY, time(11, 59), THURSDAY),
        (TUESDAY, time(12), date(2027, 1, 14)),  # from the hour on, the order leaves tomorrow: too late
        (date(2027, 1, 6), time(8), date(2027, 1, 14)),
    ],
)
def test_the_next_delivery_keeps_delay_and_hour(today: date, hour: time, expected: date) -> None:
    """Thursdays, two days ahead, before noon."""
    assert next_deliveries([grocer()], Ordering(CALENDAR, today, hour)) == {"epi": expected}


def test_a_supplier_who_never_comes_has_no_delivery() -> None:
    """A round on Sundays meets no kitchen."""
    assert next_deliveries([grocer(delivery_days="7")], Ordering(CALENDAR, MONDAY)) == {}


@pytest.fixture
def kitchen(engine: Engine) -> Iterator[Session]:
    """The small kitchen, which keeps flour between 5 and 15 kg and has 2 kg left that are still good."""
    with transaction(engine) as session:
        fill(session)
        session.add(grocer(min_order_ht=Decimal(30), delivery_fee_ht=Decimal(4)))
        session.add(StapleLevel(kitchen=CODE, food="farine", min_g=MIN, max_g=MAX))
        for expires_on, grams in ((EXPIRED, 40_000), (FRESH, 1_500), (date(2027, 7, 1), 500)):
            session.add(
                StockLot(
                    kitchen=CODE,
                    food="farine",
                    expires_on=expires_on,
                    grams=grams,
                    price_ht_per_kg=Decimal(1),
                )
            )
        session.flush()
        session.add(offer("farine_5", "epi", "farine", PACK, "6.00"))
    with Session(engine) as session:
        yield session


def test_a_shelf_counts_the_lots_still_valid(kitchen: Session) -> None:
    """What expired yesterday is no stock; a level on a food that the search buys is left out."""
    kitchen.add(StapleLevel(kitchen=CODE, food="riz", min_g=MIN, max_g=MAX))
    assert load_shelves(kitchen, CODE, MONDAY) == [Shelf("farine", "Farine de blé", 2_000, MIN, MAX)]


def test_the_order_of_a_kitchen(kitchen: Session) -> None:
    """13 kg of room: two packs at 6 € are 12 €, 18 € short of the minimum, on Thursday."""
    found = monthly_order(kitchen, CODE, MONDAY)
    (order,) = found.orders
    assert (order.delivery, order.deadline, order.total_ht, order.missing_ht) == (
        THURSDAY,
        TUESDAY,
        Decimal(12),
        Decimal(18),
    )
    assert (order.fee_ht, found.total_ht, found.kept, found.short, found.count) == (4, 12, 1, 1, 1)


def test_goods_of_the_menus_count_for_the_minimum(kitchen: Session) -> None:
    """18 € of rice come with the same delivery: the minimum is reached, its fee paid once."""
    kitchen.add(offer("riz_5", "epi", "riz", PACK, "18.00"))
    kitchen.flush()
    kitchen.add(
        PlannedPurchase(kitchen=CODE, delivery=THURSDAY, offer="riz_5", packs=1, price_ht=Decimal(18))
    )
    kitchen.flush()
    (order,) = monthly_order(kitchen, CODE, MONDAY).orders
    assert (order.total_ht, order.joined_ht, order.missing_ht, order.fee_ht) == (12, 18, 0, 0)


def holder_supplies(kitchen: Session, frame: str) -> str:
    """Who supplies flour when a lot holds it at a dearer price."""
    kitchen.add(grocer(code="titulaire", name="Titulaire"))
    kitchen.flush()
    kitchen.add(MarketLot(code="lot", name="Épicerie", frame=frame, supplier="titulaire", **VALID))
    kitchen.flush()
    kitchen.add(offer("farine_lot", "titulaire", "farine", PACK, "9.00", lot="lot"))
    kitchen.flush()
    (order,) = monthly_order(kitchen, CODE, MONDAY).orders
    return order.supplier.code


@pytest.mark.parametrize(("frame", "supplier"), [("exclusif", "titulaire"), ("libre", "epi")])
def test_market_frames_are_kept(kitchen: Session, frame: str, supplier: str) -> None:
    """The holder of an exclusive lot supplies, dearer or not; a free lot leaves the choice."""
    assert holder_supplies(kitchen, frame) == supplier


def test_a_demonstration_ignores_the_clock(kitchen: Session) -> None:
    """Its day stands still, so does its hour."""
    at_night: MonthlyOrder = monthly_order(kitchen, CODE, TUESDAY, time(23))
    assert at_night.orders[0].delivery == THURSDAY


def test_a_kitchen_without_levels_orders_nothing(kitchen: Session) -> None:
    """Nothing kept, nothing short, nothing lacking."""
    level = kitchen.get_one(StapleLevel, (CODE, "farine"))
    kitchen.delete(level)
    found = monthly_order(kitchen, CODE, MONDAY)
    assert (found.kept, found.orders, found.lacking) == (0, (), ())


def test_an_offer_too_late_for_the_delivery_is_left_out(kitchen: Session) -> None:
    """Flour sold until Wednesday cannot come on Thursday."""
    row = kitchen.get_one(Offer, "farine_5")
    row.valid_to = date(2027, 1, 6)
    kitchen.add(row)
    found = monthly_order(kitchen, CODE, MONDAY)
    assert (found.orders, [one.name for one in found.lacking]) == ((), ["Farine de blé"])
