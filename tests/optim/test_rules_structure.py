"""What a meal is made of: four or five components, dishes that fill two, a choice of garnitures."""

import pytest

from optim.instance import Dish, Instance
from optim.plan import Plan
from optim.terms import Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import MONDAY, THURSDAY, TUESDAY, days, kitchen, menu, question, recipe, services

RECIPES = (
    recipe("soupe", Slot.ENTREE),
    recipe("carottes", Slot.ENTREE),
    recipe("mimolette", Slot.ENTREE, covers_dairy=True),
    recipe("colin"),
    recipe("lasagnes", complete_dish=True),
    recipe("haricots", Slot.GARNITURE, garnish="legume"),
    recipe("choux", Slot.GARNITURE, garnish="legume"),
    recipe("riz", Slot.GARNITURE, garnish="feculent"),
    recipe("yaourt", Slot.LAITIER),
    recipe("pomme", Slot.DESSERT),
    recipe("riz-au-lait", Slot.DESSERT, covers_dairy=True),
)
FULL = ("soupe", "colin", "riz", "yaourt", "pomme")
DAY = services([MONDAY])


def one_day(**fields: object) -> Instance:
    """One service and every dish above."""
    return question(RECIPES, services=DAY, kitchen=kitchen(**fields))


def meal(instance: Instance, *codes: str) -> Plan:
    """The dishes of Monday."""
    return menu(instance, {MONDAY: codes})


def _components(about: str, broken: tuple[str, ...], repaired: tuple[str, ...], says: str) -> Case:
    instance = one_day()
    return Case(
        rule="structure",
        about=about,
        instance=instance,
        trivial=meal(instance, *FULL),
        broken=meal(instance, *broken),
        repaired=meal(instance, *repaired),
        says=says,
    )


def _garnitures() -> Case:
    instance = one_day(choices={Slot.GARNITURE: 2})
    return Case(
        rule="garnitures",
        instance=instance,
        trivial=meal(instance, *FULL, "haricots"),
        broken=meal(instance, "choux", "haricots"),
        repaired=meal(instance, "choux", "riz"),
        says="il manque un féculent parmi les garnitures",
    )


def _directed() -> Case:
    known = (*RECIPES, recipe("poire", Slot.DESSERT, variant_of="pomme"))
    asked = kitchen(choices={Slot.DESSERT: 2}, directed=frozenset({Slot.DESSERT}))
    instance = question(known, services=DAY, kitchen=asked)
    return Case(
        rule="choix-dirige",
        instance=instance,
        trivial=meal(instance, *FULL),
        broken=meal(instance, *FULL, "riz-au-lait"),
        repaired=meal(instance, *FULL, "poire"),
        says="devraient être des variantes d'un même plat",
    )


CASES = (
    _components("a component is missing", FULL[:4], FULL, "Lundi 05/01, dessert : rien, il en faut 1."),
    _components("one component too many", (*FULL, "carottes"), FULL, "entrée : 2 plats, il en faut 1."),
    _components(
        "a complete dish fills the garniture",
        ("soupe", "lasagnes", "riz", "yaourt", "pomme"),
        ("soupe", "lasagnes", "yaourt", "pomme"),
        "garniture : 2 plats, il en faut 1.",
    ),
    _components(
        "a dairy dessert fills produit laitier",
        ("soupe", "colin", "riz", "yaourt", "riz-au-lait"),
        ("soupe", "colin", "riz", "riz-au-lait"),
        "produit laitier : 2 plats, il en faut 1.",
    ),
    _components(
        "a cheese starter fills produit laitier",
        ("mimolette", "colin", "riz", "yaourt", "pomme"),
        ("mimolette", "colin", "riz", "pomme"),
        "produit laitier : 2 plats, il en faut 1.",
    ),
    _garnitures(),
    _directed(),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A meal with every component is not blamed."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault is told in words, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert case.says in fault.message
    assert fault.date == MONDAY
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The meal without its fault is right for both."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (("soupe", "colin", "riz", "yaourt"), True),
        (("colin", "riz", "yaourt", "pomme"), True),
        (("mimolette", "colin", "riz"), True),
        (("colin", "riz", "riz-au-lait"), True),
        (("lasagnes", "riz-au-lait"), True),
        (FULL, False),
        (("colin", "riz", "yaourt"), False),
        (("mimolette", "colin", "riz", "pomme"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_four_components_ask_a_starter_or_a_dessert(codes: tuple[str, ...], kept: bool) -> None:
    """The short menu has one of the two, never both, never none."""
    instance = one_day(components=4)
    plan = meal(instance, *codes)
    assert (faults_of("structure", instance, plan) == []) is kept
    assert fits(instance, plan, "structure") is kept


def test_choice_keeps_every_component() -> None:
    """Where two plats are offered, the complete one leaves its garniture to the other."""
    instance = one_day(choices={Slot.PLAT: 2})
    assert faults_of("structure", instance, meal(instance, *FULL, "lasagnes")) == []
    assert fits(instance, meal(instance, *FULL, "lasagnes"), "structure")
    alone = meal(instance, "soupe", "colin", "lasagnes", "yaourt", "pomme")
    assert [fault.slot for fault in faults_of("structure", instance, alone)] == ["garniture"]
    assert not fits(instance, alone, "structure")


def test_slot_that_the_kitchen_does_not_serve_stays_empty() -> None:
    """A kitchen without starters at all has no starter to choose."""
    instance = one_day(choices={Slot.ENTREE: 0})
    assert faults_of("structure", instance, meal(instance, *FULL[1:])) == []
    assert fits(instance, meal(instance, *FULL[1:]), "structure")
    assert faults_of("structure", instance, meal(instance, *FULL))


def test_dish_in_the_wrong_slot_is_told() -> None:
    """A starter is no dessert."""
    instance = one_day()
    wrong = Dish(date=MONDAY, slot=Slot.DESSERT, recipe="soupe")
    plan = Plan(dishes=(*meal(instance, *FULL[:4]).dishes, wrong))
    assert [f.message for f in faults_of("structure", instance, plan)] == [
        "Soupe se sert en entrée, pas en dessert."
    ]


def test_shares_that_do_not_make_the_whole_are_told() -> None:
    """30 % and 50 % leave a fifth of the diners without dessert; thirds rounded up are the whole."""
    instance = one_day(choices={Slot.DESSERT: 2})
    base = meal(instance, *FULL[:4]).dishes
    portions = [
        Dish(date=MONDAY, slot=Slot.DESSERT, choice=rank + 1, recipe=code, share_permille=share)
        for rank, (code, share) in enumerate((("pomme", 300), ("riz-au-lait", 500)))
    ]
    (fault,) = faults_of("structure", instance, Plan(dishes=(*base, *portions)))
    assert fault.message == "Lundi 05/01, dessert : les parts font 80 %, pas 100 %."
    thirds = one_day(choices={Slot.ENTREE: 3})
    plan = meal(thirds, *FULL, "carottes", "mimolette")
    assert [d.share_permille for d in plan.by_day[MONDAY] if d.slot is Slot.ENTREE] == [334] * 3
    assert faults_of("structure", thirds, plan) == []


def test_dish_on_a_day_that_is_served_or_closed_is_told() -> None:
    """Nothing is cooked again for Monday, which is eaten, nor on Thursday, which is closed."""
    instance = question(RECIPES, services=services(days(2), served=1), history={MONDAY: FULL})
    plan = menu(instance, {MONDAY: ["soupe"], TUESDAY: FULL, THURSDAY: ["soupe"]})
    assert [(f.date, f.message) for f in faults_of("structure", instance, plan)] == [
        (MONDAY, "Soupe : pas de repas à préparer le lundi 05/01."),
        (THURSDAY, "Soupe : pas de repas à préparer le jeudi 08/01."),
    ]


def test_day_without_any_dish_lacks_every_component() -> None:
    """An empty day is five faults, in the order of service."""
    instance = one_day()
    found = faults_of("structure", instance, Plan(dishes=()))
    assert [fault.slot for fault in found] == [slot.value for slot in Slot]


def test_single_garniture_needs_no_pair() -> None:
    """The pair is asked of a choice only, and of a day that has garnitures."""
    instance = one_day()
    assert faults_of("garnitures", instance, meal(instance, *FULL)) == []
    assert fits(instance, meal(instance, *FULL), "garnitures")
