"""Market frames: from whom a food may be bought while a contract is in force.

- ``exclusif``: the holder supplies, nobody else (accord-cadre mono-attributaire, CCP R2162-9);
- ``multi``: its holders supply, by the lot's own rule (CCP R2162-10). ``cascade``: rank 1 supplies, the
  next rank only for what it cannot; ``mise_en_concurrence``, or no rule: free choice among them;
- ``libre``: direct purchases of producers under the threshold (CCP R2122-8), or small lots (R2123-1, 2°).
  They stay open beside a multi-holder lot, which promises no exclusivity, never beside an exclusive one;
- without a lot: outside contracts. Open only for foods that no lot in force holds.

A lot whose maximum is reached has no effect any more (CCP R2162-4): it neither sells nor holds its foods.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from cantine.suppliers.models import MarketLot, Offer

EXCLUSIVE, MULTI, FREE = "exclusif", "multi", "libre"
CASCADE = "cascade"
ONE_DAY = timedelta(days=1)
NOTHING: Mapping[str, date] = MappingProxyType({})


@dataclass(frozen=True)
class Open:
    """An offer that may be bought, from ``first`` to ``last``, and the lot it belongs to."""

    offer: Offer
    lot: MarketLot | None
    first: date
    last: date

    @property
    def frame(self) -> str:
        """Frame of the lot, empty outside contracts."""
        return self.lot.frame if self.lot else ""

    @property
    def cascade(self) -> bool:
        """Whether the lot ranks its holders."""
        return self.lot is not None and self.lot.frame == MULTI and self.lot.sharing == CASCADE

    @property
    def free_choice(self) -> bool:
        """Whether the buyer chooses: only then may « local » weigh."""
        return self.frame != EXCLUSIVE and not self.cascade


def open_offers(
    offers: Sequence[Offer],
    lots: Mapping[str, MarketLot],
    exhausted: Collection[str] = (),
    lasting: Mapping[str, date] = NOTHING,
) -> list[Open]:
    """Offers that the frames leave open.

    Args:
        offers: offers of suppliers in reach, in force at some time.
        lots: every lot by code.
        exhausted: lots whose maximum is reached.
        lasting: last day on sale, by offer, where it is not the last day of validity.
    """
    ends = {offer.code: lasting.get(offer.code, offer.valid_to) for offer in offers}
    found = [item for offer in offers if (item := _in_lot(offer, ends[offer.code], lots, exhausted))]
    frames: defaultdict[str, set[str]] = defaultdict(set)
    for item in found:
        frames[item.offer.food].add(item.frame)
    allowed = [item for item in found if item.frame in _open_frames(frames[item.offer.food])]
    return list(_ranked(allowed))


def _in_lot(
    offer: Offer, end: date, lots: Mapping[str, MarketLot], exhausted: Collection[str]
) -> Open | None:
    """The offer while its lot lasts; nothing once the lot is over or spent."""
    lot = lots.get(offer.lot or "")
    if lot is None:
        return Open(offer, None, offer.valid_from, end)
    first, last = max(offer.valid_from, lot.valid_from), min(end, lot.valid_to)
    return None if first > last or lot.code in exhausted else Open(offer, lot, first, last)


def _open_frames(frames: Collection[str]) -> frozenset[str]:
    if EXCLUSIVE in frames:
        return frozenset({EXCLUSIVE})
    if MULTI in frames:
        return frozenset({MULTI, FREE})
    return frozenset({FREE, ""})


def _ranked(items: Iterable[Open]) -> Iterator[Open]:
    """In a cascade, a rank waits while a rank before it sells the same thing without limit.

    The same thing: the same food with the same labels, which is one line of the contract's price list. Where
    the rank before has announced a weekly volume, what goes beyond may come from the next: both are open, and
    the search, which knows the volumes, chooses.
    """
    items = list(items)
    references: defaultdict[tuple[str, str, frozenset[str]], list[Open]] = defaultdict(list)
    for item in items:
        if item.cascade:
            references[_reference(item)].append(item)
    for item in items:
        before = references[_reference(item)] if item.cascade else []
        free = _free_stretch(item, [other for other in before if _goes_first(other, item)])
        if free is not None:
            yield free


def _reference(item: Open) -> tuple[str, str, frozenset[str]]:
    return item.offer.lot or "", item.offer.food, frozenset(item.offer.labels)


def _goes_first(other: Open, item: Open) -> bool:
    ranked = other.offer.lot_rank is not None and item.offer.lot_rank is not None
    return ranked and (other.offer.lot_rank or 0) < (item.offer.lot_rank or 0) and _unlimited(other)


def _unlimited(item: Open) -> bool:
    return item.offer.weekly_packs is None


def _free_stretch(item: Open, before: Iterable[Open]) -> Open | None:
    """The offer over the longest stretch of days that no rank before it covers."""
    best: tuple[date, date] | None = None
    start = item.first
    for other in [*sorted(before, key=lambda o: o.first), None]:
        end = min(item.last, other.first - ONE_DAY) if other else item.last
        if start <= end and (best is None or end - start > best[1] - best[0]):
            best = start, end
        start = max(start, other.last + ONE_DAY) if other else start
    return Open(item.offer, item.lot, *best) if best else None
