"""Table of the purchases of a year before the system knew them."""

from datetime import date as Date  # noqa: N812
from decimal import Decimal

from sqlmodel import CheckConstraint, Field, SQLModel

from cantine.db import Money


class YearTotal(SQLModel, table=True):
    """Food bought by a kitchen from 1 January to a date, euros HT, as ma cantine counts it."""

    __tablename__ = "year_totals"
    __table_args__ = (
        CheckConstraint("egalim_ht <= total_ht", "egalim_within"),
        CheckConstraint("bio_ht <= egalim_ht", "bio_within"),
        CheckConstraint("meat_fish_ht <= total_ht", "meat_fish_within"),
        CheckConstraint("meat_fish_egalim_ht <= meat_fish_ht", "meat_fish_egalim_within"),
    )
    kitchen: str = Field(primary_key=True, foreign_key="kitchens.code", description="Cuisine")
    year: int = Field(primary_key=True, ge=2000, le=2100, description="Année civile")
    until: Date = Field(description="Achats comptés jusqu'à cette date incluse")
    total_ht: Decimal = Field(ge=0, sa_type=Money, description="Achats alimentaires, € HT")
    egalim_ht: Decimal = Field(
        ge=0, sa_type=Money, description="Dont durables et de qualité, bio compris, € HT"
    )
    bio_ht: Decimal = Field(ge=0, sa_type=Money, description="Dont bio, € HT")
    meat_fish_ht: Decimal = Field(ge=0, sa_type=Money, description="Viandes et poissons, € HT")
    meat_fish_egalim_ht: Decimal = Field(
        ge=0, sa_type=Money, description="Dont viandes et poissons durables et de qualité, € HT"
    )
    origin: str = Field(default="declare", description="Origine : source, estime, declare")
