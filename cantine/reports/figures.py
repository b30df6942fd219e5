"""The figures of each paper: one function per report, from the database to a frozen dataclass.

The dataclasses hold words and numbers, never rows: screens, PDFs and tests read the same ones.
"""

from datetime import date, timedelta

from sqlmodel import Session

from cantine.kitchens.headcount import load_diners
from cantine.menus.grid import monday_of
from cantine.reports.allergens import AllergenTable
from cantine.reports.allergens import allergen_table as _allergen_table
from cantine.reports.menu import WeeklyMenu
from cantine.reports.menu import weekly_menu as _weekly_menu
from cantine.reports.production import ProductionSheet
from cantine.reports.production import production_sheet as _production_sheet
from cantine.reports.purchases import PurchaseList
from cantine.reports.purchases import purchase_list as _purchase_list
from cantine.reports.reading import load_reading
from cantine.reports.recipe_sheet import BASE, RecipeSheet
from cantine.reports.recipe_sheet import recipe_sheet as _recipe_sheet
from optim.terms import Niveau

SUNDAY = timedelta(days=6)
WEEKDAYS = 5


def weekly_menu(session: Session, kitchen: str, day: date) -> WeeklyMenu:
    """The menu of the week of ``day``."""
    monday = monday_of(day)
    return _weekly_menu(load_reading(session, kitchen, monday, monday + SUNDAY), monday)


def allergen_table(session: Session, kitchen: str, day: date) -> AllergenTable:
    """The allergens of the week of ``day``."""
    monday = monday_of(day)
    return _allergen_table(load_reading(session, kitchen, monday, monday + SUNDAY), monday)


def production_sheet(session: Session, kitchen: str, day: date) -> ProductionSheet:
    """What the kitchen makes on ``day``."""
    return _production_sheet(load_reading(session, kitchen, day, day), day)


def purchase_list(session: Session, kitchen: str, first: date, last: date, today: date) -> PurchaseList:
    """What is to be delivered between two dates."""
    return _purchase_list(session, load_reading(session, kitchen, first, last), first, last, today)


def recipe_sheet(
    session: Session, kitchen: str, recipe: str, day: date, diners: int | None = None
) -> RecipeSheet:
    """A recipe at the prices of ``day``, for ``diners`` collégiens or for the kitchen's usual ones."""
    reading = load_reading(session, kitchen, day, day, recipe)
    return _recipe_sheet(reading, recipe, diners or usual_collegiens(session, kitchen, day), day)


def usual_collegiens(session: Session, kitchen: str, day: date) -> int:
    """The collégiens of the fullest day of the week of ``day``; a hundred where there are none."""
    usual = load_diners(session, kitchen)
    monday = monday_of(day)
    week = (usual.on(monday + timedelta(days=n))[Niveau.COLLEGE] for n in range(WEEKDAYS))
    return max(week) or BASE
