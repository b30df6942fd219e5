"""Conversions, and the length of a block.

Money is counted in millicents (1/1000 cent), weights in grams, both integers.
"""

from datetime import date

MILLICENTS = 1000
"""Millicents in a cent: fine enough for the price of one gram of bread."""

PERMILLE = 1000

BLOCK = 20
"""Successive meals over which variety is checked (arrêté du 30 septembre 2011, art. 2)."""


def price_millicents(grams: int, cents_per_kg: int) -> int:
    """Value of ``grams`` at ``cents_per_kg``: 1 g at 1 cent/kg is exactly one millicent."""
    return grams * cents_per_kg


def cents(millicents: int) -> int:
    """Nearest whole cent, halves away from zero."""
    sign = -1 if millicents < 0 else 1
    return sign * ((abs(millicents) + MILLICENTS // 2) // MILLICENTS)


def with_vat(millicents: int, vat_permille: int) -> int:
    """Amount with VAT (5.5 % is 55 per mille), rounded up to the millicent."""
    return -(-millicents * (PERMILLE + vat_permille) // PERMILLE)


def iso_week(day: date) -> tuple[int, int]:
    """ISO year and week: the week of the law's weekly vegetarian menu."""
    year, week, _ = day.isocalendar()
    return year, week
