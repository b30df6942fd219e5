"""Tables of people: users, their roles and kitchens, and the journal of changes."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import CheckConstraint, Field, SQLModel

ROLES = ("chef", "acheteur", "gestionnaire", "departement", "administrateur")


class User(SQLModel, table=True):
    """A person who signs in."""

    __tablename__ = "users"
    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True, index=True, description="e-mail or short name, lower case")
    name: str
    password_hash: str
    must_change: bool = Field(default=True, description="first password is temporary")
    active: bool = True
    demo: bool = Field(default=False, description="refused in production")
    session_epoch: int = Field(default=1, description="raised by a reset: ends the other sessions")
    created_at: datetime
    last_seen_at: datetime | None = None
    anonymised_at: datetime | None = None


class Grant(SQLModel, table=True):
    """A role held for one kitchen, or for the whole département (empty kitchen)."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(
            "role IN ('chef', 'acheteur', 'gestionnaire', 'departement', 'administrateur')", "role"
        ),
    )
    user_id: int = Field(primary_key=True, foreign_key="users.id")
    role: str = Field(primary_key=True)
    kitchen: str = Field(default="", primary_key=True, description="key of a kitchen, not a foreign key")


class JournalEntry(SQLModel, table=True):
    """Who changed what, when, from what to what."""

    __tablename__ = "journal"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    user_id: int | None = Field(default=None, foreign_key="users.id")
    kitchen: str = Field(default="", index=True)
    subject: str = Field(description="menu, effectif, critere, droit, table…")
    key: str = Field(description="what was changed")
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)


class Draft(SQLModel, table=True):
    """Typed but not saved: kept when a shared PC signs out."""

    __tablename__ = "drafts"
    user_id: int = Field(primary_key=True, foreign_key="users.id")
    form: str = Field(primary_key=True, description="path of the page and name of the form")
    content: str = Field(sa_type=Text, description="JSON of the fields")
    saved_at: datetime
