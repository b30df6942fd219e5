"""Cells of price lists: numbers, prices, packs, labels, origins, dates as suppliers write them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantine.suppliers.price_columns import guess_columns
from cantine.suppliers.price_terms import read_date, read_labels, read_origin, read_period, read_vat
from cantine.suppliers.price_words import (
    KG,
    PACK,
    PIECE,
    Pack,
    no_price,
    read_number,
    read_pack,
    read_price,
    without_pack,
)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=1, max_value=9_999_999), st.sampled_from(["", " ", "\u00a0", "\u202f", "."]))
def test_french_amounts_are_read_back(cents: int, thousands: str) -> None:
    """« 1 234,50 » however its thousands are parted; with « € » and « le kilo » too."""
    whole = f"{cents // 100:,}".replace(",", thousands)
    text = f"{whole},{cents % 100:02}"
    amount = Decimal(cents) / 100
    assert read_number(text) == amount
    price = read_price(f"{text} €/kg")
    assert price is not None
    assert (price.euros, price.per) == (amount, KG)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(min_value=1, max_value=48),
    st.integers(min_value=1, max_value=400),
    st.sampled_from(["x", " x ", "×", " × ", "*"]),
    st.sampled_from(["carton", "colis de", "", "barquette"]),
)
def test_packs_are_read_back(times: int, tens_of_grams: int, sign: str, word: str) -> None:
    """« carton 4 x 2,5 kg »: grams and pieces."""
    weight = format(Decimal(tens_of_grams) / 100, "f").replace(".", ",")
    assert read_pack(f"{word} {times}{sign}{weight} kg") == Pack(times * tens_of_grams * 10, times)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_nothing_typed_breaks_a_reader(text: str) -> None:
    """Any text is a value or None, never a crash; a price is never zero, a pack never empty."""
    price, pack = read_price(text), read_pack(text)
    assert price is None or price.euros > 0
    assert pack is None or pack.grams or pack.pieces
    for reader in (read_labels, read_origin, read_vat, read_date, read_period, without_pack, no_price):
        reader(text)


@pytest.mark.parametrize(
    ("text", "euros", "per", "tax"),
    [
        ("12,5", "12.5", "", ""),
        ("2 € 40", "2.40", "", ""),
        ("4,10€/Kg HT", "4.10", KG, "ht"),
        ("3,10 € la pièce", "3.10", PIECE, ""),
        ("12,50 € TTC / carton", "12.50", PACK, "ttc"),
        ("€ 1.234,50", "1234.50", "", ""),
    ],
)
def test_prices(text: str, euros: str, per: str, tax: str) -> None:
    """What is said beside the amount is kept."""
    found = read_price(text)
    assert found is not None
    assert (found.euros, found.per, found.tax) == (Decimal(euros), per, tax)


@pytest.mark.parametrize("text", ["", "abc", "0", "-3", "12,5O", "1,20 €/parsec", "1,2,3", "999999999"])
def test_what_is_no_price(text: str) -> None:
    """A letter O for a zero, a unit nobody knows, nothing at all."""
    assert read_price(text) is None


def test_words_for_no_price_today() -> None:
    """Out of stock is said in many ways, and is no fault."""
    assert all(no_price(text) for text in ("rupture", "NC", "-", "sur demande", "Indisponible cette semaine"))
    assert not no_price("1,20")


@pytest.mark.parametrize(
    ("text", "grams", "pieces"),
    [
        ("bidon 10 L", 10_000, None),
        ("colis × 12", None, 12),
        ("6 × 75 cl", 4500, 6),
        ("boîte 5/1", 4250, 1),
        ("carton 6 boîtes 5/1", 25_500, 6),
        ("cagette 24 pièces", None, 24),
        ("12 x 2 x 100g", 2400, 24),
        ("sac de 10kg environ", 10_000, None),
    ],
)
def test_packs(text: str, grams: int | None, pieces: int | None) -> None:
    """Weights, volumes, counts and tins."""
    assert read_pack(text) == Pack(grams, pieces)


def test_a_name_is_known_without_its_pack() -> None:
    """The same product under two packs has the same words."""
    assert without_pack("Crème épaisse – seau 5 L") == without_pack("CREME EPAISSE 5L") == "creme epaisse"


def test_terms_of_the_law() -> None:
    """Labels in the order of the law, the farthest origin, the rates of food, dates and periods."""
    assert read_labels("AOP, agriculture biologique") == ("BIO", "AOCAOP")
    assert read_labels("Viande bovine française VBF") == ()
    assert read_labels("Labl rouje") is None
    assert read_origin("Espagne / Maroc") == "MONDE"
    assert read_origin("Port-Brume (99)", {"port-brume"}) == "FRANCE"
    assert read_origin("Port-Brume") is None
    assert [read_vat(text) for text in ("5,5 %", "0.055", "20", "7")] == [55, 55, 200, None]
    assert read_date("4/1/27") == read_date("2027-01-04") == date(2027, 1, 4)
    assert read_date("31/02/2027") is None
    assert read_period("Mercuriale du 28/12 au 03/01/2027") == (date(2026, 12, 28), date(2027, 1, 3))


def test_headings_are_guessed() -> None:
    """French lists and Open Food Network's."""
    french = ("Réf.", "Libellé produit", "Colisage", "P.U.", "Unité de facturation", "Provenance", "TVA")
    assert guess_columns(french) == {
        "reference": "Réf.",
        "name": "Libellé produit",
        "pack": "Colisage",
        "price": "P.U.",
        "price_unit": "Unité de facturation",
        "origin": "Provenance",
        "vat": "TVA",
    }
    network = (
        "producer,sku,name,display_name,category,description,units,unit_type,variant_unit_name,price,on_hand"
    )
    found = guess_columns(tuple(network.split(",")))
    assert {found[name] for name in ("reference", "name", "pack", "pack_unit", "price")} == {
        "sku",
        "name",
        "units",
        "unit_type",
        "price",
    }
