"""Orders worked out by hand: two kitchens, one butcher, three rates of nothing simple."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlmodel import Session

from cantine.accounts.models import User
from cantine.foods.models import Food
from cantine.kitchens.models import College, Kitchen
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.suppliers.models import MarketLot, Offer, Supplier
from tests.cantine.reports_kitchen import CODE, DELIVERY, VALID, fill

NOW = datetime(2026, 12, 28, 9, tzinfo=UTC)
OTHER = "VOISINE"
UAI, SIRET = "0990001A", "19990001400011"
BUTCHER = "loin"
LOT = "lot_boeuf"


def fill_orders(session: Session) -> tuple[PurchaseOrder, PurchaseOrder]:
    """The small kitchen, its neighbour, and an approved order of each to the butcher."""
    fill(session)
    _places(session)
    butcher = session.get_one(Supplier, BUTCHER)
    butcher.siret, butcher.email, butcher.phone = (
        "80000000100015",
        "bonjour@viandes.example",
        "03 00 00 00 00",
    )
    session.get_one(Food, "boeuf").shelf_life_days = 8
    session.add(MarketLot(code=LOT, name="Bœuf", frame="exclusif", supplier=BUTCHER, **VALID))
    session.add(
        User(id=7, login="claude", name="Claude Martin", password_hash="", must_change=False, created_at=NOW)
    )
    session.flush()
    own = order(session, CODE, UAI, {"boeuf_lr": 3, "porc_1": 2, "lait_2": 1}, fee="12.50")
    own.engagement, own.service_code, own.slot = "2026-00123", "RESTAURATION", "entre 6 h 30 et 7 h 30"
    return own, order(session, OTHER, OTHER, {"boeuf_lr": 1, "dinde_1": 2}, rank=2)


def _places(session: Session) -> None:
    where = {"insee": "99001", "latitude": 46.0, "longitude": -1.0}
    session.add(
        College(
            uai=UAI,
            name="Collège des Dunes",
            address="1 rue du Phare",
            postcode="99100",
            commune="Port-Brume",
            siret=SIRET,
            siret_origin="estime",
            **where,
        )
    )
    session.flush()
    session.get_one(Kitchen, CODE).uai = UAI
    more = {"service_days": "12", "budget_ttc_cents": 225, **where}
    session.add(Kitchen(code=OTHER, name="Cuisine du Fort", **more))
    session.flush()


def order(
    session: Session,
    kitchen: str,
    buyer: str,
    packs: dict[str, int],
    *,
    state: str = "approuve",
    rank: int = 1,
    fee: str = "0",
    supplier: str = BUTCHER,
    delivery: date = DELIVERY,
) -> PurchaseOrder:
    """One order of the last day of 2026, its lines at the price of the offers; milk at 20 % of VAT."""
    made = PurchaseOrder(
        kitchen=kitchen,
        buyer=buyer,
        supplier=supplier,
        delivery=delivery,
        state=state,
        year=delivery.year if state != "brouillon" else None,
        rank=rank if state != "brouillon" else None,
        fee_ht=Decimal(fee),
        created_at=NOW,
        approved_at=NOW,
        approved_by=7,
    )
    session.add(made)
    session.flush()
    for position, (code, count) in enumerate(packs.items(), 1):
        offer = session.get_one(Offer, code)
        session.add(
            OrderLine(
                order=made.id or 0,
                position=position,
                offer=code,
                food=offer.food,
                name=offer.name,
                pack_g=offer.pack_g,
                pack_label=offer.pack_label,
                packs=count,
                price_ht=Decimal("7.335") if code == "lait_2" else offer.price_ht,
                estimated_price=code == "porc_1",
                vat_permille=200 if code == "lait_2" else 55,
                labels=offer.labels,
                origin_country=offer.origin_country,
                lot=LOT if code == "boeuf_lr" else None,
            )
        )
    session.flush()
    return made
