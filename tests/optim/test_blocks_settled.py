"""Blocks of 20 where some meals have no menu yet, or keep the one they have."""

from datetime import date

from optim.check import counts, violations
from optim.instance import Dish, Instance
from optim.plan import Plan, Result
from optim.rules.blocks import blocks
from optim.solve import solve
from optim.terms import Slot
from tests.optim.test_solve_blocks import TWENTY, WHOLE, part

ASKED = 4


def kept_after(meals: list[dict[Slot, str]]) -> Instance:
    """Four meals asked, then sixteen whose menus are kept."""
    asked = part(20)
    locks = tuple(
        Dish(date=day, slot=slot, recipe=code)
        for day, menu in zip(TWENTY[ASKED:], meals, strict=True)
        for slot, code in menu.items()
    )
    return asked.model_copy(update={"locks": locks, "kept": frozenset(TWENTY[ASKED:])})


def menu(plat: str, garniture: str, laitier: str) -> dict[Slot, str]:
    """One meal of the little kitchen."""
    return {Slot.PLAT: plat, Slot.GARNITURE: garniture, Slot.LAITIER: laitier}


def answer(instance: Instance) -> Result:
    """The plan, which must be right."""
    result = solve(instance, time_limit=20)
    assert result.plan is not None, result.conflicts
    assert violations(instance, result.plan) == []
    return result


def test_a_meal_without_menu_keeps_its_place_in_the_block() -> None:
    """Three meals left empty before the fifteen known: one block of twenty, three of them missing."""
    instance = part(20)
    known = instance.model_copy(update={"services": instance.services[3:], "without_menu": tuple(TWENTY[:3])})
    assert [(len(block.services), block.missing, block.open) for block in blocks(known)] == [(17, 3, 20)]
    after = known.model_copy(update={"without_menu": (*TWENTY[:3], date(2020, 1, 6))})
    assert [len(block.services) for block in blocks(after)] == [16, 1]


def test_asked_meals_finish_the_block_of_the_kept_ones() -> None:
    """Sixteen kept meals lack four of each: the four asked bring exactly that, and nothing moves after."""
    meals = (
        [menu("boeuf", "carottes", "emmental")] * 2
        + [menu("colin", "carottes", "emmental")] * 2
        + [menu("pates", "carottes", "emmental")] * 4
        + [menu("pates", "riz", "brie")] * 2
        + [menu("pates", "riz", "yaourt")] * 6
    )
    instance = kept_after(meals)
    plan = answer(instance).plan
    assert plan is not None
    assert {(d.date, d.slot, d.recipe) for d in plan.dishes if d.date in instance.kept} == {
        (d.date, d.slot, d.recipe) for d in instance.locks
    }
    whole = counts(part(20), Plan(dishes=plan.dishes))
    told = {count.rule: count.count for count in whole if count.rule in WHOLE}
    assert told == {"F03": 10, "F04": 10, "F05": 8, "F06": 4, "F07": 6, "F08": 4, "F09": 4}


def test_kept_meals_that_miss_the_law_are_said_and_the_rest_comes_near() -> None:
    """Sixteen meals of cream and pasta: the asked ones do what they can, and the note says why no more."""
    result = answer(kept_after([menu("pates", "riz", "creme")] * 16))
    told = {count.rule: count for count in result.rules if count.rule in WHOLE}
    assert told["F03"].count == ASKED
    assert told["F03"].note == "au mieux 4 au lieu de 10, vu les repas déjà servis ou gardés"
    assert told["F04"].note == "16 déjà servis ou gardés au lieu de 10"
