"""Papers by name: which sheets a report is made of, and a whole kitchen's block in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from cantine.errors import CantineError
from cantine.menus.grid import monday_of
from cantine.menus.models import Dish
from cantine.reports import pdf
from cantine.reports.allergens import allergen_table
from cantine.reports.comparison import comparison_paper
from cantine.reports.egalim_table import egalim_table
from cantine.reports.figures import SUNDAY, usual_collegiens
from cantine.reports.head import weeks_between
from cantine.reports.menu import weekly_menu
from cantine.reports.menu_layout import styles
from cantine.reports.order_sheets import ORDER_PAPERS, Asked, order_sheets
from cantine.reports.paper import Sheet
from cantine.reports.production import production_sheet
from cantine.reports.purchases import feeding_deliveries, purchase_list
from cantine.reports.reading import Reading, load_reading
from cantine.reports.recipe_sheet import recipe_sheet
from cantine.reports.store_sheets import NOTHING, STORE_PAPERS, store_sheets
from optim.units import BLOCK as MEALS

MENU, ALLERGENS, RECIPE = "menu-semaine", "allergenes", "fiche-recette"
PRODUCTION, PURCHASES, BLOCK = "fiche-production", "achats", "bloc"
COMPARISON, EGALIM = "comparaison", "tableau-egalim"
NO_ORDER = "Aucune commande approuvée à livrer sur cette période."
NOTHING_BOUGHT = "Aucun achat cette année-là jusqu'à ce jour : le tableau EGAlim est vide."
NOT_COMPARED = "Aucune comparaison terminée : lancez-la depuis la page « Comparer » de la cuisine."
NAMES = (
    *(MENU, ALLERGENS, RECIPE, PRODUCTION, PURCHASES, COMPARISON, EGALIM),
    *ORDER_PAPERS,
    *STORE_PAPERS,
    BLOCK,
)


class UnknownReportError(CantineError):
    """No report has this name."""

    status = 404

    def __init__(self, name: str) -> None:
        """Name the reports that exist."""
        super().__init__(f"L'impression « {name} » n'existe pas. Choisissez : {', '.join(NAMES)}.")


class NothingToPrintError(CantineError):
    """The period holds nothing."""

    status = 404
    message = "Rien à imprimer sur cette période : proposez d'abord des menus."


@dataclass(frozen=True)
class Request:
    """What to print for one kitchen.

    Attributes:
        last: empty for the usual length of the report from ``first`` on.
        recipe: code, for the fiche recette.
        diners: collégiens of the fiche recette; the usual ones if empty.
        today: deadlines before it are passed; ``first`` if empty.
        hour: the time in France: from a supplier's hour on, an order leaves tomorrow.
        supplier: code, for the papers of orders; all of them if empty.
        number: of one order, for its bon de commande and its control at the door.
        zone: storage zone of the inventory; all of them if empty.
    """

    name: str
    kitchen: str
    first: date
    last: date | None = None
    recipe: str = ""
    diners: int | None = None
    today: date | None = None
    hour: time = time.min
    supplier: str = ""
    number: str = ""
    zone: str = ""

    @property
    def stem(self) -> str:
        """File name of the whole, without extension."""
        return f"{self.name}-{self.kitchen}-{self.recipe or self.first.isoformat()}"


def sheets(session: Session, request: Request) -> list[Sheet]:
    """The sheets of a report, in order.

    Raises:
        UnknownReportError: no such report.
        NothingToPrintError: nothing planned in the period.
        NotFoundError: unknown kitchen or recipe.
    """
    if request.name not in NAMES:
        raise UnknownReportError(request.name)
    if request.name == RECIPE:
        return [_recipe(session, request)]
    if request.name == COMPARISON:
        return [_comparison(session, request)]
    if request.name == EGALIM:
        return [_egalim(session, request)]
    if request.name in ORDER_PAPERS:
        return [sheet for made in order_files(session, request).values() for sheet in made]
    if request.name in STORE_PAPERS:
        return _store(session, request)
    first, last = _period(session, request)
    reading = load_reading(session, request.kitchen, monday_of(first), max(last, monday_of(first) + SUNDAY))
    made = [
        sheet
        for name in ((MENU, ALLERGENS, PRODUCTION) if request.name == BLOCK else (request.name,))
        for sheet in _of_period(reading, name, first, last)
    ]
    if request.name in {PURCHASES, BLOCK}:
        made += _purchases(session, reading, request, first, last)
    if not made:
        raise NothingToPrintError
    return made


def order_files(session: Session, request: Request) -> dict[str, list[Sheet]]:
    """Papers of orders, by name of file: a producer's batch is one file.

    Raises:
        NothingToPrintError: no approved order in the period.
    """
    last = request.last or monday_of(request.first) + SUNDAY
    asked = Asked(
        first=request.first,
        last=last,
        today=request.today or request.first,
        kitchen=request.kitchen,
        supplier=request.supplier,
        number=request.number,
    )
    found = order_sheets(session, request.name, asked)
    if not found:
        raise NothingToPrintError(NO_ORDER)
    return found


def write_block(session: Session, kitchen: str, first: date, last: date, folder: Path) -> list[Path]:
    """Every paper of a block of services, one file each."""
    return write(sheets(session, Request(BLOCK, kitchen, first, last)), folder)


def write(made: list[Sheet], folder: Path) -> list[Path]:
    """One PDF per sheet in a folder, made if needed."""
    return write_files({sheet.stem: [sheet] for sheet in made}, folder)


def write_files(files: Mapping[str, Sequence[Sheet]], folder: Path) -> list[Path]:
    """PDFs in a folder, made if needed, by name without extension."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for stem, made in files.items():
        path = folder / f"{stem}.pdf"
        path.write_bytes(pdf.render(made))
        paths.append(path)
    return paths


def title_of(made: list[Sheet], request: Request) -> str:
    """Title of the file that holds all the sheets; that of the only one otherwise."""
    head = made[0].head
    return head.full_title if len(made) == 1 else f"Impressions, {head.place}, {request.first.isoformat()}"


def _period(session: Session, request: Request) -> tuple[date, date]:
    """The dates asked, or the usual length: a week, a service, a block."""
    first = request.first
    if request.last:
        return first, request.last
    if request.name in {PRODUCTION, BLOCK}:
        count = 1 if request.name == PRODUCTION else MEALS
        days = session.exec(
            select(col(Dish.date))
            .where(Dish.kitchen == request.kitchen, Dish.date >= first)
            .distinct()
            .order_by(col(Dish.date))
            .limit(count)
        ).all()
        return (days[0] if request.name == PRODUCTION and days else first), max(days, default=first)
    return first, (first if request.name == PURCHASES else monday_of(first)) + SUNDAY


def _of_period(reading: Reading, name: str, first: date, last: date) -> list[Sheet]:
    cooked = [d for d in reading.dishes if reading.services[d].status != "exclu"]
    weeks = [
        monday for monday in weeks_between(first, last) if any(monday <= d <= monday + SUNDAY for d in cooked)
    ]
    if name == MENU:
        return [_menu(reading, monday) for monday in weeks]
    if name == ALLERGENS:
        return [_allergens(reading, monday) for monday in weeks]
    if name == PRODUCTION:
        return [_production(reading, day) for day in sorted(cooked) if first <= day <= last]
    return []


def _menu(reading: Reading, monday: date) -> Sheet:
    figures = weekly_menu(reading, monday)
    stem = f"{MENU}-{reading.kitchen.code}-{monday.isoformat()}"
    return Sheet(stem, "menu.html", figures.head, figures, styles(figures))


def _allergens(reading: Reading, monday: date) -> Sheet:
    figures = allergen_table(reading, monday)
    stem = f"{ALLERGENS}-{reading.kitchen.code}-{monday.isoformat()}"
    return Sheet(stem, "allergens.html", figures.head, figures)


def _production(reading: Reading, day: date) -> Sheet:
    figures = production_sheet(reading, day)
    stem = f"{PRODUCTION}-{reading.kitchen.code}-{day.isoformat()}"
    return Sheet(stem, "production.html", figures.head, figures)


def _recipe(session: Session, request: Request) -> Sheet:
    tomorrow = request.first + timedelta(days=1)
    reading = load_reading(session, request.kitchen, request.first, tomorrow, request.recipe)
    diners = request.diners or usual_collegiens(session, request.kitchen, request.first)
    figures = recipe_sheet(reading, request.recipe, diners, request.first)
    return Sheet(request.stem, "recipe.html", figures.head, figures)


def _store(session: Session, request: Request) -> list[Sheet]:
    """Papers of the store; a control at the door asked without dates is that of the day."""
    last = request.last or request.first
    made = store_sheets(
        session, request.name, request.kitchen, request.first, last, request.number, request.zone
    )
    if not made:
        raise NothingToPrintError(NOTHING[request.name])
    return made


def _comparison(session: Session, request: Request) -> Sheet:
    figures = comparison_paper(session, request.kitchen)
    if figures is None:
        raise NothingToPrintError(NOT_COMPARED)
    return Sheet(f"{COMPARISON}-{request.kitchen}", "comparison.html", figures.head, figures)


def _egalim(session: Session, request: Request) -> Sheet:
    """The calendar year of the last day asked, until that day."""
    last = request.last or request.first
    figures = egalim_table(session, request.kitchen, last)
    if figures is None:
        raise NothingToPrintError(NOTHING_BOUGHT)
    return Sheet(f"{EGALIM}-{request.kitchen}-{last.isoformat()}", "egalim.html", figures.head, figures)


def _purchases(session: Session, reading: Reading, request: Request, first: date, last: date) -> list[Sheet]:
    """Deliveries of the period; those that feed its services for a block."""
    if request.name == BLOCK:
        first, last = feeding_deliveries(session, request.kitchen, first, last) or (first, last)
    figures = purchase_list(session, reading, first, last, request.today or request.first, request.hour)
    stem = f"{PURCHASES}-{reading.kitchen.code}-{first.isoformat()}"
    return [Sheet(stem, "purchases.html", figures.head, figures)] if figures.suppliers else []
