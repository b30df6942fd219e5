"""What orders hold of the people behind a supplier: handed over, erased everywhere, forgotten in time."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from cantine.db import transaction
from cantine.orders import announcements, contacts, life, links
from cantine.orders.announcements import Told
from cantine.orders.life import Actor
from cantine.orders.models import Announcement, OrderEvent, OutMessage, Purchase, SupplierAnswer, SupplierLink
from cantine.purge import forget_old
from cantine.sending import outbox
from cantine.suppliers.models import Supplier
from tests.cantine.bought import bought
from tests.cantine.order_kitchen import BUTCHER, NOW, fill_orders
from tests.cantine.reports_kitchen import CODE, MONDAY
from tests.cantine.test_sending import HEAD

MAIL, WORDS, NAME = "bonjour@viandes.example", "Rappelez Lise ce soir", "Viandes Lointaines"


@pytest.fixture
def answered(engine: Engine) -> Engine:
    """A message, a link, an answer with words, an announcement with words."""
    with transaction(engine) as session:
        first, second = fill_orders(session)
        outbox.queue_order(session, second, Actor(7), NOW, HEAD)
        life.mark_sent(session, first, Actor(7), NOW)
        link = links.link_for(session, first, NOW)
        life.record_answer(
            session, first, kind="refuse", packs={}, notes={}, note=WORDS, link=link.id, now=NOW
        )
        announcements.announce(
            session, supplier=BUTCHER, offer="boeuf_lr", name="Bœuf", weeks={MONDAY: Told(3, None)},
            note=WORDS, link=link.id, now=NOW,
        )  # fmt: skip
    return engine


def everything(engine: Engine) -> str:
    """Every text that could hold the person."""
    tables: tuple[type[SQLModel], ...] = (
        OutMessage,
        SupplierAnswer,
        Announcement,
        OrderEvent,
        Supplier,
        Purchase,
    )
    with Session(engine) as session:
        rows = [row for table in tables for row in session.exec(select(table))]
        return "\n".join(str(row.model_dump()) for row in rows)


def test_all_of_it_is_handed_over(answered: Engine) -> None:
    """Messages, links, answers, announcements beside the sheet."""
    with Session(answered) as session:
        held = contacts.export(session, BUTCHER)
    assert held["courriel"] == MAIL
    for key in ("messages_envoyes", "liens", "reponses", "annonces"):
        assert held[key], key
    assert MAIL in str(held["messages_envoyes"])
    assert WORDS in str(held["reponses"])
    assert WORDS in str(held["annonces"])


def test_all_of_it_is_erased(answered: Engine) -> None:
    """Address, words and name go, in the history too; links close, what waits does not leave; packs stay."""
    with transaction(answered) as session:
        session.add(bought("", 5, kitchen=CODE, supplier=BUTCHER, supplier_name=NAME))
        session.add(bought("", 5, kitchen=CODE, supplier_name=NAME))
    assert MAIL in everything(answered)
    with transaction(answered) as session:
        contacts.anonymise(session, BUTCHER, by=7, now=NOW, person=True)
    left = everything(answered)
    for gone in (MAIL, WORDS, NAME):
        assert gone not in left, gone
    with Session(answered) as session:
        message = session.exec(select(OutMessage)).one()
        assert (message.state, message.content) == ("abandonne", b"")
        assert all(link.revoked_at for link in session.exec(select(SupplierLink)))
        assert session.exec(select(SupplierAnswer.kind)).one() == "refuse"
        assert session.exec(select(Announcement.packs)).one() == 3


def test_old_messages_are_emptied(answered: Engine) -> None:
    """A year after; not one that still waits."""
    for state, kept in (("a_envoyer", True), ("envoye", False)):
        with transaction(answered) as session:
            message = session.exec(select(OutMessage)).one()
            message.state = state
            session.add(message)
        with transaction(answered) as session:
            forget_old(session, NOW + contacts.MESSAGES_KEPT + timedelta(days=1))
        with Session(answered) as session:
            message = session.exec(select(OutMessage)).one()
            assert bool(message.recipient and message.content) == kept
            assert message.subject
