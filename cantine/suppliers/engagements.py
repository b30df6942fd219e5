"""Engagement numbers: under which the accounts (Op@le, Chorus) hold the money of a supplier's orders.

They come from the accounts of the establishment: typed in, never invented.
"""

from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, select

from cantine.accounts import journal
from cantine.errors import CantineError, ConflictError, NotFoundError
from cantine.kitchens.models import Kitchen
from cantine.suppliers.models import Engagement, Supplier

SUBJECT = "engagement"
WRONG = (
    "« {} » n'est pas un numéro d'engagement : des lettres, des chiffres, et / . - _ ou espace, "
    "40 caractères au plus. Exemple : 2027-00123."
)
MOVED = "Un collègue a enregistré {} entre-temps. Vérifiez, puis enregistrez de nouveau."

Numbers = dict[tuple[str, int], str]
"""By supplier and budget year."""


def engagements_of(session: Session, kitchen: str) -> Numbers:
    """Every number of a kitchen."""
    rows = session.exec(select(Engagement).where(Engagement.kitchen == kitchen))
    return {(row.supplier, row.year): row.number for row in rows}


def save_engagement(
    session: Session,
    kitchen: str,
    supplier: str,
    year: int,
    number: str,
    *,
    shown: str,
    by: int | None,
    now: datetime,
) -> None:
    """Keep a number, or forget it when it is empty; never commits.

    Args:
        session: a database session.
        kitchen: whose orders.
        supplier: to whom.
        year: budget year, that of the delivery.
        number: what was typed.
        shown: the number the page showed when it was typed.
        by: who typed it.
        now: the clock.

    Raises:
        NotFoundError: no such supplier.
        ConflictError: somebody else changed it since the page was shown.
        CantineError: it cannot be such a number.
    """
    if session.get(Supplier, supplier) is None:
        raise NotFoundError(f"Le fournisseur « {supplier} » n'existe pas.")
    number = " ".join(number.split())
    # The kitchen's row is held: of two first numbers typed at once, the second is told (PostgreSQL).
    session.exec(select(Kitchen.code).where(Kitchen.code == kitchen).with_for_update()).first()
    row = session.get(Engagement, (kitchen, supplier, year), with_for_update=True)
    before = row.number if row else ""
    if number == before:
        return
    if before != shown:
        raise ConflictError(MOVED.format(f"« {before} »" if before else "un champ vide"))
    if number:
        session.merge(_row(kitchen, supplier, year, number))
    else:
        session.delete(row)
    journal.record(
        session,
        user_id=by,
        kitchen=kitchen,
        subject=SUBJECT,
        key=f"{supplier}/{year}",
        before={"numéro": before},
        after={"numéro": number},
        now=now,
    )


def _row(kitchen: str, supplier: str, year: int, number: str) -> Engagement:
    values = {"kitchen": kitchen, "supplier": supplier, "year": year, "number": number}
    try:
        return Engagement.model_validate(values)
    except ValidationError as error:
        raise CantineError(WRONG.format(number[:60])) from error
