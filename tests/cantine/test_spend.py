"""Spend against the thresholds and the maxima: what counts, for whom, once, and what stands apart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.orders.spend import Spend, spend_by_family, spend_lines
from cantine.orders.threshold import state_of, threshold_of, threshold_on
from cantine.planning.ceilings import ceilings_near, exhausted_lots
from cantine.planning.contracts import load_contracts
from cantine.planning.models import PlannedPurchase
from cantine.planning.planned_spend import planned_by_family, planned_by_lot
from cantine.planning.thresholds import load_thresholds
from cantine.suppliers.models import MarketLot, Offer
from tests.cantine.site import OTHER, OWN, Site

DAY = date(2027, 3, 2)
NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
OWN_UAI, FRESH = "0990001A", "10.10"


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """A transaction on the invented département, never kept."""
    with Session(marais_engine) as opened:
        yield opened


def buy(
    session: Session, euros: str, *, food: str | None = "poireau", kitchen: str = OWN, **columns: object
) -> None:
    """A line of the ledger."""
    values = {"supplier": "primeur", "description": "Poireau", "date": DAY, "source": "saisie", **columns}
    session.add(Purchase(kitchen=kitchen, food=food, amount_ht=Decimal(euros), **values))
    session.flush()


def order(
    session: Session, packs: int, *, state: str = "envoye", lot: str | None = None, **line: object
) -> OrderLine:
    """An order of leeks at 10 € a pack."""
    head = PurchaseOrder(
        kitchen=OWN, buyer=OWN_UAI, supplier="primeur", delivery=DAY, state=state, created_at=NOW
    )
    session.add(head)
    session.flush()
    values = {"version": 1, "position": 1, "offer": "primeur-poireau", "food": "poireau", "name": "Poireau"}
    found = OrderLine(
        order=head.id or 0, pack_g=2000, packs=packs, price_ht=Decimal(10), lot=lot, **values, **line
    )
    session.add(found)
    session.flush()
    return found


def own(session: Session, family: str = FRESH) -> Spend:
    found = spend_by_family(session, 2027, planned_by_family(session, 2027))
    return found.get((OWN_UAI, family), Spend())


def test_the_threshold_is_dated() -> None:
    """40 000 € until 31 March 2026, 60 000 € from 1 April; told at four fifths and when reached."""
    assert threshold_on(date(2026, 3, 31)).euros == 40_000
    assert threshold_on(date(2026, 4, 1)).euros == 60_000
    assert [threshold_of(year, date(2027, 1, 4)).euros for year in (2025, 2026, 2027)] == [
        40_000,
        60_000,
        60_000,
    ]
    assert "R2122-8" in threshold_on(DAY).source
    most = Decimal(60_000)
    told = [state_of(Decimal(euros), most) for euros in ("47999.99", "48000", "59999.99", "60000")]
    assert told == ["ok", "proche", "proche", "atteint"]


def test_what_is_bought_counts_by_buyer_family_and_year(session: Session) -> None:
    """A credit note is taken off; no family falls under « à classer »; each collège counts alone."""
    buy(session, "1000.50")
    buy(session, "-100.25")
    buy(session, "40", homogeneous_family="10.14")
    buy(session, "7", food=None)
    buy(session, "500", kitchen=OTHER)
    buy(session, "9999", date=date(2026, 12, 31))
    assert own(session).bought == Decimal("900.25")
    assert own(session, "10.14").bought == 40
    assert own(session, "").bought == 7
    other = session.get_one(Kitchen, OTHER).uai or OTHER
    assert spend_by_family(session, 2027, {})[other, FRESH].bought == 500
    assert set(spend_by_family(session, 2027, {}, OWN_UAI)) == {
        (OWN_UAI, FRESH),
        (OWN_UAI, "10.14"),
        (OWN_UAI, ""),
    }


def test_contracts_are_left_out_but_free_lots_count(session: Session) -> None:
    """What a contract covers is set against its maximum, not against the threshold."""
    session.add(
        MarketLot(
            code="direct",
            name="Direct",
            frame="libre",
            valid_from=date(2027, 1, 1),
            valid_to=date(2027, 12, 31),
            max_ht=Decimal(60_000),
        )
    )
    session.flush()
    buy(session, "100", lot="lot_viandes")
    buy(session, "30", lot="direct")
    assert own(session).bought == 30


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("brouillon", 0),
        ("approuve", 30),
        ("envoye", 30),
        ("confirme", 30),
        ("refuse", 0),
        ("annule", 0),
        ("recu", 0),
    ],
)
def test_orders_count_until_they_are_received(session: Session, state: str, counts: int) -> None:
    """From approval to reception; then the ledger has them."""
    order(session, 3, state=state)
    assert own(session).ordered == counts


def test_an_order_counts_once_and_as_confirmed(session: Session) -> None:
    """Packs confirmed rather than ordered, the version in force, never beside its own purchase."""
    line = order(session, 3, state="modifie", confirmed_packs=2)
    session.add(OrderLine(**line.model_dump(exclude={"id", "version", "packs"}), version=2, packs=50))
    session.flush()
    assert own(session).ordered == 20
    buy(session, "19.90", order_line=line.id)
    assert (own(session).bought, own(session).ordered) == (Decimal("19.90"), 0)
    kinds = [one.kind for one in spend_lines(session, 2027, OWN_UAI, FRESH, 10)]
    assert kinds == ["acheté"]


def test_what_is_planned_stands_apart_until_ordered(session: Session) -> None:
    """A planned delivery does not count; once it is ordered or received, it is not planned any more."""
    session.add(
        PlannedPurchase(kitchen=OWN, delivery=DAY, offer="primeur-poireau", packs=4, price_ht=Decimal(10))
    )
    session.flush()
    assert (own(session).planned, own(session).committed) == (40, 0)
    head = order(session, 3, state="brouillon")
    assert own(session).planned == 40
    made = session.get_one(PurchaseOrder, head.order)
    made.state = "envoye"
    session.add(made)
    session.flush()
    assert (own(session).planned, own(session).ordered) == (0, 30)
    made.state = "recu"
    session.add(made)
    buy(session, "29", order_line=head.id)
    assert (own(session).planned, own(session).ordered, own(session).bought) == (0, 0, 29)


def test_a_maximum_counts_what_is_bought_and_ordered_too(each_marais: Config) -> None:
    """The meat lot of 90 000 € of all kitchens: bought, ordered and planned together spend it, once each."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        offer = session.exec(
            select(Offer).where(Offer.supplier == "boucher").order_by(col(Offer.code))
        ).first()
        assert offer is not None
        offer.lot = "lot_viandes"
        session.add(offer)
        buy(session, "60000", kitchen=OTHER, food=offer.food, supplier="boucher", lot="lot_viandes")
        order(session, 1500, lot="lot_viandes")
        session.add(
            PlannedPurchase(kitchen=OWN, delivery=DAY, offer=offer.code, packs=10, price_ht=Decimal(20))
        )
    with Session(engine) as session:
        assert planned_by_lot(session) == {("lot_viandes", OWN): 200}
        (near,) = ceilings_near(session, OWN)
        assert near.spent_ht == 75_200
        meat = next(one for one in load_contracts(session, DAY) if one.lot.code == "lot_viandes")
        assert (meat.spend, meat.state) == (Spend(Decimal(60_000), Decimal(15_000), Decimal(200)), "proche")
        assert meat.holders == ("Boucher",)
        assert exhausted_lots(session, OWN, DAY) == frozenset()
    with transaction(engine) as session:
        buy(session, "15000", food=None, supplier="boucher", lot="lot_viandes")
    with Session(engine) as session:
        assert own(session, "10.06").committed == 0  # all of it is inside the contract
        assert spend_lines(session, 2027, OWN_UAI, FRESH, 10) == []
        assert exhausted_lots(session, OWN, DAY) == {"lot_viandes"}
        assert load_contracts(session, DAY)[0].state == "atteint"
    engine.dispose()


def test_the_pages(site: Site) -> None:
    """The département sees who is near, a kitchen its families, and the lines behind a figure."""
    with transaction(site.engine) as session:
        buy(session, "50000")
        buy(session, "61000", kitchen=OTHER, description="Poireau d'ailleurs")
        worst = load_thresholds(session, 2027, DAY)
        assert [(one.state, one.left) for one in worst] == [("atteint", 0), ("proche", 10_000)]
    page = site.signed_in("departement", "").get("/seuils").text
    assert "1\u00a0famille a atteint le seuil" in page
    assert "1\u00a0famille passe 80 % du seuil" in page
    browser = site.signed_in("gestionnaire")
    mine = browser.get(f"/cuisines/{OWN}/seuils").text
    assert "50\u00a0000\u00a0€" in mine
    assert "61\u00a0000\u00a0€" not in mine
    lines = browser.get(f"/cuisines/{OWN}/seuils/{FRESH}").text
    assert "Poireau" in lines
    assert all('seuils" aria-current="page">Marchés et seuils' in text for text in (mine, lines))
    assert "83\u00a0%" in lines
    assert browser.get(f"/cuisines/{OWN}/seuils/99.99").status_code == 404
    assert "Aucun achat hors marché en 2025" in browser.get(f"/cuisines/{OWN}/seuils?annee=2025").text
    assert "Viandes" in browser.get("/marches").text
    assert browser.get("/seuils").status_code == 403
