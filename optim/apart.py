"""A whole model given to one solver in a process of its own, and watched: what benchmarks compare with.

``python -m optim.apart SOLVER SECONDS SEED FILE`` answers one line of JSON. FILE is an instance
(.json: the model is built there, inside the time) or a model of MathOpt (.pb). A process each,
because the solvers' libraries do not live together and so that the memory measured is theirs.
"""

import json
import re
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from optim.backend import Answer, Compiled, Outcome
from optim.check import violations
from optim.figures import objective_parts, purchases_millicents
from optim.instance import Instance
from optim.model import Model, Scope, full_model
from optim.plan import Plan
from optim.purchasing import plan_of
from optim.solve import solve
from optim.surrogate import chosen_dishes
from optim.terms import Slot
from optim.units import MILLICENTS

GRACE_SECONDS = 60.0
"""A solver that still says nothing so long after its time is stopped."""
EXACT = 1e-9


class Solver(StrEnum):
    """Who is given the question."""

    OURS = "cantine"
    CP_SAT = "cp-sat"
    HIGHS = "highs"
    SCIP = "scip"


ENGINES = {
    Solver.CP_SAT: mathopt.SolverType.CP_SAT,
    Solver.HIGHS: mathopt.SolverType.HIGHS,
    Solver.SCIP: mathopt.SolverType.GSCIP,
}
"""CP-SAT counts in integers: MathOpt scales the coefficients for it, to about a millionth."""


@dataclass(frozen=True)
class Watched:
    """What one process did; money in the model's own unit, memory in megabytes."""

    solver: str
    status: str
    seconds: float
    first_seconds: float | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    memory_mb: float = 0.0
    fault: str = ""
    """The first rule that the plan breaks, or why there is no answer."""


def watch(solver: Solver, file: Path, *, seconds: float, seed: int = 0) -> Watched:
    """Give ``file`` to a solver for so many seconds, in a process of its own."""
    command = [sys.executable, "-m", "optim.apart", solver.value, str(seconds), str(seed), str(file)]
    began = monotonic()
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and module
            command, capture_output=True, text=True, check=False, timeout=seconds + GRACE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Watched(solver.value, "unknown", monotonic() - began, fault="arrêté hors délai")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [""]
        return Watched(solver.value, "unknown", monotonic() - began, fault=last[0][:120])
    return Watched(**json.loads(done.stdout.strip().splitlines()[-1]))


class Clock:
    """Hears a solver and keeps the second of its first solution."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.first: float | None = None

    def solution(self, _: object) -> mathopt.CallbackResult:
        """A solution was found (CP-SAT, SCIP)."""
        if self.first is None:
            self.first = monotonic() - self.began
        return mathopt.CallbackResult()

    def lines(self, lines: list[str]) -> None:
        """HiGHS tells of its solutions in its progress lines only."""
        if any(has_solution(line) for line in lines):
            self.solution(None)


def has_solution(line: str) -> bool:
    """Whether a progress line of HiGHS knows a solution: its column BestSol is a number."""
    found = re.search(r"%\s+(\S+)\s+(\S+)\s+(\S+)", line)
    return bool(found) and re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", found[2]) is not None  # type: ignore[index]


def give(
    proto: model_pb2.ModelProto, solver: Solver, clock: Clock, *, left: float, seed: int
) -> mathopt.SolveResult:
    """Solve a model for the seconds left, its clock listening."""
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(0.01, left)), relative_gap_tolerance=EXACT, random_seed=seed
    )
    model = mathopt.Model.from_model_proto(proto)
    if solver is Solver.HIGHS:
        return mathopt.solve(model, ENGINES[solver], params=parameters, msg_cb=clock.lines)
    events = mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION})
    return mathopt.solve(model, ENGINES[solver], params=parameters, cb=clock.solution, callback_reg=events)


def model_answer(solver: Solver, file: Path, seconds: float, seed: int) -> Watched:
    """A bare model: its objective as it is."""
    clock = Clock(monotonic())
    proto = model_pb2.ModelProto.FromString(file.read_bytes())
    result = give(proto, solver, clock, left=seconds, seed=seed)
    found = result.has_primal_feasible_solution()
    return Watched(
        solver.value,
        result.termination.reason.name.lower(),
        monotonic() - clock.began,
        (clock.first or monotonic() - clock.began) if found else None,
        result.objective_value() if found else None,
        result.termination.objective_bounds.dual_bound,
        memory_mb=_memory_mb(),
    )


def whole_answer(solver: Solver, instance: Instance, seconds: float, seed: int) -> Watched:
    """An instance as one model, building included; the plan is read and checked like ours."""
    clock = Clock(monotonic())
    model = whole_model(instance)
    left = seconds - (monotonic() - clock.began)
    result = give(Compiled(model.linear).proto(), solver, clock, left=left, seed=seed)
    spent = monotonic() - clock.began
    bound, status = result.termination.objective_bounds.dual_bound, result.termination.reason.name.lower()
    if not result.has_primal_feasible_solution():
        return Watched(solver.value, status, spent, bound=bound, memory_mb=_memory_mb())
    plan = _plan(instance, model, result)
    faults = violations(instance, plan) if plan else []
    if plan is None or faults:
        fault = faults[0].message if faults else "besoins non couverts"
        return Watched(solver.value, status, spent, bound=bound, memory_mb=_memory_mb(), fault=fault)
    objective = sum(objective_parts(instance, plan).values()) / MILLICENTS
    bought = purchases_millicents(instance, plan) / MILLICENTS
    gap = max(0.0, objective - bound) / bought if bought else None
    return Watched(solver.value, status, spent, clock.first or spent, objective, bound, gap, _memory_mb())


def whole_model(instance: Instance) -> Model:
    """Every recipe of every slot, every offer, every delivery."""
    recipes = {
        (service.date, slot): [recipe for recipe in instance.recipes if recipe.slot is slot]
        for service in instance.horizon
        for slot in Slot
        if instance.kitchen.presentations(slot)
    }
    return full_model(instance, Scope(recipes))


def _plan(instance: Instance, model: Model, result: mathopt.SolveResult) -> Plan | None:
    values = np.zeros(len(model.linear.lower))
    for variable, value in result.variable_values().items():
        values[variable.id] = value
    answer = Answer(Outcome.FEASIBLE, values, result.objective_value(), float("-inf"))
    return plan_of(instance, model, chosen_dishes(instance, model, answer), answer)


def our_answer(instance: Instance, seconds: float, seed: int) -> Watched:
    """Our own search, under the same clock."""
    began = monotonic()
    result = solve(instance, time_limit=seconds, seed=seed)
    faults = violations(instance, result.plan) if result.plan else []
    return Watched(
        Solver.OURS.value,
        result.status.value,
        monotonic() - began,
        result.first_solution_seconds,
        result.objective_cents,
        result.bound_cents,
        result.gap,
        _memory_mb(),
        faults[0].message if faults else "",
    )


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def answer(solver: Solver, file: Path, seconds: float, seed: int) -> Watched:
    """What the process does: a bare model, or an instance by us or by a solver."""
    if file.suffix == ".pb":
        return model_answer(solver, file, seconds, seed)
    instance = Instance.model_validate_json(file.read_text("utf-8"))
    if solver is Solver.OURS:
        return our_answer(instance, seconds, seed)
    return whole_answer(solver, instance, seconds, seed)


def main(argv: list[str]) -> None:
    """Answer one line of JSON."""
    solver, seconds, seed, file = argv
    found = answer(Solver(solver), Path(file), float(seconds), int(seed))
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
