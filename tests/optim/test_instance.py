"""The question refuses nonsense at birth, in French, and travels as JSON both ways."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from optim.instance import Dish, Egalim, Instance, Kitchen, Offer, Profile, Recipe, Service
from optim.plan import Plan
from optim.terms import Critere, Label, Niveau, Slot, Vegetarien
from tests.optim.small import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    buy,
    cooked,
    days,
    draw,
    food,
    kitchen,
    lot,
    menu,
    offer,
    question,
    recipe,
    services,
    supplier,
    take,
)


def rich() -> Instance:
    """A question with something in every field."""
    return question(
        (
            cooked(
                "potee",
                {"chou": 100},
                tags=frozenset({Critere.F03, Critere.F08}),
                pork=True,
                substitute="dahl",
                equipment=frozenset({"four"}),
                months=frozenset({1, 2}),
                waste_mg={Niveau.COLLEGE: 20_000},
            ),
            cooked("dahl", {"lentilles": 80}, vegetarian=Vegetarien.CEREALE_LEGUMINEUSE),
        ),
        kitchen=kitchen(
            choices={Slot.PLAT: 2},
            equipment={"four": 2},
            storage_g={"froid": 9000},
            bread_food="chou",
            no_pork_permille=50,
        ),
        services=services(days(4), served=1),
        history={MONDAY: ["potee"]},
        locks={TUESDAY: ["dahl"]},
        bans={(THURSDAY, "potee")},
        foods=(food("chou", season_months={1, 2}), food("lentilles")),
        suppliers=(supplier(dates=(MONDAY, THURSDAY), min_order_cents=5000),),
        offers=(offer("c", "chou", labels={Label.BIO}, local=True, weekly_packs=3),),
        stock=(lot("s", "lentilles", 4000, FRIDAY),),
        closed_before={TUESDAY},
        budget_ttc_cents=250,
        egalim=Egalim(past_cents=10_000, past_bio_cents=500, target_bio_permille=200),
        profile=Profile(code="local", name="Local d'abord", local_permille=500),
        switched_off={"V6"},
    )


def test_question_travels_as_json() -> None:
    """What is read back is what was written, to the last field."""
    asked = rich()
    assert Instance.model_validate_json(asked.model_dump_json()) == asked


def test_a_copy_forgets_what_was_derived_from_the_old_fields() -> None:
    """Without its offers, a question knows no offer any more, and works out anew what it remembered."""
    asked = rich()
    assert (len(asked.offer), asked.memo("seen", lambda: 1)) == (1, 1)
    copy = asked.model_copy(update={"offers": ()})
    assert (copy.offer, copy.memo("seen", lambda: 2), copy.suppliers) == ({}, 2, asked.suppliers)


def test_answer_travels_as_json() -> None:
    """The same for a plan with dishes, purchases and uses."""
    asked = rich()
    plan = Plan(
        dishes=menu(asked, {TUESDAY: ["potee", "dahl"]}).dishes,
        purchases=(buy("c", 2),),
        uses=(take(TUESDAY, "chou", 9500, "c"), draw(TUESDAY, "lentilles", 400, "s")),
    )
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"services": services((TUESDAY, MONDAY))}, "une date est en double ou n'est pas dans l'ordre"),
        ({"services": services((MONDAY, MONDAY))}, "une date est en double ou n'est pas dans l'ordre"),
        ({"services": services([MONDAY], served=1)}, "services : aucun service à planifier"),
        ({"services": ()}, "services : aucun service à planifier"),
        ({"recipes": (cooked("potee", {"navet": 100}),)}, "recette potee : aliment inconnu navet"),
        ({"offers": (offer("n", "navet"),)}, "offre n : aliment inconnu navet"),
        ({"offers": (offer("c", "chou", supplier="x"),)}, "offre c : fournisseur inconnu x"),
        (
            {"locks": (Dish(date=MONDAY, slot=Slot.PLAT, recipe="pizza"),)},
            "plat du 2026-01-05 : recette inconnue pizza",
        ),
        (
            {"history": (Dish(date=MONDAY, slot=Slot.PLAT, recipe="pizza"),)},
            "plat du 2026-01-05 : recette inconnue pizza",
        ),
        ({"recipes": (recipe("roti", substitute="tofu"),)}, "recette roti : remplaçante inconnue tofu"),
    ],
)
def test_inconsistent_question_is_refused(fields: dict[str, Any], message: str) -> None:
    """The fault names what is wrong, in French."""
    defaults: dict[str, Any] = {"foods": (food("chou"),), "suppliers": (supplier(),)}
    with pytest.raises(ValidationError) as refusal:
        question(**(defaults | fields))
    assert message in str(refusal.value)


def test_all_faults_are_told_at_once() -> None:
    """Bad data is mended in one go: three faults, three sentences."""
    with pytest.raises(ValidationError) as refusal:
        question((recipe("roti", substitute="tofu"),), offers=(offer("n", "navet"),), suppliers=())
    text = str(refusal.value)
    assert "aliment inconnu navet ; offre n : fournisseur inconnu s ; recette roti : remplaçante" in text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Kitchen, {"code": "k", "name": "K", "choices": {}, "components": 3}),
        (Kitchen, {"code": "k", "name": "K", "choices": {}, "components": 6}),
        (Kitchen, {"code": "k", "name": "K", "choices": {}, "week_days": 8}),
        (Dish, {"date": MONDAY, "slot": "plat", "recipe": "riz", "choice": 4}),
        (Dish, {"date": MONDAY, "slot": "plat", "recipe": "riz", "share_permille": 0}),
        (Dish, {"date": MONDAY, "slot": "plat", "recipe": "riz", "share_permille": 1001}),
        (Dish, {"date": MONDAY, "slot": "fromage", "recipe": "riz"}),
        (Recipe, {"code": "r", "name": "R", "slot": "plat", "taste_permille": 1001}),
        (Recipe, {"code": "r", "name": "R", "slot": "plat", "staff_minutes": -1}),
        (Recipe, {"code": "r", "name": "R", "slot": "plat", "cuisson": 3}),
        (Service, {"date": "demain", "diners": {}}),
        (Offer, offer("c", "chou").model_dump() | {"pack_g": 0}),
        (Offer, offer("c", "chou").model_dump() | {"price_cents": 0}),
        (Offer, offer("c", "chou").model_dump() | {"credit_cents_kg": -1}),
    ],
)
def test_nonsense_is_refused_at_birth(kind: type[Any], fields: dict[str, Any]) -> None:
    """Out of bounds, unknown words and unknown fields never become an object."""
    with pytest.raises(ValidationError):
        kind(**fields)


def test_objects_do_not_change() -> None:
    """A frozen question is the same from the first line to the last."""
    with pytest.raises(ValidationError):
        rich().kitchen.components = 4  # type: ignore[misc]


def test_profile_that_would_pay_for_dearness_is_refused() -> None:
    """Local and quality together stay under 0.95 of a euro."""
    assert Profile(local_permille=600, quality_permille=350).shortfall_steps_permille == (0, 0, 0)
    with pytest.raises(ValidationError, match="local et qualité ensemble doivent rester sous 0,95"):
        Profile(local_permille=600, quality_permille=351)


# 950 - 300 - 150 = 500, a third of it is 166: c = 80 gives 80, 120, 160; c = 100 gives 100, 150, 166.
@pytest.mark.parametrize(("price", "steps"), [(80, (80, 120, 160)), (100, (100, 150, 166))])
def test_steps_of_shortfall_are_capped(price: int, steps: tuple[int, int, int]) -> None:
    """All credits of one euro together, three targets included, never reach what it costs."""
    profile = Profile(local_permille=300, quality_permille=150, shortfall_permille=price)
    assert profile.shortfall_steps_permille == steps


def test_places_and_meals() -> None:
    """Ranks count served services, meals only those to come."""
    asked = rich()
    assert [asked.rank[day] for day in days(4)] == [0, 1, 2, 3]
    assert [s.date for s in asked.horizon] == list(days(4)[1:])
    assert asked.meals == 300
    assert [d.recipe for d in asked.history_by_day[MONDAY]] == ["potee"]


@pytest.mark.parametrize(
    ("choices", "garnish", "dairy"),
    [
        ({}, True, True),
        ({Slot.PLAT: 2}, False, True),
        ({Slot.GARNITURE: 2}, False, True),
        ({Slot.DESSERT: 2}, True, False),
        ({Slot.LAITIER: 2}, True, False),
    ],
)
def test_dish_fills_two_slots_only_without_choice(
    choices: dict[Slot, int], garnish: bool, dairy: bool
) -> None:
    """A complete dish, a dairy dessert, fill the other slot where nobody has a choice."""
    asked = kitchen(choices=choices)
    assert (asked.complete_fills_garnish, asked.dairy_fills(Slot.DESSERT)) == (garnish, dairy)


def test_labels_say_what_counts() -> None:
    """Bio counts twice, a red label once, local alone not at all."""
    kinds = [
        offer("c", "chou", labels=labels, local=True) for labels in ({Label.BIO}, {Label.LABEL_ROUGE}, ())
    ]
    assert [(o.egalim, o.bio) for o in kinds] == [(True, True), (True, False), (False, False)]


def test_memory_computes_once() -> None:
    """What a question derives from itself is computed once and kept."""
    asked, calls = rich(), list[date]()

    def compute() -> int:
        calls.append(MONDAY)
        return 7

    assert [asked.memo("sept", compute) for _ in range(3)] == [7, 7, 7]
    assert len(calls) == 1
