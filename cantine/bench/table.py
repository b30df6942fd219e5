"""Plain-text tables, and the folder of third-party instances."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from cantine.errors import CantineError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"
"""Where third-party instances are looked for beside the project when no folder is given."""


class Table:
    """Columns of fixed widths, printed line by line: a long run shows where it is."""

    def __init__(self, *columns: tuple[str, int]) -> None:
        """Take titles and widths; a negative width is set flush left."""
        self.columns = columns

    def head(self) -> str:
        """The line of the titles."""
        return self.line(title for title, _ in self.columns)

    def line(self, cells: Iterable[object]) -> str:
        """One line; nothing known is a dash."""
        return " ".join(
            _aligned(cell, width) for cell, (_, width) in zip(cells, self.columns, strict=True)
        ).rstrip()


def _aligned(cell: object, width: int) -> str:
    text = "-" if cell is None else str(cell)
    return text.ljust(-width) if width < 0 else text.rjust(width)


def number(value: float | None, digits: int = 2, unit: str = "") -> str | None:
    """A number for a table, or nothing where it is unknown or endless."""
    if value is None or value != value or abs(value) == float("inf"):  # noqa: PLR0124 -- not a number
        return None
    return f"{value:.{digits}f}{unit}"


def percent(share: float | None, digits: int = 2) -> str | None:
    """A share as a percentage."""
    return None if share is None else number(100 * share, digits, " %")


def instances(given: Path | None, name: str, files: Sequence[str]) -> Path:
    """The folder of a third-party instance: the one given, or the one beside the project.

    Raises:
        CantineError: a file is not there.
    """
    folder = given or SHARED / name
    folder = folder / name if (folder / name).is_dir() else folder
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise CantineError(
            f"Le dossier « {folder} » n'a pas {', '.join(missing)} : ces données de tiers ne sont pas "
            "livrées avec cantine. Indiquez leur dossier avec --data DOSSIER."
        )
    return folder
