"""A better bound, sought by a solver in a process of its own while the walk goes on.

``python -m optim.beside SECONDS SEED`` reads a model of MathOpt and tells each better bound, one a line:
« inf » where nothing fits. It stops by itself once it wins nothing more, and with the search that asked:
when its input is closed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Lock, Thread
from time import process_time, sleep

from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from optim.backend import Compiled, Engine

SIZE_BYTES = 8
"""The length of the model comes before it, so that the input may stay open."""
STALL_SECONDS, WORTH = 15.0, 1e-4
"""Seconds of processor without a rise worth having, as a share of the bound, after which to stop."""
LOOK_SECONDS = 0.2


class Beside:
    """The process of a bound: started at once, ended by ``close``."""

    def __init__(self, model: Compiled, *, seconds: float, seed: int, hear: Callable[[float], None]) -> None:
        """Give ``model`` to a solver for so many seconds.

        ``hear`` is told of each better bound, cents; an infinite one says that nothing fits.
        """
        command = [sys.executable, "-m", "optim.beside", str(seconds), str(seed)]
        self._child = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._hear = hear
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        bare = model.proto().SerializeToString()
        if self._child.stdin is not None:
            # A process that could not start is seen by the end of its output.
            with suppress(BrokenPipeError):
                self._child.stdin.write(len(bare).to_bytes(SIZE_BYTES, "big") + bare)
                self._child.stdin.flush()

    def _listen(self) -> None:
        for line in self._child.stdout or ():
            self._hear(float(line))

    @property
    def over(self) -> bool:
        """Whether the process has ended and all its bounds are heard."""
        return not self._listener.is_alive()

    def close(self) -> None:
        """End the process; bounds that it told are heard first."""
        self._child.kill()
        self._child.wait()
        self._listener.join()


def bound_in(line: str) -> float | None:
    """The bound of a progress line of HiGHS, after the share of the tree explored; nothing in others.

    Before its first relaxation (no step of the simplex yet), it tells what all costs make at their least.
    """
    found = re.search(r"%\s+(-?[0-9.]+(?:e[+-]?[0-9]+)?)\s.*\s(\S+)\s+[0-9.]+s\s*$", line)
    return float(found[1]) if found and found[2] != "0" else None


class Teller:
    """Tells the bounds of the solver, and sees when it wins nothing more."""

    def __init__(self) -> None:
        self.best, self.marked, self.since = float("-inf"), float("-inf"), process_time()
        self._lock = Lock()

    def lines(self, lines: list[str]) -> None:
        """Hear progress lines."""
        for line in lines:
            bound = bound_in(line)
            if bound is not None:
                self.tell(bound)

    def tell(self, bound: float) -> None:
        """Print a bound that is better than those before."""
        with self._lock:
            if bound > self.best:
                self.best = bound
                sys.stdout.write(f"{bound!r}\n")
                sys.stdout.flush()
            if bound > self.marked + abs(bound) * WORTH:
                self.marked, self.since = bound, process_time()

    @property
    def stalled(self) -> bool:
        """Whether nothing worth having was won for long; the first relaxation takes the time it needs."""
        return process_time() - self.since > STALL_SECONDS


def main(argv: list[str]) -> None:
    """Read a model, tell bounds."""
    seconds, seed = float(argv[0]), int(argv[1])
    given = sys.stdin.buffer
    bare = given.read(int.from_bytes(given.read(SIZE_BYTES), "big"))
    teller = Teller()
    Thread(target=_end_with_parent, daemon=True).start()
    Thread(target=_end_when_stalled, args=(teller,), daemon=True).start()
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds), random_seed=seed, heuristics=mathopt.Emphasis.OFF
    )
    model = mathopt.Model.from_model_proto(model_pb2.ModelProto.FromString(bare))
    result = mathopt.solve(model, Engine.HIGHS.value, params=parameters, msg_cb=teller.lines)
    ended = result.termination
    if ended.reason is mathopt.TerminationReason.INFEASIBLE:
        teller.tell(float("inf"))
    elif abs(ended.objective_bounds.dual_bound) < float("inf"):
        teller.tell(ended.objective_bounds.dual_bound)
    # A thread still waits on the input: the interpreter would not end in peace.
    os._exit(0)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _end_when_stalled(teller: Teller) -> None:
    while not teller.stalled:
        sleep(LOOK_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
