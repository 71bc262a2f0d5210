"""What has expired is counted, and deleted: by hand, or by itself."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.protocols import EventStore, TokenStore, UserStore
from streamlit_persistauth.core.storage.records import CounterRecord, EventRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Stats

UNPROVEN_KEPT: Final = timedelta(days=7)
"""How long an account waits at least for its address to be proven."""
KEPT: Final = timedelta(days=30)
"""How long ago something has to have expired to be purged by itself."""
TURN: Final = fingerprint("purge\n")
"""The counter that says when the next purge is due, for all replicas."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things are kept.

    Attributes:
        interval: How often a purge happens by itself; None for never.
        events: How long events are kept; None for ever.
    """

    interval: timedelta | None = None
    events: timedelta | None = None


class Purge:
    """Deletes what has expired, and says how much there is."""

    def __init__(
        self,
        users: UserStore,
        tokens: TokenStore,
        events: EventStore,
        *,
        rules: Rules,
        post: Callable[[Callable[[], None]], None],
        clock: Clock,
    ) -> None:
        """Wire the parts.

        Args:
            users: Loses accounts whose address was never proven.
            tokens: Loses what has expired; also where replicas take turns.
            events: Loses events that are too old.
            rules: How long things are kept.
            post: Runs a purge soon, somewhere else.
            clock: Where the time comes from.
        """
        self._users = users
        self._tokens = tokens
        self._events = events
        self._rules = rules
        self._post = post
        self._clock = clock
        self._not_before: datetime | None = None

    def stats(self) -> Stats:
        """Return how much there is of each type of token."""
        return Stats(self._tokens.counts(self._clock()))

    def is_reachable(self) -> bool:
        """Return whether accounts and sign-ins can be read: two rows, however many there are."""
        try:
            self._users.is_empty()
            self._tokens.count(TURN)
        except StoreError:
            return False
        return True

    def purge(self, *, older_than: timedelta) -> int:
        """Delete what expired longer ago than this; return how many rows that were.

        With them go accounts that are older and whose address was never proven, and events by
        their own rule.
        """
        now = self._clock()
        purged = self._tokens.purge(now - older_than)
        purged += self._users.purge_unproven(now - max(older_than, UNPROVEN_KEPT))
        if self._rules.events is not None:
            purged += self._events.purge(now - self._rules.events)
        return purged

    def purge_when_due(self, _event: EventRecord) -> None:
        """Have a purge made if one is due, by one replica; listens to events.

        Whatever leaves rows behind is an event, so nothing else has to wake it.
        """
        now = self._clock()
        if self._rules.interval is None or (self._not_before and now < self._not_before):
            return
        self._not_before = now + self._rules.interval
        if self._takes_turn(now, self._rules.interval):
            self._post(self._purge_quietly)

    def _takes_turn(self, now: datetime, interval: timedelta) -> bool:
        """Return whether it is this replica's turn: of several at once, it is one's."""
        try:
            last = self._tokens.count(TURN)
            if last is not None and now < last.allowed_at:
                self._not_before = last.allowed_at
                return False
            turn = CounterRecord(1, now + interval, now + 2 * interval)
            return self._tokens.swap_count(TURN, last, turn)
        except StoreError:
            return False

    def _purge_quietly(self) -> None:
        with suppress(StoreError):  # whose store has logged it; another turn comes
            self.purge(older_than=KEPT)
