"""Hand edits of the menus: keep, ban, swap, exclude a day, change the diners, validate a week.

Each function takes the session first, never commits, and writes the journal. A service carries
a version: whoever edits from an older one is refused with both versions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError
from cantine.kitchens.headcount import get_kitchen, load_diners
from cantine.kitchens.models import Kitchen
from cantine.menus.grid import Place, filled_by
from cantine.menus.models import Ban, Dish, Service
from cantine.menus.signs import SLOT_WORDS
from cantine.recipes.book import get_recipe
from cantine.recipes.models import Recipe
from optim.terms import Niveau, Slot

LARGEST_HEADCOUNT = 5000
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
        super().__init__(f"Un collègue a changé le menu du {day:%d/%m/%Y} entre-temps.")
        self.day, self.version, self.theirs, self.line = day, version, theirs, line


class PastServiceError(CantineError):
    """A served meal is history."""

    status = 409
    message = "Ce service est passé : son menu ne change plus."


def keep(session: Session, kitchen: str, place: Place, stamp: Stamp, *, locked: bool) -> None:
    """Keep a dish whatever is proposed later, or let it go."""
    day = place[0]
    before = _begin(session, kitchen, day, stamp)
    dish = _dish(session, kitchen, place)
    dish.locked = locked
    session.add(dish)
    _end(session, kitchen, day, stamp, before)


def swap(session: Session, kitchen: str, place: Place, recipe: str, stamp: Stamp) -> None:
    """Put another recipe in a place: the chief's own choice, kept until he lets it go.

    Raises:
        CantineError: the recipe belongs to another component, or is already offered that day.
    """
    day, slot, choice = place
    chosen = get_recipe(session, recipe).recipe
    if chosen.slot != slot.value:
        raise CantineError(f"{chosen.name} n'est pas de la composante « {SLOT_WORDS[slot].lower()} ».")
    before = _begin(session, kitchen, day, stamp)
    dishes = _dishes(session, kitchen, day)
    if any(d.recipe == recipe and (d.slot, d.choice) != (slot.value, choice) for d in dishes):
        raise CantineError(f"{chosen.name} est déjà au menu ce jour-là.")
    dish = next((d for d in dishes if (d.slot, d.choice) == (slot.value, choice)), None)
    if dish is None:
        share = _share(session, kitchen, slot)
        dish = Dish(
            kitchen=kitchen, date=day, slot=slot.value, choice=choice, recipe=recipe, share_permille=share
        )
    dish.recipe, dish.locked, dish.chosen_by = recipe, True, "chef"
    session.add(dish)
    _drop_filled(session, get_kitchen(session, kitchen), chosen, dishes)
    _unban(session, kitchen, day, recipe)
    _end(session, kitchen, day, stamp, before)


def ban(session: Session, kitchen: str, place: Place, stamp: Stamp) -> None:
    """Set a recipe aside for a date: it leaves the menu and is not proposed again that day."""
    day = place[0]
    before = _begin(session, kitchen, day, stamp)
    dish = _dish(session, kitchen, place)
    if session.get(Ban, (kitchen, day, dish.recipe)) is None:
        session.add(Ban(kitchen=kitchen, date=day, recipe=dish.recipe))
    session.delete(dish)
    _end(session, kitchen, day, stamp, before)


def unban(session: Session, kitchen: str, day: date, recipe: str, stamp: Stamp) -> None:
    """Let a recipe be proposed again on that date."""
    before = _begin(session, kitchen, day, stamp)
    _unban(session, kitchen, day, recipe)
    _end(session, kitchen, day, stamp, before)


def exclude(session: Session, kitchen: str, day: date, reason: str, stamp: Stamp) -> None:
    """No service that day, with a reason; its dishes are kept aside.

    Raises:
        CantineError: no reason was given.
    """
    if not reason.strip():
        raise CantineError("Dites pourquoi il n'y a pas de service ce jour-là : grève, sortie, brevet…")
    before = _begin(session, kitchen, day, stamp)
    service = _service(session, kitchen, day)
    service.status, service.note = "exclu", reason.strip()
    session.add(service)
    _end(session, kitchen, day, stamp, before)


def restore(session: Session, kitchen: str, day: date, stamp: Stamp) -> None:
    """There is a service after all."""
    before = _begin(session, kitchen, day, stamp, excluded=True)
    service = _service(session, kitchen, day)
    service.status, service.note = "prevu", ""
    session.add(service)
    _end(session, kitchen, day, stamp, before)


def set_diners(
    session: Session, kitchen: str, day: date, diners: Mapping[Niveau, int], reason: str, stamp: Stamp
) -> None:
    """Change who eats that day; every page and order reads this number.

    Raises:
        CantineError: a number cannot be, or nobody would eat.
    """
    if any(not 0 <= count <= LARGEST_HEADCOUNT for count in diners.values()):
        raise CantineError(f"Un effectif va de 0 à {LARGEST_HEADCOUNT}.")
    if not sum(diners.values()):
        raise CantineError("Personne ne mangerait ce jour-là. Pour fermer, choisissez « Pas de service ».")
    before = _begin(session, kitchen, day, stamp)
    service = _service(session, kitchen, day)
    for niveau, count in diners.items():
        setattr(service, niveau.value, count)
    service.note = reason.strip()
    session.add(service)
    _end(session, kitchen, day, stamp, before)


def validate_week(
    session: Session, kitchen: str, versions: Mapping[date, int], stamp: Stamp, *, valid: bool = True
) -> None:
    """Validate the menus of some days, or open them again.

    Raises:
        CantineError: a day has no menu yet.
    """
    for day, version in sorted(versions.items()):
        own = Stamp(stamp.user_id, stamp.now, stamp.today, version)
        before = _begin(session, kitchen, day, own)
        if valid and not _dishes(session, kitchen, day):
            raise CantineError(f"Le {day:%d/%m/%Y} n'a pas encore de menu.")
        service = _service(session, kitchen, day)
        service.status = "valide" if valid else "prevu"
        session.add(service)
        _end(session, kitchen, day, own, before)


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
    for dish in _dishes(session, kitchen, day):
        kept = " (gardé)" if dish.locked else ""
        found[f"{SLOT_WORDS[Slot(dish.slot)].lower()} {dish.choice}"] = names[dish.recipe] + kept
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


def _begin(session: Session, kitchen: str, day: date, stamp: Stamp, *, excluded: bool = False) -> Snapshot:
    """Check that the service may change, take its next version, and tell what it was.

    A validated service that changes has to be validated again.
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
    service = _service(session, kitchen, day)
    if not (isinstance(claimed, CursorResult) and claimed.rowcount == 1):
        raise _conflict(session, kitchen, service)
    session.refresh(service)
    if service.status == "servi":
        raise PastServiceError
    if (service.status == "exclu") is not excluded:
        raise CantineError("Ce jour est sans service. Remettez-le d'abord au calendrier.")
    service.status = "prevu"
    return before


def _create(session: Session, kitchen: str, day: date) -> None:
    """First edit of a day: its row, with the usual diners."""
    known = session.get(Service, (kitchen, day))
    if known is not None:
        raise _conflict(session, kitchen, known)
    usual = {niveau.value: count for niveau, count in load_diners(session, kitchen).on(day).items()}
    session.add(Service.model_validate({"kitchen": kitchen, "date": day, **usual}))
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError from error


def _conflict(session: Session, kitchen: str, service: Service) -> EditConflictError:
    line = journal.latest(session, "menu", journal_key(kitchen, service.date))
    theirs = snapshot(session, kitchen, service.date)
    return EditConflictError(service.date, service.version, theirs, line)


def _end(session: Session, kitchen: str, day: date, stamp: Stamp, before: Snapshot) -> None:
    session.flush()
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


def _service(session: Session, kitchen: str, day: date) -> Service:
    service = session.get(Service, (kitchen, day))
    if service is None:
        raise ConflictError
    return service


def _dishes(session: Session, kitchen: str, day: date) -> Sequence[Dish]:
    order = (col(Dish.slot), col(Dish.choice))
    return session.exec(select(Dish).where(Dish.kitchen == kitchen, Dish.date == day).order_by(*order)).all()


def _dish(session: Session, kitchen: str, place: Place) -> Dish:
    day, slot, choice = place
    dish = session.get(Dish, (kitchen, day, slot.value, choice))
    if dish is None:
        raise ConflictError("Ce plat n'est plus au menu : un collègue l'a retiré entre-temps.")
    return dish


def _share(session: Session, kitchen: str, slot: Slot) -> int:
    """Share of a new dish: equal parts among the choices of its component."""
    return 1000 // get_kitchen(session, kitchen).choices[slot.value]


def _drop_filled(session: Session, kitchen: Kitchen, chosen: Recipe, dishes: Sequence[Dish]) -> None:
    emptied = filled_by(kitchen, chosen)
    for dish in dishes:
        if Slot(dish.slot) in emptied:
            session.delete(dish)


def _unban(session: Session, kitchen: str, day: date, recipe: str) -> None:
    row = session.get(Ban, (kitchen, day, recipe))
    if row is not None:
        session.delete(row)
