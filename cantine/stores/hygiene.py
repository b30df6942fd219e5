"""What the law asks at the door of a kitchen: temperature, origin of meat; and the reasons of a refusal.

Temperatures stand in ``cantine.foods.temperatures``. Lot and date: règlement (CE) 178/2002, article 18
(traceability), since 1 January 2005.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cantine.foods.models import Food
from cantine.foods.temperatures import limit_of
from cantine.french import number

BORN, RAISED, SLAUGHTERED = "born_in", "raised_in", "slaughtered_in"
ORIGIN_WORDS: Mapping[str, str] = {BORN: "Né", RAISED: "Élevé", SLAUGHTERED: "Abattu"}
QUANTITY, TEMPERATURE, DATE = "quantite", "temperature", "dlc"
REASONS: Mapping[str, str] = {
    QUANTITY: "quantité",
    TEMPERATURE: "température",
    DATE: "date dépassée ou trop courte",
    "emballage": "emballage abîmé",
    "qualite": "qualité",
    "produit": "pas le produit commandé",
    "label": "label sans preuve",
}


@dataclass(frozen=True)
class MeatOrigin:
    """Which countries are told of a meat bought raw, by which text, since when."""

    groups: frozenset[str]
    parts: tuple[str, ...]
    source: str
    valid_from: date


SINCE = date(2025, 2, 19)
"""Décret n° 2025-141 du 13 février 2025: told for good, in this wording."""
MEAT_ORIGINS = (
    MeatOrigin(
        frozenset({"boeuf", "boeuf_hache", "veau", "veau_hache"}),
        (BORN, RAISED, SLAUGHTERED),
        "décret n° 2002-1465",
        SINCE,
    ),
    MeatOrigin(
        frozenset({"porc", "agneau", "volaille"}),
        (RAISED, SLAUGHTERED),
        "décret n° 2002-1465, modifié par le décret n° 2022-65",
        SINCE,
    ),
)


def origin_parts(food: Food, day: date) -> tuple[str, ...]:
    """Fields of origin that the law asks for this food; none where it asks nothing."""
    return next(
        (rule.parts for rule in MEAT_ORIGINS if food.group in rule.groups and day >= rule.valid_from), ()
    )


def too_warm(food: Food, temperature_c: float | Decimal | None) -> str:
    """Why a measured temperature forbids to accept, in words; empty where it does not."""
    limit = limit_of(food)
    if limit is None or temperature_c is None or temperature_c <= limit.celsius:
        return ""
    return (
        f"{degrees(temperature_c)} mesurés, {degrees(limit.celsius)} au plus pour « {limit.words} »\u00a0: "
        "refusez ce produit."
    )


def out_of_date(use_by: date | None, day: date) -> str:
    """Why a date forbids to accept, in words; empty where it does not."""
    if use_by is None or use_by >= day:
        return ""
    return f"La date ({use_by:%d/%m/%Y}) est dépassée\u00a0: refusez ce produit."


def degrees(value: float | Decimal) -> str:
    """« 3,5 °C », « −18 °C »."""
    return f"{number(value)}\u00a0°C".replace("-", "\u2212")


def limit_words(food: Food) -> str:
    """« 4 °C au plus (volaille, lapin) »; empty where the law sets no limit."""
    limit = limit_of(food)
    return f"{degrees(limit.celsius)} au plus ({limit.words})" if limit else ""
