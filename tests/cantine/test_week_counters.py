"""What a week holds: its vegetarian menu and its fried dishes, counted beside its number on the grid."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.menus.models import Dish
from cantine.planning.board import Board, load_board
from cantine.recipes.models import Recipe
from tests.cantine.plans import FIRST, accept_plan
from tests.cantine.site import OWN, Site

FRYING = (date(2027, 1, 4), date(2027, 1, 7))


@pytest.fixture
def menus(marais_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus are in place."""
    with Session(marais_engine, expire_on_commit=False) as session:
        accept_plan(session, OWN)
        session.commit()
        yield session


def board_of(session: Session) -> Board:
    """The board of the kitchen in its first week."""
    board = load_board(session, OWN, FIRST, FIRST)
    assert board is not None
    return board


def fry(session: Session) -> None:
    """Breaded fish on Monday and nuggets on Thursday of the first week."""
    fried = [r for r in session.exec(select(Recipe)) if r.fried and r.slot == "plat"]
    for day, recipe in zip(FRYING, sorted(fried, key=lambda r: r.code), strict=False):
        session.get_one(Dish, (OWN, day, "plat", 1)).recipe = recipe.code
    session.flush()


def test_each_week_tells_its_vegetarian_menu_and_its_fried_dishes(menus: Session) -> None:
    """Two counters a week, the law first; two fried dishes are one too many, said of their week."""
    fry(menus)
    board = board_of(menus)
    vegetarian, fried = board.reading.weeks[FIRST]
    assert (vegetarian.label, vegetarian.limit) == ("végétarien", 1)
    assert (fried.label, fried.count, fried.limit, fried.kept) == ("fritures", 2, 1, False)
    assert "choix de la cuisine" in fried.source
    (fault,) = (f for f in board.reading.others if f.rule == "friture")
    assert fault.message == "Semaine du lundi 04/01 : 2 fritures, pas plus de 1."


def test_counters_of_the_law_stay_fifteen(menus: Session) -> None:
    """What the kitchen wants of a week is not one of the criteria of the law."""
    assert len(board_of(menus).reading.counters) == 15


def test_the_grid_shows_them(site: Site) -> None:
    """« fritures 2/1 » in the head of the week, with a word beside the cross."""
    with Session(site.engine) as session:
        accept_plan(session, OWN)
        fry(session)
        session.commit()
    page = site.signed_in("chef").get(f"/cuisines/{OWN}/menus?du=2027-01-04").get_data(as_text=True)
    assert "fritures 2/1" in page
    assert "Semaine du lundi 04/01 : 2 fritures, pas plus de 1." in page
