"""Reads the log of revocations, so that no entry is missed."""

from collections import deque
from typing import Final, cast

from streamlit_persistauth.core.storage.protocols import RevocationLog, TokenStore

OVERLAP_SECONDS: Final = 2.0
"""How much later than an entry with a higher number an entry may become visible.

A transaction that took its number first may commit last.
"""
RESTART_SECONDS: Final = 3.0
"""Seconds between two checks whether the numbers have started again, as after a restored backup."""
LIMIT: Final = 500
"""The highest number of entries that are read at a time."""


class RevocationReader:
    """Reads which sessions and users the library has revoked since the last read.

    Each read starts after the highest number that was known `OVERLAP_SECONDS` ago, so an entry
    that becomes visible late is read too. Only this process's monotonic clock is used.
    """

    def __init__(self, log: RevocationLog) -> None:
        self._log = log
        self._known: deque[tuple[float, int]] = deque()
        self._seen: set[int] = set()
        self._restart_checked_at = 0.0

    def read(self, now: float) -> set[str] | None:
        """Return the ids of sessions and users with new entries; None if any may be revoked.

        An entry is returned once. Read sessions after this call, never before it.

        Args:
            now: The monotonic time in seconds.

        Raises:
            StoreError: The store failed; the next call returns the same entries.
        """
        if not self._known or self._has_restarted(now):
            self._start(now)
            return None
        found = self._log.revocations_after(self._start_after(now), limit=LIMIT)
        if len(found) >= LIMIT:
            self._start(now)
            return None
        fresh = {entry.subject_id for entry in found if entry.number not in self._seen}
        self._seen = {entry.number for entry in found}
        self._known.append((now, max(self._seen | {self._known[-1][1]})))
        return fresh

    def _start(self, now: float) -> None:
        """Start after the newest entry; all sessions have to be read then."""
        last = self._log.last_revocation()
        self._known.clear()
        self._known.append((now, last))
        self._seen.clear()
        self._restart_checked_at = now

    def _start_after(self, now: float) -> int:
        while len(self._known) > 1 and self._known[1][0] <= now - OVERLAP_SECONDS:
            self._known.popleft()
        return self._known[0][1]

    def _has_restarted(self, now: float) -> bool:
        if now < self._restart_checked_at + RESTART_SECONDS:
            return False
        if self._log.last_revocation() < self._known[-1][1]:
            return True
        self._restart_checked_at = now
        return False


def find_log(tokens: TokenStore) -> RevocationLog | None:
    """Return the log of a store, or None if it has none."""
    if hasattr(tokens, "last_revocation") and hasattr(tokens, "revocations_after"):
        return cast("RevocationLog", tokens)
    return None
