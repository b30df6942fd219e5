"""A change carried out: the dish by the chief's own act, the orders as they were told."""

from sqlmodel import Session

from cantine.menus import edit
from cantine.menus.grid import Place
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.planning import carry_out as orders
from cantine.planning.supply import Supply
from optim.suggest import Effect
from tests.cantine.plans import FIRST
from tests.cantine.site import NOW


def carry_out(
    session: Session, kitchen: str, supply: Supply, place: Place, recipe: str, effect: Effect
) -> None:
    """Change the dish of a place and write the purchases and uses of the effect."""
    version = session.get_one(Service, (kitchen, place[0])).version
    stamp = Stamp(None, NOW, FIRST, version)
    edit.swap(session, kitchen, place, recipe, stamp)
    orders.carry_out(session, kitchen, supply, effect, stamp)
