"""What diners were told: each menu as it was announced, and what changed afterwards.

A menu is announced when its day is validated. Whatever way it changes later, what was announced stays, with
what replaced it, when, by whom and why.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from cantine.accounts.models import User
from cantine.accounts.privacy import JOURNAL_KEPT
from cantine.menus.models import AnnouncedMenu, Dish, Service
from cantine.menus.signs import SLOT_WORDS
from cantine.recipes.models import Recipe
from optim.terms import Slot

Place = tuple[str, int]
Told = Mapping[Place, tuple[str, str]]
"""Recipe and name of each dish announced, by slot and choice."""

SLOT_ORDER = {slot.value: rank for rank, slot in enumerate(Slot)}


@dataclass(frozen=True)
class DishChange:
    """One place of a menu; empty where there was, or is, no dish."""

    slot: str
    before: str
    after: str


@dataclass(frozen=True)
class MenuChange:
    """An announced menu that changed.

    Attributes:
        number: of the announcement that replaced the other one; 0: not announced again yet.
        at: when it was announced again; None: not yet.
        who: who did; empty if unknown.
        withdrawn: there is no meal any more that day.
    """

    date: date
    number: int
    at: datetime | None
    who: str
    reason: str
    dishes: tuple[DishChange, ...]
    withdrawn: bool = False


def remember(session: Session, kitchen: str, day: date, user_id: int | None, now: datetime) -> None:
    """Keep what a day announces, unless it is what was announced last.

    A validated day announces its dishes; a day without service withdraws what had been announced, if
    anything was; any other day announces nothing.
    """
    service = session.get(Service, (kitchen, day))
    if service is None or service.status not in {"valide", "exclu"}:
        return
    last = _last(session, kitchen, day)
    dishes = _dishes_now(session, kitchen, day) if service.status == "valide" else {}
    if told(last) == dishes if last else not dishes:
        return
    session.add(
        AnnouncedMenu(
            kitchen=kitchen,
            date=day,
            number=last.number + 1 if last else 1,
            dishes=json.dumps([[*place, *dish] for place, dish in dishes.items()], ensure_ascii=False),
            at=now,
            by=user_id,
            reason=service.note if not dishes else "",
        )
    )
    session.flush()


def remember_days(
    session: Session, days: Collection[tuple[str, date]], user_id: int | None, now: datetime
) -> None:
    """The same for many days of any kitchens: what a file brought in or changed."""
    statement = select(Service.kitchen, col(Service.date)).where(col(Service.status).in_({"valide", "exclu"}))
    for kitchen, day in session.exec(statement):
        if (kitchen, day) in days:
            remember(session, kitchen, day, user_id, now)


def forget_old(session: Session, now: datetime) -> None:
    """Who announced what goes with the journal of that time."""
    session.execute(delete(AnnouncedMenu).where(col(AnnouncedMenu.at) < now - JOURNAL_KEPT))


def announcements(
    session: Session, kitchen: str, first: date, last: date
) -> dict[date, tuple[AnnouncedMenu, ...]]:
    """What was announced for each day between two dates, oldest first; a day never announced is left out."""
    statement = (
        select(AnnouncedMenu)
        .where(AnnouncedMenu.kitchen == kitchen, col(AnnouncedMenu.date).between(first, last))
        .order_by(col(AnnouncedMenu.date), col(AnnouncedMenu.number))
    )
    found: defaultdict[date, list[AnnouncedMenu]] = defaultdict(list)
    for row in session.exec(statement):
        found[row.date].append(row)
    return {day: tuple(rows) for day, rows in found.items()}


def menu_changes(session: Session, kitchen: str, first: date, last: date) -> tuple[MenuChange, ...]:
    """Announced menus that changed, or are being changed, latest day first."""
    names = dict(session.exec(select(User.id, User.name)).all())
    found = []
    for rows in announcements(session, kitchen, first, last).values():
        found += [_change(before, after, names) for before, after in itertools.pairwise(rows)]
        found += _pending(session, rows[-1])
    return tuple(sorted(found, key=lambda change: (change.date, change.number or 1_000_000), reverse=True))


def told(row: AnnouncedMenu) -> Told:
    """The dishes of an announcement, in the order of a meal."""
    return {(slot, choice): (recipe, name) for slot, choice, recipe, name in json.loads(row.dishes)}


def _last(session: Session, kitchen: str, day: date) -> AnnouncedMenu | None:
    return session.exec(
        select(AnnouncedMenu)
        .where(AnnouncedMenu.kitchen == kitchen, AnnouncedMenu.date == day)
        .order_by(col(AnnouncedMenu.number).desc())
        .limit(1)
    ).first()


def _dishes_now(session: Session, kitchen: str, day: date) -> Told:
    rows = session.exec(
        select(Dish, Recipe.name)
        .join(Recipe, col(Recipe.code) == col(Dish.recipe))
        .where(Dish.kitchen == kitchen, Dish.date == day)
    ).all()
    ordered = sorted(rows, key=lambda row: (SLOT_ORDER[row[0].slot], row[0].choice))
    return {(dish.slot, dish.choice): (dish.recipe, name) for dish, name in ordered}


def _change(before: AnnouncedMenu, after: AnnouncedMenu, names: Mapping[int | None, str]) -> MenuChange:
    new = told(after)
    return MenuChange(
        date=after.date,
        number=after.number,
        at=after.at,
        who=names.get(after.by, "") if after.by is not None else "",
        reason=after.reason,
        dishes=_moved(told(before), new),
        withdrawn=not new,
    )


def _pending(session: Session, row: AnnouncedMenu) -> Sequence[MenuChange]:
    """The change of a day that is to be validated again, if its menu is not what was announced."""
    service = session.get(Service, (row.kitchen, row.date))
    if service is None or service.status != "prevu":
        return []
    moved = _moved(told(row), _dishes_now(session, row.kitchen, row.date))
    return [MenuChange(row.date, 0, None, "", "", moved)]


def _moved(before: Told, after: Told) -> tuple[DishChange, ...]:
    places = sorted({**before, **after}, key=lambda place: (SLOT_ORDER[place[0]], place[1]))
    return tuple(
        DishChange(SLOT_WORDS[Slot(slot)], old[1], new[1])
        for slot, choice in places
        if (old := before.get((slot, choice), ("", ""))) != (new := after.get((slot, choice), ("", "")))
    )
