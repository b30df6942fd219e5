"""The bytes of a Factur-X, UBL or CII invoice → a ``Document``, or every fault in French."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import facturx
from stdnum.fr import siret as siret_number

from cantine.french import plural
from cantine.invoices.document import Document, Line, Party, Unreadable
from cantine.invoices.files import PDF, Root, media_type, open_root
from cantine.invoices.sums import sum_faults

SOURCES = {"factur-x": "cii", "ubl-2.1-invoice": "ubl", "ubl-2.1-creditnote": "ubl"}
WITHOUT_LINES = {"minimum": "MINIMUM", "basicwl": "BASIC WL"}
MOST_LINES = 2000
NO_LINES = (
    "Le profil « {} » ne donne pas les lignes de la facture : elle ne peut pas être rapprochée. Demandez le "
    "profil BASIC ou EN 16931, ou saisissez-la à la main."
)
BAD_FACTS = (
    "La facture est abîmée ou incomplète : une date ne se lit pas, ou la monnaie manque. Demandez au "
    "fournisseur de corriger son fichier."
)
EMBEDDED_FREIGHT = "Frais de la facture"
OUTRIGHT = "Remise de la facture"
SIREN, SIRET = "0002", "0009"
"""Schemes of identifiers in e-invoices."""
AMOUNTS = {"BT-109": "le total HT", "BT-112": "le total TTC"}

Facts = Mapping[str, Any]
"""What factur-x gives: keys are the business terms of EN 16931, amounts are texts."""


def read(content: bytes) -> Document | Unreadable:
    """What an invoice says, its sums counted again; nothing is written."""
    root = open_root(content)
    if isinstance(root, Unreadable):
        return root
    found = _read_root(root, in_pdf=media_type(content) == PDF)
    if isinstance(found, Unreadable) and media_type(content) == PDF:
        return replace(found, by_hand=True)
    return found


def _read_root(root: Root, *, in_pdf: bool) -> Document | Unreadable:
    flavor = _flavor(root)
    if flavor not in SOURCES:
        return Unreadable((f"Ce n'est pas une facture : {flavor or 'ce XML est autre chose'}.",))
    level = _level(root, flavor)
    if level in WITHOUT_LINES:
        return Unreadable((NO_LINES.format(WITHOUT_LINES[level]),))
    try:
        facts = facturx.parse_ubl_cii_xml(root, flavor=flavor, level=level, check_xsd=False)
    except (ValueError, KeyError, TypeError, AttributeError):
        # What factur-x raises on a date that is none, or without a currency; it says no more than this.
        return Unreadable((BAD_FACTS,))
    made = _Reading(facts).document("facturx" if in_pdf else SOURCES[flavor])
    faults = sum_faults(made) if isinstance(made, Document) else ()
    return Unreadable(faults) if faults else made


def _flavor(root: Root) -> str:
    """How factur-x calls the kind of file; French words for one that is no invoice."""
    name = root.tag.rpartition("}")[2] if isinstance(root.tag, str) else ""
    others = {
        "SCRDMCCBDACIOMessageStructure": "c'est une commande (Order-X)",
        "CrossIndustryDocument": "c'est du ZUGFeRD 1, un format abandonné",
        "Order": "c'est une commande (UBL)",
        "ApplicationResponse": "c'est un accusé de réception",
    }
    if name in {"CrossIndustryInvoice", "Invoice", "CreditNote"} and "}" in str(root.tag):
        return str(facturx.get_flavor(root))
    return others.get(name, "")


def _level(root: Root, flavor: str) -> str:
    """The profile; one that the standard does not know is read as the European one."""
    try:
        return str(facturx.get_level(root, flavor))
    except ValueError:
        return "en16931"


class _Reading:
    """Reads the facts one by one and keeps every fault."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.faults: list[str] = []

    def document(self, source: str) -> Document | Unreadable:
        facts = self.facts
        credit = facts.get("BT-3") is not None and facturx.is_credit_note(dict(facts))
        sign = -1 if credit else 1
        number, issued = _text(facts.get("BT-1")), facts.get("BT-2")
        if not number:
            self.faults.append("Le numéro de la facture manque.")
        if not isinstance(issued, date):
            self.faults.append("La date de la facture manque.")
        if (money := _text(facts.get("BT-5"))) not in {"EUR", ""}:
            self.faults.append(f"La facture est en {money}, pas en euros.")
        ht, ttc = (self._amount(facts.get(key), words) for key, words in AMOUNTS.items())
        vat = self._amount(facts.get("BT-110", "0"), "le total de TVA")
        lines = (*self._lines(sign), *self._extras(sign))
        supplier, buyer = self._party("BG-4", "du fournisseur"), self._party("BG-7", "de l'acheteur")
        if self.faults or not isinstance(issued, date):
            return Unreadable(tuple(self.faults))
        return Document(
            source=source,
            kind="avoir" if credit else "facture",
            number=number,
            date=issued,
            delivered_on=facts.get("BT-72") if isinstance(facts.get("BT-72"), date) else None,
            supplier=supplier,
            buyer=buyer,
            order_number=_text(facts.get("BT-13")),
            service_code=_text(facts.get("BT-10")),
            preceding=tuple(_text(one.get("BT-25")) for one in _many(facts, "BG-3") if one.get("BT-25")),
            lines=tuple(replace(line, position=rank) for rank, line in enumerate(lines, 1)),
            total_ht=sign * ht,
            total_vat=sign * vat,
            total_ttc=sign * ttc,
        )

    def _lines(self, sign: int) -> list[Line]:
        found = _many(self.facts, "BG-25")
        if not found:
            self.faults.append("La facture n'a aucune ligne.")
        if len(found) > MOST_LINES:
            self.faults.append(f"{plural(len(found), 'ligne')} : c'est trop pour une facture de denrées.")
            return []
        return [self._line(rank, one, sign) for rank, one in enumerate(found, 1)]

    def _line(self, rank: int, one: Facts, sign: int) -> Line:
        name = _text(one.get("BT-153")) or _text(one.get("BT-154"))
        here = f"ligne {rank}" + (f" (« {name[:40]} »)" if name else "")
        if not name:
            self.faults.append(f"Le nom du produit manque, {here}.")
        price = self._amount(one.get("BT-146"), f"le prix, {here}")
        base = self._amount(one.get("BT-149", "1"), f"la quantité du prix, {here}") or Decimal(1)
        return Line(
            position=rank,
            name=name,
            reference=_text(one.get("BT-155")),
            quantity=sign * self._amount(one.get("BT-129"), f"la quantité, {here}"),
            unit=_text(one.get("BT-130")),
            unit_price_ht=price / base,
            total_ht=sign * self._amount(one.get("BT-131"), f"le montant, {here}"),
            vat_permille=self._permille(one.get("BT-152", "0"), here),
            extras_ht=sign * self._line_extras(one, here),
        )

    def _line_extras(self, one: Facts, here: str) -> Decimal:
        charges, allowances = (
            sum(
                (self._amount(extra.get("amount"), f"{words}, {here}") for extra in _many(one, key)),
                Decimal(0),
            )
            for key, words in (("BG-28", "les frais"), ("BG-27", "la remise"))
        )
        return charges - allowances

    def _extras(self, sign: int) -> list[Line]:
        """Charges and allowances of the whole invoice, as lines: a delivery fee comes so."""
        found = []
        for key, words, way in (("BG-21", EMBEDDED_FREIGHT, 1), ("BG-20", OUTRIGHT, -1)):
            for one in _many(self.facts, key):
                amount = way * sign * self._amount(one.get("amount"), words.lower())
                name = _text(one.get("reason")) or words
                rate = self._permille(one.get("vat_rate", "0"), words.lower())
                found.append(Line(0, name, "", Decimal(1), "C62", amount, amount, rate))
        return found

    def _party(self, key: str, whose: str) -> Party:
        facts = self.facts.get(key) or {}
        ids = facts.get("identifiers") or {}
        legal, scheme = _digits(facts.get("legal_identifier")), facts.get("legal_identifier_schemeid")
        siret = _digits(ids.get(SIRET)) or (legal if scheme == SIRET or len(legal) == 14 else "")  # noqa: PLR2004
        siren = _digits(ids.get(SIREN)) or (legal if scheme == SIREN else "") or siret[:9]
        if siret and not siret_number.is_valid(siret):
            self.faults.append(f"« {siret} » n'est pas un SIRET : la clé de celui {whose} est fausse.")
        name = _text(facts.get("name")) or _text(facts.get("biz_name"))
        if not name and not siret:
            self.faults.append(f"Ni nom ni SIRET {whose}.")
        return Party(name=name, siret=siret, siren=siren)

    def _amount(self, value: object, words: str) -> Decimal:
        text = _text(value)
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite() and abs(amount) < Decimal(10) ** 9:
            return amount
        told = f"« {text[:20]} » n'est pas un nombre : {words}." if text else f"Il manque {words}."
        self.faults.append(told)
        return Decimal(0)

    def _permille(self, value: object, here: str) -> int:
        return int((self._amount(value, f"le taux de TVA, {here}") * 10).to_integral_value())


def _many(facts: Facts, key: str) -> Sequence[Facts]:
    found = facts.get(key)
    return found if isinstance(found, list) else []


def _text(value: object) -> str:
    """One line of text: of a value that the file repeats, the first."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(str(value or "").split()) if not isinstance(value, Decimal) else str(value)


def _digits(value: object) -> str:
    return "".join(character for character in _text(value) if character.isdigit())
