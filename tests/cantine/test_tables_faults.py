"""Faults of a data package: all of them at once, each with table, line, column and a French reason."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import transaction
from cantine.errors import Fault, FaultsError
from cantine.kitchens.models import Setting
from cantine.tables import check_package, import_package
from tests.cantine.packages.marais import fill, read

Edit = Callable[[list[list[str]]], None]


@pytest.fixture(scope="session")
def small_package(marais_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented département with the recipes it names and a few more: quick to check."""
    folder = Path(shutil.copytree(marais_package, tmp_path_factory.mktemp("petit") / "paquet"))
    recipes = read(folder, "recipes")
    named = {row["recipe"] for table in ("dishes", "bans", "tag_overrides") for row in read(folder, table)}
    named |= {row["code"] for row in recipes[:20]}
    with_pork = next(row for row in recipes if row["substitute"])
    named |= {with_pork["code"], with_pork["substitute"]}
    named |= {row["substitute"] for row in recipes if row["code"] in named}
    _keep(folder, "recipes", "code", named)
    _keep(folder, "recipe_ingredients", "recipe", named)
    foods = {row["food"] for table in ("recipe_ingredients", "stock_lots") for row in read(folder, table)}
    foods |= {row["main_food"] for row in read(folder, "recipes")} | {"pain"}
    _keep(folder, "foods", "code", foods)
    _keep(folder, "offers", "food", foods)
    return folder


def _keep(folder: Path, table: str, column: str, values: set[str]) -> None:
    fill(folder, table, [{**row} for row in read(folder, table) if row[column] in values])


@pytest.fixture
def package(small_package: Path, tmp_path: Path) -> Path:
    """A package to spoil."""
    return Path(shutil.copytree(small_package, tmp_path / "paquet"))


def _edit(package: Path, table: str, edit: Edit) -> None:
    path = package / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def _spoil(package: Path, table: str, line: int, **cells: str) -> None:
    """Write cells on a line as a spreadsheet numbers it; a negative line counts from the end."""

    def edit(rows: list[list[str]]) -> None:
        for column, text in cells.items():
            rows[line - 1 if line > 0 else line][rows[0].index(column)] = text

    _edit(package, table, edit)


def _only(package: Path) -> Fault:
    faults = check_package(package)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


CELLS = [
    ("communes", "latitude", "46,1", "les décimales s'écrivent avec un point. Exemple : 46.1"),
    ("communes", "latitude", "1 046,1", "Exemple : 1046.1"),
    ("communes", "latitude", "nord", "n'est pas un nombre"),
    ("communes", "latitude", "NaN", "trop petit"),
    ("communes", "latitude", "95", "trop grand ; au plus 90"),
    ("key_figures", "value", "1e999", "n'est pas un nombre"),
    ("communes", "population", "12.5", "n'est pas un nombre entier"),
    ("communes", "population", "-1", "trop petit ; au moins 0"),
    ("communes", "population", "99999999999", "trop grand"),
    ("communes", "name", "", "ne peut pas être vide (Nom)"),
    ("calendar", "kind", "congé", "au choix : vacances, ferie, pont"),
    ("kitchens", "components", "6", "au choix : 4, 5"),
    ("kitchens", "service_days", "54", "forme attendue (Jours de service"),
    ("kitchens", "insee", "62000", "n'existe pas dans la table « communes » (insee)"),
    ("colleges", "siret", "12345678901234", "la clé de ce SIRET est fausse"),
    ("colleges", "siret", "123", "forme attendue (SIRET)"),
    ("colleges", "opened_on", "04/01/1998", "Exemple : 1998-01-04"),
    ("colleges", "opened_on", "hier", "n'est pas une date"),
    ("colleges", "boursiers_e1", "5000", "demi-pensionnaires"),
    ("foods", "staple", "peut-être", "écrivez true (oui) ou false (non)"),
    ("foods", "family", "LEGUMES", "n'est pas prévu"),
    ("foods", "allergens", "gluten;oeuf", "« oeuf » n'est pas prévu"),
    ("foods", "allergens", "gluten; lait", "séparez les codes par un seul « ; », sans espace"),
    ("foods", "allergens", "lait;lait", "écrit deux fois"),
    ("foods", "season_months", "13", "au choix : 1, 2"),
    ("recipes", "published_tags", "F16", "« F16 » n'est pas prévu"),
    ("tag_overrides", "criterion", "F16", "au choix : F01"),
    ("suppliers", "cutoff_hour", "29:00", "n'est pas une heure"),
    ("suppliers", "first_week", "2027-01-05", "n'est pas un lundi. Exemple : 2027-01-04"),
    ("suppliers", "every_weeks", "2", "demande la date d'un de ses lundis"),
    ("suppliers", "min_order_ht", "cent", "n'est pas un montant en euros"),
    ("suppliers", "min_order_ht", "1.23456", "quatre décimales au plus"),
    ("offers", "valid_to", "2026-01-01", "avant le début"),
    ("offers", "labels", "RUCHE", "« RUCHE » n'est pas prévu"),
    ("offers", "price_ht", "0", "trop petit"),
    ("closures", "date", "2029-01-08", "hors du calendrier"),
    ("services", "status", "demain", "au choix : servi, prevu, valide, exclu"),
    ("diners", "weekday", "3", "ne sert pas le jour 3"),
    ("dishes", "recipe", "nulle_part", "n'existe pas dans la table « recipes »"),
]


@pytest.mark.parametrize(("table", "column", "text", "reason"), CELLS)
def test_wrong_cell_is_told(package: Path, table: str, column: str, text: str, reason: str) -> None:
    """One wrong cell on the last line of a table."""
    _spoil(package, table, -1, **{column: text})
    faults = check_package(package)
    assert any(fault.table == table and fault.column and reason in fault.reason for fault in faults), [
        str(fault) for fault in faults
    ]


def test_ten_faults_are_told_together_and_nothing_is_written(engine: Engine, package: Path) -> None:
    """Ten different faults in nine tables; the line is the spreadsheet's, its title being line 1."""
    _spoil(package, "communes", 2, latitude="46,1")
    _spoil(package, "colleges", 3, siret="12345678901234")
    _spoil(package, "kitchens", 4, uai="0999999Z")
    _spoil(package, "diners", 5, college="-3")
    _spoil(package, "foods", 6, allergens="plumes", gamme="tiède")
    _spoil(package, "recipes", 7, name="")
    _spoil(package, "suppliers", 2, cutoff_hour="25:00")
    _spoil(package, "offers", 8, valid_to="2020-01-01")
    _edit(package, "stock_lots", lambda rows: rows.append(list(rows[1])))
    with pytest.raises(FaultsError) as caught, transaction(engine) as session:
        import_package(session, package)
    found = [(fault.table, fault.line, fault.column) for fault in caught.value.faults]
    assert sorted(found, key=str) == [
        ("colleges", 3, "siret"),
        ("communes", 2, "latitude"),
        ("diners", 5, "college"),
        ("foods", 6, "allergens"),
        ("foods", 6, "gamme"),
        ("kitchens", 4, "uai"),
        ("offers", 8, "valid_to"),
        ("recipes", 7, "name"),
        ("stock_lots", 5, "kitchen"),
        ("suppliers", 2, "cutoff_hour"),
    ]
    assert caught.value.message == "10 lignes à corriger, rien n'est importé."
    with Session(engine) as session:
        assert session.exec(select(Setting)).all() == []


def test_lines_are_the_spreadsheet_s(package: Path) -> None:
    """A text of several lines counts as one line."""
    _spoil(package, "recipes", 2, steps="1. Laver.\n2. Servir.\n3. Ranger.")
    _spoil(package, "recipes", 3, staff_minutes="vite")
    assert (_only(package).line, _only(package).column) == (3, "staff_minutes")


def test_duplicate_names_the_other_line(package: Path) -> None:
    """The same key twice in a file."""
    _edit(package, "kitchens", lambda rows: rows.append(list(rows[2])))
    fault = _only(package)
    assert (fault.table, fault.line, fault.column) == ("kitchens", 5, "code")
    assert "qu'à la ligne 3" in fault.reason


def test_columns_are_named(package: Path) -> None:
    """A missing column and one too many."""

    def edit(rows: list[list[str]]) -> None:
        place = rows[0].index("note")
        for row in rows:
            row[place] = "remarque" if row is rows[0] else "x"

    _edit(package, "settings", edit)
    faults = check_package(package)
    assert [(fault.line, fault.column) for fault in faults] == [(1, "remarque"), (1, "note")]
    assert "colonne inconnue" in faults[0].reason
    assert "cette colonne manque" in faults[1].reason


def test_columns_may_be_in_any_order(package: Path) -> None:
    """A spreadsheet's user may have moved them."""
    _edit(package, "recipes", lambda rows: [row.reverse() for row in rows] and None)
    assert check_package(package) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "le fichier est vide"),
        (b"\n\n", "le fichier est vide"),
        ("key;value;note\nclé;été;\n".encode(), "des points-virgules"),
        (b"key\tvalue\tnote\na\tb\t\n", "des tabulations"),
        ("key,value,note\nclé,été,\n".encode("cp1252"), "pas en UTF-8"),
        ("key,value,note\n".encode("utf-16"), "pas en UTF-8"),
        (b'key,value,note\na,"b,\nc,d,\n', "guillemets mal fermés"),
        (b"key,value,note\na,b\x00,\n", "un caractère invisible"),
        (b"key,value,value\na,b,c\n", "écrit deux fois"),
        (b"key,value,note,\na,b,c,\n", "n'a pas de titre"),
        (b"key,value,note\na,b\n", "il manque 1 case(s)"),
        (b"key,value,note\na,b,c,d\n", "trop de cases"),
        (b"key,value,note\n,,\na,b,\n", "cette ligne est vide"),
    ],
)
def test_file_that_is_no_table_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    """Encoding, delimiter, quotes, titles, ragged lines."""
    (tmp_path / "settings.csv").write_bytes(content)
    assert reason in _only(tmp_path).reason


def test_encoding_fault_names_its_line(tmp_path: Path) -> None:
    """The first byte that is not UTF-8."""
    (tmp_path / "settings.csv").write_bytes("key,value,note\na,b,\nc,été,\n".encode("latin-1"))
    assert _only(tmp_path).line == 3


def test_bom_and_windows_lines_are_tolerated(tmp_path: Path) -> None:
    """What « CSV UTF-8 » of a spreadsheet writes, with empty lines at the end."""
    content = "\ufeffkey,value,note\r\nlocal_km,80,été\r\n,,\r\n\r\n"
    (tmp_path / "settings.csv").write_bytes(content.encode())
    assert check_package(tmp_path) == []


def test_misspelt_file_is_told(package: Path) -> None:
    """A file that no table expects would be lost in silence."""
    (package / "kitchen.csv").write_text("code\n", encoding="utf-8")
    fault = _only(package)
    assert fault.table == "kitchen"
    assert "aucune table ne porte ce nom" in fault.reason


@pytest.mark.parametrize("name", ["vide", "absent"])
def test_folder_without_tables_is_told(tmp_path: Path, name: str) -> None:
    """Not the folder of a package."""
    (tmp_path / "vide").mkdir()
    assert len(check_package(tmp_path / name)) == 1


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
    _spoil(package, "foods", 2, family=family)
    with (package / "foods.csv").open(encoding="utf-8", newline="") as source:
        food = next(csv.DictReader(source))["code"]

    def edit(rows: list[list[str]]) -> None:
        row = next(row for row in rows if row[rows[0].index("food")] == food)
        row[rows[0].index("labels")] = label
        rows[1:] = [row]

    _edit(package, "offers", edit)
    assert (check_package(package) == []) is fine


def test_substitute_without_pork(package: Path) -> None:
    """What is served instead of pork holds none."""
    with (package / "recipes.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    line, pork = next((number, row["code"]) for number, row in enumerate(rows, 2) if row["substitute"])
    _spoil(package, "recipes", line, substitute=pork)
    fault = _only(package)
    assert (fault.line, fault.column) == (line, "substitute")
    assert "contient du porc" in fault.reason


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
    _edit(package, "dishes", lambda rows: _share(rows, slot, *shares))
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

    _edit(package, "services", edit)
    faults = check_package(package)
    assert all(reason in fault.reason and fault.column == "date" for fault in faults)
    assert bool(faults) is bool(reason)


def test_dish_stands_in_its_slot(package: Path) -> None:
    """A dessert is no starter."""

    def edit(rows: list[list[str]]) -> None:
        slot, recipe = rows[0].index("slot"), rows[0].index("recipe")
        dessert = next(row for row in rows if row[slot] == "dessert")
        next(row for row in rows if row[slot] == "entree")[recipe] = dessert[recipe]

    _edit(package, "dishes", edit)
    assert "va dans « dessert »" in _only(package).reason


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [(2, "brioche_inconnue", "n'existe pas dans la table « foods »"), (8, "lundi", "n'est pas une date")],
)
def test_settings_make_sense(package: Path, line: int, value: str, reason: str) -> None:
    """The bread is a food, the reference date is a date."""
    _spoil(package, "settings", line, value=value)
    assert reason in _only(package).reason
