"""Tables of the stores: receptions, moves of the stock, inventories."""

from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal

from sqlmodel import CheckConstraint, Field, Index, SQLModel

from cantine.db import Money


class Reception(SQLModel, table=True):
    """One delivery checked at the door."""

    __tablename__ = "receptions"
    __table_args__ = (CheckConstraint("state IN ('en_cours', 'close')", "state"),)
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    supplier: str = Field(foreign_key="suppliers.code", index=True)
    order: int | None = Field(default=None, foreign_key="purchase_orders.id", index=True)
    date: Date
    state: str = Field(default="en_cours")
    delivery_note: str = Field(default="", description="number of the supplier's slip")
    note: str = Field(default="")
    started_at: datetime
    started_by: int | None = Field(default=None)
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None)
    version: int = Field(default=1, ge=1, description="raised by each change: two people editing")


class ReceptionLine(SQLModel, table=True):
    """Ordered, delivered, accepted; what hygiene and traceability ask for."""

    __tablename__ = "reception_lines"
    id: int | None = Field(default=None, primary_key=True)
    reception: int = Field(foreign_key="receptions.id", index=True)
    position: int = Field(ge=1)
    order_line: int | None = Field(default=None, foreign_key="order_lines.id", index=True)
    offer: str | None = Field(default=None, foreign_key="offers.code")
    food: str = Field(foreign_key="foods.code")
    name: str
    pack_g: int = Field(gt=0)
    ordered_g: int = Field(default=0, ge=0)
    delivered_g: int | None = Field(
        default=None, ge=0, description="weighed or counted; empty: not checked yet"
    )
    accepted_g: int | None = Field(default=None, ge=0)
    price_ht_per_kg: Decimal = Field(ge=0, sa_type=Money)
    temperature_c: float | None = Field(default=None, ge=-60, le=100)
    limit_c: float | None = Field(default=None, description="legal limit of its class that day")
    use_by: Date | None = Field(default=None, description="DLC or DDM")
    supplier_lot: str = Field(default="", description="lot number on the label")
    origin_country: str = Field(default="", description="FRANCE, EUROPE or MONDE as delivered")
    born_in: str = Field(default="", description="country, for beef")
    raised_in: str = Field(default="")
    slaughtered_in: str = Field(default="")
    label_proof: bool | None = Field(
        default=None, description="whether the label is on the product or the slip"
    )
    refusal: str = Field(
        default="",
        description="reason of a refusal: quantite, temperature, dlc, emballage, qualite, produit, label",
    )
    note: str = Field(default="")
    photo: int | None = Field(default=None, foreign_key="attachments.id")


class Inventory(SQLModel, table=True):
    """A count of a storage zone, or of the whole store."""

    __tablename__ = "inventories"
    __table_args__ = (CheckConstraint("state IN ('en_cours', 'valide', 'abandonne')", "state"),)
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    date: Date
    storage: str = Field(default="", description="storage zone; empty: all")
    state: str = Field(default="en_cours")
    created_at: datetime
    created_by: int | None = Field(default=None)
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None)
    version: int = Field(default=1, ge=1)


class InventoryLine(SQLModel, table=True):
    """One lot as the books have it and as it was counted."""

    __tablename__ = "inventory_lines"
    inventory: int = Field(primary_key=True, foreign_key="inventories.id")
    food: str = Field(primary_key=True, foreign_key="foods.code")
    expires_on: Date = Field(primary_key=True)
    expected_g: int = Field(ge=0)
    counted_g: int | None = Field(default=None, ge=0)
    price_ht_per_kg: Decimal = Field(ge=0, sa_type=Money)


class StockMove(SQLModel, table=True):
    """Food in or out of a lot. The lots of ``suppliers.StockLot`` are the sums of these rows, always."""

    __tablename__ = "stock_moves"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('ouverture', 'reception', 'sortie', 'perte', 'inventaire', 'correction')", "kind"
        ),
        Index("ix_stock_moves_kitchen_food", "kitchen", "food"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code")
    food: str = Field(foreign_key="foods.code")
    expires_on: Date
    grams: int = Field(description="positive in, negative out")
    kind: str
    date: Date = Field(index=True)
    at: datetime
    user_id: int | None = Field(default=None)
    price_ht_per_kg: Decimal = Field(ge=0, sa_type=Money)
    reason: str = Field(default="", description="French words")
    service_date: Date | None = Field(default=None, description="the meal an issue is for")
    reception_line: int | None = Field(default=None, foreign_key="reception_lines.id", index=True)
    inventory: int | None = Field(default=None, foreign_key="inventories.id")
