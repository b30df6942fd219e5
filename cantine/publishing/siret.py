"""Which SIRET may leave the house: a collège's own, confirmed, with a right key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from cantine.egalim.places import siret_fault
from cantine.errors import CantineError
from cantine.kitchens.models import College, Kitchen


@dataclass(frozen=True)
class SiretFault:
    """Why a kitchen's menus cannot be published: the SIRET of its collège."""

    kitchen: str
    place: str
    uai: str
    reason: str

    def __str__(self) -> str:
        """One French line."""
        return f"{self.place} : {self.reason}"


class SiretError(CantineError):
    """Some collèges have no confirmed SIRET."""

    status = 422

    def __init__(self, faults: Sequence[SiretFault]) -> None:
        """Keep every fault, for the page and the command line."""
        self.faults = tuple(faults)
        lines = "\n".join(f"- {fault}" for fault in faults)
        super().__init__(f"{len(faults)} SIRET à confirmer, rien n'est écrit.\n{lines}")


def siret_faults(session: Session, kitchens: Iterable[str], *, demo: bool = False) -> list[SiretFault]:
    """Kitchens whose collège has no SIRET that may be published."""
    found = []
    for code in kitchens:
        kitchen = session.get_one(Kitchen, code)
        college = session.get(College, kitchen.uai) if kitchen.uai else None
        reason = college_fault(college, demo=demo)
        if reason:
            place = f"{college.name}, {college.commune}" if college else kitchen.name
            found.append(SiretFault(code, place, college.uai if college else "", reason))
    return found


def college_fault(college: College | None, *, demo: bool) -> str:
    """Why the SIRET of a collège may not be published; empty if it may."""
    if college is None:
        return "la cuisine n'a pas de collège, donc pas de SIRET."
    if fault := siret_fault(college.siret):
        return f"{fault}."
    if college.siret_origin == "estime" and not demo:
        return f"le SIRET {college.siret} est estimé ; confirmez-le sur la fiche du collège."
    return ""
