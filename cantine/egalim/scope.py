"""Whose balance a page shows: one kitchen, or the whole département; and its addresses."""

from dataclasses import dataclass

from flask import url_for

from cantine import web
from cantine.accounts import guard
from cantine.kitchens.settings import load_settings


@dataclass(frozen=True)
class Scope:
    """One kitchen, or all.

    Attributes:
        kitchen: code; empty for the whole département.
        name: as people say it.
    """

    kitchen: str
    name: str

    @property
    def kitchens(self) -> list[str] | None:
        """Codes to count; None for all."""
        return [self.kitchen] if self.kitchen else None

    def url(self, page: str, /, **values: object) -> str:
        """Address of a page of the balance for the same place; empty values are left out."""
        given = {name: value for name, value in values.items() if value not in {"", None}}
        if self.kitchen:
            return url_for(f"egalim.{page}", kitchen=self.kitchen, **given)  # type: ignore[arg-type]
        return url_for(f"egalim.{page}_all", **given)  # type: ignore[arg-type]

    def may(self, page: str) -> bool:
        """Whether the person may open that page for the same place."""
        if self.kitchen:
            return guard.may(f"egalim.{page}", self.kitchen)
        return guard.may(f"egalim.{page}_all")


def scope_of(kitchen: str) -> Scope:
    """The scope of an address: a kitchen's code, or nothing."""
    if kitchen:
        return Scope(kitchen, web.kitchen_names()[kitchen])
    return Scope("", load_settings(web.db()).departement_name or "Le département")
