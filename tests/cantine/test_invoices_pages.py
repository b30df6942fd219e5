"""The pages of invoices: deposit, one click when all is right, typed by hand, the statement."""

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.orders.models import Attachment, Purchase, PurchaseOrder
from cantine.reports.statement import Statement, statement_sheet
from cantine.suppliers.models import Supplier
from tests.cantine import invoices
from tests.cantine.invoices import SELLER_SIRET, Item, cii, delivered, in_pdf, paper
from tests.cantine.site import OWN, Site

LIST = f"/cuisines/{OWN}/factures"
GOODS = (("Boulgour", 20, "KGM", 1.70), ("Blé précuit", 10, "KGM", 1.80))


def facts(*items: Item, **over: object) -> dict[str, object]:
    """An invoice of yesterday."""
    return invoices.facts(*items, BT_2=date(2027, 1, 3), **over)


@pytest.fixture
def bought(site: Site) -> Site:
    """A delivery of the grocer, received."""
    with transaction(site.engine) as session:
        session.get_one(Supplier, "epicier").siret = SELLER_SIRET
        delivered(session, ("epicier-boulgour", 10), ("epicier-ble_precuit", 5), day=date(2027, 1, 2))
    return site


def send(browser: FlaskClient, *files: tuple[str, bytes]) -> TestResponse:
    """Deposit files in one go."""
    content = [(BytesIO(data), name) for name, data in files]
    return browser.post(f"{LIST}/deposer", data={"fichiers": content})


def text(answer: TestResponse) -> str:
    """Words of the page, spaces made plain."""
    return answer.text.replace("\xa0", " ").replace("&#39;", "'")


def first_invoice(site: Site) -> Invoice:
    """The one invoice."""
    with Session(site.engine) as session:
        return session.exec(select(Invoice)).one()


def test_three_clicks_from_the_file_to_valid(bought: Site) -> None:
    """Deposit, open, « Tout est conforme : valider »; a second click learns it is done; then paid."""
    browser = bought.signed_in("gestionnaire")
    terms = facts(*GOODS, BT_13="2027-0001")
    page = text(send(browser, ("f118.pdf", in_pdf(terms)), ("note.txt", b"rien"), ("scan.pdf", paper())))
    assert "enregistrée" in page
    assert "Ce n'est ni un PDF ni un XML" in page
    assert "gardé, à saisir" in page
    invoice = first_invoice(bought)
    here = f"{LIST}/{invoice.id}"
    assert "Tout est conforme : valider" in text(browser.get(here))
    assert "tout est conforme" in text(browser.get(LIST))
    done = browser.post(f"{here}/valider", data={"version": invoice.version})
    assert done.status_code == 303
    again = text(browser.post(f"{here}/valider", data={"version": invoice.version}, follow_redirects=True))
    assert "Camille Essai a décidé de cette facture" in again
    with Session(bought.engine) as session:
        assert session.exec(select(PurchaseOrder.state)).one() == "facture"
        assert {row.source for row in session.exec(select(Purchase))} == {"facture"}
    version = first_invoice(bought).version
    late = browser.post(f"{here}/payer", data={"version": version, "payee": "2027-02-30"})
    assert late.status_code == 400
    browser.post(f"{here}/payer", data={"version": version, "payee": "2027-01-02"})
    assert first_invoice(bought).state == "validee"  # the day before the invoice
    browser.post(f"{here}/payer", data={"version": version, "payee": "2027-01-04"})
    assert first_invoice(bought).state == "payee"
    assert "Payée le jour de sa réception." in text(browser.get(here))
    assert "facture F-118" in text(browser.get(f"{LIST}?etat=reglees"))
    assert "f118.pdf" in browser.get(f"{LIST}/fichiers/{invoice.attachment}").headers["Content-Disposition"]


def test_differences_are_accepted_or_disputed_on_the_page(bought: Site) -> None:
    """Without a reason the page comes back with what was typed; the message for the supplier is ready."""
    browser = bought.signed_in("acheteur")
    send(browser, ("f.xml", cii(facts(("Boulgour", 20, "KGM", 1.9), ("Truffes", 1, "KGM", 90)))))
    invoice = first_invoice(bought)
    here = f"{LIST}/{invoice.id}"
    with Session(bought.engine) as session:
        lines = {row.name: row.id for row in session.exec(select(InvoiceLine))}
    page = text(browser.get(here))
    assert "2 lignes s'écartent" in page
    assert "Boulgour : facturé 20 kg, reçu 20 kg, à 1,90 € le kg au lieu de 1,70 €, 4,00 € HT en trop" in page
    form = {"version": invoice.version, f"raison-{lines['Boulgour']}": "cours du <blé>"}
    back = browser.post(f"{here}/valider", data=form)
    assert back.status_code == 422
    assert "Dites pourquoi vous acceptez : Truffes" in text(back)
    assert "cours du &lt;blé&gt;" in back.text
    browser.post(f"{here}/avoir", data={"version": invoice.version})
    asked = first_invoice(bought)
    assert asked.state == "ecart"
    assert "94,00 € HT" in asked.note.replace("\xa0", " ")
    assert "avoir demandé" in text(browser.get(LIST))


def test_typed_from_the_delivery_with_its_pdf(bought: Site) -> None:
    """Filled as it should be: number and date are enough; faults come all at once, with what was typed."""
    browser = bought.signed_in("gestionnaire")
    send(browser, ("scan.pdf", paper()))
    with Session(bought.engine) as session:
        kept = session.exec(select(Attachment)).one().id
    page = text(browser.get(f"{LIST}/saisie?livraison=1&fichier={kept}"))
    assert 'value="1,70"' in page
    assert 'value="54,86"' in page
    form = {
        "fournisseur": "epicier",
        "livraison": "1",
        "fichier_depose": str(kept),
        "recue": "2027-01-04",
        "genre": "facture",
        "ttc": "54,86 €",
        "nom": ["Boulgour", "Blé précuit", ""],
        "quantite": ["20", "dix", ""],
        "unite": ["KGM", "KGM", "KGM"],
        "prix": ["1,70", "1,80", ""],
        "montant": ["34,00", "18,00", ""],
        "tva": ["5,5", "5,5", "5,5"],
        "recu": ["1", "2", ""],
    }
    wrong = browser.post(f"{LIST}/saisie", data=form | {"recu": ["9" * 20, "2", ""]})
    assert wrong.status_code == 422
    words = text(wrong)
    for fault in (
        "3 points à corriger",
        "Le numéro de la facture manque",
        "Il manque la date",
        "« dix » n'est pas",
    ):
        assert fault in words
    assert 'value="dix"' in words
    good = form | {"numero": "2027/44", "date": "2027-01-03", "quantite": ["20", "10", ""]}
    over = text(browser.post(f"{LIST}/saisie", data=good | {"ttc": "60"}))
    assert "Les lignes donnent 54,86 € TTC, le papier 60,00 €." in over
    assert browser.post(f"{LIST}/saisie", data=good).status_code == 303
    invoice = first_invoice(bought)
    assert (invoice.source, invoice.attachment, str(invoice.total_ttc)) == ("saisie", kept, "54.86")
    assert "Tout est conforme : valider" in text(browser.get(f"{LIST}/{invoice.id}"))
    assert "Déjà enregistrée" in text(browser.post(f"{LIST}/saisie", data=good))
    taken = text(browser.post(f"{LIST}/saisie", data=good | {"numero": "2027/45"}))
    assert "Ce fichier est déjà celui d'une autre facture" in taken
    assert 'value="2027/45"' in taken, "what was typed is given back"
    change = good | {
        "version": invoice.version,
        "prix": ["1,80", "1,80", ""],
        "montant": ["36", "18", ""],
        "ttc": "",
    }
    browser.post(f"{LIST}/{invoice.id}/corriger", data=change)
    assert first_invoice(bought).total_ht == 54
    with Session(bought.engine) as session:
        entries = session.exec(select(JournalEntry).where(JournalEntry.subject == "facture")).all()
    assert ["enregistrée" in one.after for one in entries] == [True, False]
    assert "56,97" in entries[-1].after
    stale = browser.post(f"{LIST}/{invoice.id}/corriger", data=change, follow_redirects=True)
    assert "Un collègue a changé cette facture" in text(stale)


def test_the_statement_as_a_spreadsheet_and_on_paper(bought: Site) -> None:
    """Semicolons, French decimals, a supplier's formula made harmless."""
    browser = bought.signed_in("gestionnaire")
    send(browser, ("f.xml", cii(facts(("Boulgour", 20, "KGM", 1.7), ("=SOMME(A1)", 1, "KGM", 9)))))
    answer = browser.get(f"{LIST}/rapprochement.csv?du=2027-01-01&au=2027-01-31")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["Produit"], row["Reçu kg"], row["Facturé € HT"], row["Écart € HT"]) for row in rows] == [
        ("Boulgour", "20,000", "34,00", "0,00"),
        ("'=SOMME(A1)", "0,000", "9,00", "9,00"),
        ("Blé précuit", "10,000", "0,00", "-18,00"),
    ]
    assert rows[0]["Commandes"] == "2027-0001"
    with Session(bought.engine) as session:
        sheet = statement_sheet(session, OWN, date(2027, 1, 1), date(2027, 1, 31))
    assert isinstance(sheet.figures, Statement)
    piece = sheet.figures.pieces[0]
    assert (piece.received_ht, piece.billed_ht, piece.difference_ht) == (34, 43, 9)
    assert [(row.name, row.away) for row in piece.rows] == [("Boulgour", False), ("=SOMME(A1)", True)]
    paper_made = browser.get(f"{LIST}/rapprochement.pdf?du=2027-01-01&au=2027-01-31")
    assert paper_made.data.startswith(b"%PDF-")
    assert bought.signed_in("chef").get(f"{LIST}/rapprochement.pdf").status_code == 403


def test_another_kitchen_sees_nothing(bought: Site) -> None:
    """Its invoice and its file are not found elsewhere, even by somebody with rights there."""
    send(bought.signed_in("gestionnaire"), ("f.xml", cii(facts(*GOODS))))
    invoice = first_invoice(bought)
    other = bought.signed_in("gestionnaire", "SALINES")
    assert other.get(f"/cuisines/SALINES/factures/{invoice.id}").status_code == 404
    assert other.get(f"/cuisines/SALINES/factures/fichiers/{invoice.attachment}").status_code == 404
    act = other.post(f"/cuisines/SALINES/factures/{invoice.id}/valider", data={"version": 1})
    assert act.status_code == 404
    reader = bought.signed_in("departement", "")
    for page in (f"{LIST}/{invoice.id}", LIST):
        seen = text(reader.get(page))
        assert "F-118" in seen
        assert "valider" not in seen.lower()


def test_every_act_is_in_the_journal(bought: Site) -> None:
    """Each post that changes something leaves one line that says what is now."""
    browser = bought.signed_in("gestionnaire")

    def lines() -> list[str]:
        with Session(bought.engine) as session:
            rows = session.exec(select(JournalEntry).where(JournalEntry.subject == "facture"))
            return [row.after for row in rows]

    send(browser, ("f.xml", cii(facts(("Article 12", 20, "KGM", 1.9), GOODS[1]))))
    here = f"{LIST}/{first_invoice(bought).id}"
    with Session(bought.engine) as session:
        line = session.exec(select(InvoiceLine.id).where(InvoiceLine.name == "Article 12")).one()
    for count, (word, fields, said) in enumerate(
        (
            ("ligne", {"ligne": line, "recu": 1}, "Article 12"),
            ("avoir", {}, "avoir demandé (écart"),
            ("rouvrir", {"raison": "remise faite"}, "à vérifier (remise faite)"),
            ("valider", {f"raison-{line}": "accord du chef"}, "à payer"),
            ("rouvrir", {"raison": "erreur"}, "à vérifier (erreur)"),
            ("valider", {f"raison-{line}": "accord du chef"}, "à payer"),
            ("payer", {"payee": "2027-01-04"}, "payée (4 janvier 2027)"),
            ("non-payee", {}, "à payer"),
            ("rouvrir", {"raison": "double"}, "à vérifier (double)"),
            ("ecarter", {"raison": "en double"}, "écartée (en double)"),
        ),
        2,
    ):
        answer = browser.post(f"{here}/{word}", data={"version": first_invoice(bought).version, **fields})
        assert answer.status_code == 303, (word, text(answer))
        assert len(lines()) == count, word
        assert said in lines()[-1]
