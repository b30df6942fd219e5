"""Two people at the same instant, on a real PostgreSQL and on SQLite: the second is told, nothing is lost."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from cantine import tables_web
from cantine.accounts import people
from cantine.accounts.models import Grant, JournalEntry
from cantine.config import Config
from cantine.db import make_engine
from cantine.kitchens.models import College, SiteDiners
from cantine.menus.models import Service
from tests.cantine.site import OWN, Site, make_site
from tests.cantine.test_pai import diners_form
from tests.cantine.test_web_tables import COLLEGE, form_of

Act = Callable[[], TestResponse]
WAIT = 20


@pytest.fixture
def both(each_marais: Config) -> Iterator[Site]:
    """The invented département, once on each kind of database."""
    engine = make_engine(each_marais.database_url)
    yield make_site(each_marais, engine)
    engine.dispose()


def race(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, first: Act, second: Act) -> list[int]:
    """Let both reach the writing: the first, at ``place.name``, lets the second run as far as it can."""
    reached, started, real = threading.Event(), threading.Event(), getattr(place, name)

    def pause(*args: Any, **keywords: Any) -> Any:
        if not reached.is_set():
            reached.set()
            assert started.wait(WAIT)
            threading.Event().wait(0.7)
        return real(*args, **keywords)

    def later() -> int:
        assert reached.wait(WAIT)
        started.set()
        return second().status_code

    monkeypatch.setattr(place, name, pause)
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(lambda: first().status_code), pool.submit(later)]
        return [answer.result(timeout=2 * WAIT) for answer in answers]


def college(site: Site) -> int | None:
    """Half-boarders of the first collège."""
    with Session(site.engine) as session:
        return session.get_one(College, "0990001A").half_boarders


def test_two_edits_of_one_row_at_the_same_instant(both: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, then is refused with both versions."""
    mine, theirs = both.signed_in("gestionnaire"), both.signed_in("departement", "")
    form = form_of(mine.get(COLLEGE).text)
    seen: list[str] = []

    def second() -> TestResponse:
        answer = theirs.post(COLLEGE, data={**form, "c_half_boarders": "222"})
        seen.append(answer.text)
        return answer

    def first() -> TestResponse:
        return mine.post(COLLEGE, data={**form, "c_half_boarders": "111"})

    assert race(monkeypatch, tables_web.tables, "write_table", first, second) == [303, 409]
    assert college(both) == 111
    assert "111" in seen[0]
    assert "222" in seen[0]


def test_two_new_rows_with_one_key(both: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is added, the other is told; neither is written over."""
    url = "/donnees/absences/nouveau"
    mine, theirs = both.signed_in("chef"), both.signed_in("gestionnaire")
    form = {**form_of(mine.get(url).text), "c_site": OWN, "c_date": "2027-01-21", "c_reason": "sortie"}

    def first() -> TestResponse:
        return mine.post(url, data=form)

    def second() -> TestResponse:
        return theirs.post(url, data={**form, "c_reason": "stages"})

    answers = race(monkeypatch, tables_web, "note", first, second)
    assert answers[0] == 303
    assert answers[1] in {200, 409}
    page = mine.get("/donnees/absences").text
    assert "sortie" in page
    assert "stages le" not in page
    with Session(both.engine) as session:
        assert len(session.exec(select(JournalEntry)).all()) == 1


def test_two_edits_of_the_diners(both: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days of one site typed at once: the second sees the first before writing."""
    from cantine.kitchens import diners  # noqa: PLC0415 -- patched where the view reads it

    url = "/donnees/effectifs/PORT-BRUME"
    mine, theirs = both.signed_in("chef"), both.signed_in("gestionnaire")
    form = diners_form(mine)

    def send(browser: FlaskClient, count: str) -> Act:
        return lambda: browser.post(url, data={**form, "college_1": count})

    assert race(monkeypatch, diners, "save", send(mine, "111"), send(theirs, "222")) == [303, 409]
    with Session(both.engine) as session:
        assert session.get_one(SiteDiners, ("PORT-BRUME", 1)).college == 111


@pytest.mark.parametrize("version", ["0", "1"])
def test_two_edits_of_one_service(both: Site, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Its first edit or a later one: both versions, the colleague's being the one just written."""
    url, day = f"/cuisines/{OWN}/menus/effectif", "2027-01-05"
    mine, theirs = both.signed_in("chef"), both.signed_in("gestionnaire")
    form = {"date": day, "maternelle": "0", "elementaire": "0", "adulte": "9", "raison": "compté"}
    if version == "1":
        assert mine.post(url, data={**form, "version": "0", "college": "300"}).status_code == 303
    seen: list[str] = []

    def first() -> TestResponse:
        return mine.post(url, data={**form, "version": version, "college": "311"})

    def second() -> TestResponse:
        answer = theirs.post(url, data={**form, "version": version, "college": "322"})
        seen.append(answer.text)
        return answer

    from cantine.menus import edit  # noqa: PLC0415 -- patched where the edit reads it

    assert race(monkeypatch, edit, "finish", first, second) == [303, 409]
    assert "311" in seen[0]
    assert "322" in seen[0]
    with Session(both.engine) as session:
        service = session.exec(select(Service).where(Service.kitchen == OWN, Service.college == 311)).one()
        assert service.version == int(version) + 1


def test_two_administrators_cannot_send_each_other_away(both: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would leave the other alone to manage: together they would leave nobody."""
    one, two = both.person(("administrateur", "")), both.person(("administrateur", ""))
    right = {"role": "administrateur", "kitchen": ""}

    def first() -> TestResponse:
        return both.browser(one).post(f"/utilisateurs/{two}/revoke", data=right)

    def second() -> TestResponse:
        return browser.post(f"/utilisateurs/{one}/revoke", data=right)

    browser = both.browser(two)
    answers = race(monkeypatch, people, "_note", first, second)
    assert answers[0] == 303
    assert answers[1] in {400, 403}
    with Session(both.engine) as session:
        assert session.exec(select(Grant.user_id)).all() == [one]


def test_one_right_given_twice_at_once(both: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given once, told once, no failure."""
    number = both.person()
    admins = [both.signed_in("administrateur", "") for _ in range(2)]
    acts: list[Act] = [
        lambda admin=admin: admin.post(  # type: ignore[misc]
            f"/utilisateurs/{number}/grant", data={"role": "chef", "kitchen": OWN}
        )
        for admin in admins
    ]
    assert race(monkeypatch, people, "_note", *acts) == [303, 303]
    with Session(both.engine) as session:
        assert len(session.exec(select(JournalEntry)).all()) == 1
