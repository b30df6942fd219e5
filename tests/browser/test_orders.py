"""« À commander » for who writes orders: the staples of the month, the engagement numbers."""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from cantine.suppliers.engagements import engagements_of
from tests.browser.conftest import PHONE, WIDE, SizedPage
from tests.browser.test_pages import faults, faults_on_both
from tests.cantine.plans import accept_plan
from tests.cantine.site import OWN, Site

PAGE = f"/cuisines/{OWN}/a-commander"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1366", "390"])
def test_orders_are_accessible_in_every_state(
    open_browser: SizedPage, served: tuple[Site, str], size: dict[str, int]
) -> None:
    """Staples alone, then with menus bought, their list open, a number refused, a number kept."""
    page = open_browser(("acheteur", OWN), size=size)
    found = {}
    page.goto(PAGE)
    found["staples"] = faults(page)
    with Session(served[0].engine) as session:
        accept_plan(session, OWN)
        session.commit()
    page.goto(PAGE)
    page.locator("#epicerie summary").first.click()
    expect(page.locator("#epicerie table").first).to_be_visible()
    found["open"] = faults(page)
    page.get_by_label("N° d'engagement").first.fill("n° 12")
    page.get_by_role("button", name="Enregistrer le numéro").first.click()
    expect(page.get_by_role("alert")).to_contain_text("n'est pas un numéro d'engagement")
    expect(page.get_by_label("N° d'engagement").first).to_have_value("n° 12")
    found["refused"] = faults(page)
    page.get_by_label("N° d'engagement").first.fill("2027-0012")
    page.get_by_role("button", name="Enregistrer le numéro").first.click()
    expect(page.get_by_text("Numéro d'engagement 2027 enregistré.")).to_be_visible()
    found["kept"] = faults(page)
    assert {state: told for state, told in found.items() if told} == {}
    with Session(served[0].engine) as session:
        assert list(engagements_of(session, OWN).values()) == ["2027-0012"]


def test_levels_are_accessible(open_browser: SizedPage) -> None:
    """The table of minimums and maximums, and the form of one row."""
    page = open_browser(("acheteur", OWN))
    page.goto(f"/donnees/denrees-de-base?kitchen={OWN}")
    assert faults_on_both(page) == []
    page.goto(f"/donnees/denrees-de-base/{OWN}~sel/modifier")
    assert faults_on_both(page) == []
