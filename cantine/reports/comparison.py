"""The paper of a comparison: menus and purchases chosen together against menus made first."""

from dataclasses import dataclass

from sqlmodel import Session

from cantine.planning import comparison
from cantine.planning.comparison import Row
from cantine.reports.head import Head, make_head, period_words
from cantine.reports.reading import load_reading

TITLE, ORIGIN = "Comparaison avec les menus faits d'abord", "chiffres calculés, rien n'est commandé"


@dataclass(frozen=True)
class ComparisonPaper:
    """Three plans side by side.

    Attributes:
        gains: what is won, or that nothing is, in sentences.
        note: how the three were made.
        interrupted: whether somebody stopped the comparison before its end.
    """

    head: Head
    services: int
    meals: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    gains: tuple[str, ...]
    note: str
    interrupted: bool


def comparison_paper(session: Session, kitchen: str) -> ComparisonPaper | None:
    """The last finished comparison of a kitchen; None where there is none to show."""
    run = comparison.last_finished(session, kitchen)
    found = comparison.read(run) if run is not None else None
    if found is None:
        return None
    reading = load_reading(session, kitchen, found.first, found.first)
    return ComparisonPaper(
        head=make_head(reading, TITLE, period_words(found.first, found.last), ORIGIN),
        services=found.services,
        meals=found.meals,
        columns=found.columns,
        rows=found.rows,
        gains=found.gains,
        note=comparison.NOTE,
        interrupted=found.interrupted,
    )
