"""From « Envoyer » to the producer's answer on a phone: mail, link, one thumb."""

import re
from datetime import date

from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from cantine.db import transaction
from cantine.orders.life import lines_of
from cantine.orders.models import Announcement, OutMessage, PurchaseOrder
from cantine.sending.deliver import LOST, Post, send_waiting
from cantine.sending.letters import letterhead_of
from cantine.suppliers.models import Supplier
from tests.browser.conftest import PHONE, SizedPage
from tests.browser.test_pages import faults, faults_on_both
from tests.cantine.mail_server import Box, serving
from tests.cantine.order_kitchen import order
from tests.cantine.site import OWN, Site

BUYER = "0990001A"
DAY = date(2027, 1, 8)
PACKS = {"primeur-carotte": 8, "primeur-poireau-bio": 4, "primeur-navet": 3}


def test_an_order_is_sent_and_answered_on_a_phone(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """The buyer sends, the mail arrives, the producer changes, declines, announces; the pages read well."""
    site, base = served
    with transaction(site.engine) as session:
        _orders_to_send(session)
    desk = open_browser(("acheteur", OWN))
    link = _sent(desk, site)
    phone = open_browser(size=PHONE)
    phone.goto(base + link)
    _answer(phone)
    with Session(site.engine) as session:
        one = session.exec(select(PurchaseOrder).where(PurchaseOrder.rank == 1)).one()
        assert one.state == "modifie"
        assert [line.confirmed_packs for line in lines_of(session, one)] == [5, 0, 3]
    _announce(phone)
    with Session(site.engine) as session:
        assert session.exec(select(Announcement.packs, Announcement.week)).all() == [(20, date(2027, 1, 11))]
        assert session.exec(select(col(OutMessage.state))).all() == ["envoye"]
    _read(desk)
    with transaction(site.engine) as session:
        message = session.exec(select(OutMessage)).one()
        message.state, message.last_error = "a_verifier", LOST
    desk.goto(f"/cuisines/{OWN}/envois")
    expect(desk.get_by_role("button", name="C'est bien arrivé")).to_be_visible()
    assert faults_on_both(desk) == []


def _orders_to_send(session: Session) -> None:
    """Two approved orders: one supplier reads mail, the other does not."""
    session.get_one(Supplier, "primeur").email = "bonjour@primeur.example"
    first = order(session, OWN, BUYER, PACKS, supplier="primeur", delivery=DAY)
    first.slot, first.note = "entre 6 h 30 et 7 h 30", "Quai arrière, sonner deux fois."
    order(session, OWN, BUYER, {"cremier-beurre": 2}, supplier="cremier", delivery=DAY, rank=2)


def _sent(desk: Page, site: Site) -> str:
    """Send from « Envois », hand over to a real server; the path of the link in the mail."""
    desk.goto(f"/cuisines/{OWN}/envois")
    expect(desk.get_by_text("L'envoi de courriels n'est pas réglé")).to_be_visible()
    expect(desk.get_by_text("pas de courriel : à transmettre autrement")).to_be_visible()
    assert faults_on_both(desk) == []
    desk.get_by_role("button", name="Envoyer 2027-0001").click()
    expect(desk.get_by_text("1 commande mise à l'envoi")).to_be_visible()
    box = Box()
    with serving(box) as server:
        assert send_waiting(Post(site.engine, server, letterhead_of(site.app.config["CANTINE"]))) == 1
    desk.reload()
    expect(desk.get_by_text("bonjour@primeur.example · parti")).to_be_visible()
    assert faults_on_both(desk) == []
    text = box.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return re.findall(r"/p/\S+", text)[0]


def _answer(phone: Page) -> None:
    """Five packs in place of eight, no leeks, a word."""
    expect(phone.get_by_role("heading", level=1)).to_contain_text("du collège de Port-Brume")
    send = phone.locator("[data-send]")
    expect(send).to_have_text("D'accord pour tout : confirmer")
    assert faults(phone) == []
    carrots, leeks = phone.locator("article").nth(0), phone.locator("article").nth(1)
    carrots.get_by_text("Changer").click()
    for _ in range(3):
        carrots.get_by_role("button", name="un de moins").click()
    leeks.get_by_text("Je n'en ai pas").click()
    expect(send).to_have_text("Envoyer ma réponse")
    expect(phone.locator("[data-total]")).to_contain_text("1 ligne d'accord, 1 changée, 1 refusée")
    phone.get_by_label("Un mot pour la cuisine").fill("Gelée cette nuit.")
    assert faults(phone) == []
    send.click()
    expect(phone.get_by_text("votre réponse est enregistrée")).to_be_visible()
    expect(phone.get_by_text("5 au lieu de 8")).to_be_visible()
    assert faults(phone) == []


def _announce(phone: Page) -> None:
    """Twenty packs next week, after a slip of the thumb."""
    phone.get_by_role("link", name="Annoncer mes volumes").click()
    phone.get_by_label("Colis").first.fill("2O")
    phone.get_by_role("button", name="Annoncer", exact=True).click()
    expect(phone.get_by_text("« 2O » n'est pas un nombre entier")).to_be_visible()
    assert faults(phone) == []
    phone.get_by_label("Colis").first.fill("20")
    phone.get_by_label("Prix HT du colis").first.fill("3,20")
    phone.get_by_role("button", name="Annoncer", exact=True).click()
    expect(phone.get_by_text("C'est annoncé")).to_be_visible()


def _read(desk: Page) -> None:
    """The buyer reads what changed, and sells at what was announced."""
    desk.goto(f"/cuisines/{OWN}/reponses")
    expect(desk.get_by_text("5 au lieu de 8")).to_be_visible()
    expect(desk.get_by_text("« Gelée cette nuit. »")).to_be_visible()
    expect(desk.get_by_role("button", name="Réparer le plan")).to_be_visible()
    assert faults_on_both(desk) == []
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="Reprendre dans le marché").click()
    expect(desk.get_by_text("repris dans le marché", exact=True)).to_be_visible()
    desk.get_by_role("button", name="Tout est vu").click()
    expect(desk.get_by_text("nouvelle", exact=True)).to_have_count(0)
    desk.goto(f"/cuisines/{OWN}/menus/volume")
    expect(desk.get_by_role("link", name="Carotte, 40 kg, semaine 2")).to_be_visible()
    assert faults_on_both(desk) == []
    desk.goto(f"/cuisines/{OWN}/reponses")
    assert faults_on_both(desk) == []


def test_a_closed_link_is_a_kind_page(open_browser: SizedPage) -> None:
    """Nothing to see, in words."""
    phone = open_browser(size=PHONE)
    phone.goto("/p/rien")
    expect(phone.get_by_text("n'est plus valable")).to_be_visible()
    assert faults(phone) == []
