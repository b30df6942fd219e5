"""The only place that reads the clock, and the one that knows which clock hangs on the wall."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

WALL = ZoneInfo("Europe/Paris")


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def on_the_wall(moment: datetime) -> datetime:
    """A stored moment (UTC when it says nothing) as a clock in France shows it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(WALL)


def today_of(moment: datetime) -> date:
    """The date in France: after 22 h UTC in summer it is already tomorrow there."""
    return on_the_wall(moment).date()


def time_of(moment: datetime) -> time:
    """The time of day in France."""
    return on_the_wall(moment).time()
