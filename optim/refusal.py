"""Why a question was refused, in French: the words of its own checks, and those of its fields."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

OWN = "value_error"
"""Faults that our own validators wrote in French already."""
WORDS: Mapping[str, str] = {
    "missing": "manque",
    "extra_forbidden": "champ inconnu",
    "greater_than": "doit être plus grand que {gt}",
    "greater_than_equal": "doit être au moins {ge}",
    "less_than": "doit être plus petit que {lt}",
    "less_than_equal": "doit être au plus {le}",
    "enum": "ne peut être que {expected}",
    "json_invalid": "n'est pas du JSON : {error}",
}
"""Words by type of fault; values between braces come with the fault."""
NUMBERS = ("int", "float", "decimal")
OTHER = "valeur refusée"


def reasons(error: ValidationError) -> list[str]:
    """One sentence per fault: where it is, and what is wrong there."""
    return [
        _reason(fault["loc"], fault["type"], fault.get("ctx", {}), fault["msg"]) for fault in error.errors()
    ]


def _reason(place: tuple[int | str, ...], kind: str, context: Mapping[str, Any], message: str) -> str:
    where = ".".join(str(part) for part in place)
    if kind == OWN:
        words = str(context.get("error") or message)
    elif kind.startswith("date"):
        words = "n'est pas une date (aaaa-mm-jj)"
    elif kind.startswith(NUMBERS):
        words = "n'est pas un nombre qui convient"
    else:
        words = WORDS.get(kind, OTHER).format(**context)
    return f"{where} : {words}" if where else words
