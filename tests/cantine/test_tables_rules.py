"""Rules of a data package that no table schema can express."""

import csv
from pathlib import Path

import pytest

from cantine.tables import check_package
from tests.cantine.packages.spoil import only, rewrite, spoil


@pytest.mark.parametrize(
    ("family", "label", "fine"),
    [
        ("BOISSONS", "LABEL_ROUGE", False),
        ("VIANDES_VOLAILLES", "LABEL_ROUGE", True),
        ("VIANDES_VOLAILLES", "PECHE_DURABLE", False),
        ("PRODUITS_DE_LA_MER", "PECHE_DURABLE", True),
        ("FRUITS_ET_LEGUMES", "FERMIER", False),
        ("PRODUITS_LAITIERS", "FERMIER", True),
        ("BOISSONS", "BIO", True),
    ],
)
def test_label_and_family_go_together(package: Path, family: str, label: str, fine: bool) -> None:
    """Pairs that ma cantine refuses (regulation on families and labels)."""
    spoil(package, "foods", 2, family=family)
    with (package / "foods.csv").open(encoding="utf-8", newline="") as source:
        food = next(csv.DictReader(source))["code"]

    def edit(rows: list[list[str]]) -> None:
        row = next(row for row in rows if row[rows[0].index("food")] == food)
        row[rows[0].index("labels")] = label
        rows[1:] = [row]

    rewrite(package, "offers", edit)
    assert (check_package(package) == []) is fine


def test_substitute_without_pork(package: Path) -> None:
    """What is served instead of pork holds none."""
    with (package / "recipes.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    line, pork = next((number, row["code"]) for number, row in enumerate(rows, 2) if row["substitute"])
    spoil(package, "recipes", line, substitute=pork)
    fault = only(package)
    assert (fault.line, fault.column) == (line, "substitute")
    assert "contient du porc" in fault.reason


@pytest.mark.parametrize(
    ("table", "cells", "says"),
    [
        ("kitchens", {"directed_slots": "plat"}, "demande au moins deux choix"),
        ("kitchens", {"fallback_recipe": "inconnue"}, "n'existe pas dans la table « recipes »"),
        ("sites", {"choices_plat": "3"}, "n'en prépare que 1"),
    ],
)
def test_a_choice_that_the_kitchen_does_not_make(
    package: Path, table: str, cells: dict[str, str], says: str
) -> None:
    """A directed slot without choice, a fallback that is no recipe, a place with more than its kitchen."""
    spoil(package, table, 2, **cells)
    fault = only(package)
    assert (fault.table, fault.line, fault.column) == (table, 2, next(iter(cells)))
    assert says in fault.reason


def test_a_variant_names_the_dish_it_comes_from(package: Path) -> None:
    """Of another component, or itself a variant: refused."""
    with (package / "recipes.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    line, row = next((number, row) for number, row in enumerate(rows, 2) if row["variant_of"])
    other = next(one["code"] for one in rows if one["slot"] != row["slot"])
    spoil(package, "recipes", line, variant_of=other)
    assert "va dans" in only(package).reason
    spoil(package, "recipes", line, variant_of=row["code"])
    assert "déjà une variante" in only(package).reason


def _share(rows: list[list[str]], slot: str, *shares: str) -> None:
    """Serve a slot in several choices."""
    columns = rows[0]
    row = next(row for row in rows if row[columns.index("slot")] == slot)
    rows.remove(row)
    for choice, share in enumerate(shares, 1):
        copy = list(row)
        copy[columns.index("choice")], copy[columns.index("share_permille")] = str(choice), share
        rows.append(copy)


@pytest.mark.parametrize(
    ("slot", "shares", "fine"),
    [
        ("dessert", ("600", "400"), True),
        ("dessert", ("600", "300"), False),
        ("dessert", ("600", "600"), False),
        ("garniture", ("500", "300"), True),
        ("garniture", ("600", "600"), False),
    ],
)
def test_shares_of_the_choices(package: Path, slot: str, shares: tuple[str, ...], fine: bool) -> None:
    """Choices share all diners; a garniture may leave some to a complete dish."""
    rewrite(package, "dishes", lambda rows: _share(rows, slot, *shares))
    faults = check_package(package)
    assert (faults == []) is fine
    assert all("pour mille" in fault.reason for fault in faults)


@pytest.mark.parametrize(
    ("date", "status", "reason"),
    [
        ("2027-01-06", "prevu", "ne sert pas ce jour de la semaine"),
        ("2026-12-22", "prevu", "jour sans classe"),
        ("2026-12-22", "servi", ""),
        ("2027-01-05", "valide", ""),
    ],
)
def test_services_fall_on_days_of_service(package: Path, date: str, status: str, reason: str) -> None:
    """Services to come fall on days when the kitchen serves; past ones are facts."""

    def edit(rows: list[list[str]]) -> None:
        cells = {"kitchen": "PORT-BRUME", "date": date, "status": status}
        rows.append([cells.get(column, "") for column in rows[0]])

    rewrite(package, "services", edit)
    faults = check_package(package)
    assert all(reason in fault.reason and fault.column == "date" for fault in faults)
    assert bool(faults) is bool(reason)


def test_dish_stands_in_its_slot(package: Path) -> None:
    """A dessert is no starter."""

    def edit(rows: list[list[str]]) -> None:
        slot, recipe = rows[0].index("slot"), rows[0].index("recipe")
        dessert = next(row for row in rows if row[slot] == "dessert")
        next(row for row in rows if row[slot] == "entree")[recipe] = dessert[recipe]

    rewrite(package, "dishes", edit)
    assert "va dans « dessert »" in only(package).reason


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [(2, "brioche_inconnue", "n'existe pas dans la table « foods »"), (8, "lundi", "n'est pas une date")],
)
def test_settings_make_sense(package: Path, line: int, value: str, reason: str) -> None:
    """The bread is a food, the reference date is a date."""
    spoil(package, "settings", line, value=value)
    assert reason in only(package).reason


@pytest.mark.parametrize(
    ("local", "quality", "shortfall", "column", "reason"),
    [
        ("200", "120", "210", "", ""),
        ("200", "120", "211", "shortfall_permille", "(210 pour mille) au plus"),
        ("600", "351", "0", "quality_permille", "(350 pour mille) au plus"),
    ],
)
def test_prices_that_cannot_all_be_used_are_told(
    package: Path, local: str, quality: str, shortfall: str, column: str, reason: str
) -> None:
    """What is printed is what is used: a higher price is refused, and the highest one is named."""
    spoil(
        package,
        "profiles",
        2,
        local_permille=local,
        quality_permille=quality,
        shortfall_permille=shortfall,
    )
    told = [(fault.column, reason in fault.reason) for fault in check_package(package)]
    assert told == ([(column, True)] if column else [])


@pytest.mark.parametrize(
    ("frame", "sharing", "rank", "told"),
    [
        ("multi", "cascade", "1", []),
        ("multi", "cascade", "", ["lot_rank"]),
        ("multi", "mise_en_concurrence", "", []),
        ("exclusif", "mise_en_concurrence", "", ["sharing"]),
    ],
)
def test_holders_of_a_cascade_have_a_rank(
    package: Path, frame: str, sharing: str, rank: str, told: list[str]
) -> None:
    """A cascade without ranks, or a rule between holders where there is one holder, makes no sense."""
    spoil(package, "market_lots", 2, frame=frame, sharing=sharing)
    with (package / "market_lots.csv").open(encoding="utf-8", newline="") as source:
        lot = next(csv.DictReader(source))["code"]

    def edit(rows: list[list[str]]) -> None:
        columns = rows[0]
        rows[1:] = [row for row in rows[1:] if row[columns.index("lot")] != lot] + rows[1:2]
        rows[-1] = list(rows[-1])
        rows[-1][columns.index("code")] = "offre-du-lot"
        rows[-1][columns.index("lot")], rows[-1][columns.index("lot_rank")] = lot, rank

    rewrite(package, "offers", edit)
    assert [fault.column for fault in check_package(package)] == told
