"""Tables of invoices."""

from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from cantine.db import Money


class Invoice(SQLModel, table=True):
    """A supplier's invoice or credit note, for one kitchen."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("kind IN ('facture', 'avoir')", "kind"),
        CheckConstraint("source IN ('facturx', 'ubl', 'cii', 'saisie')", "source"),
        CheckConstraint("state IN ('a_rapprocher', 'ecart', 'validee', 'payee', 'refusee')", "state"),
        Index(
            # One set aside, for another establishment say, does not keep its number from the right one.
            "uq_invoices_supplier_number_date",
            "supplier",
            "number",
            "date",
            unique=True,
            sqlite_where=text("state <> 'refusee'"),
            postgresql_where=text("state <> 'refusee'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    supplier: str = Field(foreign_key="suppliers.code", index=True)
    number: str = Field(description="the supplier's number")
    kind: str = Field(default="facture")
    date: Date
    received_on: Date
    due_on: Date
    total_ht: Decimal = Field(sa_type=Money)
    total_vat: Decimal = Field(sa_type=Money)
    total_ttc: Decimal = Field(sa_type=Money)
    source: str = Field(default="saisie")
    state: str = Field(default="a_rapprocher", index=True)
    order_number: str = Field(default="", description="as quoted by the supplier")
    engagement: str = Field(default="", description="as quoted by the supplier")
    attachment: int | None = Field(default=None, foreign_key="attachments.id")
    note: str = Field(default="")
    created_at: datetime
    created_by: int | None = Field(default=None)
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None)
    paid_on: Date | None = None
    version: int = Field(default=1, ge=1, description="raised by each change: two people editing")


class InvoiceLine(SQLModel, table=True):
    """One line invoiced, and the line received that it is matched with."""

    __tablename__ = "invoice_lines"
    __table_args__ = (UniqueConstraint("invoice", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    invoice: int = Field(foreign_key="invoices.id", index=True)
    position: int = Field(ge=1)
    name: str
    reference: str = Field(default="")
    quantity: Decimal = Field(sa_type=Money, description="in the invoice's own unit")
    unit: str = Field(default="", description="KGM, H87…, or words")
    unit_price_ht: Decimal = Field(sa_type=Money)
    total_ht: Decimal = Field(sa_type=Money)
    vat_permille: int = Field(default=55, ge=0)
    order_line: int | None = Field(default=None, foreign_key="order_lines.id", index=True)
    reception_line: int | None = Field(default=None, foreign_key="reception_lines.id", index=True)
    accepted: bool = Field(default=False, description="its difference was accepted by somebody")
    note: str = Field(default="")
