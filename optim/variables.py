"""The columns of a model under the names of the field, so that a rule never reads a raw index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from optim.instance import Recipe
from optim.lines import Serving
from optim.terms import Slot


@dataclass
class Variables:
    """What may be decided: dishes always, purchases when the model has them."""

    recipes: dict[str, Recipe]
    dish: dict[tuple[date, Slot, str], int] = field(default_factory=dict)
    """1 when the recipe is one of the presentations of the slot."""
    first: dict[tuple[date, Slot, str, int], int] = field(default_factory=dict)
    """1 when the recipe is one of the first so many, where some line or the law counts no more."""
    servings: dict[Serving, int] = field(default_factory=dict)
    """The column of a recipe for each level of choice: what its need and its cost hang on."""
    by_slot: dict[tuple[date, Slot], list[tuple[Recipe, int]]] = field(default_factory=dict)
    share: dict[tuple[date, Slot, str], int] = field(default_factory=dict)
    """Per mille of the diners, for the dishes that the chief locked with a share."""
    free_share: dict[tuple[date, Slot], int] = field(default_factory=dict)
    """Per mille of the diners of each other dish of the slot."""
    seen: dict[tuple[str, bool], "Variables"] = field(default_factory=dict)
    """The columns as a line sees them, worked out once for all rules."""
    packs: dict[tuple[str, date], int] = field(default_factory=dict)
    """Packs of an offer on a delivery day."""
    delivery: dict[tuple[str, date], int] = field(default_factory=dict)
    """1 when the supplier delivers that day."""
    used: dict[str, int] = field(default_factory=dict)
    """Kilograms of an offer used over the horizon: what earns credit."""
    left: dict[str, int] = field(default_factory=dict)
    """Kilograms of an offer that keep and are left at the end, as far as they are worth something."""
    lot: dict[str, int] = field(default_factory=dict)
    """Kilograms of a stock lot used over the horizon."""

    def add_dish(self, day: date, slot: Slot, recipe: Recipe, column: int) -> None:
        """Declare the column of a dish."""
        self.dish[day, slot, recipe.code] = column
        self.by_slot.setdefault((day, slot), []).append((recipe, column))

    def among(self, day: date, slot: Slot, recipe: str, level: int) -> int:
        """The column of a recipe among the first ``level`` presentations."""
        return self.first.get((day, slot, recipe, level), self.dish[day, slot, recipe])

    def dishes(
        self, day: date, slots: tuple[Slot, ...], keep: Callable[[Recipe], bool] = lambda _: True
    ) -> Iterator[int]:
        """Columns of the recipes of some slots of a service that satisfy ``keep``."""
        for slot in slots:
            for recipe, column in self.by_slot.get((day, slot), ()):
                if keep(recipe):
                    yield column

    def share_of(self, day: date, slot: Slot, recipe: str) -> int:
        """Per mille of the diners who take the dish if it is chosen."""
        return self.share.get((day, slot, recipe)) or self.free_share.get((day, slot), 1000)
