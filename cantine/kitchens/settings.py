"""The choices of the département, read from the table of settings."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from cantine.errors import NotFoundError
from cantine.kitchens.models import Setting


@dataclass(frozen=True)
class Settings:
    """Choices of the département, with the values used where nothing is set."""

    departement_name: str = ""
    reference_date: date | None = None
    demonstration: bool = False
    local_km: int = 80
    local_definition: str = "KM"
    bread_food: str = ""
    staples_cents_per_meal: int = 10
    staples_vat_permille: int = 55

    @property
    def local_words(self) -> str:
        """« Local », always with its definition."""
        return f"local : produit à moins de {self.local_km} km de la cuisine, à vol d'oiseau"


def load_settings(session: Session) -> Settings:
    """Read the settings.

    Raises:
        NotFoundError: a value cannot be read, named with its key.
    """
    rows = {row.key: row.value for row in session.exec(select(Setting))}
    default = Settings()
    try:
        return Settings(
            departement_name=rows.get("departement_name", ""),
            reference_date=date.fromisoformat(rows["reference_date"]) if rows.get("reference_date") else None,
            demonstration=rows.get("demonstration", "") == "true",
            local_km=int(rows.get("local_km") or default.local_km),
            local_definition=rows.get("local_definition") or default.local_definition,
            bread_food=rows.get("bread_food", ""),
            staples_cents_per_meal=int(rows.get("staples_cents_per_meal") or default.staples_cents_per_meal),
            staples_vat_permille=int(rows.get("staples_vat_permille") or default.staples_vat_permille),
        )
    except ValueError as error:
        raise NotFoundError(f"Un réglage du département ne se lit pas : {error}.") from error


def today(session: Session, clock: date) -> date:
    """The day shown to people: the reference date of a demonstration, else the clock's."""
    settings = load_settings(session)
    return settings.reference_date if settings.demonstration and settings.reference_date else clock
