"""From the rows of an order to the figures of its bon de commande."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from cantine import french
from cantine.accounts.models import User
from cantine.clock import today_of
from cantine.foods.models import Food
from cantine.foods.temperatures import SOURCE, limit_of
from cantine.kitchens.models import College, Commune, Kitchen
from cantine.kitchens.settings import load_settings
from cantine.orders.life import lines_of
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.orders.threshold import threshold_on
from cantine.reports.head import Head
from cantine.reports.order_figures import Item, OrderPaper, Party
from cantine.reports.vat import by_rate, cents
from cantine.suppliers.lots import FREE
from cantine.suppliers.models import MarketLot, Supplier
from cantine.words import word
from optim.rules.budget import FEE_VAT_PERMILLE
from optim.terms import FamilleProduits

TITLE = "Bon de commande"
DIRECT = "achat de moins de {} HT, art. R2122-8 du code de la commande publique"
"""Said of what is bought outside the lots put to competition."""
ESTIMATED = "estime"
ALLERGENS = "fiche technique et allergènes de chaque produit, s'ils ont changé"
SLIP = "bon de livraison avec le n° de lot et la DLC ou la DDM de chaque produit"
MEAT = "viandes crues : pays de naissance, d'élevage et d'abattage (décret 2002-1465)"
LIFE = "DLC ou DDM restante : {} au moins"
KEEPS = 60
"""Days: what keeps longer (dry, tinned, frozen) needs no minimum. The kitchen's choice, no text sets one."""
CERTIFICATE = "certificat en cours de validité : {}"


def order_paper(session: Session, order: PurchaseOrder, today: date) -> OrderPaper:
    """The paper of the version in force of an order; ``today`` dates a draft."""
    kitchen = session.get_one(Kitchen, order.kitchen)
    items = _items(session, lines_of(session, order), order.delivery)
    amounts = [*((item.vat_permille, item.total_ht) for item in items), (FEE_VAT_PERMILLE, order.fee_ht)]
    approver = session.get(User, order.approved_by) if order.approved_by else None
    buyer = buyer_party(session, order.buyer, kitchen)
    return OrderPaper(
        head=_head(session, order, buyer),
        order=order.id or 0,
        number=order.number,
        version=order.order_version,
        issued=today_of(order.approved_at) if order.approved_at else today,
        approver=approver.name if approver else "",
        ordonnateur=kitchen.ordonnateur,
        buyer=buyer,
        supplier=supplier_party(session, order.supplier),
        ship_to=kitchen_party(session, kitchen),
        service_code=order.service_code,
        engagement=order.engagement,
        contracts=tuple(dict.fromkeys(item.contract for item in items)),
        items=items,
        fee_ht=order.fee_ht,
        fee_vat_permille=FEE_VAT_PERMILLE,
        rates=by_rate(amounts),
        delivery=order.delivery,
        slot=order.slot,
        due=_due(session, items),
        source=SOURCE,
        note=order.note,
    )


def buyer_party(session: Session, buyer: str, kitchen: Kitchen) -> Party:
    """Who buys: the collège of a UAI, else the kitchen itself."""
    college = session.get(College, buyer)
    if college is None:
        return kitchen_party(session, kitchen)
    return Party(
        name=college.name,
        siret=college.siret,
        siret_estimated=college.siret_origin == ESTIMATED,
        address=college.address,
        postcode=college.postcode,
        city=college.commune,
    )


def kitchen_party(session: Session, kitchen: Kitchen) -> Party:
    """Where the goods are brought."""
    college = session.get(College, kitchen.uai) if kitchen.uai else None
    if college is None:
        return Party(name=kitchen.name, city=_commune(session, kitchen.insee))
    return Party(name=kitchen.name, address=college.address, postcode=college.postcode, city=college.commune)


def supplier_party(session: Session, code: str) -> Party:
    """Who sells."""
    supplier = session.get_one(Supplier, code)
    return Party(
        name=supplier.name,
        siret=supplier.siret,
        city=_commune(session, supplier.insee),
        email=supplier.email,
        phone=supplier.phone,
    )


def _commune(session: Session, insee: str) -> str:
    commune = session.get(Commune, insee)
    return commune.name if commune else ""


def _head(session: Session, order: PurchaseOrder, buyer: Party) -> Head:
    settings = load_settings(session)
    title = f"{TITLE} {order.number}" if order.number else f"{TITLE}, brouillon"
    return Head(
        title=title,
        place=buyer.name,
        commune=buyer.city,
        departement=settings.departement_name,
        period=f"livraison du {french.day(order.delivery, year=True)}",
        origin="commande" if order.number else "à approuver",
        demonstration=settings.demonstration,
    )


def _items(session: Session, lines: Sequence[OrderLine], delivery: date) -> tuple[Item, ...]:
    ordered = [line for line in lines if line.packs]
    foods = {line.food: session.get_one(Food, line.food) for line in ordered}
    lots = {line.lot: session.get_one(MarketLot, line.lot) for line in ordered if line.lot}
    direct = DIRECT.format(french.euros(threshold_on(delivery).euros, 0))
    return tuple(_item(line, foods[line.food], lots.get(line.lot or ""), direct) for line in ordered)


def _item(line: OrderLine, food: Food, lot: MarketLot | None, direct: str) -> Item:
    limit = limit_of(food)
    competed = lot is not None and lot.frame != FREE
    return Item(
        key=line.id or 0,
        position=line.position,
        reference=line.reference or line.offer,
        offer=line.offer,
        name=line.name.removesuffix(f" – {line.pack_label}"),
        quality=_quality(line),
        pack=line.pack_label or french.kg(line.pack_g),
        pack_g=line.pack_g,
        packs=line.packs,
        price_ht=line.price_ht,
        total_ht=cents(line.price_ht * line.packs),
        vat_permille=line.vat_permille,
        estimated=line.estimated_price,
        contract=f"{lot.name} ({lot.code})" if lot and competed else direct,
        lot=lot.code if lot and competed else "",
        origin=line.origin_country,
        limit=f"{limit.words} : {_degrees(limit.celsius)}" if limit else "",
        life=LIFE.format(french.plural(food.shelf_life_days, "jour"))
        if food.shelf_life_days <= KEEPS
        else "",
        labelled=bool(line.labels),
        note=line.note,
    )


def _degrees(celsius: int) -> str:
    return f"{celsius:+d} °C au plus".replace("-", "−")


def _quality(line: OrderLine) -> str:
    """Labels first, then the origin and, of a local product, its distance."""
    labels = [word(label) for label in line.labels]
    origin = f"origine {word(line.origin_country)}"
    local = [f"produit à {round(line.local_km)} km"] if line.local_km is not None else []
    return ", ".join([*labels, origin, *local])


def _due(session: Session, items: Sequence[Item]) -> tuple[str, ...]:
    """Papers that come with the goods: those of every order, then what these products ask for."""
    names = ", ".join(dict.fromkeys(item.name for item in items if item.labelled))
    keys = [item.key for item in items]
    raw_meat = (
        select(Food.code)
        .join(OrderLine, col(OrderLine.food) == col(Food.code))
        .where(col(OrderLine.id).in_(keys), Food.family == FamilleProduits.VIANDES_VOLAILLES)
    )
    meat = session.exec(raw_meat.limit(1)).first() is not None
    return (SLIP, ALLERGENS, *([CERTIFICATE.format(names)] if names else []), *([MEAT] if meat else []))
