"""Pages of tables: list, edit, two people at once, import, export, small counts."""

import html
import io
import re

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from cantine.accounts.models import JournalEntry
from cantine.kitchens.models import College, SiteDiners
from cantine.suppliers.models import Offer
from tests.cantine.site import OWN, Site

COLLEGE = "/donnees/colleges/0990001A/modifier"


def form_of(page: str) -> dict[str, str]:
    """The fields of the edit form of a page, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or "checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL))
    return {name: value for name, value in found.items() if name.startswith("c_") or name == "shown"}


def offers_csv(browser: FlaskClient, query: str = "") -> list[str]:
    """Lines of the export of offers."""
    return browser.get(f"/donnees/offres/export.csv{query}").text.splitlines()


def test_a_list_is_searched_without_accents_and_filtered(site: Site) -> None:
    """« pates » finds « pâtes »; the count tells how many of how many."""
    browser = site.signed_in("acheteur")
    page = browser.get("/recettes?q=puree").text
    assert "Purée" in page
    assert "lignes sur" in page
    only = browser.get("/recettes?slot=dessert").text
    assert "Carottes râpées" not in only
    nothing = browser.get("/recettes?q=zzzz").text
    assert "Rien ne correspond" in nothing


def test_a_list_is_sorted_both_ways_and_says_so(site: Site) -> None:
    """aria-sort tells the direction; the export follows the same order."""
    browser = site.signed_in("acheteur")
    assert 'aria-sort="ascending"' in browser.get("/donnees/offres?tri=price_ht").text
    page = browser.get("/donnees/offres?tri=-price_ht")
    assert 'aria-sort="descending"' in page.text
    header, *lines = offers_csv(browser, "?tri=-price_ht")
    place = header.split(",").index("code")
    with Session(site.engine) as session:
        dearest = max(session.exec(select(Offer)), key=lambda offer: offer.price_ht)
        first = session.get(Offer, lines[0].split(",")[place])
        assert first is not None
        assert first.price_ht == dearest.price_ht


def test_a_long_list_has_pages(site: Site) -> None:
    """Fifty lines each; a page too far shows the last one."""
    browser = site.signed_in("acheteur")
    assert browser.get("/donnees/offres").text.count('class="ct-row-end"') == 50
    assert "Page précédente" in browser.get("/donnees/offres?page=999").text


def test_editing_a_row_saves_it_and_tells_the_journal(site: Site) -> None:
    """French numbers are read; a typed figure is no estimate any more."""
    browser = site.signed_in("gestionnaire")
    form = {
        **form_of(browser.get(COLLEGE).text),
        "c_half_boarders": "1 415".replace("1 ", ""),
        "c_ips": "101,5",
    }
    form["c_figures_origin"] = "estime"
    assert browser.post(COLLEGE, data=form).status_code == 303
    form = {**form_of(browser.get(COLLEGE).text), "c_half_boarders": "400"}
    assert browser.post(COLLEGE, data=form).status_code == 303
    with Session(site.engine) as session:
        college = session.get(College, "0990001A")
        assert college is not None
        assert (college.half_boarders, college.ips, college.figures_origin) == (400, 101.5, "declare")
        entries = session.exec(select(JournalEntry)).all()
        assert [(entry.kitchen, entry.key) for entry in entries] == [(OWN, "colleges/0990001A")] * 2
        assert '"half_boarders": "400"' in entries[-1].after


def test_the_food_credit_is_typed_in_euros(site: Site) -> None:
    """« 1,20 » as it is read; the data keep centimes; what is no amount is told in euros."""
    browser, url = site.signed_in("departement", ""), f"/donnees/cuisines/{OWN}/modifier"
    form = form_of(browser.get(url).text)
    assert form["c_budget_ttc_cents"] == "2,40"
    for wrong in ("1,205", "0", "-2", "deux"):
        refused = html.unescape(browser.post(url, data={**form, "c_budget_ttc_cents": wrong}).text)
        assert f"Écrivez un montant en euros, au centime près, comme 2,40 : « {wrong} »" in refused
    habit = html.unescape(browser.post(url, data={**form, "c_budget_ttc_cents": "240"}).text)
    assert "« 240 » est trop grand : au plus 20,00 €. Le montant se tape en euros." in habit
    assert browser.post(url, data={**form, "c_budget_ttc_cents": "1,20 €"}).status_code == 303
    assert "1,20\u00a0€" in html.unescape(browser.get("/donnees/cuisines").text)
    header, line = browser.get(f"/donnees/cuisines/export.csv?q={OWN}").text.splitlines()
    assert line.split(",")[header.split(",").index("budget_ttc_cents")] == "120"
    conflict = html.unescape(browser.post(url, data={**form, "c_budget_ttc_cents": "3"}).text)
    assert re.search(r"<td>1,20</td><td><b>3,00</b></td>", conflict)


def test_wrong_values_are_told_on_their_field(site: Site) -> None:
    """The rules of an import, in French, and nothing saved."""
    browser = site.signed_in("gestionnaire")
    form = {
        **form_of(browser.get(COLLEGE).text),
        "c_half_boarders": "12,5O",
        "c_siret": "123",
        "c_insee": "00000",
    }
    page = browser.post(COLLEGE, data=form)
    assert page.status_code == 200
    assert page.text.count('aria-invalid="true"') == 3
    assert "n&#39;est pas un nombre" in page.text
    assert "rien n'est enregistré" in page.text
    with Session(site.engine) as session:
        college = session.get(College, "0990001A")
        assert college is not None
        assert college.half_boarders == 420


def test_the_second_of_two_people_is_refused_with_both_versions(site: Site) -> None:
    """Nothing is lost: both versions show, and the second may still insist."""
    first, second = site.signed_in("gestionnaire"), site.signed_in("departement", "")
    mine = {**form_of(second.get(COLLEGE).text), "c_half_boarders": "222"}
    first.post(COLLEGE, data={**form_of(first.get(COLLEGE).text), "c_half_boarders": "111"})
    refused = second.post(COLLEGE, data=mine)
    assert refused.status_code == 409
    assert "111" in refused.text
    assert "222" in refused.text
    assert "Camille Essai a changé cette ligne" in refused.text
    insisting = form_of(refused.text)
    assert second.post(COLLEGE, data=insisting).status_code == 303
    with Session(site.engine) as session:
        college = session.get(College, "0990001A")
        assert college is not None
        assert college.half_boarders == 222


def test_a_new_row_is_added_once(site: Site) -> None:
    """A code already taken is refused."""
    browser = site.signed_in("gestionnaire")
    chef = site.signed_in("chef")
    url = "/donnees/absences/nouveau"
    form = {**form_of(chef.get(url).text), "c_site": OWN, "c_date": "21/01/2027", "c_reason": "sortie"}
    assert chef.post(url, data=form).status_code == 303
    assert "existe déjà" in browser.post(url, data=form).text
    assert "sortie" in browser.get("/donnees/absences").text


def test_a_row_of_another_kitchen_can_neither_be_added_nor_moved(site: Site) -> None:
    """The right is checked on the row as it would be."""
    chef = site.signed_in("chef")
    url = "/donnees/absences/nouveau"
    form = {**form_of(chef.get(url).text), "c_site": "SALINES", "c_date": "2027-01-21", "c_reason": "sortie"}
    assert chef.post(url, data=form).status_code == 403
    assert "Cuisine Salines" not in chef.get("/donnees/stock").text
    assert "Cuisine Salines" in site.signed_in("departement", "").get("/donnees/stock").text


def test_an_import_shows_what_it_changes_then_writes_it(site: Site) -> None:
    """Preview, confirmation, journal; the file travels with the page."""
    browser = site.signed_in("acheteur")
    header, first, *_ = offers_csv(browser)
    changed = first.split(",")
    changed[header.split(",").index("pack_g")] = "12345"
    data = "\n".join([header, ",".join(changed)]).encode()
    url = "/donnees/offres/importer"
    preview = browser.post(url, data={"file": (io.BytesIO(data), "offres.csv")})
    assert "0 à ajouter, 1 à changer" in preview.text
    assert "12345" in preview.text
    hidden = dict(re.findall(r'type="hidden" name="(name|content|mark)" value="([^"]*)"', preview.text))
    assert browser.post(url, data=hidden).status_code == 303
    with Session(site.engine) as session:
        offer = session.get(Offer, changed[0])
        assert offer is not None
        assert offer.pack_g == 12345
        assert session.exec(select(JournalEntry.key)).all() == [f"offers/{changed[0]}"]
    late = browser.post(url, data=hidden)
    assert "entre-temps" in late.text


def test_a_faulty_import_shows_every_fault_and_writes_nothing(site: Site) -> None:
    """All of them at once, with line and column."""
    browser = site.signed_in("acheteur")
    header, first, second, *_ = offers_csv(browser)
    names = header.split(",")
    one, two = first.split(","), second.split(",")
    one[names.index("pack_g")] = "beaucoup"
    two[names.index("supplier")] = "inconnu"
    data = "\n".join([header, ",".join(one), ",".join(two)]).encode()
    answer = browser.post("/donnees/offres/importer", data={"file": (io.BytesIO(data), "offres.csv")})
    assert answer.status_code == 422
    assert "2 lignes à corriger" in answer.text.replace("\u00a0", " ")
    assert "beaucoup" in answer.text
    assert "inconnu" in answer.text
    assert browser.post("/donnees/offres/importer").status_code == 400


def test_an_import_stays_in_one_s_kitchen(site: Site) -> None:
    """A file that touches another kitchen's stock is refused as a whole."""
    lines = site.signed_in("departement", "").get("/donnees/stock/export.csv").text.replace("20000", "21000")
    answer = site.signed_in("chef").post(
        "/donnees/stock/importer", data={"file": (io.BytesIO(lines.encode()), "stock.csv")}
    )
    assert answer.status_code == 403
    assert "pas la vôtre" in answer.text


def hide_one(site: Site) -> None:
    """A collège with three boursiers of the second échelon."""
    with Session(site.engine) as session:
        for uai in ("0990001A", "0990003C"):
            college = session.get(College, uai)
            assert college is not None
            college.boursiers_e2 = 3
            session.add(college)
        session.commit()


@pytest.mark.parametrize(
    ("role", "kitchen", "hidden"),
    [("chef", OWN, 2), ("acheteur", OWN, 2), ("gestionnaire", OWN, 1), ("departement", "", 0)],
)
def test_small_counts_are_for_those_who_need_them(site: Site, role: str, kitchen: str, hidden: int) -> None:
    """On the page and in the files, and the total goes with them."""
    hide_one(site)
    browser = site.signed_in(role, kitchen)
    page = browser.get("/donnees/colleges").text
    assert page.count("moins de 5") == hidden
    assert page.count("masqué") == hidden
    assert browser.get("/donnees/colleges/export.csv").text.count("moins de 5") == hidden
    sheet = load_workbook(io.BytesIO(browser.get("/donnees/colleges/export.xlsx").data)).worksheets[0]
    values = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert values.count("moins de 5") == hidden


def test_small_counts_cannot_be_searched_nor_sorted(site: Site) -> None:
    """The order of a list would give them back."""
    hide_one(site)
    browser = site.signed_in("chef")
    plain = browser.get("/donnees/colleges/export.csv").text
    assert browser.get("/donnees/colleges/export.csv?tri=boursiers_e2").text == plain


def test_diners_are_typed_day_by_day(site: Site) -> None:
    """Own sites only; the journal tells the days that changed."""
    chef = site.signed_in("chef")
    page = chef.get("/donnees/effectifs").text
    assert "Collège Port-Brume" in page
    assert "École des Salines" not in page
    url = "/donnees/effectifs/PORT-BRUME"
    form = dict(re.findall(r'name="((?:college|adulte)_\d|shown)"[^>]*value="([^"]*)"', chef.get(url).text))
    assert len(form) == 9
    assert chef.post(url, data={**form, "college_1": "401"}).status_code == 303
    with Session(site.engine) as session:
        row = session.get(SiteDiners, ("PORT-BRUME", 1))
        assert row is not None
        assert row.college == 401
        entry = session.exec(select(JournalEntry)).one()
        assert (entry.kitchen, entry.subject) == (OWN, "effectif")
        assert "mardi" not in entry.after
    late = chef.post(url, data={**form, "college_1": "402"})
    assert late.status_code == 409
    assert "401" in late.text
    shown = re.search(r'name="shown" value="([^"]*)"', late.text)
    assert shown
    wrong = chef.post(url, data={**form, "shown": shown[1], "college_1": "beaucoup"})
    assert "Un nombre entier" in wrong.text
    assert chef.get("/donnees/effectifs/NULLE-PART").status_code == 404


def test_unknown_rows_and_formats_are_not_found(site: Site) -> None:
    """A kind sentence, no crash."""
    browser = site.signed_in("departement", "")
    assert browser.get("/donnees/colleges/0000000Z/modifier").status_code == 404
    assert browser.get("/donnees/colleges/export.pdf").status_code == 404
