"""The rules, in the order in which they are told: the law, the kitchen, the diners, the money.

To add one: a frozen object in the file of its family, its three tests, a line below if the
family is new.
"""

from optim.rules.base import Rule
from optim.rules.budget import BUDGET
from optim.rules.frequency import FREQUENCIES
from optim.rules.kitchen import KITCHEN
from optim.rules.purchases import PURCHASES
from optim.rules.structure import STRUCTURE
from optim.rules.taste import TASTE
from optim.rules.vegetarian import VEGETARIAN

RULES: tuple[Rule, ...] = (
    *STRUCTURE,
    *FREQUENCIES,
    *VEGETARIAN,
    *KITCHEN,
    *TASTE,
    *PURCHASES,
    *BUDGET,
)
"""Every rule, in order."""

__all__ = ["RULES", "Rule"]
