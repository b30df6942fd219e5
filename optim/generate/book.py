"""Invented recipes: kinds of dish with the tags of the law, enough of each for blocks of 20 meals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from optim.instance import Food, Ingredient, Recipe
from optim.terms import Critere, Niveau, Slot, Vegetarien

PORTION_ADULT_PERMILLE = 1200
FAT, FRIED, POOR, SWEET = Critere.F14, Critere.F13, Critere.F10, Critere.F15


class Kind(NamedTuple):
    """Dishes made alike."""

    name: str
    size: int
    """Dishes of the kind among 200."""
    slot: Slot
    foods: tuple[tuple[str, int], ...]
    """Group and grams for a collégien; the first is the main food."""
    tags: frozenset[Critere] = frozenset()
    vegetarian: Vegetarien | None = Vegetarien.AUTRE
    also: tuple[Critere, int] | None = None
    """A tag that one dish of the kind out of so many has too."""
    more: Mapping[str, Any] = {}
    """Other fields of the recipe."""


def _tags(*tags: Critere) -> frozenset[Critere]:
    return frozenset(tags)


E, P, G, L, D = Slot.ENTREE, Slot.PLAT, Slot.GARNITURE, Slot.LAITIER, Slot.DESSERT
KINDS = (
    Kind("crudite", 26, E, (("crudite", 90),), _tags(Critere.F01)),
    Kind("entree-cuite", 10, E, (("legume", 80), ("oeuf", 15))),
    Kind("charcuterie", 4, E, (("charcuterie", 40),), _tags(Critere.F11), None),
    Kind("feuillete", 4, E, (("dessert", 50), ("mou", 15)), _tags(Critere.F11)),
    Kind(
        "fromage-entree",
        2,
        E,
        (("dur", 30), ("crudite", 40)),
        _tags(Critere.F05),
        more={"covers_dairy": True},
    ),
    Kind("boeuf", 12, P, (("boeuf", 95), ("crudite", 20)), _tags(Critere.F08), None, (FAT, 6)),
    Kind("poisson", 12, P, (("poisson", 105), ("crudite", 15)), _tags(Critere.F09), None, (FRIED, 6)),
    Kind("volaille", 13, P, (("volaille", 110), ("crudite", 15)), vegetarian=None, also=(FRIED, 7)),
    Kind("porc", 5, P, (("porc", 100), ("crudite", 15)), vegetarian=None, also=(FAT, 3)),
    Kind("hache", 3, P, (("hache", 90), ("crudite", 30)), _tags(POOR), None),
    Kind(
        "plat-complet",
        3,
        P,
        (("volaille", 90), ("feculent", 70), ("crudite", 60)),
        _tags(Critere.F04),
        None,
        more={"complete_dish": True, "garnish": "feculent"},
    ),
    Kind(
        "cereale-legumineuse",
        10,
        P,
        (("legumineuse", 50), ("feculent", 35), ("crudite", 60)),
        vegetarian=Vegetarien.CEREALE_LEGUMINEUSE,
    ),
    Kind("oeuf", 3, P, (("oeuf", 110),), vegetarian=Vegetarien.OEUF),
    Kind("fromage", 2, P, (("dur", 60), ("feculent", 40)), _tags(POOR), Vegetarien.FROMAGE),
    Kind("soja", 3, P, (("soja", 90), ("crudite", 30)), vegetarian=Vegetarien.SOJA),
    Kind("legume", 19, G, (("legume", 160),), _tags(Critere.F03), more={"garnish": "legume"}),
    Kind(
        "feculent",
        14,
        G,
        (("feculent", 65),),
        _tags(Critere.F04),
        also=(FRIED, 5),
        more={"garnish": "feculent"},
    ),
    Kind("legumineuse", 3, G, (("legumineuse", 60),), _tags(Critere.F04), more={"garnish": "feculent"}),
    Kind("pate-dure", 9, L, (("dur", 28),), _tags(Critere.F05)),
    Kind("pate-molle", 6, L, (("mou", 28),), _tags(Critere.F06)),
    Kind("yaourt", 7, L, (("laitage", 120),), _tags(Critere.F07), also=(SWEET, 2)),
    Kind("fruit", 16, D, (("fruit", 130),), _tags(Critere.F02)),
    Kind("compote", 5, D, (("fruit", 150),)),
    Kind(
        "creme",
        4,
        D,
        (("laitage", 110), ("dessert", 15)),
        _tags(Critere.F07, SWEET),
        more={"covers_dairy": True},
    ),
    Kind("patisserie", 5, D, (("dessert", 60),), _tags(Critere.F12)),
)
"""Two hundred dishes in all."""


def recipes(random: Random, count: int, larder: Sequence[Food]) -> tuple[Recipe, ...]:
    """About ``count`` recipes, the kinds in proportion, at least two of each; exactly 200 for 200."""
    groups: defaultdict[str, list[Food]] = defaultdict(list)
    for food in larder:
        groups[food.code.rsplit("-", 1)[0]].append(food)
    total = sum(kind.size for kind in KINDS)
    found = []
    for kind in KINDS:
        size = max(2, kind.size * count // total)
        found += [_recipe(random, kind, rank, groups) for rank in range(size)]
    return tuple(found)


def _recipe(random: Random, kind: Kind, rank: int, groups: Mapping[str, list[Food]]) -> Recipe:
    tags = kind.tags | ({kind.also[0]} if kind.also and rank % kind.also[1] == 0 else set())
    main = groups[kind.foods[0][0]]
    chosen = [main[rank % len(main)], *(random.choice(groups[name]) for name, _ in kind.foods[1:])]
    grams = [round(grams * random.uniform(0.85, 1.15)) for _, grams in kind.foods]
    fields = {
        "repeat_gap": 5 if kind.slot is Slot.LAITIER else 10,
        "staff_minutes": random.randrange(20, 90),
        "taste_permille": random.randrange(550, 900),
        "equipment": frozenset({"friteuse"} if FRIED in tags else ()),
        "main_food": "" if kind.slot is Slot.LAITIER else chosen[0].code,
    }
    return Recipe(
        code=f"{kind.slot.value}-{kind.name}-{rank:02d}",
        name=f"{kind.name.capitalize()} {rank + 1}",
        slot=kind.slot,
        tags=frozenset(tags),
        vegetarian=kind.vegetarian,
        waste_mg=_portions(random.randrange(5, 40)),
        ingredients=_ingredients(chosen, grams),
        **(fields | dict(kind.more)),
    )


def _ingredients(chosen: Sequence[Food], grams: Sequence[int]) -> tuple[Ingredient, ...]:
    total: defaultdict[str, int] = defaultdict(int)
    for food, weight in zip(chosen, grams, strict=True):
        total[food.code] += weight
    return tuple(Ingredient(food=code, milligrams=_portions(weight)) for code, weight in total.items())


def _portions(grams: int) -> dict[Niveau, int]:
    return {Niveau.COLLEGE: grams * 1000, Niveau.ADULTE: grams * PORTION_ADULT_PERMILLE}
