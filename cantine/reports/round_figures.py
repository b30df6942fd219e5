"""The producer's round: what to prepare in all, then what goes to each collège, in the producer's packs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cantine import french
from cantine.reports.head import Head
from cantine.reports.order_figures import Item, OrderPaper, Party

COLUMNS = 6
"""Sites beside each other in a packing list."""


@dataclass(frozen=True)
class Total:
    """Packs of one reference over several sites; ``by_stop`` in the order of the stops, 0 where none."""

    name: str
    reference: str
    quality: str
    pack: str
    packs: int
    grams: int
    by_stop: tuple[int, ...]


@dataclass(frozen=True)
class Stop:
    """One site of a round."""

    place: Party
    buyer: str
    number: str
    version: int
    slot: str
    note: str
    items: tuple[Item, ...]

    @property
    def packs(self) -> int:
        """Packs to unload."""
        return sum(item.packs for item in self.items)

    @property
    def grams(self) -> int:
        """Grams to unload."""
        return sum(item.grams for item in self.items)


@dataclass(frozen=True)
class RoundDay:
    """One day of delivery."""

    day: str
    totals: tuple[Total, ...]
    stops: tuple[Stop, ...]

    @property
    def packs(self) -> int:
        """Packs to load."""
        return sum(total.packs for total in self.totals)

    @property
    def grams(self) -> int:
        """Grams to load."""
        return sum(total.grams for total in self.totals)

    @property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """First and last stop (excluded) of each table of the packing list."""
        count = len(self.stops)
        return tuple((start, min(start + COLUMNS, count)) for start in range(0, count, COLUMNS))


@dataclass(frozen=True)
class Round:
    """What one supplier brings over some days."""

    head: Head
    supplier: Party
    days: tuple[RoundDay, ...]


def round_of(papers: Sequence[OrderPaper], title: str, period: str) -> Round:
    """The round of one supplier, from the papers of its orders (at least one)."""
    first = papers[0]
    days: defaultdict[date, list[OrderPaper]] = defaultdict(list)
    for paper in papers:
        days[paper.delivery].append(paper)
    head = Head(
        title=title,
        place=first.supplier.name,
        commune=first.supplier.city,
        departement=first.head.departement,
        period=period,
        origin="commandes approuvées",
        demonstration=first.head.demonstration,
    )
    return Round(head, first.supplier, tuple(_day(day, own) for day, own in sorted(days.items())))


def _day(day: date, papers: Iterable[OrderPaper]) -> RoundDay:
    own = sorted(papers, key=lambda paper: (paper.slot, paper.ship_to.city, paper.ship_to.name))
    stops = tuple(
        Stop(
            place=paper.ship_to,
            buyer=paper.buyer.name,
            number=paper.number,
            version=paper.version,
            slot=paper.slot,
            note=paper.note,
            items=paper.items,
        )
        for paper in own
    )
    return RoundDay(french.day(day, year=True), _totals(stops), stops)


def _totals(stops: Sequence[Stop]) -> tuple[Total, ...]:
    """One row for each reference, in the order of the names."""
    rows: defaultdict[str, list[tuple[int, Item]]] = defaultdict(list)
    for rank, stop in enumerate(stops):
        for item in stop.items:
            rows[item.offer].append((rank, item))
    found = (_total(own, len(stops)) for own in rows.values())
    return tuple(sorted(found, key=lambda total: (french.fold(total.name), total.reference)))


def _total(own: Sequence[tuple[int, Item]], stops: int) -> Total:
    by_stop = [0] * stops
    for rank, item in own:
        by_stop[rank] += item.packs
    item = own[0][1]
    packs = sum(by_stop)
    return Total(
        item.name, item.reference, item.quality, item.pack, packs, packs * item.pack_g, tuple(by_stop)
    )
