"""What goes otherwise than planned, as a question hears it: offers, deliveries, cold rooms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from cantine.planning.models import Mishap
from cantine.planning.ordered import answered
from cantine.suppliers.market import Reachable
from cantine.suppliers.prices import code_since

Span = tuple[date, date]
"""First and last day, both included."""
Order = tuple[str, date]
"""An offer and its delivery."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mishaps:
    """The mishaps of a kitchen, those that are over too: what did not come is not in the store."""

    withdrawn: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    """When an offer is not delivered."""
    coming: Mapping[Order, int] = field(default_factory=dict)
    """Packs that come of a delivery told short."""
    closed: Mapping[str, frozenset[date]] = field(default_factory=dict)
    """Days from today on when a storage zone is out of order."""

    def arriving(self, order: Order, packs: int) -> int:
        """Packs that really come of those ordered."""
        return 0 if self._withdrawn(order) else min(packs, self.coming.get(order, packs))

    def told(self, order: Order) -> bool:
        """Whether the supplier said what comes of an order: nothing, or fewer packs."""
        return order in self.coming or self._withdrawn(order)

    def _withdrawn(self, order: Order) -> bool:
        offer, delivery = order
        return any(first <= delivery <= last for first, last in self.withdrawn.get(offer, ()))

    def on_sale(self, offers: Iterable[Reachable]) -> Iterator[Reachable]:
        """What may still be ordered: each offer without the days when it is withdrawn or already told short.

        A later part of an offer has a code of its own, as the parts at another price have.
        """
        for item in offers:
            spans = [*self.withdrawn.get(item.offer.code, ())]
            spans += [(day, day) for code, day in self.coming if code == item.offer.code]
            yield from _without(item, spans)

    def good_until(self, zone: str, since: date, last: date) -> date:
        """Last day of a food that is in a zone since a day and keeps to ``last``."""
        return min((day for day in self.closed.get(zone, ()) if since <= day <= last), default=last)


def _without(item: Reachable, spans: Iterable[Span]) -> Iterator[Reachable]:
    first = item.valid_from
    for start, end in [*sorted(spans), (item.valid_to + DAY, item.valid_to)]:
        last = min(item.valid_to, start - DAY)
        if first <= last:
            code = code_since(item.offer, first) if first > item.valid_from else item.code
            yield replace(item, code=code, valid_from=first, valid_to=last)
        first = max(first, end + DAY)


def load_mishaps(session: Session, kitchen: str, today: date) -> Mishaps:
    """What a plan made today must know; what a zone out of order lost before today, the stock says.

    An answer of a supplier counts like a delivery told short; what people tell themselves comes after it.
    """
    withdrawn: defaultdict[str, list[Span]] = defaultdict(list)
    coming: dict[Order, int] = answered(session, kitchen)
    closed: defaultdict[str, set[date]] = defaultdict(set)
    for row in session.exec(select(Mishap).where(Mishap.kitchen == kitchen).order_by(col(Mishap.id))):
        if row.kind == "froid":
            first = max(row.first_date, today)
            closed[row.storage] |= {first + n * DAY for n in range((row.last_date - first).days + 1)}
        elif row.offer and row.kind == "livraison":
            coming[row.offer, row.first_date] = row.packs or 0
        elif row.offer:
            withdrawn[row.offer].append((row.first_date, row.last_date))
    return Mishaps(withdrawn, coming, {zone: frozenset(days) for zone, days in closed.items()})
