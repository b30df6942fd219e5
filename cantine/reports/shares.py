"""Shares of a period: value HT of what the services take, by quality and by place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cantine.menus.portions import diners_of
from cantine.reports.reading import Reading
from optim.terms import Label


@dataclass(frozen=True)
class Shares:
    """Fractions of the value HT of a period, staples included in the whole.

    Attributes:
        value_ht: euros.
        egalim: durable and quality products, organic included.
    """

    value_ht: Decimal
    egalim: float
    bio: float
    local: float


def shares(reading: Reading, days: Iterable[date]) -> Shares | None:
    """Shares planned for some services; None while nothing is planned or a price is unknown."""
    wanted = set(days)
    whole = egalim = bio = local = Decimal(0)
    for (day, _), sources in reading.sources.items():
        for source in sources if day in wanted else ():
            if source.euros_per_kg is None:
                return None
            value = source.euros_per_kg * source.grams / 1000
            whole += value
            egalim += value if source.labels else 0
            bio += value if Label.BIO in source.labels else 0
            local += value if source.local else 0
    if not whole:
        return None
    meals = sum(sum(diners_of(reading.services[day]).values()) for day in wanted)
    whole += Decimal(meals * reading.settings.staples_cents_per_meal) / 100
    return Shares(whole, float(egalim / whole), float(bio / whole), float(local / whole))
