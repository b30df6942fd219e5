"""What a room says of its tables; ``tables_web`` turns each into pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from cantine.accounts.small_counts import NO_KITCHEN

Row = Mapping[str, Any]
Owner = Callable[[Row], str]
"""Kitchen a row belongs to; ``NOBODY`` when it belongs to none."""

NOBODY = NO_KITCHEN


@dataclass(frozen=True)
class TablePage:
    """The pages of one table: list, row, new row, import, export.

    Attributes:
        table: its name in a data package.
        endpoint: of the list, as in the table of rights; the others add ``_edit``, ``_new``…
        path: address of the list.
        title: heading, « Collèges ».
        one: one row, « un collège ».
        about: what the table holds, for the page of all tables.
        shown: columns of the list.
        filters: columns offered as filters.
        titles: headings where the description of the column is a list of words.
        origins: for a figure, the column that tells whether it is an estimate.
        owners: gives, for one request, the kitchen of each row; None: shared by the département.
        private: a row is seen only by those who may read its kitchen.
        secret: counts hidden below 5 from those who do not need them.
        total: sum of the secret counts, shown after them under this name.
        listed: whether the page of all tables leads to it.
        sheet: endpoint of a page to read one row, taking its key as ``code``.
        below: template of what else may be done with a row, under its form.
        note: what to know before reading or changing the table.
        hints: help under a field of the form.
        priced: thousandths of a euro, shown as euros in the list.
        personal: columns about a person: once emptied, the journal forgets what they held.
    """

    table: str
    endpoint: str
    path: str
    title: str
    one: str
    about: str
    shown: tuple[str, ...]
    filters: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    owners: Callable[[Session], Owner] | None = None
    private: bool = False
    secret: tuple[str, ...] = ()
    total: str = ""
    listed: bool = True
    sheet: str = ""
    below: str = ""
    note: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    priced: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
