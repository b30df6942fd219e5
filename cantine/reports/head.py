"""The head and foot of every paper: where, when, from which figures."""

from dataclasses import dataclass
from datetime import date, timedelta

from cantine import french
from cantine.menus.grid import monday_of
from cantine.reports.reading import Reading

PLANNED = "chiffres planifiés"
DEMONSTRATION = "Données de démonstration"


@dataclass(frozen=True)
class Head:
    """Who prints what, for which days.

    Attributes:
        title: name of the paper.
        place: collège or kitchen, as diners know it.
        period: the days, in words.
        origin: where the figures come from (planned, ordered, estimated).
    """

    title: str
    place: str
    commune: str
    departement: str
    period: str
    origin: str
    demonstration: bool

    @property
    def area(self) -> str:
        """The département, in words that fit any of them."""
        return f"Département : {self.departement}" if self.departement else ""

    @property
    def foot(self) -> str:
        """The foot of every page: site, period, origin of the figures."""
        place = f"{self.place}, {self.commune}" if self.commune else self.place
        parts = (place, self.period, self.origin, DEMONSTRATION if self.demonstration else "")
        return " · ".join(part for part in parts if part)

    @property
    def full_title(self) -> str:
        """The title of the file: paper, place, period."""
        return ", ".join(part for part in (self.title, self.place, self.period) if part)


def make_head(reading: Reading, title: str, period: str, origin: str = PLANNED) -> Head:
    """The head of a paper of one kitchen."""
    return Head(
        title=title,
        place=reading.place,
        commune=reading.commune,
        departement=reading.settings.departement_name,
        period=period,
        origin=origin,
        demonstration=reading.settings.demonstration,
    )


def period_words(first: date, last: date) -> str:
    """« du lundi 4 au vendredi 8 janvier 2027 »; one day alone is « lundi 4 janvier 2027 »."""
    if first == last:
        return french.day(first, year=True)
    start = french.day(first, year=first.year != last.year)
    if (first.year, first.month) == (last.year, last.month):
        start = start.rsplit(" ", 1)[0]
    return f"du {start} au {french.day(last, year=True)}"


def weeks_between(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that two dates touch."""
    start = monday_of(first)
    return [start + timedelta(days=7 * n) for n in range((last - start).days // 7 + 1)]


def lower_first(name: str) -> str:
    """A name inside a sentence: « Huile d'olive » → « huile d'olive »."""
    return name[:1].lower() + name[1:]
