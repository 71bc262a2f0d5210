"""Deletes expired rows, on demand or at intervals, and counts rows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.protocols import EventStore, TokenStore, UserStore
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Stats

UNCONFIRMED_KEPT: Final = timedelta(days=7)
"""How long an account with an unconfirmed address is kept at least."""
KEPT: Final = timedelta(days=30)
"""How long expired rows are kept before an automatic purge deletes them."""
_LOCK: Final = "purge"
_PROBE: Final = fingerprint("is_reachable")
"""A counter that does not exist: looking it up shows whether the store answers."""


@dataclass(frozen=True, slots=True)
class PurgeRules:
    """How long rows are kept.

    Attributes:
        interval: How often a purge runs by itself; None for never.
        events: How long events are kept; None for ever.
    """

    interval: timedelta | None = None
    events: timedelta | None = None


@dataclass(eq=False, repr=False)
class Purge:
    """Deletes what has expired, and counts what is stored.

    Attributes:
        users: Loses accounts whose address was never confirmed.
        tokens: Loses expired records and counters.
        events: Loses events that are too old.
        leases: Lets one replica at a time purge.
        rules: How long rows are kept.
        post: Runs a function soon, outside the current run.
        clock: Returns the present time.
    """

    users: UserStore
    tokens: TokenStore
    events: EventStore
    leases: LeaseLock
    rules: PurgeRules
    post: Callable[[Callable[[], None]], None]
    clock: Clock
    _not_before: datetime | None = field(default=None, init=False)

    def stats(self) -> Stats:
        """Return how many records of each type of token there are."""
        return Stats(self.tokens.counts(self.clock()))

    def is_reachable(self) -> bool:
        """Return whether both stores answer; reads at most two rows, whatever is stored."""
        try:
            self.users.is_empty()
            self.tokens.count(_PROBE)
        except StoreError:
            return False
        return True

    def purge(self, *, older_than: timedelta) -> int:
        """Delete what expired longer ago than this; return the number of rows.

        This includes accounts older than this whose address was never confirmed, and events by
        their own rule.
        """
        now = self.clock()
        purged = self.tokens.purge(now - older_than)
        purged += self.users.purge_unproven(now - max(older_than, UNCONFIRMED_KEPT))
        if self.rules.events is not None:
            purged += self.events.purge(now - self.rules.events)
        return purged

    def purge_when_due(self, _event: EventRecord) -> None:
        """Post a purge if one is due, from one replica only; listens to events.

        Everything that leaves rows behind emits an event, so no timer is needed.
        """
        now, interval = self.clock(), self.rules.interval
        if interval is None or (self._not_before and now < self._not_before):
            return
        self._not_before = now + interval
        with suppress(StoreError):  # logged by the store; the next interval tries again
            lease = self.leases.try_take(_LOCK, interval)
            self._not_before = lease.until
            if lease.is_held:
                self.post(self._purge_quietly)

    def _purge_quietly(self) -> None:
        with suppress(StoreError):  # logged by the store; the next interval tries again
            self.purge(older_than=KEPT)
