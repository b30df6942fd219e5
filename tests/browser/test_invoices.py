"""« Factures » in a real browser: a file deposited, a difference looked at, all valid; axe on every state."""

from datetime import date

from playwright.sync_api import expect
from sqlmodel import Session

from tests.browser.conftest import SizedPage
from tests.browser.test_pages import faults_on_both
from tests.cantine.invoices import cii, delivered, facts, in_pdf, paper
from tests.cantine.site import OWN, Site

LIST = f"/cuisines/{OWN}/factures"
BOULGOUR, WHEAT = ("Boulgour", 20, "KGM", 1.70), ("Blé précuit", 10, "KGM", 1.80)


def test_from_the_file_to_valid(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """A Factur-X that is right, one that is not, a scan; each page on a desk and on a phone."""
    with Session(served[0].engine) as session:
        for number in (1, 2):
            packs = (("epicier-boulgour", 10), ("epicier-ble_precuit", 5))
            delivered(session, *packs, day=date(2027, 1, number), number=number)
        session.commit()
    page = open_browser(("gestionnaire", OWN))
    found = {}
    page.goto(LIST)
    terms = {"BT_2": date(2027, 1, 3), "BT_13": "2027-0001"}
    right = in_pdf(facts(BOULGOUR, WHEAT, **terms))
    wrong = facts(("Boulgour", 20, "KGM", 1.9), ("Caisse", 1, "H87", 9), **terms | {"BT_13": "2027-0002"})
    files = {
        "f118.pdf": ("application/pdf", right),
        "f119.xml": ("text/xml", cii(wrong | {"BT-1": "F-119"})),
        "scan.pdf": ("application/pdf", paper()),
        "liste.csv": ("text/csv", b"a;b"),
    }
    page.get_by_label("Fichiers PDF ou XML").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": data} for name, (kind, data) in files.items()]
    )
    page.get_by_role("button", name="Déposer").click()
    expect(page.get_by_role("heading", name="4 fichiers déposés")).to_be_visible()
    found["deposited"] = faults_on_both(page)
    page.get_by_role("link", name="Vérifier f119.xml").click()
    expect(page.get_by_text("2 lignes s'écartent")).to_be_visible()
    found["away"] = faults_on_both(page)
    page.get_by_role("button", name="Accepter les écarts et valider").click()
    expect(page.get_by_role("alert")).to_contain_text("Dites pourquoi vous acceptez : Boulgour, Caisse")
    found["silent"] = faults_on_both(page)
    page.get_by_role("button", name="Demander un avoir").click()
    expect(page.get_by_text("Avoir demandé pour la facture F-119")).to_be_visible()
    page.goto(LIST)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Facture F-118 validée")).to_be_visible()
    found["valid"] = faults_on_both(page)
    page.get_by_role("button", name="Noter le paiement").click()
    expect(page.get_by_text("Payée le jour de sa réception.")).to_be_visible()
    page.goto(f"{LIST}?etat=reglees")
    found["paid"] = faults_on_both(page)
    page.goto(f"{LIST}/saisie?livraison=1")
    page.get_by_role("button", name="Enregistrer la facture").click()
    expect(page.get_by_role("alert")).to_contain_text("2 points à corriger")
    found["typed"] = faults_on_both(page)
    assert {state: told for state, told in found.items() if told} == {}
