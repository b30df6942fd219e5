"""Tables of planning: profiles of prices, runs (the ledger of long work), planned purchases, mishaps."""

from datetime import date as Date  # noqa: N812
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Text
from sqlmodel import CheckConstraint, Field, SQLModel

from cantine.db import Money


class Profile(SQLModel, table=True):
    """A named set of prices, readable by a manager."""

    __tablename__ = "profiles"
    code: str = Field(primary_key=True, description="Code du profil")
    name: str = Field(description="Nom")
    local_permille: int = Field(ge=0, description="Un euro local vaut ceci en plus, pour mille")
    quality_permille: int = Field(
        ge=0, description="Un euro durable ou de qualité vaut ceci en plus, pour mille"
    )
    shortfall_permille: int = Field(
        ge=0, description="Prix d'un euro manquant à l'objectif EGAlim, pour mille"
    )
    waste_cents_per_kg: int = Field(ge=0, description="Prix d'un kg de restes attendus, centimes")
    co2e_cents_per_kg: int = Field(ge=0, description="Prix d'un kg de CO2e, centimes")
    taste_cents_per_100: int = Field(ge=0, description="Prix de 100 convives qui n'aiment pas, centimes")
    repetition_cents: int = Field(ge=0, description="Prix d'une fréquence glissante dépassée, centimes")


class Run(SQLModel, table=True):
    """One proposal: the ledger of the work. The queue is only a doorbell.

    ``token`` is the fencing token: a worker writes only under the token it claimed.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("state IN ('attente', 'calcul', 'fini', 'echec', 'annule')", "state"),
        CheckConstraint("kind IN ('proposition', 'reparation', 'frontiere', 'comparaison')", "kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    kind: str = Field(default="proposition")
    first_date: Date
    services: int = Field(default=20, ge=1, le=60)
    profile: str = Field(default="equilibre")
    time_limit: int = Field(default=60, ge=1, le=3600)
    seed: int = Field(default=0)
    state: str = Field(default="attente", index=True)
    decision: str = Field(default="", description="accepte, ecarte, or empty while undecided")
    created_at: datetime
    created_by: int | None = Field(default=None)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = Field(default=None, description="UTC; expired: another worker may claim")
    attempts: int = Field(default=0)
    token: str = Field(default="")
    cancel: bool = Field(default=False)
    progress: str = Field(default="{}", sa_type=Text, description="JSON: seconds, objective, bound, history")
    instance: str = Field(default="", sa_type=Text, description="JSON of optim.Instance")
    versions: str = Field(default="{}", sa_type=Text, description="JSON: version of each service then")
    request: str = Field(default="{}", sa_type=Text, description="JSON: what was asked beside a plan")
    result: str = Field(default="", sa_type=Text, description="JSON of optim.Result")
    findings: str = Field(default="{}", sa_type=Text, description="JSON: what was found beside a plan")
    error: str = Field(default="", sa_type=Text, description="French sentence shown to the chief")


class PlannedPurchase(SQLModel, table=True):
    """Packs to order, from the accepted proposal."""

    __tablename__ = "planned_purchases"
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code")
    delivery: Date = Field(primary_key=True)
    offer: str = Field(primary_key=True, foreign_key="offers.code")
    packs: int = Field(gt=0)
    price_ht: Decimal = Field(gt=0, sa_type=Money, description="price of one pack when planned")


class PlannedUse(SQLModel, table=True):
    """What a delivery, or a lot of the stock, feeds."""

    __tablename__ = "planned_uses"
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    date: Date
    food: str = Field(foreign_key="foods.code")
    grams: int = Field(gt=0)
    offer: str | None = Field(default=None, foreign_key="offers.code")
    delivery: Date | None = None
    lot_expires_on: Date | None = None


class Mishap(SQLModel, table=True):
    """What goes otherwise than planned, as told to the software; every later plan knows it.

    ``offre``: an offer is withdrawn. ``livraison``: of an offer only ``packs`` come on a day.
    ``froid``: a storage zone is out of order. Strikes are closures, headcounts live in services.
    """

    __tablename__ = "mishaps"
    __table_args__ = (CheckConstraint("kind IN ('offre', 'livraison', 'froid')", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    kitchen: str = Field(foreign_key="kitchens.code", index=True)
    kind: str
    offer: str | None = Field(default=None, foreign_key="offers.code")
    packs: int | None = Field(default=None, ge=0, description="what comes of a short delivery")
    storage: str = Field(default="", description="storage zone out of order")
    first_date: Date
    last_date: Date
    note: str = Field(default="")
    created_at: datetime
    created_by: int | None = Field(default=None)
