"""The CNRC's own plan of 20 days and five components passes, with the counts that were published.

Source: Guide CNRC du menu végétarien, annexe 4; the dishes are invented, the words are its own.
Readings: salted pastry, charcuterie and vegetables above 15 % fat are fat starters (F11); the fat
crudité is a crudité still; a dairy dessert fills produit laitier too.
"""

from datetime import date

import pytest

from optim.check import counts, violations
from optim.instance import Instance, Recipe
from optim.plan import Plan
from optim.terms import Critere, Slot, Vegetarien
from tests.optim.cases import fits
from tests.optim.small import FIVE_DAYS, days, kitchen, menu, question, recipe, services

ROWS = """
legumes cuits|boeuf non hache|feculents >15 % MG|fromage >150|fruit cru
crudites|volaille|feculents|fromage 100-150|patisserie >15 % MG
crudites|porc P/L<1|feculents||dessert lacte >100 mg Ca
feculents|poisson|legumes cuits|laitage >100 mg Ca|fruit cru
crudites|VEG cereales+legumes secs|legumes cuits|fromage >150|fruit cuit
crudites|VEG galette vegetarienne|legumes cuits|laitage >100 mg Ca|fruit cuit
patisserie salee|porc|legumes cuits|fromage >150|fruit cru
feculents|poisson|legumes cuits|fromage 100-150|fruit cru
legumes cuits >15 % MG|volaille|feculents|fromage >150|fruit cru
crudites|veau non hache|legumes secs||dessert lait+feculent >20 g sucres
crudites|volaille|feculents >15 % MG||dessert lacte >100 mg Ca
legumes cuits|plat <70 % proteine animale|legumes secs|fromage >150|fruit cru
crudites|boeuf non hache|legumes cuits|fromage 100-150|patisserie >15 % MG
feculents|VEG oeuf|legumes cuits|laitage >100 mg Ca|fruit cru
charcuterie|poisson|legumes cuits|fromage >150|fruit cuit
crudites >15 % MG|poisson|feculents|fromage >150|fruit cru
feculents|VEG cereales+legumes secs|legumes cuits|laitage >100 mg Ca|fruit cru
legumes cuits|volaille|feculents|fromage >150|fruit cru
crudites|boeuf hache|legumes cuits|fromage 100-150|fruit cuit
crudites|agneau non hache|feculents||dessert lait+feculent >20 g sucres
"""

TAGS = {
    Slot.ENTREE: {
        "legumes cuits": "",
        "crudites": "F01",
        "feculents": "",
        "patisserie salee": "F11",
        "legumes cuits >15 % MG": "F11",
        "charcuterie": "F11",
        "crudites >15 % MG": "F01 F11",
    },
    Slot.PLAT: {
        "boeuf non hache": "F08",
        "veau non hache": "F08",
        "agneau non hache": "F08",
        "boeuf hache": "",
        "volaille": "",
        "porc": "",
        "porc P/L<1": "F14",
        "poisson": "F09",
        "plat <70 % proteine animale": "F10",
        "VEG cereales+legumes secs": "",
        "VEG galette vegetarienne": "",
        "VEG oeuf": "",
    },
    Slot.GARNITURE: {
        "legumes cuits": "F03",
        "feculents": "F04",
        "legumes secs": "F04",
        "feculents >15 % MG": "F04 F13",
    },
    Slot.LAITIER: {"fromage >150": "F05", "fromage 100-150": "F06", "laitage >100 mg Ca": "F07"},
    Slot.DESSERT: {
        "fruit cru": "F02",
        "fruit cuit": "",
        "patisserie >15 % MG": "F12",
        "dessert lacte >100 mg Ca": "F07",
        "dessert lait+feculent >20 g sucres": "F15",
    },
}
"""What each word of the plan counts for."""

PUBLISHED = {
    "F01": 10,
    "F02": 10,
    "F03": 10,
    "F04": 10,
    "F05": 8,
    "F06": 4,
    "F07": 6,
    "F08": 4,
    "F09": 4,
    "F10": 1,
    "F11": 4,
    "F12": 2,
    "F13": 2,
    "F14": 1,
    "F15": 2,
}
VEGETARIAN = {
    "VEG cereales+legumes secs": Vegetarien.CEREALE_LEGUMINEUSE,
    "VEG galette vegetarienne": Vegetarien.TRANSFORME,
    "VEG oeuf": Vegetarien.OEUF,
    "charcuterie": None,
}
DATES = days(20, weekdays=FIVE_DAYS)
LAW = frozenset({*PUBLISHED, "V1", "V6", "V7", "structure"})


def _dish(slot: Slot, words: str) -> Recipe:
    plat = slot is Slot.PLAT
    return recipe(
        f"{slot.value}: {words}",
        slot,
        *(Critere(tag) for tag in TAGS[slot][words].split()),
        vegetarian=VEGETARIAN.get(words, None if plat else Vegetarien.AUTRE),
        covers_dairy=words.startswith(("dessert lacte", "dessert lait")),
    )


def _meals() -> dict[date, list[str]]:
    rows = ROWS.strip().splitlines()
    return {
        day: [f"{slot.value}: {words}" for slot, words in zip(Slot, row.split("|"), strict=True) if words]
        for day, row in zip(DATES, rows, strict=True)
    }


@pytest.fixture(scope="module")
def asked() -> Instance:
    """Twenty lunches of five components, five a week, and the invented dishes."""
    return question(
        [_dish(slot, words) for slot, known in TAGS.items() for words in known],
        services=services(DATES),
        kitchen=kitchen(week_days=5),
    )


def faults(instance: Instance, plan: Plan) -> set[str]:
    """Rules of the law, and of the guide itself, that the plan breaks."""
    families = {fault.rule: fault.rule.split("-")[0] for fault in violations(instance, plan)}
    return {rule for rule, family in families.items() if family in LAW}


def test_plan_of_the_cnrc_passes(asked: Instance) -> None:
    """Neither F01 to F15, nor V1, V6, V7, nor the structure finds a fault, nor do their rows."""
    plan = menu(asked, _meals())
    assert faults(asked, plan) == set()
    assert fits(asked, plan, *LAW)


def test_counts_are_those_published(asked: Instance) -> None:
    """The counters show the figures of the guide."""
    found = {c.rule: c.count for c in counts(asked, menu(asked, _meals())) if c.rule in PUBLISHED}
    assert found == PUBLISHED


def test_one_vegetarian_menu_a_week(asked: Instance) -> None:
    """Four menus, one in each of the four weeks."""
    assert [c.count for c in counts(asked, menu(asked, _meals())) if c.rule == "V1"] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("rank", "before", "after", "broken"),
    [
        (1, "entree: crudites", "entree: legumes cuits", {"F01"}),
        (6, "entree: patisserie salee", "entree: crudites", set()),
        (3, "entree: feculents", "entree: charcuterie", {"F11"}),
        (0, "plat: boeuf non hache", "plat: volaille", {"F08"}),
        (3, "plat: poisson", "plat: boeuf hache", {"F09"}),
        (13, "plat: VEG oeuf", "plat: volaille", {"V1", "V6"}),
        (3, "garniture: legumes cuits", "garniture: feculents", {"F03", "F04"}),
        (0, "laitier: fromage >150", "laitier: fromage 100-150", {"F05"}),
        (1, "laitier: fromage 100-150", "laitier: fromage >150", {"F06"}),
        (2, "dessert: dessert lacte >100 mg Ca", "dessert: fruit cuit", {"F07", "structure"}),
        (4, "dessert: fruit cuit", "dessert: dessert lait+feculent >20 g sucres", {"structure"}),
    ],
)
def test_one_changed_dish(asked: Instance, rank: int, before: str, after: str, broken: set[str]) -> None:
    """The plan is tight: most dishes exchanged break the very rule they served."""
    meals = _meals()
    meals[DATES[rank]] = [after if code == before else code for code in meals[DATES[rank]]]
    plan = menu(asked, meals)
    assert plan != menu(asked, _meals())
    assert faults(asked, plan) == broken
    assert fits(asked, plan, *LAW) is not bool(broken)
