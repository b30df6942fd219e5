"""Which line invoiced is which line received: by reference, by name, then by amount. Knows no database."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cantine.french import fold

ALIKE = 0.6
"""Share of the words of the shorter name that the other must hold to be the same product."""
EMPTY_WORDS = {
    "de",
    "du",
    "des",
    "la",
    "le",
    "les",
    "en",
    "et",
    "au",
    "aux",
    "par",
    "cat",
    "kg",
    "colis",
    "x",
}
FEES = re.compile(
    r"\bfrais d(e |')(la )?(port|livraison|transport|preparation|dossier|gestion|facture)"
    r"|^(port|transport|livraison|forfait livraison|participation)\b(?!.salut)"
)
"""A fee, not the fish that is « frais de ligne » nor the cheese of Port-Salut."""
NEAR = Decimal("0.05")
"""By the amount alone: five per cent at most, and nothing else as near."""


@dataclass(frozen=True)
class Bill:
    """One line invoiced: its key, what names it, what it costs, and the line somebody tied it to."""

    key: int
    name: str
    reference: str
    total_ht: Decimal
    tied: int | None = None


@dataclass(frozen=True)
class Goods:
    """One line received: its key, what names it, what it should still cost."""

    key: int
    names: tuple[str, ...]
    reference: str
    amount: Decimal


Pairs = Mapping[int, tuple[int, ...]]
"""Lines received, by line invoiced."""


def is_fee(name: str) -> bool:
    """Whether a line invoiced is the delivery, not a product."""
    return FEES.search(fold(name)) is not None


def pair(bills: Sequence[Bill], goods: Sequence[Goods]) -> Pairs:
    """Each line invoiced with the line it is for, or the several lines that it sums."""
    pairs: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    left = {one.key: one for one in goods}
    for bill in bills:
        if bill.tied is not None:
            pairs[bill.key] += (bill.tied,)
            left.pop(bill.tied, None)
    scored = sorted(
        (rank, abs(bill.total_ht - one.amount), bill.key, one.key)
        for bill in bills
        for one in left.values()
        if bill.tied is None and not is_fee(bill.name) and (rank := _rank(bill, one)) is not None
    )
    for _, _, billed, received in scored:
        if billed not in pairs and received in left:
            pairs[billed] = (left.pop(received).key,)
    _gather(bills, goods, left, pairs)
    _by_amount(bills, left, pairs)
    return dict(pairs)


def likeness(name: str, other: str) -> float:
    """How alike two names are: 0 where neither holds most words of the other, 2 for the same words."""
    one, two = _words(name), _words(other)
    common = len(one & two)
    if not common or common / min(len(one), len(two)) < ALIKE:
        return 0.0
    return common / min(len(one), len(two)) + common / len(one | two)


def _rank(bill: Bill, goods: Goods) -> float | None:
    """How surely they are the same product: 0 by reference, then by name; None: nothing says so."""
    if bill.reference and fold(bill.reference) == fold(goods.reference):
        return 0.0
    best = max((likeness(bill.name, name) for name in goods.names), default=0.0)
    return 3.0 - best if best else None


def _gather(
    bills: Sequence[Bill],
    goods: Sequence[Goods],
    left: dict[int, Goods],
    pairs: defaultdict[int, tuple[int, ...]],
) -> None:
    """A line that sums several deliveries of one product takes them all, where its amount says so."""
    known = {one.key: one for one in goods}
    for bill in bills:
        if bill.tied is not None or bill.key not in pairs:
            continue
        first = known[pairs[bill.key][0]]
        same = [one for one in left.values() if _rank(bill, one) == _rank(bill, first)]
        for one in same:
            now = sum((known[key].amount for key in pairs[bill.key]), Decimal(0))
            if abs(bill.total_ht - now - one.amount) < abs(bill.total_ht - now):
                pairs[bill.key] += (left.pop(one.key).key,)


def _by_amount(
    bills: Sequence[Bill], left: dict[int, Goods], pairs: defaultdict[int, tuple[int, ...]]
) -> None:
    """What no name ties, by an amount that only one line has."""
    for bill in bills:
        if bill.key in pairs or is_fee(bill.name) or not bill.total_ht:
            continue
        near = [one for one in left.values() if abs(one.amount - bill.total_ht) <= abs(bill.total_ht) * NEAR]
        if len(near) == 1:
            pairs[bill.key] = (left.pop(near[0].key).key,)


def _words(name: str) -> set[str]:
    """Words that tell a product, without accents, plurals and weights."""
    found = re.findall(r"[a-z]+", fold(name))
    return {word.rstrip("sx") for word in found if len(word) > 1 and word not in EMPTY_WORDS}
