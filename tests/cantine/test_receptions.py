"""Deliveries checked at the door, line by line, into the stock and the purchases, never silently."""

import html
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.foods.models import Food
from cantine.kitchens.models import Setting
from cantine.orders import life
from cantine.orders.models import Attachment, OrderEvent, Purchase, PurchaseOrder
from cantine.stores import photos
from cantine.stores.hygiene import origin_parts, too_warm
from cantine.stores.models import Reception, ReceptionLine, StockMove
from cantine.suppliers.models import Offer, StockLot
from tests.cantine.orders import BOULGOUR, RICE, order_of
from tests.cantine.site import NOW, OWN, Site, make_site

TODAY = date(2027, 1, 4)
LIST = f"/cuisines/{OWN}/receptions"
ACTOR = life.Actor(who="essai")


def sent(site: Site, *packs: tuple[str, int]) -> int:
    """An order sent, expected today; its key."""
    with transaction(site.engine) as session:
        session.merge(Setting(key="demonstration", value="true"))
        session.merge(Setting(key="reference_date", value=TODAY.isoformat()))
        order = order_of(session, *(packs or ((RICE, 5), (BOULGOUR, 2))), delivery=TODAY)
        life.approve(session, order, ACTOR, NOW)
        life.mark_sent(session, order, ACTOR, NOW)
        return order.id or 0


def begin(browser: FlaskClient, order: int) -> str:
    """Open the reception of an order; its address."""
    answer = browser.post(LIST, data={"commande": order})
    assert answer.status_code == 303
    return str(answer.location)


def lines(site: Site) -> list[ReceptionLine]:
    """Every line, in order."""
    with Session(site.engine) as session:
        return list(session.exec(select(ReceptionLine).order_by(col(ReceptionLine.id))))


def text(answer: Any) -> str:
    """The page as people read it."""
    return html.unescape(answer.text)


def mark(browser: FlaskClient, url: str) -> str:
    """The hidden mark of a line's form."""
    found = re.search(r'name="vu" value="([^"]+)"', browser.get(url).text)
    assert found
    return found.group(1)


def save(browser: FlaskClient, url: str, **typed: Any) -> Any:
    """Send the form of a line as shown, with what is typed."""
    return browser.post(url, data={"vu": mark(browser, url), "verdict": "accepte", **typed})


def test_two_taps_receive_a_whole_delivery(site: Site) -> None:
    """« Tout est conforme », « Clôturer »: stock, purchases, order and events in one go, once."""
    chief, order = site.signed_in("chef"), sent(site)
    assert "1 livraison attendue" in text(chief.get(LIST)).replace("\u00a0", " ")
    url = begin(chief, order)
    assert begin(chief, order) == url  # a double click opens nothing more
    assert "Encore à contrôler" in text(chief.post(f"{url}/cloturer", follow_redirects=True))
    chief.post(f"{url}/conforme")
    assert chief.post(f"{url}/cloturer", data={"bon": "BL 77"}).status_code == 303
    assert "déjà clôturée" in text(chief.post(f"{url}/cloturer", follow_redirects=True))
    with Session(site.engine) as session:
        rice = session.get_one(Offer, RICE)
        moves = session.exec(select(StockMove).where(StockMove.kind == "reception")).all()
        assert {(move.food, move.grams) for move in moves} == {
            ("riz", 5 * rice.pack_g),
            ("boulgour", 2 * session.get_one(Offer, BOULGOUR).pack_g),
        }
        bought = session.exec(select(Purchase).where(Purchase.food == "riz")).one()
        assert (bought.grams, bought.amount_ht) == (5 * rice.pack_g, 5 * rice.price_ht)
        assert session.get_one(PurchaseOrder, order).state == "recu"
        assert session.exec(select(OrderEvent).where(OrderEvent.kind == "recu")).one()
        row = session.exec(select(Reception)).one()
        assert (row.state, row.delivery_note) == ("close", "BL 77")
    assert "BL 77" in text(chief.get(url))


def test_a_short_line_leads_to_the_repair(site: Site) -> None:
    """Three packs of five: the address of the repair carries the delivery and the packs that came."""
    chief = site.signed_in("chef")
    url = begin(chief, sent(site, (RICE, 5)))
    line = f"{url}/lignes/{lines(site)[0].id}"
    assert save(chief, line, colis=3).status_code == 303
    link = re.search(r'href="([^"]+imprevu[^"]+)"', chief.get(url).text)
    assert link
    assert f"livraison={RICE}@{TODAY}&colis=3" in html.unescape(link.group(1)).replace("%40", "@")
    chief.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        event = session.exec(select(OrderEvent).where(OrderEvent.kind == "recu")).one()
        assert "sur" in event.detail
    rest = chief.post(LIST, data={"commande": lines(site)[0].reception and 1, "suite": 1}).location
    assert rest != url
    pack = lines(site)[0].pack_g
    assert [one.ordered_g for one in lines(site)] == [5 * pack, 2 * pack]


def test_a_refusal_is_suggested_then_decided(site: Site) -> None:
    """Too warm: kept but undecided; refused with its reason, or accepted with a word of explanation."""
    chief = site.signed_in("chef")
    with Session(site.engine) as session:
        chicken = session.exec(
            select(Offer).join(Food, col(Food.code) == col(Offer.food)).where(Food.group == "volaille")
        ).first()
        assert chicken
    order = sent(site, (chicken.code, 2))
    url = begin(chief, order)
    line = f"{url}/lignes/{lines(site)[0].id}"
    assert "4 °C au plus (volaille, lapin)" in text(chief.get(line)).replace("\u00a0", " ")
    answer = save(chief, line, colis=2, temperature="7,5")
    assert answer.location.endswith(line)
    page = text(chief.get(line)).replace("\u00a0", " ")
    assert "7,5 °C mesurés" in page
    assert re.search(r'value="temperature" checked', page)
    assert lines(site)[0].accepted_g is None
    faulty = save(chief, line, colis=2, temperature="7,5", verdict="refuse")
    assert faulty.status_code == 422
    assert "Dites pourquoi" in text(faulty)
    save(chief, line, colis=2, temperature="7,5", note="mesure en surface, cœur à 3 °C")
    assert lines(site)[0].accepted_g == 2 * chicken.pack_g
    save(chief, line, colis=2, temperature="7,5", verdict="refuse", motif="temperature", raised_in="France")
    chief.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        assert not session.exec(select(Purchase)).all()
        assert not session.exec(select(StockMove).where(StockMove.kind == "reception")).all()
    assert "température (1)" in text(chief.get(f"/cuisines/{OWN}/tracabilite"))


def test_all_fine_measures_once_for_the_lorry(site: Site) -> None:
    """One temperature for the whole zone: what its class forbids stays to be decided."""
    chief = site.signed_in("chef")
    with Session(site.engine) as session:
        cold = select(Offer).join(Food, col(Food.code) == col(Offer.food))
        chicken = session.exec(cold.where(Food.group == "volaille")).first()
        butter = session.exec(cold.where(Food.group == "fromage")).first()
        assert chicken
        assert butter
    url = begin(chief, sent(site, (chicken.code, 1), (butter.code, 1)))
    wrong = chief.post(f"{url}/conforme", data={"froid": "40°"})
    assert (wrong.status_code, 'value="40°"' in text(wrong)) == (422, True)
    assert "« 40° » n'est pas" in text(wrong)
    assert [one.delivered_g for one in lines(site)] == [None, None]
    page = text(chief.post(f"{url}/conforme", data={"froid": "6"}, follow_redirects=True))
    assert chicken.name in page
    first, second = lines(site)
    assert (first.accepted_g, first.temperature_c) == (None, 6)
    assert (second.accepted_g, second.temperature_c) == (butter.pack_g, 6)


def test_an_order_changed_at_the_door(site: Site) -> None:
    """Opened and not checked, a reception gives way to the new version; begun, the order stays as it is."""
    chief, manager, order = site.signed_in("chef"), site.signed_in("gestionnaire"), sent(site, (RICE, 5))

    def act(name: str, **typed: int) -> str:
        with Session(site.engine) as session:
            version = session.get_one(PurchaseOrder, order).version
        form = {"version": version, "raison": "effectif", **typed}
        address = f"/cuisines/{OWN}/commandes/{order}/{name}"
        return text(manager.post(address, data=form, follow_redirects=True))

    old = begin(chief, order)
    assert "de 0 à 9999" in act("rectifier", **{"colis-1": 99_999})
    assert "Version 2" in act("rectifier", **{"colis-1": 4})
    assert chief.get(old).status_code in {200, 404}  # its number may be given again
    url = begin(chief, order)
    (line,) = lines(site)
    assert line.ordered_g == 4 * line.pack_g
    save(chief, f"{url}/lignes/{line.id}", colis=4)
    for name in ("rectifier", "annuler"):
        assert "réception de cette commande est commencée" in act(name, **{"colis-1": 3})
    chief.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        done = session.get_one(PurchaseOrder, order)
        assert (done.state, done.order_version) == ("recu", 2)


def test_only_what_is_to_come_is_received(site: Site) -> None:
    """Neither a draft nor an order cancelled; a product brought along is added once by a double click."""
    chief, order = site.signed_in("chef"), sent(site, (RICE, 5))
    with transaction(site.engine) as session:
        draft, dead = order_of(session, delivery=TODAY), order_of(session, delivery=TODAY)
        life.cancel(session, dead, ACTOR, NOW, "essai")
        numbers = draft.id, dead.id
    for number in numbers:
        refused = chief.post(LIST, data={"commande": number})
        assert refused.status_code == 409
        assert "rien n'est à réceptionner" in text(refused)
    url = begin(chief, order)
    for _ in range(2):
        chief.post(f"{url}/ajouter", data={"offre": BOULGOUR})
    assert [line.offer for line in lines(site)] == [RICE, BOULGOUR]


def test_two_people_on_one_line(site: Site) -> None:
    """The second is told, sees both, and keeps what was typed; another line is nobody's business."""
    chief, colleague = site.signed_in("chef"), site.signed_in("acheteur")
    url = begin(chief, sent(site))
    first, second = (f"{url}/lignes/{one.id}" for one in lines(site))
    seen = mark(colleague, first)
    save(chief, first, colis=4)
    save(chief, second, poids="9,5")
    late = colleague.post(first, data={"vu": seen, "verdict": "accepte", "colis": 5, "supplier_lot": "L5"})
    assert late.status_code == 409
    assert "Un collègue a contrôlé" in text(late)
    assert 'value="L5"' in late.text
    assert lines(site)[0].delivered_g == 4 * lines(site)[0].pack_g
    assert lines(site)[1].delivered_g == 9_500
    again = re.search(r'name="vu" value="([^"]+)"', late.text)
    assert again
    form = {"vu": again.group(1), "verdict": "accepte", "colis": 5, "supplier_lot": "L5"}
    assert colleague.post(first, data=form).status_code == 303


def test_a_correction_is_traced_and_moves_the_difference(site: Site) -> None:
    """Only the gestionnaire reopens, with a reason; the book, the purchase and the journal tell it."""
    chief, manager = site.signed_in("chef"), site.signed_in("gestionnaire")
    url = begin(chief, sent(site, (RICE, 5)))
    line = f"{url}/lignes/{lines(site)[0].id}"
    chief.post(f"{url}/conforme")
    chief.post(f"{url}/cloturer")
    assert chief.post(line, data={"vu": mark(chief, line), "colis": 4}).status_code == 409
    assert chief.post(f"{url}/rouvrir", data={"raison": "x"}).status_code == 403
    assert manager.post(f"{url}/rouvrir", data={"raison": " "}).status_code == 400
    manager.post(f"{url}/rouvrir", data={"raison": "un sac percé, compté trop vite"})
    save(manager, line, colis=4)
    manager.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        pack = session.get_one(Offer, RICE).pack_g
        moves = session.exec(select(StockMove).where(col(StockMove.reception_line).is_not(None))).all()
        assert [(move.kind, move.grams) for move in moves] == [("reception", 5 * pack), ("correction", -pack)]
        assert "percé" in moves[1].reason
        assert session.exec(select(Purchase)).one().grams == 4 * pack
        assert any("percé" in entry.after for entry in session.exec(select(JournalEntry)))


def test_a_delivery_without_an_order(site: Site) -> None:
    """A supplier, then its products; a purchase all the same."""
    chief = site.signed_in("chef")
    with Session(site.engine) as session:
        offer = session.get_one(Offer, RICE)
    url = chief.post(LIST, data={"fournisseur": offer.supplier}).location
    assert chief.post(LIST, data={"fournisseur": offer.supplier}).location == url
    assert chief.post(LIST, data={"fournisseur": "personne"}).status_code == 404
    line = chief.post(f"{url}/ajouter", data={"offre": RICE}).location
    save(chief, line, poids="12,5", date="2027-12-31", supplier_lot="RZ-9")
    chief.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        assert session.get_one(StockLot, (OWN, "riz", date(2027, 12, 31))).grams == 12_500
        assert session.exec(select(Purchase)).one().order_line is None
    assert "lot RZ-9" in text(chief.get(f"/cuisines/{OWN}/tracabilite?q=rz-9"))


def test_a_label_without_proof_counts_for_nothing(site: Site) -> None:
    """The product is bought, its label is not."""
    with Session(site.engine) as session:
        labelled = next(offer for offer in session.exec(select(Offer)) if offer.labels)
    chief = site.signed_in("chef")
    url = begin(chief, sent(site, (labelled.code, 1)))
    save(chief, f"{url}/lignes/{lines(site)[0].id}", colis=1, preuve="non")
    chief.post(f"{url}/cloturer")
    with Session(site.engine) as session:
        assert session.exec(select(Purchase)).one().labels == ()


def test_a_photo_is_kept_without_its_place(site: Site) -> None:
    """JPEG by its bytes; position and device are cut out, the turn of the picture stays."""
    chief = site.signed_in("chef")
    url = begin(chief, sent(site, (RICE, 1)))
    line = f"{url}/lignes/{lines(site)[0].id}"
    tiff = b"II\x2a\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0\x63\0\0\0"
    exif = b"Exif\0\0" + tiff + b"GPS 50.29 N 2.77 E"
    taken = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + b"\xff\xda\0\x02picture\xff\xd9"
    form = {"vu": mark(chief, line), "verdict": "accepte", "colis": 1}
    bad = chief.post(line, data={**form, "photo": (io.BytesIO(b"GIF89a"), "photo.jpg")})
    assert bad.status_code == 422
    assert "pas une photo" in text(bad)
    chief.post(line, data={**form, "photo": (io.BytesIO(taken), "photo.jpg")})
    with Session(site.engine) as session:
        kept = session.exec(select(Attachment)).one()
        assert b"GPS" not in kept.content
        assert b"picture" in kept.content
        assert photos.clean(kept.content) == ("image/jpeg", kept.content)
        assert b"\x01\x12\0\x03\0\0\0\x01\0\x06" in kept.content
    shown = chief.get(f"{LIST}/photos/{lines(site)[0].photo}")
    assert (shown.mimetype, shown.data) == ("image/jpeg", kept.content)
    other = site.signed_in("chef", "SALINES")
    assert other.get(f"/cuisines/SALINES/receptions/photos/{lines(site)[0].photo}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"poids": "1O,5"}, "n'est pas un nombre"),
        ({"colis": ""}, "Dites combien est arrivé"),
        ({"colis": "5", "temperature": "400"}, "température possible"),
        ({"colis": "2", "verdict": "partie", "colis_acceptes": "3", "motif": "qualite"}, "plus que"),
        ({"colis": "2", "date": "2027-13-01"}, "date attendue"),
        ({"colis": "999999999"}, "Plus de 50 tonnes"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(site: Site, typed: dict[str, str], words: str) -> None:
    """Every wrong cell in words, the form as typed."""
    chief = site.signed_in("chef")
    url = begin(chief, sent(site, (RICE, 5)))
    answer = save(chief, f"{url}/lignes/{lines(site)[0].id}", **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert lines(site)[0].delivered_g is None


def test_two_closings_at_the_same_instant(each_marais: Config) -> None:
    """Each finds it closed; the stock is in once."""
    engine = make_engine(each_marais.database_url)
    site = make_site(each_marais, engine)
    order = sent(site, (RICE, 5))
    browsers = [site.signed_in("chef"), site.signed_in("gestionnaire")]
    url = begin(browsers[0], order)
    browsers[0].post(f"{url}/conforme")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.post(f"{url}/cloturer").status_code, browsers))
    assert answers == [303, 303]
    with Session(engine) as session:
        assert len(session.exec(select(StockMove).where(StockMove.kind == "reception")).all()) == 1
    engine.dispose()


def test_the_law_by_food() -> None:
    """Classes of temperature and parts of origin, from the fields of a food."""
    beef = Food(
        code="b",
        name="Bœuf",
        family="VIANDES_VOLAILLES",
        group="boeuf",
        gamme="frais",
        storage="froid_positif",
    )
    pork = beef.model_copy(update={"group": "porc"})
    assert origin_parts(beef, TODAY) == ("born_in", "raised_in", "slaughtered_in")
    assert origin_parts(pork, TODAY) == ("raised_in", "slaughtered_in")
    assert origin_parts(pork.model_copy(update={"group": "fromage"}), TODAY) == ()
    assert too_warm(beef, 4) == ""
    assert "au plus" in too_warm(beef, 4.1)
