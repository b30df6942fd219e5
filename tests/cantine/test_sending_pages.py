"""« Envois » on the site: one order, a whole week, what waits without a server, doubts, links closed."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.clock import utc_now
from cantine.config_mail import Mail
from cantine.db import transaction
from cantine.orders import links
from cantine.orders.models import OutMessage, PurchaseOrder, SupplierLink
from cantine.sending import deliver
from cantine.sending.letters import NO_SENDER
from cantine.suppliers.models import Supplier
from tests.cantine.mail_server import Box, serving
from tests.cantine.order_kitchen import BUTCHER, fill_orders, order
from tests.cantine.reports_kitchen import CODE
from tests.cantine.site import Site, make_site
from tests.cantine.test_planning_views import text_of
from tests.conftest import make_config

PAGE = f"/cuisines/{CODE}/envois"
WEEK = {"semaine": "2026-12-28"}


@pytest.fixture
def approved(home: Path, engine: Engine) -> Site:
    """Two approved orders of the small kitchen: to the butcher, and to a grower without an address."""
    with transaction(engine) as session:
        fill_orders(session)
        order(session, CODE, "0990001A", {"carotte_bio": 2}, rank=3, supplier="proche")
    return make_site(make_config(home), engine)


def rows(site: Site) -> list[tuple[str, str]]:
    """Recipient and state of each message."""
    with Session(site.engine) as session:
        return list(session.exec(select(OutMessage.recipient, OutMessage.state).order_by(col(OutMessage.id))))


def number_of(site: Site, rank: int = 1) -> int:
    """Row of an order."""
    with Session(site.engine) as session:
        return session.exec(select(PurchaseOrder.id).where(PurchaseOrder.rank == rank)).one() or 0


def doubt(site: Site, state: str, words: str = "") -> int:
    """Put the only message in a state."""
    with transaction(site.engine) as session:
        message = session.exec(select(OutMessage)).one()
        message.state, message.last_error, message.recipient = state, words, message.recipient
        session.add(message)
        return message.id or 0


def test_a_week_is_sent_and_what_cannot_leave_is_told(approved: Site) -> None:
    """One leaves, one has no address; a double click sends nothing twice; chief, département only look."""
    assert approved.signed_in("chef", CODE).post(f"{PAGE}/envoyer", data=WEEK).status_code == 403
    assert approved.signed_in("departement", "").post(f"{PAGE}/envoyer", data=WEEK).status_code == 403
    buyer = approved.signed_in("acheteur", CODE)
    waiting = text_of(buyer.get(PAGE).text)
    assert "2 commandes approuvées, pas encore envoyées" in waiting
    assert "L'envoi de courriels n'est pas réglé" in waiting
    answer = buyer.post(f"{PAGE}/envoyer", data=WEEK, follow_redirects=True)
    told = text_of(answer.text)
    assert "1 commande mise à l'envoi" in told
    assert "Maraîchage des Dunes n'a pas de courriel" in told
    assert "dès que l'envoi de courriels sera réglé" in told
    assert rows(approved) == [("bonjour@viandes.example", "a_envoyer")]
    assert NO_SENDER in text_with(approved)
    again = buyer.post(f"{PAGE}/envoyer", data=WEEK)
    assert again.status_code == 303
    assert len(rows(approved)) == 1
    empty = buyer.post(f"{PAGE}/envoyer", data={"semaine": "2027-06-07"})
    assert (empty.status_code, "Aucune commande approuvée" in text_of(empty.text)) == (400, True)


def text_with(site: Site) -> str:
    """The only message as it is kept."""
    with Session(site.engine) as session:
        return session.exec(select(OutMessage.content)).one().decode("ascii")


def test_one_order_is_sent_from_the_page_that_still_tells_the_truth(approved: Site) -> None:
    """A page from before: refused; a supplier without an address: told, nothing kept."""
    buyer = approved.signed_in("gestionnaire", CODE)
    send = f"/cuisines/{CODE}/commandes/{number_of(approved)}/envoyer"
    assert buyer.post(send, data={"version": "7"}).status_code == 409
    assert rows(approved) == []
    assert buyer.post(send, data={"version": "1"}).status_code == 303
    nobody = buyer.post(f"/cuisines/{CODE}/commandes/{number_of(approved, 3)}/envoyer", data={})
    assert (nobody.status_code, "n'a pas de courriel" in text_of(nobody.text)) == (400, True)
    assert len(rows(approved)) == 1
    other = f"/cuisines/{CODE}/commandes/{number_of(approved, 2)}/envoyer"
    assert buyer.post(other, data={}).status_code == 404


def test_doubts_and_failures_are_settled_by_somebody(approved: Site) -> None:
    """The words of the server; « C'est bien arrivé » once; « Renvoyer » after a failure."""
    buyer = approved.signed_in("acheteur", CODE)
    buyer.post(f"/cuisines/{CODE}/commandes/{number_of(approved)}/envoyer", data={})
    number = doubt(approved, "echec", "Refusé par le serveur : « 550 inconnu ».")
    page = buyer.get(PAGE).text
    assert "550 inconnu" in page
    assert "Renvoyer" in text_of(page)
    assert buyer.post(f"{PAGE}/{number}/renvoyer").status_code == 303
    assert rows(approved)[0][1] == "a_envoyer"
    assert buyer.post(f"{PAGE}/{number}/renvoyer").status_code == 409
    doubt(approved, "a_verifier", "La connexion s'est coupée.")
    page = text_of(buyer.get(PAGE).text)
    assert "1 envoi à vérifier" in page
    assert "Renvoyer le même message" in page
    assert buyer.post(f"{PAGE}/{number}/arrive").status_code == 303
    assert buyer.post(f"{PAGE}/{number}/arrive").status_code == 409
    with Session(approved.engine) as session:
        assert session.get_one(PurchaseOrder, number_of(approved)).state == "envoye"
        told = session.exec(select(JournalEntry.after).where(JournalEntry.subject == "envoi"))
        assert [words.split('"')[3] for words in told] == ["à envoyer", "à envoyer de nouveau", "bien arrivé"]
    assert buyer.post(f"{PAGE}/99/arrive").status_code == 404


def test_a_link_is_closed_from_the_list(approved: Site) -> None:
    """Closed for good, told by the journal; closed again, nothing more."""
    buyer = approved.signed_in("acheteur", CODE)
    buyer.post(f"/cuisines/{CODE}/commandes/{number_of(approved)}/envoyer", data={})
    close = f"/cuisines/{CODE}/commandes/{number_of(approved)}/lien/fermer"
    assert "Fermer le lien" in buyer.get(PAGE).text
    assert [buyer.post(close).status_code for _ in range(2)] == [303, 303]
    with Session(approved.engine) as session:
        link = session.exec(select(SupplierLink)).one()
        assert not links.is_live(link, utc_now())
        assert len(session.exec(select(JournalEntry).where(JournalEntry.subject == "lien")).all()) == 1
    page = buyer.get(PAGE).text
    assert "lien fermé" in page
    assert "Fermer le lien" not in page


def test_the_consumer_sends_by_itself(
    approved: Site, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It looks every few seconds, with the settings of the house, and survives an error."""
    with transaction(approved.engine) as session:
        session.get_one(Supplier, BUTCHER).email = "bonjour@viandes.example"
    approved.signed_in("acheteur", CODE).post(f"{PAGE}/envoyer", data=WEEK)
    monkeypatch.setattr(deliver, "LOOK_SECONDS", 0.05)
    real, calls = deliver.send_waiting, list[int]()

    def fail_once(post: deliver.Post) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("bonjour@viandes.example")
        return real(post)

    monkeypatch.setattr(deliver, "send_waiting", fail_once)
    box, stop = Box(), threading.Event()
    with serving(box) as server:
        config = replace(
            make_config(home), mail=Mail(server, "commandes@college.example", "https://c.example")
        )
        thread = threading.Thread(target=deliver.keep_sending, args=(config, approved.engine, stop))
        thread.start()
        assert box.began.wait(20)
        stop.set()
        thread.join()
    assert box.messages[0]["From"] == "commandes@college.example"
    assert rows(approved) == [("bonjour@viandes.example", "envoye")]
    assert "RuntimeError" in caplog.text
    assert "viandes.example" not in caplog.text
