"""An order's life: each step allowed or refused, numbers without holes, nothing ever edited behind."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.kitchens.models import Kitchen
from cantine.orders import life
from cantine.orders.models import OrderSeries, PurchaseOrder, SupplierAnswerLine
from cantine.orders.states import (
    AMENDE,
    ANNULE,
    APPROUVE,
    CONFIRME,
    ENVOYE,
    FACTURE,
    LIVE,
    MODIFIE,
    RECU,
    REFUSE,
    ROUVERT,
    TRANSITIONS,
)
from cantine.suppliers.models import Engagement
from tests.cantine.orders import BOULGOUR, BUYER, RICE, order_of, staff
from tests.cantine.site import NOW, OTHER, OWN

ME = life.Actor(7)
Act = Callable[[Session, PurchaseOrder], object]


def answer(kind: str, packs: dict[int, int] | None = None, note: str = "") -> Act:
    """The producer answers; ``packs`` by position."""

    def act(session: Session, order: PurchaseOrder) -> object:
        lines = {line.position: line.id or 0 for line in life.lines_of(session, order)}
        told = {lines[position]: count for position, count in (packs or {}).items()}
        return life.record_answer(
            session, order, kind=kind, packs=told, notes={}, note=note, link=None, now=NOW
        )

    return act


ACTS: dict[str, Act] = {
    APPROUVE: lambda s, o: life.approve(s, o, life.Actor(8), NOW),
    ENVOYE: lambda s, o: life.mark_sent(s, o, ME, NOW),
    CONFIRME: answer(CONFIRME),
    MODIFIE: answer(MODIFIE, {1: 3}),
    REFUSE: answer(REFUSE),
    AMENDE: lambda s, o: life.amend(s, o, {1: 4}, ME, NOW, "un car est annulé"),
    ANNULE: lambda s, o: life.cancel(s, o, ME, NOW, "grève"),
    RECU: lambda s, o: life.mark_received(s, o, ME, NOW),
    FACTURE: lambda s, o: life.mark_invoiced(s, o, ME, NOW),
    ROUVERT: lambda s, o: life.reopen_invoiced(s, o, ME, NOW),
}
STATES = sorted({*LIVE, ANNULE})


def test_each_step_from_each_state(marais_engine: Engine) -> None:
    """What the table allows moves, dated and signed, once; anything else is told and changes nothing."""
    assert set(ACTS) == set(TRANSITIONS)
    with Session(marais_engine) as session:
        staff(session, 7, 8)
        for state in STATES:
            for kind, act in ACTS.items():
                order = order_of(session)
                order.state = state
                session.add(order)
                allowed = state in TRANSITIONS[kind].sources
                if allowed:
                    act(session, order)
                else:
                    with pytest.raises(ConflictError, match="elle ne peut plus"):
                        act(session, order)
                events = life.events_of(session, order)
                assert [event.kind for event in events] == [kind] * allowed, (state, kind)
                assert order.state == (TRANSITIONS[kind].target if allowed else state)
                assert order.version == 1 + allowed
                assert all(event.at == NOW.replace(tzinfo=event.at.tzinfo) for event in events)


def test_an_order_from_draft_to_invoice(marais_engine: Engine) -> None:
    """Number and engagement on approval; an answer says what will come; the journal names the user's acts."""
    with transaction(marais_engine) as session:
        staff(session, 7)
        session.add(Engagement(kitchen=OWN, supplier="epicier", year=2027, number="A-12"))
        session.get_one(Kitchen, OWN).service_code = "SRH"
        order = order_of(session, (RICE, 5), (BOULGOUR, 2))
        assert order.number == ""
        life.approve(session, order, ME, NOW, "vu avec l'adjoint")
        assert (order.number, order.engagement, order.approved_by) == ("2027-0001", "A-12", 7)
        assert order.service_code == "SRH"
        life.mark_sent(session, order, ME, NOW)
        told = answer(MODIFIE, {1: 3}, "récolte courte")(session, order)
        lines = life.lines_of(session, order)
        assert [life.expected_packs(line) for line in lines] == [3, 2]
        kept = session.exec(select(SupplierAnswerLine)).all()
        assert [(row.answer, row.line, row.packs) for row in kept] == [(told.id, lines[0].id, 3)]
        life.mark_received(session, order, ME, NOW)
        life.mark_invoiced(session, order, ME, NOW)
        events = life.events_of(session, order)
        assert [event.kind for event in events] == [APPROUVE, ENVOYE, MODIFIE, RECU, FACTURE]
        assert [event.user_id for event in events] == [7, 7, None, 7, 7]
        assert events[0].detail == "vu avec l'adjoint"
        assert events[2].who
        assert events[2].detail.endswith("5 → 3 · récolte courte")
        journal = session.exec(select(JournalEntry).where(JournalEntry.subject == life.SUBJECT)).all()
        assert [(entry.key, entry.user_id) for entry in journal] == [("2027-0001", 7)] * 4


def test_an_amended_order_keeps_its_former_version(marais_engine: Engine) -> None:
    """The former lines stay as they were, answer included; the number stays; it is to be sent again."""
    with transaction(marais_engine) as session:
        staff(session, 7)
        order = order_of(session, (RICE, 5), (BOULGOUR, 2))
        life.approve(session, order, ME, NOW)
        life.mark_sent(session, order, ME, NOW)
        answer(CONFIRME)(session, order)
        before = [line.model_dump() for line in life.lines_of(session, order)]
        life.amend(session, order, {1: 8}, ME, NOW, " sortie   annulée ")
        assert [line.model_dump() for line in life.lines_of(session, order, 1)] == before
        assert [(line.packs, line.confirmed_packs) for line in life.lines_of(session, order)] == [
            (8, None),
            (2, None),
        ]
        assert (order.state, order.order_version, order.number) == (APPROUVE, 2, "2027-0001")
        assert life.events_of(session, order)[-1].detail.startswith("sortie annulée (")
        life.mark_sent(session, order, ME, NOW)
        with pytest.raises(ConflictError, match="Rechargez la page"):
            life.record_answer(
                session,
                order,
                kind=MODIFIE,
                packs={before[0]["id"]: 1},
                notes={},
                note="",
                link=None,
                now=NOW,
            )


def test_an_answer_is_what_its_packs_say(marais_engine: Engine) -> None:
    """« Changée » with everything is a confirmation, with nothing a refusal; never more than ordered."""
    with Session(marais_engine) as session:
        staff(session, 7, 8)
        for packs, state in (({1: 5}, CONFIRME), ({1: 0}, REFUSE), ({1: 4}, MODIFIE)):
            order = order_of(session)
            order.state = ENVOYE
            answer(MODIFIE, packs)(session, order)
            assert order.state == state
        with pytest.raises(CantineError, match="au plus ce qui est commandé"):
            answer(MODIFIE, {1: 6})(session, order)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda s, o: life.amend(s, o, {1: 4}, ME, NOW, "  "), "pourquoi"),
        (lambda s, o: life.cancel(s, o, ME, NOW, ""), "pourquoi"),
        (lambda s, o: life.amend(s, o, {1: 5, 9: 3}, ME, NOW, "rien"), "Aucune quantité ne change"),
        (lambda s, o: life.amend(s, o, {1: 0}, ME, NOW, "rien"), "s'annule"),
        (lambda s, o: life.get_order(s, o.id, OTHER), "n'existe pas"),
        (lambda s, o: life.check_version(s, o, 1), "entre-temps"),
    ],
)
def test_refusals_leave_nothing(marais_engine: Engine, act: Act, words: str) -> None:
    """Each refusal is said in words, with no event and no new version."""
    with Session(marais_engine) as session:
        staff(session, 7, 8)
        order = order_of(session)
        life.approve(session, order, ME, NOW)
        with pytest.raises((CantineError, NotFoundError), match=words):
            act(session, order)
        assert len(life.events_of(session, order)) == 1
        assert order.order_version == 1


def test_an_empty_order_takes_no_number(marais_engine: Engine) -> None:
    """Nothing to approve: no number is spent."""
    with Session(marais_engine) as session:
        staff(session, 7, 8)
        with pytest.raises(CantineError, match="vide"):
            life.approve(session, order_of(session, (RICE, 0)), ME, NOW)
        assert session.get(OrderSeries, (BUYER, 2027)) is None


def test_numbers_have_no_holes_when_people_approve_at_once(each_marais: Config) -> None:
    """Ten approvals in four threads, some rolled back: 1 to 6, each once; each buyer has its own series."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        staff(session, 7)
        ids = [order_of(session).id or 0 for _ in range(10)]
        other = order_of(session, kitchen=OTHER, buyer="0990003C").id or 0

    def approve(rank: int, order_id: int) -> None:
        with suppress(ZeroDivisionError), transaction(engine) as session:
            life.approve(session, life.get_order(session, order_id, lock=True), ME, NOW)
            time.sleep(0.01)
            if rank % 5 in {1, 3}:
                raise ZeroDivisionError

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(approve, range(10), ids))
    approve(0, other)
    with Session(engine) as session:
        rows = session.exec(select(PurchaseOrder)).all()
        numbers = sorted(row.rank for row in rows if row.rank and row.buyer == BUYER)
        assert numbers == [1, 2, 3, 4, 5, 6]
        assert life.get_order(session, other).number == "2027-0001"
    engine.dispose()


def test_a_double_click_approves_once(each_marais: Config) -> None:
    """The same person twice at the same instant: one number, one event, no error; somebody else is told."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        staff(session, 7, 8)
        order_id = order_of(session).id or 0

    def click(_: int) -> None:
        with transaction(engine) as session:
            life.approve(session, life.get_order(session, order_id), ME, NOW)
            time.sleep(0.2)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(click, range(2)))
    with Session(engine) as session:
        order = life.get_order(session, order_id)
        assert [event.kind for event in life.events_of(session, order)] == [APPROUVE]
        assert session.get_one(OrderSeries, (BUYER, 2027)).last == 1
        with pytest.raises(ConflictError):
            life.approve(session, order, life.Actor(8), NOW)
    engine.dispose()
