"""Hand edits of the menus: keep, ban, swap, exclude a day, change the diners, validate a week.

Each function takes the session first, never commits, and writes the journal. A service carries
a version: whoever edits from an older one is refused with both versions.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.french import day as day_words
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Kitchen
from cantine.menus.grid import Place, filled_by
from cantine.menus.models import AnnouncedMenu, Ban, Dish
from cantine.menus.signs import SLOT_WORDS
from cantine.menus.versions import Stamp, begin, dishes_on, finish, journal_key, service_of
from cantine.recipes.models import Recipe
from cantine.suppliers.book import get_recipe
from optim.terms import Niveau, Slot

LARGEST_HEADCOUNT = 5000
LONGEST_REASON = 200


def keep(session: Session, kitchen: str, place: Place, stamp: Stamp, *, locked: bool) -> None:
    """Keep a dish whatever is proposed later, or let it go."""
    day = place[0]
    before = begin(session, kitchen, day, stamp)
    dish = _dish(session, kitchen, place)
    dish.locked = locked
    session.add(dish)
    finish(session, kitchen, day, stamp, before)


def swap(session: Session, kitchen: str, place: Place, recipe: str, stamp: Stamp) -> None:
    """Put another recipe in a place: the chief's own choice, kept until he lets it go.

    Raises:
        CantineError: the recipe belongs to another component, or is already offered that day.
    """
    day, slot, choice = place
    chosen = get_recipe(session, recipe).recipe
    if chosen.slot != slot.value:
        raise CantineError(f"{chosen.name} n'est pas de la composante « {SLOT_WORDS[slot].lower()} ».")
    before = begin(session, kitchen, day, stamp)
    dishes = dishes_on(session, kitchen, day)
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
    finish(session, kitchen, day, stamp, before)


def ban(session: Session, kitchen: str, place: Place, stamp: Stamp) -> None:
    """Set a recipe aside for a date: it leaves the menu and is not proposed again that day."""
    day = place[0]
    before = begin(session, kitchen, day, stamp)
    dish = _dish(session, kitchen, place)
    if session.get(Ban, (kitchen, day, dish.recipe)) is None:
        session.add(Ban(kitchen=kitchen, date=day, recipe=dish.recipe))
    session.delete(dish)
    finish(session, kitchen, day, stamp, before)


def unban(session: Session, kitchen: str, day: date, recipe: str, stamp: Stamp) -> None:
    """Let a recipe be proposed again on that date."""
    before = begin(session, kitchen, day, stamp)
    _unban(session, kitchen, day, recipe)
    finish(session, kitchen, day, stamp, before)


def free(
    session: Session, kitchen: str, day: date, places: Sequence[Place], recipes: Sequence[str], stamp: Stamp
) -> None:
    """Let several kept dishes of a day go, and banned recipes come back, as one change."""
    before = begin(session, kitchen, day, stamp)
    for place in places:
        dish = _dish(session, kitchen, place)
        dish.locked = False
        session.add(dish)
    for recipe in recipes:
        _unban(session, kitchen, day, recipe)
    finish(session, kitchen, day, stamp, before)


def exclude(session: Session, kitchen: str, day: date, reason: str, stamp: Stamp) -> None:
    """No service that day, with a reason; its dishes are kept aside.

    Raises:
        CantineError: no reason was given.
    """
    if not reason.strip():
        raise CantineError("Dites pourquoi il n'y a pas de service ce jour-là : grève, sortie, brevet…")
    before = begin(session, kitchen, day, stamp)
    service = service_of(session, kitchen, day)
    service.status, service.note = "exclu", reason.strip()
    session.add(service)
    finish(session, kitchen, day, stamp, before)


def restore(session: Session, kitchen: str, day: date, stamp: Stamp) -> None:
    """There is a service after all."""
    before = begin(session, kitchen, day, stamp, excluded=True)
    service = service_of(session, kitchen, day)
    service.status, service.note = "prevu", ""
    session.add(service)
    finish(session, kitchen, day, stamp, before)


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
    before = begin(session, kitchen, day, stamp)
    service = service_of(session, kitchen, day)
    for niveau, count in diners.items():
        setattr(service, niveau.value, count)
    service.note = reason.strip()
    session.add(service)
    finish(session, kitchen, day, stamp, before)


def validate_week(
    session: Session, kitchen: str, versions: Mapping[date, int], stamp: Stamp, *, valid: bool = True
) -> None:
    """Validate the menus of some days, or open them again.

    Raises:
        CantineError: a day has no menu yet.
    """
    for day, version in sorted(versions.items()):
        own = Stamp(stamp.user_id, stamp.now, stamp.today, version)
        before = begin(session, kitchen, day, own)
        if valid and not dishes_on(session, kitchen, day):
            raise CantineError(f"Le {day_words(day)} n'a pas encore de menu.")
        service = service_of(session, kitchen, day)
        service.status = "valide" if valid else "prevu"
        session.add(service)
        finish(session, kitchen, day, own, before)


def explain_change(
    session: Session, kitchen: str, day: date, number: int, reasons: tuple[str, str], stamp: Stamp
) -> None:
    """Say why an announced menu changed; ``reasons`` are the one that was shown and the new one.

    Raises:
        NotFoundError: no such change.
        CantineError: the reason is too long.
        ConflictError: a colleague gave another reason meanwhile.
    """
    shown, reason = (" ".join(text.split()) for text in reasons)
    row = session.get(AnnouncedMenu, (kitchen, day, number), with_for_update=True)
    if row is None or number == 1:
        raise NotFoundError("Ce changement de menu n'existe pas.")
    if len(reason) > LONGEST_REASON:
        raise CantineError(f"La raison tient en {LONGEST_REASON} caractères.")
    if row.reason not in {shown, reason}:
        raise ConflictError(f"Un collègue a donné une autre raison entre-temps : « {row.reason} ».")
    if row.reason == reason:
        return
    journal.record(
        session,
        user_id=stamp.user_id,
        kitchen=kitchen,
        subject="menu",
        key=journal_key(kitchen, day),
        before={"raison du changement": row.reason},
        after={"raison du changement": reason},
        now=stamp.now,
    )
    row.reason = reason
    session.add(row)


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
