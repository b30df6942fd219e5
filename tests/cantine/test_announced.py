"""Announced menus: what diners were told is kept, with what replaced it, when, by whom and why."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.config import Config
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.import_journal import note_import
from cantine.menus import edit
from cantine.menus.announced import MenuChange, announcements, menu_changes, told
from cantine.menus.models import Dish, Service
from cantine.menus.undo import put_back, state_of
from cantine.menus.versions import Stamp, journal_key
from cantine.package_load import Change, Changes
from cantine.planning import runs
from cantine.purge import forget_old
from cantine.recipes.models import Recipe
from cantine.upgrade import prepare
from optim.terms import Niveau, Slot
from tests.cantine.plans import FIRST, accept_plan, finished_run
from tests.cantine.site import NOW, OWN

DAY = date(2027, 1, 5)
LATER = NOW + timedelta(hours=2)
LAST = date(2027, 3, 1)


@pytest.fixture
def menus(bought_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus are in place."""
    with Session(bought_engine, expire_on_commit=False) as session:
        yield session


def validate(session: Session, *, valid: bool = True, user: int | None = None) -> None:
    """Validate the day, or open it again."""
    edit.validate_week(session, OWN, {DAY: version(session)}, Stamp(user, LATER, FIRST, 0), valid=valid)


def version(session: Session) -> int:
    """Version of the day."""
    return session.get_one(Service, (OWN, DAY)).version


def stamp(session: Session) -> Stamp:
    """An edit of the day as it is."""
    return Stamp(None, LATER, FIRST, version(session))


def swap(session: Session) -> tuple[str, str]:
    """Put another plat; the names before and after."""
    before = session.get_one(Recipe, session.get_one(Dish, (OWN, DAY, "plat", 1)).recipe).name
    plain = select(Recipe).where(Recipe.slot == "plat", col(Recipe.complete_dish).is_(False))
    other = next(one for one in session.exec(plain.order_by(Recipe.code)) if one.name != before)
    edit.swap(session, OWN, (DAY, Slot.PLAT, 1), other.code, stamp(session))
    return before, other.name


def changes(session: Session) -> tuple[MenuChange, ...]:
    """Changes of announced menus of the kitchen."""
    return menu_changes(session, OWN, FIRST, LAST)


def test_a_menu_that_changes_keeps_what_was_announced(menus: Session) -> None:
    """Validated, changed, validated again: both menus, the moment, and the reason that the kitchen adds."""
    swap(menus)
    assert (announcements(menus, OWN, FIRST, LAST), changes(menus)) == ({}, ())
    validate(menus)
    before, after = swap(menus)
    (waiting,) = changes(menus)
    assert (waiting.at, waiting.number, [(d.slot, d.before, d.after) for d in waiting.dishes]) == (
        None,
        0,
        [("Plat", before, after)],
    )
    validate(menus)
    edit.explain_change(menus, OWN, DAY, 2, ("", " livraison manquée "), stamp(menus))
    (change,) = changes(menus)
    assert (change.number, change.reason, change.withdrawn) == (2, "livraison manquée", False)
    assert [(d.before, d.after) for d in change.dishes] == [(before, after)]
    first, second = announcements(menus, OWN, FIRST, LAST)[DAY]
    assert (told(first)["plat", 1][1], told(second)["plat", 1][1]) == (before, after)


def test_what_diners_eat_is_what_counts(menus: Session) -> None:
    """Fewer diners, a dish kept, a change undone, the same menu validated twice: nothing new to tell."""
    validate(menus)
    state = state_of(menus, OWN, DAY)
    edit.set_diners(menus, OWN, DAY, {Niveau.COLLEGE: 300}, "sortie", stamp(menus))
    edit.keep(menus, OWN, (DAY, Slot.PLAT, 1), stamp(menus), locked=True)
    swap(menus)
    put_back(menus, OWN, DAY, state, stamp(menus))
    validate(menus, valid=False)
    validate(menus)
    assert [row.number for row in announcements(menus, OWN, FIRST, LAST)[DAY]] == [1]
    assert changes(menus) == ()


def test_a_meal_that_does_not_take_place_is_withdrawn_then_told_again(menus: Session) -> None:
    """A strike withdraws the announced menu with its reason; called off, the menu is told again."""
    validate(menus)
    edit.exclude(menus, OWN, DAY, "grève", stamp(menus))
    (change,) = changes(menus)
    assert (change.withdrawn, change.reason) == (True, "grève")
    assert change.dishes
    assert all(not dish.after for dish in change.dishes)
    edit.restore(menus, OWN, DAY, stamp(menus))
    validate(menus)
    assert [row.number for row in announcements(menus, OWN, FIRST, LAST)[DAY]] == [1, 2, 3]


def test_a_day_never_announced_withdraws_nothing(menus: Session) -> None:
    """Nobody was told of it."""
    edit.exclude(menus, OWN, DAY, "grève", stamp(menus))
    assert announcements(menus, OWN, FIRST, LAST) == {}


def test_a_menu_validated_before_this_was_kept_is_not_lost(menus: Session) -> None:
    """Imported or upgraded as validated: its first change keeps what it was."""
    menus.get_one(Service, (OWN, DAY)).status = "valide"
    menus.flush()
    before, after = swap(menus)
    validate(menus)
    (change,) = changes(menus)
    assert [(d.before, d.after) for d in change.dishes] == [(before, after)]


def test_a_reason_belongs_to_a_change_and_is_kept_in_the_journal(menus: Session) -> None:
    """Not to a first announcement; a sentence, not a story; a colleague's own is not written over."""
    validate(menus)
    with pytest.raises(NotFoundError):
        edit.explain_change(menus, OWN, DAY, 1, ("", "rien"), stamp(menus))
    swap(menus)
    validate(menus)
    with pytest.raises(CantineError, match="200 caractères"):
        edit.explain_change(menus, OWN, DAY, 2, ("", "x" * 201), stamp(menus))
    edit.explain_change(menus, OWN, DAY, 2, ("", "panne"), stamp(menus))
    with pytest.raises(ConflictError, match="« panne »"):
        edit.explain_change(menus, OWN, DAY, 2, ("", "grève"), stamp(menus))
    edit.explain_change(menus, OWN, DAY, 2, ("panne", "panne du four"), stamp(menus))
    line = journal.latest(menus, "menu", journal_key(OWN, DAY))
    assert line is not None
    assert line.changes == (("raison du changement", "panne", "panne du four"),)


def test_a_file_that_changes_a_validated_menu_is_a_change(menus: Session) -> None:
    """What the command line imports over an announced menu is told apart from it too."""
    validate(menus)
    dish = menus.get_one(Dish, (OWN, DAY, "plat", 1))
    before, other = dish.model_dump(), menus.exec(select(Recipe.code).where(Recipe.slot == "plat")).first()
    dish.recipe = other or ""
    menus.flush()
    change = Change((OWN, DAY, "plat", 1), before, dish.model_dump())
    note_import(menus, [Changes("dishes", changed=[change])], LATER)
    (found,) = changes(menus)
    assert (found.number, found.who, [d.slot for d in found.dishes]) == (2, "", ["Plat"])


def test_who_announced_is_forgotten_after_three_years(menus: Session) -> None:
    """With the journal of that time, not before."""
    validate(menus)
    forget_old(menus, LATER + timedelta(days=3 * 365))
    assert announcements(menus, OWN, FIRST, LAST)
    forget_old(menus, LATER + timedelta(days=3 * 365, seconds=1))
    assert announcements(menus, OWN, FIRST, LAST) == {}


def test_a_repair_of_a_validated_day_keeps_what_was_announced(each_marais: Config) -> None:
    """A plan accepted over a validated day: what was announced is kept before its dishes are replaced."""
    engine = prepare(each_marais)
    with Session(engine, expire_on_commit=False) as session:
        accept_plan(session, OWN, 3)
        run = finished_run(session, OWN, 3)
        dish = session.get_one(Dish, (OWN, DAY, "plat", 1))
        planned = dish.recipe
        other = select(Recipe.code).where(Recipe.slot == "plat", Recipe.code != planned)
        announced = dish.recipe = session.exec(other.order_by(Recipe.code)).first() or ""
        session.get_one(Service, (OWN, DAY)).status = "valide"
        session.commit()
        runs.accept(session, run, None, NOW, NOW.date())
        session.commit()
        (row,) = announcements(session, OWN, FIRST, LAST)[DAY]
        (waiting,) = changes(session)
        now = session.get_one(Dish, (OWN, DAY, "plat", 1)).recipe
        assert (told(row)["plat", 1][0], now, waiting.number) == (announced, planned, 0)
        assert row.at.replace(tzinfo=None) == NOW.replace(tzinfo=None)
    engine.dispose()
