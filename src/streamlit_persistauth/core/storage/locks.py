"""One at a time, over threads, processes and replicas."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.text import Text

LEASE: Final = timedelta(minutes=1)
"""How long a turn lasts at most: far longer than any store may take to answer."""
ATTEMPTS: Final = 400
"""How often a turn is asked for while somebody else has it."""
PAUSE_SECONDS: Final = 0.025


class LeaseLock:
    """Turns are taken by a counter, which stores change for one caller at a time."""

    def __init__(
        self, counters: TokenStore, *, clock: Clock, wait: Callable[[float], object]
    ) -> None:
        """Wire the parts.

        Args:
            counters: Where replicas meet.
            clock: Where the time comes from.
            wait: Waits for so many seconds.
        """
        self._counters = counters
        self._clock = clock
        self._wait = wait

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Have the turn of this name for oneself; whoever else wants it waits.

        A process that dies within its turn holds up the others until the turn is over by itself.

        Raises:
            StoreError: Others had it all the time, or the store does not answer.
        """
        key = fingerprint(f"turn\n{name}")
        mine = self._take(key)
        try:
            yield
        finally:
            with suppress(StoreError):  # then the turn is over by itself
                self._counters.swap_count(key, mine, None)

    def _take(self, key: str) -> CounterRecord:
        for _ in range(ATTEMPTS):
            other, now = self._counters.count(key), self._clock()
            if other is None or now >= other.allowed_at:
                # A number that nobody else has: so nobody gives back a turn but their own.
                mine = CounterRecord(secrets.randbelow(2**31), now + LEASE, now + 2 * LEASE)
                if self._counters.swap_count(key, other, mine):
                    return mine
            self._wait(PAUSE_SECONDS)
        raise StoreError(
            Text(
                "Accounts are being changed by someone else right now. Please try again in a "
                "moment."
            )
        )
