"""« Annuler » after each act on the menus: the day is as before, as a new change in the journal."""

import html
import json
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update
from sqlmodel import Session, col, delete, select

from cantine.accounts.models import JournalEntry
from cantine.db import transaction
from cantine.menus.models import Dish, Service
from cantine.menus.undo import State, state_of
from tests.cantine.site import OWN, Site

DAY = "2027-01-05"
BASE = f"/cuisines/{OWN}"
PLACE = {"date": DAY, "composante": "plat", "rang": "1"}


@pytest.fixture
def site(bought_site: Site) -> Site:
    """The site, with menus in place."""
    return bought_site


@pytest.fixture
def chief(site: Site) -> FlaskClient:
    """The chief's browser."""
    return site.signed_in("chef")


def state(site: Site, day: str = DAY) -> State:
    """Everything a day holds."""
    with Session(site.engine) as session:
        return state_of(session, OWN, date.fromisoformat(day))


def version(site: Site, day: str = DAY) -> int:
    """The version of a service."""
    with Session(site.engine) as session:
        row = session.get(Service, (OWN, date.fromisoformat(day)))
        return row.version if row else 0


def button(page: str) -> dict[str, str]:
    """The fields of the form « Annuler »."""
    form = re.search(r'<form class="ct-msg__end".*?</form>', page, re.DOTALL)
    assert form, "no way to undo"
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form.group())
    return {name: html.unescape(value) for name, value in fields}


def entries(site: Site) -> list[JournalEntry]:
    """What the journal says of the menus, the last first."""
    with Session(site.engine) as session:
        order = col(JournalEntry.id).desc()
        return list(session.exec(select(JournalEntry).where(JournalEntry.subject == "menu").order_by(order)))


def act(site: Site, chief: FlaskClient, path: str, **data: str) -> dict[str, str]:
    """Do something on the menus; give back the form that undoes it."""
    if path == "changer":
        panel = chief.get(f"{BASE}/menus/changer", query_string=PLACE).text
        data["recette"] = re.findall(r'name="recette" value="([^"]+)"', panel)[0]
    answer = chief.post(f"{BASE}/menus/{path}", data={**PLACE, "version": version(site), **data})
    assert answer.status_code == 303
    return button(chief.get(answer.location).text)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("garder", {"garder": "1"}),
        ("ecarter", {}),
        ("changer", {}),
        ("jour", {"raison": "grève"}),
        ("effectif", {"college": "300", "adulte": "9", "raison": "sortie"}),
    ],
)
def test_each_act_is_undone_as_a_new_change(
    site: Site, chief: FlaskClient, path: str, data: dict[str, str]
) -> None:
    """The day is what it was; the journal tells who, and both sides; the same button does it again."""
    before = state(site)
    undo = act(site, chief, path, **data)
    after, opened = state(site), version(site)
    assert after != before
    answer = chief.post(f"{BASE}/menus/annuler", data=undo)
    assert answer.status_code == 303
    assert state(site) == before
    assert version(site) == opened + 1
    last, first = entries(site)[:2]
    assert (json.loads(last.before), json.loads(last.after)) == (
        json.loads(first.after),
        json.loads(first.before),
    )
    assert last.user_id is not None
    page = chief.get(answer.location).text
    assert "C'est annulé : le mardi 5 janvier est comme avant." in html.unescape(page)
    chief.post(f"{BASE}/menus/annuler", data=button(page))
    assert state(site) == after


def test_a_validated_day_is_validated_again(site: Site, chief: FlaskClient) -> None:
    """A change reopened the day; its undoing leaves no trace but the journal's."""
    with Session(site.engine) as session:
        session.get_one(Service, (OWN, date.fromisoformat(DAY))).status = "valide"
        session.commit()
    undo = act(site, chief, "garder", garder="1")
    assert state(site)["service"][0] == "prevu"
    chief.post(f"{BASE}/menus/annuler", data=undo)
    assert state(site)["service"][0] == "valide"


def test_a_bare_day_is_bare_again(site: Site, chief: FlaskClient) -> None:
    """The first dish of a day without menu goes away; the usual diners stay."""
    day = date.fromisoformat(DAY)
    with transaction(site.engine) as session:
        for table in (Dish, Service):
            session.exec(delete(table).where(col(table.kitchen) == OWN, col(table.date) == day))
    undo = act(site, chief, "changer")
    chief.post(f"{BASE}/menus/annuler", data=undo)
    assert state(site)["dishes"] == []
    assert state(site)["service"][:2] == ["prevu", ""]


def test_a_colleagues_change_is_not_undone(site: Site, chief: FlaskClient) -> None:
    """Named, with the hour; what they did stays."""
    undo = act(site, chief, "garder", garder="1")
    other = site.browser(site.person(("gestionnaire", OWN), name="Dominique Essai"))
    other.post(f"{BASE}/menus/ecarter", data={**PLACE, "version": version(site)})
    theirs = state(site)
    answer = chief.post(f"{BASE}/menus/annuler", data=undo)
    assert answer.status_code == 303
    said = html.unescape(chief.get(answer.location).text)
    assert "Dominique Essai a changé le menu du mardi 5 janvier après vous" in said
    assert state(site) == theirs


def test_a_change_right_after_the_act_is_noticed(site: Site, chief: FlaskClient) -> None:
    """What is undone is what the act left, not what is there once it is committed."""
    here = col(Service.kitchen) == OWN, col(Service.date) == date.fromisoformat(DAY)

    def colleague(_: object) -> None:
        with site.engine.begin() as connection:
            connection.execute(update(Service).where(*here).values(version=col(Service.version) + 1))

    event.listen(Session, "after_commit", colleague, once=True)
    undo = act(site, chief, "garder", garder="1")
    assert int(undo["version"]) == version(site) - 1
    theirs = state(site)
    answer = chief.post(f"{BASE}/menus/annuler", data=undo)
    assert "a changé le menu du mardi 5 janvier après vous" in html.unescape(chief.get(answer.location).text)
    assert state(site) == theirs


def test_only_the_last_change_is_undone(site: Site, chief: FlaskClient) -> None:
    """The button of an older page says so and changes nothing; nobody else's button works."""
    undo = act(site, chief, "garder", garder="1")
    act(site, chief, "ecarter")
    kept = state(site)
    answer = chief.post(f"{BASE}/menus/annuler", data=undo)
    assert "n'est plus le dernier" in html.unescape(chief.get(answer.location).text)
    site.signed_in("gestionnaire").post(f"{BASE}/menus/annuler", data={**undo, "version": version(site)})
    assert state(site) == kept
    assert site.signed_in("acheteur").post(f"{BASE}/menus/annuler", data=undo).status_code == 403


def test_a_recipe_removed_meanwhile_is_told(site: Site, chief: FlaskClient) -> None:
    """Nothing is half undone."""
    undo = act(site, chief, "garder", garder="1")
    with chief.session_transaction() as cookie:
        cookie["undo"] = {
            **cookie["undo"],
            "state": {**cookie["undo"]["state"], "bans": ["recette-supprimee"]},
        }
    now = state(site)
    answer = chief.post(f"{BASE}/menus/annuler", data=undo)
    assert answer.status_code == 409
    assert "supprimée entre-temps" in html.unescape(answer.text)
    assert state(site) == now
