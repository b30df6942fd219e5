"""Several files put in place together, or none: copied beside first, then renamed, undone on any error."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

STAGE = ".restauration-"
"""Start of the name of the folder where files wait; left by a machine that stopped, it holds the former."""


@contextmanager
def replacing(home: Path, source: Path, paths: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Copy ``paths`` of ``source`` into ``home``, beside their places.

    Yields:
        The function that puts them in place. Whatever fails afterwards, before the end of the
        block, puts the former files back.

    Raises:
        OSError: a file can be neither copied nor put in place; nothing has changed.
    """
    stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=home))
    swapped = _Swap(home, stage)
    try:
        for path in paths:
            place = stage / "new" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, place)
        yield lambda: swapped.do(paths)
    except BaseException:
        swapped.undo()
        raise
    finally:
        shutil.rmtree(stage)


class _Swap:
    """What was put in place so far, to be undone in the other order."""

    def __init__(self, home: Path, stage: Path) -> None:
        self._home, self._stage = home, stage
        self._undo: list[Callable[[], object]] = []

    def do(self, paths: Sequence[str]) -> None:
        for path in paths:
            place, new, former = self._home / path, self._stage / "new" / path, self._stage / "old" / path
            self._folder(place.parent)
            if place.exists():
                former.parent.mkdir(parents=True, exist_ok=True)
                place.replace(former)
                self._undo.append(partial(former.replace, place))
            new.replace(place)
            self._undo.append(place.unlink)

    def _folder(self, folder: Path) -> None:
        if not folder.exists():
            self._folder(folder.parent)
            folder.mkdir()
            self._undo.append(folder.rmdir)

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()
