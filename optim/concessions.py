"""What a chief may give up, step by step, and how a kitchen says it.

A step is one presentation, one minute a day, one cent TTC a meal, one kilogram or one dish. What the
law does not allow stays broken in the counters: these words say what is accepted, never that it is kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from optim.instance import Instance
from optim.rules.words import dated, euros
from optim.terms import Critere


class Measure(NamedTuple):
    """How steps of a rule are said, and what they weigh beside those of the others."""

    one: str
    """« accepter 1 poisson de moins », with {} for the number."""
    many: str
    weight: float = 1.0
    """How unwelcome a step is: presentations count one, a minute much less."""
    step: int = 1
    """What is offered at once: minutes by five."""

    def label(self, amount: int) -> str:
        """The words for so many steps."""
        return (self.one if amount == 1 else self.many).format(amount)


def _dish(one: str, many: str, change: str, weight: float = 1.0) -> Measure:
    return Measure(f"accepter {{}} {one} {change}", f"accepter {{}} {many} {change}", weight)


def _alike(words: str, weight: float) -> Measure:
    """A rule of yes or no: the words do not count its steps."""
    return Measure(words, words, weight)


LESS, MORE, EITHER = "de moins", "de plus", "de plus ou de moins"
MEASURES: Mapping[str, Measure] = {
    Critere.F01: _dish("crudité en entrée", "crudités en entrée", LESS),
    Critere.F02: _dish("fruit cru", "fruits crus", LESS),
    Critere.F03: _dish("légume cuit", "légumes cuits", EITHER),
    Critere.F04: _dish("féculent", "féculents", EITHER),
    Critere.F05: _dish("fromage riche en calcium", "fromages riches en calcium", LESS),
    Critere.F06: _dish("fromage moyen en calcium", "fromages moyens en calcium", LESS),
    Critere.F07: _dish("laitage peu gras", "laitages peu gras", LESS),
    Critere.F08: _dish(
        "viande non hachée de bœuf, veau ou agneau", "viandes non hachées de bœuf, veau ou agneau", LESS
    ),
    Critere.F09: _dish("poisson", "poissons", LESS),
    Critere.F10: _dish("plat peu garni en viande, poisson ou œuf", "plats peu garnis", MORE),
    Critere.F11: _dish("entrée grasse", "entrées grasses", MORE),
    Critere.F12: _dish("dessert gras", "desserts gras", MORE),
    Critere.F13: _dish("friture", "fritures", MORE),
    Critere.F14: _dish("plat trop gras pour ses protéines", "plats trop gras pour leurs protéines", MORE),
    Critere.F15: _dish("dessert ou laitage sucré", "desserts ou laitages sucrés", MORE),
    "V1": _alike("accepter des semaines sans menu végétarien", 2),
    "V6": _dish("menu végétarien", "menus végétariens", f"{LESS} sur 20 repas", 0.8),
    "V7": _dish("plat céréales et légumes secs", "plats céréales et légumes secs", LESS, 0.8),
    "V7-oeuf": _dish("plat végétarien à l'œuf", "plats végétariens à l'œuf", MORE, 0.8),
    "V7-fromage": _dish("plat végétarien au fromage", "plats végétariens au fromage", MORE, 0.8),
    "V7-transforme": _dish("plat végétarien industriel", "plats végétariens industriels", MORE, 0.8),
    "V7-soja": _dish("plat végétarien au soja", "plats végétariens au soja", MORE, 0.8),
    "vege-plus": _dish("plat végétarien", "plats végétariens", f"{MORE} sur 20 repas", 0.8),
    "friture": _dish("friture", "fritures", f"{MORE} par semaine", 0.8),
    "couleur": _alike("accepter deux fois de suite la même couleur de garniture", 0.5),
    "materiel": _dish("plat", "plats", f"{MORE} par appareil et par jour", 1.5),
    "temps": Measure("+{} minute de travail par jour", "+{} minutes de travail par jour", weight=0.1, step=5),
    "lourd": _dish("plat lourd", "plats lourds", f"{MORE} par jour", 0.8),
    "retour": Measure(
        "laisser revenir un plat {} service plus tôt", "laisser revenir un plat {} services plus tôt", 0.5
    ),
    "stockage": Measure("+{} kg de place par réserve", "+{} kg de place par réserve", weight=0.1, step=10),
    "budget": Measure("", ""),
}
"""Rules that may be given up by steps. The others are hygiene, seasons, the make-up of a meal: kept."""

DECISIONS = {"garder": "ne plus garder {}", "ecarter": "reprendre {}"}
"""Rules that hold what the chief decided: he takes it back dish by dish."""
NAMED = 3


def relaxable(rule: str) -> bool:
    """Whether a rule may be given up by steps."""
    return rule in MEASURES


def label_of(rule: str, amount: int) -> str:
    """What so many steps of a rule mean, in kitchen words.

    Raises:
        KeyError: the rule is not given up by steps.
    """
    return f"+{euros(amount)} par repas" if rule == "budget" else MEASURES[rule].label(amount)


def labels(relaxed: Mapping[str, int]) -> list[str]:
    """What was given up, one label per rule, in the order of the rules known here."""
    return [label_of(rule, relaxed[rule]) for rule in MEASURES if relaxed.get(rule)]


def weight_of(rule: str, amount: int) -> float:
    """How unwelcome so many steps are."""
    return MEASURES[rule].weight * amount


def decision_label(instance: Instance, rule: str, decisions: Iterable[tuple[date, str]]) -> str:
    """The dishes to let go, by name and day."""
    names = [dated(instance.recipe[code].name, day) for day, code in decisions]
    more = f" et {len(names) - NAMED} autres" if len(names) > NAMED else ""
    return DECISIONS[rule].format(", ".join(names[:NAMED]) + more)


def without(
    instance: Instance, kept: Iterable[tuple[date, str]], banned: Iterable[tuple[date, str]]
) -> Instance:
    """The question once some kept dishes are free and some refused ones are allowed."""
    freed, back = frozenset(kept), frozenset(banned)
    return instance.changed(
        locks=tuple(lock for lock in instance.locks if (lock.date, lock.recipe) not in freed),
        bans=instance.bans - back,
    )
