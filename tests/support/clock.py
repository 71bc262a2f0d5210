"""A clock that a test moves."""

from datetime import datetime, timedelta

from streamlit_persistauth.testing.rows import START

__all__ = ["START", "MovableClock"]


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        """Begin at a fixed moment."""
        self.now = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def move(self, **duration: float) -> None:
        """Go forward, or backward, by the arguments of a `timedelta`."""
        self.now += timedelta(**duration)
