"""The panel « Changer » promises figures and orders: they are those of the grid once the change is made."""

from collections.abc import Iterator
from datetime import date, time
from math import isclose

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from cantine.planning.alternatives import Alternative, SwapPanel, foods_for, swap_panel
from cantine.planning.board import Board, load_board
from cantine.planning.models import PlannedPurchase, PlannedUse, Profile
from cantine.planning.supply import Supply, load_supply, profile_of
from cantine.suppliers.models import Offer, Supplier
from cantine.suppliers.prices import offer_code
from optim.figures import objective_parts
from optim.terms import Slot
from tests.cantine.changes import carry_out
from tests.cantine.plans import FIRST
from tests.cantine.site import OWN

DAY = date(2027, 1, 19)
PLACE = DAY, Slot.PLAT, 1


@pytest.fixture
def menus(bought_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus and purchases are in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def opened(session: Session, *, today: date = FIRST) -> tuple[Board, Supply, SwapPanel]:
    """The panel of the plat of the day."""
    board = load_board(session, OWN, FIRST, today, opened=PLACE[:2])
    assert board is not None
    supply = load_supply(session, board, time(8), foods_for(board, PLACE))
    assert supply is not None
    panel = swap_panel(board, PLACE, "", supply)
    assert panel is not None
    return board, supply, panel


def choose(session: Session, supply: Supply, chosen: Alternative) -> Board:
    """Change the dish, and order as the panel says."""
    assert chosen.change is not None
    carry_out(session, OWN, supply, PLACE, chosen.recipe, chosen.change.effect)
    board = load_board(session, OWN, FIRST, FIRST)
    assert board is not None
    return board


@pytest.mark.parametrize("rank", [0, 4, 9])
def test_the_panel_promises_what_the_grid_then_tells(menus: Session, rank: int) -> None:
    """Change the dish, order as said: price, shares of the block and gas are those of the panel."""
    board, supply, panel = opened(menus)
    chosen = panel.alternatives[rank]
    assert chosen.change is not None
    after = choose(menus, supply, chosen)
    day = after.day(DAY)
    assert day is not None
    dish = next(d for d in day.dishes if d.slot is Slot.PLAT and d.choice == 1)
    assert isclose(after.facts[dish].value.ttc, chosen.facts.value.ttc)
    promised, total = chosen.change.total, after.total
    for part in ("ht", "ttc", "local", "egalim", "bio", "meat_fish", "co2e_kg", "portions"):
        assert isclose(getattr(total, part), getattr(promised, part)), part
    for word, points in chosen.change.points:
        part = word.lower()
        assert isclose(points, 100 * ((total.share(part) or 0) - (board.total.share(part) or 0)))


def test_the_ranking_is_that_of_the_whole_plan(menus: Session) -> None:
    """What keeps the rules first; within it, the effect on the objective that the whole plan shows."""
    _, supply, panel = opened(menus)
    assert len(panel.alternatives) == 10
    told = [
        (a.refused, a.troubled, len(a.broken) - len(a.repaired), len(a.warnings)) for a in panel.alternatives
    ]
    assert told == sorted(told)
    before = sum(objective_parts(supply.instance, supply.in_place.plan).values())
    groups: dict[tuple[object, ...], list[int]] = {}
    for key, found in zip(told, panel.alternatives, strict=True):
        assert found.change is not None
        effect = found.change.effect
        after = sum(objective_parts(supply.instance, effect.after(supply.in_place.plan)).values())
        assert effect.millicents == after - before + 1000 * sum(effect.small.values())
        groups.setdefault(key, []).append(effect.millicents)
    assert all(values == sorted(values) for values in groups.values())


def test_orders_are_told_with_their_last_day(menus: Session) -> None:
    """Packs, supplier, delivery and the last day to order it, two weeks before the meal."""
    _, supply, panel = opened(menus)
    lines = [line for a in panel.alternatives if a.change for line in a.change.orders.bought]
    assert lines
    for line in lines:
        supplier = menus.exec(select(Supplier).where(Supplier.name == line.supplier)).one()
        assert line.deadline == supply.ordering.deadline(supplier, line.delivery)
        assert FIRST <= line.deadline < line.delivery <= DAY
        assert line.packs > 0
    for found in panel.alternatives:
        assert found.change is not None
        orders, parts = found.change.orders, found.change.effect.parts
        goods = sum(line.cents for line in orders.bought) - sum(line.cents for line in orders.freed)
        assert goods == parts["purchases"] // 1000
        assert orders.cents == (parts["purchases"] + parts["delivery_fees"]) // 1000
    assert supply.planned(DAY)


def test_the_eve_of_the_meal_is_too_late(menus: Session) -> None:
    """Nobody can deliver any more: what is not in the store is told, after what can be cooked."""
    for supplier in menus.exec(select(Supplier)):
        supplier.lead_days = 3
        menus.add(supplier)
    menus.flush()
    _, supply, panel = opened(menus, today=DAY)
    late = [a.change.orders for a in panel.alternatives if a.change and not a.change.orders.possible]
    assert late
    assert all(orders.late and not orders.bought and not orders.freed for orders in late)
    assert all(orders.left for orders in late)
    assert not any(s.delivery_dates for s in supply.instance.suppliers if s.delivery_dates[:1] == (DAY,))
    troubled = [a.troubled for a in panel.alternatives]
    assert troubled == sorted(troubled)


def test_menus_without_purchases_say_so(menus: Session) -> None:
    """Nothing was bought: no orders are told, the dishes are still ranked."""
    menus.execute(delete(PlannedUse))
    menus.execute(delete(PlannedPurchase))
    menus.flush()
    _, supply, panel = opened(menus)
    assert not panel.bought
    assert not supply.planned(DAY)
    assert all(a.change and not a.change.orders.freed for a in panel.alternatives)


def test_a_purchase_keeps_the_price_it_was_planned_at(menus: Session) -> None:
    """An offer that became dearer since: what is cancelled gives back what it was to cost."""
    row = menus.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == OWN)).first()
    assert row is not None
    offer = menus.get_one(Offer, row.offer)
    offer.price_ht = row.price_ht * 2
    menus.add(offer)
    menus.flush()
    _, supply, _ = opened(menus)
    bought = {(offer_code(p.offer), p.delivery): p.offer for p in supply.in_place.plan.purchases}
    code = bought[row.offer, row.delivery]
    assert supply.instance.offer[code].price_cents == round(row.price_ht * 100)


def test_the_prices_are_those_of_the_last_accepted_proposal(menus: Session) -> None:
    """Accepted with the balanced profile; a kitchen without any takes it too, else the model's own."""
    assert profile_of(menus, OWN).code == "equilibre"
    assert profile_of(menus, "ailleurs").code == "equilibre"
    menus.execute(delete(Profile).where(col(Profile.code) == "equilibre"))
    assert profile_of(menus, "ailleurs").local_permille == 300
