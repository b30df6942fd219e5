"""What the kitchen can do on a day: season, hygiene, pork, machines, hands."""

import pytest

from optim.instance import Dish, Instance, Service
from optim.plan import Plan, need_g
from optim.terms import Niveau, Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    cooked,
    food,
    kitchen,
    menu,
    question,
    recipe,
    services,
)

FOODS = (
    food("tomate", season_months={6, 7, 8, 9}),
    food("poireau", season_months={10, 11, 12, 1, 2}),
    food("colin", fresh_fish=True),
    food("lieu"),
    food("maroilles", raw_milk=True),
    food("gouda"),
    food("porc"),
    food("dinde"),
)
RECIPES = (
    recipe("riz"),
    cooked("farcies", {"tomate": 100}),
    cooked("flamiche", {"poireau": 100}),
    recipe("gaspacho", months={6, 7}),
    recipe("garbure", months={1, 2}),
    recipe("braise", day_before=True),
    recipe("roti"),
    cooked("frais", {"colin": 100}),
    cooked("surgele", {"lieu": 100}),
    cooked("tarte", {"maroilles": 100}),
    cooked("croque", {"gouda": 100}),
    cooked("sauté", {"porc": 100}, pork=True, substitute="escalope"),
    recipe("saucisse", pork=True),
    recipe("andouille", pork=True),
    cooked("escalope", {"dinde": 80}),
    recipe("frites", Slot.GARNITURE, equipment={"friteuse"}, staff_minutes=40, heavy=True),
    recipe("beignets", Slot.DESSERT, equipment={"friteuse"}, staff_minutes=60, heavy=True),
    recipe("nems", Slot.ENTREE, equipment={"friteuse"}, staff_minutes=30),
)
WITH_SMALL = Service(date=MONDAY, diners={Niveau.MATERNELLE: 20, Niveau.COLLEGE: 80})


def ask(**fields: object) -> Instance:
    """Monday and Tuesday with every dish above, unless ``fields`` say otherwise."""
    return question(RECIPES, **({"foods": FOODS, "services": services([MONDAY, TUESDAY])} | fields))


def _case(
    rule: str, broken: str, repaired: str, says: str, instance: Instance | None = None, about: str = ""
) -> Case:
    instance = instance or ask()
    plans = [menu(instance, {MONDAY: codes.split()}) for codes in ("riz", broken, repaired)]
    return Case(
        rule=rule,
        about=about or broken,
        instance=instance,
        trivial=plans[0],
        broken=plans[1],
        repaired=plans[2],
        says=says,
    )


CASES = (
    _case("saison", "farcies", "flamiche", "Tomate hors saison"),
    _case("saison", "gaspacho", "garbure", "ce plat n'est pas de saison"),
    _case("veille", "braise", "roti", "la cuisine est fermée", ask(closed_before={MONDAY})),
    _case("lundi", "frais", "surgele", "pas de poisson frais le lundi"),
    _case("lait-cru", "tarte", "croque", "lait cru", ask(services=(WITH_SMALL,))),
    _case("sans-porc", "saucisse", "sauté", "rien pour", ask(kitchen=kitchen(no_pork_permille=200))),
    _case(
        "sans-porc",
        "saucisse andouille",
        "saucisse escalope",
        "rien pour les convives sans porc",
        ask(kitchen=kitchen(no_pork_permille=200, choices={Slot.PLAT: 2})),
    ),
    _case(
        "materiel",
        "nems frites beignets",
        "nems frites",
        "Lundi 05/01 : 3 plats pour « friteuse »",
        ask(kitchen=kitchen(equipment={"friteuse": 2})),
    ),
    _case(
        "temps",
        "nems frites beignets",
        "frites beignets",
        "130 minutes de travail, l'équipe en a 100",
        ask(kitchen=kitchen(staff_minutes=100)),
    ),
    _case("lourd", "frites beignets", "frites nems", "2 plats lourds"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A dish that asks nothing is not blamed."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """The fault is told in words, on its day, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    assert case.says in fault.message
    assert fault.date == MONDAY
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """Another dish in its place, and both agree."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize(
    ("rule", "code"),
    [("lundi", "frais"), ("veille", "braise"), ("lait-cru", "tarte"), ("sans-porc", "saucisse")],
)
def test_same_dish_where_nothing_forbids_it(rule: str, code: str) -> None:
    """On Tuesday, among collégiens who all eat pork, the same dishes are right."""
    instance = ask(closed_before={MONDAY})
    plan = menu(instance, {TUESDAY: [code]})
    assert faults_of(rule, instance, plan) == []
    assert fits(instance, plan, rule)


def test_substitute_is_looked_at_too() -> None:
    """The pork may be cooked all year, the tomatoes served instead may not."""
    recipes = (
        cooked("roti", {"porc": 100}, pork=True, substitute="farcies"),
        cooked("farcies", {"tomate": 100}),
    )
    instance = question(recipes, foods=FOODS, kitchen=kitchen(no_pork_permille=100))
    plan = menu(instance, {MONDAY: ["roti"]})
    assert [f.message for f in faults_of("saison", instance, plan)] == [
        "Farcies, lundi 05/01 : Tomate hors saison."
    ]
    assert not fits(instance, plan, "saison")
    everybody = question(recipes, foods=FOODS)
    assert faults_of("saison", everybody, plan) == []
    assert fits(everybody, plan, "saison")


def test_substitute_is_cooked_for_its_share() -> None:
    """Of 100 diners, 80 eat 100 g of pork and 20 eat 80 g of turkey."""
    instance = ask(kitchen=kitchen(no_pork_permille=200))
    plan = menu(instance, {MONDAY: ["sauté"]})
    assert need_g(instance, plan.dishes) == {(MONDAY, "porc"): 8000, (MONDAY, "dinde"): 1600}


def test_machine_without_number_takes_everything() -> None:
    """A machine that the kitchen did not count holds nobody back."""
    instance = ask(kitchen=kitchen(equipment={"four": 0}))
    plan = menu(instance, {MONDAY: ["nems", "frites", "beignets"]})
    assert faults_of("materiel", instance, plan) == []
    assert fits(instance, plan, "materiel")


def test_time_unknown_is_not_limited() -> None:
    """A kitchen that did not give its minutes is not held to any."""
    instance = ask()
    plan = menu(instance, {MONDAY: ["nems", "frites", "beignets"]})
    assert faults_of("temps", instance, plan) == []
    assert fits(instance, plan, "temps")


# Half of the diners take the frites (20 of 40 minutes), half the riz: 20 + 60 for the beignets = 80.
@pytest.mark.parametrize(("room", "kept"), [(80, True), (79, False)])
def test_dish_of_some_diners_takes_its_share_of_time(room: int, kept: bool) -> None:
    """Minutes follow the share of the diners."""
    recipes = (*RECIPES, recipe("semoule", Slot.GARNITURE))
    instance = question(
        recipes, foods=FOODS, kitchen=kitchen(staff_minutes=room, choices={Slot.GARNITURE: 2})
    )
    plan = menu(instance, {THURSDAY: ["frites", "semoule", "beignets"]})
    assert (faults_of("temps", instance, plan) == []) is kept
    assert fits(instance, plan, "temps") is kept


def test_heavy_dishes_on_two_days_are_no_fault() -> None:
    """One a day is the usage; the next day has its own."""
    instance = ask()
    plan = menu(instance, {MONDAY: ["frites"], TUESDAY: ["beignets"]})
    assert faults_of("lourd", instance, plan) == []
    assert fits(instance, plan, "lourd")


def test_pork_beside_another_slot_is_no_choice() -> None:
    """The dessert without pork does not feed those who find only sausage as plat."""
    instance = ask(kitchen=kitchen(no_pork_permille=200))
    pork = Dish(date=MONDAY, slot=Slot.PLAT, recipe="saucisse")
    sweet = Dish(date=MONDAY, slot=Slot.DESSERT, recipe="beignets")
    assert [f.slot for f in faults_of("sans-porc", instance, Plan(dishes=(pork, sweet)))] == ["plat"]
