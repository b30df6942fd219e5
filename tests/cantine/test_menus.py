"""The grid of a block: its days, what its dishes are worth, its counters, the alternatives of a place."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.kitchens.headcount import get_kitchen
from cantine.menus import edit, words
from cantine.menus.grid import block_around, load_days, monday_of
from cantine.menus.models import Dish, Service
from cantine.menus.signs import allergen_words, signs_of
from cantine.menus.versions import Stamp
from cantine.planning.alternatives import swap_panel
from cantine.planning.board import Board, load_board
from cantine.planning.counters import SHORT
from cantine.recipes.models import Recipe
from cantine.suppliers.models import Offer
from optim.terms import Label, Slot
from tests.cantine.plans import FIRST, accept_plan, finished_run
from tests.cantine.site import NOW, OWN

DAY = date(2027, 1, 5)


@pytest.fixture
def bare(marais_engine: Engine) -> Iterator[Session]:
    """A département without any menu to come."""
    with Session(marais_engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def menus(bare: Session) -> Session:
    """A kitchen whose menus and purchases are in place."""
    accept_plan(bare, OWN)
    bare.commit()
    return bare


def board_of(session: Session, around: date = FIRST) -> Board:
    """The board of the own kitchen."""
    board = load_board(session, OWN, around, FIRST)
    assert board is not None
    return board


def test_a_block_counts_the_meals_already_served(bare: Session) -> None:
    """One meal was served in December: the open block holds it and nineteen more."""
    days = load_days(bare, get_kitchen(bare, OWN), FIRST)
    block = block_around(days, FIRST)
    assert block is not None
    assert (block.first, len(block.dates), block.previous) == (date(2026, 12, 18), 20, None)
    following = block_around(days, block.following or FIRST)
    assert following is not None
    assert following.first == block.following


def test_an_excluded_day_leaves_the_block(menus: Session) -> None:
    """Twenty meals are twenty meals: the strike day is replaced by a later one."""
    before = board_of(menus).block.last
    version = menus.get_one(Service, (OWN, DAY)).version
    edit.exclude(menus, OWN, DAY, "grève", Stamp(None, NOW, FIRST, version))
    board = board_of(menus)
    assert DAY not in board.block.dates
    assert board.block.last > before
    day = board.day(DAY)
    assert day is not None
    assert (day.excluded, day.open) == (True, False)


def test_a_block_not_full_yet_is_blamed_for_its_part_only(bare: Session) -> None:
    """Nine meals known of twenty, no raw fruit: three are missing so far, not eight."""
    accept_plan(bare, OWN, 8)
    cake = select(Recipe.code).where(Recipe.slot == "dessert", Recipe.style != "fruit_cru")
    baked = bare.exec(cake.order_by(col(Recipe.code))).first() or ""
    for dish in bare.exec(select(Dish).where(Dish.kitchen == OWN, Dish.slot == "dessert")):
        dish.recipe = baked
    bare.flush()
    fruit = next(counter for counter in board_of(bare).reading.broken if counter.rule == "F02")
    assert (fruit.count, fruit.limit, fruit.bound) == (0, 8, 3)
    assert fruit.fault == "fruits crus 0/3\u00a0: il en manque 3"
    assert fruit.note == "bloc en cours : 9 repas sur 20, il en faut déjà 3"


def test_weeks_show_closed_days_with_their_reason(bare: Session) -> None:
    """A week cut by the holidays keeps its columns."""
    board = board_of(bare, date(2027, 2, 1))
    closed = [day for week in board.weeks for day in week.days if day.closed]
    assert all(day.closed for day in closed)
    assert {len(week.days) for week in board.weeks} == {4}


def test_weeks_say_where_they_stand(menus: Session) -> None:
    """Served, to validate, then validated."""
    weeks = {week.monday: week for week in board_of(menus).weeks}
    assert weeks[date(2026, 12, 14)].state in {"servie", "incomplete"}
    assert weeks[FIRST].state == "brouillon"
    versions = {day.date: day.version for day in weeks[FIRST].served}
    edit.validate_week(menus, OWN, versions, Stamp(None, NOW, FIRST, 0))
    assert next(w for w in board_of(menus).weeks if w.monday == FIRST).state == "validee"


def test_costs_come_from_the_purchases_then_from_the_market(menus: Session) -> None:
    """What was bought has its price; a dish chosen by hand is costed at the cheapest offer, and says so."""
    board = board_of(menus)
    open_facts = [facts for dish, facts in board.facts.items() if dish.date >= FIRST]
    assert all(not facts.value.mostly_estimated for facts in open_facts)
    assert board.total.ttc_per_portion is not None
    assert 50 < board.total.ttc_per_portion < 600
    place = (DAY, Slot.PLAT, 1)
    recipe = menus.exec(
        select(Recipe.code).where(Recipe.slot == "plat").order_by(col(Recipe.code).desc())
    ).first()
    assert recipe is not None
    edit.swap(menus, OWN, place, recipe, Stamp(None, NOW, FIRST, menus.get_one(Service, (OWN, DAY)).version))
    changed = board_of(menus)
    dish = next(d for d in changed.facts if (d.date, d.slot) == (DAY, Slot.PLAT))
    assert changed.facts[dish].value.mostly_estimated


def test_days_add_up_to_the_block(menus: Session) -> None:
    """The block's value is that of its meals; bread and staples are in each of them."""
    board = board_of(menus)
    assert board.total.ht == pytest.approx(sum(board.values[d.date].ht for d in board.inside))
    day = board.day(DAY)
    assert day is not None
    dishes = sum(board.facts[dish].value.ht for dish in day.dishes)
    assert board.values[DAY].ht > dishes + 10 * day.meals


def test_counters_turn_red_for_a_hand_edit_without_any_search(menus: Session) -> None:
    """Fifteen counters; a raw starter taken away is one less, and the check is the one of the rules."""
    board = board_of(menus)
    assert {counter.rule for counter in board.reading.counters} == set(SHORT)
    raw = next(
        dish
        for day in board.open
        for dish in day.slot(Slot.ENTREE)
        if "F01" in {c.value for c in board.coster.book[dish.recipe].derived.criteria}
    )
    before = next(c for c in board.reading.counters if c.rule == "F01").count
    version = menus.get_one(Service, (OWN, raw.date)).version
    edit.ban(menus, OWN, (raw.date, Slot.ENTREE, 1), Stamp(None, NOW, FIRST, version))
    after = board_of(menus)
    assert next(c for c in after.reading.counters if c.rule == "F01").count == before - 1
    assert any(fault.date == raw.date for fault in after.reading.others)


def test_a_broken_counter_says_what_is_missing(menus: Session) -> None:
    """« légumes cuits 9/10 : il en manque 1 »: word and number, for whoever does not see red."""
    broken = board_of(menus).reading.broken
    assert broken
    for counter in broken:
        assert counter.fault.startswith(f"{counter.label} {counter.count}/{counter.limit}")
        assert "manque" in counter.fault or "de trop" in counter.fault


def test_alternatives_tell_their_effect_on_the_counters(menus: Session) -> None:
    """What repairs a criterion comes first, and its words are those of the counter."""
    board = load_board(menus, OWN, FIRST, FIRST, opened=(DAY, Slot.LAITIER))
    assert board is not None
    panel = swap_panel(board, (DAY, Slot.LAITIER, 1), "")
    assert panel is not None
    assert panel.current is not None
    assert panel.current.recipe not in {a.recipe for a in panel.alternatives}
    gains = [len(a.repaired) - len(a.broken) for a in panel.alternatives]
    assert gains == sorted(gains, reverse=True)
    for alternative in panel.alternatives:
        for effect in alternative.repaired:
            assert effect.words.startswith(f"{effect.counter.label} {effect.counter.count}/")
            assert effect.words.endswith(("tenu", "mieux"))


def test_alternatives_are_searched_without_accents(menus: Session) -> None:
    """« bœuf » is found by « boeuf »."""
    board = load_board(menus, OWN, FIRST, FIRST, opened=(DAY, Slot.PLAT))
    assert board is not None
    panel = swap_panel(board, (DAY, Slot.PLAT, 1), "BOEUF")
    assert panel is not None
    assert panel.found > 0
    assert all("bœuf" in a.name.lower() or "boeuf" in a.name.lower() for a in panel.alternatives)


def test_a_proposal_is_looked_at_before_it_is_accepted(bare: Session) -> None:
    """The board of a run shows its dishes and prices; the menus in place are still empty."""
    run = finished_run(bare, OWN)
    board = load_board(bare, OWN, FIRST, FIRST, proposal=run)
    assert board is not None
    assert board.planned == 20
    assert board_of(bare).planned == 1


def test_a_missing_sheet_is_told_before_the_allergens(menus: Session) -> None:
    """« ? » on a reference is never « no allergen »."""
    offers = menus.exec(select(Offer)).all()
    for offer in offers:
        offer.allergens = ("?",)
        menus.add(offer)
    menus.flush()
    assert any(facts.allergens_unknown for facts in board_of(menus).facts.values())


def test_signs_follow_the_order_of_the_charter() -> None:
    """Végé, then labels, then the distance; allergens in the order of the European list."""
    signs = signs_of({Label.HVE, Label.BIO}, 12.3, vegetarian=True)
    assert [sign.icon for sign in signs] == ["vege", "bio", "hve", "local"]
    assert signs[-1].word == "12\u00a0km"
    assert allergen_words({"lait", "gluten", "?"}) == ("gluten", "lait")


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2027, 1, 4), date(2027, 1, 8), "4 – 8 janv."),
        (date(2027, 1, 25), date(2027, 2, 5), "25 janv. – 5 févr."),
    ],
)
def test_spans_are_short(first: date, last: date, text: str) -> None:
    """The month is said once."""
    assert words.short_span(first, last) == text


def test_small_words() -> None:
    """Hours, months, steps and prices as people write them."""
    assert words.hour("11:30") == "11\u00a0h\u00a030"
    assert words.hour("12:00") == "12\u00a0h"
    assert words.month_words(range(1, 13)) == "toute l'année"
    assert words.month_words([3, 1]) == "janvier, mars"
    assert words.without_number("2) Servir.") == "Servir."
    assert words.signed_cents(-4) == "−0,04\u00a0€"
    assert words.lower_first("Pain") + words.capitalize_first("pain") == "painPain"
    assert monday_of(date(2027, 1, 8)) == words.monday(date(2027, 1, 5)) == FIRST
