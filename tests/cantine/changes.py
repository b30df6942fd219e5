"""Changes of the panel « Changer »: read as a page reads them, carried out by the chief's own act."""

from collections import Counter
from datetime import date, time

from sqlmodel import Session, select

from cantine.menus import edit
from cantine.menus.grid import Place
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.planning import carry_out as orders
from cantine.planning.alternatives import Alternative, foods_for, swap_panel
from cantine.planning.board import load_board
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.supply import Supply, load_supply
from optim.suggest import Effect
from tests.cantine.plans import FIRST
from tests.cantine.site import NOW, OWN

MORNING = time(8)

Planned = tuple[dict[tuple[str, date], int], Counter[tuple[object, ...]]]


def carry_out(
    session: Session, kitchen: str, supply: Supply, place: Place, recipe: str, effect: Effect
) -> None:
    """Change the dish of a place and write the purchases and uses of the effect."""
    version = session.get_one(Service, (kitchen, place[0])).version
    who = Stamp(None, NOW, FIRST, version)
    edit.swap(session, kitchen, place, recipe, who)
    orders.carry_out(session, kitchen, supply, effect, who)


def panel(session: Session, place: Place) -> tuple[Supply, list[Alternative]]:
    """The plan in place, and what the panel of a place offers."""
    board = load_board(session, OWN, place[0], FIRST, opened=place[:2])
    assert board is not None
    supply = load_supply(session, board, MORNING, foods_for(board, place))
    found = swap_panel(board, place, "", supply)
    assert supply is not None
    assert found is not None
    return supply, list(found.alternatives)


def stamp(session: Session, day: date) -> Stamp:
    """The chief, who has read the service as it is."""
    return Stamp(None, NOW, FIRST, session.get_one(Service, (OWN, day)).version)


def told(found: Alternative) -> str:
    """What the form of a candidate carries."""
    assert found.change is not None
    return found.change.orders.mark


def planned(session: Session) -> Planned:
    """Packs of each order, and every use."""
    session.expire_all()
    bought = (p for p in session.exec(select(PlannedPurchase)) if p.kitchen == OWN)
    packs = {(p.offer, p.delivery): p.packs for p in bought}
    uses = Counter(
        (u.date, u.food, u.grams, u.offer, u.delivery, u.lot_expires_on)
        for u in session.exec(select(PlannedUse))
        if u.kitchen == OWN
    )
    return packs, uses
