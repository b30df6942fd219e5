"""Papers of the store: words as the snapshots have them, an accessible archive, whole rows on A4."""

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from cantine.db import transaction
from cantine.foods.models import Food
from cantine.orders import life
from cantine.reports import batch, pdf
from cantine.reports.batch import NothingToPrintError, Request, sheets
from cantine.reports.paper import html_of
from cantine.reports.store_sheets import STORE_PAPERS
from cantine.suppliers.models import Offer, StockLot
from tests.cantine.orders import RICE, order_of
from tests.cantine.site import NOW, OWN, Site
from tests.cantine.test_reports import SNAPSHOTS, elements, opened
from tests.cantine.test_stock import meal_day

TODAY = date(2027, 1, 4)
ACTOR = life.Actor(who="essai")


@pytest.fixture
def stocked(bought_site: Site) -> Site:
    """Menus in place, an order of meat and rice for the day, a few lots in two zones."""
    with transaction(bought_site.engine) as session:
        fresh = select(Offer).join(Food, col(Food.code) == col(Offer.food)).order_by(col(Offer.code))
        meat = session.exec(fresh.where(Food.group == "boeuf")).first()
        assert meat
        order = order_of(session, (meat.code, 4), (RICE, 2), delivery=TODAY)
        life.approve(session, order, ACTOR, NOW)
        for food, until in (("riz", date(2027, 12, 1)), (meat.food, date(2027, 1, 8))):
            lot = StockLot(kitchen=OWN, food=food, expires_on=until, grams=7_500, price_ht_per_kg=Decimal(3))
            session.merge(lot)
    return bought_site


def made(site: Site, name: str) -> list[batch.Sheet]:
    """The sheets of a paper on its usual day."""
    day = meal_day(site) if name == "sortie-stock" else TODAY
    with Session(site.engine) as session:
        return sheets(session, Request(name, OWN, day, today=TODAY))


@pytest.mark.parametrize("name", STORE_PAPERS)
def test_store_papers(stocked: Site, name: str) -> None:
    """``CANTINE_SNAPSHOTS=write`` accepts a change of words; the PDF is an archive with tables and heads."""
    sheet = made(stocked, name)
    found = re.sub(r"(?s)<style>.*?</style>\s*", "", "\n".join(map(html_of, sheet)))
    path = SNAPSHOTS / Path(f"{name}.html")
    if os.environ.get("CANTINE_SNAPSHOTS") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")
    document = opened(pdf.render(sheet))
    with document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
    assert {"/H1", "/Table", "/TH"} <= {str(one.S) for one in elements(document.Root.StructTreeRoot)}


def test_papers_from_the_pages(stocked: Site) -> None:
    """Each leads to its PDF; where there is nothing to print, a sentence says so."""
    chief = stocked.signed_in("chef")
    for name, day in (
        ("controle-reception", TODAY),
        ("sortie-stock", meal_day(stocked)),
        ("inventaire", TODAY),
    ):
        answer = chief.get(f"/cuisines/{OWN}/impressions/{name}?date={day}")
        assert answer.mimetype == "application/pdf", answer.text
    with Session(stocked.engine) as session, pytest.raises(NothingToPrintError, match="rien à compter"):
        sheets(session, Request("inventaire", OWN, TODAY, zone="pain"))
    assert chief.get(f"/cuisines/{OWN}/impressions/controle-reception?numero=2027-9999").status_code == 404
