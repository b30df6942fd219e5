"""An invented year on two kitchens: the same for the same seed, believable, never on real data."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import mean

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from cantine import cli
from cantine.demo.year import invent
from cantine.egalim.export import Request, export
from cantine.egalim.year import kitchen_years
from cantine.errors import CantineError
from cantine.invoices.models import Invoice
from cantine.kitchens.headcount import load_calendar
from cantine.kitchens.models import Setting
from cantine.menus.models import Service
from cantine.orders.models import Purchase, PurchaseOrder
from cantine.orders.purchases import purchase_rows
from tests.cantine.bought import OTHER, OWN, give_sirets

TODAY = date(2027, 1, 4)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def session(marais_engine: Engine) -> Iterator[Session]:
    """The invented département."""
    with Session(marais_engine, expire_on_commit=False) as session:
        yield session


def year(
    session: Session, seed: int = 1, number: int = 2026, kitchens: tuple[str, ...] = (OWN, OTHER)
) -> list[tuple[object, ...]]:
    """The year of some kitchens, as its lines."""
    invent(session, number, seed, TODAY, OWN, kitchens)
    rows = purchase_rows(session, date(number, 1, 1), date(number, 12, 31))
    return [(row.kitchen, row.date, row.description, row.amount_ht) for row in rows]


def test_a_year_is_believable_and_can_be_declared(session: Session) -> None:
    """Bought on school days, near the budget, about the published shares; every paper fits the ledger."""
    lines = year(session)
    assert len(lines) > 2000
    calendar = load_calendar(session)
    days = {row.date for row in session.exec(select(Purchase).where(Purchase.date >= date(2026, 9, 1)))}
    assert all(calendar.is_open(day) for day in days if calendar.last and day >= date(2026, 9, 1))
    years = kitchen_years(session, 2026, LAST)
    shares = [one.bought.share("egalim") or 0 for one in years.values()]
    assert 0.03 < mean(shares) < 0.35
    assert all(len({family for family, _ in one.figures.cells}) == 8 for one in years.values())
    meals = session.exec(
        select(func.sum(Service.college)).where(Service.kitchen == OWN, Service.status == "servi")
    ).one()
    assert 1.2 < float(years[OWN].figures.total) / meals < 2.6
    give_sirets(session)
    done = export(session, Request(FIRST, LAST, None, TODAY, demo=True))
    assert done.faults == []
    assert done.amount == sum(one.figures.total for one in years.values())
    assert done.credits > 0


def test_the_last_weeks_have_their_papers(session: Session) -> None:
    """Orders are numbered without holes, invoices add up to the purchases that they replaced."""
    year(session, kitchens=(OWN,))
    orders = session.exec(
        select(PurchaseOrder).where(PurchaseOrder.kitchen == OWN).order_by(col(PurchaseOrder.rank))
    ).all()
    assert [order.rank for order in orders] == list(range(1, len(orders) + 1))
    invoiced = session.exec(select(func.sum(Invoice.total_ht))).one()
    bought = session.exec(select(func.sum(Purchase.amount_ht)).where(Purchase.source == "facture")).one()
    assert invoiced == bought
    assert {row.source for row in session.exec(select(Purchase))} == {"facture", "reception", "generation"}


def test_a_seed_is_a_year_and_a_year_comes_once(session: Session) -> None:
    """The same seed, the same lines; another, others; a second time is refused."""
    small = ("SAINT-ROSELIN",)
    first = year(session, kitchens=small)
    with pytest.raises(CantineError, match="déjà inventée"):
        year(session, kitchens=small)
    session.rollback()
    assert year(session, kitchens=small) == first
    session.rollback()
    assert year(session, seed=2, kitchens=small) != first


def test_a_year_to_come_has_no_meals_served_yet(session: Session) -> None:
    """Purchases only after today: nothing is served, ordered or invoiced there."""
    year(session, number=2028, kitchens=(OTHER,))
    assert list(session.exec(select(PurchaseOrder))) == []
    assert list(session.exec(select(Service).where(Service.date >= date(2028, 1, 1)))) == []


def test_real_data_is_left_alone(
    marais_engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command refuses clearly and writes nothing; on a demonstration it says what it did."""
    monkeypatch.setenv("CANTINE_HOME", str(home))
    with Session(marais_engine) as session:
        session.get_one(Setting, "demonstration").value = "false"
        session.commit()
    asked = ["demo-year", "--year", "2026", "--kitchen", OTHER]
    assert cli.main(asked) == 1
    assert "pas une démonstration" in capsys.readouterr().err
    with Session(marais_engine) as session:
        assert list(session.exec(select(Purchase))) == []
        session.get_one(Setting, "demonstration").value = "true"
        session.commit()
    assert cli.main(asked) == 0
    assert "1 cuisine" in capsys.readouterr().out.replace("\u00a0", " ")
