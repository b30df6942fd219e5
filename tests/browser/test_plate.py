"""From the plan to the plate in one walk: nothing is typed twice, the State's file is right at the end."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import frictionless
import pypdf
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from cantine.db import transaction
from cantine.kitchens.models import College, Setting
from cantine.orders.life import lines_of
from cantine.orders.models import OrderLine, Purchase, PurchaseOrder
from cantine.sending.deliver import Post, send_waiting
from cantine.sending.letters import letterhead_of
from cantine.suppliers.models import StockLot, Supplier
from tests.browser.conftest import PHONE, SizedPage
from tests.cantine.invoices import BUYER_SIRET, SELLER_SIRET, facts, in_pdf, party
from tests.cantine.mail_server import Box, serving
from tests.cantine.plans import accept_plan
from tests.cantine.site import OWN, Site

KITCHEN = f"/cuisines/{OWN}"
MONDAY = date(2027, 1, 11)
GROWER = "primeur"
SCHEMA = Path(__file__).parents[2] / "cantine" / "egalim" / "schemas" / "achats_siret.json"


def test_from_the_plan_to_the_plate(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """Plan, order, mail, producer, reception with a line short, repair, stock, invoice, ma cantine."""
    site, base = served
    with transaction(site.engine) as session:
        accept_plan(session, OWN)
        grower = session.get_one(Supplier, GROWER)
        grower.email, grower.siret = "bonjour@primeur.example", SELLER_SIRET
        college = session.get_one(College, "0990001A")
        college.siret, college.siret_origin = BUYER_SIRET, "declare"
    desk = open_browser(("gestionnaire", OWN))
    phone = open_browser(size=PHONE)
    _ordered(desk)
    mail = _sent(desk, site)
    order_id = _order(site)
    _answered(phone, base + _link(mail), _most(site, order_id))
    _looked_at(desk)
    with transaction(site.engine) as session:
        day = session.get_one(PurchaseOrder, order_id).delivery
        session.get_one(Setting, "reference_date").value = day.isoformat()
    received = _received(desk, site, order_id)
    _repair_offered(desk)
    _in_stock(desk, site, order_id)
    _invoiced(desk, site, order_id, received)
    _declared(desk, received)


def _ordered(desk: Page) -> None:
    """The needs of the week, approved as they are."""
    desk.goto(f"{KITCHEN}/a-commander?semaine={MONDAY}")
    desk.get_by_role("button", name="Valider les commandes").click()
    if desk.get_by_label("Pour approuver quand même").count():
        desk.get_by_label("Pour approuver quand même").fill("rentrée")
    desk.get_by_role("button", name="Approuver les commandes cochées").click()
    expect(desk.get_by_text("Il reste à les envoyer.")).to_be_visible()


def _order(site: Site) -> int:
    """The grower's first order."""
    with Session(site.engine) as session:
        query = select(PurchaseOrder.id).where(PurchaseOrder.supplier == GROWER, PurchaseOrder.kitchen == OWN)
        return session.exec(query.order_by(col(PurchaseOrder.delivery))).first() or 0


def _most(site: Site, order_id: int) -> OrderLine:
    """The line with the most packs."""
    return max(_lines(site, order_id), key=lambda line: line.packs)


def _lines(site: Site, order_id: int) -> list[OrderLine]:
    with Session(site.engine) as session:
        return lines_of(session, session.get_one(PurchaseOrder, order_id))


def _sent(desk: Page, site: Site) -> EmailMessage:
    """The week sent in one click, handed to a real server; the grower's mail with its paper and its data."""
    desk.get_by_role("button", name=re.compile("^Envoyer")).first.click()
    box = Box()
    with serving(box) as server:
        assert send_waiting(Post(site.engine, server, letterhead_of(site.app.config["CANTINE"]))) >= 1
    mail = next(one for one in box.messages if one["To"] == "bonjour@primeur.example" and _for(one, site))
    paper = next(mail.iter_attachments())
    assert paper.get_content_type() == "application/pdf"
    assert "order-x.xml" in pypdf.PdfReader(io.BytesIO(paper.get_content())).attachments
    return mail


def _for(mail: EmailMessage, site: Site) -> bool:
    """Whether the mail is for the order looked at: the grower comes several times that week."""
    with Session(site.engine) as session:
        number = session.get_one(PurchaseOrder, _order(site)).number
    return number in str(mail["Subject"])


def _link(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(re.findall(r"/p/\S+", body.get_content())[0])


def _answered(phone: Page, address: str, most: OrderLine) -> None:
    """The producer has one pack less of a line."""
    phone.goto(address)
    first = phone.locator("article").nth(most.position - 1)
    first.get_by_text("Changer").click()
    first.get_by_role("button", name="un de moins").click()
    phone.locator("[data-send]").click()
    expect(phone.get_by_text("votre réponse est enregistrée")).to_be_visible()


def _looked_at(desk: Page) -> None:
    desk.goto(f"{KITCHEN}/reponses")
    expect(desk.get_by_role("button", name="Réparer le plan")).to_be_visible()


def _received(desk: Page, site: Site, order_id: int) -> Decimal:
    """Half of that line at the door, the rest right; what it is worth."""
    most = _most(site, order_id)
    assert most.confirmed_packs == most.packs - 1
    came = most.confirmed_packs // 2
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.goto(f"{KITCHEN}/receptions")
    desk.locator("li, tr, article", has_text="Primeur").get_by_role("button").first.click()
    desk.locator("main").get_by_role("link", name=most.name).first.click()
    desk.get_by_label("Colis livrés", exact=True).fill(str(came))
    desk.get_by_label("Numéro de lot").fill("P 77")
    desk.get_by_role("button", name="Enregistrer").click()
    desk.get_by_role("button", name="Tout est conforme").click()
    desk.get_by_role("button", name="Clôturer la réception").click()
    expect(desk.get_by_text("Réception clôturée").first).to_be_visible()
    with Session(site.engine) as session:
        lines = [line.id for line in _lines(site, order_id)]
        rows = session.exec(select(Purchase).where(col(Purchase.order_line).in_(lines))).all()
        assert next(row for row in rows if row.order_line == most.id).grams == came * most.pack_g
        return sum((row.amount_ht for row in rows), Decimal(0))


def _repair_offered(desk: Page) -> None:
    """The short line leads to the repair, with what came already filled in."""
    link = desk.get_by_role("link", name=re.compile("[Rr]éparer|imprévu"))
    link.first.click()
    expect(desk).to_have_url(re.compile("/imprevu"))
    expect(
        desk.get_by_role("button", name=re.compile("[Rr]éparer|[Pp]roposer|[Cc]hercher")).first
    ).to_be_visible()
    desk.set_viewport_size({"width": 1366, "height": 768})


def _in_stock(desk: Page, site: Site, order_id: int) -> None:
    """What was accepted is in the store, on the page and in its book."""
    most = _most(site, order_id)
    with Session(site.engine) as session:
        lots = session.exec(select(StockLot).where(StockLot.kitchen == OWN, StockLot.food == most.food)).all()
        assert sum(lot.grams for lot in lots) >= (most.confirmed_packs or 0) // 2 * most.pack_g
    desk.goto(f"{KITCHEN}/stock")
    expect(desk.get_by_role("heading", level=1)).to_be_visible()


def _invoiced(desk: Page, site: Site, order_id: int, received: Decimal) -> None:
    """The Factur-X of what was accepted: matched by itself, valid in one click."""
    with Session(site.engine) as session:
        order = session.get_one(PurchaseOrder, order_id)
        bought = {
            row.order_line: row
            for row in session.exec(select(Purchase).where(col(Purchase.order_line).is_not(None)))
        }
        items = [
            (line.name, bought[line.id].grams / line.pack_g, "H87", float(line.price_ht))
            for line in lines_of(session, order)
        ]
        terms = facts(
            *items,
            BT_13=order.number,
            BT_2=order.delivery,
            BT_72=order.delivery,
            BG_4=party("Primeur", SELLER_SIRET),
        )
    desk.goto(f"{KITCHEN}/factures")
    file = {"name": "f.pdf", "mimeType": "application/pdf", "buffer": in_pdf(terms)}
    desk.get_by_label("Fichiers PDF ou XML").set_input_files([file])
    desk.get_by_role("button", name="Déposer").click()
    desk.goto(f"{KITCHEN}/factures")
    desk.get_by_role("button", name="Valider").click()
    expect(desk.get_by_text("Facture F-118 validée")).to_be_visible()
    with Session(site.engine) as session:
        assert session.get_one(PurchaseOrder, order_id).state == "facture"
        lines = [line.id for line in lines_of(session, session.get_one(PurchaseOrder, order_id))]
        rows = session.exec(select(Purchase).where(col(Purchase.order_line).in_(lines))).all()
        assert {row.source for row in rows} == {"facture"}
        assert sum((row.amount_ht for row in rows), Decimal(0)) == received


def _declared(desk: Page, received: Decimal) -> None:
    """The file of the State, from the page: every line, valid, the same euros."""
    desk.goto(f"{KITCHEN}/bilan/ma-cantine?annee=2027")
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name=re.compile("fichier|Télécharger")).first.click()
    path = Path(waiting.value.path())
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert sum(Decimal(row["prix_ht"]) for row in rows) == received.quantize(Decimal("0.01"))
    assert {row["siret"] for row in rows} == {BUYER_SIRET}
    resource = frictionless.Resource(
        path=str(path), schema=frictionless.Schema.from_descriptor(str(SCHEMA)), format="csv"
    )
    with frictionless.system.use_context(trusted=True):
        assert resource.validate().valid
