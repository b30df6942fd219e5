"""Hand edits of the menus: what they change, what they refuse, what the journal keeps."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.errors import CantineError, ConflictError
from cantine.menus import edit
from cantine.menus.models import Ban, Dish, Service
from cantine.menus.versions import EditConflictError, PastServiceError, Stamp
from cantine.recipes.models import Recipe
from optim.terms import Niveau, Slot
from tests.cantine.plans import FIRST, accept_plan
from tests.cantine.site import NOW, OWN

DAY = date(2027, 1, 5)
PLACE = (DAY, Slot.PLAT, 1)


@pytest.fixture
def menus(marais_engine: Engine) -> Iterator[Session]:
    """A kitchen whose menus are in place."""
    with Session(marais_engine, expire_on_commit=False) as session:
        accept_plan(session, OWN)
        session.commit()
        yield session


def stamp(session: Session, day: date = DAY, version: int | None = None) -> Stamp:
    """An edit of today from the version now in place, or from another one."""
    row = session.get(Service, (OWN, day))
    return Stamp(None, NOW, FIRST, version if version is not None else (row.version if row else 0))


def dish(session: Session, place: tuple[date, Slot, int] = PLACE) -> Dish | None:
    """What is in a place."""
    day, slot, choice = place
    return session.get(Dish, (OWN, day, slot.value, choice))


def other(session: Session, slot: Slot = Slot.PLAT, **columns: object) -> str:
    """A recipe of a component that is not on the menu of the day."""
    served = session.exec(select(Dish.recipe).where(Dish.kitchen == OWN, Dish.date == DAY)).all()
    statement = select(Recipe.code).where(Recipe.slot == slot.value, col(Recipe.code).not_in(served))
    for name, value in columns.items():
        statement = statement.where(getattr(Recipe, name) == value)
    return session.exec(statement.order_by(Recipe.code)).first() or pytest.fail("no such recipe")


def test_a_kept_dish_is_locked_and_let_go(menus: Session) -> None:
    """« Garder » locks, the same button lets go, and each raises the version."""
    version = stamp(menus).version
    edit.keep(menus, OWN, PLACE, stamp(menus), locked=True)
    assert dish(menus).locked  # type: ignore[union-attr]
    edit.keep(menus, OWN, PLACE, stamp(menus), locked=False)
    assert not dish(menus).locked  # type: ignore[union-attr]
    assert stamp(menus).version == version + 2


def test_a_swap_is_the_chiefs_own_choice_and_is_kept(menus: Session) -> None:
    """The new dish is signed by the chief, locked, and written in the journal before and after."""
    before, code = dish(menus).recipe, other(menus, complete_dish=False)  # type: ignore[union-attr]
    edit.swap(menus, OWN, PLACE, code, stamp(menus))
    changed = dish(menus)
    assert changed is not None
    assert (changed.recipe, changed.locked, changed.chosen_by) == (code, True, "chef")
    entry = menus.exec(select(JournalEntry).order_by(col(JournalEntry.id).desc())).first()
    assert entry is not None
    names = {menus.get_one(Recipe, key).name for key in (before, code)}
    told = {json.loads(text)["plat"].removesuffix(" (gardé)") for text in (entry.before, entry.after)}
    assert (entry.subject, told) == ("menu", names)


def test_a_swap_refuses_another_component(menus: Session) -> None:
    """A dessert does not take the place of the plat."""
    with pytest.raises(CantineError, match="n'est pas de la composante"):
        edit.swap(menus, OWN, PLACE, other(menus, Slot.DESSERT), stamp(menus))


def test_a_swap_refuses_a_dish_already_there(menus: Session) -> None:
    """The same dish is not offered twice on one day."""
    there = dish(menus, (DAY, Slot.DESSERT, 1))
    assert there is not None
    with pytest.raises(CantineError, match="déjà au menu"):
        edit.swap(menus, OWN, (DAY, Slot.DESSERT, 2), there.recipe, stamp(menus))


def test_a_complete_dish_takes_the_garniture_away(menus: Session) -> None:
    """Where nobody has a choice, a complete dish leaves no garniture."""
    edit.swap(menus, OWN, PLACE, other(menus, complete_dish=True), stamp(menus))
    assert dish(menus, (DAY, Slot.GARNITURE, 1)) is None


def test_a_banned_dish_leaves_and_may_come_back(menus: Session) -> None:
    """« Écarter » empties the place for that day only; « reprendre » forgets it."""
    code = dish(menus).recipe  # type: ignore[union-attr]
    edit.ban(menus, OWN, PLACE, stamp(menus))
    assert dish(menus) is None
    assert menus.get(Ban, (OWN, DAY, code)) is not None
    edit.unban(menus, OWN, DAY, code, stamp(menus))
    assert menus.get(Ban, (OWN, DAY, code)) is None


def test_a_day_without_service_needs_a_reason_and_keeps_its_dishes(menus: Session) -> None:
    """A strike closes the day; when it is called off, the dishes are back."""
    with pytest.raises(CantineError, match="Dites pourquoi"):
        edit.exclude(menus, OWN, DAY, "  ", stamp(menus))
    menus.rollback()
    edit.exclude(menus, OWN, DAY, "grève", stamp(menus))
    row = menus.get_one(Service, (OWN, DAY))
    assert (row.status, row.note) == ("exclu", "grève")
    with pytest.raises(CantineError, match="sans service"):
        edit.keep(menus, OWN, PLACE, stamp(menus), locked=True)
    menus.rollback()
    edit.exclude(menus, OWN, DAY, "grève", stamp(menus))
    edit.restore(menus, OWN, DAY, stamp(menus))
    assert (row.status, dish(menus) is not None) == ("prevu", True)


def test_diners_change_with_their_reason(menus: Session) -> None:
    """The headcount lives on the service, once."""
    edit.set_diners(
        menus, OWN, DAY, {Niveau.COLLEGE: 401, Niveau.ADULTE: 12}, "sortie au musée", stamp(menus)
    )
    row = menus.get_one(Service, (OWN, DAY))
    assert (row.college, row.adulte, row.note) == (401, 12, "sortie au musée")


@pytest.mark.parametrize(("college", "words"), [(0, "Personne"), (-1, "de 0 à"), (6000, "de 0 à")])
def test_impossible_diners_are_refused(menus: Session, college: int, words: str) -> None:
    """Nobody, less than nobody or a town: refused in words."""
    with pytest.raises(CantineError, match=words):
        edit.set_diners(menus, OWN, DAY, {Niveau.COLLEGE: college}, "", stamp(menus))


def test_a_validated_week_that_changes_is_to_validate_again(menus: Session) -> None:
    """Validating marks each day; a later edit puts that day back."""
    days = [date(2027, 1, 4), DAY]
    versions = {day: menus.get_one(Service, (OWN, day)).version for day in days}
    edit.validate_week(menus, OWN, versions, stamp(menus, version=0))
    assert {menus.get_one(Service, (OWN, day)).status for day in days} == {"valide"}
    edit.keep(menus, OWN, PLACE, stamp(menus), locked=True)
    assert [menus.get_one(Service, (OWN, day)).status for day in days] == ["valide", "prevu"]


def test_a_day_without_menu_is_not_validated(menus: Session) -> None:
    """There must be something to validate."""
    late = date(2027, 3, 1)
    with pytest.raises(CantineError, match="pas encore de menu"):
        edit.validate_week(menus, OWN, {late: 0}, stamp(menus, version=0))


def test_the_second_of_two_editors_is_refused_with_the_first_ones_version(menus: Session) -> None:
    """Both opened the same page: the second is told who changed what."""
    opened, code = stamp(menus).version, other(menus, complete_dish=False)
    edit.swap(menus, OWN, PLACE, code, stamp(menus, version=opened))
    with pytest.raises(EditConflictError) as refused:
        edit.keep(menus, OWN, PLACE, stamp(menus, version=opened), locked=False)
    assert refused.value.theirs["plat"] == f"{menus.get_one(Recipe, code).name} (gardé)"
    assert refused.value.version == opened + 1
    assert refused.value.line is not None


def test_the_first_edit_of_a_bare_day_creates_it_with_the_usual_diners(menus: Session) -> None:
    """A day beyond the plan has no row yet; two people cannot create it twice."""
    late = (date(2027, 3, 1), Slot.PLAT, 1)
    edit.swap(menus, OWN, late, other(menus), stamp(menus, version=0))
    assert menus.get_one(Service, (OWN, late[0])).college == 420
    with pytest.raises(EditConflictError):
        edit.swap(menus, OWN, late, other(menus), stamp(menus, version=0))


def test_a_served_meal_does_not_change(menus: Session) -> None:
    """Yesterday is history."""
    past = (date(2026, 12, 18), Slot.PLAT, 1)
    with pytest.raises(PastServiceError):
        edit.keep(menus, OWN, past, stamp(menus, past[0]), locked=True)


def test_a_dish_gone_meanwhile_is_told(menus: Session) -> None:
    """Keeping a dish that is no longer there says so."""
    with pytest.raises(ConflictError, match="n'est plus au menu"):
        edit.keep(menus, OWN, (DAY, Slot.ENTREE, 3), stamp(menus), locked=True)
