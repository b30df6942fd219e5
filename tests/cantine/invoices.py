"""Invoices for tests: real Factur-X, UBL and CII files, and deliveries that they are for."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import facturx
from sqlmodel import Session
from weasyprint import HTML

from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders.life import lines_of
from cantine.orders.models import PurchaseOrder
from cantine.orders.purchases import record_reception
from cantine.stores.models import Reception, ReceptionLine
from cantine.suppliers.models import Offer, Supplier
from tests.cantine.orders import DELIVERY, order_of
from tests.cantine.site import NOW, OWN

ISSUED = date(2027, 1, 8)
SELLER_SIRET, BUYER_SIRET = "12345678200010", "19620004200014"
RICE, BOULGOUR = "epicier-riz", "epicier-boulgour"

Item = tuple[str, float, str, float]
"""Name, quantity, unit, price of one unit."""


def facts(*items: Item, credit: bool = False, vat: float = 5.5, **over: Any) -> dict[str, Any]:
    """Business terms of an invoice, its sums right; ``over`` replaces some (BT_13="…")."""
    items = items or (("Riz long", 25.0, "KGM", 1.6),)
    lines = [_line(rank, item, vat) for rank, item in enumerate(items, 1)]
    base = _cents(sum(line["BT-131"] for line in lines))
    tax = _cents(base * vat / 100)
    made = {
        "BT-1": "F-118",
        "BT-2": ISSUED,
        "BT-3": "381" if credit else "380",
        "BT-5": "EUR",
        "BT-20": "30 jours",
        "BT-24": "urn:cen.eu:en16931:2017",
        "BT-72": DELIVERY,
        "BG-4": party("Épicier", SELLER_SIRET) | {"vat_identifier": "FR32123456782"},
        "BG-7": party("Collège de Port-Brume", BUYER_SIRET),
        "BG-23": [{"BT-116": base, "BT-117": tax, "BT-118": "S", "BT-119": vat}],
        "BG-25": lines,
        "BT-106": base,
        "BT-109": base,
        "BT-110": tax,
        "BT-112": _cents(base + tax),
        "BT-115": _cents(base + tax),
    }
    return made | {key.replace("_", "-"): value for key, value in over.items()}


def party(name: str, siret: str) -> dict[str, str]:
    """A firm or a school, by its SIRET."""
    return {
        "name": name,
        "legal_identifier": siret,
        "legal_identifier_schemeid": "0009",
        "country_code": "FR",
    }


def cii(terms: Mapping[str, Any]) -> bytes:
    """The invoice as CII, valid against the schema."""
    return bytes(facturx.generate_cii_xml(dict(terms), check_schematron=None))


def ubl(terms: Mapping[str, Any]) -> bytes:
    """The invoice as UBL, valid against the schema."""
    return bytes(facturx.generate_ubl_xml(dict(terms), check_schematron=None))


@cache
def paper(words: str = "Facture") -> bytes:
    """A PDF for people, without data."""
    return bytes(HTML(string=f"<html lang=fr><title>{words}</title><p>{words}</p></html>").write_pdf())


def in_pdf(terms: Mapping[str, Any]) -> bytes:
    """A Factur-X: the PDF with its CII inside."""
    return bytes(facturx.generate_from_binary(paper(), cii(terms), check_xsd=False, lang="fr"))


def delivered(
    session: Session,
    *packs: tuple[str, int],
    kitchen: str = OWN,
    day: date = DELIVERY,
    accepted: Mapping[str, int] | None = None,
    number: int = 1,
    fee: str = "0",
) -> tuple[PurchaseOrder, Reception]:
    """An order received in full at the door, its purchases written.

    Args:
        session: a database session.
        packs: offer and packs.
        kitchen: who ordered.
        day: of the delivery.
        accepted: grams accepted, by offer, where it is not everything.
        number: rank of the order.
        fee: delivery fee, euros.
    """
    order = order_of(session, *packs, kitchen=kitchen, delivery=day)
    order.state, order.year, order.rank, order.fee_ht = "recu", day.year, number, Decimal(fee)
    reception = Reception(
        kitchen=kitchen,
        supplier=order.supplier,
        order=order.id,
        date=day,
        state="close",
        started_at=NOW,
        closed_at=NOW,
    )
    session.add_all((order, reception))
    session.flush()
    for line in lines_of(session, order):
        grams = (accepted or {}).get(line.offer, line.grams)
        row = ReceptionLine(
            reception=reception.id or 0,
            position=line.position,
            order_line=line.id,
            offer=line.offer,
            food=line.food,
            name=line.name,
            pack_g=line.pack_g,
            ordered_g=line.grams,
            delivered_g=line.grams,
            accepted_g=grams,
            price_ht_per_kg=line.price_ht * 1000 / line.pack_g,
        )
        session.add(row)
        session.flush()
        record_reception(
            session,
            kitchen=session.get_one(Kitchen, kitchen),
            supplier=session.get_one(Supplier, order.supplier),
            date=day,
            description=line.name,
            offer=session.get_one(Offer, line.offer),
            food=session.get_one(Food, line.food),
            grams=grams,
            amount_ht=row.price_ht_per_kg * grams / 1000,
            vat_permille=line.vat_permille,
            lot=None,
            order_line=line.id,
            reception_line=row.id or 0,
            local_km=None,
        )
    return order, reception


def _line(rank: int, item: Item, vat: float) -> dict[str, Any]:
    name, quantity, unit, price = item
    return {
        "BT-126": str(rank),
        "BT-129": quantity,
        "BT-130": unit,
        "BT-131": _cents(quantity * price),
        "BT-146": price,
        "BT-151": "S",
        "BT-152": vat,
        "BT-153": name,
    }


def _cents(amount: float) -> float:
    return float(Decimal(str(round(amount, 6))).quantize(Decimal("0.01"), ROUND_HALF_UP))
