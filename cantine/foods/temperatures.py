"""The warmest a food may be when it is delivered: the classes of the law, each once.

Arrêté du 21 décembre 2009 (AGRG0927709A), annexes I and IV, in force since 1 January 2010. What the law
leaves to the maker (dry goods, raw fruit and vegetables, eggs in their shell, bread) has no limit here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from cantine.foods.models import Food
from optim.terms import FamilleProduits

SOURCE = "arrêté du 21 décembre 2009, annexes I et IV"
VALID_FROM = date(2010, 1, 1)
FRESH_FISH_DAYS = 4
"""Fresh fish is used within days; what keeps longer is smoked, salted or cooked."""


@dataclass(frozen=True)
class Limit:
    """A class of the law and its limit, in degrees Celsius; ``words`` are French."""

    words: str
    celsius: int


MINCED = Limit("viande hachée", 2)
FISH = Limit("poisson frais", 2)
OFFAL = Limit("abats", 3)
PREPARED_MEAT = Limit("préparations de viande", 4)
POULTRY = Limit("volaille, lapin", 4)
CUT_MEAT = Limit("viande découpée", 4)
VERY_PERISHABLE = Limit("denrées très périssables", 4)
EGG_PRODUCT = Limit("ovoproduits", 4)
RAW_MILK = Limit("lait cru", 4)
PERISHABLE = Limit("denrées périssables", 8)
FROZEN = Limit("surgelés, glaces", -18)
LIMITS = (
    MINCED,
    FISH,
    OFFAL,
    PREPARED_MEAT,
    POULTRY,
    CUT_MEAT,
    VERY_PERISHABLE,
    EGG_PRODUCT,
    RAW_MILK,
    PERISHABLE,
    FROZEN,
)


def limit_of(food: Food) -> Limit | None:
    """The class of a food and its limit; None where the law sets none."""
    if food.gamme == "surgele" or food.storage == "froid_negatif":
        return FROZEN
    if food.storage != "froid_positif":
        return None
    return VERY_PERISHABLE if food.gamme == "4e" else CHILLED.get(food.family, _other)(food)


def _meat(food: Food) -> Limit:
    if food.minced:
        return MINCED
    if food.group == "volaille":
        return POULTRY
    return {"abats": OFFAL, "pane_viande": PREPARED_MEAT}.get(food.group, CUT_MEAT)


def _dairy(food: Food) -> Limit | None:
    """Eggs are told among the dairy products; those with a shell lose a part of their weight."""
    if food.group == "oeuf":
        return EGG_PRODUCT if food.edible_permille == 1000 else None  # noqa: PLR2004 -- all of it is eaten
    return RAW_MILK if food.raw_milk and food.group == "lait" else PERISHABLE


def _fish(food: Food) -> Limit:
    return FISH if food.shelf_life_days <= FRESH_FISH_DAYS else VERY_PERISHABLE


def _plants(food: Food) -> Limit | None:
    return PERISHABLE if food.gamme == "5e" else None


def _other(food: Food) -> Limit:
    return VERY_PERISHABLE if food.group == "traiteur" else PERISHABLE


CHILLED: Mapping[str, Callable[[Food], Limit | None]] = {
    FamilleProduits.VIANDES_VOLAILLES: _meat,
    FamilleProduits.CHARCUTERIE: lambda _food: VERY_PERISHABLE,
    FamilleProduits.PRODUITS_DE_LA_MER: _fish,
    FamilleProduits.PRODUITS_LAITIERS: _dairy,
    FamilleProduits.FRUITS_ET_LEGUMES: _plants,
}
"""How the class of a food of the cold room is found, by family."""
