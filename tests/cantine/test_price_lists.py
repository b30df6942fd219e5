"""Price lists: read whatever saved them, set against the offers, applied as they were seen, never half."""

import html
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from cantine.accounts.models import JournalEntry
from cantine.cli import main
from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import CantineError
from cantine.planning.models import PlannedPurchase
from cantine.suppliers.bpu import price_sheet, sheet_csv, sheet_xlsx
from cantine.suppliers.models import Offer, PriceImport, PriceMatch, Supplier
from cantine.suppliers.price_change import DOWN, NEW, OTHER, SAME, UP
from cantine.suppliers.price_file import read_listing
from cantine.suppliers.price_load import Loaded, Sent, apply_loaded, load_list
from tests.cantine.site import NOW, OWN, Site

TODAY = date(2027, 1, 4)
FIRST, LAST = date(2027, 1, 11), date(2027, 1, 17)
HEAD = ("Code", "Désignation", "Conditionnement", "Prix du colis HT", "Label")
PAGE = "/donnees/fournisseurs/primeur/tarif"
Row = tuple[str, ...]


def text_of(rows: list[Row], separator: str = ";") -> str:
    return "\r\n".join(separator.join(row) for row in [HEAD, *rows]) + "\r\n"


def load(session: Session, rows: list[Row] | bytes, supplier: str = "primeur", **sent: object) -> Loaded:
    """A list of the second week of January."""
    data = rows if isinstance(rows, bytes) else text_of(rows).encode()
    values = {"first": FIRST, "last": LAST, **sent}
    return load_list(session, session.get_one(Supplier, supplier), Sent("tarif.csv", data, **values), TODAY)  # type: ignore[arg-type]


def of_food(session: Session, food: str, supplier: str = "primeur") -> list[Offer]:
    query = select(Offer).where(Offer.supplier == supplier, Offer.food == food, col(Offer.labels) == ())
    return list(session.exec(query.order_by(col(Offer.valid_from))))


def line(session: Session, food: str, price: str, code: str = "") -> Row:
    """A line that names the plain offer of a food."""
    return code, of_food(session, food)[-1].name, "colis", price, ""


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(";", "utf-8"), (";", "utf-8-sig"), (";", "cp1252"), ("\t", "cp1252"), (",", "utf-8"), (";", "utf-16")],
)
def test_a_list_is_read_whatever_saved_it(separator: str, encoding: str) -> None:
    """Separators and encodings; titles above the headings give the dates."""
    above = f"Primeur é{separator * 4}\r\nMercuriale du 11/01 au 17/01/2027{separator * 4}\r\n"
    rows = [("A1", "Crème fraîche", "5 kg", "12.50", "Bio"), ("A2", "Pâtes", "sac 5 kg", "3.10", "")]
    found = read_listing("tarif.txt", (above + text_of(rows, separator)).encode(encoding))
    assert (found.headings, found.rows, found.first) == (HEAD, tuple(rows), 4)
    assert found.period == (FIRST, LAST)


def test_a_workbook_is_read_by_its_fullest_sheet() -> None:
    """A cover, blank columns, numbers and dates typed as such."""
    book = Workbook()
    book.worksheets[0].append(["Couverture"])
    sheet = book.create_sheet("Prix")
    sheet.append(["Tarif 2027"])
    sheet.append(["Référence", "Désignation", "Prix HT", "Valable du"])
    sheet.append([12, "Poireau", 1.2, TODAY])
    target = io.BytesIO()
    book.save(target)
    found = read_listing("prix.xlsx", target.getvalue())
    assert found.rows == (("12", "Poireau", "1.2", "2027-01-04"),)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "vide"),
        (b"Code;Prix\r\n", "vide"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "ni un CSV"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "ancien classeur"),
        (b"PK\x03\x04" + b"x" * 99, "ne se lit pas"),
    ],
)
def test_a_wrong_file_is_told(data: bytes, told: str) -> None:
    """A picture, an old workbook, a broken one, nothing."""
    with pytest.raises(CantineError, match=told):
        read_listing("tarif.csv", data)


def test_what_a_list_changes(marais_engine: Engine) -> None:
    """Up, down, same, new, gone, each as it is; the price per kilogram becomes that of the pack."""
    with Session(marais_engine) as session:
        leek, carrot = of_food(session, "poireau")[0], of_food(session, "carotte")[0]
        rows = [
            ("R1", leek.name, "colis", f"{leek.price_ht + 1}".replace(".", ","), ""),
            ("R2", carrot.name, "", f"{carrot.price_ht * 1000 / carrot.pack_g / 2:.4f} €/kg", ""),
            line(session, "navet", str(of_food(session, "navet")[0].price_ht)),
            ("R4", "Poireau de plein champ", "carton 4 x 2,5 kg", "18,00", "Bio"),
            ("R5", "Brosse à légumes", "1 kg", "4,00", ""),
        ]
        loaded = load(session, rows, foods={5: "poireau", 6: "ne pas acheter"})
        found = loaded.comparison
        assert not found.faults
        assert [change.before for change in found.of(UP)] == [leek]
        assert [round(change.share, 2) for change in found.of(DOWN)] == [-0.5]
        assert [change.after["price_ht"] for change in found.of(NEW)] == [Decimal(18)]
        assert found.of(NEW)[0].after["pack_g"] == 10_000
        assert (len(found.of(SAME)), found.refused, found.of(OTHER)) == (1, 1, [])
        assert [change.before for change in found.shortened] == [leek, carrot]
        named = {leek.code, carrot.code, of_food(session, "navet")[0].code}
        assert {offer.code for offer in found.gone} == {
            code
            for code in session.exec(select(Offer.code).where(Offer.supplier == "primeur"))
            if code not in named
        }


def test_applying_keeps_the_history(each_marais: Config) -> None:
    """The old offer ends the day before, the new one begins; what has no line goes on."""
    engine = make_engine(each_marais.database_url)
    with transaction(engine) as session:
        before = of_food(session, "poireau")[0]
        ends, price = before.valid_to, before.price_ht
        loaded = load(session, [line(session, "poireau", "9,99", "R1")])
        apply_loaded(session, loaded, by=None, now=NOW)
    with Session(engine) as session:
        old, new = of_food(session, "poireau")
        assert (old.price_ht, old.valid_to) == (price, FIRST - timedelta(days=1))
        assert (new.price_ht, new.valid_from, new.valid_to) == (Decimal("9.99"), FIRST, LAST)
        assert (old.reference, new.reference, new.allergens) == ("R1", "R1", old.allergens)
        assert ends > LAST
        trace = session.exec(select(PriceImport)).one()
        assert (trace.changed, trace.new, trace.gone) == (1, 0, 0)
        note = session.exec(select(JournalEntry).where(JournalEntry.subject == "tarif")).one()
        assert '"hausses": 1' in note.after or '"baisses": 1' in note.after
        assert of_food(session, "carotte")[0].valid_to == ends
    engine.dispose()


def test_week_after_week(marais_engine: Engine) -> None:
    """The same list again changes nothing; the next week has its own price even when it is the same one."""
    with transaction(marais_engine) as session:
        rows = [line(session, "poireau", "9,99", "R1")]
        apply_loaded(session, load(session, rows), by=None, now=NOW)
        again = load(session, rows)
        assert (again.writes, again.before is not None) == (0, True)
        following = {"first": FIRST + timedelta(days=7), "last": LAST + timedelta(days=7)}
        apply_loaded(session, load(session, rows, **following), by=None, now=NOW)
        corrected = load(session, [line(session, "poireau", "9,49", "R1")], **following)
        apply_loaded(session, corrected, by=None, now=NOW)
    with Session(marais_engine) as session:
        weeks = of_food(session, "poireau")[1:]
        assert [(offer.price_ht, offer.valid_from.day) for offer in weeks] == [
            (Decimal("9.99"), 11),
            (Decimal("9.49"), 18),
        ]


def test_absent_offers_go_only_when_asked(marais_engine: Engine) -> None:
    """And never while a line at fault might name them."""
    with transaction(marais_engine) as session:
        rows = [line(session, "poireau", "9,99")]
        asked = load(session, rows).options.__class__(close_absent=True)
        faulty = load(session, [*rows, ("", "Navet", "colis", "abc", "")], options=asked)
        assert not faulty.closes
        loaded = load(session, rows, options=asked)
        done = apply_loaded(session, loaded, by=None, now=NOW)
        assert done.gone == len(loaded.comparison.gone) > 0
        assert of_food(session, "carotte")[0].valid_to == FIRST - timedelta(days=1)


def test_every_fault_is_told_with_its_line(marais_engine: Engine) -> None:
    """Bad price, unknown label, same product twice, ambiguous name, no pack: all at once, nothing written."""
    with Session(marais_engine) as session:
        plain = of_food(session, "poireau")[0]
        rows = [
            ("", plain.name, "colis", "douze", ""),
            ("X", "Chou frisé", "colis", "3,00", "Labl"),
            ("Y", "Courge", "", "3,00", ""),
            line(session, "carotte", "2,00"),
            line(session, "carotte", "2,10"),
            ("TITRE", "", "", "", ""),
            ("Z", "Navet", "colis", "rupture", ""),
        ]
        loaded = load(session, rows, foods={4: "poireau", 3: "rien de tel"})
        told = {(fault.line, fault.column) for fault in loaded.comparison.faults}
        assert told == {(2, "Prix du colis HT"), (3, "Label"), (4, "Conditionnement"), (6, "Désignation")}
        assert (loaded.reading.titles, len(loaded.reading.unpriced)) == (1, 1)
        without_label = text_of(rows[3:4]).replace(";Label", ";Autre").encode()
        names = [fault.reason for fault in load(session, without_label).comparison.faults]
        assert len(names) == 1
        assert "donnez la référence" in names[0]


@pytest.mark.parametrize("write", [sheet_csv, sheet_xlsx])
def test_our_own_price_list_comes_back_unchanged(marais_engine: Engine, write: object) -> None:
    """The BPU that we write is read as it stands: every line known, nothing to change."""
    with Session(marais_engine) as session:
        sheet = price_sheet(session, TODAY, supplier="cremier")
        data = write(sheet)  # type: ignore[operator]
        loaded = load(session, data, "cremier", first=None, last=None)
        assert not loaded.comparison.faults
        assert not loaded.comparison.unknown
        assert len(loaded.comparison.of(SAME)) == len(sheet.lines) > 5
        assert (loaded.writes, loaded.comparison.gone) == (0, [])


def test_an_open_food_network_file(marais_engine: Engine) -> None:
    """Units and their type make the pack; other producers of the hub are left aside."""
    head = "producer,sku,name,display_name,units,unit_type,variant_unit_name,price,on_hand,available_on,x"
    rows = ["Primeur,L1,Poireau,botte,500,g,,1.50,40,,0", "Autre,L9,Miel,,1,kg,,9.00,,,1"]
    with Session(marais_engine) as session:
        loaded = load(session, "\n".join([head, *rows]).encode(), foods={2: "poireau"})
        (change,) = loaded.comparison.changes
        assert (change.after["pack_g"], change.after["price_ht"]) == (500, Decimal("1.5"))
        assert (change.after["weekly_packs"], loaded.reading.others) == (40, 1)


def hidden(page: str) -> dict[str, str]:
    """Fields of the form of a preview, as a browser would send them."""
    form = page[page.index('id="tarif"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def send(browser: FlaskClient, rows: list[Row], **more: str) -> TestResponse:
    data = {"file": (io.BytesIO(text_of(rows).encode()), "tarif.csv"), "du": "2027-01-11", "au": "2027-01-17"}
    return browser.post(PAGE, data={**data, **more})


def test_a_list_by_page(site: Site) -> None:
    """Columns are asked once; then send, look, apply. A second click and a colleague's change are told."""
    browser = site.signed_in("acheteur")
    with Session(site.engine) as session:
        rows, later = [line(session, "poireau", "9,99", "R1")], [line(session, "poireau", "8,88", "R1")]
    assert "Colonnes du tarif" in send(browser, rows).text
    shown = send(
        browser,
        rows,
        etape="apercu",
        o_per="colis",
        c_name="Désignation",
        c_price="Prix du colis HT",
        c_reference="Code",
        c_pack="Conditionnement",
        c_labels="Label",
    )
    fields = hidden(shown.text)
    applied = browser.post(PAGE, data={**fields, "etape": "appliquer"})
    assert applied.status_code == 303
    twice = browser.post(PAGE, data={**fields, "etape": "appliquer"})
    assert "vient d&#39;être appliqué" in twice.text or "vient d'être appliqué" in twice.text
    following = hidden(send(browser, later).text)  # no column asked any more
    with transaction(site.engine) as session:
        offer = of_food(session, "poireau")[-1]
        offer.price_ht = Decimal(7)
        session.add(offer)
    late = browser.post(PAGE, data={**following, "etape": "appliquer"})
    assert "Un collègue a changé ces offres" in late.text
    assert (
        browser.post(
            PAGE, data={**following, "du": "2027-01-18", "au": "2027-01-24", "etape": "appliquer"}
        ).text.count("Voici ce que donne votre choix")
        == 1
    )
    with Session(site.engine) as session:
        assert of_food(session, "poireau")[-1].price_ht == Decimal(7)
        assert len(session.exec(select(PriceImport)).all()) == 1
    assert "9,99" not in browser.get("/tarifs").text
    assert "Primeur" in browser.get("/tarifs?q=prim").text
    assert browser.get("/tarifs/primeur/bpu.csv").data.startswith("\ufeffRéférence;".encode())
    assert browser.get("/marches/lot_viandes/bpu.xlsx").data.startswith(b"PK")


def test_faulty_lines_are_set_aside_only_on_demand(site: Site) -> None:
    """« Appliquer » alone writes nothing while a line is wrong; foods typed are kept for the next list."""
    browser = site.signed_in("acheteur")
    with Session(site.engine) as session:
        rows = [line(session, "poireau", "9,99", "R1"), ("R2", "Poireau jeune", "5 kg", "12,00", "")]
    rows.append(("R3", "Navet", "colis", "abc", ""))
    columns = {
        "c_name": "Désignation",
        "c_price": "Prix du colis HT",
        "c_reference": "Code",
        "c_pack": "Conditionnement",
        "c_labels": "Label",
        "o_per": "colis",
    }
    asking = send(browser, rows, etape="apercu", **columns).text
    assert "proposé, à vérifier" in asking
    fields = hidden(send(browser, rows, etape="apercu", **columns, f_3="Poireau").text)
    refused = browser.post(PAGE, data={**fields, "etape": "appliquer"})
    assert "est à corriger" in refused.text
    assert browser.post(PAGE, data={**fields, "etape": "appliquer", "sans": "1"}).status_code == 303
    with Session(site.engine) as session:
        assert session.get_one(PriceMatch, ("primeur", "r2")).food == "poireau"
        assert session.exec(select(PriceImport)).one().new == 1
    assert "choisissez d" in browser.post(PAGE, data={"etape": "apercu"}).text.lower()


def test_plans_keep_the_price_they_were_made_at(bought_site: Site) -> None:
    """A rise does not touch what is planned; every page of the kitchen still opens."""
    with transaction(bought_site.engine) as session:
        planned = session.exec(
            select(PlannedPurchase, Offer)
            .join(Offer)
            .where(Offer.supplier == "primeur", PlannedPurchase.delivery >= FIRST)
        ).first()
        assert planned is not None
        purchase, offer = planned
        row: Row = ("", offer.name, "colis", f"{offer.price_ht * 2}", "Bio" if offer.labels else "")
        key, price = (purchase.kitchen, purchase.delivery, offer.code), purchase.price_ht
        apply_loaded(session, load(session, [row], last=date(2027, 8, 31)), by=None, now=NOW)
    with Session(bought_site.engine) as session:
        assert session.get_one(PlannedPurchase, key).price_ht == price
    browser = bought_site.signed_in("gestionnaire")
    for page in ("menus", "a-commander"):
        assert browser.get(f"/cuisines/{OWN}/{page}").status_code == 200


def test_import_prices_by_command(
    marais_engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit codes: 0 written, or tried; 1 with every fault; 2 when there is nothing to read."""
    monkeypatch.setenv("CANTINE_HOME", str(home))
    with Session(marais_engine) as session:
        good = text_of([line(session, "poireau", "9,99")])
    path = home / "tarif.csv"
    path.write_text(good, encoding="cp1252")
    ask = ["import-prices", str(path), "--supplier", "primeur", "--from", "2027-01-11", "--to", "2027-01-17"]
    assert main([*ask, "--dry-run"]) == 0
    assert "rien n'est écrit" in capsys.readouterr().out
    assert main(ask) == 0
    with Session(marais_engine) as session:
        assert len(session.exec(select(PriceImport)).all()) == 1
    path.write_text(good + "Q;Inconnu;1 kg;2,00;\r\nQ2;Autre;1 kg;deux;\r\n", encoding="utf-8")
    assert main(ask) == 1
    told = capsys.readouterr().err
    assert "ligne 3" in told
    assert "ligne 4" in told
    assert main(["import-prices", str(home / "absent.csv"), "--supplier", "primeur"]) == 2
    assert main(["import-prices", str(path), "--supplier", "personne"]) == 2
