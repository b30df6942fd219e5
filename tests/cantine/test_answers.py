"""What producers say, as the buyer reads it: changes in packs and euros, announcements taken over."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.errors import ConflictError, NotFoundError
from cantine.orders import announcements, answers, life, links
from cantine.orders.announcements import Told
from cantine.orders.life import Actor
from cantine.orders.models import Announcement, PurchaseOrder, SupplierAnswer
from cantine.suppliers.models import Offer
from cantine.suppliers.price_week import sell_for_a_week
from tests.cantine.order_kitchen import BUTCHER, NOW, OTHER, fill_orders
from tests.cantine.reports_kitchen import CODE, MONDAY

WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def answered(engine: Engine) -> Engine:
    """The butcher sends one pack less of beef and no pork."""
    with transaction(engine) as session:
        first, _ = fill_orders(session)
        life.mark_sent(session, first, Actor(7), NOW)
        beef, pork, _ = life.lines_of(session, first)
        life.record_answer(
            session, first, kind="modifie", packs={beef.id or 0: 2, pork.id or 0: 0}, notes={},
            note="Fête à l'abattoir", link=links.link_for(session, first, NOW).id, now=NOW,
        )  # fmt: skip
    return engine


def test_changes_are_told_in_packs_and_euros(answered: Engine) -> None:
    """New first; seen once; a later answer or version takes its place."""
    with transaction(answered) as session:
        (one,) = answers.answers_for(session, CODE)
        assert [(c.name[:5], c.ordered, c.coming, c.difference_ht) for c in one.changes] == [
            ("Boeuf", 3, 2, Decimal(-50)),
            ("Porc ", 2, 0, Decimal(-60)),
        ]
        assert (one.difference_ht, one.note, one.new, one.to_mend) == (
            Decimal(-110),
            "Fête à l'abattoir",
            True,
            True,
        )
        assert answers.answers_for(session, OTHER) == []
        with pytest.raises(NotFoundError):
            answers.get_answer(session, one.id, OTHER)
        answers.see_answer(session, answers.get_answer(session, one.id, CODE), 7, NOW)
        answers.see_all(session, CODE, 8, NOW + timedelta(days=1))
        assert session.exec(select(SupplierAnswer.seen_by)).one() == 7
        order = session.get_one(PurchaseOrder, one.order.id)
        life.record_answer(session, order, kind="confirme", packs={}, notes={}, note="", link=None, now=NOW)
        new, old = answers.answers_for(session, CODE)
        assert (new.kind, new.new, new.to_mend, new.by_link) == ("confirme", True, False, False)
        assert (old.kind, old.new, old.latest, old.to_mend) == ("modifie", False, False, False)
        life.amend(session, order, {1: 1}, Actor(7), NOW, "moins de convives")
        assert not any(answer.current for answer in answers.answers_for(session, CODE))


def announced(session: Session, offer: str | None = "boeuf_lr", week: date = WEEK) -> Announcement:
    """Twelve packs at 48,50 € that week."""
    announcements.announce(
        session, supplier=BUTCHER, offer=offer, name="Bœuf", weeks={week: Told(12, Decimal("48.5"))}, note="",
        link=None, now=NOW,
    )  # fmt: skip
    session.flush()
    return session.exec(select(Announcement).order_by(col(Announcement.id).desc())).all()[0]


def beef(session: Session) -> list[tuple[date, date, Decimal, int | None]]:
    """Days, price and volume of the offers of beef, in order."""
    rows = session.exec(select(Offer).where(Offer.food == "boeuf").order_by(col(Offer.valid_from)))
    return [(row.valid_from, row.valid_to, row.price_ht, row.weekly_packs) for row in rows]


def test_an_announcement_is_taken_over_for_its_week_only(answered: Engine) -> None:
    """Before and after, the offer is what it was; the journal says who; twice is refused."""
    with transaction(answered) as session:
        row = announced(session)
        (shown,) = announcements.announcements_for(session, CODE, MONDAY)
        assert (shown.grams, shown.difference_ht, shown.row.seen_at) == (60_000, Decimal("-1.5"), None)
        announcements.take_over(session, row, CODE, 7, NOW)
        first, last = date(2026, 9, 1), date(2027, 7, 31)
        assert beef(session) == [
            (first, WEEK - timedelta(days=1), Decimal(50), None),
            (WEEK, WEEK + timedelta(days=6), Decimal("48.5"), 12),
            (WEEK + timedelta(days=7), last, Decimal(50), None),
        ]
        assert (row.applied_at, row.seen_by) == (NOW, 7)
        entry = session.exec(select(JournalEntry).where(JournalEntry.subject == "annonce")).one()
        assert (entry.kitchen, entry.user_id, '"colis par semaine": 12' in entry.after) == (CODE, 7, True)
        with pytest.raises(ConflictError, match="déjà reprise"):
            announcements.take_over(session, row, CODE, 7, NOW)


def test_what_is_not_sold_cannot_be_taken_over(answered: Engine) -> None:
    """No offer of that name, or none that week; another kitchen's buyer sees nothing of it."""
    with transaction(answered) as session:
        unnamed = announced(session, offer=None)
        with pytest.raises(ConflictError, match="ajoutez d'abord l'offre"):
            announcements.take_over(session, unnamed, CODE, 7, NOW)
        late = announced(session, week=date(2027, 8, 2))
        with pytest.raises(ConflictError, match="ne se vend plus"):
            announcements.take_over(session, late, CODE, 7, NOW)
        with pytest.raises(NotFoundError):
            announcements.get_announcement(session, unnamed.id or 0, "PORT-BRUME")


@pytest.mark.parametrize(
    ("first", "last", "stretches"),
    [
        (WEEK, WEEK + timedelta(days=6), 1),
        (WEEK, WEEK + timedelta(days=20), 2),
        (WEEK - timedelta(days=9), WEEK + timedelta(days=2), 2),
        (WEEK + timedelta(days=2), WEEK + timedelta(days=30), 2),
    ],
)
def test_every_way_a_week_may_lie_in_an_offer(
    engine: Engine, first: date, last: date, stretches: int
) -> None:
    """The days on sale stay the same, none twice, whatever the dates of the offer."""
    with transaction(engine) as session:
        fill_orders(session)
        offer = session.get_one(Offer, "boeuf_lr")
        offer.valid_from, offer.valid_to = first, last
        sold = sell_for_a_week(session, offer, WEEK, packs=5, price_ht=None)
        rows = beef(session)
        assert (sold.weekly_packs, sold.price_ht, len(rows)) == (5, Decimal(50), stretches)
        assert (rows[0][0], rows[-1][1]) == (first, last)
        for before, after in pairwise(rows):
            assert after[0] == before[1] + timedelta(days=1)
        assert [row[3] for row in rows].count(5) == 1
