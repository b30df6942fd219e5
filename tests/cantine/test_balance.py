"""« Bilan »: what the pages say of the year, and what may be put right from them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from cantine.accounts.models import JournalEntry
from cantine.egalim import export as exporting
from cantine.egalim.balance import Measure, load_balance
from cantine.egalim.ma_cantine import COLUMNS
from cantine.egalim.models import YearTotal
from cantine.kitchens.models import College
from cantine.orders.models import Purchase, PurchaseImport
from tests.cantine.bought import OTHER, OWN, SIRETS, bought, give_sirets, worked_example
from tests.cantine.site import Site

HERE = f"/cuisines/{OWN}/bilan"
LINE = f"{SIRETS['0990001A']},Pommes,Primeur,2026-05-02,90.11,FRUITS_ET_LEGUMES,BIO,FRANCE,OUI,x,KM,50"


@pytest.fixture
def keep(site: Site) -> Callable[..., list[int]]:
    """Write purchases, with confirmed numbers; their numbers."""

    def write(*rows: Purchase) -> list[int]:
        with Session(site.engine) as session:
            give_sirets(session)
            session.add_all(rows)
            session.commit()
            return [row.id or 0 for row in rows]

    return write


def text_of(answer: TestResponse) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


def one(site: Site, number: int) -> Purchase:
    """A purchase as it is now."""
    with Session(site.engine) as session:
        return session.get_one(Purchase, number)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_the_page_tells_the_platform_s_shares(site: Site, keep: Callable[..., list[int]]) -> None:
    """The worked example, its distance to the law, and how far each figure is known."""
    keep(*worked_example(), bought("", 5, kitchen=OTHER, family=""))
    page = text_of(site.signed_in("gestionnaire").get(f"{HERE}?annee=2026"))
    assert "20,47 %" in page
    assert "53,49 %" in page
    assert "53,5 % durable et de qualité : la loi est tenue" in page
    assert "1 075 € d'achats saisis" in page
    whole = text_of(site.signed_in("departement", "").get("/departement/bilan?annee=2026"))
    assert "Famille à compléter" in whole
    assert "1 080 €" in whole


def test_the_last_year_bought_is_shown_until_this_one_begins(
    site: Site, keep: Callable[..., list[int]]
) -> None:
    """On 4 January people look at the year that has just ended; an empty one says what to do."""
    browser = site.signed_in("gestionnaire")
    empty = text_of(browser.get(HERE))
    assert "Aucun achat en 2027" in empty
    keep(bought("BIO", 5))
    assert "Bilan 2026" in text_of(browser.get(HERE))
    assert browser.get(f"{HERE}?annee=20266").status_code == 400
    assert browser.get("/bilan").location == HERE


@pytest.mark.parametrize(("amount", "points"), [("4999", -0.1), ("5000", 0.0), ("5001", 0.0), ("4900", -1.0)])
def test_a_law_missed_by_a_hair_is_missed(amount: str, points: float) -> None:
    """49,99 % is not half, whatever the rounding."""
    euros = Decimal(amount)
    assert Measure("egalim", "", float(euros / 10_000), euros, Decimal(10_000), 50, 0).points == points


def test_the_table_and_the_declared_total_make_the_same_shares(site: Site) -> None:
    """What was declared counts in the shares, not in the table; the paper says both."""
    with Session(site.engine) as session:
        session.add(
            YearTotal(
                kitchen=OWN,
                year=2026,
                until=date(2026, 6, 30),
                total_ht=Decimal(900),
                egalim_ht=Decimal(90),
                bio_ht=Decimal(0),
                meat_fish_ht=Decimal(0),
                meat_fish_egalim_ht=Decimal(0),
            )
        )
        session.add(bought("HVE", 100))
        session.commit()
        read = load_balance(session, 2026, date(2026, 12, 31), [OWN])
    assert (read.bought, read.counted) == (1000, 100)
    assert read.measures[0].share == 0.19
    assert (read.measures[0].points, read.measures[0].missing) == (-31.0, 310)
    assert [words for _, words in read.parts] == ["déclarés avant d'être suivis ici", "saisis"]
    page = text_of(site.signed_in("gestionnaire").get(f"{HERE}?annee=2026"))
    assert "Total déclaré jusqu'au 30 juin 2026" in page


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["Cidre", "Avoir", "Abricots"]),
        ("&tri=montant", ["Avoir", "Cidre", "Abricots"]),
        ("&tri=-fournisseur", ["Abricots", "Avoir", "Cidre"]),
        ("&q=abri prim", ["Abricots"]),
        ("&famille=BOISSONS", ["Cidre"]),
        ("&label=durable", ["Avoir", "Abricots"]),
        ("&label=bio", ["Avoir", "Abricots"]),
        ("&label=sans", ["Cidre"]),
        ("&label=avoir", ["Avoir"]),
        ("&du=2026-04-01&au=2026-04-30", ["Avoir"]),
        ("&source=facture", []),
    ],
)
def test_purchases_are_found_and_sorted(
    site: Site, keep: Callable[..., list[int]], asked: str, names: list[str]
) -> None:
    """By word, family, label, source and day; by date, supplier or amount."""
    keep(
        bought("BIO", 90, description="Abricots", date=date(2026, 3, 2)),
        bought("BIO", -5, description="Avoir", date=date(2026, 4, 2), supplier_name="Cremier"),
        bought(
            "", 12, description="Cidre", date=date(2026, 5, 2), supplier_name="Brasseur", family="BOISSONS"
        ),
        bought("", 12, description="Ailleurs", kitchen=OTHER),
    )
    page = site.signed_in("acheteur").get(f"{HERE}/achats?annee=2026{asked}").text
    assert re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page) == names


def test_a_purchase_is_put_right_once_with_a_trace(site: Site, keep: Callable[..., list[int]]) -> None:
    """Family and labels; the others like it if asked; a colleague's change in between is told."""
    first, alike, other = keep(
        bought("", 10, family=""), bought("", 12, family=""), bought("", 3, family="", description="Autre")
    )
    browser = site.signed_in("gestionnaire")
    url = f"{HERE}/achats/{first}"
    seen = hidden(browser.get(url).text, "vu")
    said = {
        "vu": seen,
        "designation": "Pommes du verger",
        "famille": "FRUITS_ET_LEGUMES",
        "label": ["HVE", "BIO"],
        "origine": "FRANCE",
        "circuit_court": "1",
        "local": "KM",
        "km": "30",
        "tous": "1",
    }
    wrong = browser.post(url, data=said | {"label": "PECHE_DURABLE"})
    assert (wrong.status_code, one(site, first).family) == (400, "")
    assert "ne va pas avec la famille" in text_of(wrong)
    assert browser.post(url, data=said).status_code == 303
    row, like = one(site, first), one(site, alike)
    assert (row.labels, row.local_definition, row.local_km) == (("BIO", "HVE"), "KM", 30)
    assert (like.family, like.amount_ht) == ("FRUITS_ET_LEGUMES", 12)
    assert one(site, other).family == ""
    late = browser.post(url, data=said | {"famille": "AUTRES"})
    assert late.status_code == 409
    with Session(site.engine) as session:
        kept = session.exec(select(JournalEntry).where(JournalEntry.subject == "achat")).all()
    assert [entry.key for entry in kept] == [f"purchases/{first}", f"purchases/{alike}"]
    assert "HVE" in kept[0].after
    assert browser.get(f"{HERE}/achats/999").status_code == 404


def test_the_file_waits_for_the_lines_to_mend(site: Site, keep: Callable[..., list[int]]) -> None:
    """Each with its link; then the file, its name telling whose it is."""
    (number,) = keep(bought("", 10, family=""))
    browser = site.signed_in("gestionnaire")
    page = browser.get(f"{HERE}/ma-cantine?annee=2026")
    assert "1 point à corriger" in text_of(page)
    assert f"/bilan/achats/{number}?retour=" in page.text
    assert browser.get(f"{HERE}/ma-cantine/fichier?annee=2026").status_code == 422
    with Session(site.engine) as session:
        session.get_one(Purchase, number).family = "AUTRES"
        session.commit()
    answer = browser.get(f"{HERE}/ma-cantine/fichier?annee=2026")
    assert answer.headers["Content-Disposition"].endswith(f"ma-cantine-{OWN}-2026-01-01-2026-12-31.csv")
    assert next(csv.reader(io.StringIO(answer.text))) == list(COLUMNS)


def test_large_files_come_in_a_folder(
    site: Site, keep: Callable[..., list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the whole département, cut where the platform asks."""
    monkeypatch.setattr(exporting, "LARGEST_FILE", 260)
    keep(bought("", 10), bought("", 20, kitchen=OTHER))
    browser = site.signed_in("departement", "")
    asked = "annee=2026"
    assert "quelques secondes" in text_of(browser.get(f"/departement/bilan/ma-cantine?{asked}"))
    assert "2 fichiers" in text_of(browser.get(f"/departement/bilan/ma-cantine?{asked}&verifier=1"))
    answer = browser.get(f"/departement/bilan/ma-cantine/fichier?{asked}")
    assert len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) == 2


def test_an_estimated_siret_is_confirmed_by_its_establishment(
    site: Site, keep: Callable[..., list[int]]
) -> None:
    """A wrong key, another's number, a page seen too long ago: refused; then the trace is kept."""
    keep(bought("", 10))
    with Session(site.engine) as session:
        give_sirets(session, "estime")
        session.commit()
    browser = site.signed_in("gestionnaire")
    url, mine = f"{HERE}/siret", SIRETS["0990001A"]
    assert "estimé" in text_of(browser.get(f"{HERE}/ma-cantine?annee=2026"))
    refused = {
        mine[:-1] + "7": (400, "faute de frappe"),
        "1999": (400, "14 chiffres"),
        SIRETS["0990003C"]: (400, "déjà celui"),
    }
    for number, (status, words) in refused.items():
        answer = browser.post(url, data={"siret": number, "vu": mine})
        assert answer.status_code == status
        assert words in text_of(answer)
    assert browser.post(url, data={"siret": mine, "vu": ""}).status_code == 409
    spaced = f"{mine[:3]} {mine[3:6]} {mine[6:9]} {mine[9:]}"
    assert browser.post(url, data={"siret": spaced, "vu": mine}).status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(College, "0990001A").siret_origin == "declare"
        assert session.exec(select(JournalEntry).where(JournalEntry.key == "colleges/0990001A")).one()
    assert "1 achat est prêt" in text_of(browser.get(f"{HERE}/ma-cantine?annee=2026"))


def test_the_declaration_is_filled_and_downloaded(site: Site, keep: Callable[..., list[int]]) -> None:
    """One kitchen's amounts with their columns; the whole département in one file."""
    keep(*worked_example(), bought("", 5, kitchen=OTHER))
    page = text_of(site.signed_in("gestionnaire").get(f"{HERE}/declaration?annee=2026"))
    assert "valeur_egalim_autres 260,00" in page
    browser = site.signed_in("departement", "")
    assert "1 075,00" in text_of(browser.get("/departement/bilan/declaration?annee=2026"))
    rows = list(
        csv.DictReader(io.StringIO(browser.get("/departement/bilan/declaration/fichier?annee=2026").text))
    )
    assert sorted((row["siret"], row["valeur_totale"]) for row in rows) == sorted(
        [(SIRETS["0990001A"], "1075.00"), (SIRETS["0990003C"], "5.00")]
    )


def test_past_purchases_are_shown_then_written_then_taken_back(
    site: Site, keep: Callable[..., list[int]]
) -> None:
    """Nothing before the second step; a double click writes once; another kitchen's lines are refused."""
    keep()
    browser, url = site.signed_in("gestionnaire"), f"{HERE}/importer"
    content = f"{','.join(COLUMNS)}\n{LINE}\n"

    def send(text: str) -> TestResponse:
        return browser.post(url, data={"file": (io.BytesIO(text.encode()), "achats.csv")})

    wrong = send(content.replace(SIRETS["0990001A"], SIRETS["0990003C"]))
    assert wrong.status_code == 422
    assert "autre cuisine" in text_of(wrong)
    shown = send(content)
    assert "1 achat, 90,11 € HT" in text_of(shown)
    fields = {name: hidden(shown.text, name) for name in ("name", "content", "sha256")}
    with Session(site.engine) as session:
        assert list(session.exec(select(Purchase))) == []
    assert [browser.post(url, data=fields).status_code for _ in range(2)] == [303, 422]
    with Session(site.engine) as session:
        assert len(list(session.exec(select(Purchase)))) == 1
        number = session.exec(select(PurchaseImport.id)).one()
    assert "achats.csv" in text_of(browser.get(url))
    other = site.signed_in("gestionnaire", OTHER)
    assert other.post(f"/cuisines/{OTHER}/bilan/importer/{number}/annuler").status_code == 403
    assert browser.post(f"{url}/{number}/annuler").status_code == 303
    with Session(site.engine) as session:
        assert list(session.exec(select(Purchase))) == []
    assert browser.post(url, data={}).status_code == 400


def test_the_paper_holds_on_one_page(site: Site, keep: Callable[..., list[int]]) -> None:
    """The table by family and label; nothing bought, nothing printed."""
    browser = site.signed_in("gestionnaire")
    paper = f"/cuisines/{OWN}/impressions/tableau-egalim?au=2026-12-31"
    assert browser.get(paper).status_code == 404
    keep(*worked_example())
    answer = browser.get(paper)
    assert answer.mimetype == "application/pdf"
    assert len(PdfReader(io.BytesIO(answer.data)).pages) == 1
