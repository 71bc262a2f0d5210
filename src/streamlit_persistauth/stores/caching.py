"""Keeps sessions and their accounts in memory for seconds, where an app allows it.

Each process has a cache of its own. What a process changes itself, it drops from its cache at once.
A change by another process or by SQL may take effect later, by the lifetime of an entry at most.
Only `Lookup` reads from the cache, and it never keeps that a record does not exist.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.storage.protocols import Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.records import (
    KnownSession,
    SessionWithOwner,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)

MAX_ENTRIES: Final = 10_000
"""Of a cache. The least recently used entry is dropped first."""

V = TypeVar("V")


class TTLCache(Generic[V]):
    """Values by key, for a lifetime."""

    def __init__(self, lifetime: timedelta, *, clock: Clock) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[str, tuple[V, datetime]] = OrderedDict()
        self._drops = 0

    def get(self, key: str) -> V | None:
        """Return the value of a key, or None if there is none or it has expired."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or self._clock() >= entry[1]:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def mark(self) -> int:
        """Return a mark for `put`; take it before the value is read."""
        return self._drops

    def put(self, key: str, value: V, *, mark: int | None = None) -> None:
        """Keep a value for the lifetime, unless a key was dropped after the mark.

        Otherwise a value read before a change could be kept after it.
        """
        with self._lock:
            if mark not in (None, self._drops):
                return
            self._entries[key] = (value, self._clock() + self._lifetime)
            self._entries.move_to_end(key)
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)

    def drop(self, *keys: str) -> None:
        """Drop these keys."""
        with self._lock:
            self._drops += 1
            for key in keys:
                self._entries.pop(key, None)

    def drop_if(self, predicate: Callable[[V], bool]) -> None:
        """Drop each value for which the predicate is true, in one step."""
        with self._lock:
            self._drops += 1
            kept = ((key, entry) for key, entry in self._entries.items() if not predicate(entry[0]))
            self._entries = OrderedDict(kept)


class CachingLookup:
    """A `Lookup` that reads each session from another one, and again after a lifetime."""

    def __init__(self, lookup: Lookup, lifetime: timedelta, *, clock: Clock) -> None:
        self._lookup = lookup
        self._found: TTLCache[SessionWithOwner] = TTLCache(lifetime, clock=clock)
        self._session_ids: TTLCache[str] = TTLCache(lifetime, clock=clock)

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        known = self._found.get(self._session_ids.get(token_hash) or "")
        if known is not None and known.session.token_hash == token_hash:
            return known
        mark = self._found.mark()
        return self._keep(self._lookup.by_hash(token_hash), mark)

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        known = self._found.get(session_id)
        if known is not None:
            return known
        mark = self._found.mark()
        return self._keep(self._lookup.by_session(session_id), mark)

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        """Return these sessions as stored now, and drop entries that differ.

        The check of open pages reads them by this method, so its result also holds for reruns.
        """
        found = self._lookup.by_sessions(session_ids)
        stored = {one.session.session_id: one for one in found}
        changed = {
            known.session.user_id
            for session_id in session_ids
            if (known := self._found.get(session_id)) and known != stored.get(session_id)
        }
        if changed:
            self.drop_users(changed)
        return found

    def are_valid(self, sessions: Collection[KnownSession], now: datetime) -> bool | None:
        return self._lookup.are_valid(sessions, now)

    def drop_session(self, session_id: str) -> None:
        """Read this session again at the next look-up."""
        self._found.drop(session_id)

    def drop_users(self, user_ids: Collection[str]) -> None:
        """Read all sessions of these users again at the next look-up."""
        self._found.drop_if(lambda found: found.session.user_id in user_ids)

    def _keep(self, found: SessionWithOwner | None, mark: int) -> SessionWithOwner | None:
        if found is not None and found.owner is not None:
            session_id = found.session.session_id
            self._found.put(session_id, found, mark=mark)
            self._session_ids.put(found.session.token_hash, session_id)
        return found


class InvalidatingUserStore:
    """A `UserStore` whose changes are dropped from a cache; other calls reach the store as is."""

    def __init__(self, users: UserStore, cache: CachingLookup) -> None:
        self._users = users
        self._cache = cache

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the store
        return getattr(self._users, name)

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        try:
            return self._users.update(user_id, changes, was=was)
        finally:
            self._cache.drop_users({user_id})

    def delete(self, user_id: str) -> bool:
        try:
            return self._users.delete(user_id)
        finally:
            self._cache.drop_users({user_id})


class InvalidatingTokenStore:
    """A `TokenStore` whose changes are dropped from a cache; other calls reach the store as is."""

    def __init__(self, tokens: TokenStore, cache: CachingLookup) -> None:
        self._tokens = tokens
        self._cache = cache

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the store
        return getattr(self._tokens, name)

    def put(self, record: TokenRecord) -> None:
        try:
            self._tokens.put(record)
        finally:
            self._cache.drop_session(record.session_id)

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        try:
            return self._tokens.swap(old, new)
        finally:
            self._cache.drop_session(old.session_id)

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        record = self._tokens.consume(token_type, token_hash)
        if record is not None:
            self._cache.drop_session(record.session_id)
        return record

    def end_session(self, session_id: str) -> int:
        try:
            return self._tokens.end_session(session_id)
        finally:
            self._cache.drop_session(session_id)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        try:
            return self._tokens.end_user(user_id, keep=keep)
        finally:
            self._cache.drop_users({user_id})
