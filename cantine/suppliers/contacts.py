"""RGPD: what is held of the people behind a supplier, what for, for how long, and how it is forgotten."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from cantine.accounts import drafts, journal
from cantine.clock import today_of
from cantine.errors import NotFoundError
from cantine.kitchens.models import Commune
from cantine.suppliers.models import MarketLot, Offer, Supplier

PURPOSE = "passer, suivre et contrôler les commandes de denrées des restaurants scolaires"
KEPT = timedelta(days=3 * 365)
KEPT_WORDS = "trois ans après la fin de la dernière offre, du dernier lot ou de la dernière livraison prévue"
CONTACT = ("email", "phone")
IDENTITY = ("name", "siret", "latitude", "longitude")
"""Personal too when the supplier is one person, named after them and found where they live."""
SUBJECT = "coordonnees"


def export(session: Session, code: str) -> dict[str, object]:
    """What is held of a supplier's contact, in plain words, for the person who asks.

    Raises:
        NotFoundError: no such supplier.
    """
    supplier = _get(session, code)
    return {
        "fournisseur": code,
        "nom": supplier.name,
        "siret": supplier.siret,
        "courriel": supplier.email,
        "telephone": supplier.phone,
        "position": {
            "commune": supplier.insee,
            "latitude": supplier.latitude,
            "longitude": supplier.longitude,
        },
        "finalite": PURPOSE,
        "conservation": KEPT_WORDS,
        "changements": [
            {"le": entry.at.isoformat(), "avant": entry.before, "apres": entry.after}
            for entry in journal.about(session, _key(code))
        ],
    }


def anonymise(
    session: Session, code: str, *, by: int | None, now: datetime, person: bool = False, why: str = "demande"
) -> None:
    """Forget the contact, here and in the journal, which keeps who erased it and when.

    Args:
        session: never committed here.
        code: the supplier; it stays, with its offers and what was bought.
        by: who erases.
        now: when.
        person: the name is a person's: it goes too, with SIRET and exact place.
        why: « demande » or « retention », kept in the journal.

    Raises:
        NotFoundError: no such supplier.
    """
    supplier = _get(session, code, hold=True)
    supplier.email = supplier.phone = ""
    if person:
        centre = session.get_one(Commune, supplier.insee)
        supplier.name, supplier.siret = f"Fournisseur {code}", ""
        supplier.latitude, supplier.longitude = centre.latitude, centre.longitude
    session.add(supplier)
    journal.erase(session, _key(code), (*CONTACT, *(IDENTITY if person else ())))
    drafts.forget_form(session, f"/donnees/fournisseurs/{code}/modifier")
    _note(session, code, "gardées", f"effacées ({why})", by, now)


def forget_unused(session: Session, purchased: Mapping[str, date], now: datetime) -> int:
    """Erase the contacts of suppliers of whom nothing was in force or planned for ``KEPT``.

    A supplier without any date gets one: the day the purge first sees it, kept by the journal.

    Args:
        session: never committed here.
        purchased: last delivery planned from each supplier, told by the room above.
        now: the clock.

    Returns:
        How many contacts were erased.
    """
    held = session.exec(
        select(Supplier.code).where((col(Supplier.email) != "") | (col(Supplier.phone) != ""))
    ).all()
    limit, count = today_of(now) - KEPT, 0
    used = _last_use(session, purchased)
    for code in held:
        last = used.get(code)
        if last is None:
            _note(session, code, "", "sans offre : seront effacées au bout de trois ans", None, now)
        elif last < limit:
            anonymise(session, code, by=None, now=now, why="retention")
            count += 1
    return count


def _last_use(session: Session, purchased: Mapping[str, date]) -> dict[str, date]:
    """Last day each supplier was of use: offer, lot or delivery, or a change made on its sheet."""
    offers = session.exec(select(Offer.supplier, func.max(Offer.valid_to)).group_by(Offer.supplier))
    lots = session.exec(
        select(MarketLot.supplier, func.max(MarketLot.valid_to))
        .where(col(MarketLot.supplier).is_not(None))
        .group_by(col(MarketLot.supplier))
    )
    changed = (
        (key.removeprefix("suppliers/"), today_of(at))
        for key, at in journal.last_changes(session, "suppliers/").items()
    )
    return _latest((*offers, *lots, *purchased.items(), *changed))


def _latest(dates: Iterable[tuple[str | None, date]]) -> dict[str, date]:
    found: dict[str, date] = {}
    for code, day in dates:
        if code is not None:
            found[code] = max(day, found.get(code, day))
    return found


def _get(session: Session, code: str, *, hold: bool = False) -> Supplier:
    supplier = session.get(Supplier, code, with_for_update=hold or None)
    if supplier is None:
        raise NotFoundError(f"Le fournisseur « {code} » n'existe pas.")
    return supplier


def _key(code: str) -> str:
    return f"suppliers/{code}"


def _note(session: Session, code: str, before: str, after: str, by: int | None, now: datetime) -> None:
    journal.record(
        session,
        user_id=by,
        kitchen="",
        subject=SUBJECT,
        key=_key(code),
        before={"coordonnées": before},
        after={"coordonnées": after},
        now=now,
    )
