"""Where the time comes from."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import Timer

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC. Tests pass one that they can move."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def run_later(delay: timedelta, job: Callable[[], None]) -> None:
    """Call a function after some time, on a thread that keeps no process from ending."""
    timer = Timer(delay.total_seconds(), job)
    timer.daemon = True
    timer.start()
