"""VAT of an order, by rate, each rate rounded to the cent as an invoice does."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from optim.units import PERMILLE

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Rate:
    """What is taxed at one rate, and the tax, in euros."""

    permille: int
    base_ht: Decimal
    amount: Decimal


def cents(euros: Decimal) -> Decimal:
    """Euros rounded to the cent, half up."""
    return euros.quantize(CENT, ROUND_HALF_UP)


def by_rate(amounts: Iterable[tuple[int, Decimal]]) -> tuple[Rate, ...]:
    """The tax of amounts given with their rate per mille, lowest rate first; rates of nothing left out."""
    bases: defaultdict[int, Decimal] = defaultdict(Decimal)
    for permille, amount in amounts:
        bases[permille] += amount
    return tuple(
        Rate(permille, base, cents(base * permille / PERMILLE))
        for permille, base in sorted(bases.items())
        if base
    )
