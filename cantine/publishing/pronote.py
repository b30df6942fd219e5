"""A week of menus to paste into PRONOTE: tab-separated, one row per day, one column per course."""

from collections.abc import Iterable
from datetime import date

from cantine.menus.signs import SLOT_WORDS
from cantine.publishing.served import Served
from optim.terms import Slot

TAB = "\t"
HEADER = ("Date", *(SLOT_WORDS[slot] for slot in Slot), "Publié", "Repas du soir")
CHOICE = " / "


def pronote_week(served: Served, days: Iterable[date]) -> str:
    """The validated days among ``days``, under the names of the columns; nothing if there is none."""
    rows = [_row(served, day) for day in days if served.reading.dishes.get(day)]
    return "\n".join(TAB.join(cells) for cells in (HEADER, *rows)) if rows else ""


def _row(served: Served, day: date) -> tuple[str, ...]:
    return (f"{day:%d/%m/%Y}", *(_course(served, day, slot) for slot in Slot), "Oui", "Non")


def _course(served: Served, day: date, slot: Slot) -> str:
    """Choices of a course; neither tab nor line break, which would move the columns."""
    names = (
        served.reading.book[dish.recipe].recipe.name
        for dish in served.reading.dishes[day]
        if dish.slot == slot.value
    )
    return CHOICE.join(" ".join(name.split()) for name in names)
