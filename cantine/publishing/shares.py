"""Shares of the purchases that diners must be told each year (L230-5-3 CRPM)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from cantine.egalim.year import Purchases, declared_purchases

PURCHASES_OF = declared_purchases
"""Where the purchases of a kitchen's year are read: the one line to change when they are read elsewhere."""

ORIGINS = {
    "source": "d'après les factures",
    "declare": "déclarés par l'établissement",
    "estime": "estimés",
    "demonstration": "inventés pour la démonstration",
}
DECEMBER = 12
LAST_DAY = 31


@dataclass(frozen=True)
class PublicShares:
    """Shares of the food bought in a calendar year, as fractions of its value HT.

    Attributes:
        until: last day counted.
        complete: the whole year is.
        origin: « source », « declare », « estime »…
        meat_fish: None where no meat nor fish was bought.
        pat: products of a projet alimentaire territorial; None: not known.
    """

    year: int
    until: date
    complete: bool
    origin: str
    egalim: float
    bio: float
    meat_fish: float | None
    pat: float | None = None

    @property
    def origin_words(self) -> str:
        """Where the figures come from."""
        return ORIGINS.get(self.origin, self.origin)

    @property
    def estimated(self) -> bool:
        """Whether they are a guess."""
        return self.origin in {"estime", "demonstration"}


def public_shares(session: Session, kitchen: str, today: date) -> PublicShares | None:
    """The last calendar year if the whole of it is known, else what is known of this year or of the last.

    None while nothing is.
    """
    last, this = (_shares(session, kitchen, year) for year in (today.year - 1, today.year))
    return last if last and last.complete else this or last


def _shares(session: Session, kitchen: str, year: int) -> PublicShares | None:
    declared = PURCHASES_OF(session, kitchen, year)
    if declared is None or not declared.purchases.total:
        return None
    bought: Purchases = declared.purchases
    return PublicShares(
        year=year,
        until=declared.until,
        complete=(declared.until.month, declared.until.day) == (DECEMBER, LAST_DAY),
        origin=declared.origin,
        egalim=bought.share("egalim") or 0.0,
        bio=bought.share("bio") or 0.0,
        meat_fish=bought.share("meat_fish"),
    )
