"""``cantine demo-year``: a lived year of every kitchen, invented: meals served, purchases, some papers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from cantine.demo.basket import Bought, basket, habits
from cantine.demo.days import school_days
from cantine.demo.papers import write_papers
from cantine.demo.shelf import Market
from cantine.errors import CantineError, NotFoundError
from cantine.kitchens.headcount import UsualDiners, all_diners, get_kitchen, load_calendar
from cantine.kitchens.models import Kitchen
from cantine.kitchens.settings import load_settings
from cantine.menus.models import Service
from cantine.orders.models import Purchase
from cantine.orders.purchases import buyer_of
from optim.terms import Niveau

AT_ONCE = 2000
WITH_PAPERS = 3
"""Kitchens whose last weeks have orders, receptions and invoices too."""
SCHOOL_YEAR_ENDS = 6
COMING, COMING_IN_JUNE, COMING_SPREAD = 0.94, 0.86, 0.03
"""Part of the usual diners who come: an estimate, lower at the end of the school year."""
FEWEST_COMING = 0.6


@dataclass
class Made:
    """What was invented."""

    kitchens: int = 0
    purchases: int = 0
    services: int = 0
    orders: int = 0


def invent(
    session: Session,
    year: int,
    seed: int,
    today: date,
    first_kitchen: str = "",
    only: Collection[str] = (),
    report: Callable[[int, int], None] = lambda _done, _all: None,
) -> Made:
    """Invent a year. The same seed on the same data gives the same year.

    Args:
        session: open; nothing is committed.
        year: calendar year.
        seed: of the dice.
        today: meals, orders and invoices stop the day before.
        first_kitchen: it has orders and invoices, and so have the next two.
        only: codes of the kitchens; none named: all.
        report: told how many kitchens are done, of how many.

    Raises:
        CantineError: the data is not a demonstration, or has this year already.
        NotFoundError: no such kitchen.
    """
    _refuse(session, year)
    kitchens = _kitchens(session, only)
    days = list(school_days(load_calendar(session), year))
    if not days:
        raise NotFoundError("Le calendrier scolaire est vide : importez d'abord des données.")
    diners, market, made = all_diners(session), Market(session), Made(kitchens=len(kitchens))
    shown = sorted((k.code for k in kitchens), key=lambda code: (code != first_kitchen, code))[:WITH_PAPERS]
    for done, kitchen in enumerate(kitchens, 1):
        dice = Random(f"{seed}/{year}/{kitchen.code}")
        meals = _meals(kitchen, diners.get(kitchen.code), days, dice)
        made.services += _services(session, kitchen.code, meals, today)
        lines = _lines(market, kitchen, meals, dice)
        rest = lines
        if kitchen.code in shown:
            papers, rest = write_papers(session, kitchen, lines, today, dice)
            made.orders += papers
        rows = [columns(kitchen, line) for line in rest]
        _insert(session, Purchase, rows)
        made.purchases += len(lines)
        report(done, len(kitchens))
    return made


def columns(kitchen: Kitchen, line: Bought) -> dict[str, Any]:
    """A line as a row of the ledger."""
    offer, food = line.item.offer, line.item.food
    return {
        "kitchen": kitchen.code,
        "buyer": buyer_of(kitchen),
        "date": line.day,
        "supplier": offer.supplier,
        "supplier_name": line.item.supplier.name,
        "description": offer.name if line.packs else f"Avoir : {offer.name}",
        "food": food.code,
        "family": food.family,
        "homogeneous_family": food.homogeneous_family or "",
        "labels": offer.labels,
        "origin_country": offer.origin_country,
        "short_chain": line.item.short_chain,
        "local_km": line.item.local_km,
        "grams": offer.pack_g * line.packs,
        "amount_ht": line.amount,
        "vat_permille": offer.vat_permille,
        "source": "generation",
        "origin": "demonstration",
        "lot": offer.lot,
    }


def _refuse(session: Session, year: int) -> None:
    if not load_settings(session).demonstration:
        raise CantineError(
            "Ces données ne sont pas une démonstration (réglage « demonstration ») : rien n'y est inventé."
        )
    held = session.exec(
        select(func.count()).where(
            Purchase.origin == "demonstration",
            col(Purchase.date).between(date(year, 1, 1), date(year, 12, 31)),
        )
    ).one()
    if held:
        raise CantineError(f"L'année {year} est déjà inventée ({held} achats) : prenez-en une autre.")


def _kitchens(session: Session, only: Collection[str]) -> list[Kitchen]:
    if only:
        return [get_kitchen(session, code) for code in sorted(set(only))]
    return list(session.exec(select(Kitchen).order_by(col(Kitchen.code))))


def _meals(
    kitchen: Kitchen, usual: UsualDiners | None, days: Iterable[date], dice: Random
) -> dict[date, dict[Niveau, int]]:
    """Who ate on each day of service."""
    served = {}
    weekdays = {int(digit) for digit in kitchen.service_days}
    for day in days:
        if usual is None or day.isoweekday() not in weekdays:
            continue
        usually = COMING_IN_JUNE if day.month == SCHOOL_YEAR_ENDS else COMING
        part = min(1.0, max(FEWEST_COMING, dice.gauss(usually, COMING_SPREAD)))
        eaten = {niveau: round(count * part) for niveau, count in usual.on(day).items()}
        if sum(eaten.values()):
            served[day] = eaten
    return served


def _services(session: Session, kitchen: str, meals: Mapping[date, Mapping[Niveau, int]], today: date) -> int:
    """Meals served before today, where nothing is known of the day."""
    known = set(session.exec(select(col(Service.date)).where(Service.kitchen == kitchen)))
    rows = [
        {"kitchen": kitchen, "date": day, "status": "servi"} | {n.value: count for n, count in eaten.items()}
        for day, eaten in meals.items()
        if day < today and day not in known
    ]
    _insert(session, Service, rows)
    return len(rows)


def _lines(
    market: Market, kitchen: Kitchen, meals: Mapping[date, Mapping[Niveau, int]], dice: Random
) -> list[Bought]:
    if not meals:
        return []
    totals = {day: sum(eaten.values()) for day, eaten in meals.items()}
    weeks = len({day.isocalendar()[:2] for day in totals})
    habit = habits(kitchen, dice, sum(totals.values()) / weeks)
    preferred = {trade: dice.choice(sorted(codes)) for trade, codes in sorted(market.trades(kitchen).items())}
    lines = basket(habit, market.shelf(kitchen, preferred), totals, dice)
    return sorted(lines, key=lambda line: (line.day, line.item.offer.supplier, line.item.offer.code))


def _insert(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(insert(model), rows[start : start + AT_ONCE])
