"""A kitchen that serves a collège with a choice and schools without: each line's need, law and plan."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from optim.check import counts, violations
from optim.figures import dish_extras_millicents, objective_parts
from optim.instance import Dish, Instance, Kitchen, Line, Profile, Recipe
from optim.lines import left_out, views
from optim.plan import Plan, Status, dish_need_g
from optim.rules.lines import seen_by
from optim.solve import solve
from optim.surrogate import renumbered
from optim.terms import Critere, Niveau, Slot, Vegetarien
from optim.units import MILLICENTS
from tests.optim.cases import faults_of, fits
from tests.optim.small import (
    MONDAY,
    TUESDAY,
    apart,
    cooked,
    days,
    food,
    kitchen,
    offer,
    question,
    recipe,
    services,
    supplier,
    two_lines,
)

LONE_PLAT = dict.fromkeys(Slot, 0) | {Slot.PLAT: 2}
BEEF, RICE = cooked("boeuf", {"boeuf": 100}, taste_permille=500), cooked("riz", {"riz": 80})
DAYS = days(20)


def asked(recipes: tuple[Recipe, ...] = (BEEF, RICE), **fields: object) -> Instance:
    """Two plats at the collège (60 diners), one at the schools (40 diners), nothing else."""
    whole = kitchen(choices=LONE_PLAT)
    defaults = {
        "kitchen": two_lines(whole),
        "services": apart(services([MONDAY, TUESDAY])),
        "foods": (food("boeuf"), food("riz")),
    }
    return question(recipes, **(defaults | fields))


def pair(first: str, second: str, **fields: object) -> tuple[Dish, Dish]:
    """Two plats of Monday, by rank."""
    place = {"date": MONDAY, "slot": Slot.PLAT, "share_permille": 500}
    return (
        Dish(**(place | {"choice": 1, "recipe": first} | fields)),
        Dish(**(place | {"choice": 2, "recipe": second} | fields)),
    )


def test_schools_without_choice_all_take_the_first_dish() -> None:
    """40 at the schools and half of 60 at the collège: 70 portions of the first, 30 of the second."""
    first, second = pair("boeuf", "riz")
    assert dish_need_g(asked(), first) == {"boeuf": 7000}
    assert dish_need_g(asked(), second) == {"riz": 2400}


def test_a_decided_share_is_one_of_those_who_have_the_choice() -> None:
    """80 % of the collège choose the second: 12 portions of the first there, and the 40 of the schools."""
    first, second = pair("boeuf", "riz")
    assert dish_need_g(asked(), first.model_copy(update={"share_permille": 200})) == {"boeuf": 5200}
    assert dish_need_g(asked(), second.model_copy(update={"share_permille": 800})) == {"riz": 3840}


def test_taste_is_priced_on_those_who_eat_the_dish() -> None:
    """Half of 70 diners against half of 30: what a dish costs beside its food follows its rank."""
    first, second = pair("boeuf", "boeuf")
    instance = asked(profile=Profile(taste_cents_per_100=200, waste_cents_per_kg=0, co2e_cents_per_kg=0))
    prices = [dish_extras_millicents(instance, dish) / MILLICENTS for dish in (first, second)]
    assert prices == [70, 30]


def test_one_line_is_no_line() -> None:
    """A kitchen with a single line needs, costs and counts as one without."""
    whole = kitchen(choices=LONE_PLAT)
    alone = Line(code="college", name="Collège", choices=LONE_PLAT)
    one = question(
        (BEEF, RICE), kitchen=whole, services=services([MONDAY]), foods=(food("boeuf"), food("riz"))
    )
    line = one.model_copy(
        update={
            "kitchen": whole.model_copy(update={"lines": (alone,)}),
            "services": (one.services[0].model_copy(update={"by_line": {"college": {Niveau.COLLEGE: 100}}}),),
        }
    )
    same = Instance.model_validate(line.model_dump())
    for dish in pair("boeuf", "riz"):
        assert dish_need_g(one, dish) == dish_need_g(same, dish)
    plan = Plan(dishes=pair("boeuf", "riz"))
    assert violations(one, plan) == violations(same, plan)
    assert counts(one, plan) == counts(same, plan)


@pytest.mark.parametrize(
    "fields",
    [
        {"choices": LONE_PLAT | {Slot.PLAT: 3}},
        {"code": "college"},
        {"components": 5, "choices": LONE_PLAT | {Slot.DESSERT: 1}},
    ],
    ids=["wider than the kitchen", "a code twice", "a slot that the kitchen does not cook"],
)
def test_a_kitchen_is_as_wide_as_its_widest_line(fields: dict[str, object]) -> None:
    """Lines that the kitchen cannot serve are refused at birth."""
    with pytest.raises(ValidationError):
        Kitchen.model_validate(two_lines(kitchen(choices=LONE_PLAT), **fields).model_dump())


def test_the_diners_by_line_make_the_total() -> None:
    """39 at the schools and 60 at the collège are not 100 diners; a line without diners is missing."""
    meals = apart(services([MONDAY]))
    short = meals[0].model_copy(update={"by_line": dict(meals[0].by_line) | {"ecoles": {Niveau.COLLEGE: 39}}})
    with pytest.raises(ValidationError, match="ne font pas le total"):
        asked(services=(short,))
    with pytest.raises(ValidationError, match="ne sont pas celles"):
        asked(services=services([MONDAY]))


def test_the_first_choices_must_be_there() -> None:
    """Ranks 2 and 3 leave nothing to the schools: the structure tells it, and so do the rows."""
    instance = asked()
    monday, tuesday = pair("boeuf", "riz"), pair("boeuf", "riz", date=TUESDAY)
    shifted = tuple(dish.model_copy(update={"choice": dish.choice + 1}) for dish in monday)
    (fault,) = faults_of("structure", instance, Plan(dishes=(*shifted, *tuesday)))
    assert "rien" in fault.message or "0 plat" in fault.message
    assert faults_of("structure", instance, Plan(dishes=(*monday, *tuesday))) == []
    assert fits(instance, Plan(dishes=(*monday, *tuesday)), "structure")
    assert not fits(instance, Plan(dishes=(*shifted, *tuesday)), "structure")


FISH = recipe("colin", Slot.PLAT, Critere.F09, Critere.F08)
PLAIN = recipe("dinde")


def fishes(first: int, second: int) -> tuple[Instance, Plan]:
    """Twenty days of two plats: fish as the first on so many days, as the second on so many others."""
    instance = asked((FISH, PLAIN, recipe("porc")), services=apart(services(DAYS)))
    dishes: list[Dish] = []
    for rank, day in enumerate(DAYS):
        names = ("dinde", "porc")
        if rank < first:
            names = ("colin", "porc")
        elif rank < first + second:
            names = ("porc", "colin")
        dishes += pair(*names, date=day)
    return instance, Plan(dishes=tuple(dishes))


def test_a_line_without_choice_must_be_lawful_by_itself() -> None:
    """Eight fish of 40 presentations are right for the collège; the schools saw three of their four."""
    instance, plan = fishes(3, 5)
    (fault,) = faults_of("F09", instance, plan)
    assert fault.message.startswith("Écoles : poissons : 3 présentations")
    assert not fits(instance, plan, "F09")
    instance, plan = fishes(4, 4)
    assert faults_of("F09", instance, plan) == []
    assert fits(instance, plan, "F09")


def test_a_fault_of_every_line_is_told_once() -> None:
    """No fish at all: one sentence per line, since their numbers differ, and names on both."""
    instance, plan = fishes(0, 0)
    told = [fault.message for fault in faults_of("F09", instance, plan)]
    assert [message.split(" : ")[0] for message in told] == ["Collège", "Écoles"]


def test_the_counter_is_that_of_most_diners_and_names_the_other() -> None:
    """The collège, 60 of 100, keeps 8 of 8; the counter is broken all the same and says by whom."""
    instance, plan = fishes(3, 5)
    (count,) = [count for count in counts(instance, plan) if count.rule == "F09"]
    assert (count.count, count.limit, count.kept) == (8, 8, False)
    assert count.note == "Écoles : 3 pour 4"


def test_pork_alone_is_no_meal_for_a_line() -> None:
    """Pork first and turkey second: the schools' diners without pork find nothing."""
    whole = kitchen(choices=LONE_PLAT, no_pork_permille=100)
    pork = recipe("roti", pork=True)
    instance = asked((pork, PLAIN), kitchen=two_lines(whole), services=apart(services([MONDAY])))
    broken, repaired = Plan(dishes=pair("roti", "dinde")), Plan(dishes=pair("dinde", "roti"))
    (fault,) = faults_of("sans-porc", instance, broken)
    assert fault.message.startswith("Écoles : Roti")
    assert not fits(instance, broken, "sans-porc")
    assert faults_of("sans-porc", instance, repaired) == []
    assert fits(instance, repaired, "sans-porc")


def four_components(whole: Kitchen) -> Instance:
    """The schools take four components of the kitchen's five."""
    crudite = recipe("carottes", Slot.ENTREE, Critere.F01)
    fruit = recipe("pomme", Slot.DESSERT, Critere.F02)
    creme = cooked("creme", {"lait": 100}, Slot.DESSERT, covers_dairy=True)
    return question(
        (crudite, fruit, creme),
        kitchen=two_lines(whole, components=4),
        services=apart(services(DAYS)),
        foods=(food("lait"),),
    )


def test_a_line_of_four_components_takes_starter_and_dessert_by_turns() -> None:
    """Ten days each of twenty; the collège has both every day."""
    instance = four_components(kitchen())
    plan = Plan(
        dishes=tuple(
            Dish(date=day, slot=slot, recipe=code)
            for day in DAYS
            for slot, code in ((Slot.ENTREE, "carottes"), (Slot.DESSERT, "pomme"))
        )
    )
    college, schools = views(instance, law=True)
    assert len(seen_by(college, plan).dishes) == 40
    seen = seen_by(schools, plan).dishes
    assert [d.slot for d in seen].count(Slot.ENTREE) == [d.slot for d in seen].count(Slot.DESSERT) == 10
    assert all(d.slot is not left_out(d.date) for d in seen)
    assert faults_of("F01", instance, plan) == faults_of("F02", instance, plan) == []


def test_what_no_day_of_the_line_can_bring_is_not_asked() -> None:
    """Ten starters in twenty days, one of them already served without crudité: nine are asked."""
    instance = four_components(kitchen())
    first = next(rank for rank, day in enumerate(DAYS) if left_out(day) is Slot.DESSERT)
    meals = tuple(
        service.model_copy(update={"served": rank <= first}) for rank, service in enumerate(instance.services)
    )
    late = Instance.model_validate(instance.model_dump() | {"services": [s.model_dump() for s in meals]})
    plan = Plan(dishes=tuple(Dish(date=d, slot=Slot.ENTREE, recipe="carottes") for d in DAYS[first + 1 :]))
    assert faults_of("F01", late, plan) == []
    assert fits(late, plan, "F01")
    assert [f.message.split(" : ")[0] for f in faults_of("F01", late, Plan(dishes=()))] == [
        "Collège",
        "Écoles",
    ]


def test_a_dairy_dessert_stays_the_dairy_of_those_who_leave_the_dessert_out() -> None:
    """100 diners take the cream although the schools' fourth component is the starter that day."""
    instance = four_components(kitchen())
    day = next(day for day in DAYS if left_out(day) is Slot.DESSERT)
    assert dish_need_g(instance, Dish(date=day, slot=Slot.DESSERT, recipe="creme")) == {"lait": 10_000}


def test_variants_of_one_dish_count_once() -> None:
    """Four directed fish a block are four presentations, although two variants are on the counter."""
    variants = (
        recipe("colin", Slot.PLAT, Critere.F09, variant_of="poisson"),
        recipe("lieu", Slot.PLAT, Critere.F09, variant_of="poisson"),
        recipe("dinde", variant_of="volaille"),
        recipe("poulet", variant_of="volaille"),
    )
    whole = kitchen(choices=LONE_PLAT, directed=frozenset({Slot.PLAT}))
    instance = question(variants, kitchen=whole, services=services(DAYS))
    plan = Plan(
        dishes=tuple(
            dish
            for rank, day in enumerate(DAYS)
            for dish in pair(*(("colin", "lieu") if rank < 4 else ("dinde", "poulet")), date=day)
        )
    )
    (count,) = [count for count in counts(instance, plan) if count.rule == "F09"]
    assert (count.count, count.limit, count.kept) == (4, 4, True)
    assert fits(instance, plan, "F09")


def test_a_kept_rank_stays_the_lines_dish() -> None:
    """A dish kept as the second choice is not given to the schools by renumbering."""
    first, second = pair("boeuf", "riz")
    instance = asked(locks=(second.model_copy(update={"recipe": "boeuf"}),))
    swapped = renumbered(instance, [first, second])
    assert {dish.recipe: dish.choice for dish in swapped} == {"riz": 1, "boeuf": 2}
    assert [f.rule for f in faults_of("garder", instance, Plan(dishes=(first, second)))] == ["garder"]
    assert faults_of("garder", instance, Plan(dishes=tuple(swapped))) == []
    assert fits(instance, Plan(dishes=tuple(swapped)), "garder")
    assert not fits(instance, Plan(dishes=(first, second)), "garder")


@st.composite
def two_line_questions(draw: st.DrawFn) -> Instance:
    """A few days of two plats and two desserts, schools with one or two of each, sometimes directed."""
    random = Random(draw(st.integers(0, 10_000)))
    dates = days(draw(st.integers(1, 4)))
    foods = [food(f"f{n}", shelf_life_days=random.choice([1, 3, 30])) for n in range(4)]
    recipes = [
        cooked(
            f"{slot.value}{n}",
            {f.code: random.choice([20, 60, 110]) for f in random.sample(foods, 2)},
            slot,
            repeat_gap=random.choice([0, 2]),
            vegetarian=random.choice([None, Vegetarien.CEREALE_LEGUMINEUSE]),
            variant_of=random.choice([None, f"{slot.value}0"]),
            tags={random.choice(list(Critere))},
            taste_permille=random.choice([600, 900]),
        )
        for slot in (Slot.PLAT, Slot.DESSERT)
        for n in range(5)
    ]
    offers = tuple(offer(f"o{f.code}", f.code, pack_g=random.choice([1000, 2500])) for f in foods)
    choices = dict.fromkeys(Slot, 0) | {Slot.PLAT: 2, Slot.DESSERT: random.choice([1, 2, 3])}
    directed = frozenset({Slot.DESSERT}) if random.random() < 0.3 else frozenset()
    schools = dict.fromkeys(Slot, 0) | {Slot.PLAT: random.choice([1, 2]), Slot.DESSERT: 1}
    locks: tuple[Dish, ...] = ()
    if random.random() < 0.3:
        locks = (Dish(date=dates[0], slot=Slot.PLAT, choice=2, recipe="plat1", share_permille=700),)
    return question(
        recipes,
        kitchen=two_lines(kitchen(choices=choices, directed=directed), choices=schools),
        services=apart(services(dates)),
        foods=tuple(foods),
        offers=offers,
        suppliers=(supplier("s", sorted({MONDAY, *dates[::2]})),),
        locks=locks,
        switched_off={"F01", "F02", "F03", "F04", "F05", "F06", "F07", "V6"},
    )


@given(two_line_questions())
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_the_search_returns_for_two_lines_the_checker_accepts(instance: Instance) -> None:
    """A valid plan with its true objective above its bound, or an honest refusal."""
    result = solve(instance, time_limit=2)
    if result.plan is None:
        assert result.status is not Status.FEASIBLE
        return
    assert violations(instance, result.plan) == []
    total = sum(objective_parts(instance, result.plan).values()) / MILLICENTS
    assert result.objective_cents == pytest.approx(total, abs=0.01)
    assert (result.bound_cents or 0) <= total + 1e-6
