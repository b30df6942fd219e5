"""What still refers to a row: told in words before anything is removed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Table, delete, func, select
from sqlmodel import Session

from cantine.package_known import key_of
from cantine.package_schema import TableForm, sql_table
from cantine.table_pages import Row

WORDS: Mapping[str, str] = {
    "announced_menus": "menus annoncés",
    "bans": "plats écartés",
    "certificates": "certificats des labels",
    "closures": "fermetures et absences",
    "colleges": "collèges",
    "diners": "convives par jour",
    "dishes": "plats des menus",
    "foods": "aliments",
    "homogeneous_families": "familles homogènes",
    "engagements": "numéros d'engagement",
    "kitchens": "cuisines",
    "market_lots": "lots de marché",
    "mishaps": "imprévus",
    "offers": "offres",
    "planned_purchases": "achats prévus",
    "planned_uses": "besoins prévus",
    "price_imports": "tarifs chargés",
    "price_mappings": "lecture des tarifs",
    "price_matches": "produits reconnus dans les tarifs",
    "recipe_ingredients": "ingrédients des recettes",
    "recipes": "fiches recette",
    "runs": "propositions",
    "services": "services",
    "settings": "réglages",
    "sites": "lieux de repas",
    "staple_levels": "stocks des denrées de base",
    "inventory_lines": "lignes d'inventaire",
    "reception_lines": "lignes de réception",
    "receptions": "réceptions",
    "stock_lots": "lots en stock",
    "stock_moves": "mouvements de stock",
    "tag_overrides": "décisions sur les critères",
    "year_totals": "totaux de l'année",
}
PARTS: Mapping[str, tuple[str, ...]] = {"recipes": ("recipe_ingredients", "tag_overrides")}
"""Rows that are a part of another one, and go with it."""
LOOSE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "recipes": (("kitchens", "fallback_recipe"),),
    "foods": (("settings", "value"),),
    "kitchens": (("settings", "value"),),
    "profiles": (("runs", "profile"),),
}
"""Columns that name a row without a foreign key."""
NAMED = 3


@dataclass(frozen=True)
class Use:
    """One table that refers to the row: how many rows, and the names of the first ones."""

    words: str
    count: int
    names: tuple[str, ...]


def uses_of(session: Session, form: TableForm, row: Row) -> list[Use]:
    """Every table that refers to ``row``, its own parts left out."""
    found = []
    for column, value in _pointers(form, row):
        table = column.table
        if table.name in PARTS.get(form.name, ()):
            continue
        query = select(func.count()).select_from(table).where(column == value)
        count = session.connection().execute(query).scalar_one()
        if count:
            found.append(Use(WORDS.get(table.name, table.name), count, _names(session, table, column, value)))
    return found


def _pointers(form: TableForm, row: Row) -> Iterator[tuple[Column[object], object]]:
    """Columns of any table that may hold the key of the row, with the value they would hold."""
    own = sql_table(form.model)
    for table in own.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is own and key.column.name in row:
                yield key.parent, row[key.column.name]
    for name, column in LOOSE.get(form.name, ()):
        yield own.metadata.tables[name].c[column], row[form.key[0]]


def _names(session: Session, table: Table, column: Column[object], value: object) -> tuple[str, ...]:
    """The first names, where the table has names."""
    if "name" not in table.c:
        return ()
    query = select(table.c.name).where(column == value).distinct().order_by(table.c.name).limit(NAMED)
    return tuple(session.connection().execute(query).scalars())


def remove(session: Session, form: TableForm, row: Row) -> None:
    """Remove a row that nothing refers to, with its parts. Never commits."""
    own = sql_table(form.model)
    for column, value in _pointers(form, row):
        if column.table.name in PARTS.get(form.name, ()):
            session.connection().execute(delete(column.table).where(column == value))
    keys: Sequence[object] = key_of(form, dict(row))
    same = [own.c[name] == value for name, value in zip(form.key, keys, strict=True)]
    session.connection().execute(delete(own).where(*same))
