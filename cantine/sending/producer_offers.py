"""The products a producer may announce: those of his orders first, then what he sells, or another one."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from cantine.orders.life import lines_of
from cantine.orders.links import orders_of_link
from cantine.orders.models import SupplierLink
from cantine.suppliers.models import Offer

MOST_NAME = 80


@dataclass(frozen=True)
class Product:
    """One product; ``offer`` is None when it is not on the market yet."""

    offer: str | None
    name: str
    pack: str


def products_of(session: Session, link: SupplierLink) -> list[Product]:
    """What he may announce, each product once: the offers of several months are one product."""
    ordered = {line.offer for order in orders_of_link(session, link) for line in lines_of(session, order)}
    query = select(Offer).where(Offer.supplier == link.supplier)
    offers = list(session.exec(query.order_by(col(Offer.name), col(Offer.valid_from).desc())))
    offers.sort(key=lambda offer: offer.code not in ordered)
    found: dict[tuple[object, ...], Product] = {}
    for offer in offers:
        found.setdefault((offer.food, offer.name, offer.pack_g, offer.labels), _product(offer))
    return list(found.values())


def find_product(session: Session, link: SupplierLink, code: str, name: str = "") -> Product:
    """The product asked for, of his own; else the one named; else the first of his orders."""
    offer = session.get(Offer, code) if code else None
    if offer is not None and offer.supplier == link.supplier:
        return _product(offer)
    if code or name:
        return Product(None, " ".join(name.split())[:MOST_NAME], "")
    return next(iter(products_of(session, link)), Product(None, "", ""))


def _product(offer: Offer) -> Product:
    return Product(offer.code, offer.name.removesuffix(f" – {offer.pack_label}"), offer.pack_label or "colis")
