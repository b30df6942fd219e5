"""The best plan so far, its bound, and who hears of them. Several threads may bring plans."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from time import monotonic

from optim.check import violations
from optim.figures import objective_parts, purchases_millicents
from optim.instance import Instance
from optim.plan import Plan, Violation
from optim.rules.budget import over_budget_cents
from optim.units import MILLICENTS

OVER_BUDGET = 5
"""Cents of objective for a cent over the budget, while no plan is within it."""


@dataclass(frozen=True)
class Progress:
    """What a listener hears: elapsed seconds, best objective, bound, gap, and the plan when it is new."""

    seconds: float
    objective_cents: float | None
    bound_cents: float | None
    gap: float | None
    plan: Plan | None = None


Listener = Callable[[Progress], bool | None]
"""Answers False to stop the search and keep the best plan."""


class Incumbent:
    """Keeps the best valid plan, and the best one over the budget to search from meanwhile."""

    def __init__(
        self, instance: Instance, listener: Listener | None, clock: Callable[[], float] = monotonic
    ) -> None:
        self.instance = instance
        self.listener = listener
        self.clock = clock
        """Seconds, from any start: those of the processor for a search that must not feel the load."""
        self.start = clock()
        self.plan: Plan | None = None
        self.objective = float("inf")
        self.bound = float("-inf")
        self.first_seconds: float | None = None
        self.base: Plan | None = None
        """Where the search goes on from: the best plan, or the least over the budget."""
        self.base_value = float("inf")
        self.stopped = Event()
        self._lock = Lock()

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return self.clock() - self.start

    @property
    def gap(self) -> float | None:
        """(objective - bound) / purchases of the plan."""
        if self.plan is None or self.bound == float("-inf"):
            return None
        bought = purchases_millicents(self.instance, self.plan) / MILLICENTS
        distance = max(0.0, self.objective - self.bound)
        return distance / bought if bought else (0.0 if distance < 1 else None)

    def bring(self, plan: Plan | None) -> bool:
        """Take a plan in if it is better; the checker has the last word on what is valid."""
        if plan is None:
            return False
        worth, faults = self.worth(plan)
        with self._lock:
            return worth < float("inf") and self._compare(plan, worth, faults)

    def worth(self, plan: Plan) -> tuple[float, list[Violation]]:
        """Objective of a plan and its excess over the budget, infinite if it breaks another rule; faults."""
        faults = violations(self.instance, plan)
        if any(fault.rule != "budget" for fault in faults):
            return float("inf"), faults
        value = sum(objective_parts(self.instance, plan).values()) / MILLICENTS
        return value + (OVER_BUDGET * self.over_budget(plan) if faults else 0), faults

    def _compare(self, plan: Plan, worth: float, faults: list[Violation]) -> bool:
        better = worth < self.base_value - 1e-6
        if better and not (faults and self.plan):
            self.base, self.base_value = plan, worth
        if faults or worth >= self.objective - 1e-6:
            return better and bool(faults)
        self.plan, self.objective = plan, worth
        self.base, self.base_value = plan, worth
        self.first_seconds = self.seconds if self.first_seconds is None else self.first_seconds
        self._tell(plan)
        return True

    def over_budget(self, plan: Plan) -> float:
        """Cents over the budget of the horizon."""
        return over_budget_cents(self.instance, plan)

    def raise_bound(self, bound: float) -> None:
        """Take in a proof that no plan costs less."""
        with self._lock:
            if bound > self.bound:
                self.bound = bound
                self._tell(None)

    def beat(self) -> None:
        """Let the listener know that the search goes on, and stop it."""
        with self._lock:
            self._tell(None)

    def _tell(self, plan: Plan | None) -> None:
        if self.listener is None:
            return
        objective = None if self.plan is None else self.objective
        bound = None if self.bound == float("-inf") else self.bound
        if self.listener(Progress(self.seconds, objective, bound, self.gap, plan)) is False:
            self.stopped.set()
