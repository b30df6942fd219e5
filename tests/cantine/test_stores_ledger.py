"""The book of the store balances: whatever is moved, by whom, at the same instant or through the tables."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.errors import CantineError
from cantine.stores import ledger
from cantine.stores.models import StockMove
from cantine.suppliers.models import StockLot
from tests.cantine.site import OWN, Site
from tests.cantine.test_web_remove import confirm
from tests.cantine.test_web_tables import form_of

DAY, AT = date(2027, 1, 4), datetime(2027, 1, 4, 7, tzinfo=UTC)
RICE = "riz", date(2027, 9, 30)
"""There before the book."""
LEEK = "poireau", date(2027, 1, 12)
put = partial(ledger.move, kitchen=OWN, date=DAY, at=AT, user_id=None)
SIGN = {"reception": 1, "sortie": -1, "perte": -1}


def grams_of(session: Session, food: str, day: date) -> int:
    """What the lot holds."""
    lot = session.get(StockLot, (OWN, food, day), populate_existing=True)
    return lot.grams if lot else 0


def written(session: Session, food: str, day: date, *kinds: str) -> int:
    """Sum of the moves, of some kinds if asked."""
    query = select(func.coalesce(func.sum(col(StockMove.grams)), 0))
    query = query.where(StockMove.kitchen == OWN, StockMove.food == food, StockMove.expires_on == day)
    return int(session.exec(query.where(col(StockMove.kind).in_(kinds)) if kinds else query).one())


ACTS = st.lists(
    st.tuples(st.sampled_from([*SIGN, "inventaire"]), st.sampled_from([RICE, LEEK]), st.integers(1, 40_000)),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_opening_received_issued_lost_and_counted_always_balance(marais_engine: Engine, acts: Any) -> None:
    """Opening + received − issued − lost ± inventory = counted, and never below zero."""
    with Session(marais_engine) as session:
        opening = {lot: grams_of(session, *lot) for lot in (RICE, LEEK)}
        for kind, lot, grams in acts:
            there = grams_of(session, *lot)
            change = grams - there if kind == "inventaire" else SIGN[kind] * grams
            if not change:
                continue
            act = partial(put, session, food=lot[0], expires_on=lot[1], grams=change, kind=kind)
            if there + change < 0:
                with pytest.raises(CantineError, match="en stock"):
                    act()
            else:
                act(price_ht_per_kg=Decimal(2))
        for lot in (RICE, LEEK):
            of = partial(written, session, *lot)
            assert of("ouverture") in {opening[lot], 0}
            total = opening[lot] + of("reception") + of("sortie") + of("perte") + of("inventaire")
            assert grams_of(session, *lot) == total
            assert of() in {total, 0} if not of("ouverture") else of() == total
        session.rollback()


def test_a_lot_is_worth_the_mean_of_what_went_in(marais_engine: Engine) -> None:
    """10 kg at 2 € and 30 kg at 3 €: 2,75 €; going out changes no price."""
    with transaction(marais_engine) as session:
        act = partial(put, session, food=LEEK[0], expires_on=LEEK[1])
        act(grams=10_000, kind="reception", price_ht_per_kg=Decimal(2))
        act(grams=30_000, kind="reception", price_ht_per_kg=Decimal(3))
        out = act(grams=-40_000, kind="perte", reason="cassé")
        assert out.price_ht_per_kg == Decimal("2.75")
        act(grams=1_000, kind="reception", price_ht_per_kg=Decimal(5))
        assert session.get_one(StockLot, (OWN, *LEEK)).price_ht_per_kg == Decimal(5)


def test_moves_at_the_same_instant_lose_nothing(each_marais: Config) -> None:
    """Eight people receive and issue one lot that did not exist, on SQLite and on PostgreSQL."""
    engine = make_engine(each_marais.database_url)

    def work(number: int) -> None:
        with transaction(engine) as session:
            put(
                session,
                food=LEEK[0],
                expires_on=LEEK[1],
                grams=1_000 + number,
                kind="reception",
                price_ht_per_kg=Decimal(2),
            )
        with transaction(engine) as session:
            put(session, food=LEEK[0], expires_on=LEEK[1], grams=-500, kind="sortie", service_date=DAY)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with Session(engine) as session:
        assert grams_of(session, *LEEK) == written(session, *LEEK) == 8 * 500 + sum(range(8))
    engine.dispose()


def test_the_book_follows_the_tables(site: Site) -> None:
    """A lot edited, then removed, on the pages of the tables: opening, correction, correction."""
    url = f"/donnees/stock/{OWN}~riz~2027-09-30"
    chief = site.signed_in("chef")
    for grams in ("18000", "25000"):
        page = chief.get(f"{url}/modifier").text
        assert chief.post(f"{url}/modifier", data={**form_of(page), "c_grams": grams}).status_code == 303
    assert confirm(chief, f"{url}/supprimer") == 303
    with Session(site.engine) as session:
        moves = session.exec(select(StockMove).order_by(col(StockMove.id))).all()
        assert [(one.kind, one.grams) for one in moves] == [
            ("ouverture", 18_000),
            ("correction", 7_000),
            ("correction", -25_000),
        ]
        assert all(one.user_id for one in moves)
