"""Credit notes: ma cantine takes no negative price, so they are taken off what they correct."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any

Row = Any
"""A row of the ledger."""


def net(
    rows: Sequence[Row], kind: Callable[[Row], Hashable]
) -> tuple[dict[int, Decimal], list[tuple[Row, Decimal]]]:
    """Take each credit note off purchases of the same kind, the latest before it first.

    Args:
        rows: purchases of one kitchen.
        kind: what a purchase and its credit note have in common.

    Returns:
        The amounts that changed, by number of purchase (a credit note becomes nothing), and the credit
        notes that nothing could take, with what is left of them.
    """
    amounts: dict[int, Decimal] = {}
    left: list[tuple[Row, Decimal]] = []
    credits_ = [row for row in rows if row.amount_ht < 0]
    if not credits_:
        return amounts, left
    by_kind: defaultdict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        if row.amount_ht > 0:
            by_kind[kind(row)].append(row)
    for credit in credits_:
        rest = _taken(-credit.amount_ht, _nearest(by_kind[kind(credit)], credit), amounts)
        if rest:
            left.append((credit, rest))
        else:
            amounts[credit.id] = Decimal(0)
    return amounts, left


def _nearest(rows: Iterable[Row], credit: Row) -> list[Row]:
    """Those before the credit note, the latest first; then those after it, the first first."""
    return sorted(rows, key=lambda row: (row.date > credit.date, abs((row.date - credit.date).days), row.id))


def _taken(owed: Decimal, rows: Iterable[Row], amounts: dict[int, Decimal]) -> Decimal:
    """Take an amount off rows, never below zero; nothing is taken when all of it does not fit."""
    trial = {}
    for row in rows:
        held = amounts.get(row.id, row.amount_ht)
        part = min(held, owed)
        if part:
            trial[row.id] = held - part
            owed -= part
        if not owed:
            amounts.update(trial)
            return owed
    return owed
