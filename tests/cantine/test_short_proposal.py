"""A proposal for a few meals inside menus already planned: the block, the purchases, what stays."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.kitchens.headcount import get_kitchen
from cantine.menus import grid
from cantine.menus.models import Dish, Service
from cantine.planning.build import build_instance
from cantine.planning.horizon import find_horizon
from cantine.planning.kept import kept_words, with_kept_days
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.save import save_plan
from cantine.planning.sources import planned_uses
from cantine.suppliers.models import StockLot
from optim.check import counts, violations
from optim.instance import Dish as Chosen
from optim.instance import Instance
from optim.plan import Plan, Purchase, Result, Status
from optim.terms import Slot
from optim.units import BLOCK
from tests.cantine.plans import first_found, simple_plan

KITCHEN = "PORT-BRUME"
FIRST = date(2027, 1, 4)
MIDDLE = date(2027, 1, 11)
ASKED = 4


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département."""
    with Session(marais_engine) as session:
        yield session


def question(session: Session, first: date, services: int) -> Instance:
    """The question of the kitchen."""
    return build_instance(session, KITCHEN, first, services, "equilibre", FIRST)


def found(instance: Instance) -> Plan:
    """The first valid proposal of a real search."""
    return first_found(instance).plan or pytest.fail("no plan")


def in_place(session: Session) -> Plan:
    """What the tables hold, as a plan."""
    dishes = session.exec(select(Dish).where(Dish.kitchen == KITCHEN, Dish.date >= FIRST))
    bought = session.exec(select(PlannedPurchase).where(PlannedPurchase.kitchen == KITCHEN))
    return Plan(
        dishes=tuple(
            Chosen(
                date=d.date,
                slot=Slot(d.slot),
                choice=d.choice,
                recipe=d.recipe,
                share_permille=d.share_permille,
            )
            for d in dishes
        ),
        purchases=tuple(Purchase(delivery=p.delivery, offer=p.offer, packs=p.packs) for p in bought),
        uses=tuple(planned_uses(session, KITCHEN, FIRST, date(2027, 12, 31))),
    )


def test_four_meals_inside_a_planned_block_keep_it_lawful_and_fed(session: Session) -> None:
    """The whole block passes every rule, purchases included, and the later menus have not moved.

    What an earlier delivery keeps for its supplier's minimum may be left over, and is said so. The credit is
    that of each question's own meals (``found`` checks it): earlier meals may have cost more than theirs.
    """
    whole = question(session, FIRST, BLOCK)
    save_plan(session, KITCHEN, whole, found(whole))
    before = in_place(session)
    dates = [service.date for service in whole.horizon]
    asked = dates[dates.index(MIDDLE) :][:ASKED]
    versions = {row.date: row.version for row in session.exec(select(Service))}

    short = question(session, MIDDLE, ASKED)
    later = set(dates[dates.index(MIDDLE) + ASKED :])
    assert [s.date for s in short.horizon if s.date not in short.kept] == asked
    assert short.kept == later
    # Something must change: the dishes in place are set aside.
    refused = {(d.date, d.recipe) for d in before.dishes if d.date in asked and d.slot is Slot.PLAT}
    short = short.model_copy(update={"bans": frozenset(refused)})
    save_plan(session, KITCHEN, short, found(short))
    session.expire_all()

    after = in_place(session)
    assert [
        fault
        for fault in violations(whole, after)
        if "aucun plat n'en a besoin" not in fault.message and fault.rule != "budget"
    ] == []
    assert all(count.kept for count in counts(whole, after) if count.rule != "budget")
    assert {d for d in after.dishes if d.date not in asked} == {
        d for d in before.dishes if d.date not in asked
    }
    assert {(d.date, d.recipe) for d in after.dishes} & refused == set()
    changed = {r.date for r in session.exec(select(Service)) if r.version != versions.get(r.date)}
    assert changed == set(asked)


def test_menus_after_the_question_are_counted_within_twenty_meals(session: Session) -> None:
    """Thirty meals planned: the ten that follow ten asked are kept, and those beyond stay outside."""
    instance = question(session, FIRST, 45)
    save_plan(session, KITCHEN, instance, simple_plan(instance))
    dates = [service.date for service in instance.horizon]
    short = question(session, FIRST, 10)
    assert sorted(short.kept) == dates[10:30]
    untouched = {
        (u.date, u.offer, u.delivery) for u in session.exec(select(PlannedUse)) if u.date in dates[30:]
    }
    save_plan(session, KITCHEN, short, simple_plan(short))
    rows = {(u.date, u.offer, u.delivery) for u in session.exec(select(PlannedUse)) if u.date in dates[30:]}
    assert rows == untouched
    bought = {(p.offer, p.delivery) for p in session.exec(select(PlannedPurchase))}
    assert {(offer, delivery) for _, offer, delivery in untouched} <= bought


def test_an_excluded_or_unfinished_later_day_is_left_alone(session: Session) -> None:
    """A strike is no meal at all; a menu that lacks its plat is neither kept nor counted, nor touched."""
    instance = question(session, FIRST, 12)
    save_plan(session, KITCHEN, instance, simple_plan(instance))
    dates = [service.date for service in instance.horizon]
    strike = session.get_one(Service, (KITCHEN, dates[6]))
    strike.status = "exclu"
    session.delete(session.get_one(Dish, (KITCHEN, dates[8], "plat", 1)))
    session.flush()
    short = question(session, FIRST, 4)
    assert sorted(short.kept) == [day for day in dates[4:] if day not in {dates[6], dates[8]}]
    assert dates[8] in short.without_menu
    assert dates[6] not in short.without_menu
    assert dates[8] not in short.service
    uses = {u.id for u in session.exec(select(PlannedUse)) if u.date == dates[8]}
    save_plan(session, KITCHEN, short, simple_plan(short))
    assert {u.id for u in session.exec(select(PlannedUse)) if u.date == dates[8]} == uses


def test_kept_menus_that_make_it_impossible_are_named(session: Session) -> None:
    """A later dish that comes back the next day: the answer names it, its day, and the way out."""
    instance = question(session, FIRST, 8)
    save_plan(session, KITCHEN, instance, simple_plan(instance))
    dates = [service.date for service in instance.horizon]
    first = session.get_one(Dish, (KITCHEN, dates[5], "plat", 1))
    session.get_one(Dish, (KITCHEN, dates[6], "plat", 1)).recipe = first.recipe
    session.flush()
    short = question(session, FIRST, 4)
    told = with_kept_days(short, Result(status=Status.INFEASIBLE, conflicts=("Plats gardés",))).conflicts
    assert any(line.startswith("Menus gardés") and "revient le mercredi" not in line for line in told)
    name = short.recipe[first.recipe].name
    assert any(name in line and "revient" in line for line in told)
    assert told[-1] == f"Changez ces plats, ou demandez aussi les repas {kept_words(short.kept)}."


def test_the_grid_and_the_planner_cut_the_same_blocks(session: Session) -> None:
    """With meals left without a menu before the first planned one, both start the block on the same day."""
    kitchen = get_kitchen(session, KITCHEN)
    whole = question(session, FIRST, 30)
    dates = [service.date for service in whole.horizon]
    for rank in (0, 1, 5):
        session.add(Service(kitchen=KITCHEN, date=dates[rank], college=100))
        session.flush()
        recipe = whole.recipes[0].code
        session.add(Dish(kitchen=KITCHEN, date=dates[rank], slot="plat", choice=1, recipe=recipe))
    session.add(Service(kitchen=KITCHEN, date=dates[7], status="exclu", note="grève"))
    session.flush()
    for start in (dates[10], dates[19], dates[24]):
        horizon = find_horizon(session, kitchen, start, 12, FIRST)
        meals = sorted({*(s.date for s in horizon.services), *horizon.without_menu})
        cut = {tuple(meals[n : n + BLOCK]) for n in range(0, len(meals), BLOCK)}
        days = grid.load_days(session, kitchen, FIRST)
        shown = {block.dates for day in meals if (block := grid.block_around(days, day)) is not None}
        whole_blocks = {block for block in cut if len(block) == BLOCK}
        assert whole_blocks
        assert whole_blocks <= shown
        assert all(any(set(part) <= set(block) for block in shown) for part in cut)


def test_meals_without_menu_do_not_make_the_first_ones_owe_everything(session: Session) -> None:
    """Ten meals planned at the end of an open block: they owe their half, and the note says it."""
    dates = [service.date for service in question(session, FIRST, BLOCK).horizon]
    late = question(session, dates[10], 10)
    assert late.without_menu == tuple(dates[:10])
    told = {
        count.rule: count for count in counts(late, simple_plan(late)) if count.block == late.services[0].date
    }
    assert told["F01"].note == "bloc en cours : 10 repas sur 20, il en faut déjà 5"


def test_the_uses_of_later_menus_are_taken_from_the_store(session: Session) -> None:
    """Beyond the kept meals, what a lot must feed is no longer there for this plan."""
    horizon = find_horizon(session, get_kitchen(session, KITCHEN), FIRST, 60, FIRST)
    far = horizon.planned[50].date
    until = date(2027, 9, 1)
    session.add(StockLot(kitchen=KITCHEN, food="riz", grams=9_000, price_ht_per_kg=2, expires_on=until))
    session.add(PlannedUse(kitchen=KITCHEN, date=far, food="riz", grams=4_000, lot_expires_on=until))
    session.flush()
    lots = {lot.code: lot.grams for lot in question(session, FIRST, 4).stock}
    assert lots["riz@2027-09-01"] == 5_000
