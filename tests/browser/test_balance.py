"""« Bilan » in a real browser: pages with a year of purchases, and a file of past ones read by hand."""

from pathlib import Path

from sqlmodel import Session

from cantine.egalim.ma_cantine import COLUMNS
from tests.browser.conftest import SizedPage
from tests.browser.test_pages import faults_on_both
from tests.cantine.bought import OTHER, OWN, SIRETS, bought, give_sirets, worked_example
from tests.cantine.site import Site

MINE = f"/cuisines/{OWN}/bilan"
YEAR = "annee=2026"
PAGES = {
    ("gestionnaire", OWN): (
        f"{MINE}?{YEAR}",
        f"{MINE}/achats?{YEAR}",
        f"{MINE}/achats/1",
        f"{MINE}/ma-cantine?{YEAR}",
        f"{MINE}/declaration?{YEAR}",
        f"{MINE}/siret",
    ),
    ("departement", ""): (
        f"/departement/bilan?{YEAR}",
        f"/departement/bilan/ma-cantine?{YEAR}&verifier=1",
        f"/departement/bilan/declaration?{YEAR}",
        f"/departement/bilan/achats?{YEAR}&q=rien",
    ),
}


def test_pages_of_the_balance_are_accessible(open_browser: SizedPage, served: tuple[Site, str]) -> None:
    """With every kind of line, faults to mend and an estimated number among them."""
    with Session(served[0].engine) as session:
        give_sirets(session, "estime")
        session.add_all([*worked_example(), bought("", 5, family=""), bought("BIO", 7, kitchen=OTHER)])
        session.commit()
    found = {}
    for grant, urls in PAGES.items():
        page = open_browser(grant, login=grant[0])
        for url in urls:
            page.goto(url)
            if told := faults_on_both(page):
                found[url] = told
    assert found == {}, found


def test_a_file_of_past_purchases_by_hand(
    open_browser: SizedPage, served: tuple[Site, str], tmp_path: Path
) -> None:
    """Choose it, read what it holds, import it, see it in the year, take it back."""
    with Session(served[0].engine) as session:
        give_sirets(session)
        session.commit()
    line = f"{SIRETS['0990001A']};Pommes;Primeur;2026-05-02;90,11;FRUITS_ET_LEGUMES;BIO;FRANCE;x;;;"
    path = tmp_path / "achats.csv"
    path.write_text(f"{';'.join(COLUMNS)}\n{line}\n", encoding="utf-8")
    page = open_browser(("gestionnaire", OWN))
    page.goto(f"{MINE}/importer")
    page.get_by_label("Fichier ma cantine").set_input_files(path)
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_text("Rien n'est encore écrit").wait_for()
    assert faults_on_both(page) == []
    page.get_by_role("button", name="Importer 1").click()
    page.get_by_text("1 achat importé").wait_for()
    page.get_by_role("link", name="Parts EGAlim").click()
    page.get_by_text("100,00 %").first.wait_for()
    page.goto(f"{MINE}/importer")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Annuler l'import").click()
    page.get_by_text("1 achat enlevé").wait_for()
