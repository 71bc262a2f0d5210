"""Count attempts, and delay them with exponential backoff.

An attempt is counted before it is made, so concurrent attempts get no further than sequential ones.
A rejected attempt is not counted, so a wait cannot be prolonged.

A counter forgets one attempt per `longest_wait`. Infrequent attempts therefore never cause a wait,
and in the long run an attacker gets one attempt per `longest_wait`. A success removes its own
attempt and ends the wait. It keeps the earlier ones: otherwise each sign-in of the owner would give
an attacker new free attempts.
"""

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import LEEWAY, Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.errors import Throttled
from streamlit_persistauth.models import NOBODY, Client

ATTEMPTS: Final = 100
"""Retries of an update that a concurrent update preceded."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of free attempts, and the wait after them, which doubles with each attempt.

    Attributes:
        free: The attempts without a wait.
        first_wait: The wait after the last free attempt.
        longest_wait: The maximum wait, and the time for which one attempt is remembered.
            NIST SP 800-63B-4 3.2.2 suggests waits of 30 seconds to an hour.
    """

    free: int
    first_wait: timedelta
    longest_wait: timedelta

    def wait_after(self, tries: int) -> timedelta:
        """Return the wait after this number of attempts."""
        if tries < self.free:
            return timedelta(0)
        doublings = min(tries - self.free, 30)  # exceeds any longest wait
        return min(self.first_wait * (1 << doublings), self.longest_wait)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A subject whose attempts are counted together.

    Attributes:
        purpose: The kind of attempt.
        subject: The account or network. It is stored as a hash only.
        limit: The limit that applies.
    """

    purpose: str
    subject: str
    limit: Limit

    @property
    def key(self) -> str:
        """The key of the counter: 64 hexadecimal digits."""
        return fingerprint(f"{self.purpose}\n{self.subject}")


@dataclass(frozen=True, eq=False, repr=False)
class Throttle:
    """Counts attempts in the token store, which replicas share and restarts keep."""

    counters: TokenStore
    events: Events
    _: KW_ONLY
    clock: Clock

    def take(self, *buckets: Bucket, user_id: str | None = None, client: Client = NOBODY) -> None:
        """Count an attempt in each bucket.

        Args:
            *buckets: The buckets.
            user_id: The user, if known.
            client: The origin of the attempt.

        Raises:
            Throttled: A bucket requires a wait. The buckets before it were counted.
            StoreError: The store failed. The attempt must not be made.
        """
        for bucket in buckets:
            try:
                self._swap(bucket, partial(self._with_attempt, bucket))
            except Throttled:
                self.events.record(
                    EventType.THROTTLED, user_id=user_id, client=client, purpose=bucket.purpose
                )
                raise

    def give_back(self, bucket: Bucket) -> None:
        """Remove one successful attempt from a bucket and end the wait."""
        self._swap(bucket, partial(self._without_attempt, bucket))

    def _with_attempt(self, bucket: Bucket, old: CounterRecord | None) -> CounterRecord:
        now = self.clock()
        if old is not None and now < old.allowed_at:
            raise Throttled(old.allowed_at - now)
        remembered = bucket.limit.longest_wait
        expires_at = (now if old is None else old.expires_at) + remembered
        tries = math.ceil((expires_at - now) / remembered)
        return CounterRecord(tries, now + bucket.limit.wait_after(tries), expires_at)

    def _without_attempt(self, bucket: Bucket, old: CounterRecord | None) -> CounterRecord | None:
        now = self.clock()
        if old is None or old.expires_at - bucket.limit.longest_wait <= now:
            return None
        return CounterRecord(old.tries - 1, now, old.expires_at - bucket.limit.longest_wait)

    def _corrected(self, bucket: Bucket, counter: CounterRecord) -> CounterRecord:
        """Return a counter without what a clock that was ahead has added to its times."""
        latest = self.clock() + bucket.limit.wait_after(counter.tries)
        if counter.allowed_at <= latest + LEEWAY:
            return counter
        added = counter.allowed_at - latest
        return CounterRecord(counter.tries, latest, counter.expires_at - added)

    def _swap(
        self, bucket: Bucket, change: Callable[[CounterRecord | None], CounterRecord | None]
    ) -> None:
        """Update a counter atomically."""
        for _ in range(ATTEMPTS):
            old = self.counters.count(bucket.key)
            known = old if old is not None and self.clock() < old.expires_at else None
            if known is not None and (corrected := self._corrected(bucket, known)) != known:
                self.counters.swap_count(bucket.key, known, corrected)
                continue
            new = change(known)
            if (old is None and new is None) or self.counters.swap_count(bucket.key, old, new):
                return
        raise Throttled(timedelta(seconds=1))
