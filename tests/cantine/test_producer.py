"""A producer without an account: his link shows his order and nothing else; he answers, he announces."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.views import limiter
from cantine.clock import utc_now
from cantine.db import transaction
from cantine.orders import announcements, life, links
from cantine.orders.life import Actor
from cantine.orders.models import (
    Announcement,
    OrderGroup,
    OutMessage,
    PurchaseOrder,
    SupplierAnswer,
    SupplierLink,
)
from tests.cantine.order_kitchen import BUTCHER, fill_orders
from tests.cantine.reports_kitchen import DELIVERY
from tests.cantine.site import Site, make_site
from tests.cantine.test_planning_views import text_of
from tests.conftest import SECRET, make_config

NOW = utc_now()


@pytest.fixture
def served(home: Path, engine: Engine) -> Site:
    """The small kitchens; their orders are with the butcher."""
    with transaction(engine) as session:
        for one in fill_orders(session):
            life.mark_sent(session, one, Actor(7), NOW)
    made = make_site(make_config(home), engine)
    with made.app.app_context():
        limiter.reset()
    return made


def address(site: Site, rank: int = 1, **columns: object) -> str:
    """The address of the link of an order, its row changed as told."""
    with transaction(site.engine) as session:
        link = links.link_for(session, order_of(session, rank), NOW)
        for name, value in columns.items():
            setattr(link, name, value)
        return f"/p/{links.sign(SECRET, link)}"


def order_of(session: Session, rank: int = 1) -> PurchaseOrder:
    """The order with this rank."""
    return session.exec(select(PurchaseOrder).where(PurchaseOrder.rank == rank)).one()


def form_of(page: str) -> dict[str, str]:
    """Hidden fields of the page, and each line agreed to."""
    hidden = re.findall(r'name="(version-\d+)" value="(\d+)"', page)
    return dict(hidden) | dict.fromkeys(re.findall(r'name="(choix-\d+)"', page), "oui")


def lines(site: Site, rank: int = 1) -> list[tuple[str, int, int | None]]:
    """Offer, packs and confirmed packs of the version in force."""
    with Session(site.engine) as session:
        return [
            (x.offer, x.packs, x.confirmed_packs) for x in life.lines_of(session, order_of(session, rank))
        ]


def state(site: Site, rank: int = 1) -> str:
    """State of an order."""
    with Session(site.engine) as session:
        return order_of(session, rank).state


def keys(site: Site, rank: int = 1) -> list[int]:
    """Rows of the lines."""
    with Session(site.engine) as session:
        return [x.id or 0 for x in life.lines_of(session, order_of(session, rank))]


def test_one_button_confirms_everything(served: Site) -> None:
    """The order in his words; answered, it is confirmed, and a second answer is told where it stands."""
    browser, link = served.browser(), address(served)
    page = browser.get(link)
    words = text_of(page.text)
    for told in (
        "du collège des Dunes",
        "3 × colis 5 kg",
        "15 kg au total",
        "150,00 € HT",
        "Jeudi 31 décembre",
    ):
        assert told in words.replace("\u00a0", " "), told
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    for secret in ("2026-0002", "Fort", "dinde", "Claude"):
        assert secret not in page.text
    form = form_of(page.text)
    assert browser.post(link, data=form).status_code == 303
    assert state(served) == "confirme"
    assert lines(served) == [("boeuf_lr", 3, 3), ("porc_1", 2, 2), ("lait_2", 1, 1)]
    assert "votre réponse est enregistrée" in browser.get(link).text
    again = browser.post(link, data=form)
    assert again.status_code == 409
    assert "déjà enregistrée" in text_of(again.text)
    with Session(served.engine) as session:
        assert len(session.exec(select(SupplierAnswer)).all()) == 1
        assert session.exec(select(SupplierLink.last_seen_at)).one() is not None


def test_he_changes_a_quantity_declines_a_line_and_changes_his_mind(served: Site) -> None:
    """Two packs in place of three, no pork, a word; then everything after all."""
    browser, link = served.browser(), address(served)
    beef, pork, _ = keys(served)
    form = form_of(browser.get(link).text)
    form |= {
        f"choix-{beef}": "autre",
        f"colis-{beef}": "2",
        f"choix-{pork}": "non",
        "mot": "Gelée cette nuit.",
    }
    assert browser.post(link, data=form).status_code == 303
    assert (state(served), lines(served)[:2]) == ("modifie", [("boeuf_lr", 3, 2), ("porc_1", 2, 0)])
    with Session(served.engine) as session:
        answer = session.exec(select(SupplierAnswer)).one()
        assert (answer.kind, answer.note, answer.seen_at) == ("modifie", "Gelée cette nuit.", None)
    page = browser.get(f"{link}?changer=1").text
    assert 'value="2"' in page
    assert browser.post(link, data=form_of(page)).status_code == 303
    assert state(served) == "confirme"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1O", "n'est pas un nombre de colis"),
        ("", "n'est pas un nombre"),
        ("-1", "nombre"),
        ("9", "pas plus"),
    ],
)
def test_a_wrong_number_is_given_back(served: Site, typed: str, words: str) -> None:
    """Beside its line, with what was typed; nothing is kept."""
    browser, link = served.browser(), address(served)
    beef = keys(served)[0]
    form = form_of(browser.get(link).text) | {
        f"choix-{beef}": "autre",
        f"colis-{beef}": typed,
        "mot": "Bonjour",
    }
    answer = browser.post(link, data=form)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert ">Bonjour<" in answer.text
    assert state(served) == "envoye"


def test_an_order_changed_meanwhile_is_told(served: Site) -> None:
    """Amended: not before it is sent again; cancelled, delivered: in words, without a form."""
    browser, link = served.browser(), address(served)
    form = form_of(browser.get(link).text)
    with transaction(served.engine) as session:
        life.amend(session, order_of(session), {1: 1}, Actor(7), NOW, "moins de convives")
    early = browser.post(link, data=form)
    assert early.status_code == 409
    assert "n'est pas enregistrée" in text_of(early.text)
    assert "prépare une nouvelle version" in text_of(early.text)
    assert state(served) == "approuve"
    with transaction(served.engine) as session:
        life.mark_sent(session, order_of(session), Actor(7), NOW)
    late = browser.post(link, data=form)
    assert late.status_code == 409
    assert "La cuisine a changé cette commande" in text_of(late.text)
    assert "1 × colis 5 kg" in text_of(late.text)
    assert browser.post(link, data=form_of(browser.get(link).text)).status_code == 303
    for told, words in (("recu", "déjà livrée"), ("annule", "ne la livrez pas")):
        with transaction(served.engine) as session:
            order_of(session).state = told
        page = browser.get(link).text
        assert words in text_of(page)
        assert "data-send" not in page


def test_an_answer_proves_that_a_doubtful_message_arrived(served: Site) -> None:
    """The line was cut, he has it all the same: sent, then confirmed."""
    with transaction(served.engine) as session:
        one = order_of(session)
        one.state, one.sent_at = "approuve", None
        session.add(
            OutMessage(
                supplier=BUTCHER,
                order=one.id,
                message_id="<a@b>",
                recipient="a@b.fr",
                subject="",
                content=b"",
                state="a_verifier",
                created_at=NOW,
            )
        )
    browser, link = served.browser(), address(served)
    assert browser.post(link, data=form_of(browser.get(link).text)).status_code == 303
    assert state(served) == "confirme"
    with Session(served.engine) as session:
        assert session.exec(select(OutMessage.state)).one() == "envoye"
        assert [event.kind for event in life.events_of(session, order_of(session))][-2:] == [
            "envoye",
            "confirme",
        ]


def test_a_link_that_opens_nothing_says_the_same_whatever_is_wrong(served: Site) -> None:
    """Expired, revoked, altered, never given: one kind page, 404, on every address."""
    browser, good = served.browser(), address(served)
    other = address(served, 2, expires_at=NOW - timedelta(days=1))
    with transaction(served.engine) as session:
        assert links.revoke(session, order_of(session), 7, NOW) == 1
    pages = set()
    for link in (good, other, good[:-2] + "xx", "/p/rien", f"/p/{links.sign('x' * 40, SupplierLink(id=1))}"):
        for answer in (browser.get(link), browser.get(f"{link}/annonces"), browser.post(link, data={})):
            assert answer.status_code == 404
            assert answer.headers["X-Robots-Tag"].startswith("noindex")
            pages.add(re.sub(r'content="[^"]+"', "", answer.text))
    assert len(pages) == 1
    assert "n'est plus valable" in text_of(pages.pop())


def test_a_link_opens_the_papers_of_its_own_orders_only(served: Site) -> None:
    """His bon de commande, nobody else's; tokens of forms are asked; too many tries are slowed down."""
    browser, link = served.browser(), address(served)
    with Session(served.engine) as session:
        own, other = order_of(session, 1).id, order_of(session, 2).id
    assert browser.get(f"{link}/bon/{own}").mimetype == "application/pdf"
    assert browser.get(f"{link}/bon/{other}").status_code == 404
    served.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post(link, data={}).status_code == 400
    served.app.config["WTF_CSRF_ENABLED"] = False
    with served.app.app_context():
        limiter.reset()
    assert {browser.post("/p/rien", data={}).status_code for _ in range(31)} == {404, 429}


@pytest.mark.parametrize("doubt", [False, True])
def test_a_group_is_answered_at_once(served: Site, doubt: bool) -> None:
    """Two kitchens on one page, one answer each; it proves that their one mail in doubt arrived."""
    with transaction(served.engine) as session:
        group = OrderGroup(supplier=BUTCHER, delivery=DELIVERY, created_at=NOW)
        session.add(group)
        session.flush()
        for rank in (1, 2):
            order_of(session, rank).group = group.id
            if doubt:
                order_of(session, rank).state = "approuve"
        if doubt:
            mail = {"message_id": "a", "recipient": "a@b", "subject": "", "content": b"", "created_at": NOW}
            session.add(OutMessage(group=group.id, state="a_verifier", **mail))
        link = f"/p/{links.sign(SECRET, links.link_for(session, order_of(session), NOW, grouped=True))}"
    browser = served.browser()
    page = browser.get(link).text
    assert "2 établissements" in text_of(page)
    assert "Cuisine du Fort" in page
    assert browser.post(link, data=form_of(page)).status_code == 303
    assert (state(served, 1), state(served, 2)) == ("confirme", "confirme")


def announce(browser: FlaskClient, link: str, product: str, *cells: str, **more: str) -> tuple[int, str]:
    """Type packs and price of the first weeks, two cells each."""
    weeks = [day.isoformat() for day in announcements.coming_weeks(date(2027, 1, 4))]
    names = [f"{kind}-{week}" for week in weeks for kind in ("colis", "prix")]
    answer = browser.post(
        f"{link}/annonces", data={"produit": product, **dict(zip(names, cells, strict=False)), **more}
    )
    return answer.status_code, answer.text


def told(site: Site) -> list[tuple[str, date, int | None, Decimal | None]]:
    """Announcements kept."""
    with Session(site.engine) as session:
        rows = session.exec(select(Announcement).order_by(col(Announcement.week), col(Announcement.id)))
        return [(row.name, row.week, row.packs, row.price_ht) for row in rows]


def test_he_announces_four_weeks_and_takes_one_back(served: Site) -> None:
    """French decimals; said again, it replaces; blank, it is taken back; all faults at once."""
    browser, link = served.browser(), address(served)
    page = browser.get(f"{link}/annonces").text
    assert "Semaine 2" in text_of(page)
    assert "dinde" not in page.split("</select>")[1]
    assert announce(browser, link, "boeuf_lr", "12", "48,50", "", "", "9", "")[0] == 303
    first = date(2027, 1, 11)
    assert told(served) == [
        ("Boeuf", first, 12, Decimal("48.5")),
        ("Boeuf", first + timedelta(days=14), 9, None),
    ]
    assert 'value="48,50"' in browser.get(f"{link}/annonces?produit=boeuf_lr").text
    assert announce(browser, link, "boeuf_lr", "10", "", "", "", "", "")[0] == 303
    assert told(served) == [("Boeuf", first, 10, None)]
    status, page = announce(browser, link, "boeuf_lr", "1O", "-3", "99999")
    assert status == 422
    assert "3 cases à corriger" in text_of(page)
    assert 'value="1O"' in page
    assert told(served) == [("Boeuf", first, 10, None)]
    assert announce(browser, link, "autre", "5", nom="Joue de bœuf")[0] == 303
    assert announce(browser, link, "autre", "5")[0] == 422
    assert announce(browser, link, "carotte_bio", "5")[0] == 422, "another supplier's offer is not his"
    assert [row[0] for row in told(served)] == ["Boeuf", "Joue de bœuf"]
