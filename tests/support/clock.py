"""A clock that a test moves."""

from datetime import datetime, timedelta, timezone

START = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
"""Far from now, so that code which asks the machine instead is found out."""


class MovableClock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        """Begin at a fixed moment."""
        self.now = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def move(self, **duration: float) -> None:
        """Go forward, or backward, by the arguments of a `timedelta`."""
        self.now += timedelta(**duration)
