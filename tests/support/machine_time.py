"""A machine whose clock is wrong."""

from datetime import datetime, timedelta

from tests.support.clock import MovableClock

from streamlit_persistauth.core.clock import Clock, MachineClock, SharedClock


class Machine:
    """A machine in a world whose time a test moves.

    Attributes:
        error: How far its clock is ahead of the time of the world; changing it sets the clock.
        clock: The clock of its process.
    """

    def __init__(
        self, world: MovableClock, *, error: timedelta = timedelta(), read: Clock | None = None
    ) -> None:
        """Start a process on the machine.

        Args:
            world: The right time.
            error: How far the clock of the machine is ahead.
            read: Reads the time of the store, if the store has a clock of its own.
        """
        self.error = error
        self._world = world
        self.clock = SharedClock(
            read, machine=MachineClock(self.wall, self.steady), steady=self.steady
        )

    def wall(self) -> datetime:
        """Return the time that the machine shows."""
        return self._world() + self.error

    def steady(self) -> float:
        """Return the seconds that nothing sets."""
        return self._world().timestamp()
