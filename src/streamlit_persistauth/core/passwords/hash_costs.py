"""The highest cost of the password hashes in a store."""

from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.hash_format import cost_of
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord

REREAD_AFTER: Final = timedelta(minutes=10)
"""How long an answer of the store is used: it reads all accounts for it."""


class HashCosts:
    """Knows the highest cost in a store, so that every refusal can do as much work.

    Accounts that come from elsewhere may have hashes of a higher cost than the setting. If an
    unknown address cost less than they do, the time of an answer would tell that it is unknown.
    """

    def __init__(self, users: UserStore, *, clock: Clock) -> None:
        """Read this store when the cost is first needed."""
        self._users = users
        self._clock = clock
        self._highest = 0
        self._read_again_at: datetime | None = None

    def highest(self) -> int:
        """Return the highest cost, as the base-2 logarithm of the iterations; 0 for no account.

        Raises:
            StoreError: It can't be told for now.
        """
        now = self._clock()
        if self._read_again_at is None or now >= self._read_again_at:
            self._highest = self._users.highest_hash_cost()
            self._read_again_at = now + REREAD_AFTER
        return self._highest

    def learn(self, stored: UserRecord) -> None:
        """Raise the cost to that of an account which another process may have added."""
        self._highest = max(self._highest, cost_of(stored.password_hash))
