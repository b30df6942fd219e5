"""A supplier's file, read through a mapping of its columns: what each line sells, and what cannot be read."""

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Any

from cantine.errors import Fault
from cantine.french import fold
from cantine.suppliers.price_columns import Columns, heading_tax, heading_unit
from cantine.suppliers.price_file import Listing
from cantine.suppliers.price_reading import SMALLEST, TABLE, ListLine, ListOptions, Reading
from cantine.suppliers.price_terms import read_date, read_labels, read_origin, read_vat
from cantine.suppliers.price_words import (
    KG,
    LARGEST_PACK_G,
    Pack,
    no_price,
    read_number,
    read_pack,
    read_price,
    read_unit,
)

TTC = "ttc"
USUAL_VAT = 55
MOST_WEEKLY = 1_000_000
MOST_PIECES = 9_999
"""As many as ``price_words`` reads in words."""


class _BadCellError(Exception):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def read_lines(
    listing: Listing,
    columns: Columns,
    options: ListOptions,
    *,
    supplier: str = "",
    places: Collection[str] = (),
) -> Reading:
    """Read every line.

    Args:
        listing: the file.
        columns: heading by field.
        options: what the headings do not say.
        supplier: name by which a list of several producers may know this one.
        places: words for places of France, as ``price_terms.place_word`` writes them.
    """
    reader = _Reader(listing, columns, options, places)
    producers = sorted(reader.producers())
    known = [name for name in producers if fold(name) == fold(supplier)]
    own = known[0] if known and len(producers) > 1 else None
    reading = Reading()
    for number, row in enumerate(listing.rows, listing.first):
        if not any(row) or row == listing.headings:
            continue
        if own is not None and reader.text(row, "producer") != own:
            reading.others += 1
        else:
            reader.take(number, row, reading)
    return reading


class _Reader:
    """The columns of one list."""

    def __init__(
        self, listing: Listing, columns: Columns, options: ListOptions, places: Collection[str]
    ) -> None:
        self.listing, self.columns, self.options, self.french = listing, columns, options, places
        self.places = {name: listing.headings.index(heading) for name, heading in columns.items()}
        self.heading = columns.get("price", "")

    def text(self, row: tuple[str, ...], name: str) -> str:
        place = self.places.get(name)
        return row[place] if place is not None else ""

    def producers(self) -> set[str]:
        return {self.text(row, "producer") for row in self.listing.rows} - {""}

    def take(self, number: int, row: tuple[str, ...], reading: Reading) -> None:
        name, price = self._name(row), self.text(row, "price")
        if not price and sum(bool(cell) for cell in row) == 1:
            reading.titles += 1
        elif not price or no_price(price):
            reading.unpriced.append((number, name or self.text(row, "reference"), price))
        else:
            reading.faults.extend(
                Fault(TABLE, number, self.columns.get(bad.name), bad.reason)
                for bad in self._read(number, row, reading)
            )

    def _name(self, row: tuple[str, ...]) -> str:
        parts = (self.text(row, "name"), self.text(row, "detail"))
        return " ".join(dict.fromkeys(part for part in parts if part))

    def _read(self, number: int, row: tuple[str, ...], reading: Reading) -> list[_BadCellError]:
        """Add the line, or answer everything that is wrong in it."""
        bad: list[_BadCellError] = []
        found: dict[str, Any] = {}
        for name in ("name", "pack", "vat", "price", "labels", "origin", "valid_from", "valid_to", "weekly"):
            try:
                found |= getattr(self, f"_read_{name}")(row, found)
            except _BadCellError as error:
                bad.append(error)
        if not bad and found["valid_from"] and found["valid_to"] and found["valid_to"] < found["valid_from"]:
            bad.append(_BadCellError("valid_to", "la fin est avant le début."))
        if not bad:
            reading.lines.append(ListLine(number=number, reference=self.text(row, "reference"), **found))
        return bad

    def _read_name(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        name = self._name(row) or self.text(row, "reference")
        if not name:
            raise _BadCellError("name", "il manque la désignation.")
        return {"name": name}

    def _read_pack(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        label = self.text(row, "pack")
        unit = self.text(row, "pack_unit")
        weight = self.text(row, "pack_kg")
        pack = self._pack(f"{label} {unit}".strip()) or read_pack(self._name(row)) or Pack()
        if weight:
            number = read_number(fold(weight).replace("kg", ""))
            exact = int((number * 1000).to_integral_value()) if number else 0
            if not 0 < exact <= LARGEST_PACK_G:
                raise _BadCellError("pack_kg", f"« {weight} » n'est pas un poids en kilos. Exemple : 2,5.")
            pack = Pack(exact, pack.pieces)
        return {"pack": pack, "pack_label": f"{label} {unit}".strip() if read_number(label) else label}

    def _pack(self, text: str) -> Pack | None:
        """A pack in words; a number alone is kilograms where the heading says so, else pieces."""
        number = read_number(text)
        if number is None:
            return read_pack(text) if text else None
        grams = int(number * 1000)
        if heading_unit(self.columns.get("pack", "")) == KG and 0 < grams <= LARGEST_PACK_G:
            return Pack(grams)
        return Pack(pieces=int(number)) if 1 <= number <= MOST_PIECES else None

    def _read_vat(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        text = self.text(row, "vat")
        vat = read_vat(text) if text else None
        if text and vat is None:
            raise _BadCellError("vat", f"« {text} » n'est pas un taux de TVA des denrées : 5,5 ; 10 ou 20 %.")
        return {"vat": vat}

    def _read_price(self, row: tuple[str, ...], found: dict[str, Any]) -> dict[str, Any]:
        text = self.text(row, "price")
        price = read_price(text)
        if price is None:
            raise _BadCellError("price", f"« {text} » n'est pas un prix. Exemples : 12,50 ou 1,20 €/kg.")
        unit = self.text(row, "price_unit")
        per = price.per or (read_unit(unit) if unit else heading_unit(self.heading) or self.options.per)
        if per is None:
            raise _BadCellError("price_unit", f"« {unit} » n'est pas une unité connue : kg, pièce ou colis.")
        euros = price.euros
        if (price.tax or heading_tax(self.heading) or self.options.tax) == TTC:
            vat = found.get("vat")
            euros = euros * 1000 / (1000 + (USUAL_VAT if vat is None else vat))
        return {"price": euros.quantize(SMALLEST, ROUND_HALF_UP), "per": per}

    def _read_labels(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        if "labels" not in self.columns:
            return {"labels": None}
        text = self.text(row, "labels")
        labels = read_labels(text)
        if labels is None:
            raise _BadCellError("labels", f"« {text} » n'est pas un label connu. Exemples : Bio ; AOP.")
        return {"labels": labels}

    def _read_origin(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        text = self.text(row, "origin")
        origin = read_origin(text, self.french) if text else None
        if text and origin is None:
            raise _BadCellError("origin", f"« {text} » n'est pas une origine connue. Exemple : France.")
        return {"origin": origin}

    def _read_valid_from(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        return {"valid_from": self._date(row, "valid_from")}

    def _read_valid_to(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        return {"valid_to": self._date(row, "valid_to")}

    def _date(self, row: tuple[str, ...], name: str) -> date | None:
        text = self.text(row, name)
        day = read_date(text) if text else None
        if text and day is None:
            raise _BadCellError(name, f"« {text} » n'est pas une date. Exemple : 04/01/2027.")
        return day

    def _read_weekly(self, row: tuple[str, ...], _found: dict[str, Any]) -> dict[str, Any]:
        text = self.text(row, "weekly")
        number = read_number(text) if text else None
        if text and (number is None or not 0 <= number <= MOST_WEEKLY or number % 1):
            raise _BadCellError("weekly", f"« {text} » n'est pas un nombre de colis.")
        return {"weekly": int(number) if number is not None else None}
