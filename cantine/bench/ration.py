"""The World Food Programme's Syria instance (B2): a ration and its flows, chosen together or in turn.

``Syria_instance.xlsx`` (MIT, hwiberg/OptiCL) gives foods per 100 g, suppliers' prices a tonne, roads
and demands; one ration is eaten everywhere, and every tonne comes from a supplier through the hubs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from openpyxl import load_workbook

from cantine.errors import CantineError
from optim.backend import Compiled, Engine, Outcome, run
from optim.linear import LinearModel

FILE = "Syria_instance.xlsx"
FIXED = {"Sugar": 0.2, "Salt": 0.05}
"""Hundreds of grams per person and day that every ration has."""
DAYS = 30
TONNES = 1e-4
"""Hundreds of grams in tonnes."""
SECONDS = 60.0
Pricing = Callable[[Sequence[float]], float]
PRICINGS: dict[str, Pricing] = {
    "prix moyen": fmean,
    "prix minimum": min,
    "prix du premier": lambda prices: prices[0],
}
"""What a diet problem solved before the purchases takes for the price of a food."""


@dataclass(frozen=True)
class Ration:
    """The instance as plain tables."""

    values: Mapping[str, Sequence[float]]
    """Nutrients of 100 g of each food."""
    needs: Sequence[float]
    prices: Mapping[str, Mapping[str, float]]
    """Supplier, food: money a tonne."""
    roads: Sequence[tuple[str, str, float]]
    """From, to, money a tonne."""
    demands: Mapping[str, float]


def read_ration(path: Path) -> Ration:
    """The instance of a workbook.

    Raises:
        CantineError: the file does not have the expected form.
    """
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        foods = _rows(book["FoodCost"])
        head = foods.pop(0)[1:]
        return Ration(
            {row[0]: [float(cell) for cell in row[1:]] for row in _rows(book["nutr_val"])[1:]},
            [float(cell) for cell in _rows(book["nutr_req"])[1][1:]],
            {row[0]: dict(zip(head, map(float, row[1:]), strict=True)) for row in foods},
            [(row[0], row[1], float(row[4])) for row in _rows(book["EdgesCost"])[1:]],
            {row[0]: float(row[1]) for row in _rows(book["Demand"])[1:]},
        )
    except (OSError, KeyError, IndexError, ValueError, TypeError) as error:
        raise CantineError(f"« {path} » n'a pas la forme attendue.") from error


def _rows(sheet: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 -- openpyxl's sheet, read only
    return [row for row in sheet.iter_rows(values_only=True) if row[0] is not None]


def joint(instance: Ration) -> float:
    """Least cost of the ration and its flows chosen together."""
    return _optimum(_flow_model(instance, None))[0]


def in_turn(instance: Ration, pricing: Pricing) -> float:
    """Cost of the flows of the ration that was the cheapest at one price per food."""
    linear = LinearModel()
    ration = {food: linear.var(0, float("inf")) for food in instance.values}
    for food, column in ration.items():
        linear.cost[column] = pricing([prices[food] for prices in instance.prices.values()])
    _nutrition(linear, instance, ration)
    values = _optimum(linear)[1]
    return _optimum(_flow_model(instance, {food: values[column] for food, column in ration.items()}))[0]


def _nutrition(linear: LinearModel, instance: Ration, ration: Mapping[str, int]) -> None:
    for rank, need in enumerate(instance.needs):
        linear.row("besoin", [(c, instance.values[food][rank]) for food, c in ration.items()], low=need)
    for food, amount in FIXED.items():
        if food in ration:
            linear.fix(ration[food], amount)


def _flow_model(instance: Ration, chosen: Mapping[str, float] | None) -> LinearModel:
    """Ration and flows; a ration already chosen is fixed, whatever rounding its nutrition suffered."""
    linear = LinearModel()
    ration = {food: linear.var(0, float("inf")) for food in instance.values}
    if chosen is None:
        _nutrition(linear, instance, ration)
    else:
        for food, column in ration.items():
            linear.fix(column, chosen[food])
    for food, column in ration.items():
        balances: dict[str, list[tuple[int, float]]] = {}
        for start, end, toll in instance.roads:
            price = instance.prices[start][food] if start in instance.prices else 0.0
            flow = linear.var(0, float("inf"), cost=toll + price)
            balances.setdefault(end, []).append((flow, 1.0))
            balances.setdefault(start, []).append((flow, -1.0))
        for node, terms in balances.items():
            if node not in instance.prices:
                taken = instance.demands.get(node, 0.0) * DAYS * TONNES
                linear.row("flux", [*terms, (column, -taken)], 0, 0)
    return linear


def _optimum(linear: LinearModel) -> tuple[float, list[float]]:
    answer = run(Compiled(linear), Engine.GLOP, seconds=SECONDS)
    if answer.outcome is not Outcome.OPTIMAL or answer.values is None:
        raise CantineError("Ces données n'ont pas de ration possible.")
    return answer.objective, answer.values.tolist()
