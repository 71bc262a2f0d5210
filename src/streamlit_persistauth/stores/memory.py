"""Stores in this process's memory: for tests, and for apps of one process that may forget."""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timezone
from heapq import nlargest, nsmallest
from itertools import count
from threading import RLock
from typing import Any, Final

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.passwords.hash_format import cost_of
from streamlit_persistauth.core.storage.queries import (
    AddressCount,
    DayCount,
    EventQuery,
    UserPage,
    UserQuery,
    age,
    page_of,
)
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    EventRecord,
    Pending,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.errors import EmailTaken, StoreError
from streamlit_persistauth.models import TokenCounts

MAX_EVENTS: Final = 10_000
"""The oldest ones go first."""
MAX_RECORDS: Final = 100_000
"""Of sign-ins and the like; about 100 MB."""


class MemoryUserStore:
    """Accounts that live as long as this process; no more than `max_records`."""

    def __init__(self, *, max_records: int = MAX_RECORDS) -> None:
        """Begin with no account."""
        self._max_records = max_records
        self._lock = RLock()
        self._records: dict[str, UserRecord] = {}
        self._ids: dict[str, str] = {}

    def get(self, user_id: str) -> UserRecord | None:
        """See `UserStore.get`."""
        return self._records.get(user_id)

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        """See `UserStore.get_many`."""
        with self._lock:
            found = map(self._records.get, user_ids)
            return [record for record in found if record is not None]

    def find(self, email: str) -> UserRecord | None:
        """See `UserStore.find`."""
        with self._lock:
            return self._records.get(self._ids.get(email, ""))

    def add(self, record: UserRecord) -> None:
        """See `UserStore.add`."""
        with self._lock:
            self._refuse_twin(record)
            if len(self._records) >= self._max_records:
                raise StoreError("No more accounts can be created.")
            self._keep(record)

    def add_first(self, record: UserRecord) -> bool:
        """See `UserStore.add_first`."""
        with self._lock:
            if self._records:
                return False
            self.add(record)
        return True

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

    def highest_hash_cost(self) -> int:
        """See `UserStore.highest_hash_cost`."""
        with self._lock:
            records = list(self._records.values())
        return max((cost_of(record.password_hash) for record in records), default=0)

    def page(self, query: UserQuery) -> UserPage:
        """See `UserStore.page`."""
        with self._lock:
            records = list(self._records.values())
        return page_of(records, query)

    def purge_unproven(self, made_before: datetime) -> int:
        """See `UserStore.purge_unproven`."""
        with self._lock:
            old = [item for item in self._records.values() if _is_unproven(item, made_before)]
            for record in old:
                self._forget(record)
        return len(old)

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


def _is_unproven(record: UserRecord, made_before: datetime) -> bool:
    made_at = record.user.created_at
    unproven = record.pending is Pending.CONFIRMATION
    return unproven and made_at is not None and made_at < made_before


def _names(record: UserRecord) -> set[str]:
    """Return what no other account may have: the address, and what looks like it."""
    return {record.user.email, record.email_key or record.user.email}


def _proof(record: UserRecord) -> tuple[str, str | None]:
    return record.password_hash, record.security_stamp


_OWN_COLUMNS: Final = ("password_hash", "security_stamp", "email_key", "pending")


class MemoryTokenStore:
    """Sign-ins that live as long as this process.

    It keeps no more than `max_records` records and as many counters. Beyond that the expired ones
    go; then of the records those that expire soonest, which ends the oldest sign-ins, and of the
    counters those with the fewest tries, so that no flood of names unlocks one that is locked.
    """

    def __init__(self, *, max_records: int = MAX_RECORDS, clock: Clock = utc_now) -> None:
        """Begin with no record.

        Args:
            max_records: How many records it keeps, and how many counters.
            clock: Tells what has expired when it is full.
        """
        self._max_records = max_records
        self._clock = clock
        self._lock = RLock()
        self._records: dict[str, TokenRecord] = {}
        self._ids_by_hash: dict[str, str] = {}
        self._ids_by_session: dict[str, set[str]] = {}
        self._ids_by_user: dict[str, set[str]] = {}
        self._counters: dict[str, CounterRecord] = {}

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore.put`."""
        with self._lock:
            self._make_room()
            self._forget(record.id)
            self._keep(record)

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.find`."""
        with self._lock:
            record = self._records.get(self._ids_by_hash.get(token_hash, ""))
        return record if record is not None and record.token_type is token_type else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        """See `TokenStore.find_session`."""
        found = self.find_sessions([session_id])
        return found[0] if found else None

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """See `TokenStore.find_sessions`."""
        with self._lock:
            return [
                record
                for session_id in session_ids
                for record in self._of(self._ids_by_session.get(session_id))
                if record.token_type is TokenType.SESSION
            ]

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """See `TokenStore.swap`."""
        with self._lock:
            stored = self._records.get(old.id)
            if stored is None or stored.revision != old.revision:
                return False
            self._forget(old.id)
            self._keep(replace(new, revision=old.revision + 1))
        return True

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.consume`."""
        with self._lock:
            record = self.find(token_type, token_hash)
            if record is not None:
                self._forget(record.id)
            return record

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """See `TokenStore.list_sessions`."""
        with self._lock:
            records = self._of(self._ids_by_user.get(user_id))
        sessions = [record for record in records if record.token_type is TokenType.SESSION]
        return sorted(sessions, key=lambda record: record.created_at, reverse=True)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        """See `TokenStore.page_sessions`."""
        live = self._live_sessions(now)
        newest = nlargest(offset + limit, live, key=lambda record: (record.created_at, record.id))
        return newest[offset:]

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        """See `TokenStore.sessions_per_agent`."""
        counts = Counter(record.user_agent or "" for record in self._live_sessions(now))
        return dict(counts.most_common(limit))

    def end_session(self, session_id: str) -> int:
        """See `TokenStore.end_session`."""
        with self._lock:
            return self._forget_all(self._of(self._ids_by_session.get(session_id)))

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """See `TokenStore.end_user`."""
        with self._lock:
            records = self._of(self._ids_by_user.get(user_id))
            return self._forget_all([record for record in records if record.session_id != keep])

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
                self._make_room()
                self._counters[key] = new
        return True

    def purge(self, expired_before: datetime) -> int:
        """See `TokenStore.purge`."""
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
        """See `TokenStore.tally`."""
        with self._lock:
            records = list(self._records.values())
        tallies: dict[str, TokenCounts] = {}
        for record in records:
            counts = tallies.get(record.token_type.value, TokenCounts())
            tallies[record.token_type.value] = TokenCounts(
                live=counts.live + (record.expires_at > now),
                expired=counts.expired + (record.expires_at <= now),
                oldest=min(counts.oldest or record.created_at, record.created_at),
            )
        return tallies

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

    def _make_room(self) -> None:
        """Forget a tenth where there is no room for one more, and first what has expired."""
        if max(len(self._records), len(self._counters)) < self._max_records:
            return
        self.purge(self._clock())
        tenth = max(1, self._max_records // 10)
        if len(self._records) >= self._max_records:
            soonest = nsmallest(tenth, self._records.values(), key=lambda item: item.expires_at)
            self._forget_all(soonest)
        if len(self._counters) >= self._max_records:
            fewest = nsmallest(
                tenth, self._counters.items(), key=lambda item: (item[1].tries, item[1].expires_at)
            )
            for key, _counter in fewest:
                del self._counters[key]


class MemoryEventStore:
    """The latest events of this process."""

    def __init__(self) -> None:
        """Begin with no event."""
        self.records: deque[EventRecord] = deque(maxlen=MAX_EVENTS)
        self._ids = count(1)

    def add(self, record: EventRecord) -> None:
        """See `EventStore.add`."""
        self.records.append(replace(record, id=next(self._ids)))

    def find(self, query: EventQuery) -> list[EventRecord]:
        """See `EventStore.find`."""
        return nlargest(query.limit, filter(query.matches, list(self.records)), key=age)

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        """See `EventStore.per_day`."""
        counts = Counter(
            (record.created_at.astimezone(timezone.utc).date(), record.event_type)
            for record in self._of_types(types, since)
        )
        return [DayCount(*key, counts[key]) for key in sorted(counts)]

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int
    ) -> list[AddressCount]:
        """See `EventStore.per_address`."""
        counts = Counter(
            record.ip_address for record in self._of_types(types, since) if record.ip_address
        )
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [AddressCount(*item) for item in most[:limit]]

    def purge(self, before: datetime) -> int:
        """See `EventStore.purge`."""
        kept = [record for record in self.records if record.created_at >= before]
        purged = len(self.records) - len(kept)
        self.records = deque(kept, maxlen=MAX_EVENTS)
        return purged

    def _of_types(self, types: Collection[str], since: datetime) -> list[EventRecord]:
        return [r for r in list(self.records) if r.event_type in types and r.created_at >= since]
