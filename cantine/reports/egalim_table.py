"""The paper « tableau EGAlim »: what was bought in a period, by family and label, beside the law."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from cantine import french
from cantine.egalim.balance import Balance, load_balance
from cantine.egalim.places import load_places
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.settings import load_settings
from cantine.reports.head import Head

TITLE = "Tableau EGAlim"


@dataclass(frozen=True)
class EgalimTable:
    """What the paper shows.

    Attributes:
        balance: figures of the calendar year until the last day.
        siret: of the establishment, with what is not sure about it.
        local_words: what « local » means here.
    """

    head: Head
    balance: Balance
    siret: str
    local_words: str


def egalim_table(session: Session, kitchen: str, last: date) -> EgalimTable | None:
    """The table of the calendar year of a day, until that day; None while nothing was bought."""
    get_kitchen(session, kitchen)
    balance = load_balance(session, last.year, last, [kitchen])
    if not balance.bought:
        return None
    place, settings = load_places(session, [kitchen])[kitchen], load_settings(session)
    origin = " et ".join(f"{words} {french.euros(amount, 0)}" for amount, words in balance.parts)
    head = Head(
        title=TITLE,
        place=place.name,
        commune=place.commune,
        departement=settings.departement_name,
        period=f"du 1er janvier au {french.full_date(last)}",
        origin=f"achats HT {origin}",
        demonstration=settings.demonstration,
    )
    number = f"SIRET {place.siret}" if place.siret else "SIRET inconnu"
    return EgalimTable(
        head, balance, f"{number} (estimé)" if place.estimated else number, settings.local_words
    )
