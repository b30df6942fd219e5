"""Shares of the purchases that diners must be told each year (L230-5-3 CRPM)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from cantine.egalim.shares import figures_between
from cantine.egalim.words import SOURCES
from cantine.egalim.year import KitchenYear, kitchen_year
from cantine.orders.models import Purchase

DECLARED = {"source": "facturés", "declare": "déclarés par l'établissement", "estime": "estimés"}
GUESSED = "generation"
PAT = "PAT"
JANUARY, DECEMBER = 1, 12


@dataclass(frozen=True)
class PublicShares:
    """Shares of the food bought in a calendar year, as fractions of its value HT.

    Attributes:
        first: first day counted.
        last: last day counted.
        complete: the year is over, and known from January to December.
        origin_words: how far the figures are known, after « chiffres ».
        estimated: some of them are a guess.
        meat_fish: None where no meat nor fish was bought.
        pat: products of a projet alimentaire territorial; None: not known.
    """

    year: int
    first: date
    last: date
    complete: bool
    origin_words: str
    estimated: bool
    egalim: float
    bio: float
    meat_fish: float | None
    pat: float | None


def public_shares(session: Session, kitchen: str, today: date) -> PublicShares | None:
    """The last calendar year if the whole of it is known, else what is known of this year, or of the last.

    None while nothing is.
    """
    last = _shares(session, kitchen, date(today.year - 1, DECEMBER, 31), today)
    if last and last.complete:
        return last
    return _shares(session, kitchen, today, today) or last


def _shares(session: Session, kitchen: str, until: date, today: date) -> PublicShares | None:
    """What is known of a year until a day."""
    year = kitchen_year(session, kitchen, until.year, until)
    bought = year.bought
    if bought.total <= 0:
        return None
    first, last = _dates(session, kitchen, year, until)
    return PublicShares(
        year=until.year,
        first=first,
        last=last,
        complete=until.year < today.year and (first.month, last.month) == (JANUARY, DECEMBER),
        origin_words=_origin(year),
        estimated=GUESSED in year.figures.sources
        or (year.declared is not None and year.declared.origin == "estime"),
        egalim=bought.share("egalim") or 0.0,
        bio=bought.share("bio") or 0.0,
        meat_fish=bought.share("meat_fish"),
        pat=_pat(session, kitchen, year, until),
    )


def _dates(session: Session, kitchen: str, year: KitchenYear, until: date) -> tuple[date, date]:
    """First and last day counted: totals that were declared start on 1 January."""
    start = date(until.year, JANUARY, 1)
    lines = select(func.min(Purchase.date), func.max(Purchase.date)).where(
        Purchase.kitchen == kitchen, col(Purchase.date).between(start, until)
    )
    first, last = session.exec(lines).one()
    known = [day for day in (last, year.declared.until if year.declared else None) if day]
    return (start if year.declared else first or start), max(known, default=until)


def _origin(year: KitchenYear) -> str:
    """« déclarés par l'établissement, puis facturés »."""
    since = [word for source, word in SOURCES.items() if year.figures.sources.get(source)]
    declared = [DECLARED.get(year.declared.origin, year.declared.origin)] if year.declared else []
    return ", puis ".join([*declared, *([" et ".join(since)] if since else [])])


def _pat(session: Session, kitchen: str, year: KitchenYear, until: date) -> float | None:
    """Known only where every purchase is a line of the ledger, and some are said to come from a PAT."""
    if year.declared is not None:
        return None
    start, said = date(until.year, JANUARY, 1), col(Purchase.local_definition) == PAT
    found = figures_between(session, start, until, [kitchen], said).get(kitchen)
    return float(found.total / year.figures.total) if found and found.total > 0 else None
