"""Every page in a real browser: axe finds nothing, nothing overflows, no outside host is asked."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, SizedPage
from tests.cantine.site import OWN

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
"""Every rule runs on every node; axe describes the nodes that fail, not the thousands that pass."""
MISHAPS = ("", "offre", "livraison", "greve", "convives", "froid")
PAGES = {
    "administrateur": [
        "/utilisateurs",
        "/utilisateurs/nouveau",
        "/utilisateurs/1",
        "/mon-compte",
        "/mot-de-passe",
        "/donnees-personnelles",
        "/cuisines",
        "/journal",
        f"/cuisines/{OWN}/journal",
        "/donnees",
        "/donnees/colleges",
        "/donnees/colleges?q=zzzz",
        "/donnees/colleges/0990001A/modifier",
        "/donnees/colleges/importer",
        "/donnees/effectifs",
        "/donnees/reglages",
        "/rien",
    ],
    "chef": [
        "/",
        f"/cuisines/{OWN}/menus",
        f"/cuisines/{OWN}/a-commander",
        f"/cuisines/{OWN}/publier/pronote",
        "/menus-publics",
        "/menus-publics/PORT-BRUME",
        *(f"/cuisines/{OWN}/imprevu?quoi={kind}" for kind in MISHAPS),
        "/recettes?q=carotte",
        "/recettes/nouveau",
        "/donnees/effectifs/PORT-BRUME",
        "/donnees/absences",
        "/donnees/stock",
        "/utilisateurs",
    ],
    "acheteur": [
        "/donnees/offres?tri=-price_ht",
        "/donnees/offres/nouveau",
        "/donnees/offres/importer",
        "/donnees/fournisseurs",
        "/donnees/lots",
        "/tarifs",
        "/donnees/fournisseurs/primeur/tarif",
        "/donnees/certificats",
        f"/cuisines/{OWN}/seuils",
        f"/cuisines/{OWN}/envois",
        f"/cuisines/{OWN}/reponses",
        "/donnees/aliments",
        f"/cuisines/{OWN}/factures",
        f"/cuisines/{OWN}/factures?etat=reglees",
        f"/cuisines/{OWN}/factures/saisie",
    ],
    "departement": [
        "/departement",
        "/departement?q=zzzz",
        "/marches",
        "/seuils",
        "/donnees/profils",
        "/donnees/profils/equilibre/modifier",
        "/donnees/aliments/carotte/supprimer",
        "/donnees/calendrier/2027-02-08/supprimer",
    ],
}


def faults(page: Page) -> list[str]:
    """What axe finds, and what sticks out of the page on the right.

    The window is made as high as the page: a target that the bar at the bottom covers while one
    scrolls is no fault.
    """
    size = page.viewport_size or WIDE
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    found = Axe().run(page, options=RULES).response["violations"]
    told = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(size)
    return [*told, *([f"{wide} px too wide"] if wide > 0 else [])]


def faults_on_both(page: Page) -> list[str]:
    """What is wrong on a desk, then with the same page made as narrow as a phone."""
    found = []
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        found += [f"{size['width']} px: {told}" for told in faults(page)]
    page.set_viewport_size(WIDE)
    return found


@pytest.mark.parametrize("role", PAGES)
def test_pages_are_accessible(open_browser: SizedPage, role: str) -> None:
    """WCAG 2.2 AA by axe, on a desk and on a phone."""
    page = open_browser((role, "" if role == "administrateur" else OWN))
    found = {}
    for url in PAGES[role]:
        page.goto(url)
        if told := faults_on_both(page):
            found[url] = told
    assert found == {}, found


def test_the_door_is_accessible(open_browser: SizedPage) -> None:
    """Before and after a mistake."""
    page = open_browser()
    page.goto("/connexion")
    assert faults_on_both(page) == []
    page.get_by_label("Identifiant").fill("personne")
    page.get_by_label("Mot de passe").fill("rien du tout")
    page.get_by_role("button", name="Entrer").click()
    page.get_by_text("inconnu").wait_for()
    assert faults_on_both(page) == []
