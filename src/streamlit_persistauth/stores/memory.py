"""Stores in this process's memory: for tests, and for demos that forget."""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any, Final

from streamlit_persistauth.core.records import (
    CounterRecord,
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
            self._refuse_twin(record)
            self._keep(record)

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        """See `UserStore.update`."""
        with self._lock:
            record = self._records.get(user_id)
            if record is None or (was is not None and _proof(record) != _proof(was)):
                return False
            changed = _changed(record, dict(changes))
            self._refuse_twin(changed)
            self._forget(record)
            self._keep(changed)
        return True

    def delete(self, user_id: str) -> bool:
        """See `UserStore.delete`."""
        with self._lock:
            record = self._records.get(user_id)
            if record is not None:
                self._forget(record)
        return record is not None

    def is_empty(self) -> bool:
        """See `UserStore.is_empty`."""
        return not self._records

    def _refuse_twin(self, record: UserRecord) -> None:
        """Refuse an address that another account has, or that looks like another account's."""
        user_id = record.user.id
        if any(self._ids.get(name, user_id) != user_id for name in _names(record)):
            raise EmailTaken

    def _keep(self, record: UserRecord) -> None:
        self._records[record.user.id] = record
        self._ids.update(dict.fromkeys(_names(record), record.user.id))

    def _forget(self, record: UserRecord) -> None:
        del self._records[record.user.id]
        for name in _names(record):
            del self._ids[name]


def _changed(record: UserRecord, columns: dict[str, Any]) -> UserRecord:
    """Return an account with other values in some columns."""
    own = {name: columns.pop(name) for name in _OWN_COLUMNS if name in columns}
    return replace(record, user=replace(record.user, **columns), **own)


def _names(record: UserRecord) -> set[str]:
    """Return what no other account may have: the address, and what looks like it."""
    return {record.user.email, record.email_key or record.user.email}


def _proof(record: UserRecord) -> tuple[str, str | None]:
    return record.password_hash, record.security_stamp


_OWN_COLUMNS: Final = ("password_hash", "security_stamp", "email_key", "pending")


class MemoryTokenStore:
    """Sign-ins that live as long as this process."""

    def __init__(self) -> None:
        """Begin with no record."""
        self._lock = RLock()
        self._records: dict[str, TokenRecord] = {}
        self._counters: dict[str, CounterRecord] = {}

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore.put`."""
        with self._lock:
            self._delete(lambda other: other.id == record.id)
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

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """See `TokenStore.find_sessions`."""
        wanted = set(session_ids)
        with self._lock:
            return [
                record
                for record in self._records.values()
                if record.session_id in wanted and record.token_type is TokenType.SESSION
            ]

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """See `TokenStore.swap`."""
        with self._lock:
            if self._records.get(old.token_hash) != old:
                return False
            del self._records[old.token_hash]
            self._records[new.token_hash] = replace(new, revision=old.revision + 1)
        return True

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

    def count(self, key: str) -> CounterRecord | None:
        """See `TokenStore.count`."""
        return self._counters.get(key)

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        """See `TokenStore.swap_count`."""
        with self._lock:
            if self._counters.get(key) != old:
                return False
            if new is None:
                self._counters.pop(key, None)
            else:
                self._counters[key] = new
        return True

    def purge(self, expired_before: datetime) -> int:
        """See `TokenStore.purge`."""
        with self._lock:
            old = [
                k for k, counter in self._counters.items() if counter.expires_at < expired_before
            ]
            for key in old:
                del self._counters[key]
            return len(old) + self._delete(lambda record: record.expires_at < expired_before)

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
