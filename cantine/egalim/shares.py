"""Shares of what was bought, counted as ma cantine counts them: each line once, where it fits first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Session

from cantine.egalim.law import BY_CODE, Groupe, categorie_of, stretches
from cantine.orders.purchases import Sum, purchase_sums
from optim.terms import MEAT_FISH, Label

ZERO = Decimal(0)
HUNDREDTH = Decimal("0.01")
NONE = ""
"""Category of a purchase that has none; family of a purchase still to be completed."""

Key = TypeVar("Key")
Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Figures:
    """Purchases of a period, euros HT; additive.

    Attributes:
        cells: by family and category, each purchase once.
        fair: « dont commerce équitable », by group, never added to the rest.
        france: bought in France, by family.
        short_chain: with one intermediary at most.
        local: local as the département means it.
        sources: by source of the line (facture, reception, import…).
        lines: their number.
    """

    cells: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    fair: Amounts = field(default_factory=dict)
    france: Amounts = field(default_factory=dict)
    short_chain: Decimal = ZERO
    local: Decimal = ZERO
    sources: Amounts = field(default_factory=dict)
    lines: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(
            _both(self.cells, other.cells),
            _both(self.fair, other.fair),
            _both(self.france, other.france),
            self.short_chain + other.short_chain,
            self.local + other.local,
            _both(self.sources, other.sources),
            self.lines + other.lines,
        )

    @property
    def total(self) -> Decimal:
        """Everything."""
        return sum(self.cells.values(), ZERO)

    def group(self, groupe: Groupe, families: Collection[str] | None = None) -> Decimal:
        """What counts in one group, of some families or of all."""
        return sum(
            (
                amount
                for (family, code), amount in self.cells.items()
                if (families is None or family in families) and _group_of(code) == groupe
            ),
            ZERO,
        )

    def family(self, *families: str) -> Decimal:
        """What some families cost."""
        return sum((amount for (family, _), amount in self.cells.items() if family in families), ZERO)

    def egalim(self, *families: str) -> Decimal:
        """Durable and quality products, organic included; of all families unless some are named."""
        return sum(
            (
                amount
                for (family, code), amount in self.cells.items()
                if code != NONE and (not families or family in families)
            ),
            ZERO,
        )

    @property
    def bio(self) -> Decimal:
        """Organic."""
        return self.group(Groupe.BIO)

    @property
    def meat_fish(self) -> Decimal:
        """Meat and fish, charcuterie left out."""
        return self.family(*MEAT_FISH)

    @property
    def meat_fish_egalim(self) -> Decimal:
        """Meat and fish that are durable and of quality."""
        return self.egalim(*MEAT_FISH)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Per cent with two decimals, as the platform writes it; None of nothing."""
    return (100 * part / whole).quantize(HUNDREDTH, ROUND_HALF_UP) if whole else None


def figures_between(
    session: Session,
    first: date,
    last: date,
    kitchens: Collection[str] | None = None,
    *conditions: ColumnElement[bool],
) -> dict[str, Figures]:
    """What was bought between two dates, by kitchen: every share of the house is counted here."""
    found: defaultdict[str, Figures] = defaultdict(Figures)
    for start, end in stretches(first, last):
        by_kitchen: defaultdict[str, list[Sum]] = defaultdict(list)
        for one in purchase_sums(session, start, end, kitchens, *conditions):
            by_kitchen[one.kitchen].append(one)
        for kitchen, sums in by_kitchen.items():
            found[kitchen] += counted(sums, start)
    return dict(found)


def counted(sums: Iterable[Sum], day: date) -> Figures:
    """Purchases added up, under the law of a day."""
    cells: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    fair: defaultdict[str, Decimal] = defaultdict(Decimal)
    france: defaultdict[str, Decimal] = defaultdict(Decimal)
    sources: defaultdict[str, Decimal] = defaultdict(Decimal)
    short_chain = local = ZERO
    lines = 0
    for one in sums:
        categorie = categorie_of(one.labels, day)
        cells[one.family, categorie.code if categorie else NONE] += one.amount_ht
        if categorie and Label.COMMERCE_EQUITABLE in one.labels:
            fair[categorie.groupe] += one.amount_ht
        if one.origin_country == "FRANCE":
            france[one.family] += one.amount_ht
        if one.short_chain:
            short_chain += one.amount_ht
        if one.local:
            local += one.amount_ht
        sources[one.source] += one.amount_ht
        lines += one.lines
    return Figures(cells, fair, france, short_chain, local, sources, lines)


def _group_of(code: str) -> Groupe:
    return BY_CODE[code].groupe if code else Groupe.AUCUN


def _both(one: Mapping[Key, Decimal], other: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    return {key: one.get(key, ZERO) + other.get(key, ZERO) for key in {**one, **other}}
