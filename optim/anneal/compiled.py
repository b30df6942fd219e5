"""The one way to compile: cached on disk, without the lock of the interpreter, division as in NumPy."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, njit

F = TypeVar("F", bound=Callable[..., Any])


def _folder() -> Path:
    """Where this very code is kept compiled: a change in one file must not meet the others as they were."""
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    return here / "__pycache__" / f"compiled-{sha256(sources).hexdigest()[:16]}"


FOLDER = _folder()
config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]


def compiled(function: F) -> F:
    """Compile a function of arrays."""
    return cast("F", njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a small function into its callers; it must not reach into a board inside a loop."""
    return cast("F", njit(inline="always", error_model="numpy")(function))
