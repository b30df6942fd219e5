"""Numbers of orders: one series per buyer and year, without holes.

Only an approval takes a number, in the transaction that approves: what is rolled back gives it back. The year
is that of the delivery, like the engagement's: the budget that pays. A cancelled order keeps its number.
"""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from cantine.orders.models import OrderSeries


def next_rank(session: Session, buyer: str, year: int) -> int:
    """The next number of a buyer in a year; whoever asks meanwhile waits for the end of this transaction."""
    maker = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = maker.insert(OrderSeries).values(buyer=buyer, year=year, last=0)
    session.execute(first.on_conflict_do_nothing())
    series = session.exec(
        select(OrderSeries)
        .where(OrderSeries.buyer == buyer, col(OrderSeries.year) == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    series.last += 1
    session.add(series)
    session.flush()
    return series.last
