"""What the papers of the store say: a delivery to check, a meal to take out, a store to count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from cantine import french
from cantine.foods.models import Food
from cantine.foods.temperatures import SOURCE
from cantine.kitchens.headcount import get_kitchen
from cantine.kitchens.models import Commune
from cantine.kitchens.settings import load_settings
from cantine.menus.models import Service
from cantine.menus.portions import diners_of
from cantine.orders import life
from cantine.orders.models import OrderLine, PurchaseOrder
from cantine.reports.head import Head
from cantine.stores import hygiene
from cantine.stores.issues import Wanted, issue_sheet
from cantine.stores.stock import load_store
from cantine.suppliers.models import Supplier
from cantine.words import word


@dataclass(frozen=True)
class CheckLine:
    """One product to check: what is expected, and which blanks it needs."""

    name: str
    labels: str
    pack: str
    packs: int
    grams: int
    limit: str
    origin: tuple[str, ...]


@dataclass(frozen=True)
class CheckPaper:
    """A delivery to check by hand."""

    head: Head
    supplier: str
    number: str
    lines: tuple[CheckLine, ...]
    reasons: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class IssueLine:
    """One food of a meal: what it takes, from which lots; ``lacking_g``: what the store does not have."""

    name: str
    dishes: str
    grams: int
    issued_g: int
    lots: tuple[tuple[str, int], ...]
    lacking_g: int


@dataclass(frozen=True)
class IssuePaper:
    """What a meal takes out of the store."""

    head: Head
    meals: int
    foods: tuple[IssueLine, ...]
    staples: tuple[IssueLine, ...]


@dataclass(frozen=True)
class CountZone:
    """A zone to count: product, date, grams in the books."""

    name: str
    lots: tuple[tuple[str, str, int], ...]
    value_ht: Decimal


@dataclass(frozen=True)
class CountPaper:
    """The store to count, with blanks to fill."""

    head: Head
    zones: tuple[CountZone, ...]
    value_ht: Decimal


def check_paper(session: Session, order: PurchaseOrder) -> CheckPaper:
    """The paper of one order; drafts have none."""
    title = f"Contrôle à réception, commande {order.number}"
    period = f"livraison du {french.day(order.delivery, year=True)}"
    return CheckPaper(
        head=_head(session, order.kitchen, title, period, "quantités attendues"),
        supplier=session.get_one(Supplier, order.supplier).name,
        number=order.number,
        lines=tuple(
            _check_line(session, line, order.delivery)
            for line in life.lines_of(session, order)
            if life.expected_packs(line)
        ),
        reasons=tuple(hygiene.REASONS.values()),
        source=SOURCE,
    )


def _check_line(session: Session, line: OrderLine, day: date) -> CheckLine:
    food, packs = session.get_one(Food, line.food), life.expected_packs(line)
    return CheckLine(
        name=line.name,
        labels=", ".join(word(label) for label in line.labels),
        pack=line.pack_label or french.kg(line.pack_g),
        packs=packs,
        grams=packs * line.pack_g,
        limit=hygiene.limit_words(food),
        origin=tuple(hygiene.ORIGIN_WORDS[part].lower() for part in hygiene.origin_parts(food, day)),
    )


def issue_paper(session: Session, kitchen: str, day: date) -> IssuePaper | None:
    """The paper of one meal; None where no dish is planned."""
    sheet = issue_sheet(session, kitchen, day)
    if not sheet.rows:
        return None
    service = session.get_one(Service, (kitchen, day))
    title, period = "Sortie de stock", f"repas du {french.day(day, year=True)}"
    return IssuePaper(
        head=_head(session, kitchen, title, period, "recettes et effectif du repas"),
        meals=sum(diners_of(service).values()),
        foods=tuple(map(_issue_line, sheet.wanted)),
        staples=tuple(map(_issue_line, sheet.staples)),
    )


def _issue_line(row: Wanted) -> IssueLine:
    return IssueLine(
        name=row.need.food.name,
        dishes=", ".join(row.need.dishes),
        grams=row.need.grams,
        issued_g=row.issued_g,
        lots=tuple((french.full_date(pick.lot.expires_on), pick.grams) for pick in row.picks if pick.grams),
        lacking_g=row.lacking_g,
    )


def count_paper(session: Session, kitchen: str, today: date, zone: str = "") -> CountPaper | None:
    """The paper of the whole store, or of a zone; None where nothing is there."""
    store = load_store(session, kitchen, today, zone)
    if not store.zones:
        return None
    return CountPaper(
        head=_head(session, kitchen, "Inventaire", french.day(today, year=True), "stock en livre"),
        zones=tuple(
            CountZone(
                area.name,
                tuple(_by_name((one.food.name, one.lot.expires_on, one.lot.grams) for one in area.lots)),
                area.value_ht,
            )
            for area in store.zones
        ),
        value_ht=store.value_ht,
    )


def _by_name(lots: Iterable[tuple[str, date, int]]) -> list[tuple[str, str, int]]:
    """A shelf is counted by name: the alphabet first, then the date."""
    order = sorted(lots, key=lambda lot: (french.fold(lot[0]), lot[1]))
    return [(name, french.full_date(day), grams) for name, day, grams in order]


def _head(session: Session, code: str, title: str, period: str, origin: str) -> Head:
    kitchen, settings = get_kitchen(session, code), load_settings(session)
    commune = session.get(Commune, kitchen.insee)
    return Head(
        title=title,
        place=kitchen.name,
        commune=commune.name if commune else "",
        departement=settings.departement_name,
        period=period,
        origin=origin,
        demonstration=settings.demonstration,
    )
