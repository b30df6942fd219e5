"""A change carried out: the dish by the chief's own act, the orders as they were told."""

from datetime import date

from sqlalchemy import delete
from sqlmodel import Session, col

from cantine.menus import edit
from cantine.menus.grid import Place
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.planning.announced import ANNOUNCED
from cantine.planning.models import PlannedPurchase, PlannedUse
from cantine.planning.supply import Supply
from cantine.suppliers.prices import offer_code
from optim.suggest import Effect
from tests.cantine.plans import FIRST
from tests.cantine.site import NOW


def carry_out(
    session: Session, kitchen: str, supply: Supply, place: Place, recipe: str, effect: Effect
) -> None:
    """Change the dish of a place and write the purchases and uses of the effect."""
    day = place[0]
    version = session.get_one(Service, (kitchen, day)).version
    edit.swap(session, kitchen, place, recipe, Stamp(None, NOW, FIRST, version))
    for (code, delivery), packs in effect.packs.items():
        row = session.get(PlannedPurchase, (kitchen, delivery, _offer(supply, code)))
        row = row or PlannedPurchase(
            kitchen=kitchen,
            delivery=delivery,
            offer=_offer(supply, code),
            packs=0,
            price_ht=supply.items[code].price_ht,
        )
        row.packs += packs
        if row.packs:
            session.add(row)
        else:
            session.delete(row)
    gone = col(PlannedUse.date) == day, col(PlannedUse.food).in_(effect.foods)
    session.execute(delete(PlannedUse).where(col(PlannedUse.kitchen) == kitchen, *gone))
    session.add_all(
        PlannedUse(
            kitchen=kitchen,
            date=use.date,
            food=use.food,
            grams=use.grams,
            offer=_offer(supply, use.offer) if use.offer else None,
            delivery=use.delivery,
            lot_expires_on=date.fromisoformat(use.lot.rpartition("@")[2]) if use.lot else None,
        )
        for use in effect.uses
    )
    session.flush()


def _offer(supply: Supply, code: str) -> str:
    """The row behind the code of a question."""
    return supply.items[code].offer.code if code == ANNOUNCED else offer_code(code)
