"""Hash and verify the passwords of accounts, with equal work for every answer."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.hash_costs import HashCosts
from streamlit_persistauth.core.passwords.hasher import QUEUE, PasswordHasher
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.errors import Busy, StoreError
from streamlit_persistauth.models import NOBODY, Client


class PasswordChecks:
    """Hashes and verifies the passwords of accounts."""

    def __init__(
        self, users: UserStore, *, hasher: PasswordHasher, events: Events, clock: Clock
    ) -> None:
        self._users = users
        self._hasher = hasher
        self._costs = HashCosts(users, clock=clock)
        self._events = events

    @contextmanager
    def queue_slot(self, client: Client) -> Iterator[None]:
        """Reserve one of the places that the client's network has in the hash queue.

        Raises:
            Busy: All places of the network are in use.
        """
        network = limits.network(client)
        if not QUEUE.enter(network):
            self._events.record(EventType.THROTTLED, client=client, purpose="queue")
            raise Busy
        try:
            yield
        finally:
            QUEUE.leave(network)

    def hash(self, password: str, client: Client = NOBODY) -> str:
        """Return the hash to store for a password."""
        return self._hasher.hash(password, network=limits.network(client))

    def verify(self, password: str, stored: UserRecord | None, client: Client) -> bool:
        """Return whether a password matches an account; record a hash that cannot be read.

        The work equals that of the most expensive hash in the store, with or without an account.
        """
        if stored is not None:
            self._costs.learn(stored)
        matches = self._hasher.verify(
            password,
            stored.password_hash if stored else None,
            highest=self._costs.highest(),
            network=limits.network(client),
        )
        if stored is None or stored.pending is Pending.INVITATION:
            return False
        if stored.password_hash and not self._hasher.can_read(stored.password_hash):
            self._events.record(EventType.DAMAGED_HASH, user_id=stored.user.id, client=client)
        return matches

    def upgrade(self, stored: UserRecord, password: str, client: Client) -> str:
        """Replace an outdated hash; return the hash that the account has now.

        The old hash remains if the new one cannot be stored, for example in a narrow column.
        """
        if self._hasher.needs_upgrade(stored.password_hash):
            password_hash = self.hash(password, client)
            with suppress(StoreError):
                if self._users.update(stored.user.id, {"password_hash": password_hash}, was=stored):
                    return password_hash
        return stored.password_hash
