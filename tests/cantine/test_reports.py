"""Papers: pages, archive and accessibility marks, snapshots, command line, pages of the site."""

import argparse
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from weasyprint import HTML

from cantine.db import transaction
from cantine.errors import CantineError
from cantine.recipes.models import Recipe
from cantine.reports import batch, command, pdf
from cantine.reports.batch import NAMES, Request, sheets
from cantine.reports.order_sheets import ORDER_PAPERS
from cantine.reports.paper import css_string, html_of, typographic
from cantine.reports.store_sheets import STORE_PAPERS
from tests.cantine.reports_kitchen import CODE, DELIVERY, MONDAY, TUESDAY, fill
from tests.cantine.site import OTHER, OWN, Site

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
NBSP = "\u00a0"
OWN_PAPERS = [name for name in NAMES if name not in {*ORDER_PAPERS, *STORE_PAPERS}]
"""Those made of the menus; the others have tests of their own."""


@pytest.fixture
def small_engine(engine: Engine) -> Engine:
    """The database of the small kitchen."""
    with transaction(engine) as session:
        fill(session)
    return engine


@pytest.fixture
def small(small_engine: Engine) -> Iterator[Session]:
    """The small kitchen."""
    with Session(small_engine) as session:
        yield session


def request(name: str) -> Request:
    """The usual question about the small kitchen."""
    days = (DELIVERY, DELIVERY) if name == batch.PURCHASES else (MONDAY, TUESDAY)
    return Request(name, CODE, *days, recipe="braise" if name == batch.RECIPE else "", today=MONDAY)


def opened(content: bytes) -> pikepdf.Pdf:
    """The PDF of these bytes."""
    return pikepdf.open(BytesIO(content))


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Every structure element under a node."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


@pytest.mark.parametrize("name", [name for name in OWN_PAPERS if name != batch.BLOCK])
def test_html_is_the_snapshot(small: Session, name: str) -> None:
    """The words of each paper, styles left out. ``CANTINE_SNAPSHOTS=write`` accepts a change."""
    found = re.sub(r"(?s)<style>.*?</style>\s*", "", "\n".join(map(html_of, sheets(small, request(name)))))
    path = SNAPSHOTS / f"{name}.html"
    if os.environ.get("CANTINE_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OWN_PAPERS)
def test_pdf_is_an_accessible_archive(small: Session, name: str) -> None:
    """PDF/A-3a, PDF/UA-1, French, titled, tagged, every figure with its words, every font inside."""
    made = sheets(small, request(name))
    document = opened(pdf.render(made, "Un titre"))
    with document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["dc:title"] == "Un titre"
    assert str(document.Root.Lang) == "fr"
    assert document.Root.MarkInfo.Marked
    assert document.Root.ViewerPreferences.DisplayDocTitle
    assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
    found = list(elements(document.Root.StructTreeRoot))
    assert {"/H1", "/Table", "/TH"} <= {str(element.S) for element in found}
    assert all("/Alt" in element for element in found if element.S == "/Figure")
    for page in document.pages:
        for font in page.Resources.Font.values():
            (descendant,) = font.DescendantFonts
            assert {"/FontFile2", "/FontFile3"} & set(descendant.FontDescriptor.keys())


def test_same_figures_give_the_same_bytes(small: Session) -> None:
    """Neither clock nor chance in a file."""
    made = sheets(small, request(batch.BLOCK))
    assert pdf.render(made) == pdf.render(made)


def test_a_block_holds_every_paper(small: Session) -> None:
    """A menu, an allergen table, two production sheets and the purchases, all in one file or one each."""
    made = sheets(small, request(batch.BLOCK))
    assert [sheet.template for sheet in made] == [
        "menu.html",
        "allergens.html",
        "production.html",
        "production.html",
        "purchases.html",
    ]
    apart = sum(len(opened(pdf.render([sheet])).pages) for sheet in made)
    assert len(opened(pdf.render(made)).pages) == apart


def test_block_is_written_as_files(small: Session, tmp_path: Path) -> None:
    """One file per paper, named after report, kitchen and date."""
    written = batch.write_block(small, CODE, MONDAY, TUESDAY, tmp_path / "pdf")
    assert [path.name for path in written] == [
        "menu-semaine-PETITE-2027-01-04.pdf",
        "allergenes-PETITE-2027-01-04.pdf",
        "fiche-production-PETITE-2027-01-04.pdf",
        "fiche-production-PETITE-2027-01-05.pdf",
        "achats-PETITE-2026-12-31.pdf",
    ]
    assert all(path.read_bytes().startswith(b"%PDF-1.7") for path in written)


@pytest.mark.parametrize("length", [60, 140])
def test_menu_holds_on_one_page_whatever_the_names(small: Session, length: int) -> None:
    """Long names in every cell, three choices: smaller, never a second page."""
    (made,) = sheets(small, request(batch.MENU))
    name = ("Potjevleesch de la Côte d'Opale et ses condiments " * 3)[:length]
    rows = tuple(
        replace(
            row,
            cells=tuple(
                replace(cell, dishes=tuple(replace(d, name=name) for d in cell.dishes * 3))
                for cell in (row.cells * 3)[:5]
            ),
        )
        for row in made.figures.rows  # type: ignore[attr-defined]
    )
    figures = replace(made.figures, rows=rows, days=(made.figures.days * 3)[:5])  # type: ignore[attr-defined,type-var]
    crowded = replace(made, figures=figures, sizes=batch.styles(figures))
    assert len(opened(pdf.render([crowded])).pages) == 1


def test_nothing_is_fetched(tmp_path: Path) -> None:
    """Neither a file nor the network, from a style or from an image."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for address in (secret.as_uri(), "http://127.0.0.1:9/a.png", "data:text/plain,a"):
        with pytest.raises(ValueError, match="adresse refusée"):
            pdf.ClosedFetcher().fetch(address)
    address = secret.as_uri()
    page = f'<html lang="fr"><img src="{address}" alt=""><link rel="attachment" href="{address}">'
    content = HTML(string=page, url_fetcher=pdf.ClosedFetcher()).write_pdf()
    assert "/EmbeddedFiles" not in opened(content).Root.get("/Names", {})


def test_names_are_escaped(small: Session) -> None:
    """A name typed by somebody is text, in the page and in its style."""
    recipe = small.get_one(Recipe, "braise")
    recipe.name = "<img src=x> & « ail »"
    html = html_of(sheets(small, request(batch.MENU))[0])
    assert "<img" not in html
    assert css_string('a"}</style>') == r"a\000022 }\00003c /style\00003e "


def test_typography() -> None:
    """No-break spaces before high marks and units, inside quotes; curved apostrophes."""
    assert typographic("l'ail : « 12 kg » ; 5 % ?") == (
        f"l’ail{NBSP}: «{NBSP}12{NBSP}kg{NBSP}»{NBSP}; 5{NBSP}%{NBSP}?"
    )


def test_empty_periods_and_unknown_names(small: Session) -> None:
    """A sentence says what to do."""
    with pytest.raises(CantineError, match="menu-semaine, allergenes"):
        sheets(small, Request("menu", CODE, MONDAY))
    with pytest.raises(CantineError, match="proposez"):
        sheets(small, Request(batch.MENU, CODE, date(2027, 6, 1)))


def test_usual_periods(small: Session) -> None:
    """Without an end: the week, the next service, the whole block."""
    counts = {name: len(sheets(small, Request(name, CODE, MONDAY))) for name in (batch.MENU, batch.BLOCK)}
    assert counts == {batch.MENU: 1, batch.BLOCK: 5}
    (made,) = sheets(small, Request(batch.PRODUCTION, CODE, date(2027, 1, 2)))
    assert made.stem.endswith("2027-01-04")


def arguments(out: Path, name: str = batch.MENU, **given: object) -> argparse.Namespace:
    """The command's arguments as the command line gives them."""
    usual = {"kitchen": CODE, "all": False, "start": MONDAY, "end": None, "date": None, "recipe": None}
    usual |= {"supplier": None, "number": None}
    return argparse.Namespace(name=name, out=out, **{**usual, **given})


def test_command_writes_a_file_or_a_folder(small_engine: Engine, tmp_path: Path) -> None:
    """``.pdf`` is a file, anything else a folder; all kitchens go to a folder."""
    assert command.run(small_engine, arguments(tmp_path / "a" / "menu.pdf")) == 0
    assert command.run(small_engine, arguments(tmp_path / "b")) == 0
    everyone = arguments(tmp_path / "c", batch.BLOCK, kitchen=None, all=True)
    assert command.run(small_engine, everyone) == 0
    assert (tmp_path / "a" / "menu.pdf").read_bytes().startswith(b"%PDF")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["menu-semaine-PETITE-2027-01-04.pdf"]
    assert len(list((tmp_path / "c" / CODE).iterdir())) == 5


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("menu", {}, "Documents : menu-semaine"),
        (batch.RECIPE, {}, "--recipe CODE"),
        (batch.MENU, {"kitchen": None, "all": True}, "--out est un dossier"),
        (batch.MENU, {"end": DELIVERY}, "est avant"),
    ],
)
def test_wrong_questions_are_usage_errors(
    small_engine: Engine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    given: dict[str, object],
    words: str,
) -> None:
    """Code 2, a sentence, nothing written."""
    assert command.run(small_engine, arguments(tmp_path / "a.pdf", name, **given)) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("*.pdf"))


def test_command_says_when_there_is_nothing(
    small_engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code 1 for an empty period."""
    assert command.run(small_engine, arguments(tmp_path / "b", start=date(2027, 6, 1))) == 1
    assert f"{CODE} : Rien à imprimer" in capsys.readouterr().err


def test_pages_give_pdfs(site: Site) -> None:
    """Inline, named, for one's own kitchen only; wrong dates are told in French."""
    with transaction(site.engine) as session:
        code = session.exec(batch.select(Recipe.code)).first()
    chief = site.signed_in("chef")
    sheet = chief.get(f"/recettes/{code}/impression?convives=200")
    assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    assert sheet.headers["Content-Disposition"].startswith("inline; filename=fiche-recette-")
    place = f"/cuisines/{OWN}/impressions"
    assert chief.get(f"{place}/fiche-recette?recette={code}&date=2027-01-05").status_code == 200
    assert chief.get(f"/cuisines/{OTHER}/impressions/menu-semaine").status_code == 403
    assert chief.get(f"{place}/menu").status_code == 404
    assert chief.get(f"{place}/menu-semaine?du=hier").status_code == 400
    assert chief.get(f"/recettes/{code}/impression?convives=zero").status_code == 400
