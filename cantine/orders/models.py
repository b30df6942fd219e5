"""Tables of orders, producers' answers, messages, files kept, and of what was really bought."""

from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal

from sqlalchemy import LargeBinary, Text
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from cantine.db import Money, TextList


class OrderSeries(SQLModel, table=True):
    """Last number given by a buyer in a year: numbers have no holes, so only an approved order has one."""

    __tablename__ = "order_series"
    buyer: str = Field(primary_key=True, description="UAI of the collège that buys, else code of the kitchen")
    year: int = Field(primary_key=True)
    last: int = Field(default=0, ge=0)


class OrderGroup(SQLModel, table=True):
    """Orders of several kitchens to one supplier for one day, sent together with a packing list by site."""

    __tablename__ = "order_groups"
    id: int | None = Field(default=None, primary_key=True)
    supplier: str = Field(foreign_key="suppliers.code")
    delivery: Date
    created_at: datetime
    created_by: int | None = Field(default=None)


class PurchaseOrder(SQLModel, table=True):
    """One kitchen's order to one supplier for one day of delivery.

    ``state``: brouillon → approuve → envoye → confirme / modifie / refuse → recu → facture, or annule.
    Lines are those of ``order_version``; a sent order is amended, never edited: a new version.
    """

    __tablename__ = "purchase_orders"
    __table_args__ = (
        CheckConstraint(
            "state IN ('brouillon', 'approuve', 'envoye', 'confirme', 'modifie', 'refuse', 'recu', 'facture', 'annule')",
            "state",
        ),
        CheckConstraint("source IN ('plan', 'epicerie', 'main')", "source"),
        UniqueConstraint("buyer", "year", "rank"),
        Index("ix_purchase_orders_kitchen_delivery", "kitchen", "delivery"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code")
    buyer: str = Field(description="UAI of the collège that buys, else code of the kitchen")
    supplier: str = Field(foreign_key="suppliers.code", index=True)
    delivery: Date
    state: str = Field(default="brouillon", index=True)
    source: str = Field(default="plan")
    year: int | None = Field(default=None, description="year of the number, given on approval")
    rank: int | None = Field(default=None, ge=1, description="number within the year")
    order_version: int = Field(default=1, ge=1, description="version of the lines in force")
    group: int | None = Field(default=None, foreign_key="order_groups.id", index=True)
    slot: str = Field(default="", description="time of delivery asked for, in words")
    note: str = Field(default="", description="for the supplier")
    engagement: str = Field(default="", description="engagement number, copied on approval")
    service_code: str = Field(default="", description="Chorus service code, if any")
    fee_ht: Decimal = Field(default=Decimal(0), ge=0, sa_type=Money, description="delivery fee")
    supplier_reference: str = Field(default="", description="the supplier's or platform's own order number")
    created_at: datetime
    created_by: int | None = Field(default=None)
    approved_at: datetime | None = None
    approved_by: int | None = Field(default=None)
    sent_at: datetime | None = None
    version: int = Field(default=1, ge=1, description="raised by each change: two people editing")

    @property
    def number(self) -> str:
        """« 2027-0012 »; empty before approval."""
        return f"{self.year}-{self.rank:04}" if self.year and self.rank else ""


class OrderLine(SQLModel, table=True):
    """Packs of one offer, as they were when ordered; each version of an order has its own lines."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order", "version", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="purchase_orders.id", index=True)
    version: int = Field(default=1, ge=1)
    position: int = Field(ge=1)
    offer: str = Field(foreign_key="offers.code", index=True)
    food: str = Field(foreign_key="foods.code")
    name: str
    reference: str = Field(default="", description="the supplier's own reference")
    pack_g: int = Field(gt=0)
    pack_label: str = Field(default="")
    packs: int = Field(ge=0, description="ordered")
    theoretical_packs: int = Field(default=0, ge=0, description="what the plan asks for")
    needed_g: int = Field(default=0, ge=0, description="what the menus take of it, before packs")
    confirmed_packs: int | None = Field(
        default=None, ge=0, description="the producer's answer; none yet: empty"
    )
    price_ht: Decimal = Field(ge=0, sa_type=Money, description="price of one pack")
    estimated_price: bool = Field(default=False)
    vat_permille: int = Field(default=55, ge=0)
    labels: tuple[str, ...] = Field(default=(), sa_type=TextList)
    origin_country: str = Field(default="FRANCE", description="FRANCE, EUROPE or MONDE")
    intermediaries: int = Field(default=2, ge=0)
    local_km: float | None = Field(
        default=None, ge=0, description="distance of a local product, km; empty: not local"
    )
    lot: str | None = Field(default=None, foreign_key="market_lots.code")
    note: str = Field(default="")

    @property
    def total_ht(self) -> Decimal:
        """Euros of the line as ordered."""
        return self.price_ht * self.packs

    @property
    def grams(self) -> int:
        """Grams ordered."""
        return self.pack_g * self.packs


class OrderEvent(SQLModel, table=True):
    """One step of an order's life: never changed, never removed."""

    __tablename__ = "order_events"
    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="purchase_orders.id", index=True)
    order_version: int = Field(default=1)
    at: datetime
    kind: str = Field(
        description="cree, change, approuve, envoye, confirme, modifie, refuse, amende, recu, facture, annule…"
    )
    user_id: int | None = Field(default=None)
    who: str = Field(default="", description="who it was, when not a user: the producer, cantine itself")
    detail: str = Field(default="", sa_type=Text, description="French words")


class SupplierLink(SQLModel, table=True):
    """A producer's way in without an account: its number is signed into an address, and may be revoked."""

    __tablename__ = "supplier_links"
    id: int | None = Field(default=None, primary_key=True)
    supplier: str = Field(foreign_key="suppliers.code", index=True)
    order: int | None = Field(default=None, foreign_key="purchase_orders.id", index=True)
    group: int | None = Field(default=None, foreign_key="order_groups.id", index=True)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: int | None = Field(default=None)
    last_seen_at: datetime | None = None


class SupplierAnswer(SQLModel, table=True):
    """What a producer answered to a version of an order."""

    __tablename__ = "supplier_answers"
    __table_args__ = (CheckConstraint("kind IN ('confirme', 'modifie', 'refuse')", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    order: int = Field(foreign_key="purchase_orders.id", index=True)
    order_version: int = Field(default=1)
    link: int | None = Field(default=None, foreign_key="supplier_links.id")
    at: datetime
    kind: str
    note: str = Field(default="", sa_type=Text)
    seen_at: datetime | None = None
    seen_by: int | None = Field(default=None)


class SupplierAnswerLine(SQLModel, table=True):
    """The packs that a producer says will come, where they are not those ordered."""

    __tablename__ = "supplier_answer_lines"
    answer: int = Field(primary_key=True, foreign_key="supplier_answers.id")
    line: int = Field(primary_key=True, foreign_key="order_lines.id")
    packs: int = Field(ge=0)
    note: str = Field(default="")


class Announcement(SQLModel, table=True):
    """A volume and a price that a producer announces for a week to come."""

    __tablename__ = "announcements"
    id: int | None = Field(default=None, primary_key=True)
    supplier: str = Field(foreign_key="suppliers.code", index=True)
    offer: str | None = Field(default=None, foreign_key="offers.code")
    name: str = Field(description="the product in the producer's words")
    week: Date = Field(index=True, description="a Monday")
    packs: int | None = Field(default=None, ge=0)
    price_ht: Decimal | None = Field(default=None, ge=0, sa_type=Money, description="price of one pack")
    note: str = Field(default="")
    link: int | None = Field(default=None, foreign_key="supplier_links.id")
    at: datetime
    seen_at: datetime | None = None
    seen_by: int | None = Field(default=None)
    applied_at: datetime | None = None


class OutMessage(SQLModel, table=True):
    """One e-mail to send, written with the act that wants it; its Message-ID never changes.

    ``state``: a_envoyer → en_cours → envoye; a refusal for now goes back to a_envoyer, one for good is
    echec; a send whose end is unknown is a_verifier and waits for somebody.
    """

    __tablename__ = "out_messages"
    __table_args__ = (
        CheckConstraint(
            "state IN ('a_envoyer', 'en_cours', 'envoye', 'echec', 'a_verifier', 'abandonne')", "state"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(default="", index=True, description="key of the kitchen it is sent for")
    supplier: str | None = Field(default=None, foreign_key="suppliers.code")
    order: int | None = Field(default=None, foreign_key="purchase_orders.id", index=True)
    group: int | None = Field(default=None, foreign_key="order_groups.id", index=True)
    order_version: int = Field(default=1)
    message_id: str = Field(unique=True)
    recipient: str
    subject: str
    content: bytes = Field(sa_type=LargeBinary, description="the whole message, as it goes out")
    state: str = Field(default="a_envoyer", index=True)
    attempts: int = Field(default=0, ge=0)
    next_at: datetime | None = Field(default=None, description="not before")
    lease_until: datetime | None = None
    token: str = Field(default="", description="fencing token of who is sending")
    last_error: str = Field(default="", sa_type=Text, description="French words, with the server's answer")
    created_at: datetime
    created_by: int | None = Field(default=None)
    sent_at: datetime | None = None


class Attachment(SQLModel, table=True):
    """A file kept: photo of a reception, invoice as it came, certificate."""

    __tablename__ = "attachments"
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(default="", index=True, description="key of a kitchen; empty: of the département")
    purpose: str = Field(default="", description="facture, photo, certificat…; empty: not said")
    name: str
    media_type: str
    sha256: str = Field(index=True)
    content: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    created_by: int | None = Field(default=None)


class PurchaseImport(SQLModel, table=True):
    """A file of past purchases that was read: the same file is not read twice."""

    __tablename__ = "purchase_imports"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    sha256: str = Field(unique=True)
    lines: int = Field(ge=0)
    at: datetime
    by: int | None = Field(default=None)


class Purchase(SQLModel, table=True):
    """One line really bought. Shares, thresholds and the State's file are all counted from these rows.

    ``source``: reception (accepted quantity at the ordered price) until its invoice is matched, then facture;
    import (a ma cantine file), saisie (typed), generation (an invented year).
    """

    __tablename__ = "purchases"
    __table_args__ = (
        CheckConstraint("source IN ('reception', 'facture', 'import', 'saisie', 'generation')", "source"),
        Index("ix_purchases_kitchen_date", "kitchen", "date"),
        Index("ix_purchases_date", "date"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code")
    buyer: str = Field(default="", description="UAI of the collège that buys, else code of the kitchen")
    date: Date = Field(description="day of the delivery")
    supplier: str | None = Field(default=None, foreign_key="suppliers.code", index=True)
    supplier_name: str = Field(default="", description="as it was written")
    description: str
    food: str | None = Field(default=None, foreign_key="foods.code")
    family: str = Field(default="", description="family of ma cantine; empty: to be completed")
    homogeneous_family: str = Field(default="", description="family of the thresholds of public procurement")
    labels: tuple[str, ...] = Field(default=(), sa_type=TextList, description="ma cantine's codes")
    origin_country: str = Field(default="", description="FRANCE, EUROPE, MONDE or unknown")
    short_chain: bool = Field(default=False, description="one intermediary at most")
    local_km: int | None = Field(
        default=None, ge=0, description="distance of a local product, km; empty: not local"
    )
    local_definition: str = Field(
        default="", description="PAT, COMMUNE, DEPARTEMENT, REGION or KM, where it is local"
    )
    grams: int = Field(default=0, ge=0)
    amount_ht: Decimal = Field(sa_type=Money, description="euros HT; negative for a credit note")
    vat_permille: int = Field(default=55, ge=0)
    source: str
    origin: str = Field(default="declare", description="declare, estime or demonstration")
    lot: str | None = Field(default=None, foreign_key="market_lots.code")
    order_line: int | None = Field(default=None, foreign_key="order_lines.id", index=True)
    reception_line: int | None = Field(default=None, unique=True, description="key of a line of the stores")
    imported: int | None = Field(default=None, foreign_key="purchase_imports.id", index=True)
