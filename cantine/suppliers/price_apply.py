"""Write what a supplier's list changes: offers closed, offers opened, one line in the journal."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from cantine.accounts import journal
from cantine.french import full_date
from cantine.suppliers.models import Offer, PriceImport
from cantine.suppliers.price_change import DAY, DOWN, NEW, OTHER, SAME, UP, Change
from cantine.suppliers.price_compare import Comparison

SUBJECT = "tarif"
_NUMBERED = re.compile(r"-(\d+)$")


@dataclass(frozen=True)
class Source:
    """The file that is applied, and the days it is for."""

    supplier: str
    name: str
    sha256: str
    first: date
    last: date


def apply_list(
    session: Session,
    comparison: Comparison,
    source: Source,
    *,
    close_absent: bool,
    by: int | None,
    now: datetime,
) -> PriceImport:
    """Write the changes of a list that people have seen. Never commits.

    Lines at fault are left aside; while there are some, nothing is taken off sale, for they may name it.

    Returns:
        The trace of the import, with its counts.
    """
    for change in comparison.changes:
        _refer(session, change)
    codes = _Codes(session, source.supplier)
    for change in comparison.written:
        _write(session, change, source.supplier, codes)
    gone = comparison.gone if close_absent and not comparison.faults else []
    for offer in gone:
        offer.valid_to = source.first - DAY
        session.add(offer)
    trace = PriceImport(
        supplier=source.supplier,
        name=source.name,
        sha256=source.sha256,
        valid_from=source.first,
        valid_to=source.last,
        new=len(comparison.of(NEW)),
        changed=len(comparison.of(UP, DOWN, OTHER)),
        gone=len(gone),
        unchanged=len(comparison.of(SAME)),
        at=now,
        by=by,
    )
    session.add(trace)
    _note(session, trace, comparison, by, now)
    session.flush()
    return trace


def _refer(session: Session, change: Change) -> None:
    """Give the supplier's reference to every price of the product, so that the next list finds it by that."""
    for offer in change.product if change.line.reference else ():
        if not offer.reference:
            offer.reference = change.line.reference
            session.add(offer)


def _write(session: Session, change: Change, supplier: str, codes: "_Codes") -> None:
    """Open the offer that a line makes, after closing the one it takes over."""
    before = change.before
    if before is not None and change.correct:
        for name, value in change.after.items():
            setattr(before, name, value)
        session.add(before)
        return
    first: date = change.after["valid_from"]
    if before is not None and before.valid_from < first <= before.valid_to:
        before.valid_to = first - DAY
        session.add(before)
    code = codes.next(before.code if before else f"{supplier}-{change.after['food']}")
    session.add(Offer(code=code, supplier=supplier, **change.after))


class _Codes:
    """New codes of offers: that of the product, with the next number."""

    def __init__(self, session: Session, supplier: str) -> None:
        self._used = set(session.exec(select(Offer.code).where(Offer.supplier == supplier)))
        # A code may have been given to another supplier's offer by hand.
        self._session = session

    def next(self, code: str) -> str:
        """A code nobody has, from that of the product."""
        stem = _NUMBERED.sub("", code)
        number = 1
        while (name := f"{stem}-{number}") in self._used or self._session.get(Offer, name) is not None:
            number += 1
        self._used.add(name)
        return name


def _note(
    session: Session, trace: PriceImport, comparison: Comparison, by: int | None, now: datetime
) -> None:
    journal.record(
        session,
        user_id=by,
        kitchen="",
        subject=SUBJECT,
        key=f"tarif/{trace.supplier}",
        before={},
        after={
            "fichier": trace.name,
            "validité": f"du {full_date(trace.valid_from)} au {full_date(trace.valid_to)}",
            "nouvelles": trace.new,
            "hausses": len(comparison.of(UP)),
            "baisses": len(comparison.of(DOWN)),
            "retirées": trace.gone,
            "inchangées": trace.unchanged,
        },
        now=now,
    )
