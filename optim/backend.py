"""The only door to the solvers: a linear model in, an answer with its proof out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from optim.linear import LinearModel

Floats = NDArray[np.float64]


class Engine(Enum):
    """Solvers in the OR-Tools wheel; each step of the search uses the one measured best."""

    HIGHS = mathopt.SolverType.HIGHS
    SCIP = mathopt.SolverType.GSCIP
    GLOP = mathopt.SolverType.GLOP


class Outcome(Enum):
    """How one solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """Values by column where there is a solution, and a bound valid in any case."""

    outcome: Outcome
    values: Floats | None
    objective: float
    bound: float
    duals: Floats | None = None
    """What the objective gains from a unit more of each row's bounds, where it was asked."""

    @property
    def done(self) -> bool:
        """Whether the solver went to the end."""
        return self.outcome is Outcome.OPTIMAL


class Compiled:
    """A linear model as arrays: bounds, costs and integrality may be changed between two solves."""

    def __init__(self, linear: LinearModel) -> None:
        self.lower = np.array(linear.lower, dtype=float)
        self.upper = np.array(linear.upper, dtype=float)
        self.integer = np.array(linear.integer, dtype=bool)
        self.cost = np.array(linear.cost, dtype=float)
        self.offset = linear.offset
        self.row_low = np.array(linear.row_low, dtype=float)
        self.row_high = np.array(linear.row_high, dtype=float)
        sizes = [len(terms) for terms in linear.row_terms]
        self.row_ids = np.repeat(np.arange(len(sizes)), sizes)
        self.columns = np.array([c for terms in linear.row_terms for c, _ in terms], dtype=np.int64)
        self.weights = np.array([w for terms in linear.row_terms for _, w in terms], dtype=float)
        self._sum_duplicates()

    def _sum_duplicates(self) -> None:
        """Sort by row then column, as the solvers ask, each pair once."""
        keys = self.row_ids * len(self.lower) + self.columns
        unique, inverse = np.unique(keys, return_inverse=True)
        self.weights = np.bincount(inverse, weights=self.weights, minlength=len(unique))
        self.row_ids, self.columns = np.divmod(unique, max(1, len(self.lower)))

    def copy(self) -> "Compiled":
        """A twin whose bounds, costs and integrality may change apart."""
        twin = object.__new__(Compiled)
        twin.__dict__ = dict(self.__dict__)
        for name in ("lower", "upper", "integer", "cost", "row_low", "row_high"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def with_row(
        self, terms: Sequence[tuple[int, float]], low: float = -np.inf, high: float = np.inf
    ) -> "Compiled":
        """A twin with one row more."""
        twin = self.copy()
        ordered = sorted(terms)
        twin.row_ids = np.concatenate([self.row_ids, np.full(len(ordered), len(self.row_low))])
        twin.columns = np.concatenate([self.columns, np.array([c for c, _ in ordered], dtype=np.int64)])
        twin.weights = np.concatenate([self.weights, np.array([w for _, w in ordered], dtype=float)])
        twin.row_low, twin.row_high = np.append(self.row_low, low), np.append(self.row_high, high)
        return twin

    def proto(self) -> model_pb2.ModelProto:
        """The model in the form of MathOpt."""
        proto = model_pb2.ModelProto()
        count = len(self.lower)
        proto.variables.ids.extend(range(count))
        proto.variables.lower_bounds.extend(self.lower.tolist())
        proto.variables.upper_bounds.extend(self.upper.tolist())
        proto.variables.integers.extend(self.integer.tolist())
        proto.objective.offset = self.offset
        costly = np.flatnonzero(self.cost)
        proto.objective.linear_coefficients.ids.extend(costly.tolist())
        proto.objective.linear_coefficients.values.extend(self.cost[costly].tolist())
        proto.linear_constraints.ids.extend(range(len(self.row_low)))
        proto.linear_constraints.lower_bounds.extend(self.row_low.tolist())
        proto.linear_constraints.upper_bounds.extend(self.row_high.tolist())
        proto.linear_constraint_matrix.row_ids.extend(self.row_ids.tolist())
        proto.linear_constraint_matrix.column_ids.extend(self.columns.tolist())
        proto.linear_constraint_matrix.coefficients.extend(self.weights.tolist())
        return proto


def run(
    model: Compiled,
    engine: Engine,
    *,
    seconds: float,
    gap: float = 1e-6,
    seed: int = 0,
    hint: Mapping[int, float] | None = None,
) -> Answer:
    """Solve a model for at most ``seconds``; ``hint`` gives values of columns to start from."""
    built = mathopt.Model.from_model_proto(model.proto())
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(0.01, seconds)),
        relative_gap_tolerance=gap,
        random_seed=seed,
        lp_algorithm=mathopt.LPAlgorithm.DUAL_SIMPLEX if engine is Engine.GLOP else None,
    )
    known = mathopt.ModelSolveParameters()
    if hint:
        values = {built.get_variable(column): value for column, value in hint.items()}
        known.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    result = mathopt.solve(built, engine.value, params=parameters, model_params=known)
    return _answer(result, len(model.lower))


class Warm:
    """A linear programme solved again and again, each time from where the first solve ended."""

    def __init__(self, model: Compiled) -> None:
        self.count = len(model.lower)
        self._built = mathopt.Model.from_model_proto(model.proto())
        self._solver = mathopt.IncrementalSolver(self._built, Engine.GLOP.value)
        self._low, self._high = model.row_low, model.row_high
        self._wide = np.zeros(len(model.row_low))
        self._basis: mathopt.Basis | None = None

    def solve(self, *, seconds: float) -> Answer:
        """The optimum of the present bounds; the first one with what a unit more of each row would bring.

        Never presolved: a basis is of no use then (0.2 to 1 s for a kitchen's question eased, instead of up
        to 7 s), and menus alone took twenty times as long the first time.

        Raises:
            RuntimeError: the solver refuses the model.
        """
        again = self._basis is not None
        parameters = mathopt.SolveParameters(
            time_limit=timedelta(seconds=max(0.01, seconds)),
            lp_algorithm=mathopt.LPAlgorithm.DUAL_SIMPLEX,
            presolve=mathopt.Emphasis.OFF,
        )
        known = mathopt.ModelSolveParameters(initial_basis=self._basis)
        result = self._solver.solve(params=parameters, model_params=known)
        answer = _answer(result, self.count)
        if not answer.done or again:
            return answer
        self._basis = result.solutions[0].basis
        duals = np.zeros(len(self._low))
        for row, value in result.dual_values().items():
            duals[row.id] = value
        return replace(answer, duals=duals)

    def widen(self, rows: Floats) -> None:
        """Let each row go so much further than at first, on either side."""
        for row in np.flatnonzero(rows != self._wide).tolist():
            constraint = self._built.get_linear_constraint(row)
            constraint.lower_bound = float(self._low[row] - rows[row])
            constraint.upper_bound = float(self._high[row] + rows[row])
        self._wide = rows


def _answer(result: mathopt.SolveResult, count: int) -> Answer:
    reason = result.termination.reason
    bound = result.termination.objective_bounds.dual_bound
    if not result.has_primal_feasible_solution():
        lost = reason in {
            mathopt.TerminationReason.INFEASIBLE,
            mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
        }
        return Answer(Outcome.INFEASIBLE if lost else Outcome.UNKNOWN, None, float("inf"), bound)
    values = np.zeros(count)
    for variable, value in result.variable_values().items():
        values[variable.id] = value
    done = reason is mathopt.TerminationReason.OPTIMAL
    outcome = Outcome.OPTIMAL if done else Outcome.FEASIBLE
    return Answer(outcome, values, result.objective_value(), bound)
