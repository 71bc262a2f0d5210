"""The highest cost of the password hashes in a store."""

from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.hash_format import cost_of
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord

REREAD_AFTER: Final = timedelta(minutes=10)
"""The time between two reads, each of which scans all accounts."""


class HashCosts:
    """Caches the highest cost of a hash in a store, so that every rejection takes as long.

    Imported accounts may have hashes with a higher cost than the setting. If the check of an
    unknown address took less time than theirs, the response time would reveal it.
    """

    def __init__(self, users: UserStore, *, clock: Clock) -> None:
        self._users = users
        self._clock = clock
        self._highest = 0
        self._read_again_at: datetime | None = None

    def highest(self) -> int:
        """Return the highest cost as the base-2 logarithm of the iterations; 0 without accounts.

        Raises:
            StoreError: The store failed.
        """
        now = self._clock()
        if self._read_again_at is None or now >= self._read_again_at:
            self._highest = self._users.highest_hash_cost()
            self._read_again_at = now + REREAD_AFTER
        return self._highest

    def learn(self, stored: UserRecord) -> None:
        """Raise the cost to that of an account, which another process may have added."""
        self._highest = max(self._highest, cost_of(stored.password_hash))
