"""Administration of people, the journal, personal data, demonstration accounts."""

import json
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from cantine.accounts import journal, people, privacy, small_counts
from cantine.accounts.models import Grant, JournalEntry, User
from cantine.errors import CantineError, ConfigError
from tests.cantine.site import NOW, OTHER, OWN, Site


def test_an_administrator_adds_a_person_with_a_right(site: Site) -> None:
    """The temporary password shows once; the right goes to the journal."""
    admin = site.signed_in("administrateur", "")
    form = {"name": "Dominique", "login": "dominique", "role": "chef", "kitchen": OWN}
    answer = admin.post("/utilisateurs/nouveau", data=form)
    assert "ne s'affichera plus" in answer.text.replace("&#39;", "'")
    with Session(site.engine) as session:
        user = session.exec(select(User).where(User.login == "dominique")).one()
        assert user.must_change
        assert people.grants_of(session, user.id or 0) == {("chef", OWN)}
        entry = session.exec(select(JournalEntry).where(JournalEntry.subject == "droit")).one()
        assert (entry.kitchen, entry.before, entry.after) == (OWN, "", "chef")
    assert "déjà pris" in admin.post("/utilisateurs/nouveau", data=form).text


def test_rights_are_given_and_taken_back(site: Site) -> None:
    """Several roles and kitchens for one person."""
    admin, number = site.signed_in("administrateur", ""), site.person(("chef", OWN))
    admin.post(f"/utilisateurs/{number}/grant", data={"role": "acheteur", "kitchen": OTHER})
    admin.post(f"/utilisateurs/{number}/revoke", data={"role": "chef", "kitchen": OWN})
    with Session(site.engine) as session:
        assert people.grants_of(session, number) == {("acheteur", OTHER)}
    for bad in ({"role": "roi", "kitchen": OWN}, {"role": "chef", "kitchen": "NULLE-PART"}):
        assert admin.post(f"/utilisateurs/{number}/grant", data=bad).status_code == 400
    assert "acheteur" in admin.get(f"/utilisateurs/{number}").text
    assert "acheteur" in admin.get("/utilisateurs").text


@pytest.mark.parametrize("role", ["departement", "administrateur"])
def test_a_role_of_the_departement_is_never_written_for_one_kitchen(site: Site, role: str) -> None:
    """What the page of the person shows is what the right opens: everything."""
    admin, number = site.signed_in("administrateur", ""), site.person()
    admin.post(f"/utilisateurs/{number}/grant", data={"role": role, "kitchen": OWN})
    with Session(site.engine) as session:
        assert people.grants_of(session, number) == {(role, "")}


def test_closing_an_account_ends_its_sessions(site: Site) -> None:
    """And it can be opened again."""
    admin, number = site.signed_in("administrateur", ""), site.person(login="camille")
    browser = site.browser(number)
    admin.post(f"/utilisateurs/{number}/activate", data={"active": "0"})
    assert browser.get("/mon-compte").status_code == 303
    admin.post(f"/utilisateurs/{number}/activate", data={"active": "1"})
    assert site.browser(number).get("/mon-compte").status_code == 200


def test_somebody_always_manages_accounts(site: Site) -> None:
    """The last administrator can neither be closed, stripped nor anonymised."""
    number = site.person(("administrateur", ""))
    with Session(site.engine) as session:
        for act in (
            lambda: people.set_active(session, number, active=False, by=number, now=NOW),
            lambda: people.revoke(session, number, "administrateur", "", by=number, now=NOW),
            lambda: people.anonymise(session, number, by=number, now=NOW),
        ):
            with pytest.raises(CantineError, match="dernier administrateur"):
                act()


def test_anonymising_leaves_no_name_but_keeps_the_changes(site: Site) -> None:
    """The journal shows a number where the name was."""
    admin = site.signed_in("administrateur", "")
    number = site.person(("chef", OWN), login="camille.essai", name="Camille Essai-Unique")
    with Session(site.engine) as session:
        journal.record(
            session,
            user_id=number,
            kitchen=OWN,
            subject="menu",
            key="2027-01-05",
            before="a",
            after="b",
            now=NOW,
        )
        session.commit()
    admin.post(f"/utilisateurs/{number}/anonymise")
    page = admin.get(f"/cuisines/{OWN}/journal").text
    assert f"Ancien compte {number}" in page
    assert "Essai-Unique" not in page
    with Session(site.engine) as session:
        user = people.get(session, number)
        assert "camille" not in user.login
        assert user.anonymised_at is not None
        assert session.exec(select(Grant).where(Grant.user_id == number)).all() == []
    assert site.browser(number).get("/mon-compte").status_code == 303


def test_one_takes_one_s_data_away(site: Site) -> None:
    """Everything kept about the person, and nothing of others."""
    number = site.person(("chef", OWN), login="camille")
    site.person(("chef", OTHER), login="dominique")
    data = json.loads(site.browser(number).get("/mes-donnees.json").data)
    assert data["identifiant"] == "camille"
    assert data["roles"] == [{"role": "chef", "cuisine": OWN}]
    assert "dominique" not in json.dumps(data)


def test_the_notice_is_public(site: Site) -> None:
    """Purpose, retention and rights, before any sign-in."""
    page = site.browser().get("/donnees-personnelles").text
    assert "Vos droits" in page
    assert "trois ans" in page


def test_demo_accounts_open_once_and_never_in_production(site: Site) -> None:
    """One per role; a second start changes nothing; production refuses them."""
    with Session(site.engine) as session:
        first = people.create_demo_accounts(session, NOW, kitchen=OWN, production=False)
        again = people.create_demo_accounts(session, NOW, kitchen=OWN, production=False)
        assert first == again
        assert {role for _, _, role, _ in first} == set(people.ROLES)
        with pytest.raises(ConfigError):
            people.create_demo_accounts(session, NOW, kitchen=OWN, production=True)
        login, password, _, _ = first[0]
        assert people.authenticate(session, login, password, now=NOW, production=False)
        assert people.authenticate(session, login, password, now=NOW, production=True) is None


def test_a_real_login_is_not_turned_into_a_demo_account(site: Site) -> None:
    """A person called « chef » keeps their password and gets no right."""
    number = site.person(login="chef")
    with Session(site.engine) as session:
        made = people.create_demo_accounts(session, NOW, kitchen=OWN, production=False)
        assert "chef" not in {login for login, _, _, _ in made}
        assert people.grants_of(session, number) == frozenset()


def test_the_journal_hides_small_counts(site: Site) -> None:
    """A chief reads who changed a count of boursiers, not the count."""
    with Session(site.engine) as session:
        journal.record(
            session,
            user_id=None,
            kitchen=OWN,
            subject="table",
            key="colleges/0990001A",
            before={"boursiers_e1": "3", "name": "A"},
            after={"boursiers_e1": "4", "name": "B"},
            now=NOW,
        )
        session.commit()
        seen = journal.lines(session, OWN, grants=[("chef", OWN)])[0].changes
        known = journal.lines(session, OWN, grants=[("gestionnaire", OWN)])[0].changes
    assert seen == (("boursiers_e1", "masqué", "masqué"), ("name", "A", "B"))
    assert known[0] == ("boursiers_e1", "3", "4")
    assert "masqué" in site.signed_in("chef").get(f"/cuisines/{OWN}/journal").text
    assert "masqué" not in site.signed_in("gestionnaire").get(f"/cuisines/{OWN}/journal").text


def test_what_the_notice_promises_to_forget_is_forgotten(site: Site) -> None:
    """Changes of more than three years, accounts unseen for a year; never the last administrator."""
    old, recent = NOW - timedelta(days=366), NOW - timedelta(days=364)
    last = site.person(("administrateur", ""), login="admin", created_at=old)
    gone = site.person(("chef", OWN), login="partie", created_at=old, last_seen_at=old)
    never = site.person(("chef", OWN), login="jamais", created_at=old)
    here = site.person(("chef", OWN), login="camille", created_at=old, last_seen_at=recent)
    with Session(site.engine) as session:
        for days in (3 * 365 + 1, 3 * 365 - 1):
            then = NOW - timedelta(days=days)
            journal.record(
                session, user_id=here, kitchen=OWN, subject="menu", key="k", before="a", after="b", now=then
            )
        assert privacy.forget_old(session, NOW) == 2
        session.commit()
        assert privacy.forget_old(session, NOW) == 0
        kept = session.exec(select(JournalEntry.at).where(JournalEntry.subject == "menu")).all()
        assert [then.date() for then in kept] == [(NOW - timedelta(days=3 * 365 - 1)).date()]
        logins = [people.get(session, number).login for number in (last, gone, never, here)]
    assert logins == ["admin", f"ancien-{gone}", f"ancien-{never}", "camille"]


def test_small_counts_are_hidden() -> None:
    """Below five; five or more stay."""
    assert small_counts.conceal({"e1": 40, "e2": 3}) == {"e1": 40, "e2": "moins de 5"}
    assert small_counts.conceal({"e1": 5, "e2": 8}) == {"e1": 5, "e2": 8}
    assert small_counts.conceal({"e1": 0, "e2": None}) == {"e1": "moins de 5", "e2": None}


def test_no_kitchen_chosen_is_no_failure(site: Site) -> None:
    """People of the whole département choose a kitchen; others start on their own."""
    page = site.signed_in("departement", "").get("/cuisines").text
    assert "Cuisine Salines" in page
    found = site.signed_in("departement", "").get("/cuisines?q=roselin").text
    assert "Cuisine Saint-Roselin" in found
    assert "Cuisine Salines" not in found
    assert "Les vôtres" in site.signed_in("chef").get("/cuisines").text
