"""What every edit shares: the version of a service, both versions on a conflict, the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError
from cantine.french import day as day_words
from cantine.kitchens.headcount import load_diners
from cantine.menus.announced import remember
from cantine.menus.models import Ban, Dish, Service
from cantine.menus.signs import SLOT_WORDS
from cantine.recipes.models import Recipe
from optim.terms import Niveau, Slot

STATUS_WORDS = {"prevu": "prévu", "valide": "validé", "servi": "servi", "exclu": "sans service"}

Snapshot = Mapping[str, str | int]


@dataclass(frozen=True)
class Stamp:
    """Who edits, when, and from which version of the service."""

    user_id: int | None
    now: datetime
    today: date
    version: int


class EditConflictError(ConflictError):
    """Somebody else changed the same service meanwhile; carries their version."""

    def __init__(self, day: date, version: int, theirs: Snapshot, line: journal.Line | None) -> None:
        """Keep what the colleague left, to be shown beside what was asked."""
        super().__init__(f"Un collègue a changé le menu du {day_words(day)} entre-temps.")
        self.day, self.version, self.theirs, self.line = day, version, theirs, line


class PastServiceError(CantineError):
    """A served meal is history."""

    status = 409
    message = "Ce service est passé : son menu ne change plus."


def snapshot(session: Session, kitchen: str, day: date) -> dict[str, str | int]:
    """A service in words, for the journal and for a conflict."""
    service = session.get(Service, (kitchen, day))
    found: dict[str, str | int] = {}
    if service is not None:
        found = {"état": STATUS_WORDS[service.status], "raison": service.note}
        found |= {niveau.value: getattr(service, niveau.value) for niveau in Niveau}
    names = dict(
        session.exec(
            select(Recipe.code, Recipe.name)
            .join(Dish, col(Dish.recipe) == col(Recipe.code))
            .where(Dish.kitchen == kitchen, Dish.date == day)
        ).all()
    )
    for dish in dishes_on(session, kitchen, day):
        kept = " (gardé)" if dish.locked else ""
        rank = f", choix {dish.choice}" if dish.choice > 1 else ""
        found[SLOT_WORDS[Slot(dish.slot)].lower() + rank] = names[dish.recipe] + kept
    bans = session.exec(
        select(Recipe.name)
        .join(Ban, col(Ban.recipe) == col(Recipe.code))
        .where(Ban.kitchen == kitchen, Ban.date == day)
    )
    found["écartés"] = ", ".join(sorted(bans))
    return found


def journal_key(kitchen: str, day: date) -> str:
    """How the journal names a service."""
    return f"{kitchen}, {day.isoformat()}"


def begin(
    session: Session, kitchen: str, day: date, stamp: Stamp, *, excluded: bool | None = False
) -> Snapshot:
    """Check that the service may change, take its next version, and tell what it was.

    A validated service that changes has to be validated again. ``excluded`` is what the edit
    expects of the day; None takes it either way.
    """
    if day < stamp.today:
        raise PastServiceError
    before = snapshot(session, kitchen, day)
    if stamp.version == 0:
        _create(session, kitchen, day)
        return before
    claimed = session.execute(
        update(Service)
        .where(
            col(Service.kitchen) == kitchen, col(Service.date) == day, col(Service.version) == stamp.version
        )
        .values(version=stamp.version + 1)
    )
    if not (isinstance(claimed, CursorResult) and claimed.rowcount == 1):
        raise _conflict(session, kitchen, day)
    service = service_of(session, kitchen, day)
    session.refresh(service)
    if service.status == "servi":
        raise PastServiceError
    if excluded is not None and (service.status == "exclu") is not excluded:
        raise CantineError("Ce jour est sans service. Remettez-le d'abord au calendrier.")
    remember(session, kitchen, day, stamp.user_id, stamp.now)
    service.status = "prevu"
    return before


def _create(session: Session, kitchen: str, day: date) -> None:
    """First edit of a day: its row, with the usual diners."""
    if session.get(Service, (kitchen, day)) is not None:
        raise _conflict(session, kitchen, day)
    usual = {niveau.value: count for niveau, count in load_diners(session, kitchen).on(day).items()}
    try:
        with session.begin_nested():
            session.add(Service.model_validate({"kitchen": kitchen, "date": day, **usual}))
    except IntegrityError as error:
        raise _conflict(session, kitchen, day) from error


def _conflict(session: Session, kitchen: str, day: date) -> EditConflictError:
    """What the colleague left, read again: this session may have read the day just before."""
    session.expire_all()
    line = journal.latest(session, "menu", journal_key(kitchen, day))
    service = service_of(session, kitchen, day)
    return EditConflictError(day, service.version, snapshot(session, kitchen, day), line)


def finish(session: Session, kitchen: str, day: date, stamp: Stamp, before: Snapshot) -> None:
    """Write the journal: the day before and after; what is now announced of it is kept."""
    session.flush()
    remember(session, kitchen, day, stamp.user_id, stamp.now)
    journal.record(
        session,
        user_id=stamp.user_id,
        kitchen=kitchen,
        subject="menu",
        key=journal_key(kitchen, day),
        before=dict(before),
        after=snapshot(session, kitchen, day),
        now=stamp.now,
    )


def service_of(session: Session, kitchen: str, day: date) -> Service:
    """The row of a service that an edit has just claimed."""
    service = session.get(Service, (kitchen, day))
    if service is None:
        raise ConflictError
    return service


def dishes_on(session: Session, kitchen: str, day: date) -> Sequence[Dish]:
    """Dishes of one day, by component and choice."""
    order = (col(Dish.slot), col(Dish.choice))
    return session.exec(select(Dish).where(Dish.kitchen == kitchen, Dish.date == day).order_by(*order)).all()
