"""Accounts in the memory of this process."""

from collections.abc import Collection, Mapping
from datetime import datetime
from threading import RLock
from typing import Final

from streamlit_persistauth.core.passwords.hash_format import cost_of
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery, page_of
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.errors import EmailTaken, StoreError, UsernameTaken

MAX_RECORDS: Final = 100_000
"""Accounts; about 100 MB."""


class MemoryUserStore:
    """Accounts that are lost when the process ends; `max_records` at most."""

    def __init__(self, *, max_records: int = MAX_RECORDS) -> None:
        self._max_records = max_records
        self._lock = RLock()
        self._records: dict[str, UserRecord] = {}
        self._ids: dict[tuple[str, str], str] = {}

    def get(self, user_id: str) -> UserRecord | None:
        return self._records.get(user_id)

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        with self._lock:
            found = map(self._records.get, user_ids)
            return [record for record in found if record is not None]

    def count_active(self, stamps: Mapping[str, str | None]) -> int:
        return sum(
            record.user.is_active and record.security_stamp == stamps[record.user.id]
            for record in self.get_many(stamps)
        )

    def find(self, email: str) -> UserRecord | None:
        with self._lock:
            return self._records.get(self._ids.get(("email", email), ""))

    def find_username(self, username: str) -> UserRecord | None:
        with self._lock:
            return self._records.get(self._ids.get(("username", username), ""))

    def find_username_key(self, username_key: str) -> UserRecord | None:
        with self._lock:
            return self._records.get(self._ids.get(("username_key", username_key), ""))

    def add(self, record: UserRecord) -> None:
        with self._lock:
            self._refuse_duplicate(record)
            if len(self._records) >= self._max_records:
                raise StoreError("There is no room for another account.")
            self._keep(record)

    def add_first(self, record: UserRecord) -> bool:
        with self._lock:
            if self._records:
                return False
            self.add(record)
        return True

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        with self._lock:
            record = self._records.get(user_id)
            if record is None or (was is not None and _state(record) != _state(was)):
                return False
            changed = record.changed(changes)
            self._refuse_duplicate(changed)
            self._forget(record)
            self._keep(changed)
        return True

    def delete(self, user_id: str) -> bool:
        with self._lock:
            record = self._records.get(user_id)
            if record is not None:
                self._forget(record)
        return record is not None

    def is_empty(self) -> bool:
        return not self._records

    def highest_hash_cost(self) -> int:
        with self._lock:
            records = list(self._records.values())
        return max((cost_of(record.password_hash) for record in records), default=0)

    def page(self, query: UserQuery) -> UserPage:
        with self._lock:
            records = list(self._records.values())
        return page_of(records, query)

    def purge_unproven(self, made_before: datetime) -> int:
        with self._lock:
            old = [item for item in self._records.values() if _is_unconfirmed(item, made_before)]
            for record in old:
                self._forget(record)
        return len(old)

    def _refuse_duplicate(self, record: UserRecord) -> None:
        """Refuse an address or a username that another account has, or one that looks like it."""
        user_id = record.user.id
        for field, text in _names(record):
            if self._ids.get((field, text), user_id) != user_id:
                raise EmailTaken if field.startswith("email") else UsernameTaken

    def _keep(self, record: UserRecord) -> None:
        self._records[record.user.id] = record
        self._ids.update(dict.fromkeys(_names(record), record.user.id))

    def _forget(self, record: UserRecord) -> None:
        del self._records[record.user.id]
        for name in _names(record):
            del self._ids[name]


def _is_unconfirmed(record: UserRecord, made_before: datetime) -> bool:
    made_at = record.user.created_at
    unconfirmed = record.pending is Pending.CONFIRMATION
    return unconfirmed and made_at is not None and made_at < made_before


def _names(record: UserRecord) -> list[tuple[str, str]]:
    """Return what is unique to an account: its address and username, and their keys."""
    unique = {
        "email": record.user.email,
        "email_key": record.email_key,
        "username": record.user.username,
        "username_key": record.username_key,
    }
    return [(field, text) for field, text in unique.items() if text]


def _state(record: UserRecord) -> tuple[str, str | None]:
    return record.password_hash, record.security_stamp
