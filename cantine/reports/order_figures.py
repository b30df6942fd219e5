"""What a bon de commande says: frozen words and amounts, read by the paper, its XML and the e-mail alike.

The fields are those of the guides of public buyers (no text lists them): buyer, its SIRET and service code,
engagement number, contract, price list reference, quality asked for, packs, prices HT, VAT, delivery,
temperatures, papers due, ordonnateur.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cantine.reports.head import Head
from cantine.reports.vat import Rate


@dataclass(frozen=True)
class Party:
    """A buyer, a supplier or a place of delivery.

    Attributes:
        siret: 14 digits, empty if unknown.
        siret_estimated: guessed, to be confirmed before it is quoted on an invoice.
    """

    name: str
    siret: str = ""
    siret_estimated: bool = False
    address: str = ""
    postcode: str = ""
    city: str = ""
    email: str = ""
    phone: str = ""

    @property
    def place(self) -> str:
        """Street, postcode and town on one line."""
        return ", ".join(part for part in (self.address, f"{self.postcode} {self.city}".strip()) if part)


@dataclass(frozen=True)
class Item:
    """Packs of one reference.

    Attributes:
        key: row of the line.
        contract: name of the lot, or the article that allows to buy without one.
        quality: labels and origin that the delivery must have, in words.
        limit: class and limit of temperature at the door, in words; empty where the law sets none.
        life: how long it must still be good for after the delivery, in words; empty for what keeps.
        labelled: whether a certificate is due.
    """

    key: int
    position: int
    reference: str
    offer: str
    name: str
    quality: str
    pack: str
    pack_g: int
    packs: int
    price_ht: Decimal
    total_ht: Decimal
    vat_permille: int
    estimated: bool
    contract: str
    lot: str
    origin: str
    limit: str
    life: str
    labelled: bool
    note: str

    @property
    def grams(self) -> int:
        """Grams ordered."""
        return self.pack_g * self.packs


@dataclass(frozen=True)
class OrderPaper:
    """One bon de commande.

    Attributes:
        order: row of the order.
        version: 2 and more: it replaces the one before.
        issued: day of the approval.
        engagement: number in the accounts; empty: a blank to write on.
        contracts: lots or article of the lines, each once.
        due: papers that must come with the goods.
        source: text that sets the temperatures.
        approver: who approved it in cantine.
    """

    head: Head
    order: int
    number: str
    version: int
    issued: date
    approver: str
    ordonnateur: str
    buyer: Party
    supplier: Party
    ship_to: Party
    service_code: str
    engagement: str
    contracts: tuple[str, ...]
    items: tuple[Item, ...]
    fee_ht: Decimal
    fee_vat_permille: int
    rates: tuple[Rate, ...]
    delivery: date
    slot: str
    due: tuple[str, ...]
    source: str
    note: str

    @property
    def goods_ht(self) -> Decimal:
        """Euros of the lines."""
        return sum((item.total_ht for item in self.items), Decimal(0))

    @property
    def total_ht(self) -> Decimal:
        """Euros, delivery fee included."""
        return self.goods_ht + self.fee_ht

    @property
    def total_vat(self) -> Decimal:
        """Euros of VAT."""
        return sum((rate.amount for rate in self.rates), Decimal(0))

    @property
    def total_ttc(self) -> Decimal:
        """Euros, VAT included."""
        return self.total_ht + self.total_vat

    @property
    def grams(self) -> int:
        """Grams of the whole order."""
        return sum(item.grams for item in self.items)

    @property
    def any_estimated(self) -> bool:
        """Whether a price is a guess."""
        return any(item.estimated for item in self.items)

    @property
    def stem(self) -> str:
        """File name without its extension."""
        version = f"-v{self.version}" if self.version > 1 else ""
        return f"bon-de-commande-{self.number or f'brouillon-{self.order}'}{version}"
