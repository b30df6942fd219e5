"""What somebody typed of an invoice: French decimals, all faults at once. Knows no database."""

import re
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 -- fields are called date
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from cantine.asked import day_in, decimal_in
from cantine.errors import CantineError
from cantine.french import euros
from cantine.invoices.document import Line
from cantine.invoices.sums import vat_of
from cantine.orders.purchases import to_the_cent
from cantine.web import DIGITS

UNITS = {"KGM": "kg", "XPK": "colis", "H87": "pièce", "LTR": "L"}
FOOD_VAT = "5,5"
SPARE = 3
"""Blank lines below those prefilled."""
MOST_LINES = 200
SLACK = Decimal("0.02")
RATES = range(1001)


@dataclass(frozen=True)
class TypedLine:
    """One line as typed: texts."""

    name: str = ""
    quantity: str = ""
    unit: str = "KGM"
    price: str = ""
    total: str = ""
    vat: str = FOOD_VAT
    received: str = ""

    @property
    def blank(self) -> bool:
        """Nothing was typed."""
        return not any(text.strip() for text in (self.name, self.quantity, self.price, self.total))


@dataclass(frozen=True)
class Typed:
    """The form as typed: texts, given back with their faults.

    Attributes:
        reception: key of the delivery it was prefilled from, as text; empty: none.
        order_number: number of the order of that delivery.
    """

    supplier: str = ""
    kind: str = "facture"
    number: str = ""
    date: str = ""
    received_on: str = ""
    total_ttc: str = ""
    order_number: str = ""
    reception: str = ""
    lines: tuple[TypedLine, ...] = ()


@dataclass
class Checked:
    """What the form says once read, or its faults by field."""

    faults: dict[str, str] = field(default_factory=dict)
    date: Date | None = None
    received_on: Date | None = None
    lines: list[Line] = field(default_factory=list)
    received: list[int | None] = field(default_factory=list)
    total_ht: Decimal = Decimal(0)
    total_vat: Decimal = Decimal(0)


def from_form(form: MultiDict[str, str]) -> Typed:
    """What was typed."""
    count = min(len(form.getlist("nom")), MOST_LINES)
    columns = [form.getlist(name) for name in ("nom", "quantite", "unite", "prix", "montant", "tva", "recu")]
    lines = [
        TypedLine(*(column[rank].strip() if rank < len(column) else "" for column in columns))
        for rank in range(count)
    ]
    return Typed(
        supplier=form.get("fournisseur", ""),
        kind="avoir" if form.get("genre") == "avoir" else "facture",
        number=" ".join(form.get("numero", "").split())[:60],
        date=form.get("date", ""),
        received_on=form.get("recue", ""),
        total_ttc=form.get("ttc", ""),
        order_number=form.get("commande", "").strip()[:60],
        reception=form.get("livraison", ""),
        lines=tuple(line for line in lines if not line.blank),
    )


def check(typed: Typed, today: Date) -> Checked:
    """Read everything; faults by field, such as ``numero``, ``date`` or ``ligne-2``."""
    found = Checked()
    if not typed.number:
        found.faults["numero"] = "Le numéro de la facture manque : il est sur le papier."
    found.date = _day(typed.date, "date", "la date de la facture", today, found.faults)
    found.received_on = _day(typed.received_on, "recue", "le jour de réception", today, found.faults)
    if found.date and found.received_on and found.received_on < found.date:
        found.faults["recue"] = "La facture est reçue avant sa date."
    if not typed.lines:
        found.faults["lignes"] = "Aucune ligne : recopiez au moins un produit et son montant."
    sign = -1 if typed.kind == "avoir" else 1
    for rank, line in enumerate(typed.lines, 1):
        reasons: list[str] = []
        read = _line(line, rank, sign, reasons)
        if reasons:
            found.faults[f"ligne-{rank}"] = " ".join(reasons)
        found.lines.append(read)
        found.received.append(int(line.received) if re.fullmatch(DIGITS, line.received) else None)
    found.total_ht = sum((line.total_ht for line in found.lines), Decimal(0))
    found.total_vat = vat_of(tuple(found.lines))
    _check_total(typed, sign, found)
    return found


def _day(text: str, name: str, words: str, today: Date, faults: dict[str, str]) -> Date | None:
    try:
        day = day_in(MultiDict({name: text}), name)
    except CantineError as error:
        faults[name] = f"Il manque {words}." if not text else error.message
        return None
    if day > today:
        faults[name] = f"C'est dans l'avenir : {words} est au plus aujourd'hui."
    return day


def _line(line: TypedLine, rank: int, sign: int, reasons: list[str]) -> Line:
    quantity, price = _number(line.quantity, "quantité", reasons), _number(line.price, "prix", reasons)
    total, rate = _number(line.total, "montant", reasons), _number(line.vat, "TVA", reasons)
    if not line.name:
        reasons.append("Le nom du produit manque.")
    if line.unit not in UNITS:
        reasons.append("Choisissez l'unité.")
    counted = None if quantity is None or price is None else to_the_cent(quantity * price)
    if total is None and counted is None and not reasons:
        reasons.append("Le montant manque, ou la quantité et le prix.")
    if (
        total is not None
        and counted is not None
        and abs(total - counted) > SLACK + abs(quantity or Decimal(0)) / 200
    ):
        reasons.append(f"Quantité × prix donnent {euros(counted)}, pas {euros(total)}.")
    amount = total if total is not None else counted or Decimal(0)
    many = quantity or Decimal(1)
    permille = int((rate or Decimal(0)) * 10)
    if permille not in RATES:
        reasons.append("La TVA est entre 0 et 100 %.")
    each = price if price is not None else amount / many
    return Line(rank, line.name, "", sign * many, line.unit, each, sign * to_the_cent(amount), permille)


def _number(text: str, words: str, reasons: list[str]) -> Decimal | None:
    plain = text.replace("€", "").replace("%", "")
    try:
        found = decimal_in(MultiDict({words: plain}), words)
    except CantineError as error:
        reasons.append(f"{words.capitalize()} : {error.message}")
        return None
    return found


def _check_total(typed: Typed, sign: int, found: Checked) -> None:
    reasons: list[str] = []
    total = _number(typed.total_ttc, "total TTC", reasons)
    if reasons:
        found.faults["ttc"] = reasons[0]
        return
    counted = sign * (found.total_ht + found.total_vat)
    slack = SLACK + Decimal("0.01") * len(found.lines)
    if total is not None and not any(key.startswith("ligne") for key in found.faults):
        if abs(total - counted) > slack:
            found.faults["ttc"] = f"Les lignes donnent {euros(counted)} TTC, le papier {euros(total)}."
        else:
            found.total_vat = sign * total - found.total_ht
