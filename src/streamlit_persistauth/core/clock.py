"""The current time, which replicas share, and delayed calls."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from threading import Event, Lock, Thread, Timer
from typing import Final

from streamlit_persistauth.errors import StoreError

Clock = Callable[[], datetime]
"""Returns the current time as an aware datetime in UTC. Tests pass a clock that they control."""

LEEWAY: Final = timedelta(seconds=60)
"""The difference between the clocks of replicas that is tolerated where it is not measured."""
DOUBT: Final = timedelta(days=1)
"""A credential that expired longer ago than this has expired whatever the clock."""
STEP_SECONDS: Final = 5.0
"""A larger change of the machine's clock is a step; a smaller one is followed."""
JITTER: Final = timedelta(seconds=1)
"""A measured difference changes the time only if it differs from the last one by more."""
INTERVAL_SECONDS: Final = 300.0
"""The time between two measurements."""
RETRY_SECONDS: Final = 10.0
"""The time until the next attempt after a failed measurement."""
PATIENCE_SECONDS: Final = 1.0
"""How long a caller waits for the first measurement, and for that after a step."""

logger = logging.getLogger("streamlit_persistauth")


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def steady_now() -> datetime:
    """Return a time that goes on when the clock is set; only differences have a meaning."""
    return _EPOCH + timedelta(seconds=time.monotonic())


class MachineClock:
    """The clock of this machine, which does not go back when it is set back.

    What has expired in a process stays expired there. A clock that is set forward is followed, up
    to the time that a step back has skipped.
    """

    def __init__(self, wall: Clock = utc_now, steady: Callable[[], float] = time.monotonic) -> None:
        """Start with the present time.

        Args:
            wall: Returns the time of the machine, which can be set.
            steady: Returns the seconds since any moment; nothing sets it.
        """
        self._wall = wall
        self._steady = steady
        self._last = wall(), steady()
        self._lock = Lock()
        self.lead = timedelta()
        """How far this clock is ahead of the machine's, which was set back."""
        self.steps = 0
        """How often the machine's clock was set."""

    def __call__(self) -> datetime:
        """Return the current time."""
        with self._lock:
            (last_wall, last_steady), now = self._last, (self._wall(), self._steady())
            self._last = now
            step = now[0] - last_wall - timedelta(seconds=now[1] - last_steady)
            if abs(step.total_seconds()) > STEP_SECONDS:
                self.steps += 1
                self.lead = max(timedelta(), self.lead - step)
                _log_step(step)
            return now[0] + self.lead


@dataclass(frozen=True, slots=True)
class _Measurement:
    """A measurement in progress.

    Attributes:
        steps: How often the machine's clock was set before.
        patience_until: Until when callers wait for it, in the seconds of the steady clock.
        done: Set at its end.
    """

    steps: int
    patience_until: float
    done: Event = field(default_factory=Event)


class SharedClock:
    """The time that all replicas share: that of the store of sign-ins.

    The difference to the machine's clock is measured at first use, at intervals, and after the
    machine's clock was set; between two measurements no call reads the store. While the store does
    not answer, the last difference applies. A store without a clock of its own is on this machine.
    """

    def __init__(
        self,
        read: Clock | None,
        *,
        machine: MachineClock | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Measure nothing yet.

        Args:
            read: Reads the time of the store; may raise `StoreError`. None without such a clock.
            machine: The clock of this machine.
            steady: Returns the seconds since any moment.
        """
        self._read = read
        self._machine = machine or MachineClock()
        self._steady = steady
        self._lock = Lock()
        self._offset = timedelta()
        self._due = steady()
        self._seen_steps = 0
        self._measured_steps = -1
        self._running: _Measurement | None = None

    def __call__(self) -> datetime:
        """Return the current time."""
        now = self._machine()
        if self._read is not None:
            self._measure_if_due(self._read)
        return now + self._offset

    @property
    def skew(self) -> timedelta:
        """How far the machine's clock is ahead of this one; negative if it is behind."""
        return -self._offset - self._machine.lead

    @property
    def is_skewed(self) -> bool:
        """Whether the machine's clock differs by more than `LEEWAY`."""
        return abs(self.skew) > LEEWAY

    def _measure_if_due(self, read: Clock) -> None:
        """Start a measurement on another thread if one is due; wait for it if it is needed now."""
        with self._lock:
            now, steps = self._steady(), self._machine.steps
            is_needed = steps != self._measured_steps
            if steps != self._seen_steps:
                self._seen_steps, self._due = steps, now
            if self._running is None and now >= self._due:
                self._running = _Measurement(steps, now + PATIENCE_SECONDS)
                job = (read, self._running)
                Thread(
                    target=self._measure, args=job, name="persistauth-clock", daemon=True
                ).start()
            running = self._running
        if running is not None and is_needed:
            running.done.wait(max(0.0, running.patience_until - now))

    def _measure(self, read: Clock, running: _Measurement) -> None:
        """Measure once. Half of the time that the store takes to answer is subtracted."""
        pause = RETRY_SECONDS
        try:
            before = self._machine()
            theirs = read()
            after = self._machine()
            pause = 0.0
            if self._machine.steps == running.steps:  # else the clock was set meanwhile
                self._apply(theirs - before - (after - before) / 2)
                self._measured_steps = running.steps
                pause = INTERVAL_SECONDS
        except StoreError:  # logged by the store
            pass
        finally:
            with self._lock:
                self._due = self._steady() + pause
                self._running = None
            running.done.set()

    def _apply(self, offset: timedelta) -> None:
        """Use a measured difference, and log it when it exceeds the leeway or no longer does."""
        was_skewed = self.is_skewed
        if abs(offset - self._offset) > JITTER:
            self._offset = offset
        if self.is_skewed and not was_skewed:
            logger.warning(
                "the clock of this machine is %d seconds %s that of the store of sign-ins; "
                "sign-ins follow the store's. Synchronise both with NTP",
                round(abs(self.skew.total_seconds())),
                "ahead of" if self.skew > timedelta() else "behind",
            )
        elif was_skewed and not self.is_skewed:
            logger.warning("the clock of this machine agrees with that of the store again")


def run_later(delay: timedelta, job: Callable[[], None]) -> None:
    """Call a function after a delay, on a daemon thread."""
    timer = Timer(delay.total_seconds(), job)
    timer.daemon = True
    timer.start()


def _log_step(step: timedelta) -> None:
    seconds = round(abs(step.total_seconds()))
    if step < timedelta():
        logger.warning(
            "the clock of this machine was set back by %d seconds; sign-ins continue with the time "
            "before, so that none becomes valid again",
            seconds,
        )
    else:
        logger.info("the clock of this machine was set forward by %d seconds", seconds)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
