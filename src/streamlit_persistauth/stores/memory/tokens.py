"""Sessions, single-use tokens and counters in the memory of this process."""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from heapq import nlargest, nsmallest
from threading import RLock
from typing import Final

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    Revocation,
    TokenRecord,
    TokenType,
)
from streamlit_persistauth.models import TokenCounts

MAX_RECORDS: Final = 100_000
"""Records, and as many counters; about 100 MB."""
KEPT_REVOCATIONS: Final = 10_000
"""The newest entries of the log of revocations."""


class MemoryTokenStore:
    """Sessions, single-use tokens and counters that are lost when the process ends.

    The store keeps `max_records` records and as many counters. When it is full, it deletes the
    expired ones. If that is not enough, it deletes the records that expire soonest, which revokes
    the oldest sessions, and the counters with the fewest tries, so that a flood of names can't
    unlock an account that is locked.
    """

    def __init__(self, *, max_records: int = MAX_RECORDS, clock: Clock = utc_now) -> None:
        """Create an empty store.

        Args:
            max_records: The number of records, and of counters, that it keeps.
            clock: Returns the present time, which decides what has expired in a full store.
        """
        self._max_records = max_records
        self._clock = clock
        self._lock = RLock()
        self._records: dict[str, TokenRecord] = {}
        self._ids_by_hash: dict[str, str] = {}
        self._ids_by_session: dict[str, set[str]] = {}
        self._ids_by_user: dict[str, set[str]] = {}
        self._counters: dict[str, CounterRecord] = {}
        self._revocations: deque[Revocation] = deque(maxlen=KEPT_REVOCATIONS)
        self._last_revocation = 0

    def put(self, record: TokenRecord) -> None:
        with self._lock:
            self._make_room()
            self._forget(record.id)
            self._keep(record)

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        with self._lock:
            record = self._records.get(self._ids_by_hash.get(token_hash, ""))
        return record if record is not None and record.token_type is token_type else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        found = self.find_sessions([session_id])
        return found[0] if found else None

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        with self._lock:
            return [
                record
                for session_id in session_ids
                for record in self._of(self._ids_by_session.get(session_id))
                if record.token_type is TokenType.SESSION
            ]

    def count_sessions(self, session_ids: Collection[str], now: datetime) -> int:
        return sum(record.expires_at > now for record in self.find_sessions(session_ids))

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        with self._lock:
            stored = self._records.get(old.id)
            if stored is None or stored.revision != old.revision:
                return False
            self._forget(old.id)
            self._keep(replace(new, revision=old.revision + 1))
        return True

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        with self._lock:
            record = self.find(token_type, token_hash)
            if record is not None:
                self._forget(record.id)
            return record

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        with self._lock:
            records = self._of(self._ids_by_user.get(user_id))
        sessions = [record for record in records if record.token_type is TokenType.SESSION]
        return sorted(sessions, key=lambda record: record.created_at, reverse=True)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        live = self._live_sessions(now)
        newest = nlargest(offset + limit, live, key=lambda record: (record.created_at, record.id))
        return newest[offset:]

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        counts = Counter(record.user_agent or "" for record in self._live_sessions(now))
        return dict(counts.most_common(limit))

    def end_session(self, session_id: str) -> int:
        with self._lock:
            ended = self._forget_all(self._of(self._ids_by_session.get(session_id)))
            if ended:
                self._log(session_id)
        return ended

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        with self._lock:
            records = self._of(self._ids_by_user.get(user_id))
            self._log(user_id)
            return self._forget_all([record for record in records if record.session_id != keep])

    def last_revocation(self) -> int:
        return self._last_revocation

    def revocations_after(self, number: int, *, limit: int) -> list[Revocation]:
        with self._lock:
            newer = [entry for entry in self._revocations if entry.number > number]
        return newer[:limit]

    def count(self, key: str) -> CounterRecord | None:
        return self._counters.get(key)

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        with self._lock:
            if self._counters.get(key) != old:
                return False
            if new is None:
                self._counters.pop(key, None)
            else:
                self._make_room()
                self._counters[key] = new
        return True

    def purge(self, expired_before: datetime) -> int:
        with self._lock:
            counters = [
                key
                for key, counter in self._counters.items()
                if counter.expires_at < expired_before
            ]
            for key in counters:
                del self._counters[key]
            records = [item for item in self._records.values() if item.expires_at < expired_before]
            return len(counters) + self._forget_all(records)

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        with self._lock:
            records = list(self._records.values())
        by_type: dict[str, TokenCounts] = {}
        for record in records:
            counts = by_type.get(record.token_type.value, TokenCounts())
            by_type[record.token_type.value] = TokenCounts(
                live=counts.live + (record.expires_at > now),
                expired=counts.expired + (record.expires_at <= now),
                oldest=min(counts.oldest or record.created_at, record.created_at),
            )
        return by_type

    def _live_sessions(self, now: datetime) -> list[TokenRecord]:
        with self._lock:
            records = list(self._records.values())
        return [r for r in records if r.token_type is TokenType.SESSION and r.expires_at > now]

    def _of(self, ids: set[str] | None) -> list[TokenRecord]:
        return [self._records[record_id] for record_id in ids or ()]

    def _keep(self, record: TokenRecord) -> None:
        self._records[record.id] = record
        self._ids_by_hash[record.token_hash] = record.id
        self._ids_by_user.setdefault(record.user_id, set()).add(record.id)
        if record.session_id:
            self._ids_by_session.setdefault(record.session_id, set()).add(record.id)

    def _forget(self, record_id: str) -> None:
        record = self._records.pop(record_id, None)
        if record is None:
            return
        del self._ids_by_hash[record.token_hash]
        for index, key in (
            (self._ids_by_user, record.user_id),
            (self._ids_by_session, record.session_id),
        ):
            ids = index.get(key, set())
            ids.discard(record_id)
            if not ids:
                index.pop(key, None)

    def _forget_all(self, records: list[TokenRecord]) -> int:
        for record in records:
            self._forget(record.id)
        return len(records)

    def _log(self, subject_id: str) -> None:
        self._last_revocation += 1
        self._revocations.append(Revocation(self._last_revocation, subject_id))

    def _make_room(self) -> None:
        """If the store is full, delete what has expired, then a tenth of what is left."""
        if max(len(self._records), len(self._counters)) < self._max_records:
            return
        self.purge(self._clock())
        tenth = max(1, self._max_records // 10)
        if len(self._records) >= self._max_records:
            soonest = nsmallest(tenth, self._records.values(), key=lambda item: item.expires_at)
            self._forget_all(soonest)
            for record in soonest:
                self._log(record.session_id)
        if len(self._counters) >= self._max_records:
            fewest = nsmallest(
                tenth, self._counters.items(), key=lambda item: (item[1].tries, item[1].expires_at)
            )
            for key, _counter in fewest:
                del self._counters[key]
