"""The 15 frequencies: thresholds, blocks with meals already served, complete dishes, sliding counts."""

from collections.abc import Sequence
from datetime import date

import pytest

from optim.check import counts
from optim.instance import Instance
from optim.plan import Plan, RuleCount
from optim.rules.frequency import FREQUENCIES, RIVALS, Frequency, sliding_off
from optim.terms import Critere, Slot
from tests.optim.cases import Case, faults_of, fits
from tests.optim.small import days, kitchen, menu, question, recipe, services

TWENTY = days(20)
RULE = {rule.name: rule for rule in FREQUENCIES}
LIMITS = {
    "F01": (10, ">="),
    "F02": (8, ">="),
    "F03": (10, "="),
    "F04": (10, "="),
    "F05": (8, ">="),
    "F06": (4, ">="),
    "F07": (6, ">="),
    "F08": (4, ">="),
    "F09": (4, ">="),
    "F10": (3, "<="),
    "F11": (4, "<="),
    "F12": (3, "<="),
    "F13": (4, "<="),
    "F14": (2, "<="),
    "F15": (4, "<="),
}
"""Annexe I, written a second time: a slip of a key in the rules shows here."""


def tagged(dates: Sequence[date], times: int, *, first: int = 0) -> dict[date, list[str]]:
    """Dish "oui" on ``times`` of the days from rank ``first`` on, "non" on the others."""
    return {day: ["oui" if first <= rank < first + times else "non"] for rank, day in enumerate(dates)}


def asked(name: str, *, served: int = 0, done: int = 0, meals: int = 20, choices: int = 1) -> Instance:
    """Two dishes of the slot of a criterion, one of them tagged; ``done`` of the ``served`` meals had it."""
    slot, dates = RULE[name].base, days(meals)
    return question(
        (recipe("oui", slot, Critere(name)), recipe("non", slot)),
        kitchen=kitchen(choices={slot: choices}),
        services=services(dates, served=served),
        history=tagged(dates[:served], done),
    )


def _case(name: str) -> Case:
    limit, op = LIMITS[name]
    instance = asked(name)
    broken = limit - 1 if op == ">=" else limit + 1
    trivial = {">=": 20, "<=": 0, "=": limit}[op]
    return Case(
        rule=name,
        instance=instance,
        trivial=menu(instance, tagged(TWENTY, trivial)),
        broken=menu(instance, tagged(TWENTY, broken)),
        repaired=menu(instance, tagged(TWENTY, limit, first=20 - limit)),
        says=f"{broken} présentations du lundi 05/01 au vendredi 06/02",
    )


CASES = tuple(_case(name) for name in LIMITS)


def only(instance: Instance, plan: Plan, rule: str) -> RuleCount:
    """The one counter of a rule."""
    (count,) = (c for c in counts(instance, plan) if c.rule == rule)
    return count


def planned(instance: Instance, times: int) -> Plan:
    """Dish "oui" on the first ``times`` days of the horizon."""
    return menu(instance, tagged([s.date for s in instance.horizon], times))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trivial(case: Case) -> None:
    """A plan well within the limit is not blamed."""
    assert case.faults(case.trivial) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken(case: Case) -> None:
    """One presentation too few or too many is told with its count, and the rows refuse it."""
    (fault,) = case.faults(case.broken)
    limit, op = LIMITS[case.rule]
    assert case.says in fault.message
    assert (fault.count, fault.limit) == ((limit - 1 if op == ">=" else limit + 1), limit)
    assert not case.fits(case.broken)
    assert fits(case.instance, case.broken)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_repaired(case: Case) -> None:
    """The exact threshold is kept, on other days too."""
    assert case.faults(case.repaired) == []
    assert case.fits(case.repaired)


@pytest.mark.parametrize("rule", FREQUENCIES, ids=lambda rule: rule.name)
def test_limit_follows_the_number_of_choices(rule: Frequency) -> None:
    """Three presentations of the slot make three times the threshold."""
    assert rule.limit(asked(rule.name, choices=3)) == 3 * LIMITS[rule.name][0]
    assert rule.op == LIMITS[rule.name][1]


def test_two_choices_are_two_presentations() -> None:
    """Two fruits a day on 8 days make the 16 that two desserts a day ask."""
    codes = ("pomme", "poire", "creme", "flan")
    fruits = [recipe(code, Slot.DESSERT, *([Critere.F02] if code[0] == "p" else [])) for code in codes]
    instance = question(fruits, kitchen=kitchen(choices={Slot.DESSERT: 2}), services=services(TWENTY))
    week = {day: codes[:2] if rank < 8 else codes[2:] for rank, day in enumerate(TWENTY)}
    assert faults_of("F02", instance, menu(instance, week)) == []
    assert fits(instance, menu(instance, week), "F02")
    short = menu(instance, week | {TWENTY[0]: ("pomme", "flan")})
    assert [fault.count for fault in faults_of("F02", instance, short)] == [15]
    assert not fits(instance, short, "F02")


@pytest.mark.parametrize("name", ["F03", "F04"])
@pytest.mark.parametrize("times", [9, 11])
def test_ten_is_neither_nine_nor_eleven(name: str, times: int) -> None:
    """F03 and F04 are equalities."""
    instance = asked(name)
    assert faults_of(name, instance, planned(instance, times))
    assert not fits(instance, planned(instance, times), name)


def test_served_meals_count_in_the_open_block() -> None:
    """Three of the four pieces of meat were served: one more is enough, none is too few."""
    instance = asked("F08", served=12, done=3)
    assert faults_of("F08", instance, planned(instance, 1)) == []
    assert fits(instance, planned(instance, 1), "F08")
    assert [f.count for f in faults_of("F08", instance, planned(instance, 0))] == [3]
    assert not fits(instance, planned(instance, 0), "F08")


def test_unreachable_minimum_is_brought_near_and_said() -> None:
    """Eighteen meals without raw fruit: the last two are asked, and the note says why not eight."""
    instance = asked("F02", served=18)
    count = only(instance, planned(instance, 2), "F02")
    assert (count.count, count.limit, count.kept) == (2, 8, True)
    assert count.note == "au mieux 2 au lieu de 8, vu les repas déjà servis"
    assert fits(instance, planned(instance, 2), "F02")
    assert not fits(instance, planned(instance, 1), "F02")
    assert not only(instance, planned(instance, 1), "F02").kept


def test_maximum_already_passed_forbids_one_more() -> None:
    """Five fat starters were served instead of four: none may follow."""
    instance = asked("F11", served=12, done=5)
    count = only(instance, planned(instance, 0), "F11")
    assert (count.kept, count.note) == (True, "5 déjà servis au lieu de 4")
    assert fits(instance, planned(instance, 0), "F11")
    assert not fits(instance, planned(instance, 1), "F11")
    assert [f.limit for f in faults_of("F11", instance, planned(instance, 1))] == [5]


def test_rivals_share_the_meals_that_remain() -> None:
    """Five meals left, neither meat nor fish served: 4 + 4 cannot fit, 2 + 3 are asked."""
    plats = (recipe("boeuf", Slot.PLAT, Critere.F08), recipe("colin", Slot.PLAT, Critere.F09), recipe("riz"))
    instance = question(
        plats, services=services(TWENTY, served=15), history={day: ["riz"] for day in TWENTY[:15]}
    )
    near = dict(zip(TWENTY[15:], [["boeuf"]] * 2 + [["colin"]] * 3, strict=True))
    plan = menu(instance, near)
    assert [only(instance, plan, name).kept for name in ("F08", "F09")] == [True, True]
    assert fits(instance, plan, "F08", "F09")
    away = menu(instance, near | {TWENTY[15]: ["riz"]})
    assert faults_of("F08", instance, away)
    assert not fits(instance, away, "F08", "F09")


def test_starter_and_dessert_are_rivals_with_four_components() -> None:
    """Twelve meals left of a four-component kitchen cannot bring ten starters and eight fruits."""
    recipes = (recipe("carottes", Slot.ENTREE, Critere.F01), recipe("pomme", Slot.DESSERT, Critere.F02))
    instance = question(recipes, kitchen=kitchen(components=4), services=services(TWENTY, served=8))
    dates = TWENTY[8:]
    plan = menu(instance, {day: ["carottes" if rank < 6 else "pomme"] for rank, day in enumerate(dates)})
    notes = [only(instance, plan, name).note[:9] for name in ("F01", "F02")]
    assert notes == ["au mieux ", "au mieux "]
    assert fits(instance, plan, "F01", "F02")


AT_LEAST = {
    (0, 15): {"F01": 7, "F02": 6, "F05": 6, "F06": 3, "F07": 4, "F08": 3, "F09": 3},
    (0, 8): {"F01": 4, "F02": 3, "F05": 3, "F06": 1, "F07": 2, "F08": 1, "F09": 1},
    (3, 10): {"F01": 6, "F02": 5, "F05": 5, "F06": 2, "F07": 3, "F08": 2, "F09": 2},
}
"""What 15, 8 and 13 meals of 20 owe of each minimum: 13 x 4 / 20 = 2.6, so 2 fish."""
EXACTLY = {(0, 15): (7, 8), (0, 8): (4, 4), (3, 10): (6, 7)}
"""What they owe of the ten vegetables and of the ten starches."""
AT_MOST = {"F10": 3, "F11": 4, "F12": 3, "F13": 4, "F14": 2, "F15": 4}
"""A maximum may be used up at once."""
OTHERS = {name: [Critere(n) for n in group if n != name] for group in RIVALS for name in group}
PARTS = [
    *((name, part, low, None) for part, table in AT_LEAST.items() for name, low in table.items()),
    *((name, part, *bounds) for part, bounds in EXACTLY.items() for name in ("F03", "F04")),
    *((name, part, None, high) for part in EXACTLY for name, high in AT_MOST.items()),
]


@pytest.mark.parametrize(("name", "part", "low", "high"), PARTS)
def test_a_block_cut_by_the_horizon_owes_its_part(
    name: str, part: tuple[int, int], low: int | None, high: int | None
) -> None:
    """Check and rows ask the same of a part of a block, one meal served of three with the criterion.

    The other dish fills the component with the rivals of the criterion.
    """
    slot, (served, coming) = RULE[name].base, part
    dates = days(served + coming)
    instance = question(
        (recipe("oui", slot, Critere(name)), recipe("non", slot, *OTHERS.get(name, []))),
        services=services(dates, served=served),
        history=tagged(dates[:served], 1),
    )
    done = min(served, 1)
    wrong = [] if low is None else [low - 1]
    wrong += [high + 1] if high is not None and high < coming else []
    for total in [bound for bound in (low, high) if bound is not None]:
        assert faults_of(name, instance, planned(instance, total - done)) == []
        assert fits(instance, planned(instance, total - done), name)
    for total in wrong:
        assert [f.count for f in faults_of(name, instance, planned(instance, total - done))] == [total]
        assert not fits(instance, planned(instance, total - done), name)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("F09", "bloc en cours : 15 repas sur 20, il en faut déjà 3"),
        ("F03", "bloc en cours : 15 repas sur 20, il en faut déjà 7 à 8"),
        ("F11", ""),
    ],
)
def test_counter_of_a_part_shows_the_whole_limit_and_says_the_part(name: str, note: str) -> None:
    """The law speaks of 20 meals: the counter too, with what is owed so far beside."""
    instance = asked(name, meals=15)
    count = only(instance, planned(instance, 7), name)
    assert (count.count, count.limit, count.note) == (7, LIMITS[name][0], note)


def test_rivals_leave_no_more_than_the_later_meals_can_bring() -> None:
    """13 of 20 dairies: 5 + 2 + 3 each owe no more, but leave 8 to 7 meals; one more is enough."""
    dates = days(13)
    cheeses = {"emmental": Critere.F05, "brie": Critere.F06, "yaourt": Critere.F07}
    recipes = [recipe(code, Slot.LAITIER, tag) for code, tag in cheeses.items()]
    instance = question((*recipes, recipe("creme", Slot.LAITIER)), services=services(dates))
    codes = ["emmental"] * 5 + ["brie"] * 2 + ["yaourt"] * 3 + ["creme"] * 3
    plan = menu(instance, {day: [code] for day, code in zip(dates, codes, strict=True)})
    (fault,) = faults_of("F07", instance, plan)
    assert "il en manquerait 8, les repas suivants n'en portent que 7" in fault.message
    assert not only(instance, plan, "F07").kept
    assert not fits(instance, plan, "F07")
    assert [faults_of(name, instance, plan) for name in ("F05", "F06")] == [[], []]
    codes[-1] = "brie"
    repaired = menu(instance, {day: [code] for day, code in zip(dates, codes, strict=True)})
    assert faults_of("F07", instance, repaired) == []
    assert fits(instance, repaired, "F05", "F06", "F07")


def test_rival_switched_off_asks_nothing_of_the_others() -> None:
    """Without F08, the four meals left may all be fish."""
    plats = (recipe("colin", Slot.PLAT, Critere.F09), recipe("riz"))
    instance = question(
        plats,
        services=services(TWENTY, served=16),
        history={day: ["riz"] for day in TWENTY[:16]},
        switched_off={"F08"},
    )
    fish = menu(instance, {day: ["colin"] for day in TWENTY[16:]})
    less = menu(instance, {day: ["colin" if day != TWENTY[16] else "riz"] for day in TWENTY[16:]})
    assert faults_of("F09", instance, fish) == []
    assert [fault.limit for fault in faults_of("F09", instance, less)] == [4]


def test_blocks_are_counted_one_by_one() -> None:
    """Forty services: eight cheeses in the first block do not help the second."""
    instance = asked("F06", meals=40)
    (fault,) = faults_of("F06", instance, planned(instance, 8))
    assert fault.date == days(40)[39]
    assert not fits(instance, planned(instance, 8), "F06")


def test_full_served_block_is_left_alone() -> None:
    """Nothing is asked of a block whose twenty meals are eaten."""
    instance = asked("F02", served=20, meals=40)
    found = [c for c in counts(instance, planned(instance, 8)) if c.rule == "F02"]
    assert [count.block for count in found] == [days(40)[20]]
    assert found[0].kept


GARNISHES = ("F03", "F04")


@pytest.mark.parametrize("name", GARNISHES)
def test_complete_dish_brings_its_garnish(name: str) -> None:
    """Ten complete dishes make the ten garnishes of a kitchen without choice; a plain plat makes none."""
    complete = recipe("complet", Slot.PLAT, Critere(name), complete_dish=True)
    plain = recipe("seul", Slot.PLAT, Critere(name))
    instance = question((complete, plain), services=services(TWENTY))
    ten = menu(instance, {day: ["complet" if rank < 10 else "seul"] for rank, day in enumerate(TWENTY)})
    assert only(instance, ten, name).count == 10
    assert fits(instance, ten, name)
    none = menu(instance, {day: ["seul"] for day in TWENTY})
    assert only(instance, none, name).count == 0
    assert not fits(instance, none, name)


@pytest.mark.parametrize("name", GARNISHES)
def test_complete_dish_brings_no_garnish_beside_a_choice(name: str) -> None:
    """Where two plats are offered, the garnitures stand apart and alone are counted."""
    complete = recipe("complet", Slot.PLAT, Critere(name), complete_dish=True)
    other = recipe("autre", Slot.PLAT)
    vegetable = recipe("haricots", Slot.GARNITURE, Critere(name))
    instance = question(
        (complete, other, vegetable),
        kitchen=kitchen(choices={Slot.PLAT: 2}),
        services=services(TWENTY),
    )
    codes = ("complet", "autre", "haricots")
    plan = menu(instance, {day: codes if rank < 10 else codes[:2] for rank, day in enumerate(TWENTY)})
    assert only(instance, plan, name).count == 10
    assert fits(instance, plan, name)


def test_salad_beside_the_plat_counts_once_a_meal() -> None:
    """F01: a crudité beside the plat counts, a second one in the same meal does not."""
    salad, beside = recipe("salade", Slot.ENTREE, Critere.F01), recipe("frisee", Slot.PLAT, Critere.F01)
    other = recipe("soupe", Slot.ENTREE)
    instance = question((salad, beside, other), services=services(TWENTY))
    table = {day: ["salade" if rank < 5 else "soupe"] for rank, day in enumerate(TWENTY)}
    apart = {day: [*table[day], *(["frisee"] if 5 <= rank < 10 else [])] for rank, day in enumerate(TWENTY)}
    together = {day: [*table[day], *(["frisee"] if rank < 5 else [])] for rank, day in enumerate(TWENTY)}
    assert only(instance, menu(instance, apart), "F01").count == 10
    assert fits(instance, menu(instance, apart), "F01")
    assert only(instance, menu(instance, together), "F01").count == 5
    assert not fits(instance, menu(instance, together), "F01")


# Twenty meals without any tag miss 10+8+10+10+8+4+6+4+4 = 64 presentations.
# The window that starts with the first service is the block itself: it is not counted twice.
@pytest.mark.parametrize(
    ("meals", "tag", "times", "off"),
    [
        (20, Critere.F01, 0, 0),
        (21, Critere.F01, 0, 64),
        (22, Critere.F01, 0, 128),
        (21, Critere.F01, 10, 55),  # the first of ten crudités has left the window: 9 of 10, so 1 of 64 - 9
        (21, Critere.F11, 7, 66),  # six fat starters in the window, two too many
        (22, Critere.F11, 7, 131),  # then five: one too many; 66 + 65
    ],
)
def test_sliding_counts(meals: int, tag: Critere, times: int, off: int) -> None:
    """The sliding windows add up what each misses."""
    instance = asked(tag.value, meals=meals)
    assert sliding_off(instance, planned(instance, times)) == off


def test_sliding_windows_of_served_meals_are_left_alone() -> None:
    """Only windows that touch the horizon weigh: 21 meals served, one planned, one window, not two."""
    instance = asked("F01", served=21, meals=22)
    assert sliding_off(instance, planned(instance, 0)) == 64
