"""Orders leave by a real SMTP server: accepted, put off, refused, cut, killed on the way; never twice."""

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from multiprocessing.synchronize import Event

import facturx
import pikepdf
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.config_mail import Mail, MailServer, read_mail
from cantine.db import make_engine, transaction
from cantine.errors import CantineError, ConfigError, ConflictError
from cantine.orders import life
from cantine.orders.life import Actor
from cantine.orders.models import OrderGroup, OutMessage, PurchaseOrder
from cantine.sending import outbox
from cantine.sending.deliver import (
    LEASE,
    MOST_ATTEMPTS,
    Post,
    claim,
    due,
    pause_after,
    send_one,
    send_waiting,
    sweep,
)
from cantine.sending.letters import NO_SENDER, Letterhead
from cantine.suppliers.models import Supplier
from tests.cantine.mail_server import ACCEPT, DROP, HANG, Box, free_port, serving
from tests.cantine.order_kitchen import BUTCHER, NOW, fill_orders
from tests.cantine.reports_kitchen import DELIVERY
from tests.conftest import SECRET

HEAD = Letterhead("commandes@college.example", "https://cantine.example", SECRET)
BUYER = Actor(7)
Clock = Callable[[], datetime]


@pytest.fixture
def ordered(each_engine: Engine) -> Engine:
    """Two approved orders to one butcher: SQLite, then PostgreSQL."""
    with transaction(each_engine) as session:
        fill_orders(session)
    return each_engine


@pytest.fixture
def sent(engine: Engine) -> Engine:
    """The same, on SQLite alone."""
    with transaction(engine) as session:
        fill_orders(session)
    return engine


def queue(engine: Engine, rank: int = 1, head: Letterhead = HEAD) -> int:
    """Ask to send the order with this rank; the number of its message."""
    with transaction(engine) as session:
        return outbox.queue_order(session, order_of(session, rank), BUYER, NOW, head).id or 0


def order_of(session: Session, rank: int = 1) -> PurchaseOrder:
    """The order with this rank."""
    return session.exec(select(PurchaseOrder).where(PurchaseOrder.rank == rank)).one()


def message_of(engine: Engine, number: int) -> OutMessage:
    """A message as it is now."""
    with Session(engine) as session:
        return session.get_one(OutMessage, number)


def post(engine: Engine, server: MailServer, clock: Clock = lambda: NOW, head: Letterhead = HEAD) -> Post:
    """A consumer."""
    return Post(engine, server, head, clock)


def states(engine: Engine) -> list[str]:
    """States of the orders, by rank."""
    with Session(engine) as session:
        return list(session.exec(select(PurchaseOrder.state).order_by(col(PurchaseOrder.rank))))


def test_an_order_arrives_with_its_paper_and_its_link(sent: Engine) -> None:
    """Words, link, PDF with its XML; asked twice, one message; the order is with the supplier."""
    number = queue(sent)
    assert queue(sent) == number
    box = Box()
    with serving(box) as server:
        assert send_waiting(post(sent, server)) == 1
        assert send_waiting(post(sent, server)) == 0
    (mail,) = box.messages
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Bonjour," in text
    assert "3 × colis 5 kg : Boeuf (15 kg)" in text
    assert "229,84 € HT, 243,55 € TTC" in text
    assert "https://cantine.example/p/" in text
    assert mail["Subject"].startswith("[démonstration] Bon de commande 2026-0001, Collège des Dunes")
    assert (mail["To"], mail["From"]) == ("bonjour@viandes.example", HEAD.sender)
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == "bon-de-commande-2026-0001.pdf"
    assert facturx.get_orderx_xml_from_pdf(paper.get_content())[0] == "order-x.xml"
    assert states(sent) == ["envoye", "approuve"]
    row = message_of(sent, number)
    assert (row.state, row.message_id) == ("envoye", mail["Message-ID"])
    with Session(sent) as session:
        event = life.events_of(session, order_of(session))[-1]
    assert (event.kind, event.who, event.detail) == (
        "envoye",
        "cantine",
        "par courriel",
    )


@pytest.mark.parametrize("where", ["recipient", "data"])
def test_refused_for_now_is_tried_again_later(sent: Engine, where: str) -> None:
    """450: visible, waits twice as long each time, then goes."""
    number = queue(sent)
    box = Box("450 boîte pleine", ACCEPT) if where == "data" else Box(recipient="450 boîte pleine")
    with serving(box) as server:
        send_waiting(post(sent, server))
        row = message_of(sent, number)
        assert (row.state, row.attempts) == ("a_envoyer", 1)
        assert "450 boîte pleine" in row.last_error
        assert send_waiting(post(sent, server)) == 0
        box.recipient = ACCEPT
        send_waiting(post(sent, server, lambda: NOW + pause_after(1)))
    assert message_of(sent, number).state == "envoye"
    assert [pause_after(n) for n in (1, 2, 3, 30)] == [timedelta(minutes=m) for m in (1, 2, 4, 240)]


@pytest.mark.parametrize("where", ["recipient", "data"])
def test_refused_for_good_is_told_with_the_words_of_the_server(sent: Engine, where: str) -> None:
    """550: never by itself again; corrected and asked for, the same Message-ID to the new address."""
    number = queue(sent)
    box = Box("550 inconnu ici", ACCEPT) if where == "data" else Box(recipient="550 inconnu ici")
    with serving(box) as server:
        send_waiting(post(sent, server))
        row = message_of(sent, number)
        assert (row.state, row.last_error) == ("echec", "Refusé par le serveur : « 550 inconnu ici ».")
        assert states(sent)[0] == "approuve"
        assert send_waiting(post(sent, server, lambda: NOW + timedelta(days=9))) == 0
        box.recipient = ACCEPT
        with transaction(sent) as session:
            session.get_one(Supplier, BUTCHER).email = "autre@viandes.example"
        assert queue(sent) == number  # « Envoyer » on the order's page: the same message goes out again
        send_waiting(post(sent, server))
    assert box.messages[-1]["To"] == "autre@viandes.example"
    assert box.messages[-1]["Message-ID"] == row.message_id
    assert states(sent)[0] == "envoye"


def test_cut_after_the_data_is_to_be_checked(sent: Engine) -> None:
    """Nobody knows: never again by itself; asked for, byte for byte the same; or said to have arrived."""
    first, second = queue(sent, 1), queue(sent, 2)
    box = Box(DROP)
    with serving(box) as server:
        send_waiting(post(sent, server))
        for number in (first, second):
            row = message_of(sent, number)
            assert row.state == "a_verifier"
            assert "on ne sait pas" in row.last_error
        assert send_waiting(post(sent, server, lambda: NOW + timedelta(days=9))) == 0
        assert states(sent) == ["approuve", "approuve"]
        with transaction(sent) as session:
            outbox.repeat(session, session.get_one(OutMessage, first), BUYER, NOW, HEAD)
            outbox.confirm_arrival(session, session.get_one(OutMessage, second), BUYER, NOW)
        box.answers = [ACCEPT]
        assert send_waiting(post(sent, server)) == 1
    assert len(box.received) == 3
    assert box.received[0] == box.received[2]
    assert states(sent) == ["envoye", "envoye"]
    with transaction(sent) as session, pytest.raises(ConflictError, match="plus à vérifier"):
        outbox.confirm_arrival(session, session.get_one(OutMessage, second), BUYER, NOW)


def _send_and_hang(url: str, server: MailServer, number: int, ready: Event) -> None:
    ready.wait(30)
    send_one(post(make_engine(url), server), number)


def test_killed_on_the_way_is_to_be_checked(sent: Engine) -> None:
    """Kill -9 between the message and its answer: when the lease is over, a person decides."""
    number = queue(sent)
    box, url, fork = Box(HANG), str(sent.url), multiprocessing.get_context("fork")
    port, ready = free_port(), fork.Event()
    # Forked before the server has its thread.
    child = fork.Process(
        target=_send_and_hang, args=(url, MailServer("smtp", "127.0.0.1", port), number, ready)
    )
    child.start()
    with serving(box, port):
        ready.set()
        assert box.began.wait(30)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        with transaction(sent) as session:
            assert sweep(session, NOW) == 0
            assert sweep(session, NOW + LEASE + timedelta(seconds=1)) == 1
            assert due(session, NOW + timedelta(days=9)) == []
    row = message_of(sent, number)
    assert (row.state, states(sent)[0]) == ("a_verifier", "approuve")
    assert "interrompu" in row.last_error
    with pytest.raises(ConflictError, match="On ne sait pas"):
        queue(sent)


def test_a_late_answer_counts_until_somebody_decides(sent: Engine) -> None:
    """The lease ended, the answer came after all; not once the message was sent again by hand."""
    number = queue(sent)

    def late() -> Iterator[datetime]:
        yield NOW
        with transaction(sent) as session:
            sweep(session, NOW + LEASE * 2)
        yield NOW + LEASE * 2

    ticks = late()
    with serving(Box()) as server:
        send_one(post(sent, server, lambda: next(ticks)), number)
    assert message_of(sent, number).state == "envoye"

    second = queue(sent, 2)

    def decided() -> Iterator[datetime]:
        yield NOW
        with transaction(sent) as session:
            sweep(session, NOW + LEASE * 2)
            outbox.repeat(session, session.get_one(OutMessage, second), BUYER, NOW, HEAD)
        yield NOW + LEASE * 2

    again = decided()
    with serving(Box()) as server:
        send_one(post(sent, server, lambda: next(again)), second)
    assert message_of(sent, second).state == "a_envoyer"


def test_many_consumers_take_a_message_once(ordered: Engine) -> None:
    """Eight at the same instant: one token."""
    number = queue(ordered)
    start, tokens = threading.Barrier(8), list[str | None]()

    def take() -> None:
        with Session(ordered) as session:
            start.wait()
            tokens.append(claim(session, number, NOW))
            session.commit()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(token is not None for token in tokens) == 1
    assert message_of(ordered, number).attempts == 1


def test_no_server_no_entry_and_twenty_tries(sent: Engine) -> None:
    """A server that does not answer puts off, with words; after twenty tries somebody must call."""
    number, nobody = queue(sent), MailServer("smtp", "127.0.0.1", free_port())
    send_waiting(post(sent, nobody))
    assert message_of(sent, number).last_error == "Le serveur d'envoi ne répond pas : connexion refusée."
    with transaction(sent) as session:
        session.get_one(OutMessage, number).attempts = MOST_ATTEMPTS - 1
    send_waiting(post(sent, nobody, lambda: NOW + timedelta(days=1)))
    row = message_of(sent, number)
    assert (row.state, row.last_error.startswith("Vingt essais")) == ("echec", True)
    closed = MailServer("smtp", "127.0.0.1", 1, "camille", "s3cret")
    assert "s3cret" not in repr(closed)


def test_an_amended_order_leaves_in_its_new_version_only(sent: Engine) -> None:
    """The message of the first version is dropped unsent, that of the second has its own Message-ID."""
    first = queue(sent)
    with transaction(sent) as session:
        life.amend(session, order_of(session), {1: 2}, BUYER, NOW, "moins de convives")
    second = queue(sent)
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
    assert [message_of(sent, n).state for n in (first, second)] == ["abandonne", "envoye"]
    (mail,) = box.messages
    assert ".v2." in mail["Message-ID"]
    assert "La version 2 remplace la précédente" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    with transaction(sent) as session, pytest.raises(ConflictError, match="en attente"):
        outbox.repeat(session, session.get_one(OutMessage, first), BUYER, NOW, HEAD)


def test_an_order_gone_otherwise_does_not_leave_twice(sent: Engine) -> None:
    """Told by telephone while its message waited: dropped, and not sent again by mistake."""
    number, second = queue(sent), queue(sent, 2)
    with transaction(sent) as session:
        for rank in (1, 2):
            life.mark_sent(session, order_of(session, rank), BUYER, NOW, "par téléphone")
        session.get_one(OutMessage, second).state = "echec"
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
    assert box.received == []
    assert message_of(sent, number).state == "abandonne"
    with transaction(sent) as session, pytest.raises(ConflictError, match="partie autrement"):
        outbox.repeat(session, session.get_one(OutMessage, second), BUYER, NOW, HEAD)


def test_a_group_leaves_in_one_message(sent: Engine) -> None:
    """It waits for every approval; then one message with each bon and the packing list."""
    with transaction(sent) as session:
        group = OrderGroup(supplier=BUTCHER, delivery=DELIVERY, created_at=NOW)
        session.add(group)
        session.flush()
        for rank in (1, 2):
            order_of(session, rank).group = group.id
        order_of(session, 2).state = "brouillon"
    with pytest.raises(ConflictError, match="attend l'approbation de 1"):
        queue(sent)
    with transaction(sent) as session:
        order_of(session, 2).state = "approuve"
    number = queue(sent)
    assert queue(sent, 2) == number
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
    (mail,) = box.messages
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "bon-de-commande-2026-0001.pdf",
        "bon-de-commande-2026-0002.pdf",
        f"repartition-loin-{DELIVERY}.pdf",
    ]
    assert states(sent) == ["envoye", "envoye"]


def test_a_group_changed_before_it_left_is_written_again(sent: Engine) -> None:
    """One of the two is cancelled: the message is dropped, and asked again it takes the other alone."""
    with transaction(sent) as session:
        group = OrderGroup(supplier=BUTCHER, delivery=DELIVERY, created_at=NOW)
        session.add(group)
        session.flush()
        for rank in (1, 2):
            order_of(session, rank).group = group.id
    number = queue(sent)
    with transaction(sent) as session:
        life.cancel(session, order_of(session, 2), BUYER, NOW, "grève")
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
        assert message_of(sent, number).state == "abandonne"
        assert queue(sent) == number
        send_waiting(post(sent, server))
    (mail,) = box.messages
    assert mail["X-Cantine-Order"] == "2026-0001/v1"
    assert states(sent) == ["envoye", "annule"]


def test_a_message_waits_for_a_server_and_takes_its_letterhead(sent: Engine) -> None:
    """Written before the house had an address, it is written again under it when it leaves."""
    number = queue(sent, head=replace(HEAD, sender=NO_SENDER, site="http://127.0.0.1:8000"))
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
    (mail,) = box.messages
    assert mail["From"] == HEAD.sender
    assert "https://cantine.example/p/" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Message-ID"] == message_of(sent, number).message_id


@pytest.mark.parametrize(
    ("email", "words"),
    [("", "n'a pas de courriel"), ("a@b", "n'est pas une adresse"), ("a@b.fr\nBcc: x@y.fr", "adresse")],
)
def test_an_unusable_address_is_told_before_anything_is_written(sent: Engine, email: str, words: str) -> None:
    """Nothing half-done, and no header of somebody else's."""
    with transaction(sent) as session:
        session.get_one(Supplier, BUTCHER).email = email
    with pytest.raises(CantineError, match=words):
        queue(sent)
    with Session(sent) as session:
        assert session.exec(select(OutMessage)).all() == []


def test_lines_that_begin_with_a_dot_are_kept(sent: Engine) -> None:
    """The end of a message is a dot alone: what looks like it is doubled on the way."""
    number = queue(sent)
    with transaction(sent) as session:
        row = session.get_one(OutMessage, number)
        row.content = row.content.replace(b"Bonjour,", b"Bonjour,\r\n.\r\n..fin")
    box = Box()
    with serving(box) as server:
        send_waiting(post(sent, server))
    text = box.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "\n.\n..fin" in text.replace("\r\n", "\n")
    (paper,) = box.messages[0].iter_attachments()
    assert len(pikepdf.open(BytesIO(paper.get_content())).pages) == 1


@pytest.mark.parametrize(
    ("smtp", "sender", "public", "words"),
    [
        ("mail.college.fr:25", "a@b.fr", "", "smtp+starttls://"),
        ("smtp://:25", "a@b.fr", "", "smtps://"),
        ("smtp://h:port", "a@b.fr", "", "ne se lit pas"),
        ("smtp://u:s3cret@h", "a@b.fr", "https://c.fr", "ne part pas en clair"),
        ("smtps://u@h", "a@b.fr", "https://c.fr", "aucun des deux"),
        ("smtps://h/s3cret", "a@b.fr", "https://c.fr", "rien après le port"),
        ("smtps://h", "", "https://c.fr", "CANTINE_MAIL_FROM"),
        ("smtps://h", "a@b.fr", "", "CANTINE_PUBLIC_URL"),
        ("", "Commandes <a@b.fr>", "", "n'est pas une adresse"),
        ("", "a@b.fr", "http://c.fr", "https://"),
        ("", "a@b.fr", "javascript:1", "n'est pas une adresse"),
    ],
)
def test_wrong_settings_are_refused_in_french(smtp: str, sender: str, public: str, words: str) -> None:
    """In production; a password is never repeated."""
    with pytest.raises(ConfigError, match=re.escape(words)) as error:
        read_mail(smtp, sender, public, production=True)
    assert "s3cret" not in error.value.message


def test_settings_are_read() -> None:
    """Ports by kind, letters escaped, no slash at the end; nothing at all is fine."""
    mail = read_mail("smtps://u%40b.fr:p%2Fw@h", "a@b.fr", "https://c.fr/cantine/", production=True)
    assert mail.server == MailServer("smtps", "h", 465, "u@b.fr", "p/w")
    assert mail.public_url == "https://c.fr/cantine"
    assert read_mail("", "", "", production=True) == Mail()
    plain = read_mail("smtp+starttls://h", "a@b.fr", "", production=False)
    assert plain.server == MailServer("smtp+starttls", "h", 587)
