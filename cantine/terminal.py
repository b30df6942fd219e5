"""The command line in French: argparse's own sentences, dates and numbers as arguments, printing."""

import argparse
import re
import sys
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn

USAGE = 2
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(english), french)
    for english, french in (
        (r"^the following arguments are required: (.*)$", r"il manque : \1"),
        (r"^unrecognized arguments: (.*)$", r"arguments inconnus : \1"),
        (r"^one of the arguments (.*) is required$", r"il manque l'un de ces arguments : \1"),
        (
            r"^argument (.*?): invalid choice: (.*) \(choose from (.*)\)$",
            r"\1 : \2 n'existe pas ; au choix : \3",
        ),
        (r"^argument (.*?): expected one argument$", r"\1 : il manque la valeur"),
        (r"^argument (.*?): expected at least one argument$", r"\1 : il manque au moins une valeur"),
        (r"^argument (.*?): not allowed with argument (.*)$", r"\1 ne va pas avec \2"),
        (r"^argument (.*?): ignored explicit argument (.*)$", r"\1 ne prend pas de valeur (\2)"),
        (r"^argument (.*?): (.*)$", r"\1 : \2"),
    )
)


class FrenchParser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that speaks French. No abbreviations: new options would break them."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 -- argparse's own options
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=_Formatter, **options)
        self._positionals.title = "arguments"
        self._optionals.title = "options"
        self.add_argument("-h", "--help", action="help", help="montre cette aide")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to ask, then leave with 2."""
        self.print_usage(sys.stderr)
        complain(f"{self.prog} : {_french(message)}.\nAide : {self.prog} --help")
        self.exit(USAGE)


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:  # noqa: ANN401 -- argparse's own types
        super().add_usage(usage, actions, groups, "usage : " if prefix is None else prefix)


def _french(message: str) -> str:
    for english, french in _SENTENCES:
        if english.match(message):
            return english.sub(french, message)
    return message


def day(text: str) -> date:
    """A date argument.

    Raises:
        argparse.ArgumentTypeError: with an example.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas une date ; exemple : 2027-01-04") from None


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number argument between two bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"« {text} » n'est pas un nombre entier de {low} à {high}")
        return int(text)

    return read


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def complain(line: str) -> None:
    """Print a line to the error output."""
    sys.stderr.write(f"{line}\n")
