"""The file of purchases for ma cantine: twelve columns, checked whole before a byte of it is given."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from cantine.egalim.credits import net
from cantine.egalim.ma_cantine import (
    COLUMNS,
    KM,
    LARGEST_FILE,
    ORIGINS,
    YES,
    shape_faults,
    written_labels,
)
from cantine.egalim.places import Place, load_places
from cantine.french import euros, full_date, plural
from cantine.kitchens.settings import Settings, load_settings
from cantine.orders.models import Purchase
from cantine.orders.purchases import purchase_rows, within
from cantine.stores.models import ReceptionLine

Row = Any
INVENTED = "generation"
ESTIMATED = "le SIRET est estimé : à confirmer par l'établissement"
NOT_REAL = "des achats inventés pour la démonstration ne se déclarent pas"


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        first: first day.
        last: last day.
        kitchens: their codes; None for all.
        today: no purchase may be later.
        demo: estimated numbers, invented purchases and days to come are told, not refused.
    """

    first: date
    last: date
    kitchens: Collection[str] | None
    today: date
    demo: bool = False


@dataclass(frozen=True)
class Finding:
    """Something to mend, or to know.

    Attributes:
        kitchen: its code.
        purchase: number of the line to mend; None for the kitchen's own number.
        column: of the file.
        reason: in French.
        told: words of the line, or of what the whole kitchen has.
    """

    kitchen: str
    purchase: int | None
    column: str
    reason: str
    told: str = ""

    def __str__(self) -> str:
        """One French line."""
        where = f"achat n° {self.purchase} ({self.told})" if self.purchase else self.told or "établissement"
        return f"{self.kitchen}, {where}, colonne « {self.column} » : {self.reason}"


@dataclass
class Export:
    """What came of it: no file while something is to be mended."""

    lines: int = 0
    amount: Decimal = Decimal(0)
    kitchens: int = 0
    credits: int = 0
    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)


def export(session: Session, asked: Request) -> Export:
    """Check the purchases of a period and, where nothing is to be mended, write them.

    Credit notes are taken off purchases of the same kitchen, supplier, family and labels in the period; one
    that nothing can take is a fault. Purchases of 0,00 € are left out.

    Returns:
        The files, each under the size the platform takes, cut between two kitchens where that holds.
    """
    made = Export()
    places = load_places(session, asked.kitchens)
    writing = _Lines(load_settings(session))
    unproved = _without_proof(session, asked)
    files = _Files()
    rows = purchase_rows(session, asked.first, asked.last, asked.kitchens)
    for code, own in groupby(rows, key=lambda row: str(row.kitchen)):
        _kitchen(made, asked, places[code], list(own), writing, unproved, files)
    if not made.faults:
        made.files = files.closed()
    return made


def _kitchen(
    made: Export,
    asked: Request,
    place: Place,
    rows: list[Row],
    writing: "_Lines",
    unproved: Collection[int],
    files: "_Files",
) -> None:
    """One kitchen's lines: what is wrong with them, and their text."""
    _siret(made, asked, place, len(rows))
    _invented(made, asked, place, rows)
    amounts, left = net(rows, writing.kind)
    made.credits += sum(1 for row in rows if row.amount_ht < 0) - len(left)
    for row, rest in left:
        reason = f"aucun achat de même fournisseur, famille et labels ne couvre cet avoir ({euros(rest)})"
        made.faults.append(_finding(row, "prix_ht", reason))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    written = 0
    for row in rows:
        amount = amounts.get(row.id, row.amount_ht)
        if amount <= 0:
            continue
        cells, faults = writing.line(row, amount)
        made.faults += [_finding(row, column, reason) for column, reason in faults]
        if row.date > asked.today:
            late = _finding(row, "date", f"le {full_date(row.date)} n'est pas encore passé")
            (made.warnings if asked.demo and row.source == INVENTED else made.faults).append(late)
        if row.id in unproved and row.labels:
            made.warnings.append(_finding(row, "categories_egalim", "label sans preuve à la réception"))
        writer.writerow((place.siret, *cells))
        made.amount += amount
        written += 1
    made.lines += written
    made.kitchens += bool(written)
    files.add(text.getvalue())


def _siret(made: Export, asked: Request, place: Place, lines: int) -> None:
    told = plural(lines, "achat")
    if place.fault:
        made.faults.append(Finding(place.kitchen, None, "siret", place.fault, told))
    elif place.estimated:
        found = Finding(place.kitchen, None, "siret", ESTIMATED, f"{place.siret}, {told}")
        (made.warnings if asked.demo else made.faults).append(found)


def _invented(made: Export, asked: Request, place: Place, rows: list[Row]) -> None:
    count = sum(1 for row in rows if row.origin == "demonstration")
    if count and not asked.demo:
        made.faults.append(Finding(place.kitchen, None, "description", NOT_REAL, plural(count, "achat")))


def _finding(row: Row, column: str, reason: str) -> Finding:
    told = f"{row.description[:40]}, {row.date:%d/%m/%Y}, {euros(row.amount_ht)}"
    return Finding(row.kitchen, row.id, column, reason, told)


def _without_proof(session: Session, asked: Request) -> set[int]:
    """Purchases whose label was looked for at the door and not found."""
    statement = (
        select(Purchase.id)
        .join(ReceptionLine, col(ReceptionLine.id) == col(Purchase.reception_line))
        .where(col(ReceptionLine.label_proof).is_(False), *within(asked.first, asked.last, asked.kitchens))
    )
    return {number for number in session.exec(statement) if number is not None}


class _Lines:
    """Purchases as cells; kinds of product are met again and again, and checked once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._shapes: dict[Hashable, tuple[tuple[str, ...], list[tuple[str, str]]]] = {}

    def kind(self, row: Row) -> Hashable:
        """What a credit note has in common with what it corrects."""
        return (row.supplier or row.supplier_name, row.family, written_labels(row.labels, row.date))

    def line(self, row: Row, amount: Decimal) -> tuple[tuple[str, ...], Sequence[tuple[str, str]]]:
        """The eleven cells after the SIRET; and what is wrong, SIRET, date and price apart."""
        shape, faults = self._shape(row)
        description = " ".join(row.description.split())
        if not description:
            faults = [("description", "la désignation manque"), *faults]
        supplier = " ".join(row.supplier_name.split())
        return (description, supplier, row.date.isoformat(), f"{amount:.2f}", *shape), faults

    def _shape(self, row: Row) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        labels = written_labels(row.labels, row.date)
        local = row.local_km is not None or bool(row.local_definition)
        key = (
            row.family,
            labels,
            row.origin_country,
            row.short_chain,
            local,
            row.local_definition,
            row.local_km if row.local_definition == KM else None,
        )
        if key not in self._shapes:
            self._shapes[key] = self._made(row, labels, local=local)
        return self._shapes[key]

    def _made(self, row: Row, labels: str, *, local: bool) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        definition = (row.local_definition or self.settings.local_definition) if local else ""
        km = row.local_km if row.local_definition == KM else self.settings.local_km
        cells = (
            row.family,
            labels,
            row.origin_country if row.origin_country in ORIGINS else "",
            YES if row.short_chain else "",
            YES if local else "",
            definition,
            str(km) if definition == KM and km is not None else "",
        )
        return cells, shape_faults(dict(zip(COLUMNS[5:], cells, strict=True)))


class _Files:
    """Text of kitchens put into files that the platform takes."""

    def __init__(self) -> None:
        self._head = ",".join(COLUMNS).encode() + b"\n"
        self._done: list[bytes] = []
        self._now = io.BytesIO(self._head)
        self._now.seek(0, io.SEEK_END)

    def add(self, text: str) -> None:
        """A kitchen's lines, in the file begun if they fit."""
        for piece in _pieces(text.encode(), LARGEST_FILE - len(self._head)):
            if self._now.tell() + len(piece) > LARGEST_FILE:
                self._next()
            self._now.write(piece)

    def closed(self) -> list[bytes]:
        """Every file."""
        self._next()
        return self._done

    def _next(self) -> None:
        if self._now.tell() > len(self._head):
            self._done.append(self._now.getvalue())
        self._now = io.BytesIO(self._head)
        self._now.seek(0, io.SEEK_END)


def _pieces(data: bytes, most: int) -> Iterator[bytes]:
    """Bytes cut at the ends of lines; one piece nearly always."""
    while len(data) > most:
        end = data.rindex(b"\n", 0, most) + 1
        yield data[:end]
        data = data[end:]
    yield data


def by_reason(findings: Iterable[Finding]) -> dict[tuple[str, str], list[Finding]]:
    """Findings of one cause together, the most frequent first."""
    found: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        found[one.column, one.reason].append(one)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
