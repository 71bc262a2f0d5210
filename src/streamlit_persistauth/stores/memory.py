"""Stores in this process's memory: for tests, and for demos that forget."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Final

from streamlit_persistauth.core.records import (
    EventRecord,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.errors import EmailTaken

MAX_EVENTS: Final = 10_000
"""The oldest ones go first."""


class MemoryUserStore:
    """Accounts that live as long as this process."""

    def __init__(self) -> None:
        """Begin with no account."""
        self._lock = RLock()
        self._records: dict[str, UserRecord] = {}
        self._ids: dict[str, str] = {}

    def get(self, user_id: str) -> UserRecord | None:
        """See `UserStore.get`."""
        return self._records.get(user_id)

    def find(self, email: str) -> UserRecord | None:
        """See `UserStore.find`."""
        with self._lock:
            return self._records.get(self._ids.get(email, ""))

    def add(self, record: UserRecord) -> None:
        """See `UserStore.add`."""
        with self._lock:
            if record.user.email in self._ids:
                raise EmailTaken
            self._ids[record.user.email] = record.user.id
            self._records[record.user.id] = record

    def update(self, user_id: str, changes: UserChanges) -> bool:
        """See `UserStore.update`."""
        columns = dict(changes)
        with self._lock:
            record = self._records.get(user_id)
            if record is None:
                return False
            password_hash = str(columns.pop("password_hash", record.password_hash))
            user = replace(record.user, **columns)  # type: ignore[arg-type]
            self._records[user_id] = UserRecord(user, password_hash)
        return True

    def is_empty(self) -> bool:
        """See `UserStore.is_empty`."""
        return not self._records


class MemoryTokenStore:
    """Sign-ins that live as long as this process."""

    def __init__(self) -> None:
        """Begin with no record."""
        self._lock = RLock()
        self._records: dict[str, TokenRecord] = {}

    def add(self, record: TokenRecord) -> None:
        """See `TokenStore.add`."""
        with self._lock:
            self._records[record.token_hash] = record

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.find`."""
        record = self._records.get(token_hash)
        return record if record is not None and record.token_type is token_type else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        """See `TokenStore.find_session`."""
        with self._lock:
            for record in self._records.values():
                if record.session_id == session_id and record.token_type is TokenType.SESSION:
                    return record
        return None

    def rekey(self, session_id: str, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.rekey`."""
        with self._lock:
            record = self.find_session(session_id)
            if record is None:
                return None
            del self._records[record.token_hash]
            renewed = replace(record, token_hash=token_hash)
            self._records[token_hash] = renewed
            return renewed

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.consume`."""
        with self._lock:
            record = self.find(token_type, token_hash)
            if record is not None:
                del self._records[token_hash]
            return record

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """See `TokenStore.list_sessions`."""
        with self._lock:
            records = [
                record
                for record in self._records.values()
                if record.user_id == user_id and record.token_type is TokenType.SESSION
            ]
        return sorted(records, key=lambda record: record.created_at, reverse=True)

    def end_session(self, session_id: str) -> int:
        """See `TokenStore.end_session`."""
        return self._delete(lambda record: record.session_id == session_id)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """See `TokenStore.end_user`."""
        return self._delete(lambda record: record.user_id == user_id and record.session_id != keep)

    def purge(self, expired_before: datetime) -> int:
        """See `TokenStore.purge`."""
        return self._delete(lambda record: record.expires_at < expired_before)

    def _delete(self, condition: Callable[[TokenRecord], bool]) -> int:
        with self._lock:
            doomed = [key for key, record in self._records.items() if condition(record)]
            for key in doomed:
                del self._records[key]
        return len(doomed)


class MemoryEventStore:
    """The latest events of this process."""

    def __init__(self) -> None:
        """Begin with no event."""
        self.records: deque[EventRecord] = deque(maxlen=MAX_EVENTS)

    def add(self, record: EventRecord) -> None:
        """See `EventStore.add`."""
        self.records.append(record)
