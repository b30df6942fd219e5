"""Shares counted from what was bought: the platform's own example, the law's dates, one figure everywhere."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.egalim.law import Groupe
from cantine.egalim.models import YearTotal
from cantine.egalim.shares import Figures, figures_between, percent
from cantine.egalim.year import kitchen_year, kitchen_years
from cantine.errors import ConflictError, NotFoundError
from cantine.foods.models import Food
from cantine.kitchens.models import Kitchen
from cantine.orders import purchases
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.planning.models import PlannedPurchase
from cantine.planning.year import year_before, year_until
from cantine.suppliers.models import Offer, Supplier
from tests.cantine.bought import DAY, OTHER, OWN, bought, worked_example
from tests.cantine.site import NOW

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département."""
    with Session(marais_engine) as session:
        yield session


def of(session: Session, *rows: Purchase, first: date = FIRST, last: date = LAST) -> Figures:
    """The figures of the own kitchen once these are bought."""
    session.add_all(rows)
    session.flush()
    return figures_between(session, first, last, [OWN])[OWN]


def test_the_worked_example_of_the_platform(session: Session) -> None:
    """Each line once, in the first group it fits; fair trade is told inside its group, never added."""
    figures = of(session, *worked_example())
    assert figures.total == 1075
    assert figures.bio == 220
    assert figures.group(Groupe.SIQO) == 50
    assert figures.group(Groupe.EGALIM_AUTRES) == 260
    assert figures.group(Groupe.EXTERNALITES_PERFORMANCE) == 45
    assert (figures.fair[Groupe.BIO], figures.fair[Groupe.EGALIM_AUTRES]) == (20, 10)
    assert percent(figures.bio, figures.total) == Decimal("20.47")
    assert percent(figures.egalim(), figures.total) == Decimal("53.49")
    assert figures.lines == 15


def test_meat_and_fish_are_taken_together_and_charcuterie_is_neither(session: Session) -> None:
    """Any label of the family, on the family's total."""
    figures = of(
        session,
        bought("LABEL_ROUGE", 30, family="VIANDES_VOLAILLES"),
        bought("", 50, family="VIANDES_VOLAILLES"),
        bought("PECHE_DURABLE", "15.50", family="PRODUITS_DE_LA_MER"),
        bought("LABEL_ROUGE", 500, family="CHARCUTERIE"),
    )
    assert (figures.meat_fish, figures.meat_fish_egalim) == (Decimal("95.50"), Decimal("45.50"))


def test_level_two_certification_counts_until_its_last_day(session: Session) -> None:
    """The law changes on 1 January 2027, in the middle of a period too."""
    rows = [bought("CE2", 10, date=day) for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert of(session, *rows, last=date(2027, 6, 30)).egalim() == 10


def test_a_credit_note_lowers_what_it_corrects(session: Session) -> None:
    """An amount below zero is counted where it belongs; information labels are never EGAlim."""
    figures = of(
        session,
        bought("BIO", 100, origin_country="FRANCE", short_chain=True, local_km=12),
        bought("BIO", -40, origin_country="FRANCE"),
        bought("", 40, local_definition="PAT"),
    )
    assert (figures.bio, figures.total, figures.egalim()) == (60, 100, 60)
    assert figures.france == {"FRUITS_ET_LEGUMES": 60}
    assert (figures.short_chain, figures.local) == (100, 140)


def reception(session: Session, line: int = 7, **columns: object) -> Purchase:
    """A line of a reception written in the ledger."""
    offer = session.exec(select(Offer).where(Offer.supplier == "boucher")).first()
    assert offer is not None
    given: dict[str, object] = {
        "kitchen": session.get_one(Kitchen, OWN),
        "supplier": session.get_one(Supplier, "boucher"),
        "date": DAY,
        "description": offer.name,
        "offer": offer,
        "food": session.get_one(Food, offer.food),
        "grams": 5000,
        "amount_ht": Decimal("41.237"),
        "vat_permille": 55,
        "lot": None,
        "order_line": None,
        "reception_line": line,
        "local_km": 12.4,
    }
    return purchases.record_reception(session, **(given | columns))  # type: ignore[arg-type]


def test_a_reception_is_one_purchase_until_its_invoice(session: Session) -> None:
    """Told twice it is corrected, invoiced it takes the invoice's amount and keeps it, forgotten it goes."""
    first = reception(session)
    assert (first.amount_ht, first.source, first.local_km) == (Decimal("41.24"), "reception", 12)
    assert (first.buyer, first.supplier_name) == ("0990001A", session.get_one(Supplier, "boucher").name)
    again = reception(session, grams=4000, amount_ht=Decimal(33))
    assert (again.id, again.grams, again.amount_ht) == (first.id, 4000, 33)
    purchases.replace_by_invoice(session, 7, Decimal("34.5"))
    corrected = reception(session, grams=4200, amount_ht=Decimal(33))
    assert (corrected.grams, corrected.amount_ht, corrected.source) == (4200, Decimal("34.50"), "facture")
    with pytest.raises(ConflictError, match="déjà facturé"):
        purchases.forget_reception(session, 7)
    purchases.restore_reception(session, 7, Decimal(33))
    purchases.forget_reception(session, 7)
    purchases.forget_reception(session, 7)
    assert list(purchases.purchase_rows(session, FIRST, LAST)) == []
    with pytest.raises(NotFoundError):
        purchases.replace_by_invoice(session, 7, Decimal(1))


def test_purchases_are_read_by_period_and_kitchen(session: Session) -> None:
    """With the fields of the table; the sums hold the same money as the rows."""
    session.add_all([bought("BIO", 10), bought("", 5, kitchen=OTHER), bought("", 7, date=date(2025, 12, 31))])
    session.flush()
    rows = list(purchases.purchase_rows(session, FIRST, LAST))
    assert [(row.kitchen, row.amount_ht, row.labels) for row in rows] == [
        (OWN, 10, ("BIO",)),
        (OTHER, 5, ()),
    ]
    assert [row.amount_ht for row in purchases.purchase_rows(session, FIRST, LAST, [OTHER])] == [5]
    assert sum(one.amount_ht for one in purchases.purchase_sums(session, FIRST, LAST)) == 15


def test_declared_totals_take_the_place_of_the_lines_they_hold(session: Session) -> None:
    """Lines until the declared day are in it already; another kitchen's are not touched."""
    session.add(
        YearTotal(
            kitchen=OWN,
            year=2026,
            until=date(2026, 6, 30),
            total_ht=Decimal(1000),
            egalim_ht=Decimal(200),
            bio_ht=Decimal(50),
            meat_fish_ht=Decimal(300),
            meat_fish_egalim_ht=Decimal(30),
        )
    )
    june, july = date(2026, 6, 30), date(2026, 7, 1)
    session.add_all([bought("BIO", 70, date=june), bought("BIO", 50, date=july)])
    session.add(bought("", 40, date=june, kitchen=OTHER))
    session.flush()
    years = kitchen_years(session, 2026, LAST)
    assert (years[OWN].bought.total, years[OWN].bought.bio) == (105_000, 10_000)
    assert years[OTHER].bought.total == 4_000
    assert year_until(session, OWN, 2026, LAST).bought == years[OWN].bought


def plan_purchase(session: Session, offer: Offer, day: date) -> None:
    session.add(
        PlannedPurchase(kitchen=OWN, delivery=day, offer=offer.code, packs=1, price_ht=offer.price_ht)
    )
    session.flush()


def test_what_came_in_is_not_counted_as_planned_too(session: Session) -> None:
    """An imported time holds its deliveries; the planned ones after it are still to come."""
    offer = session.exec(select(Offer).where(Offer.supplier == "boucher")).first()
    assert offer is not None
    plan_purchase(session, offer, date(2027, 2, 1))
    plan_purchase(session, offer, date(2027, 2, 15))
    cents = round(offer.price_ht * 100)
    session.add(bought("", 80, date=date(2027, 2, 10), source="import", family=""))
    session.flush()
    year = year_until(session, OWN, 2027, date(2027, 3, 1))
    assert year.parts == ((8000, "importés"), (cents, "prévus"))
    assert year.known == kitchen_year(session, OWN, 2027, date(2027, 3, 1))
    assert year_before(session, OWN, [date(2027, 2, 16)]).known.bought.total == 8000


def test_a_received_order_replaces_its_planned_purchase(session: Session) -> None:
    """At what it really cost, whatever day the plan said; the rest of the delivery stays planned."""
    offers = session.exec(select(Offer).where(Offer.supplier == "boucher").limit(2)).all()
    day = date(2027, 2, 1)
    for offer in offers:
        plan_purchase(session, offer, day)
    order = PurchaseOrder(
        kitchen=OWN, buyer="0990001A", supplier="boucher", delivery=day, state="envoye", created_at=NOW
    )
    session.add(order)
    session.flush()
    line = OrderLine(
        order=order.id or 0,
        position=1,
        offer=offers[0].code,
        food=offers[0].food,
        name=offers[0].name,
        pack_g=1000,
        packs=1,
        price_ht=offers[0].price_ht,
    )
    session.add(line)
    session.flush()
    reception(session, date=day, order_line=line.id, amount_ht=Decimal(12))
    rest = round(offers[1].price_ht * 100)
    assert year_until(session, OWN, 2027, day).parts == ((1200, "réceptionnés"), (rest, "prévus"))
