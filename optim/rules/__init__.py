"""The rules, in the order in which they are told: the law, the kitchen, the diners, the money.

To add one: a frozen object in the file of its family, its three tests, a line below if the
family is new.
"""

from optim.rules.base import Rule
from optim.rules.budget import BUDGET
from optim.rules.colour import COLOUR
from optim.rules.frequency import FREQUENCIES
from optim.rules.kitchen import KITCHEN, PORK
from optim.rules.lines import per_line
from optim.rules.purchases import PURCHASES
from optim.rules.structure import GARNISH_PAIR, STRUCTURE
from optim.rules.taste import TASTE
from optim.rules.theme import THEME
from optim.rules.vegetarian import VEGETARIAN
from optim.rules.weekly import WEEKLY

RULES: tuple[Rule, ...] = (
    *STRUCTURE,
    per_line(GARNISH_PAIR),
    *(per_line(rule) for rule in (*FREQUENCIES, *VEGETARIAN, *WEEKLY)),
    per_line(PORK, law=False),
    *KITCHEN,
    *TASTE,
    COLOUR,
    THEME,
    *PURCHASES,
    *BUDGET,
)
"""Every rule, in order."""

__all__ = ["RULES", "Rule"]
