"""Bons de commande and rounds: every field, totals by hand, Order-X read back, snapshots, command line."""

import argparse
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import facturx
import pikepdf
import pytest
from lxml import etree
from saxonche import PySaxonProcessor
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import transaction
from cantine.kitchens.models import Kitchen
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.reports import command, pdf
from cantine.reports.order_figures import OrderPaper
from cantine.reports.order_reading import order_paper
from cantine.reports.order_sheets import (
    BATCH,
    ORDER,
    ORDER_PAPERS,
    PACKING,
    ROUND,
    Asked,
    order_sheet,
    order_sheets,
)
from cantine.reports.order_xml import RAM, order_xml
from cantine.reports.paper import html_of
from tests.cantine.order_kitchen import SIRET, fill_orders
from tests.cantine.reports_kitchen import CODE, DELIVERY
from tests.cantine.site import make_site
from tests.conftest import make_config

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
SCHEMATRON = Path(facturx.__file__).parent / "xsd_and_schematron" / "orderx-comfort"
NAMES = {"ram": RAM}
FIELDS = (
    *("Collège des Dunes", "1 rue du Phare, 99100 Port-Brume", SIRET, "(à confirmer)", "80000000100015"),
    *(
        "2026-0001",
        "2026-00123",
        "RESTAURATION",
        "28 décembre 2026",
        "entre 6",
        "Claude Martin",
        "ordonnateur",
    ),
    *("Bœuf (lot_boeuf)", "art. R2122-8", "marché (2)", "réf. boeuf_lr", "Label Rouge", "origine Europe"),
    *("viande découpée", "+4", "8 jours au moins", "prix estimé", "certificat", "décret 2002-1465"),
    *("150,00", "5,5", "1,47", "243,55"),
)
"""What the guides ask for, as this order says it."""


@pytest.fixture
def ordered_engine(engine: Engine) -> Engine:
    """The small kitchens and their orders."""
    with transaction(engine) as session:
        fill_orders(session)
    return engine


@pytest.fixture
def ordered(ordered_engine: Engine) -> Iterator[Session]:
    """A session on them."""
    with Session(ordered_engine) as session:
        yield session


def first_order(session: Session) -> PurchaseOrder:
    """That of the small kitchen."""
    return session.exec(select(PurchaseOrder).where(PurchaseOrder.rank == 1)).one()


def paper_of(session: Session) -> OrderPaper:
    """Its figures."""
    return order_paper(session, first_order(session), DELIVERY)


def asked(**names: str) -> Asked:
    """The day of the delivery."""
    return Asked(first=DELIVERY, last=DELIVERY, today=DELIVERY, **names)


def test_totals_are_those_worked_out_by_hand(ordered: Session) -> None:
    """3 × 50 + 2 × 30 + 1 × 7,335 rounded, a fee, two rates each rounded to the cent."""
    paper = paper_of(ordered)
    assert (paper.goods_ht, paper.total_ht) == (Decimal("217.34"), Decimal("229.84"))
    assert [(rate.permille, rate.base_ht, rate.amount) for rate in paper.rates] == [
        (55, Decimal("222.50"), Decimal("12.24")),
        (200, Decimal("7.34"), Decimal("1.47")),
    ]
    assert paper.total_ttc == Decimal("243.55")


@pytest.mark.parametrize("name", ORDER_PAPERS)
def test_html_is_the_snapshot(ordered: Session, name: str) -> None:
    """The words of each paper, styles left out. ``CANTINE_SNAPSHOTS=write`` accepts a change."""
    made = [sheet for sheets in order_sheets(ordered, name, asked()).values() for sheet in sheets]
    found = re.sub(r"(?s)<style>.*?</style>\s*", "", "\n".join(map(html_of, made)))
    path = SNAPSHOTS / f"{name}.html"
    if os.environ.get("CANTINE_SNAPSHOTS") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_every_field_asked_for_is_printed(ordered: Session) -> None:
    """Fields of a bon de commande, an estimated SIRET said to be so, a blank where no engagement is known."""
    page = re.sub(r"<[^>]+>|\s+", " ", html_of(order_sheet(ordered, first_order(ordered), DELIVERY)))
    for words in FIELDS:
        assert words in page, words
    order = first_order(ordered)
    order.engagement = ""
    assert "à écrire" in html_of(order_sheet(ordered, order, DELIVERY))
    ordered.get_one(Kitchen, order.kitchen).ordonnateur = "Mme Ariane Dubois"
    assert "Mme Ariane Dubois, date et signature" in html_of(order_sheet(ordered, order, DELIVERY))


def test_the_pdf_holds_its_order_x(ordered: Session) -> None:
    """Read back by factur-x, valid for its schema, the same amounts as the paper; an archive still."""
    order = first_order(ordered)
    content = pdf.render([order_sheet(ordered, order, DELIVERY)])
    assert content == pdf.render([order_sheet(ordered, order, DELIVERY)])
    name, xml = facturx.get_orderx_xml_from_pdf(content)
    assert name == "order-x.xml"
    assert facturx.xml_check_xsd(xml, flavor="order-x", level="comfort")
    root = etree.fromstring(xml)
    lines = [
        Decimal(node.text)
        for node in root.findall(".//ram:SpecifiedTradeSettlementLineMonetarySummation/*", NAMES)
    ]
    sums = {
        etree.QName(node).localname: Decimal(node.text)
        for node in root.find(".//ram:SpecifiedTradeSettlementHeaderMonetarySummation", NAMES)
    }
    assert sums["LineTotalAmount"] == sum(lines)
    assert sums["TaxBasisTotalAmount"] == sums["LineTotalAmount"] + sums["ChargeTotalAmount"]
    assert sums["GrandTotalAmount"] == sums["TaxBasisTotalAmount"] + sums["TaxTotalAmount"]
    assert sums["GrandTotalAmount"] == paper_of(ordered).total_ttc
    document = pikepdf.open(BytesIO(content))
    with document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["{urn:factur-x:pdfa:CrossIndustryDocument:1p0#}DocumentFileName"] == name
        assert metadata["{urn:factur-x:pdfa:CrossIndustryDocument:1p0#}ConformanceLevel"] == "COMFORT"
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    assert bytes(document.Root.Metadata.read_bytes()).count(b"<pdfaExtension:schemas>") == 1
    assert [file.AFRelationship for file in document.Root.AF] == [pikepdf.Name.Alternative] * len(
        document.Root.AF
    )


def test_order_x_keeps_the_schematron(ordered: Session) -> None:
    """The rules shipped with factur-x, run by Saxon; a guessed SIRET is no machine's business."""
    order = first_order(ordered)
    plain = order_xml(paper_of(ordered))
    order.order_version, order.fee_ht, order.engagement = 2, Decimal(0), ""
    for line in ordered.exec(select(OrderLine).where(OrderLine.order == order.id)):
        line.version = 2
    amended = order_xml(paper_of(ordered))
    assert SIRET.encode() not in plain
    assert b"80000000100015" in plain
    assert b">230<" in amended
    assert facturx.xml_check_xsd(amended, flavor="order-x")
    with PySaxonProcessor(license=False) as saxon:
        sheet = saxon.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(next(SCHEMATRON.glob("*-compiled.xsl")))
        )
        wrong = plain.replace(b"<ram:IssuerAssignedID>2026-00123</ram:IssuerAssignedID>", b"")
        for xml, faults in ((plain, 0), (amended, 0), (wrong, 1)):
            said = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
            assert said.count("failed-assert") // 2 == faults, said


def test_a_batch_is_one_file_for_each_producer(ordered_engine: Engine, tmp_path: Path) -> None:
    """Round, packing list and the two bons in one PDF; the round alone; one bon by its number."""
    usual = {"kitchen": None, "all": True, "start": DELIVERY, "end": None, "date": None, "recipe": None}
    for name, given in (
        (BATCH, {}),
        (ROUND, {"kitchen": CODE, "all": False}),
        (PACKING, {"supplier": "proche"}),
        (ORDER, {"kitchen": CODE, "all": False, "number": "2026-0001"}),
    ):
        args = {**usual, "supplier": None, "number": None, **given}
        code = command.run(ordered_engine, argparse.Namespace(name=name, out=tmp_path / name, **args))
        assert code == (1 if name == PACKING else 0)
    assert [path.name for path in (tmp_path / BATCH).iterdir()] == ["lot-fournisseur-loin-2026-12-31.pdf"]
    assert [path.name for path in (tmp_path / ORDER).iterdir()] == ["bon-de-commande-2026-0001-PETITE.pdf"]
    batch = pikepdf.open(tmp_path / BATCH / "lot-fournisseur-loin-2026-12-31.pdf")
    assert len(batch.pages) == 4  # a round, a packing list, two bons
    assert facturx.get_orderx_xml_from_pdf(
        (tmp_path / ORDER / "bon-de-commande-2026-0001-PETITE.pdf").read_bytes()
    )[0]


def test_drafts_refusals_and_cancelled_orders_are_not_delivered(ordered: Session) -> None:
    """Only what binds somebody is on a round; a draft says that it is one."""
    order = first_order(ordered)
    for state, count in (("refuse", 1), ("annule", 1), ("confirme", 2), ("brouillon", 1)):
        order.state = state
        ordered.flush()
        (made,) = order_sheets(ordered, ROUND, asked()).values()
        assert len(made[0].figures.days[0].stops) == count  # type: ignore[attr-defined]
    order.year = order.rank = None
    assert "Brouillon" in html_of(order_sheet(ordered, order, DELIVERY))


def test_pages_give_the_papers(home: Path, ordered_engine: Engine) -> None:
    """A kitchen's people print its own bon; the département, the round of a producer."""
    site = make_site(make_config(home), ordered_engine)
    chief, department = site.signed_in("chef", CODE), site.signed_in("departement", "")
    with Session(ordered_engine) as session:
        number = first_order(session).id
    sheet = chief.get(f"/cuisines/{CODE}/commandes/{number}/bon")
    assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    assert "bon-de-commande-2026-0001.pdf" in sheet.headers["Content-Disposition"]
    assert chief.get(f"/cuisines/{CODE}/commandes/{number + 1}/bon").status_code == 404
    assert chief.get("/fournisseurs/loin/impressions/tournee?du=2026-12-28").status_code == 403
    day = "?du=2026-12-28&au=2027-01-03"
    assert department.get(f"/fournisseurs/loin/impressions/tournee{day}").status_code == 200
    assert department.get(f"/fournisseurs/loin/impressions/achats{day}").status_code == 404
    assert chief.get(f"/cuisines/{CODE}/impressions/repartition{day}&fournisseur=loin").status_code == 200
