"""Tables of services and their dishes."""

from datetime import date as Date  # noqa: N812
from datetime import datetime

from sqlalchemy import Text
from sqlmodel import CheckConstraint, Field, ForeignKeyConstraint, SQLModel


class Service(SQLModel, table=True):
    """One meal of a kitchen on a date. The headcount lives here, once; everything reads it."""

    __tablename__ = "services"
    __table_args__ = (CheckConstraint("status IN ('servi', 'prevu', 'valide', 'exclu')", "status"),)
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    date: Date = Field(primary_key=True, description="Date")
    maternelle: int = Field(default=0, ge=0, description="Convives de maternelle")
    elementaire: int = Field(default=0, ge=0, description="Convives d'élémentaire")
    college: int = Field(default=0, ge=0, description="Collégiens")
    adulte: int = Field(default=0, ge=0, description="Adultes")
    status: str = Field(default="prevu", description="servi, prevu, valide ou exclu")
    moment: str = Field(default="dejeuner", description="dejeuner ; le dîner des internes viendra plus tard")
    note: str = Field(default="", description="Note, raison")
    version: int = Field(default=1, ge=1, description="Version, pour l'édition à plusieurs")


class Dish(SQLModel, table=True):
    """A recipe on a service."""

    __tablename__ = "dishes"
    __table_args__ = (
        ForeignKeyConstraint(["kitchen", "date"], ["services.kitchen", "services.date"]),
        CheckConstraint("slot IN ('entree', 'plat', 'garniture', 'laitier', 'dessert')", "slot"),
    )
    kitchen: str = Field(primary_key=True, description="Cuisine")
    date: Date = Field(primary_key=True, description="Date")
    slot: str = Field(primary_key=True, description="entree, plat, garniture, laitier ou dessert")
    choice: int = Field(primary_key=True, ge=1, le=3, description="Rang du choix")
    recipe: str = Field(foreign_key="recipes.code", description="Recette")
    share_permille: int = Field(
        default=1000, gt=0, le=1000, description="Part des convives qui ont tous les choix, pour mille"
    )
    locked: bool = Field(default=False, description="Gardé par le chef")
    chosen_by: str = Field(default="chef", description="proposition, chef ou historique")


class Ban(SQLModel, table=True):
    """A recipe set aside for a date."""

    __tablename__ = "bans"
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    date: Date = Field(primary_key=True, description="Date")
    recipe: str = Field(primary_key=True, foreign_key="recipes.code", description="Recette écartée")


class AnnouncedMenu(SQLModel, table=True):
    """A menu as diners were told it: when its day was validated, then each time it changed since.

    Rows are added, never changed but for their reason: what was announced stays readable.
    """

    __tablename__ = "announced_menus"
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code")
    date: Date = Field(primary_key=True)
    number: int = Field(
        primary_key=True, ge=1, description="1 for the first announcement, one more per change"
    )
    dishes: str = Field(
        sa_type=Text,
        description="JSON: [slot, choice, recipe, name] of each dish; none: the meal is withdrawn",
    )
    at: datetime
    by: int | None = Field(default=None, description="who validated; nobody known: empty")
    reason: str = Field(default="", description="why it changed, for the kitchen only")
