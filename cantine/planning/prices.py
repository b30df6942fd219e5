"""What each rule costs, worked out at the end of a proposal: how long for, how it is kept and shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from optim.rule_costs import RuleCost

PRICING = "pricing"
"""Key of the progress while rules are priced."""
COSTS = "rule_costs"
SHARE, LEAST_SECONDS, MOST_SECONDS = 1 / 2, 2.0, 30.0


def seconds_of(time_limit: float) -> float:
    """How long after a search rules may be priced: half its time, thirty seconds at most."""
    return min(MOST_SECONDS, max(LEAST_SECONDS, time_limit * SHARE))


def findings_of(costs: Sequence[RuleCost] | None) -> dict[str, Any]:
    """What the run keeps; nothing where the time was too short to know."""
    return {} if costs is None else {COSTS: [one.model_dump() for one in costs]}


def costs_of(findings: Mapping[str, Any]) -> tuple[RuleCost, ...] | None:
    """What a run kept."""
    kept = findings.get(COSTS)
    return None if kept is None else tuple(RuleCost.model_validate(one) for one in kept)
