"""An invoice as its file says it: frozen facts, no database row."""

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 -- a field is called date
from decimal import Decimal


@dataclass(frozen=True)
class Party:
    """Seller or buyer as written.

    Attributes:
        name: legal name.
        siret: 14 digits; empty when the file gives none.
        siren: 9 digits; empty when the file gives none.
    """

    name: str
    siret: str = ""
    siren: str = ""


@dataclass(frozen=True)
class Line:
    """One line: negative on a credit note.

    Attributes:
        position: 1, 2… in the order of the file; charges and allowances of the whole come last.
        name: the product in the supplier's words.
        reference: the supplier's own reference.
        quantity: in ``unit``.
        unit: UNECE code (KGM, H87…).
        unit_price_ht: euros for one unit.
        total_ht: euros.
        vat_permille: rate, per thousand.
        extras_ht: charges less allowances of this line, within ``total_ht``.
    """

    position: int
    name: str
    reference: str
    quantity: Decimal
    unit: str
    unit_price_ht: Decimal
    total_ht: Decimal
    vat_permille: int
    extras_ht: Decimal = Decimal(0)


@dataclass(frozen=True)
class Document:
    """An invoice or a credit note; amounts in euros, negative on a credit note.

    Attributes:
        source: facturx, ubl or cii.
        kind: facture or avoir.
        number: the supplier's number.
        date: day of issue.
        delivered_on: day of delivery, if said.
        supplier: who sells.
        buyer: who buys.
        order_number: what the supplier quotes of the order: through Chorus, the engagement number.
        service_code: code of the buyer's service.
        preceding: numbers of the invoices that a credit note corrects.
        lines: at least one.
        total_ht: without VAT.
        total_vat: VAT.
        total_ttc: with VAT.
    """

    source: str
    kind: str
    number: str
    date: Date
    delivered_on: Date | None
    supplier: Party
    buyer: Party
    order_number: str
    service_code: str
    preceding: tuple[str, ...]
    lines: tuple[Line, ...]
    total_ht: Decimal
    total_vat: Decimal
    total_ttc: Decimal


@dataclass(frozen=True)
class Unreadable:
    """A file from which no invoice can be kept.

    Attributes:
        faults: French sentences, all of them.
        by_hand: it is a sound PDF for people: keep it and type the invoice.
    """

    faults: tuple[str, ...]
    by_hand: bool = False
