"""Finds out with few reads which sessions of open pages are still valid."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Final, TypeVar

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.revocation_reader import RevocationReader
from streamlit_persistauth.core.storage.protocols import Lookup
from streamlit_persistauth.core.storage.records import KnownSession, SessionWithOwner

BATCH: Final = 500
"""The highest number of ids in one query."""
LEAST: Final = 100
"""The number of sessions that each call checks, if there are no more."""
CALLS_PER_CHECK: Final = 6
"""The number of calls by which every session is checked, if there are more than `LEAST`."""
CHECK_SECONDS: Final = 3.0
"""Seconds between two checks of a session whose store returns a row for each."""

T = TypeVar("T")


@dataclass(slots=True)
class _Known:
    """A session that was valid when it was last checked.

    Attributes:
        session: What was read of it.
        expires_at: When it expires if it is not used before.
        checked_at: The monotonic time of the last check.
    """

    session: KnownSession
    expires_at: datetime
    checked_at: float


@dataclass(eq=False, repr=False)
class OpenSessions:
    """Remembers which sessions were valid, and reads from the store only what may have changed.

    A session is read when it is new, when the log of revocations reports it or its user, and when
    it may have expired. What was changed by SQL is found by checks of all sessions in turn: a count
    or two tell that up to `BATCH` sessions are still valid.

    Attributes:
        lookup: Reads sessions with their accounts.
        revocations: Reads the log; None if the store has none. Each call then reads all sessions.
        is_valid: Returns whether a session as stored is valid.
        earliest_expiry: Returns when a session expires if it is not used before.
        clock: Returns the present time.
        timer: Returns the monotonic time in seconds.
    """

    lookup: Lookup
    revocations: RevocationReader | None
    _: KW_ONLY
    is_valid: Callable[[SessionWithOwner], bool]
    earliest_expiry: Callable[[SessionWithOwner], datetime]
    clock: Clock
    timer: Callable[[], float] = monotonic
    _known: dict[str, _Known] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def find_live(self, session_ids: Collection[str]) -> set[str]:
        """Return which of these sessions are valid. Call it every half second with all of them.

        A session that the library has revoked, in any process, is found at once. One that was
        deleted by SQL, or whose account was disabled, is found within `CALLS_PER_CHECK` calls.

        Raises:
            StoreError: The store failed.
        """
        with self._lock:
            wanted, now = set(session_ids), self.timer()
            revoked = self.revocations.read(now) if self.revocations else None  # before the ids
            self._forget(wanted, revoked)
            self._read(wanted - self._known.keys(), now)
            self._check(now)
            return wanted & self._known.keys()

    def _forget(self, wanted: set[str], revoked: set[str] | None) -> None:
        """Forget the sessions that have to be read again, or whose pages are closed.

        If a read fails afterwards, the next call reads them.
        """
        if revoked is None:
            self._known.clear()
        now = self.clock()
        for session_id, known in list(self._known.items()):
            is_revoked = revoked and (session_id in revoked or known.session.user_id in revoked)
            if is_revoked or session_id not in wanted or known.expires_at <= now:
                del self._known[session_id]

    def _check(self, now: float) -> None:
        """Check the sessions that were not checked for longest."""
        share = max(LEAST, -(-len(self._known) // CALLS_PER_CHECK))
        oldest = islice(self._known.items(), share)
        for batch in _batches(one for one, known in oldest if known.checked_at < now):
            known = [self._known[session_id].session for session_id in batch]
            are_valid = self.lookup.are_valid(known, self.clock())
            if are_valid:
                self._mark(batch, now)
            elif are_valid is None:
                due = now - CHECK_SECONDS
                self._read([one for one in batch if self._known[one].checked_at <= due], now)
            else:
                self._read(batch, now)

    def _mark(self, session_ids: Iterable[str], now: float) -> None:
        """Note that sessions were checked; they move to the end."""
        for session_id in session_ids:
            known = self._known[session_id] = self._known.pop(session_id)
            known.checked_at = now

    def _read(self, session_ids: Iterable[str], now: float) -> None:
        """Read sessions with their accounts, and remember those that are valid."""
        for batch in _batches(session_ids):
            found = {
                one.session.session_id: one
                for one in self.lookup.by_sessions(batch)
                if self.is_valid(one)
            }
            for session_id in batch:
                self._known.pop(session_id, None)
                if session_id in found:
                    one = found[session_id]
                    self._known[session_id] = _Known(_known(one), self.earliest_expiry(one), now)


def _known(one: SessionWithOwner) -> KnownSession:
    record = one.session
    return KnownSession(record.session_id, record.user_id, record.security_stamp)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = list(items)
    for start in range(0, len(rest), BATCH):
        yield rest[start : start + BATCH]
