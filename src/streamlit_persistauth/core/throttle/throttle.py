"""How many tries are allowed, and how long to wait between them.

A try is counted before it is made, so a thousand at once get no further than one after the other.
A try that is refused is not counted, so a wait always ends.

A counter remembers each try for as long as the longest wait of its limit, one after the other. So
tries that come seldom never cause a wait, and no pattern of tries gets past one for each longest
wait in the long run. A success takes back its own try and ends the wait; it leaves the tries before
it, or an attacker would get new free tries with each sign-in of the owner.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.errors import Throttled
from streamlit_persistauth.models import NOBODY, Client

ATTEMPTS: Final = 100
"""How often counting is tried again because another try was counted first."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries are free, and how the wait grows after them: it doubles each time.

    Attributes:
        free: Tries without a wait.
        first_wait: After the last free one.
        longest_wait: What it grows to, and how long one try is remembered. NIST SP 800-63B-4
            3.2.2 suggests waits of 30 seconds to an hour.
    """

    free: int
    first_wait: timedelta
    longest_wait: timedelta

    def wait_after(self, tries: int) -> timedelta:
        """Return how long to wait after so many tries."""
        if tries < self.free:
            return timedelta(0)
        doublings = min(tries - self.free, 30)  # more than enough for any longest wait
        return min(self.first_wait * (1 << doublings), self.longest_wait)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What tries are counted for.

    Attributes:
        purpose: What is tried.
        subject: For whom: an account, or a network. Never stored in the clear.
        limit: How many tries it has.
    """

    purpose: str
    subject: str
    limit: Limit

    @property
    def key(self) -> str:
        """The name of its counter: 64 hexadecimal digits."""
        return fingerprint(f"{self.purpose}\n{self.subject}")


class Throttle:
    """Counts tries in the store, where replicas and restarts share them."""

    def __init__(self, counters: TokenStore, events: Events, *, clock: Clock) -> None:
        """Count in this store, and tell of what was refused."""
        self._counters = counters
        self._events = events
        self._clock = clock

    def take(self, *buckets: Bucket, user_id: str | None = None, client: Client = NOBODY) -> None:
        """Count a try in each bucket.

        Args:
            *buckets: What is tried.
            user_id: Who tries, where known.
            client: From where.

        Raises:
            Throttled: One of them is used up for now. The ones before it have been counted.
            StoreError: It can't be told, so the try must not be made.
        """
        for bucket in buckets:
            try:
                self._swap(bucket, partial(self._taken, bucket))
            except Throttled:
                self._events.record(
                    EventType.THROTTLED, user_id=user_id, client=client, purpose=bucket.purpose
                )
                raise

    def give_back(self, bucket: Bucket) -> None:
        """Take back one try of a bucket, because it succeeded: its wait ends, the others stay."""
        self._swap(bucket, partial(self._less_one, bucket))

    def _taken(self, bucket: Bucket, old: CounterRecord | None) -> CounterRecord:
        now = self._clock()
        if old is not None and now < old.allowed_at:
            raise Throttled(old.allowed_at - now)
        remembered = bucket.limit.longest_wait
        expires_at = (now if old is None else old.expires_at) + remembered
        tries = math.ceil((expires_at - now) / remembered)
        return CounterRecord(tries, now + bucket.limit.wait_after(tries), expires_at)

    def _less_one(self, bucket: Bucket, old: CounterRecord | None) -> CounterRecord | None:
        now = self._clock()
        if old is None or old.expires_at - bucket.limit.longest_wait <= now:
            return None
        return CounterRecord(old.tries - 1, now, old.expires_at - bucket.limit.longest_wait)

    def _swap(
        self, bucket: Bucket, change: Callable[[CounterRecord | None], CounterRecord | None]
    ) -> None:
        """Change a counter, whatever else changes it at the same time."""
        for _ in range(ATTEMPTS):
            old = self._counters.count(bucket.key)
            known = old if old is not None and self._clock() < old.expires_at else None
            new = change(known)
            if (old is None and new is None) or self._counters.swap_count(bucket.key, old, new):
                return
        raise Throttled(timedelta(seconds=1))
