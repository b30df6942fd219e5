"""The SIRET under which the State knows each kitchen, that of its collège, and how sure it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siret as siret_number

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.kitchens.models import College, Commune, Kitchen

ESTIMATED = "estime"


@dataclass(frozen=True)
class Place:
    """A kitchen as the State's platform knows it.

    Attributes:
        kitchen: its code.
        uai: its collège, empty where it has none.
        siret: 14 digits, empty while unknown.
        origin: source, declare or estime.
    """

    kitchen: str
    name: str
    commune: str
    uai: str
    siret: str
    origin: str

    @property
    def estimated(self) -> bool:
        """Guessed from the UAI, never confirmed by anybody."""
        return bool(self.siret) and self.origin == ESTIMATED

    @property
    def fault(self) -> str:
        """Why the platform would not take it, in French; empty if it would."""
        if not self.uai:
            return "cette cuisine n'est rattachée à aucun collège, donc à aucun SIRET"
        return siret_fault(self.siret)


def siret_fault(siret: str) -> str:
    """What is wrong with a SIRET, in French; empty if nothing is."""
    if not siret:
        return "le SIRET manque"
    try:
        siret_number.validate(siret)
    except InvalidChecksum:
        return f"le SIRET {siret} a une faute de frappe : sa clé ne correspond pas"
    except ValidationError:
        return f"« {siret[:20]} » n'est pas un SIRET : 14 chiffres"
    return ""


def load_places(session: Session, kitchens: Collection[str] | None = None) -> dict[str, Place]:
    """The kitchens asked for, or all, by code."""
    statement = (
        select(Kitchen, Commune.name, College)
        .join(Commune, col(Commune.insee) == col(Kitchen.insee))
        .outerjoin(College, col(College.uai) == col(Kitchen.uai))
        .order_by(col(Kitchen.name))
    )
    if kitchens is not None:
        statement = statement.where(col(Kitchen.code).in_(kitchens))
    found = {}
    for kitchen, commune, college in session.exec(statement):
        siret, origin = (college.siret, college.siret_origin) if college else ("", "")
        found[kitchen.code] = Place(kitchen.code, kitchen.name, commune, kitchen.uai or "", siret, origin)
    return found


def confirm_siret(
    session: Session, kitchen: str, siret: str, seen: str, user_id: int | None, now: datetime
) -> College:
    """Somebody of the establishment says what its SIRET is.

    Args:
        session: open.
        kitchen: code.
        siret: as typed, spaces allowed.
        seen: the number that was on the page.
        user_id: who says so.
        now: when.

    Raises:
        NotFoundError: the kitchen has no collège.
        CantineError: it is no SIRET, or another collège has it.
        ConflictError: a colleague has changed it meanwhile.
    """
    statement = select(College).join(Kitchen, col(Kitchen.uai) == col(College.uai))
    college = session.exec(statement.where(Kitchen.code == kitchen).with_for_update()).first()
    if college is None:
        raise NotFoundError("Cette cuisine n'est rattachée à aucun collège : complétez d'abord sa fiche.")
    if college.siret != seen:
        raise ConflictError("Un collègue a changé ce SIRET entre-temps : voici le nouveau.")
    siret = "".join(siret.split())
    fault = siret_fault(siret)
    if fault:
        raise CantineError(f"{fault[:1].upper()}{fault[1:]}.")
    other = session.exec(select(College).where(College.siret == siret, College.uai != college.uai)).first()
    if other is not None:
        raise CantineError(f"Le SIRET {siret} est déjà celui de « {other.name} », {other.commune}.")
    before = {"siret": college.siret, "siret_origin": college.siret_origin}
    college.siret, college.siret_origin = siret, "declare"
    session.add(college)
    journal.record(
        session,
        user_id=user_id,
        kitchen=kitchen,
        subject="table",
        key=f"colleges/{college.uai}",
        before=before,
        after={"siret": siret, "siret_origin": "declare"},
        now=now,
    )
    return college
