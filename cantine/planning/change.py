"""What another meal would be worth: cost, shares of the block, gas, orders; the objective ranks it."""

from dataclasses import dataclass, replace

from cantine.menus.grid import GridDay, GridDish, Place
from cantine.planning.board import Board
from cantine.planning.costing import DishFacts, Value
from cantine.planning.counters import dishes_of
from cantine.planning.order_effect import Orders, orders_of
from cantine.planning.supply import Supply
from optim.suggest import Effect

POINT = 100
TOLD_POINTS = 0.05
"""Less than this is no change of a share."""


@dataclass(frozen=True)
class Change:
    """One meal changed, as the page tells it."""

    facts: DishFacts
    """Of the dish put in, from where it would be bought."""
    before: Value
    """The block as it stands."""
    total: Value
    """The block with this change."""
    points: tuple[tuple[str, float], ...]
    """Shares of the value of the block that move: « local », « EGAlim », in points."""
    co2e_per_meal: float | None
    """Kilograms more (or less) per meal of the block."""
    orders: Orders
    effect: Effect

    @property
    def millicents(self) -> int:
        """What the objective gains or loses: the smaller the better."""
        return self.effect.millicents


def change_of(board: Board, supply: Supply, day: GridDay, after: GridDay, place: Place) -> Change | None:
    """The effect of a day with another dish in one place; None where the day is no part of the question."""
    service = supply.instance.service.get(day.date)
    if service is None or service.served:
        return None
    effect = supply.in_place.with_meal(day.date, dishes_of(after))
    facts, total = valued(board, supply, day, after, effect)
    dish = next(d for d in after.slot(place[1]) if d.choice == place[2])
    before, now = board.total.co2e_per_portion, total.co2e_per_portion
    return Change(
        facts=facts[dish],
        before=board.total,
        total=total,
        points=points_between(board.total, total),
        co2e_per_meal=now - before if now is not None and before is not None else None,
        orders=orders_of(supply, [effect]),
        effect=effect,
    )


def valued(
    board: Board, supply: Supply, day: GridDay, after: GridDay, effect: Effect
) -> tuple[dict[GridDish, DishFacts], Value]:
    """The dishes of the changed day and the value of the block with it, as the grid will read them."""
    coster = replace(board.coster, sources=board.coster.sources.with_uses(supply.origins(effect)))
    facts = {
        dish: board.facts[dish]
        if dish in board.facts and not effect.foods & _foods(board, dish)
        else coster.facts(dish, after)
        for dish in after.dishes
    }
    value = coster.day_value(after, facts)
    others = (board.values[d.date] for d in board.inside if d.dishes and d.date != day.date)
    return facts, sum(others, Value()) + value


def _foods(board: Board, dish: GridDish) -> set[str]:
    """Foods of a dish and of what is served in its place without pork."""
    entry = board.coster.book[dish.recipe]
    eaten = [entry, board.coster.book.get(entry.recipe.substitute or "")]
    return {food.code for each in eaten if each for _, food in each.lines}


def points_between(before: Value, after: Value) -> tuple[tuple[str, float], ...]:
    """By how many points the shares of local and of durable products move, where one can see it."""
    found = []
    for part, word in (("local", "local"), ("egalim", "EGAlim")):
        was, now = before.share(part), after.share(part)
        if was is not None and now is not None and abs(now - was) * POINT >= TOLD_POINTS:
            found.append((word, (now - was) * POINT))
    return tuple(found)
