"""Limits of temperature at delivery: every class of the arrêté, from the fields of a food."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from cantine.foods.models import Food
from cantine.foods.temperatures import LIMITS, limit_of

EXPECTED = {
    "boeuf_hache": 2,
    "dinde_hachee": 2,
    "cabillaud": 2,
    "moule": 2,
    "foie_veau": 3,
    "dinde_escalope": 4,
    "boeuf_roti": 4,
    "jambon_blanc": 4,
    "hareng_fume": 4,
    "salade_4e": 4,
    "oeuf_liquide": 4,
    "terrine_legumes": 4,
    "beurre": 8,
    "camembert": 8,
    "tofu": 8,
    "betterave_cuite": 8,
    "epinard_surg": -18,
    "steak_hache_surg": -18,
    "oeuf": None,
    "carotte": None,
    "persil": None,
    "riz": None,
    "pain": None,
}


def test_each_food_of_the_demonstration_has_its_limit(seeds_engine: Engine) -> None:
    """Degrees of the arrêté for one food of each class, none where it sets none."""
    with Session(seeds_engine) as session:
        found = {code: limit_of(session.get_one(Food, code)) for code in EXPECTED}
    assert {code: limit and limit.celsius for code, limit in found.items()} == EXPECTED


@pytest.mark.parametrize(
    ("group", "words"), [("pane_viande", "préparations de viande"), ("lait", "lait cru")]
)
def test_classes_the_seeds_do_not_hold(group: str, words: str) -> None:
    """Prepared meat and raw milk, kept in the cold room."""
    family = "PRODUITS_LAITIERS" if group == "lait" else "VIANDES_VOLAILLES"
    food = Food(
        code="x",
        name="X",
        family=family,
        group=group,
        gamme="frais",
        storage="froid_positif",
        raw_milk=group == "lait",
    )
    limit = limit_of(food)
    assert limit in LIMITS
    assert (limit.words, limit.celsius) == (words, 4)
