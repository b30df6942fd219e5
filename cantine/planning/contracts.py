"""The lots of the contracts: holders, validity, maximum, and what is bought, ordered and planned of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cantine.kitchens.models import Kitchen
from cantine.orders.spend import Spend, spend_by_lot
from cantine.orders.threshold import state_of
from cantine.planning.planned_spend import planned_by_lot
from cantine.suppliers.lots import CASCADE, FREE
from cantine.suppliers.models import MarketLot, Offer, Supplier

DAYS_WARNED = 90
"""How long before its end a contract is to be renewed: a consultation takes that long."""


@dataclass(frozen=True)
class Contract:
    """One lot on a day.

    Attributes:
        lot: the row.
        holders: names of who supplies, by rank where the lot has ranks.
        spend: of everybody; in a free lot, of the buyer nearest to the maximum.
        buyer: name of that kitchen, in a free lot.
        near: in a free lot, how many buyers have passed four fifths.
        offers: how many offers are in force.
        state: « ok », « proche » or « atteint » against what is bought and ordered.
        foreseen: the same with what is planned.
        days: days left; negative once it is over, None while it has not begun.
    """

    lot: MarketLot
    holders: tuple[str, ...]
    spend: Spend
    buyer: str
    near: int
    offers: int
    state: str
    foreseen: str
    days: int | None

    @property
    def share(self) -> float | None:
        """Bought and ordered as a fraction of the maximum."""
        return float(self.spend.committed / self.lot.max_ht) if self.lot.max_ht else None

    @property
    def foreseen_share(self) -> float | None:
        """With what is planned, as a fraction of the maximum."""
        return float(self.spend.foreseen / self.lot.max_ht) if self.lot.max_ht else None

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to prepare the next one."""
        return self.days is not None and 0 <= self.days <= DAYS_WARNED


def load_contracts(session: Session, day: date) -> list[Contract]:
    """Every lot: those in force first, the fullest first; then those to come, then those over."""
    spend = _spend(session)
    names: dict[str, str] = dict(session.exec(select(Kitchen.code, Kitchen.name)).all())
    holders, offers = _holders(session, day)
    found = []
    for lot in session.exec(select(MarketLot).order_by(col(MarketLot.code))):
        own = {kitchen: one for (code, kitchen), one in spend.items() if code == lot.code}
        found.append(_contract(lot, own, names, holders.get(lot.code, ()), offers.get(lot.code, 0), day))
    return sorted(found, key=lambda one: _order(one, day))


def _spend(session: Session) -> dict[tuple[str, str], Spend]:
    found = spend_by_lot(session)
    for key, euros in planned_by_lot(session).items():
        found[key] = found.get(key, Spend()) + Spend(planned=euros)
    return found


def _holders(session: Session, day: date) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Holders by lot, those of its offers and the one it names; offers in force by lot."""
    names: dict[str, str] = dict(session.exec(select(Supplier.code, Supplier.name)).all())
    ranked: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    counts: defaultdict[str, int] = defaultdict(int)
    lots = {lot.code: lot for lot in session.exec(select(MarketLot))}
    for lot in lots.values():
        if lot.supplier:
            ranked[lot.code].add((0, lot.supplier))
    for offer in session.exec(select(Offer).where(col(Offer.lot).is_not(None))):
        lot = lots[offer.lot or ""]
        if lot.supplier is None:
            ranked[lot.code].add((offer.lot_rank or 0 if lot.sharing == CASCADE else 0, offer.supplier))
        counts[lot.code] += offer.valid_from <= day <= offer.valid_to
    holders = {
        code: tuple(_holder(rank, names[supplier]) for rank, supplier in sorted(found))
        for code, found in ranked.items()
    }
    return holders, dict(counts)


def _holder(rank: int, name: str) -> str:
    return f"{rank}. {name}" if rank else name


def _contract(
    lot: MarketLot,
    own: Mapping[str, Spend],
    names: Mapping[str, str],
    holders: Sequence[str],
    offers: int,
    day: date,
) -> Contract:
    most = lot.max_ht
    if lot.frame == FREE:
        kitchen = max(own, key=lambda code: own[code].foreseen, default="")
        spend, buyer = own.get(kitchen, Spend()), names.get(kitchen, "")
        near = sum(most is not None and state_of(one.foreseen, most) != "ok" for one in own.values())
    else:
        spend, buyer, near = sum(own.values(), Spend()), "", 0
    return Contract(
        lot=lot,
        holders=tuple(holders),
        spend=spend,
        buyer=buyer,
        near=near,
        offers=offers,
        state=_state(spend.committed, most),
        foreseen=_state(spend.foreseen, most),
        days=None if day < lot.valid_from else (lot.valid_to - day).days,
    )


def _state(euros: Decimal, most: Decimal | None) -> str:
    return "ok" if most is None else state_of(euros, most)


def _order(contract: Contract, day: date) -> tuple[int, float, str]:
    over = contract.lot.valid_to < day
    place = 2 if over else 1 if contract.days is None else 0
    return place, -(contract.foreseen_share or 0.0), contract.lot.code
