"""Notes whether a store answers, refuses calls while it does not, and logs that once."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Final
from weakref import ref

from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.errors import StoreError

logger = logging.getLogger("streamlit_persistauth")

STORE_TIMEOUT_SECONDS: Final = 5.0
"""How long a call of a store may take, unless the settings say otherwise."""
RETRY_SECONDS: Final = 1.0
"""The time between two probes of a store that does not answer."""
REMINDER_SECONDS: Final = 60.0
"""The time between two lines in the log about the same outage or fault."""
MAX_FAULTS: Final = 50
"""How many different faults are remembered, so that they are not repeated in the log."""


def unavailable() -> StoreError:
    """Return the error of a store that fails, without details."""
    return StoreError("Sign-in is unavailable right now. Please try again later.")


@dataclass
class _Outage:
    """A time in which a store does not answer.

    Attributes:
        since: When it began.
        began: The same, by the monotonic clock.
        failures: How many calls have failed.
        is_logged: Whether the log says that it began.
    """

    since: datetime
    began: float
    failures: int = 0
    is_logged: bool = False


class Availability:
    """Whether one store answers, as its calls show.

    A call that is not answered in time, while no later one is answered either, has all further
    calls refused at once, so that pages do not wait for the store one after the other. A thread
    probes the store then, until it answers.
    """

    def __init__(self, store: str, probe: Callable[[], object]) -> None:
        """Assume that the store answers.

        Args:
            store: Its name in the log.
            probe: Makes a short call to the store, with a deadline; raises an error if it fails.
        """
        self._store = store
        self._probe = probe
        self._lock = Lock()
        self._outage: _Outage | None = None
        self._is_refusing = False
        self._answered_at = 0.0
        self._logged_at = -REMINDER_SECONDS
        self._faults: dict[str, tuple[float, int]] = {}
        self._prober: Thread | None = None

    @property
    def since(self) -> datetime | None:
        """When the present outage began; None while the store answers."""
        outage = self._outage
        return outage.since if outage else None

    def require(self, operation: str) -> None:
        """Refuse a call while the store does not answer.

        Args:
            operation: What the call does, for the log.

        Raises:
            StoreError: The store has not answered an earlier call.
        """
        if self._is_refusing:
            error = self.unreachable(operation, "it does not answer")
            self._begin_probing()
            raise error

    def answered(self) -> None:
        """Note that the store has answered a call."""
        self._answered_at = monotonic()
        if self._outage is not None or self._is_refusing:
            self._end_outage()

    def timed_out(self, operation: str, began: float) -> StoreError:
        """Note that a call was not answered in time; return the error to raise.

        Args:
            operation: What the call does.
            began: When it began, by the monotonic clock.
        """
        error = self.unreachable(operation, f"no answer within {monotonic() - began:.1f} s")
        if self._answered_at < began:
            self._is_refusing = True
            self._begin_probing()
        return error

    def unreachable(self, operation: str, fault: str) -> StoreError:
        """Note that the store could not be reached; return the error to raise.

        Args:
            operation: What the call does.
            fault: The kind of fault, without stored values.
        """
        with self._lock:
            outage = self._outage = self._outage or _Outage(utc_now(), monotonic())
            outage.failures += 1
            if monotonic() >= self._logged_at + REMINDER_SECONDS:
                self._logged_at = monotonic()
                self._log_outage(outage, f"{operation} failed: {fault}")
                outage.is_logged = True
        return unavailable()

    def refused(self, operation: str, fault: str) -> StoreError:
        """Note that the store has answered a call with an error; return the error to raise.

        Args:
            operation: What the call does.
            fault: The kind of fault, without stored values.
        """
        text, now = f"{operation} failed: {fault}", monotonic()
        with self._lock:
            logged_at, others = self._faults.get(text, (-math.inf, 0))
            is_due = now >= logged_at + REMINDER_SECONDS
            if len(self._faults) >= MAX_FAULTS and text not in self._faults:
                self._faults.clear()
            self._faults[text] = (now, 0) if is_due else (logged_at, others + 1)
        if is_due:
            again = f"; {others} more times since the last such line" if others else ""
            logger.error("%s: %s%s", self._store, text, again)
        return unavailable()

    def _log_outage(self, outage: _Outage, last: str) -> None:
        since = f"{outage.since:%Y-%m-%d %H:%M:%S} UTC"
        if outage.failures == 1:
            logger.error("%s: unavailable since %s; %s", self._store, since, last)
        else:
            calls = f"{outage.failures} calls failed; the last one, {last}"
            logger.error("%s: still unavailable since %s; %s", self._store, since, calls)

    def _end_outage(self) -> None:
        with self._lock:
            outage, self._outage = self._outage, None
            self._is_refusing = False
        if outage is not None and outage.is_logged:
            seconds = monotonic() - outage.began
            logger.warning(
                "%s: available again after %.1f s; calls that failed: %d",
                self._store,
                seconds,
                outage.failures,
            )

    def _begin_probing(self) -> None:
        """Probe the store until it answers, on a thread; a forked process has none yet."""
        with self._lock:
            if self._prober is None or not self._prober.is_alive():
                self._prober = Thread(
                    target=_probe_until_answered,
                    args=(ref(self),),
                    name="persistauth-probe",
                    daemon=True,
                )
                self._prober.start()

    def probe(self) -> bool:
        """Probe the store; return whether there is more to do."""
        if not self._is_refusing:
            return False
        try:
            self._probe()
        except Exception:  # noqa: BLE001 - of any driver; the calls have logged it
            return True
        self.answered()
        return False


def _probe_until_answered(found: "ref[Availability]") -> None:
    """Probe a store until it answers, or no app uses it any more."""
    while (availability := found()) is not None and availability.probe():
        del availability
        sleep(RETRY_SECONDS)
