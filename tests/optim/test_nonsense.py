"""A question that contradicts itself is refused before any search: each reason in French, all at once."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from optim.instance import Dish, Egalim, Instance, Offer, Recipe, Service
from optim.plan import Status
from optim.refusal import reasons
from optim.solve import solve
from optim.terms import Niveau, Slot, Vegetarien
from tests.optim.small import (
    MONDAY,
    TUESDAY,
    cooked,
    days,
    dishes,
    food,
    kitchen,
    lot,
    offer,
    question,
    recipe,
    services,
    supplier,
)

DAY = timedelta(days=1)
POTEE, FLAN = cooked("potee", {"chou": 100}), recipe("flan", Slot.DESSERT)
SOUND: dict[str, Any] = {
    "recipes": (POTEE, FLAN),
    "foods": (food("chou"),),
    "suppliers": (supplier(dates=(MONDAY, TUESDAY)),),
    "offers": (offer("c", "chou"),),
}
NEGATIVE = {Niveau.COLLEGE: -1}
NOBODY = tuple(Service(date=day, diners={Niveau.COLLEGE: 0}) for day in days(2))
PAST = {"past_cents": 100, "past_bio_cents": 101}


def kept(code: str, **fields: Any) -> Dish:
    """A dish that the chief keeps on Monday."""
    return Dish(**({"date": MONDAY, "slot": Slot.PLAT, "recipe": code} | fields))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"services": (*services([MONDAY]), *services([TUESDAY], served=1))},
            "services : un service servi vient après un service à planifier",
        ),
        ({"kept": {MONDAY - DAY}}, "menus gardés : pas de service le 2026-01-04"),
        ({"without_menu": (MONDAY,)}, "service du 2026-01-05 : à la fois donné et laissé sans menu"),
        (
            {"services": (Service(date=MONDAY, diners=NEGATIVE), *services([TUESDAY]))},
            "service du 2026-01-05 : un effectif est négatif",
        ),
        ({"services": NOBODY}, "services : aucun convive sur toute la période"),
        ({"kitchen": kitchen(choices={Slot.PLAT: 4})}, "cuisine : une composante a de 0 à 3 choix"),
        ({"kitchen": kitchen(choices={Slot.PLAT: -1})}, "cuisine : une composante a de 0 à 3 choix"),
        ({"kitchen": kitchen(choices=dict.fromkeys(Slot, 0))}, "cuisine : aucune composante à servir"),
        ({"kitchen": kitchen(staff_minutes=-1)}, "cuisine : le temps de l'équipe est négatif"),
        ({"kitchen": kitchen(equipment={"four": -1})}, "cuisine : la place d'un équipement est négative"),
        ({"kitchen": kitchen(storage_g={"froid": -1})}, "cuisine : la place d'une réserve est négative"),
        ({"foods": (food("chou"), food("chou"))}, "aliments : le code chou est en double"),
        ({"recipes": (POTEE, FLAN, FLAN)}, "recettes : le code flan est en double"),
        ({"suppliers": (supplier(), supplier())}, "fournisseurs : le code s est en double"),
        ({"offers": (offer("c", "chou"), offer("c", "chou"))}, "offres : le code c est en double"),
        (
            {"stock": (lot("r", "chou", 1, MONDAY), lot("r", "chou", 1, MONDAY))},
            "stock : le code r est en double",
        ),
        ({"stock": (lot("r", "navet", 1, MONDAY),)}, "stock r : aliment inconnu navet"),
        ({"recipes": (cooked("potee", {"chou": -1}),)}, "recette potee : une quantité est négative"),
        (
            {"recipes": (recipe("potee", waste_mg=NEGATIVE),)},
            "recette potee : une quantité est négative",
        ),
        (
            {"recipes": (recipe("potee", substitute="potee"),)},
            "recette potee : elle ne peut pas se remplacer elle-même",
        ),
        ({"recipes": (recipe("potee", months={13}),)}, "recette potee : un mois va de 1 à 12"),
        (
            {"suppliers": (supplier(dates=(TUESDAY, MONDAY)),)},
            "fournisseur s : une livraison est en double ou n'est pas dans l'ordre",
        ),
        (
            {"suppliers": (supplier(dates=(MONDAY, MONDAY)),)},
            "fournisseur s : une livraison est en double ou n'est pas dans l'ordre",
        ),
        (
            {"offers": (offer("c", "chou", valid_from=TUESDAY, valid_to=MONDAY),)},
            "offre c : elle finit le 2026-01-05, avant de commencer",
        ),
        ({"history": (kept("potee"),)}, "plat du 2026-01-05 (potee) : ce jour n'est pas un service servi"),
        (
            {"locks": (kept("potee", date=MONDAY - DAY),)},
            "plat gardé le 2026-01-04 (potee) : pas de service ce jour-là",
        ),
        ({"locks": (kept("flan"),)}, "plat gardé le 2026-01-05 (flan) : il se sert en dessert, pas en plat"),
        (
            {"locks": (kept("potee"),), "bans": {(MONDAY, "potee")}},
            "plat du 2026-01-05 (potee) : à la fois gardé et écarté",
        ),
        (
            {
                "recipes": (POTEE, FLAN, recipe("riz")),
                "locks": (kept("potee", share_permille=700), kept("riz", choice=2, share_permille=600)),
            },
            "plats gardés le 2026-01-05, plat : leurs parts font 1300 pour mille",
        ),
        (
            {"budget_ttc_cents": 9, "kitchen": kitchen(staples_cents=10)},
            "crédit nourriture : 9 centimes par repas ne paient pas l'épicerie de base (11 centimes TTC)",
        ),
        ({"egalim": Egalim(**PAST)}, "achats de l'année : une part dépasse son total"),
        ({"egalim": Egalim(past_cents=-1)}, "achats de l'année : un montant est négatif"),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], says: str) -> None:
    """The sound question is accepted; with one contradiction it is refused, and the sentence says which."""
    assert question(**SOUND).meals == 400
    with pytest.raises(ValidationError) as refusal:
        question(**(SOUND | fields))
    assert says in reasons(refusal.value)[0].split(" ; ")


def test_every_contradiction_is_told_at_once() -> None:
    """Three slips in three corners, three sentences: the data are mended in one go."""
    with pytest.raises(ValidationError) as refusal:
        question(
            **(
                SOUND
                | {
                    "services": NOBODY,
                    "suppliers": (supplier(dates=(TUESDAY, MONDAY)),),
                    "budget_ttc_cents": 5,
                    "kitchen": kitchen(staples_cents=10),
                }
            )
        )
    (told,) = reasons(refusal.value)
    assert len(told.split(" ; ")) == 3


def test_words_of_a_field_are_french_too() -> None:
    """Where the fault is, then what is wrong: nobody reads a library's English."""
    values = offer("c", "chou").model_dump()
    wrong = {
        "pack_g": 0,
        "price_cents": "cher",
        "valid_from": "demain",
        "labels": ["JOLI"],
        "couleur": "vert",
    }
    with pytest.raises(ValidationError) as refusal:
        Offer(**{k: v for k, v in values.items() if k != "supplier"} | wrong)
    told = reasons(refusal.value)
    assert told[0] == "supplier : manque"
    assert "pack_g : doit être plus grand que 0" in told
    assert "price_cents : n'est pas un nombre qui convient" in told
    assert "valid_from : n'est pas une date (aaaa-mm-jj)" in told
    assert "couleur : champ inconnu" in told
    assert any(words.startswith("labels.0 : ne peut être que") for words in told)
    with pytest.raises(ValidationError) as whole:
        Recipe.model_validate_json("{")
    assert reasons(whole.value)[0].startswith("n'est pas du JSON")


def test_a_kept_dish_that_nobody_sells_is_a_question_with_an_answer() -> None:
    """It makes sense and has no plan: the food that lacks is named, so that the chief may let the dish go."""
    dahl = cooked("dahl", {"lentilles": 80}, vegetarian=Vegetarien.CEREALE_LEGUMINEUSE)
    asked: Instance = question(
        (dahl,),
        kitchen=kitchen(choices=dict.fromkeys(Slot, 0) | {Slot.PLAT: 1}),
        services=services([MONDAY]),
        foods=(food("lentilles"),),
        locks=dishes([dahl], {MONDAY: ["dahl"]}),
        switched_off={"V6", "V7", "vege-plus", "F08", "F09"},
    )
    result = solve(asked, time_limit=3)
    assert result.status is Status.INFEASIBLE
    assert any("Lentilles" in words or "dahl" in words for words in result.conflicts)
