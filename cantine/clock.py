"""The only place that reads the clock: UTC without zone, as the database stores it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, UTC, without zone."""
    return datetime.now(UTC).replace(tzinfo=None)
