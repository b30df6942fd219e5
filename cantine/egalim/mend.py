"""Putting a purchase right: its family, labels, origin; kept in the journal, before and after."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from cantine.accounts import journal
from cantine.egalim.law import BY_CODE, ONLY_WITH
from cantine.egalim.words import CATEGORIES, FAMILIES
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.orders.models import Purchase
from cantine.words import word
from optim.terms import FamilleProduits

ORIGINS = {"FRANCE": "France", "EUROPE": "Europe, hors France", "MONDE": "hors d'Europe", "": "pas connue"}
HERE = "ICI"
"""Local as the département means it: known from the distance of the product, without a word."""
DEFINITIONS = {
    "": "pas local",
    HERE: "local, selon la définition du département",
    "PAT": "dans un projet alimentaire territorial",
    "COMMUNE": "même commune",
    "DEPARTEMENT": "même département",
    "REGION": "même région",
    "KM": "à moins d'une distance",
}


@dataclass(frozen=True)
class Correction:
    """What a person says of a purchase.

    Attributes:
        local_km: with « KM »; the département's own definition keeps the distance it had.
        alike: say the same of every line of this product from this supplier in the kitchen.
    """

    description: str
    family: str
    labels: tuple[str, ...]
    origin_country: str
    short_chain: bool
    local_definition: str
    local_km: int | None
    alike: bool = False


def get_purchase(session: Session, kitchen: str, number: int, *, lock: bool = False) -> Purchase:
    """A purchase of a kitchen.

    Raises:
        NotFoundError: there is none of this number there.
    """
    statement = select(Purchase).where(Purchase.id == number, Purchase.kitchen == kitchen)
    row = session.exec(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFoundError("Cet achat n'existe pas, ou plus, dans cette cuisine.")
    return row


def mark_of(row: Purchase) -> str:
    """What a page saw of a purchase: two people may have it open."""
    return "|".join(str(value) for value in _said(row).values())


def definition_of(row: Purchase) -> str:
    """Which of ``DEFINITIONS`` a purchase has."""
    return row.local_definition or (HERE if row.local_km is not None else "")


def count_alike(session: Session, row: Purchase) -> int:
    """Other lines of the same product from the same supplier in the same kitchen."""
    return session.exec(select(func.count()).where(*_alike(row))).one()


def mend(
    session: Session, row: Purchase, said: Correction, seen: str, user_id: int | None, now: datetime
) -> int:
    """Put a purchase right, and the others like it if asked; amounts and dates stay as they are.

    Returns:
        How many lines changed.

    Raises:
        ConflictError: a colleague has changed it since the page was opened.
        CantineError: family and labels do not go together.
    """
    if seen != mark_of(row):
        raise ConflictError("Un collègue a complété cet achat entre-temps : voici ce qu'il dit maintenant.")
    _check(said)
    rows = [row]
    if said.alike:
        rows += session.exec(select(Purchase).where(*_alike(row)).with_for_update()).all()
    return sum(_write(session, one, said, user_id, now) for one in rows)


def _check(said: Correction) -> None:
    if not said.description:
        raise CantineError("La désignation manque.")
    if said.family not in set(FamilleProduits):
        raise CantineError("Choisissez la famille de produits.")
    unknown = set(said.labels) - BY_CODE.keys()
    if unknown or said.origin_country not in ORIGINS or said.local_definition not in DEFINITIONS:
        raise CantineError
    for label in said.labels:
        if label in ONLY_WITH and said.family not in ONLY_WITH[label]:
            family = FAMILIES[said.family].lower()
            raise CantineError(f"« {CATEGORIES[label]} » ne va pas avec la famille « {family} ».")
    if said.local_definition == "KM" and said.local_km is None:
        raise CantineError("La définition par la distance demande un nombre de kilomètres.")


def _write(session: Session, row: Purchase, said: Correction, user_id: int | None, now: datetime) -> bool:
    before = _said(row)
    row.description, row.family = said.description, said.family
    row.labels = tuple(code for code in BY_CODE if code in said.labels)
    row.origin_country, row.short_chain = said.origin_country, said.short_chain
    if said.local_definition != HERE:
        row.local_definition = said.local_definition
        row.local_km = said.local_km if said.local_definition == "KM" else None
    after = _said(row)
    if before == after:
        return False
    session.add(row)
    changed = [name for name in after if before[name] != after[name]]
    journal.record(
        session,
        user_id=user_id,
        kitchen=row.kitchen,
        subject="achat",
        key=f"purchases/{row.id}",
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        now=now,
    )
    return True


def _said(row: Purchase) -> dict[str, str]:
    return {
        "désignation": row.description,
        "famille": word(row.family) if row.family else "",
        "labels": ", ".join(row.labels),
        "origine": row.origin_country,
        "circuit court": "oui" if row.short_chain else "",
        "local": " ".join(
            [row.local_definition, f"{row.local_km} km" if row.local_km is not None else ""]
        ).strip(),
    }


def _alike(row: Purchase) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Purchase.kitchen) == row.kitchen,
        col(Purchase.description) == row.description,
        col(Purchase.supplier_name) == row.supplier_name,
        col(Purchase.id) != row.id,
    )
