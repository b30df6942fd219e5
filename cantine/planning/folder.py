"""A plan's folder: CSV and JSON files from which another program can recompute every figure."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cantine.errors import CantineError
from cantine.suppliers.prices import offer_code
from optim.check import counts, violations
from optim.figures import delivery_usable_after, figures, objective_parts, usable_after
from optim.instance import Dish, Instance
from optim.lines import line_permille
from optim.plan import Plan, Result, need_g
from optim.terms import Niveau
from optim.units import MILLICENTS, PERMILLE

MENU = ("date", "component", "choice", "recipe", "share", *Niveau, "variant", "line")
PURCHASES = (
    "delivery_date",
    "supplier",
    "offer",
    "food",
    "packs",
    "grams",
    "price_ht",
    "labels",
    "local",
    "unit_price_ht",
    "price_estimated",
)
NEED = ("service", "food", "grams")
STOCK = ("food", "source", "delivery_date", "usable_to", "received_g", "used_g", "left_g", "usable_after")
WITHOUT_PORK = "sans_porc"
Row = Sequence[object]


def write_folder(path: Path, instance: Instance, result: Result) -> None:
    """Write ``menu, purchases, need, stock`` (CSV), ``instance`` and ``result`` (JSON).

    Amounts are euros HT, weights grams, shares fractions; decimal points everywhere.

    Raises:
        CantineError: the folder cannot be written.
    """
    plan = result.plan or Plan(dishes=())
    try:
        path.mkdir(parents=True, exist_ok=True)
        _csv(path / "menu.csv", MENU, _menu(instance, plan))
        _csv(path / "purchases.csv", PURCHASES, _purchases(instance, plan))
        _csv(path / "need.csv", NEED, _need(instance, plan))
        _csv(path / "stock.csv", STOCK, _stock(instance, plan))
        _text(path / "instance.json", instance.model_dump_json(indent=1))
        _text(path / "result.json", json.dumps(summary(instance, result), indent=1, ensure_ascii=False))
    except OSError as error:
        raise CantineError(f"Le dossier « {path} » ne peut pas être écrit : {error.strerror}.") from error


def summary(instance: Instance, result: Result) -> dict[str, Any]:
    """Content of ``result.json``."""
    told = result.model_dump(mode="json")
    told["profile"] = instance.profile.code
    told["kitchen"] = instance.kitchen.code
    told["first_date"] = instance.horizon[0].date.isoformat()
    told["services"] = len(instance.horizon)
    told["today"] = instance.today.isoformat()
    if result.plan is not None:
        told |= figures(instance, result.plan).model_dump(mode="json")
        told["staples_cents_per_meal"] = instance.kitchen.staples_cents
    told["plan"] = told.pop("plan")
    return told


def check_folder(path: Path) -> list[str]:
    """Check a plan's folder without a solver: rules, objective, and the CSV files beside.

    Returns:
        What is wrong, one French sentence each; nothing when all is right.

    Raises:
        CantineError: the folder holds no readable plan.
    """
    try:
        instance = Instance.model_validate_json((path / "instance.json").read_bytes())
        told = json.loads((path / "result.json").read_bytes())
        result = Result.model_validate({name: told[name] for name in Result.model_fields if name in told})
    except (OSError, ValidationError, ValueError) as error:
        raise CantineError(f"Le dossier « {path} » ne contient pas de plan lisible : {error}") from error
    if result.plan is None:
        return ["Ce dossier ne contient pas de menus."]
    faults = [violation.message for violation in violations(instance, result.plan)]
    faults += _figure_faults(instance, result, told)
    tables = (
        ("menu.csv", MENU, _menu(instance, result.plan)),
        ("purchases.csv", PURCHASES, _purchases(instance, result.plan)),
        ("need.csv", NEED, _need(instance, result.plan)),
        ("stock.csv", STOCK, _stock(instance, result.plan)),
    )
    return faults + [
        f"{name} ne correspond pas au plan."
        for name, head, rows in tables
        if not _same(path / name, head, rows)
    ]


def _figure_faults(instance: Instance, result: Result, told: dict[str, Any]) -> Iterator[str]:
    if result.plan is None:
        return
    objective = sum(objective_parts(instance, result.plan).values()) / MILLICENTS
    if result.objective_cents is None or abs(result.objective_cents - objective) >= 1:
        yield f"L'objectif annoncé ({result.objective_cents}) n'est pas celui du plan ({objective:.2f})."
    for name, value in figures(instance, result.plan).model_dump(mode="json").items():
        if abs(float(told.get(name, "nan")) - value) > 1e-6 * max(1.0, abs(value)) or name not in told:
            yield f"{name} : {told.get(name)} annoncé, {value} recalculé."
    kept = {(c.rule, c.block): c.count for c in counts(instance, result.plan)}
    for rule in result.rules:
        if kept.get((rule.rule, rule.block)) != rule.count:
            yield f"{rule.name} : {rule.count} annoncé, {kept.get((rule.rule, rule.block))} recalculé."


def _menu(instance: Instance, plan: Plan) -> Iterator[Row]:
    for dish in sorted(plan.dishes, key=_order):
        for line, taken, eating in _lines(instance, dish):
            place = dish.date.isoformat(), dish.slot.value, dish.choice
            diners = [eating.get(niveau, 0) for niveau in Niveau]
            for recipe, permille, variant in _eaten(instance, dish):
                yield *place, recipe, _number(taken * permille / PERMILLE**2), *diners, variant, line


def _lines(instance: Instance, dish: Dish) -> Iterator[tuple[str, int, Mapping[Niveau, int]]]:
    """Each line that takes the dish: its name, the share of its diners, its diners; or everybody."""
    kitchen, service = instance.kitchen, instance.service[dish.date]
    if not kitchen.lines:
        yield "", dish.share_permille, service.diners
    dairy = instance.recipe[dish.recipe].covers_dairy
    for line in kitchen.lines:
        taken = line_permille(kitchen, line, dish, covers_dairy=dairy)
        if taken:
            yield line.name, taken, service.by_line[line.code]


def _order(dish: Dish) -> tuple[date, int, int]:
    return dish.date, list(type(dish.slot)).index(dish.slot), dish.choice


def _eaten(instance: Instance, dish: Dish) -> Iterator[tuple[str, int, str]]:
    """The recipe, and its substitute for the diners without pork: rows of the same choice."""
    recipe = instance.recipe[dish.recipe]
    without = instance.kitchen.no_pork_permille if recipe.pork and recipe.substitute else 0
    yield recipe.code, PERMILLE - without, ""
    if without and recipe.substitute:
        yield recipe.substitute, without, WITHOUT_PORK


def _purchases(instance: Instance, plan: Plan) -> Iterator[Row]:
    for purchase in sorted(
        plan.purchases, key=lambda p: (p.delivery, instance.offer[p.offer].supplier, p.offer)
    ):
        offer = instance.offer[purchase.offer]
        yield (
            purchase.delivery.isoformat(),
            offer.supplier,
            offer_code(offer.code),
            offer.food,
            purchase.packs,
            purchase.packs * offer.pack_g,
            _euros(purchase.packs * offer.price_cents),
            ";".join(sorted(offer.labels)),
            "true" if offer.local else "false",
            _euros(offer.price_cents),
            "true" if offer.price_estimated(purchase.delivery) else "false",
        )


def _need(instance: Instance, plan: Plan) -> Iterator[Row]:
    for (day, food), grams in sorted(need_g(instance, plan.dishes).items()):
        yield day.isoformat(), food, grams


def _stock(instance: Instance, plan: Plan) -> Iterator[Row]:
    """What comes in, from the opening stock and from each delivery, and what becomes of it."""
    for lot in instance.stock:
        used = sum(use.grams for use in plan.uses if use.lot == lot.code)
        yield (
            lot.food, "stock", "", lot.expires_on.isoformat(), lot.grams, used, lot.grams - used,
            "true" if usable_after(instance, lot.expires_on) else "false",
        )  # fmt: skip
    for purchase in sorted(plan.purchases, key=lambda p: (p.delivery, p.offer)):
        offer = instance.offer[purchase.offer]
        used = sum(
            use.grams for use in plan.uses if (use.offer, use.delivery) == (purchase.offer, purchase.delivery)
        )
        received = purchase.packs * offer.pack_g
        expiry = purchase.delivery + timedelta(days=instance.food[offer.food].shelf_life_days)
        usable = delivery_usable_after(instance, offer, purchase.delivery)
        yield (
            offer.food, offer_code(offer.code), purchase.delivery.isoformat(), expiry.isoformat(), received,
            used, received - used, "true" if usable else "false",
        )  # fmt: skip


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _number(share: float) -> str:
    return f"{share:.6f}".rstrip("0").rstrip(".")


def _csv(path: Path, head: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def _same(path: Path, head: Sequence[str], rows: Iterable[Row]) -> bool:
    if not path.exists():
        return False
    with path.open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    return written == [list(map(str, head)), *([str(cell) for cell in row] for row in rows)]
