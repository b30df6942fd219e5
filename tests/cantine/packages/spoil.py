"""Packages to spoil: a small one, quick to check, and ways to write wrong cells into it."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from cantine.errors import Fault
from cantine.tables import check_package
from tests.cantine.packages.marais import fill, read

Edit = Callable[[list[list[str]]], None]


def write_small_package(source: Path, folder: Path) -> Path:
    """The package of ``source`` with the recipes it names and a few more."""
    shutil.copytree(source, folder)
    recipes = read(folder, "recipes")
    named = {row["recipe"] for table in ("dishes", "bans", "tag_overrides") for row in read(folder, table)}
    named |= {row["code"] for row in recipes[:20]}
    with_pork = next(row for row in recipes if row["substitute"])
    named |= {with_pork["code"], with_pork["substitute"]}
    named |= {row[other] for row in recipes if row["code"] in named for other in ("substitute", "variant_of")}
    _keep(folder, "recipes", "code", named)
    _keep(folder, "recipe_ingredients", "recipe", named)
    foods = {row["food"] for table in ("recipe_ingredients", "stock_lots") for row in read(folder, table)}
    foods |= {row["main_food"] for row in read(folder, "recipes")} | {"pain"}
    _keep(folder, "foods", "code", foods)
    _keep(folder, "offers", "food", foods)
    return folder


def _keep(folder: Path, table: str, column: str, values: set[str]) -> None:
    fill(folder, table, [{**row} for row in read(folder, table) if row[column] in values])


def rewrite(package: Path, table: str, edit: Edit) -> None:
    """Change the cells of a table, titles included, in place."""
    path = package / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def spoil(package: Path, table: str, line: int, **cells: str) -> None:
    """Write cells on a line as a spreadsheet numbers it; a negative line counts from the end."""

    def edit(rows: list[list[str]]) -> None:
        for column, text in cells.items():
            rows[line - 1 if line > 0 else line][rows[0].index(column)] = text

    rewrite(package, table, edit)


def only(package: Path) -> Fault:
    """The one fault of a package."""
    faults = check_package(package)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]
