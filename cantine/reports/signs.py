"""Signs of quality printed beside a dish: those of its main product, as planned for that service."""

from dataclasses import dataclass
from datetime import date

from cantine.foods.models import Food
from cantine.reports.reading import Reading
from optim.terms import Label

SIGN_WORDS = {
    "vege": "végétarien",
    "bio": "bio",
    "lr": "Label Rouge",
    "aop": "AOP",
    "igp": "IGP",
    "stg": "STG",
    "peche": "pêche durable",
    "fermier": "fermier",
    "hve": "HVE",
    "local": "local",
    "equitable": "équitable",
    "saison": "de saison",
}
"""In the order of printing."""

LABEL_SIGNS = {
    Label.BIO: "bio",
    Label.LABEL_ROUGE: "lr",
    Label.AOCAOP: "aop",
    Label.IGP: "igp",
    Label.STG: "stg",
    Label.PECHE_DURABLE: "peche",
    Label.FERMIER: "fermier",
    Label.HVE: "hve",
    Label.COMMERCE_EQUITABLE: "equitable",
}
"""Labels a diner knows; outermost regions, externalities and performance have no sign."""


@dataclass(frozen=True)
class Sign:
    """One sign: its icon and its word."""

    code: str
    word: str


def dish_signs(reading: Reading, recipe: str, day: date) -> tuple[Sign, ...]:
    """Signs of a dish; a label shows only if all the main product planned that day carries it."""
    entry = reading.book[recipe]
    found = set(_product_signs(reading, entry.recipe.main_food, day))
    if entry.derived.vegetarian and entry.recipe.slot == "plat":
        found.add("vege")
    food = reading.foods.get(entry.recipe.main_food)
    if food and in_season(food, day):
        found.add("saison")
    return tuple(Sign(code, word) for code, word in SIGN_WORDS.items() if code in found)


def _product_signs(reading: Reading, food: str, day: date) -> frozenset[str]:
    sources = reading.sources.get((day, food), ())
    each = [
        {LABEL_SIGNS[Label(label)] for label in source.labels if Label(label) in LABEL_SIGNS}
        | ({"local"} if source.local else set())
        for source in sources
    ]
    return frozenset(set.intersection(*each)) if each else frozenset()


def in_season(food: Food, day: date) -> bool:
    """Whether a fresh food is in its season (D230-26: seasonal products are named on the menu)."""
    return food.gamme == "frais" and str(day.month) in food.season_months
