"""The relaxed question with everything in parts: a bound, and what each row of a rule is worth to it."""

from collections.abc import Callable

from optim.backend import Answer, Floats, Warm
from optim.instance import Instance
from optim.model import Scope
from optim.relax import relaxed_model
from optim.surrogate import MenuGuess


class Proof:
    """Written and solved once; then asked again from there with some rows wider."""

    def __init__(self, instance: Instance, guess: MenuGuess) -> None:
        self.model, compiled = relaxed_model(instance, Scope(guess.allowed()))
        self.whole = compiled.copy()
        """The same with dishes, packs and deliveries whole: a better bound, for who has the time."""
        self.whole.integer[:] = self.model.linear.integer
        compiled.integer[:] = False
        self._warm = Warm(compiled)
        self.first: Answer | None = None

    def solve(self, *, seconds: float) -> Answer:
        """The optimum of the relaxation; where even that has no answer, the question has none.

        Raises:
            RuntimeError: the solver refuses the model.
        """
        self.first = self.first or self._warm.solve(seconds=seconds)
        return self.first

    def wider(self, rows: Floats, *, seconds: float) -> Answer:
        """The optimum where each row may go so much further, on either side.

        Raises:
            RuntimeError: the solver refuses the model.
        """
        self._warm.widen(rows)
        return self._warm.solve(seconds=seconds)


Keep = Callable[[Proof], object]
"""Hears of a proof that came to its end, to ask more of it."""
