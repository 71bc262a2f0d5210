"""Rotate the secret of a session, and detect the reuse of a former secret.

A renewed credential replaces its parent when it is first presented. The parent remains valid until
then, so a lost response does no harm, and for a short grace period afterwards, for tabs that were
loading. Any older credential has been copied (RFC 9700 4.14.2).
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.storage.protocols import Lookup, TokenStore
from streamlit_persistauth.core.storage.records import SessionWithOwner, TokenRecord
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import Client

GRACE: Final = timedelta(seconds=60)
"""The time for which a parent remains valid, and for which a successor may be outstanding."""
ATTEMPTS: Final = 20
"""Retries of an update that a concurrent update preceded."""


class RotationStatus(Enum):
    """The position of a secret in the rotation of its session."""

    CURRENT = auto()
    SUCCESSOR = auto()
    PARENT = auto()
    OLD = auto()


@dataclass(frozen=True, eq=False, repr=False)
class Rotation:
    """Rotates the secrets of the sessions in a store."""

    tokens: TokenStore
    lookup: Lookup
    events: Events
    _: KW_ONLY
    clock: Clock

    def find(self, session_id: str, token_hash: str, client: Client) -> SessionWithOwner:
        """Return a session for a secret that is not its current one but still accepted.

        A successor becomes the current secret. The reuse of a former secret revokes the session.

        Raises:
            InvalidToken: The session does not exist, or the secret is not accepted.
        """
        for _ in range(ATTEMPTS):
            stored = self._read(session_id)
            match status(stored.session, token_hash, self.clock()):
                case RotationStatus.CURRENT | RotationStatus.PARENT:
                    return stored
                case RotationStatus.OLD:
                    self._revoke(stored.session, client)
                case RotationStatus.SUCCESSOR:
                    promoted = self._promote(stored, token_hash, client)
                    if promoted is not None:
                        return promoted
        raise _busy()

    def peek(self, session_id: str, token_hash: str) -> SessionWithOwner:
        """Return the same session as `find`; change nothing.

        Raises:
            InvalidToken: The session does not exist, or the secret is not accepted.
        """
        stored = self._read(session_id)
        if status(stored.session, token_hash, self.clock()) is RotationStatus.OLD:
            raise InvalidToken("reused")
        return stored

    def accepts_successor(self, record: TokenRecord) -> bool:
        """Return whether no issued successor may still be presented for the first time."""
        return record.successor_at is None or self.clock() >= record.successor_at + GRACE

    def add_successor(self, record: TokenRecord, token_hash: str) -> TokenRecord | None:
        """Store the successor of a session's secret; return None if another call preceded."""

        def add(old: TokenRecord) -> TokenRecord | None:
            if old.token_hash != record.token_hash or not self.accepts_successor(old):
                return None
            return replace(old, successor_hash=token_hash, successor_at=self.clock())

        return update_session(self.tokens, record.session_id, add)

    def _read(self, session_id: str) -> SessionWithOwner:
        stored = next(iter(self.lookup.by_sessions([session_id])), None)  # read, not cached
        if stored is None:
            raise InvalidToken("ended")
        return stored

    def _promote(
        self, stored: SessionWithOwner, token_hash: str, client: Client
    ) -> SessionWithOwner | None:
        """Make the successor the current secret; return None if the session has changed."""
        record = stored.session
        promoted = replace(
            record,
            token_hash=token_hash,
            previous_hash=record.token_hash,
            rotated_at=self.clock(),
            successor_hash=None,
            successor_at=None,
        )
        if not self.tokens.swap(record, promoted):
            return None
        self.events.record(EventType.SESSION_RENEWED, user_id=record.user_id, client=client)
        return SessionWithOwner(replace(promoted, revision=record.revision + 1), stored.owner)

    def _revoke(self, record: TokenRecord, client: Client) -> None:
        self.tokens.end_session(record.session_id)
        self.events.record(EventType.REUSE_DETECTED, user_id=record.user_id, client=client)
        raise InvalidToken("reused")


def status(record: TokenRecord, token_hash: str, now: datetime) -> RotationStatus:
    """Return the status of the secret with this hash."""
    if token_hash == record.token_hash:
        return RotationStatus.CURRENT
    if token_hash == record.successor_hash:
        return RotationStatus.SUCCESSOR
    # A rotation in the future does not extend the grace period: a clock was ahead.
    in_grace = record.rotated_at is not None and abs(now - record.rotated_at) < GRACE
    if token_hash == record.previous_hash and in_grace:
        return RotationStatus.PARENT
    return RotationStatus.OLD


def update_session(
    tokens: TokenStore, session_id: str, change: Callable[[TokenRecord], TokenRecord | None]
) -> TokenRecord | None:
    """Update a session atomically; return it, or None if it is gone or needs no change."""
    for _ in range(ATTEMPTS):
        old = tokens.find_session(session_id)
        new = change(old) if old else None
        if old is None or new is None:
            return None
        if tokens.swap(old, new):
            return new
    raise _busy()


def _busy() -> StoreError:
    return StoreError("Sign-in is busy right now. Please try again.")
