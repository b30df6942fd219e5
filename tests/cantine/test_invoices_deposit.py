"""Files of invoices deposited: kept with their file, refused as a whole, never kept twice."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.errors import ConflictError
from cantine.invoices.book import Stamp
from cantine.invoices.decide import refuse, reopen
from cantine.invoices.deposit import Deposited, deposit, waiting_files
from cantine.invoices.models import Invoice, InvoiceLine
from cantine.kitchens.models import College
from cantine.orders.models import Attachment
from cantine.suppliers.models import Supplier
from tests.cantine.invoices import BUYER_SIRET, SELLER_SIRET, cii, delivered, facts, in_pdf, paper, party, ubl
from tests.cantine.site import NOW, OTHER, OWN

TODAY = date(2027, 1, 11)
STAMP = Stamp(None, NOW, TODAY)


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département, its grocer's SIRET known."""
    with Session(marais_engine, expire_on_commit=False) as session:
        session.get_one(Supplier, "epicier").siret = SELLER_SIRET
        session.flush()
        yield session


def put(session: Session, content: bytes, kitchen: str = OWN) -> Deposited:
    """Deposit one file."""
    return deposit(session, kitchen, "C:\\factures\\f118.xml", content, STAMP)


def counts(session: Session) -> tuple[int, int, int]:
    """Invoices, lines and files kept."""
    return tuple(len(session.exec(select(table)).all()) for table in (Invoice, InvoiceLine, Attachment))


def test_an_invoice_is_kept_with_its_file(session: Session) -> None:
    """Facts, lines, the very bytes; due thirty days after the day it came."""
    content = in_pdf(facts(("Riz long", 25, "KGM", 1.6), ("Boulgour", 10, "KGM", 2.1)))
    done = put(session, content)
    assert done.faults == ()
    assert done.title.replace("\xa0", " ") == "facture F-118 du 8 janvier 2027, 64,36 € TTC"
    invoice = session.get_one(Invoice, done.invoice)
    assert (invoice.supplier, invoice.source, invoice.state) == ("epicier", "facturx", "a_rapprocher")
    assert invoice.due_on == TODAY + timedelta(days=30)
    kept = session.get_one(Attachment, invoice.attachment)
    assert (kept.content, kept.name, kept.media_type) == (content, "f118.xml", "application/pdf")
    assert counts(session) == (1, 2, 1)


def test_twice_is_told_whatever_the_file(session: Session) -> None:
    """The same bytes, or the same supplier, number and date in another format."""
    first = put(session, cii(facts()))
    for again in (cii(facts()), ubl(facts())):
        done = put(session, again)
        assert done.known == first.invoice
        assert "Déjà déposée : facture F-118 du 8 janvier 2027" in done.faults[0]
    assert counts(session) == (1, 1, 1)


def test_a_plain_pdf_waits_to_be_typed(session: Session) -> None:
    """Kept once, listed as waiting; a password or a table is not kept at all."""
    done = put(session, paper())
    assert done.invoice is None
    assert "à saisir à la main" in done.faults[0]
    again = put(session, paper())
    assert again.file == done.file
    assert "attend d'être saisi" in again.faults[0]
    assert [file for file, _ in waiting_files(session, OWN)] == [done.file]
    assert put(session, b"a;b\n1;2\n").file is None
    assert counts(session) == (0, 0, 1)


def test_unknown_parties_are_told_together_and_nothing_is_kept(session: Session) -> None:
    """Supplier by SIRET only once it has one; another collège's invoice names it."""
    session.get_one(College, "0990001A").siret = BUYER_SIRET
    other = session.get_one(College, "0990003C")
    other.siret = "19620014100022"
    session.flush()
    done = put(
        session, ubl(facts(**{"BG-4": party("Inconnu", "73282932000074"), "BG-7": party("X", other.siret)}))
    )
    assert "Fournisseur inconnu : « Inconnu », SIRET 73282932000074." in done.faults[0]
    assert "adressée à Collège de Les Salines" in done.faults[1]
    stranger = put(session, ubl(facts(**{"BG-7": party("X", "73282932000074")})))
    assert "L'acheteur est inconnu" in stranger.faults[0]
    assert counts(session) == (0, 0, 0)


def test_an_estimated_siret_is_no_reason_to_refuse(session: Session) -> None:
    """A guess of ours is to be confirmed: the invoice is kept, and the page says so."""
    college = session.get_one(College, "0990001A")
    college.siret, college.siret_origin = "19620014100022", "estime"
    session.flush()
    done = put(session, ubl(facts()))
    assert done.faults == ()
    assert "une estimation à confirmer" in done.notes[0]


def test_a_supplier_without_siret_is_found_by_our_order(session: Session) -> None:
    """Our order's number, else the exact name; to be confirmed. Another SIRET is another firm."""
    session.get_one(Supplier, "epicier").siret = ""
    delivered(session, ("epicier-riz", 5))
    done = put(session, ubl(facts(**{"BT-13": "2027-0001", "BG-4": party("Les Halles", SELLER_SIRET)})))
    assert done.invoice is not None
    assert "À confirmer" in done.notes[0]
    unknown = put(session, ubl(facts(**{"BT-1": "F-2", "BG-4": party("Les Halles", SELLER_SIRET)})))
    assert "Fournisseur inconnu" in unknown.faults[0]


def test_the_same_number_from_another_kitchen_is_told(session: Session) -> None:
    """One invoice has one buyer: a second kitchen cannot book it, nor read what the first one owes."""
    put(session, cii(facts()))
    again = put(session, ubl(facts()), OTHER)
    assert again.known is None
    assert "déjà enregistrée pour un autre établissement" in again.faults[0]
    assert "€" not in again.faults[0]


def test_an_invoice_set_aside_leaves_its_number_to_the_right_kitchen(session: Session) -> None:
    """Deposited by mistake, set aside, booked where it belongs; it cannot come back beside it."""
    first = put(session, cii(facts())).invoice or 0
    version = session.get_one(Invoice, first).version
    stamp = Stamp(None, NOW, NOW.date())
    set_aside = refuse(session, OWN, first, version, "pour Salines", stamp)
    assert put(session, ubl(facts()), OTHER).invoice is not None
    with pytest.raises(ConflictError, match="déjà enregistrée pour un autre établissement"):
        reopen(session, OWN, first, set_aside.version, "erreur", stamp)
    assert put(session, ubl(facts())).faults, "the same kitchen reopens its own, or leaves it"
