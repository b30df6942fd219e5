"""Paniers-repas PAI: deducted once from the diners to cook for, read only by the kitchen's own people."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from cantine.accounts import small_counts
from cantine.accounts.models import JournalEntry
from cantine.app import TABLES
from cantine.db import transaction
from cantine.kitchens import headcount
from cantine.kitchens import models as places
from cantine.kitchens.headcount import to_cook
from cantine.menus import edit
from cantine.menus.models import Service
from cantine.menus.versions import Stamp
from cantine.reports import figures, pdf
from cantine.tables import export_package
from optim.terms import Niveau
from tests.cantine.site import NOW, OTHER, OWN, Site
from tests.cantine.test_web_tables import form_of

DAY, TODAY = date(2027, 2, 25), date(2027, 1, 4)
URL = "/donnees/effectifs/PORT-BRUME"


@pytest.fixture
def few(site: Site) -> Site:
    """Three paniers-repas at Port-Brume, two at the school of the Salines."""
    with transaction(site.engine) as session:
        for code, count in (("PORT-BRUME", 3), ("ECOLE-SALINES", 2)):
            session.get_one(places.Site, code).pai_meals = count
    return site


def usual(site: Site, day: date = DAY, kitchen: str = OWN) -> dict[Niveau, int]:
    """The diners that planning and papers read."""
    with Session(site.engine) as session:
        return headcount.load_diners(session, kitchen).on(day)


def diners_form(browser: FlaskClient, url: str = URL) -> dict[str, str]:
    """The fields of the page of a site."""
    return dict(re.findall(r'name="(\w+_\d|shown|pai)"[^>]*value="([^"]*)"', browser.get(url).text))


@pytest.mark.parametrize(
    ("diners", "pai", "left"),
    [
        ({Niveau.COLLEGE: 100, Niveau.ADULTE: 9}, 3, (0, 0, 97, 9)),
        ({Niveau.MATERNELLE: 5, Niveau.ELEMENTAIRE: 2, Niveau.ADULTE: 9}, 4, (3, 0, 0, 9)),
        ({Niveau.COLLEGE: 2, Niveau.ADULTE: 9}, 3, (0, 0, 0, 9)),
        ({}, 3, (0, 0, 0, 0)),
    ],
)
def test_the_deduction_takes_pupils_only(diners: dict[Niveau, int], pai: int, left: tuple[int, ...]) -> None:
    """Oldest pupils first, never the adults, never below nobody."""
    found = to_cook(diners, pai)
    assert tuple(found.get(niveau, 0) for niveau in Niveau) == left


def test_planned_diners_are_those_to_cook_for(site: Site, few: Site) -> None:
    """Deducted where nothing is typed yet; an absence and a service once typed keep their own number."""
    with transaction(few.engine) as session:
        session.get_one(places.Site, "PORT-BRUME").pai_meals = 0
    whole = usual(site)
    with transaction(few.engine) as session:
        session.get_one(places.Site, "PORT-BRUME").pai_meals = 3
    assert usual(few) == {**whole, Niveau.COLLEGE: whole[Niveau.COLLEGE] - 3}
    assert sum(usual(few, date(2027, 1, 19)).values()) == pytest.approx(310, abs=2)
    with transaction(few.engine) as session:
        stamp = Stamp(user_id=None, now=NOW, today=TODAY, version=0)
        edit.set_diners(session, OWN, DAY, {Niveau.COLLEGE: 400}, "compté", stamp)
        assert session.get_one(Service, (OWN, DAY)).college == 400
        assert figures.load_reading(session, OWN, DAY, DAY).services[DAY].college == 400


def test_the_kitchens_own_people_type_the_number(few: Site) -> None:
    """The chief reads and changes it beside the diners; the journal keeps both for those who may read."""
    chef = few.signed_in("chef")
    form = diners_form(chef)
    assert form["pai"] == "3"
    assert chef.post(URL, data={**form, "pai": "6"}).status_code == 303
    with Session(few.engine) as session:
        assert session.get_one(places.Site, "PORT-BRUME").pai_meals == 6
        entry = session.exec(select(JournalEntry)).one()
        assert (entry.before, entry.after) == ('{"paniers-repas PAI": "3"}', '{"paniers-repas PAI": "6"}')
    assert ">6<" in chef.get(f"/cuisines/{OWN}/journal").text.replace("<b>6</b>", ">6<")
    told = few.signed_in("departement", "").get(f"/cuisines/{OWN}/journal").text
    assert "masqué" in told
    late = chef.post(URL, data={**form, "pai": "7"})
    assert late.status_code == 409
    assert "paniers-repas PAI" in late.text


def test_the_departement_works_with_the_diners_to_cook_for(few: Site) -> None:
    """Neither the number nor a difference between two pages tells it; what they type means the same."""
    browser = few.signed_in("departement", "")
    with Session(few.engine) as session:
        row = session.get_one(places.SiteDiners, ("PORT-BRUME", 1))
        declared, second = row.college, session.get_one(places.SiteDiners, ("PORT-BRUME", 2)).college
    form = diners_form(browser)
    assert "pai" not in form
    assert form["college_1"] == str(declared - 3)
    assert browser.post(URL, data={**form, "college_1": str(declared + 10)}).status_code == 303
    with Session(few.engine) as session:
        assert session.get_one(places.SiteDiners, ("PORT-BRUME", 1)).college == declared + 13
        assert session.get_one(places.SiteDiners, ("PORT-BRUME", 2)).college == second
        assert session.get_one(places.Site, "PORT-BRUME").pai_meals == 3
    assert usual(few, date(2027, 2, 22))[Niveau.COLLEGE] == declared + 10
    for closed in ("/donnees/convives", "/donnees/convives/export.csv", "/donnees/lieux-de-repas/importer"):
        assert browser.get(closed).status_code == 403


READS = [("chef", OWN, 1), ("acheteur", OWN, 1), ("gestionnaire", OWN, 1), ("departement", "", 0)]


@pytest.mark.parametrize(("role", "kitchen", "read"), [*READS, ("administrateur", "", 4)])
def test_small_counts_of_pai_are_for_the_kitchens_own_people(
    few: Site, role: str, kitchen: str, read: int
) -> None:
    """On the lists and in the files of others they are « moins de 5 »."""
    browser = few.signed_in(role, kitchen)
    lines = list(csv.DictReader(io.StringIO(browser.get("/donnees/lieux-de-repas/export.csv").text)))
    assert len(lines) == 4
    assert sum(line["pai_meals"] != "moins de 5" for line in lines) == read
    sheet = load_workbook(io.BytesIO(browser.get("/donnees/lieux-de-repas/export.xlsx").data)).worksheets[0]
    values = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert values.count("moins de 5") == 4 - read
    assert browser.get("/donnees/lieux-de-repas").text.count("moins de 5") == 4 - read
    own = browser.get("/donnees/effectifs").text
    assert ("moins de 5" in own) == (role == "departement")


def test_a_row_is_edited_without_what_one_may_not_read(few: Site) -> None:
    """The département moves a site and leaves its PAI as they are, unseen."""
    url = "/donnees/lieux-de-repas/PORT-BRUME/modifier"
    browser = few.signed_in("departement", "")
    form = form_of(browser.get(url).text)
    assert "c_pai_meals" not in form
    forged = {**form, "c_name": "Collège du Port", "c_pai_meals": "9"}
    assert browser.post(url, data=forged).status_code == 303
    with Session(few.engine) as session:
        row = session.get_one(places.Site, "PORT-BRUME")
        assert (row.name, row.pai_meals) == ("Collège du Port", 3)
    assert "c_pai_meals" in form_of(few.signed_in("gestionnaire").get(url).text)
    new = few.signed_in("departement", "").get("/donnees/lieux-de-repas/nouveau").text
    assert "c_pai_meals" not in new
    assert "c_pai_meals" in few.signed_in("administrateur", "").get("/donnees/lieux-de-repas/nouveau").text


def test_every_page_that_shows_a_small_count_knows_it() -> None:
    """A column of small counts is declared by its page, which then neither sorts nor filters by it."""
    from cantine.table_list import table_form  # noqa: PLC0415 -- read beside what it tells

    for page in TABLES:
        held = {column.name for column in table_form(page).columns} & set(small_counts.READERS)
        assert held == set(page.secret), page.table
        assert not held & set(page.filters)


def test_papers_say_nothing_of_pai(few: Site) -> None:
    """No paper prints the number or the word, and none promises a meal without allergens."""
    with Session(few.engine) as session:
        day = session.exec(
            select(Service.date).where(Service.kitchen == OWN).order_by(Service.date.desc())  # type: ignore[attr-defined]
        ).first()
        assert day
        sheets = (
            figures.production_sheet(session, OWN, day),
            figures.weekly_menu(session, OWN, day),
            figures.allergen_table(session, OWN, day),
        )
    templates = Path(pdf.__file__).parents[2] / "templates"
    texts = [repr(sheet) for sheet in sheets] + [
        path.read_text(encoding="utf-8") for path in (templates / "pdf").iterdir()
    ]
    for text in texts:
        assert not re.search(r"paniers?-repas|\d+ PAI|pai_meals|sans allerg", text, re.IGNORECASE)


def test_the_whole_package_keeps_every_number(few: Site, tmp_path: Path) -> None:
    """``cantine export`` is the administrator's: nothing is hidden there, or it could not be put back."""
    with Session(few.engine) as session:
        export_package(session, tmp_path)
    text = (tmp_path / "sites.csv").read_text(encoding="utf-8")
    assert {line["code"]: line["pai_meals"] for line in csv.DictReader(io.StringIO(text))} == {
        "PORT-BRUME": "3",
        "SAINT-ROSELIN": "0",
        OTHER: "0",
        "ECOLE-SALINES": "2",
    }


def test_a_total_goes_with_a_hidden_part() -> None:
    """A sum with one hidden part would give it back by difference."""
    assert small_counts.total([40, 30, 20]) == 90
    assert small_counts.total([40, "moins de 5", 20]) == "masqué"
    assert small_counts.total([None, None]) is None
