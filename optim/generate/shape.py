"""The parameters of an invented instance, in one place."""

from dataclasses import dataclass
from enum import StrEnum


class Budget(StrEnum):
    """How the food budget stands to what menus cost without one."""

    LOOSE = "loose"
    """A tenth above: never in the way."""
    BINDING = "binding"
    """About 5 % under the cost of the best plan without budget."""
    IMPOSSIBLE = "impossible"
    """Under the least that the rules allow: no plan exists."""


@dataclass(frozen=True)
class Shape:
    """Sizes of an instance; the defaults are those of the benchmark B1."""

    services: int = 20
    meals: int = 400
    """Usual meals of a service."""
    headcounts_vary: bool = True
    """Whether each day has its own headcount."""
    components: int = 5
    choices: tuple[int, int, int, int, int] = (1, 1, 1, 1, 1)
    """Presentations of entrée, plat, garniture, laitier, dessert."""
    week_days: int = 4
    dishes: int = 200
    foods: int = 160
    suppliers: int = 23
    offers: int = 504
    stock_lots: int = 8
    budget: Budget = Budget.LOOSE
