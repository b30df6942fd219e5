"""Ways out of an order under its supplier's minimum: more of what keeps, or another delivery."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from cantine.french import plural, short_day
from cantine.planning.need import NeedVisit

KEEPS_DAYS = 7
"""More of a food that keeps less would be thrown away before it is planned."""
SHOWN = 2


@dataclass(frozen=True)
class WayOut:
    """One suggestion: what it costs, and the act of its button."""

    words: str
    icon: str
    cost_ht: Decimal
    act: str


def ways_out(visit: NeedVisit, others: Iterable[NeedVisit]) -> tuple[WayOut, ...]:
    """The cheapest ways to reach a minimum, one of each kind; ``others`` are the week's visits."""
    if not visit.missing_ht:
        return ()
    moves = sorted(_moves(visit, others), key=lambda way: way.cost_ht)
    more = sorted(_more(visit), key=lambda way: way.cost_ht)
    return tuple([*more[:1], *moves[:1], *more[1:]][:SHOWN])


def _more(visit: NeedVisit) -> Iterator[WayOut]:
    """Enough packs of one product that keeps."""
    for line in visit.lines:
        days = line.food.shelf_life_days
        if days >= KEEPS_DAYS and line.line.price_ht:
            packs = ceil(visit.missing_ht / line.line.price_ht)
            words = f"{plural(packs, 'colis')} de plus : {line.line.name}, se garde {days} jours"
            yield WayOut(words, "plus", packs * line.line.price_ht, f"plus|{line.name}|{packs}")


def _moves(visit: NeedVisit, others: Iterable[NeedVisit]) -> Iterator[WayOut]:
    """The whole order with another delivery of the same supplier, where every meal still has its food."""
    for other in others:
        if other.supplier.code != visit.supplier.code or other.delivery == visit.delivery or other.late:
            continue
        there = other.total_ht + other.ordered_ht
        reached = there + visit.total_ht >= visit.supplier.min_order_ht
        if there and reached and may_move(visit, other.delivery):
            words = f"livrer {short_day(other.delivery)}, avec une autre commande"
            saved = -visit.fee_ht if other.fee_ht or other.bound else Decimal(0)
            act = f"deplacer|{visit.supplier.code}|{visit.delivery}|{other.delivery}"
            yield WayOut(words, "swap", saved, act)


def may_move(visit: NeedVisit, delivery: date) -> bool:
    """Whether each line comes before the first meal it feeds and keeps until the last.

    Only an order as the plan asks it: what people chose or ordered for a day stays on that day.
    """
    return not visit.bound and all(
        line.uses
        and not line.edited
        and not line.cell[0]
        and delivery <= line.uses[0].date
        and line.uses[-1].date <= delivery + timedelta(days=line.food.shelf_life_days)
        for line in visit.lines
    )
