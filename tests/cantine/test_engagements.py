"""Engagement numbers: typed in for a supplier and a year, refused kindly, printed, never invented."""

from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.errors import ConflictError, NotFoundError
from cantine.planning.models import PlannedPurchase
from cantine.reports import figures
from cantine.suppliers.engagements import engagements_of, save_engagement
from cantine.suppliers.models import Engagement, Offer
from tests.cantine.site import NOW, OTHER, OWN, Site
from tests.cantine.test_planning_views import text_of

PAGE = f"/cuisines/{OWN}/a-commander"
DELIVERY, NEXT_YEAR = date(2027, 1, 7), date(2028, 1, 6)
TOO_LONG = "1" * 41


@pytest.fixture
def ordered(site: Site) -> Site:
    """One purchase from the grocer in each of two years."""
    with transaction(site.engine) as session:
        offer = session.get_one(Offer, "epicier-riz")
        for day in (DELIVERY, NEXT_YEAR):
            session.add(
                PlannedPurchase(kitchen=OWN, delivery=day, offer=offer.code, packs=2, price_ht=Decimal(3))
            )
    return site


def send(browser: FlaskClient, number: str, **fields: str) -> tuple[int, str]:
    """Type a number for the grocer's first delivery."""
    form = {
        "fournisseur": "epicier",
        "livraison": DELIVERY.isoformat(),
        "ancre": f"l-{DELIVERY.isoformat()}-epicier",
        "avant": "",
        "numero": number,
        **fields,
    }
    answer = browser.post(f"{PAGE}/engagement?semaine=2027-01-04", data=form)
    return answer.status_code, answer.text


def numbers(site: Site, kitchen: str = OWN) -> dict[tuple[str, int], str]:
    """What is kept."""
    with Session(site.engine) as session:
        return engagements_of(session, kitchen)


def lines(site: Site) -> list[tuple[str, str, str]]:
    """Key, before and after of the journal."""
    with Session(site.engine) as session:
        rows = session.exec(select(JournalEntry).where(JournalEntry.subject == "engagement"))
        return [(row.key, row.before, row.after) for row in rows]


def test_a_number_is_kept_for_kitchen_supplier_and_year(ordered: Site) -> None:
    """Spaces around it go; the other year and the other kitchen stay blank; the page shows it."""
    buyer = ordered.signed_in("acheteur")
    assert 'name="numero" value=""' in buyer.get(PAGE).text
    assert send(buyer, "  2027-00123  ")[0] == 303
    assert numbers(ordered) == {("epicier", 2027): "2027-00123"}
    assert numbers(ordered, OTHER) == {}
    assert 'name="numero" value="2027-00123"' in buyer.get(f"{PAGE}?semaine=2027-01-04").text
    assert 'name="numero" value=""' in buyer.get(f"{PAGE}?semaine=2028-01-03").text


def test_a_number_is_told_by_the_journal(ordered: Site) -> None:
    """Typed, corrected, erased: a line each; typed again as it is: none."""
    buyer = ordered.signed_in("acheteur")
    for before, number in (("", "A1"), ("A1", "A1"), ("A1", "A2"), ("A2", "")):
        assert send(buyer, number, avant=before)[0] == 303
    assert numbers(ordered) == {}
    assert lines(ordered) == [
        ("epicier/2027", '{"numéro": ""}', '{"numéro": "A1"}'),
        ("epicier/2027", '{"numéro": "A1"}', '{"numéro": "A2"}'),
        ("epicier/2027", '{"numéro": "A2"}', '{"numéro": ""}'),
    ]


@pytest.mark.parametrize("wrong", ["2027#12", "n° 4", TOO_LONG])
def test_a_wrong_number_is_refused_and_given_back(ordered: Site, wrong: str) -> None:
    """What was typed stays in its field with the reason; nothing is kept."""
    status, page = send(ordered.signed_in("acheteur"), wrong)
    assert status == 400
    assert f'name="numero" value="{wrong}"' in page
    assert "n'est pas un numéro d'engagement" in text_of(page)
    assert page.count('aria-invalid="true"') == 1
    assert (numbers(ordered), lines(ordered)) == ({}, [])


def test_a_colleague_meanwhile_is_not_overwritten(ordered: Site) -> None:
    """Typed on a page from before: refused with the colleague's number, what was typed stays."""
    buyer = ordered.signed_in("acheteur")
    send(buyer, "A1")
    status, page = send(buyer, "B7", avant="")
    assert status == 409
    assert 'value="B7"' in page
    assert "Un collègue a enregistré « A1 »" in text_of(page)
    assert numbers(ordered) == {("epicier", 2027): "A1"}


def test_the_chief_reads_the_number(ordered: Site) -> None:
    """Who may not write orders sees the number as words, without a field."""
    send(ordered.signed_in("gestionnaire"), "2027-00123")
    page = ordered.signed_in("chef").get(f"{PAGE}?semaine=2027-01-04").text
    assert "N° d'engagement 2027 : 2027-00123" in text_of(page)
    assert 'name="numero"' not in page


def test_an_unknown_supplier_and_a_stale_number(ordered: Site) -> None:
    """Each case has its own error, before anything is written."""
    with Session(ordered.engine) as session:
        for supplier, shown, error in (("rien", "", NotFoundError), ("epicier", "A9", ConflictError)):
            with pytest.raises(error):
                save_engagement(session, OWN, supplier, 2027, "A1", shown=shown, by=None, now=NOW)
        assert not session.dirty
        assert not session.new


def test_the_paper_bears_the_numbers_typed(ordered: Site) -> None:
    """One line a year: the number where one was typed, a blank to write on elsewhere."""
    with transaction(ordered.engine) as session:
        session.add(Engagement(kitchen=OWN, supplier="epicier", year=2027, number="2027-00123"))
        session.flush()
        paper = figures.purchase_list(session, OWN, DELIVERY, NEXT_YEAR, DELIVERY)
    assert [supplier.engagements for supplier in paper.suppliers] == [((2027, "2027-00123"), (2028, ""))]
