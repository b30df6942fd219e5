"""Invented foods by group: what they cost, how long they keep, where they are stored."""

from random import Random
from typing import NamedTuple

from optim.instance import Food
from optim.terms import FamilleProduits

BREAD = "pain-01"
F = FamilleProduits


class Group(NamedTuple):
    """Foods that replace each other in recipes."""

    name: str
    size: int
    """Foods of the group among 160."""
    family: FamilleProduits
    storage: str
    life: tuple[int, int]
    """Days usable after delivery."""
    cents_kg: tuple[int, int]
    co2e: tuple[int, int]
    """Grams of CO2e per kilogram."""
    packs: tuple[int, ...]
    """Grams of the packs on the market."""


GROUPS = (
    Group("pain", 1, F.BOULANGERIE, "epicerie", (1, 1), (240, 300), (700, 900), (400, 2000)),
    Group(
        "crudite", 24, F.FRUITS_ET_LEGUMES, "legumerie", (4, 7), (120, 320), (300, 900), (1000, 5000, 10000)
    ),
    Group("legume", 24, F.FRUITS_ET_LEGUMES, "surgele", (5, 90), (110, 340), (400, 1100), (2500, 10000)),
    Group(
        "fruit", 16, F.FRUITS_ET_LEGUMES, "legumerie", (5, 10), (140, 330), (300, 900), (5000, 10000, 13000)
    ),
    Group("feculent", 13, F.AUTRES, "epicerie", (150, 360), (90, 260), (700, 1800), (2500, 5000, 10000)),
    Group("legumineuse", 7, F.AUTRES, "epicerie", (200, 360), (160, 320), (500, 900), (2500, 5000)),
    Group(
        "boeuf", 8, F.VIANDES_VOLAILLES, "froid_positif", (5, 9), (900, 1450), (24000, 34000), (2500, 5000)
    ),
    Group(
        "volaille", 9, F.VIANDES_VOLAILLES, "froid_positif", (5, 8), (430, 780), (4000, 6000), (2500, 5000)
    ),
    Group("porc", 5, F.VIANDES_VOLAILLES, "froid_positif", (5, 9), (480, 760), (5000, 7000), (2500, 5000)),
    Group("hache", 3, F.VIANDES_VOLAILLES, "surgele", (60, 120), (700, 950), (20000, 28000), (5000, 6000)),
    Group("poisson", 11, F.PRODUITS_DE_LA_MER, "surgele", (30, 120), (750, 1500), (4000, 9000), (5000, 6000)),
    Group("oeuf", 3, F.AUTRES, "froid_positif", (14, 21), (260, 420), (2500, 3500), (1000, 5000)),
    Group("soja", 3, F.AUTRES, "froid_positif", (20, 40), (500, 800), (900, 1500), (1000, 2500)),
    Group("dur", 10, F.PRODUITS_LAITIERS, "froid_positif", (20, 40), (700, 1200), (5000, 6500), (1000, 2500)),
    Group("mou", 7, F.PRODUITS_LAITIERS, "froid_positif", (12, 25), (600, 1000), (4000, 5500), (1000, 2000)),
    Group(
        "laitage", 9, F.PRODUITS_LAITIERS, "froid_positif", (14, 24), (180, 330), (1800, 2600), (3000, 6000)
    ),
    Group(
        "charcuterie", 3, F.CHARCUTERIE, "froid_positif", (15, 30), (600, 1000), (5000, 7000), (1000, 2500)
    ),
    Group("dessert", 4, F.AUTRES, "epicerie", (60, 200), (350, 600), (1500, 3500), (1000, 5000)),
)
"""Prices are credible orders of size, invented."""


def foods(random: Random, count: int) -> tuple[Food, ...]:
    """So many foods, the groups in proportion, at least one of each.

    Raises:
        ValueError: fewer foods than groups.
    """
    return tuple(
        _food(random, group, rank + 1) for group, size in sizes(count).items() for rank in range(size)
    )


def sizes(count: int) -> dict[Group, int]:
    """How many foods of each group make ``count`` in all."""
    if count < len(GROUPS):
        raise ValueError(f"il faut au moins {len(GROUPS)} aliments")
    total = sum(group.size for group in GROUPS)
    found = {group: max(1, group.size * count // total) for group in GROUPS}
    by_need = sorted(GROUPS[1:], key=lambda group: -group.size)
    rank = 0
    while (lack := count - sum(found.values())) != 0:
        group = by_need[rank % len(by_need)]
        found[group] = max(1, found[group] + (1 if lack > 0 else -1))
        rank += 1
    return found


def _food(random: Random, group: Group, rank: int) -> Food:
    return Food(
        code=f"{group.name}-{rank:02d}",
        name=f"{group.name.capitalize()} {rank}",
        family=group.family,
        storage=group.storage,
        shelf_life_days=random.randint(*group.life),
        co2e_g_per_kg=random.randint(*group.co2e),
    )


def group_of(code: str) -> Group:
    """The group of a food by its code."""
    return next(group for group in GROUPS if code.startswith(f"{group.name}-"))
