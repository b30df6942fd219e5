"""Pages of what leaves the house: open to anybody, they tell nothing else; « Publier » for the kitchen."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from cantine.config import Config
from cantine.db import transaction
from cantine.egalim.models import YearTotal
from cantine.kitchens.models import Closure
from cantine.menus import edit
from cantine.recipes.models import Recipe
from tests.cantine.published import COLLEGE, SCHOOL, change, fill_published, stamp, validate
from tests.cantine.reports_kitchen import CODE, MONDAY, TUESDAY
from tests.cantine.site import Site, make_site

PUBLIC = f"/menus-publics/{COLLEGE}"
KITCHEN = f"/cuisines/{CODE}/publier"


@pytest.fixture
def place(config: Config, engine: Engine) -> Site:
    """The site of the small kitchen, Monday validated."""
    with transaction(engine) as session:
        fill_published(session, MONDAY)
    return make_site(config, engine)


def year(engine: Engine) -> None:
    """Declared purchases of the last year."""
    amounts = {"total_ht": 1000, "egalim_ht": 400, "bio_ht": 100, "meat_fish_ht": 0, "meat_fish_egalim_ht": 0}
    with transaction(engine) as session:
        values = {name: Decimal(amount) for name, amount in amounts.items()}
        session.add(YearTotal(kitchen=CODE, year=2026, until=date(2026, 12, 31), **values))


def test_families_need_no_account_and_get_no_cookie(place: Site) -> None:
    """List, menus, calendar and printed week open for anybody; a restaurant that is none does not."""
    browser = place.browser()
    for url, kind, words in (
        ("/menus-publics", "text/html", "Collège des Dunes"),
        ("/menus-publics?q=DUNES", "text/html", "École des Dunes"),
        (PUBLIC, "text/html", "Bœuf braisé aux carottes"),
        (f"{PUBLIC}/menus.ics", "text/calendar", "BEGIN:VEVENT"),
        (f"{PUBLIC}/semaine.pdf?du={MONDAY}", "application/pdf", "%PDF"),
    ):
        answer = browser.get(url)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert words.encode() in answer.data
        assert "Set-Cookie" not in answer.headers
        assert b"<script" not in answer.data
    assert "Aucun restaurant" in browser.get("/menus-publics?q=zzzz").text
    for url in ("/menus-publics/RIEN", "/menus-publics/RIEN/menus.ics", f"{PUBLIC}/affiche.pdf"):
        assert browser.get(url).status_code == 404
    assert browser.get(f"{PUBLIC}/semaine.pdf?du=2027-02-01").status_code == 404


def test_public_pages_say_nothing_of_people_nor_of_what_is_not_validated(place: Site) -> None:
    """Names of those who validate, reasons, notes, diners and the menu to come stay inside."""
    number = place.person(("chef", CODE), name="Camille Untel")
    with transaction(place.engine) as session:
        change(session, user=number)
        validate(session, MONDAY, later=True, user=number)
        session.get_one(Recipe, "roti_porc").name = "Plat secret"
        session.add(Closure(site=SCHOOL, date=MONDAY, reason="absence de Mme Untel"))
        edit.exclude(session, CODE, TUESDAY, "grève de Mme Untel", stamp(session, TUESDAY, user=number))
    told = "".join(
        place.browser().get(f"/menus-publics/{site}{page}").text
        for site in (COLLEGE, SCHOOL)
        for page in ("", "/menus.ics")
    )
    assert "Rôti de dinde" in told
    assert "changé le mar. 5 janv." in told
    for secret in ("Untel", "secret", "grève", "absence"):
        assert secret not in told


def test_a_name_is_never_markup(place: Site) -> None:
    """What a cook types is text on every page."""
    with transaction(place.engine) as session:
        session.get_one(Recipe, "braise").name = "<script>alert(1)</script>"
    assert "<script" not in place.browser().get(PUBLIC).text
    assert "&lt;script&gt;" in place.signed_in("chef", CODE).get(f"{KITCHEN}/pronote").text


def test_publish_gathers_addresses_files_and_changes(place: Site) -> None:
    """Addresses to give, what is missing for the poster, the announced menu that changed and why."""
    chef = place.signed_in("chef", CODE)
    page = chef.get(KITCHEN).text
    for words in (
        f"http://localhost{PUBLIC}",
        f"http://localhost{PUBLIC}/menus.ics",
        "1 jour sur 2",
        "achats inconnus",
        "Aucun menu annoncé n'a changé",
    ):
        assert words in page
    with transaction(place.engine) as session:
        change(session)
    page = chef.get(KITCHEN).text
    assert "à valider de nouveau" in page
    assert "Annoncé puis rouvert" in page
    with transaction(place.engine) as session:
        validate(session, MONDAY, later=True)
    sent = {"date": MONDAY.isoformat(), "numero": "2", "raison": "viande pas livrée"}
    assert chef.post(f"{KITCHEN}/raison", data=sent).status_code == 303
    assert "viande pas livrée" in chef.get(KITCHEN).text
    assert "viande pas livrée" not in place.browser().get(PUBLIC).text
    assert chef.post(f"{KITCHEN}/raison", data={**sent, "raison": "autre"}).status_code == 409
    assert chef.post(f"{KITCHEN}/raison", data={**sent, "numero": "7"}).status_code == 404
    assert chef.post(f"{KITCHEN}/raison", data={**sent, "raison": "x" * 201}).status_code == 400


def test_files_and_pronote_come_from_the_page(place: Site) -> None:
    """Both files of the demonstration say so in their name; a week without menus shows the way."""
    manager = place.signed_in("gestionnaire", CODE)
    answer = manager.get(f"{KITCHEN}/menus-collectifs.csv?du=2027-01-05&au=2027-01-01")
    assert "demonstration-menus-collectifs-PETITE.csv" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("menuCollNom,")
    assert manager.get(f"{KITCHEN}/plats-menus-collectifs.csv").status_code == 200
    assert manager.get(f"{KITCHEN}/autre.csv").status_code == 404
    assert manager.get(f"{KITCHEN}/menus-collectifs.csv?du=2027-02-01").status_code == 404
    assert "04/01/2027\tCarottes râpées\tBœuf" in manager.get(f"{KITCHEN}/pronote").text
    assert "Valider les menus" in manager.get(f"{KITCHEN}/pronote?du=2027-02-01").text
    assert manager.get(f"{KITCHEN}/pronote?lieu=RIEN").status_code == 404


def test_the_poster_opens_once_the_year_is_known(place: Site) -> None:
    """For anybody, and with the message of the year on « Publier »."""
    year(place.engine)
    answer = place.browser().get(f"{PUBLIC}/affiche.pdf")
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")
    assert "40,0\u00a0%" in place.browser().get(PUBLIC).text
    assert "Message aux familles" in place.signed_in("chef", CODE).get(KITCHEN).text
