"""Another program can recompute every figure of a plan from its folder and the data package alone.

Nothing below imports ``optim`` but to make the plan: figures and counts are worked out again with
csv, json and arithmetic, from the texts.
"""

import csv
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from cantine.db import make_engine
from cantine.planning.build import build_instance
from cantine.planning.folder import write_folder
from tests.cantine.plans import first_found
from tests.conftest import SEEDS

KITCHEN = "ARRAS-MITTERRAND"
FIRST = date(2027, 1, 4)
SERVICES = 20
CLASSES = ("maternelle", "elementaire", "college", "adulte")
Rows = list[dict[str, str]]

CRITERIA: dict[str, tuple[tuple[str, ...], str, int]] = {
    "F01": (("entree", "plat", "garniture"), ">=", 10),
    "F02": (("dessert",), ">=", 8),
    "F03": (("garniture", "complet"), "=", 10),
    "F04": (("garniture", "complet"), "=", 10),
    "F05": (("laitier", "entree"), ">=", 8),
    "F06": (("laitier", "entree"), ">=", 4),
    "F07": (("laitier", "dessert"), ">=", 6),
    "F08": (("plat",), ">=", 4),
    "F09": (("plat",), ">=", 4),
    "F10": (("plat",), "<=", 3),
    "F11": (("entree",), "<=", 4),
    "F12": (("dessert",), "<=", 3),
    "F13": (("plat", "garniture"), "<=", 4),
    "F14": (("plat",), "<=", 2),
    "F15": (("dessert", "laitier"), "<=", 4),
}
"""Annexe I of the arrêté of 30 September 2011: where each criterion is counted, how, over 20 meals."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seeds_database: Path) -> Path:
    """The folder of a first valid plan of a real kitchen."""
    engine = make_engine(f"sqlite:///{seeds_database}")
    with Session(engine) as session:
        instance = build_instance(session, KITCHEN, FIRST, SERVICES, "equilibre", FIRST)
    engine.dispose()
    out = tmp_path_factory.mktemp("plan")
    write_folder(out, instance, first_found(instance))
    return out


def read(path: Path) -> Rows:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def package(table: str, key: str = "code") -> dict[str, dict[str, str]]:
    """A table of the data package by its key."""
    return {row[key]: row for row in read(SEEDS / f"{table}.csv")}


def told(folder: Path) -> dict[str, Any]:
    """What the plan says of itself."""
    return dict(json.loads((folder / "result.json").read_text(encoding="utf-8")))


def meals(folder: Path) -> dict[str, int]:
    """Diners of each service, once per line that eats."""
    lines = {(row["date"], row.get("line", "")): row for row in read(folder / "menu.csv")}
    found: Counter[str] = Counter()
    for (day, _), row in lines.items():
        found[day] += sum(int(row[name]) for name in CLASSES)
    return dict(found)


def setting(name: str) -> str:
    """A choice of the département."""
    return package("settings", "key")[name]["value"]


def test_needs_follow_from_the_menus_and_the_recipes(folder: Path) -> None:
    """Grams of each recipe, per class and share, and the bread: need.csv to the rounding."""
    foods, lines = package("foods"), defaultdict(list)
    for row in read(SEEDS / "recipe_ingredients.csv"):
        lines[row["recipe"]].append(row)
    need: defaultdict[tuple[str, str], float] = defaultdict(float)
    parts: Counter[tuple[str, str]] = Counter()
    for row in read(folder / "menu.csv"):
        for line in lines[row["recipe"]]:
            if foods[line["food"]]["staple"] != "true":
                grams = sum(int(row[name]) * float(line[f"{name}_g"] or 0) for name in CLASSES)
                need[row["date"], line["food"]] += grams * float(row["share"])
                parts[row["date"], line["food"]] += 1
    bread = int(package("kitchens")[KITCHEN]["bread_g"])
    for day, count in meals(folder).items():
        need[day, setting("bread_food")] += bread * count
        parts[day, setting("bread_food")] += 1
    written = {(row["service"], row["food"]): int(row["grams"]) for row in read(folder / "need.csv")}
    assert written.keys() == {key for key, grams in need.items() if grams}
    for key, grams in written.items():
        # Each dish is rounded up to the gram, each share to the thousandth.
        assert grams == pytest.approx(need[key], abs=2 * parts[key], rel=2e-3), key


def test_purchases_follow_from_the_offers(folder: Path) -> None:
    """Packs, grams, price, labels and « local », line by line, from the offers and the coordinates."""
    offers, communes = package("offers"), package("communes", "insee")
    kitchen = package("kitchens")[KITCHEN]
    for row in read(folder / "purchases.csv"):
        offer, packs = offers[row["offer"]], int(row["packs"])
        assert (row["supplier"], row["food"]) == (offer["supplier"], offer["food"])
        assert int(row["grams"]) == packs * int(offer["pack_g"])
        price = pack_price(offer, date.fromisoformat(row["delivery_date"]))
        assert float(row["price_ht"]) == pytest.approx(packs * price, abs=0.005)
        assert set(filter(None, row["labels"].split(";"))) == set(filter(None, offer["labels"].split(";")))
        origin = communes.get(offer["origin_insee"])
        near = origin is not None and kilometres(origin, kitchen) <= int(setting("local_km"))
        assert row["local"] == str(near).lower(), row["offer"]


def pack_price(offer: dict[str, str], day: date) -> float:
    """The price announced; once its week is over, moved as the season moves the group of the food."""
    price, end = float(offer["price_ht"]), date.fromisoformat(offer["valid_to"])
    if day <= end:
        return price
    group = package("foods")[offer["food"]]["group"]
    index = {
        int(row["month"]): int(row["index_permille"])
        for row in read(SEEDS / "price_seasons.csv")
        if row["group"] == group
    }
    then, now = (index[(at + timedelta(3 - at.weekday())).month] for at in (end, day))
    return round(price * now / then, 2)


def kilometres(one: dict[str, str], other: dict[str, str]) -> float:
    """Great circle between two rows with coordinates."""
    lat, lon, lat2, lon2 = (
        radians(float(row[name])) for row in (one, other) for name in ("latitude", "longitude")
    )
    chord = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * 6371 * asin(sqrt(chord))


def test_cost_and_shares_follow_from_the_purchases(folder: Path) -> None:
    """Cost per meal HT and TTC, fees and staples in; local, EGAlim and bio as parts of the purchases."""
    rows, said, count = read(folder / "purchases.csv"), told(folder), sum(meals(folder).values())
    offers, suppliers = package("offers"), package("suppliers")
    spent = sum(float(row["price_ht"]) for row in rows)
    visits = {(row["supplier"], row["delivery_date"]) for row in rows}
    fees = sum(float(suppliers[code]["delivery_fee_ht"] or 0) for code, _ in visits)
    staples, staples_vat = float(setting("staples_cents_per_meal")), float(setting("staples_vat_permille"))
    assert said["meals"] == count
    assert said["purchases_cents"] == pytest.approx(spent * 100, abs=1)
    assert said["cost_cents_per_meal"] == pytest.approx((spent + fees) * 100 / count + staples, abs=1e-3)
    taxed = sum(
        float(row["price_ht"]) * (1 + float(offers[row["offer"]]["vat_permille"] or 55) / 1000)
        for row in rows
    )
    ttc = (taxed + fees * 1.055) * 100 / count + staples * (1 + staples_vat / 1000)
    assert said["cost_ttc_cents_per_meal"] == pytest.approx(ttc, abs=1e-2)
    assert ttc <= int(package("kitchens")[KITCHEN]["budget_ttc_cents"]) + 1e-2

    def share(kept: Any) -> float:
        return sum(float(row["price_ht"]) for row in rows if kept(row)) / spent

    assert said["share_local"] == pytest.approx(share(lambda row: row["local"] == "true"), abs=1e-6)
    assert said["share_egalim"] == pytest.approx(share(lambda row: row["labels"]), abs=1e-6)
    assert said["share_bio"] == pytest.approx(share(lambda row: "BIO" in row["labels"].split(";")), abs=1e-6)


def test_gas_follows_from_the_needs(folder: Path) -> None:
    """Kilograms of each food at its factor, per meal."""
    foods = package("foods")
    rows = read(folder / "need.csv")
    gas = sum(int(row["grams"]) / 1000 * float(foods[row["food"]]["co2e_kg_per_kg"] or 0) for row in rows)
    assert told(folder)["co2e_kg_per_meal"] == pytest.approx(gas / sum(meals(folder).values()), rel=1e-3)


def test_the_store_balances_and_tells_the_surplus(folder: Path) -> None:
    """What comes in feeds every need, in time; what is left and does not keep is the surplus."""
    stock, foods = read(folder / "stock.csv"), package("foods")
    used: Counter[str] = Counter()
    lost, last = 0.0, max(meals(folder))
    bought = {(row["offer"], row["delivery_date"]): row for row in read(folder / "purchases.csv")}
    for row in stock:
        received, taken, left = (int(row[f"{name}_g"]) for name in ("received", "used", "left"))
        assert received == taken + left
        assert min(taken, left) >= 0
        used[row["food"]] += taken
        keeps = date.fromisoformat(row["usable_to"]) >= date.fromisoformat(last) + timedelta(days=14)
        assert row["usable_after"] == str(keeps).lower()
        if row["source"] == "stock":
            continue
        purchase = bought.pop((row["source"], row["delivery_date"]))
        assert int(purchase["grams"]) == received
        life = timedelta(days=int(foods[row["food"]]["shelf_life_days"]))
        assert date.fromisoformat(row["usable_to"]) == date.fromisoformat(row["delivery_date"]) + life
        lost += 0.0 if keeps else float(purchase["price_ht"]) * left / received
    assert bought == {}
    need: Counter[str] = Counter()
    for row in read(folder / "need.csv"):
        need[row["food"]] += int(row["grams"])
    assert {food: grams for food, grams in used.items() if grams} == need
    assert told(folder)["surplus_cents"] == pytest.approx(lost * 100, abs=1 + len(stock) / 100)


def test_needs_can_be_fed_in_time_by_what_is_in_the_store(folder: Path) -> None:
    """By any day, what has come and still keeps is at least what the meals until then take."""
    stock, need = read(folder / "stock.csv"), read(folder / "need.csv")
    for food in {row["food"] for row in need}:
        eaten = 0
        for day, grams in sorted((row["service"], int(row["grams"])) for row in need if row["food"] == food):
            eaten += grams
            come = sum(
                int(row["received_g"])
                for row in stock
                if row["food"] == food and (row["delivery_date"] or day) <= day
            )
            assert come >= eaten, (food, day)


def test_the_fifteen_criteria_follow_from_the_menus(folder: Path) -> None:
    """Every criterion counted again from menu.csv, the recipes' tags and the meals already served."""
    question = json.loads((folder / "instance.json").read_text(encoding="utf-8"))
    recipes = {recipe["code"]: recipe for recipe in question["recipes"]}
    menus: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for dish in question["history"]:
        menus[dish["date"]].add((dish["slot"], str(dish["choice"]), dish["recipe"]))
    for row in read(folder / "menu.csv"):
        if not row["variant"]:
            menus[row["date"]].add((row["component"], row["choice"], row["recipe"]))
    days = sorted({service["date"] for service in question["services"]} | set(question["without_menu"]))
    said = {(rule["rule"], rule["block"]): rule for rule in told(folder)["rules"]}
    seen = 0
    for start in range(0, len(days), 20):
        block = days[start : start + 20]
        for name, (slots, op, times) in CRITERIA.items():
            rule = said.get((name, block[0]))
            if rule is None:
                continue
            count = sum(presented(name, slots, menus[day], recipes) for day in block)
            assert (rule["count"], rule["op"], rule["limit"]) == (count, op, times), name
            if len(block) == 20 and not rule["note"]:
                assert rule["kept"] == {">=": count >= times, "=": count == times, "<=": count <= times}[op]
            seen += 1
    assert seen == len(CRITERIA)


def presented(
    name: str, slots: tuple[str, ...], menu: set[tuple[str, str, str]], recipes: dict[str, Any]
) -> int:
    """Presentations of a criterion in a meal; a complete dish is its own garniture."""
    found = 0
    for slot, _, code in menu:
        recipe = recipes[code]
        places = {slot} | ({"complet"} if slot == "plat" and recipe["complete_dish"] else set())
        found += name in recipe["tags"] and bool(places & set(slots))
    # A green salad beside the plat is a raw vegetable too: once per meal.
    return min(found, 1) if name == "F01" else found
