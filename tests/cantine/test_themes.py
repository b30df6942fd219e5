"""Theme meals: what a chief writes on a day brings the dishes of the theme that day, and no other."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, update

from cantine.kitchens.headcount import get_kitchen
from cantine.menus import edit
from cantine.menus.grid import Days, load_days
from cantine.menus.models import Service
from cantine.menus.themes import load_themes, theme_named
from cantine.menus.versions import Stamp
from cantine.planning.alternatives import swap_panel
from cantine.planning.board import load_board
from cantine.planning.build import build_instance
from cantine.recipes.models import Recipe
from optim.terms import Niveau, Slot
from tests.cantine.plans import FIRST, accept_plan, first_found
from tests.cantine.site import NOW, OWN

DAY = date(2027, 1, 5)
FAIR = "banane"
"""A dessert that comes any day, until the tests keep it for their fair."""
THEMES = ("Chandeleur", "Nouvel An", "Nouvel An chinois", "Épiphanie")


@pytest.mark.parametrize(
    ("note", "theme"),
    [
        ("", ""),
        ("sortie des 5e", ""),
        ("Chandeleur", "Chandeleur"),
        ("repas d'epiphanie, galette", "Épiphanie"),
        ("NOUVEL AN CHINOIS", "Nouvel An chinois"),
    ],
)
def test_a_note_names_a_theme_as_people_write_it(note: str, theme: str) -> None:
    """Without accents, in capitals, in the middle of a sentence; the longest name wins."""
    assert theme_named(note, THEMES) == theme


def test_the_seeds_have_their_themes(seeds_engine: Engine) -> None:
    """Pancakes and galette: two dishes with a day of their own."""
    with Session(seeds_engine) as session:
        assert load_themes(session) == ("Chandeleur", "Épiphanie")


@pytest.fixture
def marais(marais_engine: Engine) -> Iterator[Session]:
    """The invented département, where one dessert belongs to a theme."""
    with Session(marais_engine, expire_on_commit=False) as session:
        session.exec(update(Recipe).where(col(Recipe.code) == FAIR).values(theme="Kermesse"))
        session.commit()
        yield session


def ask(session: Session, words: str) -> Days:
    """Tuesday with the words of a chief on it."""
    days = load_days(session, get_kitchen(session, OWN), FIRST)
    row = session.get(Service, (OWN, DAY))
    stamp = Stamp(None, NOW, FIRST, row.version if row else 0)
    diners = {niveau: count for niveau, count in days.diners(DAY).items() if niveau in Niveau}
    edit.set_diners(session, OWN, DAY, diners, words, stamp)
    return load_days(session, get_kitchen(session, OWN), FIRST)


def test_a_proposal_serves_the_theme_on_the_day_that_asks(marais: Session) -> None:
    """« Kermesse » on Tuesday: its dessert comes on Tuesday and on no other of the four days."""
    assert ask(marais, "kermesse de l'école").theme(DAY) == "Kermesse"
    instance = build_instance(marais, OWN, FIRST, 4, "equilibre", FIRST, time.min)
    plan = first_found(instance).plan
    assert plan is not None
    assert [d.date for d in plan.dishes if d.recipe == FAIR] == [DAY]


def test_the_panel_warns_of_a_theme_that_nobody_asked(marais: Session) -> None:
    """Among the desserts of a plain day, the one of the theme says so; on the asked day it does not."""
    accept_plan(marais, OWN)
    marais.commit()
    told = []
    for words in ("", "Kermesse"):
        ask(marais, words)
        board = load_board(marais, OWN, FIRST, FIRST)
        assert board is not None
        panel = swap_panel(board, (DAY, Slot.DESSERT, 1), FAIR, everything=True)
        assert panel is not None
        (found,) = (a for a in panel.alternatives if a.recipe == FAIR)
        unasked = any("« Kermesse », que ce jour ne demande pas" in words for words in found.warnings)
        missing = any("aucun plat du repas à thème « Kermesse »" in f.message for f in board.reading.others)
        told.append((unasked, missing))
    assert told == [(True, False), (False, True)]
