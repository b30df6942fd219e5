"""The order of the month on « À commander » and on the purchase list, beside what the menus buy."""

import os
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import transaction
from cantine.planning.models import PlannedPurchase
from cantine.reports import batch
from cantine.reports.batch import Request, sheets
from cantine.reports.paper import html_of
from cantine.suppliers.models import Engagement, Offer, StapleLevel, StockLot, Supplier
from tests.cantine.packages.spoil import only, spoil
from tests.cantine.plans import accept_plan
from tests.cantine.reports_kitchen import CODE, MONDAY, fill, offer
from tests.cantine.site import OWN, Site
from tests.cantine.test_planning_views import text_of
from tests.cantine.test_web_tables import form_of

PAGE = f"/cuisines/{OWN}/a-commander"
SNAPSHOT = Path(__file__).parent.parent / "snapshots" / "achats-epicerie.html"
THURSDAY = date(2027, 1, 7)


def set_stock(site: Site, grams: int) -> None:
    """Salt in the store of the own kitchen."""
    with transaction(site.engine) as session:
        session.add(
            StockLot(
                kitchen=OWN,
                food="sel",
                expires_on=date(2028, 1, 1),
                grams=grams,
                price_ht_per_kg=Decimal("0.5"),
            )
        )


def test_the_page_says_what_to_order(site: Site) -> None:
    """No salt left, 3 to 9 kg to keep: four packs of 2 kg, on Tuesday, apart from the menus."""
    page = text_of(site.signed_in("acheteur").get(PAGE).text)
    assert "Épicerie de base : commande du mois" in page
    assert "1 denrée sous le minimum" in page.replace("\u00a0", " ")
    assert "4 colis" in page
    assert "mardi 5 janvier" in page
    assert "au forfait de 0,10 € par repas" in page.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("grams", "words"),
    [(5_000, "5 colis"), (8_500, "chaque denrée a au moins son minimum"), (30_000, "rien sous le minimum")],
)
def test_the_page_follows_the_stock(site: Site, grams: int, words: str) -> None:
    """The order day: what has room for a pack is ordered; nothing where none fits."""
    set_stock(site, grams)
    page = text_of(site.signed_in("acheteur").get(PAGE).text)
    assert ("2 colis" if grams == 5_000 else words) in page


def test_a_pack_beyond_the_maximum_is_said(site: Site) -> None:
    """Packs of 2 kg for a shelf kept between 1 and 1.5 kg: one, and by how much it passes, on both."""
    with transaction(site.engine) as session:
        level = session.get_one(StapleLevel, (OWN, "sel"))
        level.min_g, level.max_g = 1_000, 1_500
    page = text_of(site.signed_in("acheteur").get(PAGE).text).replace("\u00a0", " ")
    assert "un seul colis dépasse de 500 g" in page
    with Session(site.engine) as session:
        (made,) = sheets(session, Request(batch.PURCHASES, OWN, MONDAY, THURSDAY, today=MONDAY))
    (line,) = (line for s in made.figures.suppliers for d in s.staples for line in d.lines)  # type: ignore[attr-defined]
    assert (line.packs, line.why.partition(" : ")[2]) == (1, "un colis dépasse de 500\u00a0g")


def test_what_nobody_sells_is_said(site: Site) -> None:
    """Without an offer the staple is named, with what to do."""
    with transaction(site.engine) as session:
        for row in session.exec(select(Offer).where(Offer.food == "sel")):
            session.delete(row)
    page = text_of(site.signed_in("acheteur").get(PAGE).text)
    assert "Personne ne livre sel fin" in page.casefold() or "personne ne livre sel" in page.casefold()
    assert "demandez un prix" in page


def test_a_minimum_not_reached_is_said(site: Site) -> None:
    """What is missing, in euros."""
    with transaction(site.engine) as session:
        session.get_one(Supplier, "epicier").min_order_ht = Decimal(300)
    page = text_of(site.signed_in("acheteur").get(PAGE).text)
    assert re.search(r"minimum non atteint\s+Il manque \d+,\d\d.€ pour le minimum de 300,00.€", page)


def test_a_kitchen_without_levels_is_shown_the_way(site: Site) -> None:
    """With menus bought and no level, the section leads to the table."""
    with transaction(site.engine) as session:
        session.delete(session.get_one(StapleLevel, (OWN, "sel")))
        accept_plan(session, OWN, 5)
    page = site.signed_in("acheteur").get(PAGE).text
    assert "Donner les minimums et maximums" in page
    assert f"/donnees/denrees-de-base?kitchen={OWN}" in page


def test_the_week_leads_to_the_order(site: Site) -> None:
    """Under the minimum, « Ma semaine » tells and leads to the order; refilled, it says nothing."""
    buyer = site.signed_in("acheteur")
    page = buyer.get(f"/cuisines/{OWN}/semaine").text
    assert "1\u00a0denrée de base sous le minimum" in page
    assert f"{PAGE}#epicerie" in page
    set_stock(site, 3_000)
    assert "denrée de base" not in buyer.get(f"/cuisines/{OWN}/semaine").text


def test_levels_are_edited_as_stock_is(site: Site) -> None:
    """The buyer changes the level of the own kitchen; a maximum under the minimum is refused."""
    browser = site.signed_in("acheteur")
    url = f"/donnees/denrees-de-base/{OWN}~sel/modifier"
    page = browser.get(url).text
    fields = form_of(page)
    refused = browser.post(url, data={**fields, "c_max_g": "1000"})
    assert "sous le minimum" in text_of(refused.text)
    assert browser.post(url, data={**fields, "c_max_g": "12000"}).status_code == 303
    with Session(site.engine) as session:
        level = session.get_one(StapleLevel, (OWN, "sel"))
    assert (level.min_g, level.max_g) == (3000, 12000)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [("max_g", "2999", "est sous le minimum"), ("food", "riz", "n'est pas une denrée de base")],
)
def test_a_level_of_a_package_is_checked(package: Path, column: str, value: str, says: str) -> None:
    """A maximum under the minimum, or a food that the search buys: told with its line."""
    spoil(package, "staple_levels", 2, **{column: value})
    fault = only(package)
    assert (fault.line, fault.column) == (2, column)
    assert says in fault.reason


@pytest.fixture
def small(engine: Engine) -> Iterator[Session]:
    """The small kitchen, short of flour, with rice of the menus on the same delivery."""
    with transaction(engine) as session:
        fill(session)
        columns = {"insee": "99001", "latitude": 46.0, "longitude": -1.0, "delivery_days": "4"}
        session.add(
            Supplier(
                code="epi", name="Épicerie du Port", kind="epicerie", min_order_ht=Decimal(40), **columns
            )
        )
        session.flush()
        session.add(StapleLevel(kitchen=CODE, food="farine", min_g=5_000, max_g=15_000))
        session.add(Engagement(kitchen=CODE, supplier="epi", year=2027, number="2027-00123"))
        session.add(offer("farine_5", "epi", "farine", 5_000, "6.00"))
        session.add(offer("riz_5", "epi", "riz", 5_000, "12.00"))
        session.flush()
        session.add(
            PlannedPurchase(kitchen=CODE, delivery=THURSDAY, offer="riz_5", packs=1, price_ht=Decimal(12))
        )
    with Session(engine) as session:
        yield session


def paper(session: Session, first: date, last: date) -> batch.Sheet:
    """The purchase list of a period."""
    (made,) = sheets(session, Request(batch.PURCHASES, CODE, first, last, today=MONDAY))
    return made


def test_the_paper_counts_the_staples_apart(small: Session) -> None:
    """Rice 12 € is the menus' total; flour 18 € stands beside; together they lack 10 € of the minimum."""
    found = paper(small, MONDAY, THURSDAY).figures
    (grocer,) = found.suppliers  # type: ignore[attr-defined]
    (staples,) = grocer.staples
    assert (found.total_ht, found.staples_ht) == (Decimal(12), Decimal(18))  # type: ignore[attr-defined]
    assert (staples.total_ht, staples.joined_ht, staples.missing_ht) == (18, 12, 10)
    assert (staples.lines[0].packs, staples.lines[0].why) == (
        3,
        "stock 0\u00a0g, à garder entre 5\u00a0kg et 15\u00a0kg",
    )


def test_the_paper_of_another_week_leaves_the_staples_out(small: Session) -> None:
    """They are printed with the days on which they come."""
    with pytest.raises(batch.NothingToPrintError):
        paper(small, date(2027, 1, 8), date(2027, 1, 10))


def test_the_paper_is_the_snapshot(small: Session) -> None:
    """The words of the list with staples and a number typed. ``CANTINE_SNAPSHOTS=write`` accepts a change."""
    found = re.sub(r"(?s)<style>.*?</style>\s*", "", html_of(paper(small, MONDAY, THURSDAY)))
    if os.environ.get("CANTINE_SNAPSHOTS") == "write":
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8")
