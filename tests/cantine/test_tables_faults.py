"""Faults of a data package: all of them at once, each with table, line, column and a French reason."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from cantine.db import transaction
from cantine.errors import FaultsError
from cantine.kitchens.models import Setting
from cantine.tables import check_package, import_package
from tests.cantine.packages.spoil import only, rewrite, spoil

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
    ("calendar", "kind", "congé", "au choix : vacances, ferie (jour férié), pont"),
    ("kitchens", "components", "6", "au choix : 4, 5"),
    ("kitchens", "service_days", "54", "forme attendue (Jours de service"),
    ("kitchens", "insee", "00000", "n'existe pas dans la table « communes » (insee)"),
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
    spoil(package, table, -1, **{column: text})
    faults = check_package(package)
    assert any(fault.table == table and fault.column and reason in fault.reason for fault in faults), [
        str(fault) for fault in faults
    ]


def test_ten_faults_are_told_together_and_nothing_is_written(engine: Engine, package: Path) -> None:
    """Ten different faults in nine tables; the line is the spreadsheet's, its title being line 1."""
    spoil(package, "communes", 2, latitude="46,1")
    spoil(package, "colleges", 3, siret="12345678901234")
    spoil(package, "kitchens", 4, uai="0999999Z")
    spoil(package, "diners", 5, college="-3")
    spoil(package, "foods", 6, allergens="plumes", gamme="tiède")
    spoil(package, "recipes", 7, name="")
    spoil(package, "suppliers", 2, cutoff_hour="25:00")
    spoil(package, "offers", 8, valid_to="2020-01-01")
    rewrite(package, "stock_lots", lambda rows: rows.append(list(rows[1])))
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
    spoil(package, "recipes", 2, steps="1. Laver.\n2. Servir.\n3. Ranger.")
    spoil(package, "recipes", 3, staff_minutes="vite")
    assert (only(package).line, only(package).column) == (3, "staff_minutes")


def test_duplicate_names_the_other_line(package: Path) -> None:
    """The same key twice in a file."""
    rewrite(package, "kitchens", lambda rows: rows.append(list(rows[2])))
    fault = only(package)
    assert (fault.table, fault.line, fault.column) == ("kitchens", 5, "code")
    assert "qu'à la ligne 3" in fault.reason


def test_columns_are_named(package: Path) -> None:
    """A missing column and one too many."""

    def edit(rows: list[list[str]]) -> None:
        place = rows[0].index("note")
        for row in rows:
            row[place] = "remarque" if row is rows[0] else "x"

    rewrite(package, "settings", edit)
    faults = check_package(package)
    assert [(fault.line, fault.column) for fault in faults] == [(1, "remarque"), (1, "note")]
    assert "colonne inconnue" in faults[0].reason
    assert "cette colonne manque" in faults[1].reason


def test_columns_may_be_in_any_order(package: Path) -> None:
    """A spreadsheet's user may have moved them."""
    rewrite(package, "recipes", lambda rows: [row.reverse() for row in rows] and None)
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
        (b"key,value,note\na,b\n", "il manque 1\u00a0case à la fin"),
        (b"key,value,note\na,b,c,d\n", "trop de cases"),
        (b"key,value,note\n,,\na,b,\n", "cette ligne est vide"),
    ],
)
def test_file_that_is_no_table_is_told(tmp_path: Path, content: bytes, reason: str) -> None:
    """Encoding, delimiter, quotes, titles, ragged lines."""
    (tmp_path / "settings.csv").write_bytes(content)
    assert reason in only(tmp_path).reason


def test_encoding_fault_names_its_line(tmp_path: Path) -> None:
    """The first byte that is not UTF-8."""
    (tmp_path / "settings.csv").write_bytes("key,value,note\na,b,\nc,été,\n".encode("latin-1"))
    assert only(tmp_path).line == 3


def test_bom_and_windows_lines_are_tolerated(tmp_path: Path) -> None:
    """What « CSV UTF-8 » of a spreadsheet writes, with empty lines at the end."""
    content = "\ufeffkey,value,note\r\nlocal_km,80,été\r\n,,\r\n\r\n"
    (tmp_path / "settings.csv").write_bytes(content.encode())
    assert check_package(tmp_path) == []


def test_misspelt_file_is_told(package: Path) -> None:
    """A file that no table expects would be lost in silence."""
    (package / "kitchen.csv").write_text("code\n", encoding="utf-8")
    fault = only(package)
    assert fault.table == "kitchen"
    assert "aucune table ne porte ce nom" in fault.reason


@pytest.mark.parametrize("name", ["vide", "absent"])
def test_folder_without_tables_is_told(tmp_path: Path, name: str) -> None:
    """Not the folder of a package."""
    (tmp_path / "vide").mkdir()
    assert len(check_package(tmp_path / name)) == 1
