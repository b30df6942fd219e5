"""What every page shares: headers, errors in French, numbers and dates, fonts, the bar."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cantine import french, web
from cantine.errors import ConflictError
from tests.cantine.site import OWN, Site, make_site


def test_headers_close_what_a_page_does_not_need(site: Site) -> None:
    """No inline script nor style, no frame, no outside host, no copy kept by a shared PC."""
    headers = site.signed_in("chef").get("/donnees").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_script_nor_style(site: Site) -> None:
    """The policy would silence them."""
    browser = site.signed_in("administrateur", "")
    for url in ("/connexion", "/donnees", "/donnees/colleges", "/utilisateurs", "/mon-compte", "/rien"):
        page = browser.get(url).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick" not in page
        assert "<script>" not in page


def test_cookies_are_closed_and_secure_in_production(site: Site) -> None:
    """HttpOnly and SameSite always, Secure and HSTS in production."""
    cookie = site.browser().get("/connexion").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    production = make_site(replace(site.app.config["CANTINE"], production=True), site.engine, csrf=True)
    answer = production.browser().get("/connexion", base_url="https://cantine.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/rien", 404, "Page introuvable"),
        ("/cuisines/NULLE-PART/journal", 404, "existe pas"),
        ("/utilisateurs", 403, "Accès réservé"),
    ],
)
def test_errors_are_french_pages_with_a_way_out(site: Site, url: str, status: int, said: str) -> None:
    """Status, a kind sentence, and a next step."""
    person = "administrateur" if status == 404 else "chef"
    answer = site.signed_in(person, "" if status == 404 else OWN).get(url)
    assert answer.status_code == status
    assert said in answer.text
    assert "Revenir à l&#39;accueil" in answer.text or "Revenir à l'accueil" in answer.text


def test_an_error_leads_back_without_a_code(site: Site) -> None:
    """The page before, when it is one of ours; never a stranger's, never a number of error."""
    chief = site.signed_in("chef")
    page = chief.get("/utilisateurs", headers={"Referer": "http://localhost/donnees?q=a"}).text
    assert 'href="/donnees?q=a"' in page
    assert "403" not in page
    for stranger in ("https://ailleurs.example/donnees", "http://localhost/utilisateurs", ""):
        page = chief.get("/utilisateurs", headers={"Referer": stranger}).text
        assert "page précédente" not in page
        assert 'href="/"' in page


def test_too_many_tries_are_told_kindly(site: Site) -> None:
    """Six wrong passwords, then a sentence and a way on."""
    browser = site.browser()
    answers = [browser.post("/connexion", data={"login": "camille", "password": "non"}) for _ in range(7)]
    assert answers[-1].status_code == 429
    assert "Attendez cinq minutes" in answers[-1].text
    assert "429" not in answers[-1].text


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/utilisateurs/99999999999999999999", 404),
        (f"/utilisateurs/{'9' * 5000}", 404),
        (f"/cuisines/{OWN}/propositions/99999999999999999999", 404),
        (f"/cuisines/{OWN}/menus?proposition=99999999999999999999", 200),
        (f"/cuisines/{OWN}/menus?du=0001-01-01", 400),
        (f"/cuisines/{OWN}/menus?du=9999-12-31", 400),
        (f"/cuisines/{OWN}/journal?page=99999999999999999999", 200),
        (f"/cuisines/{OWN}/journal?page={'9' * 5000}", 200),
        ("/donnees/offres?page=99999999999999999999", 200),
        ("/donnees/offres?q=%00", 400),
        ("/donnees/fournisseurs/%00/modifier", 400),
        (f"/cuisines/{OWN}/impressions/menu?du=0001-01-01", 400),
        (f"/cuisines/{OWN}/impressions/menu?convives=%C2%B2", 400),
        (f"/cuisines/{OWN}/impressions/menu?convives=99999999999999999999", 400),
    ],
)
def test_impossible_addresses_are_no_failure(site: Site, url: str, status: int) -> None:
    """Endless numbers, dates at the ends of the calendar, characters no database keeps."""
    number = site.person(("administrateur", ""), ("departement", ""))
    assert site.browser(number).get(url).status_code == status


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("valider", {"jour": "demain"}),
        ("valider", {"jour": "2027-01-05", "version-2027-01-05": "9" * 5000}),
        ("garder", {"date": "2027-01-05", "composante": "plat", "version": "9" * 20}),
        ("jour", {"date": "2027-01-05", "raison": "grève\0", "version": "0"}),
    ],
)
def test_impossible_answers_are_told(site: Site, act: str, typed: dict[str, str]) -> None:
    """A form that no page of ours sends gets a French sentence."""
    answer = site.signed_in("chef").post(f"/cuisines/{OWN}/menus/{act}", data=typed)
    assert answer.status_code == 400
    assert "Demande incomprise" in answer.text


def test_our_errors_keep_their_status_and_sentence(site: Site) -> None:
    """A CantineError becomes its page."""
    site.app.add_url_rule(
        "/essai", "health_conflict", _raise(ConflictError("Un collègue a été plus rapide."))
    )
    with site.app.test_request_context("/essai"):
        page, status = web.error_page(409, "Un collègue a été plus rapide.")
    assert status == 409
    assert "plus rapide" in page


def _raise(error: Exception) -> object:
    def view() -> str:
        raise error

    return view


def test_a_crash_says_nothing_of_the_data(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The log tells where, not what: an exception may quote a name."""
    site.app.view_functions["health"] = _raise(ValueError("Camille Secrète, 06 12 34 56 78"))
    with caplog.at_level(logging.ERROR):
        answer = site.browser().get("/sante")
    assert answer.status_code == 500
    assert "panne de notre côté" in answer.text
    assert "ValueError on health" in caplog.text
    assert "Camille" not in caplog.text


def test_a_file_too_heavy_is_told(site: Site) -> None:
    """413, in French."""
    site.app.config["MAX_CONTENT_LENGTH"] = 10
    answer = site.signed_in("acheteur").post("/donnees/offres/importer", data={"content": "x" * 100})
    assert answer.status_code == 413
    assert "trop lourd" in answer.text


def test_health_and_fonts_are_public(site: Site) -> None:
    """A supervisor asks one, every page the others; no other file of the system is served."""
    assert site.browser().get("/sante").text == "ok"
    font = site.browser().get("/polices/B612-Regular.otf")
    assert font.status_code in {200, 404}
    assert site.browser().get("/polices/B612Mono-Regular.otf").status_code == 404


def test_the_bar_shows_what_one_may_open(site: Site) -> None:
    """Words of the navigation follow the rights; the demonstration says so everywhere."""
    chef = site.signed_in("chef").get("/donnees").text
    assert "Cuisine Port-Brume" in chef
    assert 'href="/utilisateurs"' not in chef
    assert 'href="/utilisateurs"' in site.signed_in("administrateur", "").get("/donnees").text
    assert "Données de démonstration" in chef
    assert "Données de démonstration" in site.browser().get("/connexion").text


def test_the_last_kitchen_opens_again(site: Site) -> None:
    """Someone of the whole département finds the kitchen last looked at."""
    browser = site.signed_in("departement", "")
    browser.get(f"/cuisines/{OWN}/journal")
    assert "Cuisine Port-Brume" in browser.get("/donnees").text


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (french.euros(Decimal("2.05")), "2,05 €"),
        (french.euros(1234.5), "1 234,50 €"),
        (french.euros(None), "–"),
        (french.cents(205), "2,05 €"),
        (french.cents(None), "–"),
        (french.kg(850), "850 g"),
        (french.kg(12_500), "12,5 kg"),
        (french.kg(2_000), "2 kg"),
        (french.kg(1_240_300), "1 240 kg"),
        (french.kg(None), "–"),
        (french.percent(0.384), "38 %"),
        (french.percent(None), "–"),
        (french.permille(55), "5,5 %"),
        (french.permille(None), "–"),
        (french.number(None), "–"),
        (french.number(1234.5), "1 234,5"),
        (french.day(date(2027, 1, 5)), "mardi 5 janvier"),
        (french.day(date(2027, 1, 1), year=True), "vendredi 1er janvier 2027"),
        (french.short_day(date(2027, 1, 5)), "mar. 5 janv."),
        (french.full_date(date(2027, 5, 1)), "1er mai 2027"),
        (french.day(None), "–"),
        (french.moment(datetime(2027, 1, 5, 13, 12, tzinfo=UTC)), "mardi 5 janvier à 14 h 12"),
        (french.moment(datetime(2027, 7, 5, 22, 12)), "mardi 6 juillet à 0 h 12"),  # noqa: DTZ001 -- a stored value without zone
        (french.moment(None), "–"),
        (french.plural(1, "plat"), "1 plat"),
        (french.plural(0, "plat"), "0 plat"),
        (french.plural(2, "lieu", "lieux"), "2 lieux"),
        (french.fold("Bœuf à l'ÉTUVÉE"), "boeuf a l'etuvee"),
    ],
)
def test_french_writing(shown: str, expected: str) -> None:
    """Comma, no-break spaces, « 1er », the wall clock of Paris."""
    assert shown.replace(french.NBSP, " ") == expected
    assert french.NARROW not in shown
