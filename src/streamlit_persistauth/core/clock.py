"""The current time, and delayed calls."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import Timer

Clock = Callable[[], datetime]
"""Returns the current time as an aware datetime in UTC. Tests pass a clock that they control."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def run_later(delay: timedelta, job: Callable[[], None]) -> None:
    """Call a function after a delay, on a daemon thread."""
    timer = Timer(delay.total_seconds(), job)
    timer.daemon = True
    timer.start()
