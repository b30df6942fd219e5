"""The balance of a year: shares beside the law, families by label, where each figure comes from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from cantine.egalim.law import LAW
from cantine.egalim.shares import Figures
from cantine.egalim.words import CATEGORIES, DECLARED, FAMILIES, SOURCES
from cantine.egalim.year import Declared, KitchenYear, Purchases, kitchen_years
from cantine.french import fold
from cantine.kitchens.models import Commune, Kitchen
from cantine.orders.models import Purchase

SHARES = {
    "egalim": "Durable et de qualité",
    "bio": "dont bio",
    "meat_fish": "Viandes et poissons durables",
}


@dataclass(frozen=True)
class Measure:
    """One share of the law.

    Attributes:
        part: « egalim », « bio » or « meat_fish ».
        share: fraction of what it is counted in; None of nothing.
        amount: euros that count.
        base: euros it is counted in.
        law: per cent asked.
        target: per mille aimed at this year, 0 where nothing is.
    """

    part: str
    name: str
    share: float | None
    amount: Decimal
    base: Decimal
    law: int
    target: int

    @property
    def points(self) -> float:
        """Distance to the law in points, below zero while it is missed, by however little."""
        gap = round((self.share or 0.0) * 100 - self.law, 1)
        return min(gap, -0.1) if self.missing else gap

    @property
    def missing(self) -> Decimal:
        """Euros of other purchases to change for labelled ones, all else equal."""
        return max(Decimal(0), self.base * self.law / 100 - self.amount)


@dataclass(frozen=True)
class Row:
    """One family, or the total: euros HT by category, then what the law and people ask about."""

    code: str
    name: str
    total: Decimal
    cells: tuple[Decimal, ...]
    egalim: Decimal
    france: Decimal

    @property
    def share(self) -> float | None:
        """Durable and of quality, as a fraction of the family."""
        return float(self.egalim / self.total) if self.total else None


@dataclass(frozen=True)
class KitchenLine:
    """One kitchen of the département."""

    code: str
    name: str
    commune: str
    total: Decimal
    egalim: float | None
    bio: float | None
    meat_fish: float | None


@dataclass(frozen=True)
class Balance:
    """What the page and the paper show.

    Attributes:
        last: last day counted.
        categories: codes and words of the columns: those that were bought, organic always.
        unused: words of the categories that nothing was bought in.
        declared: totals given for the time before the system, by kitchen.
        parts: euros and where they come from, in words.
        kitchens: one line each, the lowest share first; a single one for a kitchen.
    """

    year: int
    last: date
    measures: tuple[Measure, ...]
    categories: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    short_chain: Decimal
    local: Decimal
    lines: int
    declared: tuple[Declared, ...]
    parts: tuple[tuple[Decimal, str], ...]
    kitchens: tuple[KitchenLine, ...]

    @property
    def bought(self) -> Decimal:
        """Everything, the declared totals included."""
        return self.measures[0].base

    @property
    def counted(self) -> Decimal:
        """What is known line by line."""
        return self.total.total


def load_balance(session: Session, year: int, last: date, kitchens: Collection[str] | None = None) -> Balance:
    """The balance of some kitchens, or of all, from 1 January to a day."""
    years = kitchen_years(session, year, last, kitchens)
    figures = sum((one.figures for one in years.values()), Figures())
    bought = sum((one.bought for one in years.values()), Purchases())
    known = _kitchens(session, kitchens)
    used = tuple((code, word) for code, word in CATEGORIES.items() if code == "BIO" or _in(figures, code))
    rows = tuple(
        _row(figures, family, word, used)
        for family, word in FAMILIES.items()
        if figures.family(family) or family
    )
    return Balance(
        year=year,
        last=last,
        measures=tuple(_measure(part, name, bought, known) for part, name in SHARES.items()),
        categories=used,
        unused=tuple(word for code, word in CATEGORIES.items() if code not in dict(used)),
        rows=rows,
        total=_total(rows),
        short_chain=figures.short_chain,
        local=figures.local,
        lines=figures.lines,
        declared=tuple(one.declared for one in years.values() if one.declared),
        parts=_parts(years.values(), figures),
        kitchens=_lines(session, years, known),
    )


def years_known(session: Session, kitchen: str | None, today: date) -> tuple[int, ...]:
    """Calendar years that hold purchases, and this one."""
    statement = select(func.min(Purchase.date), func.max(Purchase.date))
    if kitchen:
        statement = statement.where(Purchase.kitchen == kitchen)
    first, last = session.exec(statement).one()
    first, last = first or today, last or today
    return tuple(range(min(first.year, today.year), max(last.year, today.year) + 1))


def year_shown(session: Session, kitchen: str | None, today: date) -> int:
    """This year, or the last one that holds purchases while this one has none."""
    statement = select(func.max(Purchase.date)).where(Purchase.date <= today)
    if kitchen:
        statement = statement.where(Purchase.kitchen == kitchen)
    last = session.exec(statement).one()
    return last.year if last else today.year


def _kitchens(session: Session, kitchens: Collection[str] | None) -> dict[str, Kitchen]:
    statement = select(Kitchen)
    if kitchens is not None:
        statement = statement.where(col(Kitchen.code).in_(kitchens))
    return {row.code: row for row in session.exec(statement)}


def _measure(part: str, name: str, bought: Purchases, kitchens: Mapping[str, Kitchen]) -> Measure:
    base = bought.meat_fish if part == "meat_fish" else bought.total
    amount = bought.meat_fish_egalim if part == "meat_fish" else int(getattr(bought, part))
    only = next(iter(kitchens.values())) if len(kitchens) == 1 else None
    return Measure(
        part=part,
        name=name,
        share=bought.share(part),
        amount=Decimal(amount) / 100,
        base=Decimal(base) / 100,
        law=LAW[part].percent,
        target=int(getattr(only, f"target_{part}_permille")) if only else 0,
    )


def _in(figures: Figures, category: str) -> bool:
    return any(amount for (_, code), amount in figures.cells.items() if code == category)


def _row(figures: Figures, family: str, word: str, used: Iterable[tuple[str, str]]) -> Row:
    return Row(
        code=family,
        name=word,
        total=figures.family(family),
        cells=tuple(figures.cells.get((family, code), Decimal(0)) for code, _ in used),
        egalim=figures.egalim(family),
        france=figures.france.get(family, Decimal(0)),
    )


def _total(rows: Collection[Row]) -> Row:
    zero = Decimal(0)
    return Row(
        code="",
        name="Total",
        total=sum((row.total for row in rows), zero),
        cells=tuple(sum(cells, zero) for cells in zip(*(row.cells for row in rows), strict=True)),
        egalim=sum((row.egalim for row in rows), zero),
        france=sum((row.france for row in rows), zero),
    )


def _parts(years: Iterable[KitchenYear], figures: Figures) -> tuple[tuple[Decimal, str], ...]:
    told: dict[str, Decimal] = {}
    for one in years:
        if one.declared:
            words = f"{DECLARED[one.declared.origin]} avant d'être suivis ici"
            told[words] = told.get(words, Decimal(0)) + Decimal(one.declared.purchases.total) / 100
    found = [(amount, words) for words, amount in told.items()]
    return (*found, *((figures.sources[c], words) for c, words in SOURCES.items() if figures.sources.get(c)))


def _lines(
    session: Session, years: Mapping[str, KitchenYear], kitchens: Mapping[str, Kitchen]
) -> tuple[KitchenLine, ...]:
    communes = dict(session.exec(select(Commune.insee, Commune.name)).all())
    found = []
    for code, kitchen in kitchens.items():
        bought = years.get(code, KitchenYear()).bought
        found.append(
            KitchenLine(
                code,
                kitchen.name,
                communes.get(kitchen.insee, ""),
                Decimal(bought.total) / 100,
                *(bought.share(part) for part in SHARES),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.egalim is None, one.egalim or 0.0, fold(one.name))))
