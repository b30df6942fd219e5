"""Side by side: menus and purchases chosen together, or menus first and each line at the cheapest.

Both answers read from plans that ``check`` accepts, under the same rules: how many points of local
and EGAlim share for no more money, and how much money for no lower shares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optim.figures import Figures, figures
from optim.instance import Instance, Profile
from optim.sequential import Patience, menus_first
from optim.solve import Progress, solve

SHARES_FIRST = Profile(code="parts", name="Parts d'abord", local_permille=500, quality_permille=300)
"""Prices of the aims that spend the budget on local and quality."""
WEIGHTS = (0, 250, 500, 1000)
"""Per mille of the instance's own prices of local, quality and shortfall, tried for the cheapest plan."""
STEPS = 2 + len(WEIGHTS)
"""Menus first, then each plan chosen together."""


@dataclass(frozen=True)
class Comparison:
    """Figures of the three plans; nothing where none was found."""

    in_turn: Figures
    same_cost: Figures | None
    """Chosen together for no more money: the most local and EGAlim found."""
    same_shares: Figures | None
    """The cheapest found chosen together, neither share lower."""

    @property
    def points(self) -> tuple[float, float] | None:
        """Points of local and of EGAlim share won at no higher cost."""
        if self.same_cost is None:
            return None
        local = self.same_cost.share_local - self.in_turn.share_local
        return 100 * local, 100 * (self.same_cost.share_egalim - self.in_turn.share_egalim)

    @property
    def saved_cents(self) -> float | None:
        """Cents TTC a meal saved at no lower share."""
        if self.same_shares is None:
            return None
        return self.in_turn.cost_ttc_cents_per_meal - self.same_shares.cost_ttc_cents_per_meal


Listener = Callable[[int, Comparison | None], bool | None]
"""Hears the number of the step under way, of ``STEPS``, and what is known when it is new; False stops."""


def compare(
    instance: Instance,
    *,
    seconds: float,
    seed: int = 0,
    patience: Patience | None = None,
    on_progress: Listener | None = None,
) -> Comparison | None:
    """The comparison, so many seconds for each joint plan; nothing where menus first has no plan.

    Stopped, it holds what was known by then.
    """
    plan = menus_first(instance, seed=seed, patience=patience)
    if plan is None:
        return None
    in_turn = figures(instance, plan)
    known = Comparison(in_turn, None, None)
    spent = int(in_turn.cost_ttc_cents_per_meal)
    asked: list[tuple[Profile, int | None]] = [(SHARES_FIRST, spent)]
    asked += [(weighted(instance.profile, weight), instance.budget_ttc_cents) for weight in WEIGHTS]
    joint: list[Figures] = []
    for step, question in enumerate(asked, start=2):
        tell = _teller(on_progress, step, known)
        if not tell(None):
            break
        found = _joint(instance, *question, seconds=seconds, seed=seed, tell=tell)
        joint += [found] if found else []
        known = Comparison(in_turn, _best_shares(joint, in_turn), _cheapest(joint, in_turn))
    return known


def _teller(listener: Listener | None, step: int, known: Comparison) -> Callable[[Progress | None], bool]:
    """Tells of a step: what is known at its start, then only that its search goes on."""
    return lambda told: listener is None or listener(step, None if told else known) is not False


def _best_shares(found: Sequence[Figures], than: Figures) -> Figures | None:
    """Of the plans that cost no more, the one of most local and EGAlim."""
    kept = [f for f in found if f.cost_ttc_cents_per_meal <= than.cost_ttc_cents_per_meal]
    return max(kept, key=lambda f: f.share_local + f.share_egalim, default=None)


def _cheapest(found: Sequence[Figures], than: Figures) -> Figures | None:
    """Of the plans whose shares are no lower, the cheapest."""
    kept = [f for f in found if f.share_local >= than.share_local and f.share_egalim >= than.share_egalim]
    return min(kept, key=lambda f: f.cost_ttc_cents_per_meal, default=None)


def weighted(profile: Profile, permille: int) -> Profile:
    """A profile whose prices of local, quality and shortfall are multiplied."""
    names = "local_permille", "quality_permille", "shortfall_permille"
    return profile.model_copy(update={n: getattr(profile, n) * permille // 1000 for n in names})


def _joint(
    instance: Instance,
    profile: Profile,
    budget: int | None,
    *,
    seconds: float,
    seed: int,
    tell: Callable[[Progress | None], bool],
) -> Figures | None:
    asked = instance.changed(profile=profile, budget_ttc_cents=budget)
    plan = solve(asked, time_limit=seconds, seed=seed, on_progress=tell).plan
    return None if plan is None else figures(instance, plan)
