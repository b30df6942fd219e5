"""Situations a user can meet: one class each, with its French message and its HTTP status."""

from dataclasses import dataclass


class CantineError(Exception):
    """Base of all errors shown to people."""

    status = 400
    message = "L'action n'a pas pu être faite."

    def __init__(self, message: str | None = None) -> None:
        """Keep ``message`` (French, shown as is), or the class's own sentence."""
        super().__init__(message or self.message)
        self.message = message or self.message


class NotFoundError(CantineError):
    """The thing asked for does not exist, or not for this person."""

    status = 404
    message = "Cette page n'existe pas, ou plus."


class ForbiddenError(CantineError):
    """The person may not do this."""

    status = 403
    message = "Vous n'avez pas accès à cette page. Demandez à l'administrateur si vous en avez besoin."


class ConflictError(CantineError):
    """Somebody else changed the same thing meanwhile."""

    status = 409
    message = "Un collègue a changé ceci entre-temps."


class NothingToPlanError(CantineError):
    """No service in the period asked for."""


class ConfigError(CantineError):
    """A setting is missing or unsafe."""

    status = 500


@dataclass(frozen=True)
class Fault:
    """One wrong cell of an import, as a value: shown with all the others."""

    table: str
    line: int | None
    column: str | None
    reason: str

    def __str__(self) -> str:
        """One French line: table, line, column, reason."""
        where = f"ligne {self.line}" if self.line else "fichier"
        column = f", colonne « {self.column} »" if self.column else ""
        return f"{self.table}, {where}{column} : {self.reason}"


class FaultsError(CantineError):
    """An import was refused as a whole; nothing was written."""

    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        """Keep all ``faults`` for the page and the command line."""
        self.faults = faults
        plural = "s" if len(faults) > 1 else ""
        super().__init__(f"{len(faults)} ligne{plural} à corriger, rien n'est importé.")
