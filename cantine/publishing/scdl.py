"""Menus and dishes as open data: SCDL menus-collectifs 1.2.3 and plats-menus-collectifs 0.7.2.

Traps of the schemas: lists are JSON arrays, whatever their text says of semicolons; « sans porc » ends
with a space in their list of diets; a dish's code holds 16 characters at most. Suppliers' names are
optional there and left out: a producer may be a person.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from cantine.errors import CantineError
from cantine.foods.models import Food
from cantine.kitchens.models import College, Kitchen, Site
from cantine.menus.models import Dish, Service
from cantine.publishing.scdl_cells import allergens_cell, array, dish_code, labels_of, moment
from cantine.publishing.scdl_words import (
    CHANGED,
    COURSES,
    MENU_COLUMNS,
    OTHER_LABELS,
    PLAT_COLUMNS,
    SIQO,
    TO_CONFIRM,
    VEGETARIAN,
    WITHOUT_PORK,
)
from cantine.publishing.served import PUBLISHED, Served, load_all_served
from cantine.publishing.siret import SiretError, college_fault, siret_faults
from cantine.recipes.book import BookRecipe
from cantine.reports.allergens import Allergens, dish_allergens, food_allergens
from cantine.reports.reading import Reading

MENUS, PLATS = "menus-collectifs", "plats-menus-collectifs"
LONGEST_NAME = 160
COMPONENTS = {
    "protein_g": "Protéines",
    "fat_g": "Matière grasse",
    "carbohydrate_g": "Glucides",
    "salt_g": "Sel",
}

Row = dict[str, str]


@dataclass(frozen=True)
class Producer:
    """The collège whose kitchen cooks: the public establishment that answers for the meals."""

    kitchen: Kitchen
    college: College
    others: dict[str, College]
    """Collèges of its sites, by UAI."""


@dataclass(frozen=True)
class OpenData:
    """Both files, as text."""

    menus: str
    plats: str
    days: int
    kitchens: int

    def files(self) -> Iterator[tuple[str, str]]:
        """Name and text of each file."""
        yield f"{MENUS}.csv", self.menus
        yield f"{PLATS}.csv", self.plats


class NothingPublishedError(CantineError):
    """No validated menu in the period."""

    status = 404
    message = "Aucun menu validé sur cette période : rien à publier."


def open_data(
    session: Session, kitchens: Sequence[str], first: date, last: date, now: datetime, *, demo: bool = False
) -> OpenData:
    """Both files for some kitchens between two dates; ``demo`` takes estimated SIRET as they are.

    Raises:
        SiretError: a collège of these kitchens has none, a wrong one, or an estimated one.
        NothingPublishedError: no menu is validated.
    """
    wanted = _with_menus(session, kitchens, first, last)
    faults = siret_faults(session, wanted, demo=demo)
    if faults:
        raise SiretError(faults)
    menus, plats, days = list[Row](), list[Row](), set[date]()
    for code in wanted:
        producer = _producer(session, code)
        sites = session.exec(select(Site).where(Site.kitchen == code).order_by(col(Site.code))).all()
        served = load_all_served(session, code, sites, first, last)
        menus += [row for one in served for row in menu_rows(producer, one, now, demo=demo)]
        plats += plat_rows(producer, served, now)
        days |= {day for one in served for day in one.days}
    if not menus:
        raise NothingPublishedError
    return OpenData(to_csv(MENU_COLUMNS, menus), to_csv(PLAT_COLUMNS, plats), len(days), len(wanted))


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """UTF-8 text, comma separated, one line per row; a column without a value stays empty."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def menu_rows(producer: Producer, served: Served, now: datetime, *, demo: bool = False) -> Iterator[Row]:
    """One row per dish of a site, the dishes served without pork after the ones they replace."""
    reading, place = served.reading, _place(producer, served.site, demo=demo)
    for day in served.days:
        common = {**place, **_dated(served, day, now)}
        for dish in reading.dishes[day]:
            entry = reading.book[dish.recipe]
            yield {**common, **_dish(reading, entry, dish, day)}
            if entry.derived.pork and entry.recipe.substitute:
                other = reading.book[entry.recipe.substitute]
                yield {**common, **_dish(reading, other, dish, day, WITHOUT_PORK)}


def plat_rows(producer: Producer, served: Sequence[Served], now: datetime) -> Iterator[Row]:
    """One row per product of each dish: labels that it carries on every day, allergens of any of them."""
    reading = served[0].reading
    days: dict[str, set[date]] = {}
    for one in served:
        for day in one.days:
            for dish in one.reading.dishes[day]:
                entry = reading.book[dish.recipe]
                days.setdefault(dish.recipe, set()).add(day)
                if entry.derived.pork and entry.recipe.substitute:
                    days.setdefault(entry.recipe.substitute, set()).add(day)
    for code in sorted(days):
        entry = reading.book[code]
        for _, food in entry.lines:
            yield {
                **_head(producer, "plat"),
                "platCode": dish_code(code),
                "platNom": entry.recipe.name[:LONGEST_NAME],
                **_product(reading, food, sorted(days[code])),
                "platPublicationDate": moment(now),
                "platModificationDate": moment(now),
            }


def _with_menus(session: Session, kitchens: Sequence[str], first: date, last: date) -> list[str]:
    """Kitchens with something validated: the SIRET of the others does not matter."""
    found = session.exec(
        select(Service.kitchen)
        .where(
            col(Service.kitchen).in_(kitchens),
            col(Service.date).between(first, last),
            col(Service.status).in_(PUBLISHED),
        )
        .distinct()
    )
    return sorted(found)


def _producer(session: Session, code: str) -> Producer:
    kitchen = session.get_one(Kitchen, code)
    uais = select(Site.uai).where(Site.kitchen == code, col(Site.uai).is_not(None))
    colleges = {one.uai: one for one in session.exec(select(College).where(col(College.uai).in_(uais)))}
    return Producer(kitchen, session.get_one(College, kitchen.uai), colleges)


def _head(producer: Producer, prefix: str) -> Row:
    college = producer.college
    return {
        f"{prefix}CollNom": college.name,
        f"{prefix}CollSiret": college.siret,
        f"{prefix}EtablissementNom": producer.kitchen.name,
        f"{prefix}EtablissementSiret": college.siret,
    }


def _place(producer: Producer, site: Site, *, demo: bool) -> Row:
    college = producer.others.get(site.uai or "")
    number, kind = site.code, "autre"
    if college is not None:
        number, kind = college.uai, "EN"
        if not college_fault(college, demo=demo):
            number, kind = college.siret, "SIRET"
    return {
        **_head(producer, "menu"),
        "menuRestaurantNom": site.name,
        "menuRestaurantInsee": site.insee,
        "menuRestaurantId": number,
        "menuRestaurantIdType": kind,
        "menuRestaurantType": "collège" if site.kind == "college" else "élémentaire",
        "menuRestaurantConvive": "tous",
        "menuRepasType": "déjeuner",
    }


def _dated(served: Served, day: date, now: datetime) -> Row:
    rows, changed = served.told.get(day, ()), served.changed(day)
    return {
        "menuDate": day.isoformat(),
        "menuPublicationDate": moment(rows[0].at if rows else now),
        "menuModificationDate": moment(changed.at) if changed else "",
        "menuModificationInfo": CHANGED if changed else "",
    }


def _dish(reading: Reading, entry: BookRecipe, dish: Dish, day: date, *diets: str) -> Row:
    found = dish_allergens(reading, entry.recipe.code, day)
    vegetarian = (VEGETARIAN,) if entry.derived.vegetarian else ()
    labels = labels_of(reading, entry.recipe.main_food, [day])
    unsure = bool(found.confirm or found.missing)
    return {
        "menuPlatType": COURSES[dish.slot],
        "menuPlatNom": entry.recipe.name[:LONGEST_NAME],
        "menuPlatCode": dish_code(entry.recipe.code),
        "menuPlatSiqo": array(SIQO[label] for label in SIQO if label in labels),
        "menuPlatLabel": "; ".join(OTHER_LABELS[label] for label in OTHER_LABELS if label in labels),
        "menuPlatPrecision": "; ".join([*_theme(entry), *([TO_CONFIRM] if unsure else [])]),
        "menuPlatRegime": array([*vegetarian, *diets]),
        "menuPlatAllergene": allergens_cell(found),
    }


def _theme(entry: BookRecipe) -> list[str]:
    return [entry.recipe.theme] if entry.recipe.theme else []


def _product(reading: Reading, food: Food, days: Sequence[date]) -> Row:
    labels, found = labels_of(reading, food.code, days), Allergens()
    for day in days:
        found |= food_allergens(reading, food, day)
    return {
        "platProduitNom": food.name,
        "platProduitSiqo": array(SIQO[label] for label in SIQO if label in labels),
        "platProduitLabel": "; ".join(OTHER_LABELS[label] for label in OTHER_LABELS if label in labels),
        "platProduitDescription": TO_CONFIRM if found.confirm or found.missing else "",
        "platProduitAllergene": allergens_cell(found),
        "platProduitNutriment": " ; ".join(
            f"{grams:g}g {word}"
            for name, word in COMPONENTS.items()
            if (grams := getattr(food, name)) is not None
        ),
    }
