"""Where the time comes from."""

from collections.abc import Callable
from datetime import date, datetime, timezone

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC. Tests pass one that they can move."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def utc_date(moment: datetime) -> date:
    """Return on which day a moment is, in UTC."""
    return moment.astimezone(timezone.utc).date()
