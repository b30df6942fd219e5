"""At the door of the kitchen, with one thumb, then in the store: walks, and each page accessible."""

from datetime import date
from decimal import Decimal

from playwright.sync_api import Page, expect

from cantine.db import transaction
from cantine.suppliers.models import StockLot
from tests.browser.conftest import PHONE, SizedPage
from tests.browser.test_pages import faults_on_both
from tests.cantine.orders import BOULGOUR, RICE
from tests.cantine.plans import accept_plan
from tests.cantine.site import OWN, Site
from tests.cantine.test_receptions import sent

LIST = f"/cuisines/{OWN}/receptions"


def narrow(page: Page) -> None:
    """Back to a phone after a look at both widths."""
    page.set_viewport_size(dict(PHONE))  # type: ignore[arg-type]


def test_a_delivery_on_a_phone(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """The list, one line short, the rest in one tap, closed; the short line leads to the repair."""
    sent(served[0], (RICE, 5), (BOULGOUR, 2))
    page = open_browser(("chef", OWN), size=PHONE)
    found = {}
    page.goto(LIST)
    found["list"] = faults_on_both(page)
    narrow(page)
    page.get_by_role("button", name="commande").first.click()
    found["lines"] = faults_on_both(page)
    narrow(page)
    page.get_by_role("link", name="Riz").click()
    page.get_by_label("Colis livrés", exact=True).fill("3")
    page.get_by_label("Numéro de lot").fill("RZ 12")
    found["line"] = faults_on_both(page)
    narrow(page)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("button", name="Tout est conforme").click()
    page.get_by_label("Numéro du bon de livraison").fill("BL 5")
    found["checked"] = faults_on_both(page)
    narrow(page)
    page.get_by_role("button", name="Clôturer la réception").click()
    expect(page.get_by_text("Réception clôturée").first).to_be_visible()
    found["closed"] = faults_on_both(page)
    page.goto(f"/cuisines/{OWN}/tracabilite?q=rz 12")
    expect(page.get_by_role("heading", name="lot RZ 12")).to_be_visible()
    found["trace"] = faults_on_both(page)
    page.goto(LIST)
    found["list after"] = faults_on_both(page)
    assert {state: told for state, told in found.items() if told} == {}


def test_the_store_on_both_widths(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """Stock with a lot over its date, issues of a meal, a count with its difference, moves."""
    site = served[0]
    with transaction(site.engine) as session:
        accept_plan(session, OWN)
        day = date(2027, 1, 3)
        session.add(
            StockLot(kitchen=OWN, food="carotte", expires_on=day, grams=4_000, price_ht_per_kg=Decimal(1))
        )
    sent(site)
    page = open_browser(("chef", OWN))
    found = {}
    page.goto(f"/cuisines/{OWN}/stock")
    page.locator("summary", has_text="Sortir ou jeter").first.click()
    found["stock"] = faults_on_both(page)
    page.get_by_role("button", name="Jeter").first.click()
    expect(page.get_by_text("4,00 € HT perdus")).to_be_visible()
    page.goto(f"/cuisines/{OWN}/sorties")
    found["issues"] = faults_on_both(page)
    page.goto(f"/cuisines/{OWN}/inventaires")
    page.get_by_role("button", name="Commencer un inventaire").click()
    page.get_by_label("Riz").first.fill("12,5")
    page.get_by_role("button", name="Enregistrer le comptage").click()
    expect(page.get_by_text("1 lot compté")).to_be_visible()
    found["inventory"] = faults_on_both(page)
    page.get_by_role("button", name="Valider l'inventaire").click()
    page.goto(f"/cuisines/{OWN}/inventaires")
    found["inventories"] = faults_on_both(page)
    page.goto(f"/cuisines/{OWN}/mouvements")
    found["moves"] = faults_on_both(page)
    assert {state: told for state, told in found.items() if told} == {}
