"""A list as it is sent, by page or by command: read, set against the offers, and applied as it was seen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from cantine.errors import CantineError, Fault
from cantine.french import full_date
from cantine.suppliers.models import PriceImport, Supplier
from cantine.suppliers.price_apply import Source, apply_list
from cantine.suppliers.price_columns import fits, guess_columns, heading_tax, heading_unit, missing
from cantine.suppliers.price_compare import Comparison, Ground, Said, compare
from cantine.suppliers.price_file import Listing, read_listing
from cantine.suppliers.price_lines import read_lines
from cantine.suppliers.price_match import memory_key
from cantine.suppliers.price_memory import (
    applied_before,
    french_places,
    last_imports,
    load_ground,
    remember,
    remember_lines,
    remembered,
)
from cantine.suppliers.price_reading import TABLE, ListOptions, Reading

DAY = timedelta(days=1)
WEEK = 7
NO_FOOD = "« {} » n'est pas dans la table des aliments."
LONGEST = timedelta(days=4 * 366)
NEVER = "ne pas acheter"
"""What is typed in the place of a food that is never bought."""
SOLD = " (déjà vendu)"
"""What follows the name of an offer, to tell it from a food."""


@dataclass(frozen=True)
class Sent:
    """What somebody sends.

    Attributes:
        name: of the file.
        data: its bytes.
        columns: heading by field; None: those of the last list, else a guess.
        options: what the headings do not say; None: as the last list.
        first: first day of validity; None: what the file says, else what follows the last list.
        last: last day, likewise.
        foods: what is typed for a line, by its number: a food, an offer, or ``NEVER``.
    """

    name: str
    data: bytes
    columns: Mapping[str, str] | None = None
    options: ListOptions | None = None
    first: date | None = None
    last: date | None = None
    foods: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """A list set against the offers of its supplier.

    Attributes:
        supplier: whose.
        listing: the file.
        columns: heading by field.
        options: what the headings do not say.
        known: the columns are those of the last list.
        first: first day.
        last: last day.
        reading: its lines.
        comparison: what it would change.
        said: what lines are, by their key, as somebody has just typed it.
        sha256: of the file.
        before: the same file, applied before.
    """

    supplier: Supplier
    listing: Listing
    columns: Mapping[str, str]
    options: ListOptions
    known: bool
    first: date
    last: date
    reading: Reading
    comparison: Comparison
    said: Mapping[str, Said]
    sha256: str
    before: PriceImport | None

    @property
    def missing(self) -> list[str]:
        """Titles of the columns that must be chosen first."""
        return missing(self.columns)

    @property
    def closes(self) -> bool:
        """Whether offers that the list does not name are taken off sale."""
        return self.options.close_absent and not self.comparison.faults

    @property
    def writes(self) -> int:
        """How many offers would be written."""
        return len(self.comparison.written) + (len(self.comparison.gone) if self.closes else 0)

    @property
    def mark(self) -> str:
        """A mark of what would be written: what is confirmed is what was seen."""
        return self.comparison.mark(close_absent=self.closes)

    @property
    def asked(self) -> str:
        """A mark of what was asked, to tell one's own change from a colleague's."""
        said = sorted(self.said.items())
        text = repr((sorted(self.columns.items()), self.options, self.first, self.last, said))
        return hashlib.sha256(text.encode()).hexdigest()[:20]


def load_list(session: Session, supplier: Supplier, sent: Sent, today: date) -> Loaded:
    """Read a list and set it against the offers. Writes nothing.

    Raises:
        CantineError: the file cannot be read at all, or its dates make no period.
    """
    listing = read_listing(sent.name, sent.data)
    kept, options = remembered(session, supplier.code)
    known = fits(kept, listing.headings)
    columns = dict(
        sent.columns if sent.columns is not None else kept if known else guess_columns(listing.headings)
    )
    options = sent.options or (options if known else _guessed(options, columns))
    first, last = _period(session, supplier.code, sent, listing, options, today)
    said: dict[str, Said] = {}
    if missing(columns):
        reading, comparison = Reading(), Comparison()
    else:
        reading = read_lines(listing, columns, options, supplier=supplier.name, places=french_places(session))
        said, faults = _said(reading, sent.foods, load_ground(session, supplier.code, options, {}))
        comparison = compare(reading, load_ground(session, supplier.code, options, said), first, last)
        comparison.faults.extend(faults)
    sha256 = hashlib.sha256(sent.data).hexdigest()
    before = applied_before(session, supplier.code, sha256)
    return Loaded(
        supplier, listing, columns, options, known, first, last, reading, comparison, said, sha256, before
    )


def apply_loaded(session: Session, loaded: Loaded, *, by: int | None, now: datetime) -> PriceImport:
    """Write what was seen, and remember how the list was read. Never commits."""
    code = loaded.supplier.code
    days = (loaded.last - loaded.first).days + 1
    remember(session, code, loaded.columns, replace(loaded.options, days=days), by=by, now=now)
    remember_lines(session, code, loaded.said, by=by, now=now)
    source = Source(code, loaded.listing.name, loaded.sha256, loaded.first, loaded.last)
    return apply_list(
        session, loaded.comparison, source, close_absent=loaded.options.close_absent, by=by, now=now
    )


def usual_period(session: Session, supplier: str, days: int, today: date) -> tuple[date, date]:
    """The days that follow the last list; the coming week before the first one."""
    last = last_imports(session).get(supplier)
    monday = today + timedelta(days=-today.weekday() % WEEK)
    first = last.valid_to + DAY if last and last.valid_to >= today else monday
    return first, first + timedelta(days=max(1, days) - 1)


def _period(
    session: Session, supplier: str, sent: Sent, listing: Listing, options: ListOptions, today: date
) -> tuple[date, date]:
    first, last = listing.period or usual_period(session, supplier, options.days, today)
    first, last = sent.first or first, sent.last or last
    if not timedelta(0) <= last - first <= LONGEST:
        raise CantineError(f"Dates à revoir : du {full_date(first)} au {full_date(last)}.")
    return first, last


def _guessed(options: ListOptions, columns: Mapping[str, str]) -> ListOptions:
    heading = columns.get("price", "")
    return replace(options, per=heading_unit(heading) or options.per, tax=heading_tax(heading) or options.tax)


def _said(reading: Reading, typed: Mapping[int, str], ground: Ground) -> tuple[dict[str, Said], list[Fault]]:
    """What was typed of each line, by its key; what is neither a food nor an offer is a fault."""
    said: dict[str, Said] = {}
    faults = []
    for line in reading.lines:
        text = typed.get(line.number, "").strip()
        if not text:
            continue
        food = ground.pantry.typed(text)
        product = ground.shelf.titled(text.removesuffix(SOLD)) if text.endswith(SOLD) else None
        if product:
            said[memory_key(line)] = Said(product[-1].food, product[-1].code)
        elif food or text.casefold() == NEVER:
            said[memory_key(line)] = Said(food.code if food else None)
        else:
            faults.append(Fault(TABLE, line.number, "Aliment", NO_FOOD.format(text)))
    return said, faults
