"""An invented département, the Marais: filled from the empty template, as a newcomer would do.

Places, people, suppliers and prices are invented here; foods and recipes are those of the
demonstration, so that a menu can be planned.
"""

import csv
import shutil
from pathlib import Path

from cantine.tables import write_template

Cells = dict[str, object]

CLASSES = ("maternelle", "elementaire", "college", "adulte")
VALID = {"valid_from": "2026-09-01", "valid_to": "2027-08-31"}
WEEK = "1245"
EQUIPMENT = "four;sauteuse;marmite;friteuse;cellule"
PREMIUM = {
    "VIANDES_VOLAILLES": ("LABEL_ROUGE", 130),
    "CHARCUTERIE": ("LABEL_ROUGE", 130),
    "PRODUITS_DE_LA_MER": ("PECHE_DURABLE", 110),
    "FRUITS_ET_LEGUMES": ("BIO", 125),
    "PRODUITS_LAITIERS": ("BIO", 125),
    "BOULANGERIE": ("BIO", 120),
    "AUTRES": ("BIO", 130),
}
"""Label of the dearer offer of each family, and its price for 100 of the plain one."""

COMMUNES = (
    ("99001", "Port-Brume", 46.10, -1.20, 21000),
    ("99002", "Saint-Roselin", 46.25, -1.05, 4300),
    ("99003", "Les Salines", 46.02, -1.31, 2700),
)
KITCHENS = (
    ("PORT-BRUME", "0990001A", "99001", "sur_place", 420, 5, 1),
    ("SAINT-ROSELIN", "0990002B", "99002", "sur_place", 260, 4, 2),
    ("SALINES", "0990003C", "99003", "centrale", 180, 5, 1),
)
SCHOOL = "ECOLE-SALINES"
SUPPLIERS = {
    "primeur": ("grossiste_fl", "99001", "12345", ("FRUITS_ET_LEGUMES",)),
    "cremier": ("bof", "99002", "125", ("PRODUITS_LAITIERS",)),
    "boucher": ("viandes", "99001", "124", ("VIANDES_VOLAILLES", "CHARCUTERIE")),
    "criee": ("mareyeur", "99003", "145", ("PRODUITS_DE_LA_MER",)),
    "epicier": ("epicerie", "99001", "24", ("AUTRES", "BOISSONS")),
    "fournil": ("boulanger", "99002", "12345", ("BOULANGERIE",)),
}


def write_package(folder: Path, seeds: Path) -> None:
    """Write the whole package; foods, recipes, calendar and profiles come from ``seeds``."""
    write_template(folder)
    for name in ("calendar", "homogeneous_families", "foods", "recipes", "recipe_ingredients", "profiles"):
        shutil.copy(seeds / f"{name}.csv", folder / f"{name}.csv")
    foods = read(folder, "foods")
    tables = _places() | _purchases(foods) | _menus(read(folder, "recipes"))
    for name, rows in tables.items():
        fill(folder, name, rows)


def read(folder: Path, table: str) -> list[dict[str, str]]:
    """Rows of a table as text."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def fill(folder: Path, table: str, rows: list[Cells]) -> None:
    """Write rows under the template's titles; columns not named stay blank."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as source:
        titles = next(csv.reader(source))
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, titles, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _places() -> dict[str, list[Cells]]:
    settings = {
        "reference_date": "2027-01-04",
        "departement_name": "Marais",
        "departement_code": "99",
        "local_definition": "KM",
        "local_km": "60",
        "staples_cents_per_meal": "10",
        "staples_vat_permille": "55",
        "bread_food": "pain",
        "demonstration": "true",
    }
    sites = [*(_site(code, uai, insee) for code, uai, insee, *_ in KITCHENS), _school()]
    return {
        "settings": [{"key": key, "value": value} for key, value in sorted(settings.items())],
        "communes": [
            {
                "insee": insee,
                "name": name,
                "departement": "99",
                "latitude": lat,
                "longitude": lon,
                "population": people,
            }
            for insee, name, lat, lon, people in COMMUNES
        ],
        "key_figures": [{"indicator": "Repas par jour", "year": "2027", "value": 1000, "unit": "repas"}],
        "colleges": [_college(uai, insee, diners) for _, uai, insee, _, diners, *_ in KITCHENS],
        "kitchens": [_kitchen(*row) for row in KITCHENS],
        "sites": sorted(sites, key=lambda site: str(site["code"])),
        "diners": _diners(),
        "closures": [{"site": "PORT-BRUME", "date": "2027-01-19", "reason": "stages de 3e", "diners": 310}],
    }


def _place(insee: str) -> Cells:
    return next(
        {"insee": insee, "latitude": lat, "longitude": lon}
        for code, _, lat, lon, _ in COMMUNES
        if code == insee
    )


def _college(uai: str, insee: str, diners: int) -> Cells:
    name = next(name for code, name, *_ in COMMUNES if code == insee)
    pupils = {
        "pupils": diners + 60,
        "half_boarders": diners,
        "boursiers_e1": 40,
        "boursiers_e2": 30,
        "boursiers_e3": 20,
    }
    return {"uai": uai, "name": f"Collège de {name}", "commune": name, "ips": 98.5, **_place(insee), **pupils}


def _kitchen(code: str, uai: str, insee: str, kind: str, diners: int, components: int, choices: int) -> Cells:
    targets = {"target_egalim_permille": 200, "target_bio_permille": 50, "target_meat_fish_permille": 200}
    return {
        "code": code,
        "name": f"Cuisine {code.title()}",
        "uai": uai,
        "kind": kind,
        "service_days": WEEK,
        "components": components,
        **{f"choices_{slot}": 1 for slot in ("plat", "garniture", "laitier")},
        **{f"choices_{slot}": choices for slot in ("entree", "dessert")},
        "budget_ttc_cents": 240,
        "no_pork_permille": 80,
        "cooks": 3,
        "staff_minutes": 900,
        "equipment": EQUIPMENT,
        "bread_g": 50,
        "annual_meals": diners * 144,
        **_place(insee),
        **targets,
    }


def _site(code: str, uai: str, insee: str) -> Cells:
    components = next(row[5] for row in KITCHENS if row[0] == code)
    return {
        "code": code,
        "name": f"Collège {code.title()}",
        "kind": "college",
        "uai": uai,
        "kitchen": code,
        "insee": insee,
        "components": components,
    }


def _school() -> Cells:
    where = {"kitchen": "SALINES", "insee": "99003", "liaison": "chaude", "components": 5}
    return {"code": SCHOOL, "name": "École des Salines", "kind": "ecole", **where}


def _diners() -> list[Cells]:
    eating = {code: (0, 0, diners, 15) for code, _, _, _, diners, *_ in KITCHENS} | {SCHOOL: (45, 80, 0, 6)}
    return [
        {"site": site, "weekday": int(day), **dict(zip(CLASSES, counts, strict=True))}
        for site, counts in sorted(eating.items())
        for day in WEEK
    ]


def _purchases(foods: list[dict[str, str]]) -> dict[str, list[Cells]]:
    suppliers = [
        {
            "code": code,
            "name": code.title(),
            "kind": kind,
            "delivery_days": days,
            "lead_days": 1,
            **_place(insee),
        }
        for code, (kind, insee, days, _) in SUPPLIERS.items()
    ]
    offers = [offer for food in foods for offer in _offers(food)]
    lot = {"code": "lot_viandes", "name": "Viandes", "frame": "exclusif", "supplier": "boucher", **VALID}
    level = {"food": "sel", "min_g": 3000, "max_g": 9000}
    stock = {"food": "riz", "grams": 20000, "price_ht_per_kg": "1.95", "expires_on": "2027-09-30"}
    return {
        "suppliers": sorted(suppliers, key=lambda one: str(one["code"])),
        "market_lots": [{**lot, "family": "VIANDES_VOLAILLES", "max_ht": 90000}],
        "offers": sorted(offers, key=lambda one: str(one["code"])),
        "stock_lots": [{"kitchen": code, **stock} for code, *_ in sorted(KITCHENS)],
        "staple_levels": [{"kitchen": code, **level} for code, *_ in sorted(KITCHENS)],
    }


def _offers(food: dict[str, str]) -> list[Cells]:
    """A plain offer and, for most families, a dearer one that counts for EGAlim, from the next town."""
    supplier = next(code for code, row in SUPPLIERS.items() if food["family"] in row[3])
    unit = float(food["unit_weight_g"] or 0)
    pack_g = round(unit * max(1, round(2000 / unit))) if unit else 2000
    cents = pack_g * int(food["reference_price_cents_kg"] or 300) / 1000
    plain: Cells = {
        "code": f"{supplier}-{food['code']}",
        "supplier": supplier,
        "food": food["code"],
        "name": food["name"],
        "pack_g": pack_g,
        "pack_label": "colis",
        "price_ht": f"{cents / 100:.2f}",
        "allergens": food["allergens"],
        **VALID,
    }
    if food["family"] not in PREMIUM:
        return [plain]
    label, factor = PREMIUM[food["family"]]
    better = {
        "labels": label,
        "price_ht": f"{cents * factor / 10000:.2f}",
        "origin_insee": "99002",
        "intermediaries": 1,
    }
    return [plain, {**plain, **better, "code": f"{plain['code']}-{label.lower()}"}]


def _menus(recipes: list[dict[str, str]]) -> dict[str, list[Cells]]:
    """One served service, so that every table has a row."""
    service = {"kitchen": "PORT-BRUME", "date": "2026-12-18"}
    slots = ("dessert", "entree", "garniture", "laitier", "plat")
    first = {
        slot: next(one["code"] for one in recipes if one["slot"] == slot and one["complete_dish"] == "false")
        for slot in slots
    }
    dish = {"choice": 1, "chosen_by": "historique"}
    ban = {"kitchen": "PORT-BRUME", "date": "2027-01-08", "recipe": first["plat"]}
    override = {
        "recipe": first["plat"],
        "criterion": "F01",
        "counts": "true",
        "reason": "recette enrichie ici",
    }
    return {
        "services": [{**service, "college": 415, "adulte": 15, "status": "servi"}],
        "dishes": [{**service, "slot": slot, "recipe": first[slot], **dish} for slot in slots],
        "bans": [ban],
        "tag_overrides": [override],
    }
