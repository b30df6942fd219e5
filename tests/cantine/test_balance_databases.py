"""The ledger on both databases: the same sums, lists, files and imports; two people at once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, func, select

from cantine.config import Config
from cantine.db import make_engine
from cantine.demo.year import invent
from cantine.egalim.balance import load_balance
from cantine.egalim.declaration import load_declaration
from cantine.egalim.export import Request, export
from cantine.egalim.importing import imports, read_purchases, undo_import, write_import
from cantine.egalim.ledger_list import LABEL_FILTERS, SORTS, Wanted, list_purchases
from cantine.egalim.year import kitchen_year
from cantine.errors import ConflictError
from cantine.orders.models import Purchase
from tests.cantine.bought import OTHER, OWN, bought, give_sirets, worked_example
from tests.cantine.site import NOW

TODAY, LAST = date(2027, 1, 4), date(2026, 12, 31)


def test_both_databases_say_the_same(each_marais: Config) -> None:
    """Sums, filters, sorts, the file, its import and its undoing."""
    engine = make_engine(each_marais.database_url)
    with Session(engine, expire_on_commit=False) as session:
        give_sirets(session)
        session.add_all([*worked_example(), bought("", "0.01", kitchen=OTHER, local_km=3)])
        session.commit()
        read = load_balance(session, 2026, LAST)
        assert (read.bought, read.local, read.lines) == (Decimal("1075.01"), Decimal("0.01"), 16)
        assert load_declaration(session, 2026, TODAY).faults == []
        for label in LABEL_FILTERS:
            for sort in SORTS:
                list_purchases(session, Wanted(date(2026, 1, 1), LAST, label=label, sort=sort, query="pom"))
        files = export(session, Request(date(2026, 1, 1), LAST, None, TODAY)).files
        preview = read_purchases(session, "achats.csv", files[0], TODAY)
        late = read_purchases(session, "achats.csv", files[0], TODAY)
        made = write_import(session, preview, None, NOW)
        session.commit()
        assert kitchen_year(session, OWN, 2026, LAST).bought.total == 2 * 107_500
        with pytest.raises(ConflictError):
            write_import(session, late, None, NOW)
        assert [one.id for one, _, _ in imports(session)] == [made.id]
        assert undo_import(session, made.id or 0, None, None, NOW) == 16
        invent(session, 2025, 1, TODAY, OTHER, [OTHER])
        assert session.exec(select(func.count()).where(Purchase.source == "facture")).one() > 0
    engine.dispose()
