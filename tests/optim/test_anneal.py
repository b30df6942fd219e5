"""The compiled search: what its arrays say is what the plan and the checker say."""

import numpy as np
import pytest

from optim.anneal.ready import empty_board, ready
from optim.anneal.records import HARD, TOUCHED
from optim.anneal.walker import Walker
from optim.check import menu_violations, violations
from optim.figures import objective_parts
from optim.generate import Shape, generate
from optim.instance import Instance
from optim.surrogate import MenuGuess
from optim.units import MILLICENTS

SHAPE = Shape(services=8, meals=320)


@pytest.fixture(scope="module", name="question")
def _question() -> Instance:
    return generate(SHAPE, seed=3)


@pytest.fixture(name="walker")
def _walker(question: Instance) -> Walker:
    guess = MenuGuess(question)
    walker = Walker(question, guess, seed=1)
    menus = guess.any_menus(20, 0)
    assert menus is not None
    walker.start_from(menus)
    return walker


def walked(walker: Walker) -> Walker:
    """The walker after a few thousand moves, warm then cold."""
    for warmth in (3000.0, 300.0, 30.0, 3.0):
        walker.walk(3_000, warmth, 8.0)
    return walker


def test_menus_of_the_solver_are_lawful_on_the_board(walker: Walker) -> None:
    """The rows of the board miss nothing where the checker finds nothing."""
    dishes = [walker.names.dishes[n] for n in walker.dishes if n >= 0]
    assert walker.lawful
    assert not menu_violations(walker.instance, [d for d in dishes if d])


def test_an_empty_board_is_not_lawful(question: Instance) -> None:
    """Without a dish, rows are missed."""
    walker = Walker(question, MenuGuess(question), seed=1)
    assert walker.board.total[HARD] > 1
    assert walker.plan() is None


def test_the_running_totals_are_those_of_a_fresh_count(walker: Walker) -> None:
    """After thousands of moves made and taken back, everything worked out anew gives the same price."""
    walked(walker)
    board = walker.board
    before = board.total.copy(), board.sums.copy(), board.need.copy(), board.row["act"].copy()
    present = board.place["dish"].copy(), board.visit["opened"].copy(), board.food["mood"].copy()
    walker.dishes[:], walker.opened[:], walker.moods[:] = present
    walker.reload()
    after = board.total, board.sums, board.need, board.row["act"]
    for one, other in zip(before[1:], after[1:], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    assert walker.lawful


def test_the_plan_is_valid_and_worth_its_price(walker: Walker) -> None:
    """The checker finds nothing; the objective of the plan is the price of the walk within two per cent."""
    plan = walked(walker).plan()
    assert plan is not None
    assert not violations(walker.instance, plan)
    objective = sum(objective_parts(walker.instance, plan).values()) / MILLICENTS
    assert objective == pytest.approx(walker.price, rel=0.02)


def test_the_walk_finds_better_plans(walker: Walker) -> None:
    """Thousands of moves lower the price by a tenth at least."""
    start = walker.price
    walked(walker).plan()
    assert walker.price < 0.9 * start


def test_the_same_seed_walks_the_same_way(question: Instance) -> None:
    """Two walks of one seed end at the same price, another seed elsewhere."""
    guess = MenuGuess(question)
    menus = guess.any_menus(20, 0)
    prices = []
    for seed in (1, 1, 2):
        walker = Walker(question, guess, seed)
        walker.start_from(menus or [])
        prices.append(walked(walker).price)
    assert prices[0] == prices[1] != prices[2]


def test_a_full_store_is_avoided(question: Instance) -> None:
    """With little room in the cold, the plan of the walk still passes the check."""
    kitchen = question.kitchen.model_copy(update={"storage_g": {"froid_positif": 420_000}})
    tight = Instance.model_validate(question.model_dump() | {"kitchen": kitchen.model_dump()})
    guess = MenuGuess(tight)
    walker = Walker(tight, guess, seed=1)
    walker.start_from(guess.any_menus(20, 0) or [])
    plan = walked(walked(walker)).plan()
    assert plan is not None
    assert not violations(tight, plan)


def test_a_kept_dish_stays(question: Instance) -> None:
    """A locked dish is in every plan of the walk."""
    guess = MenuGuess(question)
    lock = (guess.any_menus(20, 0) or [])[1]
    locked = Instance.model_validate(question.model_dump() | {"locks": [lock.model_dump()]})
    guess = MenuGuess(locked)
    walker = Walker(locked, guess, seed=1)
    walker.start_from(guess.any_menus(20, 0) or [])
    plan = walked(walker).plan()
    assert plan is not None
    assert (lock.date, lock.slot, lock.recipe) in {(d.date, d.slot, d.recipe) for d in plan.dishes}


def test_the_compiled_code_is_loaded_on_an_empty_board() -> None:
    """Loading changes nothing and can be asked twice."""
    ready()
    ready()
    assert empty_board().counter[TOUCHED] == 0
