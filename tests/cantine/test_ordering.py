"""One last day to order: the page, the paper, the search, the panel and the staples say the same."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.french import day as day_words
from cantine.kitchens.headcount import SchoolCalendar
from cantine.kitchens.models import ClosedDay, Setting
from cantine.planning.board import load_board
from cantine.planning.build import build_instance
from cantine.planning.decisions import decisions
from cantine.planning.mishaps import Mishaps
from cantine.planning.models import PlannedPurchase
from cantine.planning.purchases import load_orders
from cantine.planning.staple_orders import next_deliveries
from cantine.planning.store import gone
from cantine.planning.supply import load_supply
from cantine.reports.purchases import purchase_list
from cantine.reports.reading import load_reading
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.ordering import Ordering, load_ordering
from tests.cantine.plans import FIRST
from tests.cantine.site import OWN
from tests.cantine.test_staples import grocer

CALENDAR = SchoolCalendar(
    {
        date(2027, 3, 29): "ferie",
        date(2027, 5, 6): "ferie",
        date(2027, 5, 7): "pont",
        **{date(2027, 4, day): "vacances" for day in (19, 20, 21, 22, 23)},
    },
    date(2027, 7, 2),
)
FRIDAY, SATURDAY, MONDAY, TUESDAY = (date(2027, 1, day) for day in (8, 9, 11, 12))
LAST = date(2027, 2, 5)


@pytest.mark.parametrize(
    ("lead_days", "delivery", "expected"),
    [
        (2, date(2027, 1, 14), date(2027, 1, 12)),
        (1, MONDAY, FRIDAY),
        (3, date(2027, 3, 31), date(2027, 3, 26)),  # Sunday, before Easter Monday
        (1, date(2027, 3, 30), date(2027, 3, 26)),  # Easter Monday, then the weekend
        (3, date(2027, 5, 10), date(2027, 5, 5)),  # the bridge, then Ascension Thursday
        (4, date(2027, 4, 26), date(2027, 4, 22)),  # a Thursday of the school holidays
        (0, MONDAY, MONDAY),
    ],
)
def test_the_last_day_is_a_working_one(lead_days: int, delivery: date, expected: date) -> None:
    """Never a weekend, a public holiday or its bridge; the school holidays do count."""
    assert Ordering(CALENDAR, FIRST).deadline(grocer(lead_days=lead_days), delivery) == expected


@pytest.mark.parametrize(
    ("today", "hour", "late"),
    [(FRIDAY, time(11, 59), False), (FRIDAY, time(12), True), (SATURDAY, time(8), True)],
)
def test_the_hour_of_the_last_day_counts(today: date, hour: time, late: bool) -> None:
    """Monday's delivery is ordered by Friday noon: the weekend brings no more time."""
    ordering, supplier = Ordering(CALENDAR, today, hour), grocer(lead_days=1, delivery_days="12")
    assert ordering.too_late(supplier, MONDAY) is late
    assert next(ordering.deliveries(supplier, today, TUESDAY)) == (TUESDAY if late else MONDAY)


@pytest.fixture
def menus(bought_engine: Engine) -> Iterator[Session]:
    """Purchases in place on a real site, with a public holiday that moves some last days."""
    with Session(bought_engine, expire_on_commit=False) as session:
        session.get_one(Setting, "demonstration").value = "false"
        for rank, supplier in enumerate(session.exec(select(Supplier).order_by(Supplier.code))):
            supplier.lead_days, supplier.delivery_days = 1 + rank % 4, "12345"
            supplier.cutoff_hour = ("09:00", "16:00")[rank % 2]
            session.add(supplier)
        session.add(ClosedDay(date=date(2027, 1, 13), kind="ferie", name="Fête"))
        session.flush()
        yield session


@pytest.mark.parametrize("today", [FRIDAY, SATURDAY, TUESDAY])
def test_everything_tells_the_same_last_day(menus: Session, today: date) -> None:
    """At eleven, some suppliers' hour is over: every order is late for all who look, or for none."""
    hour = time(11)
    ordering = load_ordering(menus, today, hour)
    orders = [o for o in load_orders(menus, OWN, ordering, {}) if o.delivery >= today]
    assert {order.late for order in orders} == {False, True}
    paper = purchase_list(menus, load_reading(menus, OWN, today, LAST), today, LAST, today, hour)
    printed = {
        (supplier.name, delivery.day): (delivery.deadline.split(",")[0], delivery.too_late)
        for supplier in paper.suppliers
        for delivery in supplier.deliveries
    }
    search = build_instance(menus, OWN, today, 10, "equilibre", today, hour)
    left = gone(menus, OWN, ordering, Mishaps()).orders
    board = load_board(menus, OWN, MONDAY, today)
    assert board is not None
    supply = load_supply(menus, board, hour, {offer.food for offer in menus.exec(select(Offer))})
    assert supply is not None
    sellers = {offer.code: offer.supplier for offer in menus.exec(select(Offer))}
    rows = {(p.offer, p.delivery) for p in menus.exec(select(PlannedPurchase)) if p.kitchen == OWN}
    for order in orders:
        name, day, code = order.supplier.name, order.delivery, order.supplier.code
        mine = {row for row in rows if row[1] == day and sellers[row[0]] == code}
        assert printed[name, day_words(day, year=True)] == (day_words(order.deadline), order.late)
        assert (day not in search.supplier[code].delivery_dates) is order.late
        assert (day not in supply.instance.supplier[code].delivery_dates) is order.late
        assert (mine <= left) is order.late
        assert {supply.deadline(offer, day) for offer, _ in mine} == {order.deadline}
        assert (next_deliveries([order.supplier], ordering)[code] > day) is order.late
    to_send = [o for o in orders if not o.late and (o.deadline - today).days in (0, 1)]
    cards = [
        card
        for card in decisions(board, None, orders, (), url=lambda *_, **__: "")
        if "à passer" in card.title
    ]
    assert [card.title.split("\u00a0")[0] for card in cards] == ([str(len(to_send))] if to_send else [])
    assert all(card.urgent is any(o.deadline == today for o in to_send) for card in cards)
