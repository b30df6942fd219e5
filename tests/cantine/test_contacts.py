"""Contacts of producers and suppliers: handed over, erased everywhere, forgotten when of no use."""

import json
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from cantine.accounts.models import Draft, JournalEntry
from cantine.cli import main
from cantine.db import transaction
from cantine.errors import NotFoundError
from cantine.planning.models import PlannedPurchase
from cantine.purge import forget_old
from cantine.suppliers import contacts
from cantine.suppliers.models import Offer, Supplier
from tests.cantine.site import NOW, OWN, Site
from tests.cantine.test_web_tables import form_of

MAIL, PHONE, NAME = "lise@ferme-essai.example", "0321000001", "Ferme Lise Essai"
SHEET = "/donnees/fournisseurs/primeur/modifier"


def fill(site: Site, **columns: object) -> None:
    """Give the greengrocer a contact, without the pages."""
    with transaction(site.engine) as session:
        supplier = session.get_one(Supplier, "primeur")
        supplier.sqlmodel_update({"email": MAIL, "phone": PHONE, **columns})


def everything(site: Site) -> str:
    """Every text of the database that could hold a contact."""
    with Session(site.engine) as session:
        rows = [*session.exec(select(Supplier)), *session.exec(select(JournalEntry))]
        return "\n".join(row.model_dump_json() for row in [*rows, *session.exec(select(Draft))])


def test_the_contact_is_erased_with_its_traces(site: Site) -> None:
    """Typed, changed and drafted on the pages, then erased by the button: only who and when stay."""
    browser = site.signed_in("acheteur")
    form = {**form_of(browser.get(SHEET).text), "c_email": MAIL, "c_phone": PHONE, "c_name": NAME}
    assert browser.post(SHEET, data=form).status_code == 303
    browser.post("/brouillon", json={"form": SHEET, "fields": {"c_email": MAIL}})
    assert MAIL in everything(site)
    answer = browser.post("/donnees/fournisseurs/primeur/coordonnees/effacer", data={"personne": "1"})
    assert answer.status_code == 303
    left = everything(site)
    for erased in (MAIL, PHONE, NAME):
        assert erased not in left
    with Session(site.engine) as session:
        supplier = session.get_one(Supplier, "primeur")
        assert (supplier.name, supplier.email, supplier.phone) == ("Fournisseur primeur", "", "")
        typed, gone = session.exec(select(JournalEntry).order_by(JournalEntry.id)).all()  # type: ignore[arg-type]
        assert json.loads(typed.after)["email"] == "effacé"
        assert typed.user_id == gone.user_id
        assert gone.user_id is not None
        assert gone.after == '{"coordonnées": "effacées (demande)"}'
        assert session.exec(select(Offer).where(Offer.supplier == "primeur")).first() is not None
    told = site.signed_in("departement", "").get("/journal").text
    assert "effacées (demande)" in told


def test_emptying_the_fields_erases_the_traces_too(site: Site) -> None:
    """A buyer who simply empties the cell leaves nothing in the journal either."""
    browser = site.signed_in("acheteur")
    browser.post(SHEET, data={**form_of(browser.get(SHEET).text), "c_email": MAIL, "c_phone": PHONE})
    browser.post(SHEET, data={**form_of(browser.get(SHEET).text), "c_email": ""})
    left = everything(site)
    assert MAIL not in left
    assert PHONE in left


def test_a_company_keeps_its_name(site: Site) -> None:
    """Without the box, only the contact goes: the name of a company is no personal datum."""
    fill(site)
    with transaction(site.engine) as session:
        name = session.get_one(Supplier, "primeur").name
        contacts.anonymise(session, "primeur", by=None, now=NOW)
        supplier = session.get_one(Supplier, "primeur")
        assert (supplier.name, supplier.email, supplier.phone) == (name, "", "")
        with pytest.raises(NotFoundError):
            contacts.anonymise(session, "inconnu", by=None, now=NOW)


@pytest.mark.parametrize(
    ("role", "kitchen", "opens"),
    [
        ("acheteur", OWN, True),
        ("departement", "", True),
        ("administrateur", "", True),
        ("chef", OWN, False),
        ("gestionnaire", OWN, False),
    ],
)
def test_those_who_answer_for_offers_answer_for_contacts(
    site: Site, role: str, kitchen: str, opens: bool
) -> None:
    """The others have neither the file, nor the button."""
    fill(site)
    browser = site.signed_in(role, kitchen)
    data = browser.get("/donnees/fournisseurs/primeur/coordonnees.json")
    assert (data.status_code == 200) == opens
    if opens:
        held = json.loads(data.data)
        assert (held["courriel"], held["telephone"]) == (MAIL, PHONE)
        assert held["finalite"] == contacts.PURPOSE
        assert "Effacer les coordonnées" in browser.get(SHEET).text
        assert "Effacer les coordonnées" not in browser.get("/donnees/fournisseurs/nouveau").text
    erase = browser.post("/donnees/fournisseurs/primeur/coordonnees/effacer")
    assert (erase.status_code == 303) == opens


def test_the_command_line_does_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Export, anonymise, and a code that nobody has."""
    fill(site, name=NAME)
    monkeypatch.setenv("CANTINE_HOME", str(site.app.config["CANTINE"].home))
    assert main(["supplier-contact", "export", "primeur"]) == 0
    assert json.loads(capsys.readouterr().out)["courriel"] == MAIL
    assert main(["supplier-contact", "anonymise", "primeur", "--person"]) == 0
    assert NAME not in everything(site)
    assert MAIL not in everything(site)
    assert main(["supplier-contact", "export", "personne"]) == 2


def last_offer(site: Site) -> date:
    """End of the last offer of the greengrocer."""
    with Session(site.engine) as session:
        return max(session.exec(select(Offer.valid_to).where(Offer.supplier == "primeur")))


@pytest.mark.parametrize(("days", "erased"), [(-1, 0), (1, 1)])
def test_a_contact_of_no_use_is_forgotten_after_three_years(site: Site, days: int, erased: int) -> None:
    """Three years after the last offer, not before; the journal says why."""
    fill(site)
    then = NOW + (last_offer(site) - NOW.date()) + contacts.KEPT + timedelta(days=days)
    with transaction(site.engine) as session:
        assert forget_old(session, then).contacts == erased
        assert bool(session.get_one(Supplier, "primeur").email) == (not erased)
        told = session.exec(select(JournalEntry.after).where(JournalEntry.key == "suppliers/primeur")).all()
        assert told == ['{"coordonnées": "effacées (retention)"}'] * erased


def test_a_planned_delivery_keeps_the_contact(site: Site) -> None:
    """An order to come needs somebody to call."""
    fill(site)
    last = last_offer(site)
    then = NOW + (last - NOW.date()) + contacts.KEPT + timedelta(days=1)
    with transaction(site.engine) as session:
        offer = session.exec(select(Offer).where(Offer.supplier == "primeur")).first()
        assert offer is not None
        later = last + timedelta(days=30)
        session.add(
            PlannedPurchase(kitchen=OWN, delivery=later, offer=offer.code, packs=1, price_ht=offer.price_ht)
        )
        session.flush()
        assert forget_old(session, then).contacts == 0


def test_a_supplier_without_any_offer_is_given_three_years(site: Site) -> None:
    """Its time runs from the day the purge first saw it, not from nowhere."""
    with transaction(site.engine) as session:
        old = session.get_one(Supplier, "primeur").model_dump()
        session.add(Supplier.model_validate({**old, "code": "nouveau", "email": MAIL}))
        session.flush()
        assert forget_old(session, NOW).contacts == 0
        assert forget_old(session, NOW + contacts.KEPT).contacts == 0
        kept = session.get_one(Supplier, "nouveau").email
        forget_old(session, NOW + contacts.KEPT + timedelta(days=2))
        assert (kept, session.get_one(Supplier, "nouveau").email) == (MAIL, "")
