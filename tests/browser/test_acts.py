"""What people do, with keyboard and mouse, in a real browser."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cantine.accounts import guard
from cantine.clock import utc_now
from tests.browser.conftest import PHONE, SizedPage, enter
from tests.browser.test_pages import faults
from tests.cantine.site import OWN, Site

COLLEGE = "/donnees/colleges/0990001A/modifier"


def test_the_keyboard_alone_signs_in_and_reaches_the_content(
    open_browser: SizedPage, served: tuple[Site, str]
) -> None:
    """Skip link first, visible focus, no mouse."""
    served[0].person(("chef", OWN), login="camille")
    page = open_browser()
    page.goto("/connexion?next=/donnees")
    expect(page.get_by_label("Identifiant")).to_be_focused()
    page.keyboard.type("camille")
    page.keyboard.press("Tab")
    page.keyboard.type("trois mots au hasard")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r":\d+/donnees$"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_searching_keeps_the_cursor_and_the_address(open_browser: SizedPage) -> None:
    """The list follows the typing without a reload; the address can be shared."""
    page = open_browser(("acheteur", OWN))
    page.goto("/donnees/offres")
    page.get_by_label("Chercher").press_sequentially("carotte")
    page.wait_for_url("**q=carotte*")
    expect(page.locator("#liste")).to_contain_text("sur")
    expect(page.get_by_label("Chercher")).to_be_focused()
    page.get_by_role("link", name="Prix du colis, HT").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Prix du colis")


def test_typed_text_survives_an_idle_sign_out(
    open_browser: SizedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept while typing, offered after signing in again."""
    page = open_browser(("gestionnaire", OWN))
    page.goto(COLLEGE)
    with page.expect_response("**/brouillon") as kept:
        page.get_by_label("Demi-pensionnaires", exact=True).fill("399")
    assert kept.value.ok
    monkeypatch.setattr(guard, "_idle", lambda: True)
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile("/connexion"))
    expect(page.get_by_text("sans activité")).to_be_visible()
    monkeypatch.undo()
    enter(page, "camille")
    page.get_by_role("link", name="La retrouver").click()
    page.get_by_role("button", name="Reprendre").click()
    expect(page.get_by_label("Demi-pensionnaires", exact=True)).to_have_value("399")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("est enregistré")).to_be_visible()
    page.goto(COLLEGE)
    expect(page.get_by_role("button", name="Reprendre")).to_have_count(0)


def test_two_people_on_one_row(open_browser: SizedPage) -> None:
    """The second sees both versions and chooses."""
    first = open_browser(("gestionnaire", OWN))
    second = open_browser(("departement", ""), login="dominique", size=PHONE)
    for page in (first, second):
        page.goto(COLLEGE)
    first.get_by_label("Demi-pensionnaires", exact=True).fill("111")
    first.get_by_role("button", name="Enregistrer").click()
    first.get_by_text("est enregistré").wait_for()
    second.get_by_label("Demi-pensionnaires", exact=True).fill("222")
    second.get_by_role("button", name="Enregistrer").click()
    expect(second.get_by_role("heading", name=re.compile("Deux versions"))).to_be_visible()
    assert faults(second) == []
    second.get_by_role("button", name="Enregistrer la mienne").click()
    expect(second.get_by_text("est enregistré")).to_be_visible()


def test_a_file_is_read_then_imported(open_browser: SizedPage, tmp_path: Path) -> None:
    """Download, change, send, look, confirm."""
    page = open_browser(("acheteur", OWN))
    page.goto("/donnees/fournisseurs")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    file = tmp_path / "fournisseurs.csv"
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("phone")
    cells = lines[1].split(",")
    cells[place] = "03 00 00 00 00"
    file.write_text("\n".join([lines[0], ",".join(cells)]), encoding="utf-8")
    page.goto("/donnees/fournisseurs/importer")
    page.get_by_label("Fichier CSV").set_input_files(file)
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.get_by_text("1 à changer")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name=re.compile("Importer")).click()
    expect(page.get_by_text("Import fait")).to_be_visible()


def test_a_faulty_file_shows_its_lines(open_browser: SizedPage, tmp_path: Path) -> None:
    """The page of faults is readable by everybody."""
    file = tmp_path / "offres.csv"
    file.write_text("code;name\nA;B\n", encoding="utf-8")
    page = open_browser(("acheteur", OWN))
    page.goto("/donnees/offres/importer")
    page.get_by_label("Fichier CSV").set_input_files(file)
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.get_by_text("rien n'est importé")).to_be_visible()
    assert faults(page) == []


def test_an_open_page_leaves_when_the_session_is_over(
    open_browser: SizedPage, served: tuple[Site, str]
) -> None:
    """Asked by the page's own script, the server answers 401 and the page goes to the door."""
    site, _ = served
    page = open_browser(("chef", OWN))
    page.goto("/donnees")
    page.evaluate("() => { window.here = true; }")
    late = site.browser(1, seen=utc_now() - timedelta(minutes=31))
    cookie = late.get_cookie("cantine")
    assert cookie is not None
    page.context.add_cookies([{"name": "cantine", "value": cookie.value, "domain": "127.0.0.1", "path": "/"}])
    page.evaluate("() => ask('/session')")
    page.wait_for_url(re.compile("/connexion"))
    expect(page.get_by_text("sans activité")).to_be_visible()


def test_the_menu_of_the_person_closes_with_escape(open_browser: SizedPage) -> None:
    """Open, look, Escape, and the focus is back."""
    page = open_browser(("chef", OWN), size=PHONE)
    page.goto("/donnees")
    page.locator("details.ct-me summary").click()
    expect(page.get_by_role("link", name="Mon compte")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Mon compte")).to_be_hidden()
    expect(page.locator("details.ct-me summary")).to_be_focused()
