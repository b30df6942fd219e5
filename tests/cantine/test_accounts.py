"""Sign-in, passwords, sessions, drafts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from cantine import web
from cantine.accounts import people
from cantine.accounts.models import Draft, User
from cantine.clock import utc_now
from cantine.config import Config
from cantine.errors import CantineError
from tests.cantine.site import NOW, OWN, PASSWORD, Site, make_site


def config_of(site: Site) -> Config:
    """The settings of a site."""
    config = site.app.config["CANTINE"]
    assert isinstance(config, Config)
    return config


def sign_in(browser: FlaskClient, login: str, password: str = PASSWORD, target: str = "") -> int:
    """Try the door; return the status."""
    return browser.post(f"/connexion{target}", data={"login": login, "password": password}).status_code


def test_the_right_password_opens_and_a_wrong_one_does_not(site: Site) -> None:
    """The same sentence for an unknown login and a wrong password."""
    site.person(("chef", OWN), login="camille")
    browser = site.browser()
    wrong = browser.post("/connexion", data={"login": "camille", "password": "autre chose"})
    unknown = browser.post("/connexion", data={"login": "dominique", "password": "autre chose"})
    sentence = "Identifiant ou mot de passe inconnu"
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert browser.get("/mon-compte").status_code == 303
    assert sign_in(browser, " CAMILLE ") == 303
    assert browser.get("/mon-compte").status_code == 200


def test_signing_in_leads_where_one_was_going_but_never_outside(site: Site) -> None:
    """``next`` is a path of this site, or nothing."""
    site.person(("chef", OWN), login="camille")
    form = {"login": "camille", "password": PASSWORD}
    inside = site.browser().post("/connexion?next=/donnees/offres%3Fq%3Dpomme", data=form)
    assert inside.location == "/donnees/offres?q=pomme"
    for outside in ("https://mauvais.example/", "//mauvais.example", "/\\mauvais.example", "javascript:1"):
        answer = site.browser().post("/connexion", query_string={"next": outside}, data=form)
        assert answer.location == "/"


@pytest.mark.parametrize("target", [None, "", "donnees", "//a", "/\\a", "http://a", "/a\nb"])
def test_unsafe_targets_are_refused(target: str | None) -> None:
    """Only absolute paths of this site pass."""
    assert web.safe_next(target) is None


def test_failed_attempts_are_slowed_down_in_french(site: Site) -> None:
    """Six failures on a login, then a page that says to wait; another login still opens."""
    site.person(login="camille")
    site.person(login="dominique")
    browser = site.browser()
    assert [sign_in(browser, "camille", "faux") for _ in range(6)] == [200] * 6
    refused = browser.post("/connexion", data={"login": "camille", "password": PASSWORD})
    assert refused.status_code == 429
    assert "Attendez cinq minutes" in refused.text
    assert sign_in(browser, "dominique") == 303


def test_successful_sign_ins_are_not_counted(site: Site) -> None:
    """A shared PC where many sign in is not slowed down."""
    site.person(login="camille")
    assert {sign_in(site.browser(), "camille") for _ in range(8)} == {303}


def test_closed_accounts_do_not_open(site: Site) -> None:
    """A closed account, or a demonstration one in production."""
    site.person(login="ferme", active=False)
    site.person(login="demo", demo=True)
    production = make_site(replace(config_of(site), production=True), site.engine)
    assert sign_in(site.browser(), "ferme") == 200
    assert sign_in(site.browser(), "demo") == 303
    assert sign_in(production.browser(), "demo") == 200
    assert production.browser(site.person(demo=True)).get("/mon-compte").status_code == 303


def test_signing_out_is_a_post(site: Site) -> None:
    """A link cannot sign anybody out."""
    browser = site.browser(site.person())
    assert browser.get("/deconnexion").status_code == 405
    assert browser.get("/mon-compte").status_code == 200
    assert browser.post("/deconnexion").status_code == 303
    assert browser.get("/mon-compte").status_code == 303


def test_posts_need_the_token_of_a_form(site: Site) -> None:
    """Without the token a post is refused, in French."""
    strict = make_site(config_of(site), site.engine, csrf=True)
    answer = strict.browser(site.person()).post("/deconnexion")
    assert answer.status_code == 400
    assert "rechargez-la" in answer.text


def test_a_first_password_must_be_changed(site: Site) -> None:
    """Every page leads to the choice of a password until it is made."""
    number = site.person(("chef", OWN), must_change=True)
    browser = site.browser(number)
    assert browser.get("/donnees").location == "/mot-de-passe"
    new = "cerise vélo lanterne"
    answer = browser.post("/mot-de-passe", data={"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 303
    assert browser.get("/donnees").status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("court", "au moins 10"),
        ("azertyuiop", "trop courant"),
        ("1234567890", "trop courant"),
        ("aaaaaaaaaaaa", "répète"),
        ("camille-2027-x", "identifiant"),
        ("x" * 201, "Pas plus"),
    ],
)
def test_weak_passwords_are_told_why(password: str, said: str) -> None:
    """Each refusal says what to do."""
    assert said in (people.password_fault(password, "camille@exemple.fr") or "")


def test_good_passwords_pass() -> None:
    """Words at random are enough: no digits or signs are asked for."""
    assert people.password_fault("cerise velo lanterne", "camille") is None


def test_password_form_says_what_is_wrong(site: Site) -> None:
    """Wrong old one, different second one, same as before."""
    browser = site.browser(site.person())
    good = "cerise vélo lanterne"
    wrong = browser.post("/mot-de-passe", data={"old": "non", "new": good, "again": good})
    assert "pas votre mot de passe actuel" in wrong.text
    twice = browser.post("/mot-de-passe", data={"old": PASSWORD, "new": good, "again": "autre"})
    assert "ne sont pas les mêmes" in twice.text
    same = browser.post("/mot-de-passe", data={"old": PASSWORD, "new": PASSWORD, "again": PASSWORD})
    assert "différent de l'ancien" in same.text.replace("&#39;", "'")


def test_a_reset_ends_the_other_sessions(site: Site) -> None:
    """The administrator hands over a temporary password; open sessions end."""
    number = site.person(("chef", OWN), login="camille")
    browser = site.browser(number)
    assert browser.get("/mon-compte").status_code == 200
    answer = site.signed_in("administrateur", "").post(f"/utilisateurs/{number}/reset")
    assert answer.status_code == 200
    assert browser.get("/mon-compte").status_code == 303
    assert sign_in(site.browser(), "camille") == 200


def test_thirty_idle_minutes_sign_out_with_an_explanation(site: Site) -> None:
    """A shared PC left alone is closed, and says why."""
    number = site.person(("chef", OWN))
    before = site.browser(number, seen=utc_now() - timedelta(minutes=29))
    assert before.get("/donnees").status_code == 200
    late = site.browser(number, seen=utc_now() - timedelta(minutes=31))
    assert late.get("/donnees").location == "/connexion?next=/donnees"
    assert "sans activité" in late.get("/connexion").text


def test_polling_is_no_activity(site: Site) -> None:
    """A page that asks by itself neither keeps the session open nor signs in."""
    number = site.person()
    browser = site.browser(number, seen=utc_now() - timedelta(minutes=20))
    assert browser.get("/session").status_code == 200
    with browser.session_transaction() as cookie:
        assert cookie["seen"] < (utc_now() - timedelta(minutes=19)).timestamp()
    late = site.browser(number, seen=utc_now() - timedelta(minutes=31))
    assert late.get("/session", headers={"X-Fragment": "1"}).status_code == 401


def test_what_was_typed_waits_for_its_author(site: Site) -> None:
    """Kept for the person, offered after sign-in, gone once forgotten; nobody else reads it."""
    number = site.person(("chef", OWN), login="camille")
    page = "/donnees/offres/nouveau"
    kept = site.browser(number).post("/brouillon", json={"form": page, "fields": {"c_name": "Pomme"}})
    assert kept.status_code == 200
    again = site.browser()
    sign_in(again, "camille")
    assert page in again.get("/mon-compte").text
    assert again.get("/brouillon", query_string={"form": page}).json["fields"] == {"c_name": "Pomme"}
    other = site.browser(site.person())
    assert other.get("/brouillon", query_string={"form": page}).json["fields"] is None
    again.post("/brouillon/effacer", data={"form": page})
    assert again.get("/brouillon", query_string={"form": page}).json["fields"] is None


def test_a_draft_is_a_page_of_ours_and_of_a_decent_size(site: Site) -> None:
    """Anything else is refused."""
    browser = site.browser(site.person())
    for sent in (
        {"form": "http://a", "fields": {}},
        {"form": "/a", "fields": {"x": "y" * 300_000}},
        {"form": "/a\0", "fields": {}},
        {"form": 1},
        ["/a", {}],
    ):
        assert browser.post("/brouillon", json=sent).status_code == 400


def test_old_drafts_go_at_the_next_sign_in(site: Site) -> None:
    """Thirty days, then forgotten."""
    number = site.person(login="camille")
    with Session(site.engine) as session:
        session.add(Draft(user_id=number, form="/a", content="{}", saved_at=utc_now() - timedelta(days=31)))
        session.commit()
    sign_in(site.browser(), "camille")
    with Session(site.engine) as session:
        assert session.exec(select(Draft)).all() == []


def test_a_login_is_taken_once(site: Site) -> None:
    """Same login in other letters."""
    with Session(site.engine) as session:
        people.create(session, login="Camille", name="Camille", now=NOW)
        with pytest.raises(CantineError, match="déjà pris"):
            people.create(session, login="CAMILLE", name="Camille", now=NOW)
        assert session.exec(select(User.must_change)).all() == [True]
