"""One step back: the exact state of a service before an edit, and its return as a new edit.

The state is plain data, so that a page can keep it until the person changes their mind. Going
back never rewrites history: it is an edit like the others, with its version and its journal.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, delete, select

from cantine.errors import ConflictError
from cantine.menus.models import Ban, Dish, Service
from cantine.menus.versions import Stamp, begin, dishes_on, finish, service_of
from cantine.recipes.models import Recipe
from optim.terms import Niveau

State = Mapping[str, Any]
"""Status, note and diners of a service (none where it had no row), its dishes, its banned recipes."""

_DISH = ("slot", "choice", "recipe", "share_permille", "locked", "chosen_by")
_SERVICE = ("status", "note", *(niveau.value for niveau in Niveau))


def state_of(session: Session, kitchen: str, day: date) -> State:
    """What an edit is about to change."""
    service = session.get(Service, (kitchen, day))
    bans = session.exec(select(Ban.recipe).where(Ban.kitchen == kitchen, Ban.date == day))
    return {
        "service": [getattr(service, name) for name in _SERVICE] if service else None,
        "dishes": [[getattr(dish, name) for name in _DISH] for dish in dishes_on(session, kitchen, day)],
        "bans": sorted(bans),
    }


def put_back(session: Session, kitchen: str, day: date, state: State, stamp: Stamp) -> None:
    """Make a service again what it was; a row that did not exist stays, with the usual diners.

    Raises:
        EditConflictError: somebody changed the service since.
        ConflictError: a recipe of that state has been removed since.
        PastServiceError: the meal has been served.
    """
    before = begin(session, kitchen, day, stamp, excluded=None)
    named = {row[_DISH.index("recipe")] for row in state["dishes"]} | set(state["bans"])
    if len(session.exec(select(Recipe.code).where(col(Recipe.code).in_(named))).all()) < len(named):
        raise ConflictError("Une recette de ce menu a été supprimée entre-temps : rien n'est annulé.")
    _put_service(session, kitchen, day, state)
    here: dict[str, Any] = {"kitchen": kitchen, "date": day}
    for table in (Dish, Ban):
        session.exec(delete(table).where(col(table.kitchen) == kitchen, col(table.date) == day))
    session.add_all(Dish(**here, **dict(zip(_DISH, row, strict=True))) for row in state["dishes"])
    session.add_all(Ban(**here, recipe=recipe) for recipe in state["bans"])
    finish(session, kitchen, day, stamp, before)


def _put_service(session: Session, kitchen: str, day: date, state: State) -> None:
    if state["service"] is None:
        return
    service = service_of(session, kitchen, day)
    for name, value in zip(_SERVICE, state["service"], strict=True):
        setattr(service, name, value)
    session.add(service)
    session.flush()
