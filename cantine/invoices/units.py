"""Quantities of invoices in grams, where their unit says it."""

from decimal import Decimal

from cantine.french import NBSP, number, plural

GRAMS = {"KGM": 1000, "GRM": 1, "TNE": 1_000_000, "LTR": 1000, "CLT": 10, "MLT": 1}
"""A litre counts as a kilogram, as everywhere in cantine."""
PACKS = {"XPK", "PK", "XBX", "BX", "XCT", "CT", "XCR", "XBG", "BG", "XSA", "CS", "XCS", "NMP", "SET", "KT"}
PIECES = {"H87", "C62", "EA", "NAR", "XPP", ""}
WORDS = {
    "KGM": "kg",
    "GRM": "g",
    "TNE": "t",
    "LTR": "L",
    **dict.fromkeys(PACKS, "colis"),
}


def quantity_words(quantity: Decimal, unit: str) -> str:
    """« 12,5 kg », « 2 pièces »; a unit without a word stays as written."""
    if unit in PIECES:
        return plural(quantity, "pièce")
    return f"{number(quantity)}{NBSP}{WORDS.get(unit, unit)}"


def grams_of(quantity: Decimal, unit: str, pack_g: int, received_g: int) -> int | None:
    """Grams invoiced; None when they cannot be told.

    Pieces may be packs or what is in them: they are read as packs when that is near what came.

    Args:
        quantity: in ``unit``.
        unit: UNECE code.
        pack_g: grams of a pack as ordered.
        received_g: grams accepted.
    """
    if unit in GRAMS:
        return int((quantity * GRAMS[unit]).to_integral_value())
    if unit not in PACKS | PIECES or pack_g <= 0:
        return None
    packs = int((quantity * pack_g).to_integral_value())
    near = received_g <= 0 or received_g / 2 <= abs(packs) <= received_g * 2
    return packs if unit in PACKS or near else None
