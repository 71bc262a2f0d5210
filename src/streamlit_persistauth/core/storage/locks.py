"""Locks that expire by themselves, shared by threads, processes and replicas."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import LEEWAY, Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.text import Text

LEASE: Final = timedelta(minutes=1)
"""How long `LeaseLock.taken` holds a lock at most: far longer than a store takes to answer."""
ATTEMPTS: Final = 400
"""How often `LeaseLock.taken` tries while another caller holds the lock."""
PAUSE_SECONDS: Final = 0.025


@dataclass(frozen=True, slots=True)
class Lease:
    """The result of one attempt to take a lock.

    Attributes:
        key: The counter that stands for the lock.
        counter: Its value for as long as the lease lasts.
        is_held: Whether the caller holds the lock; False where another caller does.
    """

    key: str
    counter: CounterRecord
    is_held: bool

    @property
    def until(self) -> datetime:
        """When the lease expires (UTC)."""
        return self.counter.allowed_at


@dataclass(frozen=True, eq=False, repr=False)
class LeaseLock:
    """Locks by name. Each is a counter, which a store changes for one caller at a time.

    Attributes:
        counters: The store that all replicas share.
        clock: Returns the present time.
        wait: Waits for a number of seconds.
    """

    counters: TokenStore
    clock: Clock
    wait: Callable[[float], object]

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Hold the lock of this name during the block; other callers wait.

        If a process dies while it holds the lock, the others wait until the lease expires.

        Raises:
            StoreError: Other callers held the lock for all attempts, or the store fails.
        """
        lease = self._take(name)
        try:
            yield
        finally:
            with suppress(StoreError):  # the lease expires by itself
                self.counters.swap_count(lease.key, lease.counter, None)

    def try_take(self, name: str, duration: timedelta) -> Lease:
        """Take the lock of this name for this long, unless another caller holds it.

        Raises:
            StoreError: The store fails.
        """
        key = fingerprint(f"lease\n{name}")
        other, now = self.counters.count(key), self.clock()
        # A lease that would last longer was taken by a clock that was ahead.
        if other is not None and now < other.allowed_at <= now + duration + LEEWAY:
            return Lease(key, other, is_held=False)
        # A random number tells leases apart, so a caller can only release its own.
        mine = CounterRecord(secrets.randbelow(2**31), now + duration, now + 2 * duration)
        return Lease(key, mine, is_held=self.counters.swap_count(key, other, mine))

    def _take(self, name: str) -> Lease:
        for _ in range(ATTEMPTS):
            lease = self.try_take(name, LEASE)
            if lease.is_held:
                return lease
            self.wait(PAUSE_SECONDS)
        raise StoreError(
            Text(
                "Accounts are being changed by someone else right now. Please try again in a "
                "moment."
            )
        )
