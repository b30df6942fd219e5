"""Past purchases from a ma cantine file: read whole, shown, then written whole; and taken back."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cantine.accounts import journal
from cantine.accounts.models import User
from cantine.egalim.import_lines import LinesReader
from cantine.egalim.models import YearTotal
from cantine.egalim.read_file import TABLE, read_content
from cantine.errors import ConflictError, Fault, FaultsError, ForbiddenError, NotFoundError
from cantine.french import full_date, moment, plural
from cantine.kitchens.models import Kitchen
from cantine.orders.models import Purchase, PurchaseImport

AT_ONCE = 1000


@dataclass(frozen=True)
class Preview:
    """What a file holds; nothing is written.

    Attributes:
        name: of the file.
        sha256: of its bytes.
        rows: columns of purchases to write; empty while something is wrong.
        faults: everything wrong, by line.
        warnings: what to look at before writing, in French.
        notes: how the file was read.
    """

    name: str
    sha256: str
    rows: list[dict[str, object]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def amount(self) -> Decimal:
        """Euros HT."""
        return sum((Decimal(str(row["amount_ht"])) for row in self.rows), Decimal(0))

    @property
    def kitchens(self) -> Mapping[str, int]:
        """Lines by kitchen."""
        return Counter(str(row["kitchen"]) for row in self.rows)

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day."""
        days = [row["date"] for row in self.rows if isinstance(row["date"], date)]
        return (min(days), max(days)) if days else None


def read_purchases(session: Session, name: str, data: bytes, today: date, only: str | None = None) -> Preview:
    """Read a file of the twelve columns; every fault of every line at once.

    Args:
        session: open.
        name: of the file, whose ending tells its format.
        data: its bytes.
        today: no purchase may be later.
        only: the one kitchen that the person may write for; None for all.
    """
    preview = Preview(name, hashlib.sha256(data).hexdigest())
    told = already_read(session, preview.sha256)
    content = read_content(name, data)
    faults = [*([Fault(TABLE, None, None, told)] if told else []), *content.faults]
    if faults:
        return replace(preview, faults=faults, notes=content.notes)
    reading = LinesReader(session, today, only)
    rows = [row for number, cells in content.lines if (row := reading.row(number, cells))]
    if reading.faults:
        return replace(preview, faults=reading.faults, notes=content.notes)
    warnings = [*reading.warnings(), *_overlaps(session, rows)]
    return replace(preview, rows=rows, warnings=warnings, notes=content.notes)


def already_read(session: Session, sha256: str) -> str:
    """Who read the same bytes before, in French; empty if nobody did."""
    statement = (
        select(PurchaseImport, User.name)
        .outerjoin(User, col(User.id) == col(PurchaseImport.by))
        .where(PurchaseImport.sha256 == sha256)
    )
    found = session.exec(statement).first()
    if found is None:
        return ""
    before, who = found
    return f"déjà importé {moment(before.at)} par {who or 'cantine'}, sous le nom « {before.name} »."


def _overlaps(session: Session, rows: Collection[Mapping[str, object]]) -> Iterator[str]:
    """Purchases that are here already for the same days: the file may tell them again."""
    days: dict[str, list[date]] = {}
    for row in rows:
        if isinstance(row["date"], date):
            days.setdefault(str(row["kitchen"]), []).append(row["date"])
    names = dict(session.exec(select(Kitchen.code, Kitchen.name).where(col(Kitchen.code).in_(days))).all())
    for kitchen, found in days.items():
        first, last = min(found), max(found)
        statement = select(func.count()).where(
            Purchase.kitchen == kitchen, col(Purchase.date).between(first, last)
        )
        held = session.exec(statement).one()
        if held:
            yield (
                f"{names[kitchen]} : {plural(held, 'achat est déjà là', 'achats sont déjà là')} "
                f"du {full_date(first)} au {full_date(last)}. "
                "S'ils sont aussi dans ce fichier, ils compteront deux fois."
            )
        declared = session.get(YearTotal, (kitchen, first.year))
        if declared is not None and declared.until >= first:
            yield (
                f"{names[kitchen]} : le total déclaré compte déjà les achats "
                f"jusqu'au {full_date(declared.until)}. Ces lignes iront dans le fichier de l'État, "
                "pas une seconde fois dans les parts."
            )


def write_import(session: Session, preview: Preview, user_id: int | None, now: datetime) -> PurchaseImport:
    """Write what was shown, all of it.

    Raises:
        FaultsError: something is wrong with it.
        ConflictError: somebody has imported the same file meanwhile.
    """
    if preview.faults:
        raise FaultsError(preview.faults)
    made = PurchaseImport(
        name=preview.name[:200], sha256=preview.sha256, lines=len(preview.rows), at=now, by=user_id
    )
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise ConflictError("Ce fichier vient d'être importé par quelqu'un d'autre.") from error
    rows = [row | {"imported": made.id} for row in preview.rows]
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(insert(Purchase), rows[start : start + AT_ONCE])
    for kitchen, lines in preview.kitchens.items():
        after = {"fichier": preview.name, "lignes": lines}
        _note(session, made, kitchen, {}, after, user_id, now)
    return made


def imports(session: Session, kitchen: str | None = None) -> list[tuple[PurchaseImport, str, set[str]]]:
    """Files read, the latest first: who read them, and whose purchases they hold."""
    held: dict[int, set[str]] = {}
    statement = select(col(Purchase.imported), col(Purchase.kitchen)).where(
        col(Purchase.imported).is_not(None)
    )
    for number, code in session.exec(statement.distinct()):
        held.setdefault(number or 0, set()).add(code)
    rows = session.exec(
        select(PurchaseImport, User.name)
        .outerjoin(User, col(User.id) == col(PurchaseImport.by))
        .order_by(col(PurchaseImport.id).desc())
    )
    found = [(one, who or "cantine", held.get(one.id or 0, set())) for one, who in rows]
    return [one for one in found if kitchen is None or kitchen in one[2]]


def undo_import(session: Session, number: int, only: str | None, user_id: int | None, now: datetime) -> int:
    """Take every line of a file back, those mended since too; the file may then be read again.

    Returns:
        How many lines went.

    Raises:
        NotFoundError: no such import, or it was taken back already.
        ForbiddenError: it holds purchases of a kitchen that is not the person's.
    """
    made = session.exec(select(PurchaseImport).where(PurchaseImport.id == number).with_for_update()).first()
    if made is None:
        raise NotFoundError("Cet import n'existe pas, ou il a déjà été annulé.")
    counts = session.exec(
        select(Purchase.kitchen, func.count()).where(Purchase.imported == number).group_by(Purchase.kitchen)
    ).all()
    if only is not None and {code for code, _ in counts} - {only}:
        raise ForbiddenError("Cet import contient des achats d'une autre cuisine.")
    for kitchen, lines in counts:
        before = {"fichier": made.name, "lignes": lines}
        _note(session, made, kitchen, before, {}, user_id, now)
    session.connection().execute(delete(Purchase).where(col(Purchase.imported) == number))
    session.delete(made)
    session.flush()
    return sum(lines for _, lines in counts)


def _note(
    session: Session,
    made: PurchaseImport,
    kitchen: str,
    before: object,
    after: object,
    user_id: int | None,
    now: datetime,
) -> None:
    journal.record(
        session,
        user_id=user_id,
        kitchen=kitchen,
        subject="import d'achats",
        key=f"purchase_imports/{made.id}",
        before=before,
        after=after,
        now=now,
    )
