"""Reading takes no lock, and the date is the one in France."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from cantine.clock import today_of
from cantine.db import reading, transaction
from cantine.kitchens.models import Setting


def test_a_reader_waits_for_no_writer(each_engine: Engine) -> None:
    """While somebody writes, a reader sees the state before, at once."""
    with transaction(each_engine) as writer:
        writer.add(Setting(key="local_km", value="60"))
        writer.flush()
        with reading(each_engine) as reader:
            assert reader.exec(select(Setting.key)).all() == []
    with reading(each_engine) as reader:
        assert reader.exec(select(Setting.key)).all() == ["local_km"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2027, 6, 30, 21, 59, tzinfo=UTC), date(2027, 6, 30)),
        (datetime(2027, 6, 30, 22, 0, tzinfo=UTC), date(2027, 7, 1)),
        (datetime(2027, 1, 4, 22, 30, tzinfo=UTC), date(2027, 1, 4)),
        (datetime(2027, 1, 4, 23, 0, tzinfo=UTC), date(2027, 1, 5)),
        (datetime(2027, 1, 4, 23, 0), date(2027, 1, 5)),  # noqa: DTZ001 -- as SQLite gives it back
    ],
)
def test_the_day_changes_at_midnight_in_france(moment: datetime, expected: date) -> None:
    """At 22 h UTC in summer, at 23 h in winter."""
    assert today_of(moment) == expected
