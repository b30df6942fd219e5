"""Telling a mishap and its end: kept, written in the journal, then the repair is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.clock import time_of
from cantine.errors import CantineError, NotFoundError
from cantine.french import short_day
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.grid import load_days
from cantine.menus.versions import Stamp
from cantine.orders.life import expected_packs
from cantine.orders.models import PurchaseOrder
from cantine.planning import runs
from cantine.planning.models import Mishap, PlannedPurchase, Run
from cantine.planning.ordered import short_lines
from cantine.planning.repair import KIND
from cantine.suppliers.models import Offer, Supplier
from optim.repair import PATIENCE_SECONDS

ZONES = {"froid_positif": "chambre froide", "froid_negatif": "congélateur", "epicerie": "réserve sèche"}
LONGEST = timedelta(days=365)
MOST_MEALS, PROFILE = 40, "equilibre"
SERVED_FROM = time(14)
"""From then on the meal of the day is over."""
RECENT = timedelta(days=7)
"""A short delivery is listed so long: what did not come may still be missed."""


@dataclass(frozen=True)
class Listed:
    """A mishap as its page lists it."""

    id: int
    words: str
    until: date


def delivered(session: Session, kitchen: str, today: date) -> Sequence[tuple[PlannedPurchase, Offer, str]]:
    """Planned deliveries of the last days and to come, with the name of the supplier."""
    return session.exec(
        select(PlannedPurchase, Offer, Supplier.name)
        .join(Offer, col(Offer.code) == col(PlannedPurchase.offer))
        .join(Supplier, col(Supplier.code) == col(Offer.supplier))
        .where(PlannedPurchase.kitchen == kitchen, PlannedPurchase.delivery >= today - RECENT)
        .order_by(col(PlannedPurchase.delivery), col(Supplier.name), col(Offer.name))
    ).all()


def withdraw(session: Session, kitchen: str, offer: str, until: date, stamp: Stamp) -> str:
    """An offer is not delivered from today to a date; the reason, in words.

    Raises:
        CantineError: no such planned offer, or the date cannot be.
    """
    known = {row.code: (row.name, name) for _, row, name in delivered(session, kitchen, stamp.today)}
    if offer not in known:
        raise CantineError("Choisissez un des produits prévus dans vos achats.")
    _check(stamp.today, until)
    product, supplier = known[offer]
    words = f"{product} ({supplier}) est retiré"
    return _add(session, kitchen, stamp, words, until, kind="offre", offer=offer)


def short(session: Session, kitchen: str, offer: str, delivery: date, packs: int, stamp: Stamp) -> str:
    """Of a delivery, only some packs come.

    Raises:
        CantineError: no such delivery, or the number is not smaller than what was ordered.
    """
    found = [line for line in delivered(session, kitchen, stamp.today) if line[0].offer == offer]
    line = next((line for line in found if line[0].delivery == delivery), None)
    if line is None:
        raise CantineError("Choisissez une des livraisons prévues.")
    row, sold, supplier = line
    if not 0 <= packs < row.packs:
        most = row.packs - 1
        raise CantineError(f"Il en était prévu {row.packs} : dites combien arrivent, de 0 à {most}.")
    told = select(Mishap).where(Mishap.kitchen == kitchen, Mishap.kind == "livraison", Mishap.offer == offer)
    for other in session.exec(told.where(Mishap.first_date == delivery)):
        session.delete(other)
    words = f"{sold.name} ({supplier}) : {packs} colis sur {row.packs} le {short_day(delivery)}"
    fields = {"kind": "livraison", "offer": offer, "packs": packs, "first_date": delivery}
    return _add(session, kitchen, stamp, words, delivery, **fields)


def tell_answer(session: Session, order: PurchaseOrder, stamp: Stamp) -> str:
    """What a supplier answered, told as short deliveries: listed, and over when somebody says so.

    Raises:
        CantineError: he brings everything that was ordered.
    """
    supplier = session.get_one(Supplier, order.supplier).name
    lines = list(short_lines(session, order))
    if not lines:
        raise CantineError("Ce fournisseur livre tout ce qui est commandé : rien à réparer.")
    for line, packs in lines:
        told = select(Mishap).where(
            Mishap.kitchen == order.kitchen, Mishap.kind == "livraison", Mishap.offer == line.offer
        )
        for other in session.exec(told.where(Mishap.first_date == order.delivery)):
            session.delete(other)
        words = (
            f"{line.name} ({supplier}) : {expected_packs(line)} colis sur {line.packs} le "
            f"{short_day(order.delivery)}, réponse du fournisseur"
        )
        fields = {
            "kind": "livraison",
            "offer": line.offer,
            "packs": packs,
            "first_date": order.delivery,
        }
        _add(session, order.kitchen, stamp, words, order.delivery, **fields)
    named = ", ".join(line.name for line, _ in lines[:3]) + ("…" if lines[3:] else "")
    return f"{supplier} ne livre pas tout le {short_day(order.delivery)} : {named}"


def break_down(session: Session, kitchen: str, zone: str, until: date, stamp: Stamp) -> str:
    """A storage zone is out of order from today to a date, included.

    Raises:
        CantineError: no such zone, or the date cannot be.
    """
    if zone not in ZONES:
        raise CantineError("Choisissez la chambre froide, le congélateur ou la réserve sèche.")
    _check(stamp.today, until)
    return _add(session, kitchen, stamp, f"{ZONES[zone]} en panne", until, kind="froid", storage=zone)


def end(session: Session, kitchen: str, number: int, stamp: Stamp) -> None:
    """It is over: a zone or an offer is back today; a delivery has come whole after all.

    Raises:
        NotFoundError: no such mishap of this kitchen.
    """
    mishap = session.get(Mishap, number)
    if mishap is None or mishap.kitchen != kitchen:
        raise NotFoundError("Cet imprévu n'existe plus.")
    before = _told(mishap)
    yesterday = stamp.today - timedelta(days=1)
    if mishap.kind == "livraison" or mishap.first_date > yesterday:
        session.delete(mishap)
    else:
        mishap.last_date = yesterday
        session.add(mishap)
    _note(session, kitchen, number, before, "terminé", stamp)


def current(session: Session, kitchen: str, today: date) -> list[Listed]:
    """Mishaps that are not over, the last told first."""
    rows = session.exec(
        select(Mishap)
        .where(Mishap.kitchen == kitchen, Mishap.last_date >= today - RECENT)
        .order_by(col(Mishap.id).desc())
    )
    return [
        Listed(row.id or 0, row.note, row.last_date)
        for row in rows
        if row.kind == "livraison" or row.last_date >= today
    ]


def ask_repair(session: Session, kitchen: str, because: str, *, mend_menus: bool, stamp: Stamp) -> Run | None:
    """A repair of every meal to come that has a menu; nothing where there is none.

    Raises:
        ConflictError: a run of this kitchen is open already.
    """
    demonstration = load_settings(session).demonstration
    over = not demonstration and time_of(stamp.now) >= SERVED_FROM
    first = stamp.today + timedelta(days=1 if over else 0)
    days = load_days(session, get_kitchen(session, kitchen), first)
    ahead = [day for day in days.meal_dates(ahead=None) if day >= first]
    planned = [n for n, day in enumerate(ahead) if day in days.with_dishes]
    if not planned:
        return None
    latest = runs.latest(session, kitchen)
    return runs.start(
        session,
        kitchen=kitchen,
        first=ahead[planned[0]],
        services=min(planned[-1] - planned[0] + 1, MOST_MEALS),
        profile=latest.profile if latest else PROFILE,
        time_limit=round(PATIENCE_SECONDS),
        seed=0,
        user_id=stamp.user_id,
        now=stamp.now,
        kind=KIND,
        request={"because": because, "mend_menus": mend_menus},
    )


def _check(today: date, until: date) -> None:
    if not today <= until <= today + LONGEST:
        raise CantineError("La date de fin est aujourd'hui ou plus tard, d'ici un an.")


def _add(session: Session, kitchen: str, stamp: Stamp, note: str, until: date, **fields: object) -> str:
    told = {"first_date": stamp.today, "last_date": until, "note": note} | fields
    who = {"kitchen": kitchen, "created_at": stamp.now, "created_by": stamp.user_id}
    mishap = Mishap.model_validate(told | who)
    session.add(mishap)
    session.flush()
    _note(session, kitchen, mishap.id or 0, "", _told(mishap), stamp)
    return note


def _told(mishap: Mishap) -> str:
    return f"{mishap.note}, jusqu'au {mishap.last_date:%d/%m/%Y}"


def _note(session: Session, kitchen: str, number: int, before: str, after: str, stamp: Stamp) -> None:
    journal.record(
        session,
        user_id=stamp.user_id,
        kitchen=kitchen,
        subject="imprévu",
        key=str(number),
        before=before,
        after=after,
        now=stamp.now,
    )
