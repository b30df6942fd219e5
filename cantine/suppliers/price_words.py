"""What a cell of a supplier's price list says of numbers: prices, what they are for, packs.

Each function takes the text of one cell and answers a value, or None where the text says nothing of the kind;
the caller tells people which cell could not be read.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from cantine.french import fold

PACK, KG, PIECE = "colis", "kg", "piece"
"""What a price is for."""
LARGEST_PRICE = Decimal(100_000)
LARGEST_PACK_G = 2_000_000
GRAMS = {"kg": 1000, "kgs": 1000, "kilo": 1000, "kilos": 1000, "g": 1, "gr": 1, "grs": 1, "t": 1_000_000}
LITRES = {"l": 1000, "litre": 1000, "litres": 1000, "dl": 100, "cl": 10, "ml": 1, "kl": 1_000_000}
"""Grams of a unit; a litre counts as a kilogram, as kitchens do."""
TINS = {"1/2": 425, "4/4": 850, "1/1": 850, "2/1": 1700, "3/1": 2550, "5/1": 4250}
"""Millilitres of the sizes of tins most used, a millilitre counted as a gram."""
NO_PRICE = re.compile(
    r"^(-+|–|/|n\.?c\.?|nc|neant|rupture.*|indisponible.*|sur demande|prix sur demande|cours du jour"
    r"|non dispo.*|fin de saison|n/?a)$"
)

_NUMBER = r"\d{1,3}(?:[ .\u00a0\u202f']\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_PRICE = re.compile(
    rf"^(?:€|eur|euros?)?\s*(-?(?:{_NUMBER}))\s*(?:€|eur|euros?)?\s*(ht|ttc)?\s*(?:(?:/|par|le|la|au)\s*(.+))?$"
)
_EURO_CENT = re.compile(r"^(\d+)\s*€\s*(\d{2})$")
_UNITS = "|".join(sorted((*GRAMS, *LITRES), key=len, reverse=True))
_WEIGHT = re.compile(rf"(?<![\d,./])({_NUMBER})\s*({_UNITS})\b")
_TIMES = re.compile(rf"(?<![\d,./])(\d{{1,4}})\s*(?:x|×|\*)\s*({_NUMBER})\s*({_UNITS})\b")
_TWICE = re.compile(
    rf"(?<![\d,./])(\d{{1,3}})\s*(?:x|×|\*)\s*(\d{{1,4}})\s*(?:x|×|\*)\s*({_NUMBER})\s*({_UNITS})\b"
)
_COUNT = re.compile(
    r"(?:(?<![\d,./])(\d{1,4})\s*(?:pieces?|pcs?|p\b|unites?|u\b|oeufs)|(?:x|×|\*|par)\s*(\d{1,4})(?![\d,./]|\s*(?:"
    + _UNITS
    + r")\b))"
)
_TIN = re.compile(r"(?<!\d)(?:(\d{1,3})\s*(?:x|×|\*|boites?(?: de)?)\s*)?([1-5]/[1-4])(?!\d)")


@dataclass(frozen=True)
class Price:
    """An amount in euros, what it is for (« colis », « kg », « piece ») and its tax, where it is said."""

    euros: Decimal
    per: str = ""
    tax: str = ""


@dataclass(frozen=True)
class Pack:
    """What is sold at once: grams where the text gives a weight, pieces where it counts them."""

    grams: int | None = None
    pieces: int | None = None


def read_number(text: str) -> Decimal | None:
    """« 1 234,50 », « 1.234,50 », « 12.5 »; one dot or comma before three digits is a decimal separator."""
    plain = re.sub(r"[\s\u00a0\u202f']", "", text)
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)|-?\d{1,3}(\.\d{3}){2,}", plain):
        plain = plain.replace(".", "")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+\.\d+", plain):
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?|-?\.\d+", plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def read_price(text: str) -> Price | None:
    """« 1,20 », « 12,50 € HT », « 1,20 €/kg », « 3,10 € la pièce », « 2 € 40 »."""
    plain = " ".join(fold(text).replace("\u00a0", " ").split())
    if cents := _EURO_CENT.fullmatch(plain):
        return _bounded(Price(Decimal(f"{cents[1]}.{cents[2]}")))
    found = _PRICE.fullmatch(plain)
    amount = read_number(found[1]) if found else None
    if found is None or amount is None:
        return None
    unit = (found[3] or "").strip()
    per = read_unit(unit) if unit else ""
    tax = found[2] or next((word for word in ("ttc", "ht") if re.search(rf"\b{word}\b", unit)), "")
    return None if unit and not per else _bounded(Price(amount, per or "", tax))


def _bounded(price: Price) -> Price | None:
    return price if 0 < price.euros <= LARGEST_PRICE else None


def read_unit(text: str) -> str | None:
    """What a price is for, from words like « kg », « le kilo », « pièce », « colis »; None: not known."""
    word = re.sub(r"^(au|le|la|l'|par|/|€)+\s*", "", " ".join(fold(text).split())).strip(" .€/")
    word = re.sub(r"\b(ht|ttc)\b", "", word).strip()
    if word in {"kg", "kgs", "k", "kilo", "kilos", "kilogramme", "1 kg", "l", "litre", "lt"}:
        return KG
    if re.match(r"^(p|pc|pce|pieces?|pcs|u|un|unites?|botte|bunch|item|oeuf)$", word):
        return PIECE
    if re.match(
        r"^(col|colis|crt|ctn|cartons?|caisses?|cagettes?|sacs?|sachets?|plateaux?|bidons?|seaux?|boites?"
        r"|packs?|lots?|filets?|barquettes?|pots?|uvc|ul|conditionnement|bouteilles?|briques?|poches?)\b",
        word,
    ):
        return PACK
    return None


def no_price(text: str) -> bool:
    """Whether a cell says, in the place of a price, that the thing is not sold now."""
    return bool(NO_PRICE.fullmatch(" ".join(fold(text).split())))


def read_pack(text: str) -> Pack | None:
    """« carton 4 x 2,5 kg », « 5 kg », « 24 × 125 g », « bidon 10 L », « colis × 12 », « boîte 5/1 »."""
    plain = " ".join(fold(text).replace("\u00a0", " ").split())
    if found := _TWICE.search(plain):
        times = int(found[1]) * int(found[2])
        return _pack(_grams(found[3], found[4], times), times)
    if found := _TIMES.search(plain):
        return _pack(_grams(found[2], found[3], int(found[1])), int(found[1]))
    counted = _COUNT.search(plain)
    pieces = int(counted[1] or counted[2]) if counted else None
    if found := _WEIGHT.search(plain):
        return _pack(_grams(found[1], found[2], 1), pieces)
    if tin := _TIN.search(plain):
        size = TINS.get(tin[2])
        number = int(tin[1] or pieces or 1)
        return _pack(size * number, number) if size else None
    return Pack(pieces=pieces) if pieces else None


def _grams(number: str, unit: str, times: int) -> int:
    amount = read_number(number) or Decimal(0)
    return int((amount * (GRAMS.get(unit) or LITRES[unit]) * times).to_integral_value())


def _pack(grams: int, pieces: int | None) -> Pack | None:
    return Pack(grams, pieces) if 0 < grams <= LARGEST_PACK_G else None


def without_pack(name: str) -> str:
    """A folded name without what describes its pack, to recognise « Beurre doux – carton 5 kg »."""
    plain = " ".join(fold(name).split())
    for separator in (" – ", " - ", " — "):
        head, found, tail = plain.rpartition(separator)
        if found and read_pack(tail):
            plain = head
    for pattern in (_TWICE, _TIMES, _WEIGHT, _TIN):
        plain = pattern.sub(" ", plain)
    return words_of(plain)


def words_of(text: str) -> str:
    """A folded text with one space between its words and no other sign."""
    return " ".join(re.findall(r"[a-z0-9%]+", fold(text)))
