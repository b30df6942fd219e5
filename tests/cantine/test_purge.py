"""What is forgotten is forgotten every day, whether or not the site starts again."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine import purge
from cantine.accounts import people
from cantine.accounts.models import User
from cantine.cli import main
from cantine.db import transaction
from cantine.errors import ConflictError
from tests.cantine.site import NOW, OWN, Site


class Days(threading.Event):
    """A stop that comes after so many looks, each moving a clock on by some hours."""

    def __init__(self, looks: int, hours: float) -> None:
        super().__init__()
        self.left, self.hours, self.now = looks, hours, datetime(2027, 1, 4, 1, tzinfo=UTC)

    def wait(self, timeout: float | None = None) -> bool:
        """One look: the clock moves on."""
        assert timeout == purge.LOOK_SECONDS
        self.left, self.now = self.left - 1, self.now + timedelta(hours=self.hours)
        if not self.left:
            self.set()
        return self.is_set()

    def clock(self) -> datetime:
        """The time of this look."""
        return self.now


def test_the_purge_runs_once_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirteen looks, four hours apart: at the start, then at the first look of each new day in France."""
    seen: list[datetime] = []
    monkeypatch.setattr(purge, "forget_old", lambda _session, now: seen.append(now))
    days = Days(13, 4)
    purge.every_day(site.engine, days, days.clock)
    assert [(now.day, now.hour) for now in seen] == [(4, 1), (5, 1), (6, 1)]


def test_an_account_goes_the_day_its_year_ends(site: Site) -> None:
    """Without a restart: the running site forgets a person who stopped coming."""
    start = datetime(2027, 1, 4, 1, tzinfo=UTC)
    site.person(("administrateur", ""), last_seen_at=start)
    number = site.person(("chef", OWN), login="partie", last_seen_at=start - timedelta(days=363))
    for looks, login in ((2, "partie"), (4, f"ancien-{number}")):
        days = Days(looks, 24)
        purge.every_day(site.engine, days, days.clock)
        with Session(site.engine) as session:
            assert people.get(session, number).login == login


def test_a_day_that_failed_is_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that does not answer stops neither the site nor the purge, and the log names no data."""
    tried: list[int] = []

    def fail_once(_session: Session, _now: datetime) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise ConflictError("Camille Secrète")

    monkeypatch.setattr(purge, "forget_old", fail_once)
    days = Days(3, 1)
    with caplog.at_level(logging.ERROR):
        purge.every_day(site.engine, days, days.clock)
    assert len(tried) == 2
    assert "ConflictError" in caplog.text
    assert "Camille" not in caplog.text


def test_the_verb_does_it_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``cantine user purge`` says what was forgotten."""
    site.person(("administrateur", ""))
    old = datetime(2020, 1, 1, tzinfo=UTC)
    site.person(("chef", OWN), login="partie", created_at=old, last_seen_at=old)
    monkeypatch.setenv("CANTINE_HOME", str(site.app.config["CANTINE"].home))
    assert main(["user", "purge"]) == 0
    assert "compte" in capsys.readouterr().out
    with Session(site.engine) as session:
        assert "partie" not in session.exec(select(User.login)).all()


def test_nothing_is_lost_when_part_of_it_fails(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: an error leaves the day as it was."""
    with transaction(engine) as session:
        session.add(User(login="camille", name="Camille", password_hash="", created_at=NOW))

    def half(session: Session, _now: datetime) -> None:
        session.exec(select(User)).one().name = "perdu"
        session.flush()
        raise ConflictError

    monkeypatch.setattr(purge, "forget_old", half)
    days = Days(1, 1)
    purge.every_day(engine, days, days.clock)
    with Session(engine) as session:
        assert session.exec(select(User.name)).one() == "Camille"
