"""Orders for tests: rows written as the pages write them, without a plan."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session

from cantine.accounts.models import User
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.suppliers.models import Offer
from tests.cantine.site import HASH, NOW, OWN

DELIVERY = date(2027, 1, 7)
BUYER = "0990001A"
RICE, BOULGOUR = "epicier-riz", "epicier-boulgour"


def staff(session: Session, *ids: int) -> None:
    """People with these keys, without rights."""
    for key in ids:
        session.add(User(id=key, login=f"p{key}", name=f"Personne {key}", password_hash=HASH, created_at=NOW))
    session.flush()


def order_of(
    session: Session,
    *packs: tuple[str, int],
    kitchen: str = OWN,
    buyer: str = BUYER,
    delivery: date = DELIVERY,
) -> PurchaseOrder:
    """A draft to the supplier of the first offer; ``packs``: offer and packs, five of rice unless told."""
    packs = packs or ((RICE, 5),)
    supplier = session.get_one(Offer, packs[0][0]).supplier
    order = PurchaseOrder(kitchen=kitchen, buyer=buyer, supplier=supplier, delivery=delivery, created_at=NOW)
    session.add(order)
    session.flush()
    for position, (code, count) in enumerate(packs, 1):
        session.add(_line(order.id or 0, position, session.get_one(Offer, code), count))
    session.flush()
    return order


def _line(order: int, position: int, offer: Offer, packs: int) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        offer=offer.code,
        food=offer.food,
        name=offer.name,
        pack_g=offer.pack_g,
        packs=packs,
        theoretical_packs=packs,
        price_ht=Decimal(offer.price_ht),
        vat_permille=offer.vat_permille,
    )
