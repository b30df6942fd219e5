"""Time counted in seconds of processor: what a search finds must not hang on what else the machine does."""

from time import monotonic, process_time

SLOWEST = 3.5
"""Nobody waits longer than so many times what a quiet machine takes: silent, a search is taken for lost."""
LEAST_SEEN = 0.05
"""Seconds of processor before its share of the clock says anything."""


class Effort:
    """Seconds of processor to spend from now on, at most ``slowest`` times as many of the clock."""

    def __init__(self, seconds: float, slowest: float = SLOWEST) -> None:
        self.seconds, self.slowest = seconds, slowest
        self._processor, self._clock = process_time(), monotonic()

    def spent(self) -> float:
        """Seconds of processor that this process took since; a part of the clock's at least."""
        return max(process_time() - self._processor, (monotonic() - self._clock) / self.slowest)

    @property
    def left(self) -> float:
        """Seconds of processor left, less than zero when they are passed."""
        return self.seconds - self.spent()

    def clock(self, seconds: float) -> float:
        """How long by the clock so many seconds of processor take, as seen so far: solvers know the clock."""
        spent, passed = process_time() - self._processor, monotonic() - self._clock
        if spent < LEAST_SEEN:
            return seconds
        return seconds * min(self.slowest, max(1.0, passed / spent))
