"""Invoices read from Factur-X, UBL and CII: the same facts from each, and every fault in French."""

import random
from datetime import date
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest

from cantine.invoices.document import Document, Unreadable
from cantine.invoices.read import read
from tests.cantine.invoices import BUYER_SIRET, SELLER_SIRET, cii, facts, in_pdf, paper, ubl

D = Decimal


def told(content: bytes) -> str:
    """Why a file cannot be kept."""
    found = read(content)
    assert isinstance(found, Unreadable), found
    return " ".join(found.faults).replace("\xa0", " ")


@pytest.mark.parametrize(("make", "source"), [(cii, "cii"), (ubl, "ubl"), (in_pdf, "facturx")])
def test_the_same_facts_from_each_format(make: object, source: str) -> None:
    """Number, dates, parties, lines, totals."""
    terms = facts(
        ("Riz long", 25, "KGM", 1.6), ("Boulgour", 2, "XPK", 9.5), BT_13="2027-0001", BT_10="CUISINE"
    )
    found = read(make(terms))  # type: ignore[operator]
    assert isinstance(found, Document), found
    assert (found.source, found.kind, found.number, found.date) == (
        source,
        "facture",
        "F-118",
        date(2027, 1, 8),
    )
    assert (found.supplier.siret, found.buyer.siret) == (SELLER_SIRET, BUYER_SIRET)
    assert (found.order_number, found.service_code, found.delivered_on) == (
        "2027-0001",
        "CUISINE",
        date(2027, 1, 7),
    )
    assert [(line.name, line.quantity, line.unit, line.total_ht) for line in found.lines] == [
        ("Riz long", 25, "KGM", 40),
        ("Boulgour", 2, "XPK", 19),
    ]
    assert {line.vat_permille for line in found.lines} == {55}
    assert (found.total_ht, found.total_vat, found.total_ttc) == (D("59.00"), D("3.25"), D("62.25"))


@pytest.mark.parametrize("make", [cii, ubl])
def test_a_credit_note_is_negative(make: object) -> None:
    """Written positive in the file, kept negative, with the invoice that it corrects."""
    terms = facts(("Riz long", 2, "KGM", 1.6), credit=True, **{"BG-3": [{"BT-25": "F-117"}]})
    found = read(make(terms))  # type: ignore[operator]
    assert isinstance(found, Document), found
    assert (found.kind, found.preceding) == ("avoir", ("F-117",))
    assert (found.lines[0].quantity, found.total_ht, found.total_ttc) == (-2, D("-3.20"), D("-3.38"))


def test_a_delivery_fee_of_the_whole_is_a_line() -> None:
    """A charge of the header comes as a line, an allowance of a line is counted in it."""
    terms = facts(("Riz long", 25, "KGM", 1.6), vat=5.5)
    terms["BG-21"] = [{"amount": 10.0, "reason": "Frais de port", "vat_category_code": "S", "vat_rate": 20.0}]
    terms["BG-25"][0] |= {"BG-27": [{"amount": 1.0, "reason": "Remise"}], "BT-131": 39.0}
    terms["BG-23"] = [
        {"BT-116": 39.0, "BT-117": 2.15, "BT-118": "S", "BT-119": 5.5},
        {"BT-116": 10.0, "BT-117": 2.0, "BT-118": "S", "BT-119": 20.0},
    ]
    terms |= {
        "BT-106": 39.0,
        "BT-108": 10.0,
        "BT-109": 49.0,
        "BT-110": 4.15,
        "BT-112": 53.15,
        "BT-115": 53.15,
    }
    found = read(cii(terms))
    assert isinstance(found, Document), found
    assert [(line.position, line.name, line.total_ht, line.vat_permille) for line in found.lines] == [
        (1, "Riz long", 39, 55),
        (2, "Frais de port", 10, 200),
    ]


def test_sums_are_counted_again() -> None:
    """All that does not add up is told at once."""
    wrong = ubl(facts(("Riz long", 25, "KGM", 1.6)))
    wrong = wrong.replace(
        b'LineExtensionAmount currencyID="EUR">40', b'LineExtensionAmount currencyID="EUR">41'
    )
    wrong = wrong.replace(b">42.2", b">45.2").replace(b">42.20", b">45.20")
    words = told(wrong)
    assert "Ligne 1 (« Riz long ») : quantité × prix donnent 40,00 €, la facture dit 41,00 €." in words
    assert "Le total HT annoncé, 40,00 €, n'est pas la somme des lignes : 41,00 €." in words
    assert "Le total TTC annoncé, 45,20 €, n'est pas la somme du HT et de la TVA : 42,20 €." in words


def test_bad_values_are_told_together() -> None:
    """A number that is none, a SIRET with a wrong key, a missing name, another money."""
    spoiled = cii(facts(("Riz long", 25, "KGM", 1.6)))
    for good, bad in (
        (b">25<", b">25,5<"),
        (SELLER_SIRET.encode(), b"12345678200011"),
        (b">EUR<", b">USD<"),
        (b"<ram:ID>F-118</ram:ID>", b"<ram:ID> </ram:ID>"),
    ):
        assert good in spoiled
        spoiled = spoiled.replace(good, bad)
    words = told(spoiled)
    assert "« 25,5 » n'est pas un nombre : la quantité, ligne 1 (« Riz long »)." in words
    assert "la clé de celui du fournisseur est fausse" in words
    assert "USD" in words
    assert "Le numéro de la facture manque." in words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"a;b;c\n1;2;3\n", "ni un PDF ni un XML"),
        (b"<a><b></a>", "abîmé, ligne 1"),
        (b"%PDF-1.7\nrien", "abîmé"),
        (b"<html></html>", "pas une facture"),
        (b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', "incomplète"),
        (b"<x>" + b"a" * (4 * 1024 * 1024) + b"</x>", "4 Mo"),
        (b"%PDF-" + b"a" * (8 * 1024 * 1024), "8 Mo"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "type de document"),
        (
            b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><a>&b;</a>',
            "type de document",
        ),
    ],
)
def test_what_is_no_invoice(content: bytes, words: str) -> None:
    """One sentence with the way out; nothing outside the file is opened."""
    assert words in told(content)


def test_a_profile_without_lines_is_to_be_typed() -> None:
    """MINIMUM has totals only: a sound PDF, kept and typed."""
    bare = cii(facts()).replace(b"urn:cen.eu:en16931:2017", b"urn:factur-x.eu:1p0:minimum")
    assert "MINIMUM" in told(bare)
    pdf = pikepdf.open(BytesIO(paper()))
    pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(pdf, bare, filename="factur-x.xml")
    target = BytesIO()
    pdf.save(target)
    found = read(target.getvalue())
    assert isinstance(found, Unreadable)
    assert found.by_hand


def test_pdf_without_data_and_pdf_with_a_password() -> None:
    """The first is kept to be typed, the second cannot be read by anybody."""
    plain = read(paper())
    assert isinstance(plain, Unreadable)
    assert plain.by_hand
    locked = BytesIO()
    pikepdf.open(BytesIO(paper())).save(locked, encryption=pikepdf.Encryption(owner="o", user="u", R=4))
    found = read(locked.getvalue())
    assert isinstance(found, Unreadable)
    assert not found.by_hand
    assert "mot de passe" in found.faults[0]


def test_a_damaged_file_is_a_fault_never_a_crash() -> None:
    """Bytes changed at random in each format: facts or French faults, whatever comes."""
    dice = random.Random(4)
    sound = [make(facts(("Riz long", 25, "KGM", 1.6))) for make in (cii, ubl, in_pdf)]
    refused = 0
    for rank in range(150):
        spoiled = bytearray(sound[rank % 3])
        for _ in range(dice.randint(1, 4)):
            spoiled[dice.randrange(len(spoiled))] = dice.choice(b"<>/&0aZ,.\x00")
        found = read(bytes(spoiled))
        refused += isinstance(found, Unreadable)
        assert isinstance(found, Document) or all(found.faults)
    assert refused > 30
