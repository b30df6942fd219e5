"""« À commander » for who writes orders: the staples of the month, the engagement numbers."""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from cantine.db import transaction
from cantine.suppliers.engagements import engagements_of
from tests.browser.conftest import PHONE, WIDE, SizedPage
from tests.browser.test_pages import faults, faults_on_both
from tests.cantine.orders import order_of
from tests.cantine.plans import accept_plan
from tests.cantine.site import OTHER, OWN, Site

PAGE = f"/cuisines/{OWN}/a-commander"
SLOW = 30_000
"""Milliseconds: a loaded machine writes a week of orders in several seconds."""


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


def test_from_need_to_order_by_keyboard(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """One pack more: kilos and total follow at once; approved, followed, every page clean on both sizes."""
    with transaction(served[0].engine) as session:
        accept_plan(session, OWN)
    page = open_browser(("gestionnaire", OWN))
    found = {}
    page.goto(f"{PAGE}?semaine=2027-01-11")
    row = page.locator("[data-line]").first
    kilos, total = row.locator("[data-kg]").inner_text(), page.locator("[data-sum-ht]").inner_text()
    row.get_by_role("button", name="un de plus").focus()
    page.keyboard.press("Enter")
    expect(row.locator("[data-kg]")).not_to_have_text(kilos)
    expect(page.locator("[data-sum-ht]")).not_to_have_text(total)
    page.get_by_role("button", name="Valider les commandes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Commandes à approuver")).to_be_visible(timeout=SLOW)
    found["review"] = faults_on_both(page)
    if page.get_by_label("Pour approuver quand même").count():
        page.get_by_label("Pour approuver quand même").fill("rentrée")
    page.get_by_role("button", name="Approuver les commandes cochées").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Il reste à les envoyer.")).to_be_visible(timeout=SLOW)
    found["follow"] = faults_on_both(page)
    page.get_by_role("link", name="Ouvrir").first.click()
    page.get_by_text("Rectifier", exact=True).click()
    expect(page.get_by_role("button", name="Rectifier la commande")).to_be_visible()
    found["order"] = faults_on_both(page)
    page.goto(f"{PAGE}?semaine=2027-01-11")
    expect(page.get_by_text("tout est commandé pour cette semaine")).to_be_visible()
    found["ordered"] = faults_on_both(page)
    page.goto(f"{PAGE}/ajouter?q=riz")
    found["find"] = faults_on_both(page)
    assert {state: told for state, told in found.items() if told} == {}


def test_grouped_orders_are_accessible(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """Nothing to group, two kitchens' orders grouped by hand, what goes to each site."""
    page = open_browser(("departement", ""))
    page.goto("/commandes-groupees")
    found = {"empty": faults(page)}
    with transaction(served[0].engine) as session:
        order_of(session)
        order_of(session, kitchen=OTHER)
    page.goto("/commandes-groupees")
    found["candidates"] = faults_on_both(page)
    page.get_by_role("button", name="Grouper ces commandes").click()
    expect(page.get_by_text("Commande groupée formée.")).to_be_visible()
    found["group"] = faults_on_both(page)
    assert {state: told for state, told in found.items() if told} == {}
