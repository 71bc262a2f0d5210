"""Stores that answer again for a while what they were asked lately, where an app allows it.

One process remembers for itself. What it changes itself, it forgets at once; what another process
or an operator changes may be seen late by as long as an answer lives. Only what a page asks at
every run is remembered, and never that something is not there.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.models import TokenCounts

MAX_ENTRIES: Final = 10_000
"""The one not asked for longest goes first."""

A = TypeVar("A")


class TTLCache(Generic[A]):
    """What was read lately, by its key."""

    def __init__(self, lifetime: timedelta, *, clock: Clock) -> None:
        """Remember answers for so long."""
        self._lifetime = lifetime
        self._clock = clock
        self._lock = Lock()
        self._answers: OrderedDict[str, tuple[A, datetime]] = OrderedDict()

    def find(self, key: str) -> A | None:
        """Return what was read lately, or None."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or self._clock() >= found[1]:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def keep(self, key: str, answer: A) -> None:
        """Remember what was read."""
        with self._lock:
            self._answers[key] = (answer, self._clock() + self._lifetime)
            self._answers.move_to_end(key)
            if len(self._answers) > MAX_ENTRIES:
                self._answers.popitem(last=False)

    def forget(self, *keys: str) -> None:
        """Forget what was read under these keys."""
        with self._lock:
            for key in keys:
                self._answers.pop(key, None)

    def forget_changed(self, keys: Collection[str], fresh: Mapping[str, A]) -> None:
        """Forget what was read under these keys and is no longer what the store has."""
        with self._lock:
            for key in keys:
                known = self._answers.get(key)
                if known is not None and known[0] != fresh.get(key):
                    del self._answers[key]

    def items(self) -> list[tuple[str, A]]:
        """Return all that is remembered, whether it is too old or not."""
        with self._lock:
            return [(key, answer) for key, (answer, _until) in self._answers.items()]


class InvalidatingUserStore:
    """Accounts as the store has them; what changes is forgotten by whoever remembers it."""

    def __init__(self, users: UserStore, answers: TTLCache[UserRecord]) -> None:
        """Wrap a store; several wrappers may share their answers."""
        self._users = users
        self._answers = answers

    def get(self, user_id: str) -> UserRecord | None:
        """See `UserStore.get`."""
        return self._users.get(user_id)

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        """See `UserStore.get_many`. Always read, so open pages learn of a change in time."""
        records = self._users.get_many(user_ids)
        self._answers.forget_changed(user_ids, {record.user.id: record for record in records})
        return records

    def find(self, email: str) -> UserRecord | None:
        """See `UserStore.find`."""
        return self._users.find(email)

    def add(self, record: UserRecord) -> None:
        """See `UserStore.add`."""
        self._users.add(record)

    def add_first(self, record: UserRecord) -> bool:
        """See `UserStore.add_first`."""
        return self._users.add_first(record)

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        """See `UserStore.update`."""
        try:
            return self._users.update(user_id, changes, was=was)
        finally:
            self._answers.forget(user_id)

    def delete(self, user_id: str) -> bool:
        """See `UserStore.delete`."""
        try:
            return self._users.delete(user_id)
        finally:
            self._answers.forget(user_id)

    def is_empty(self) -> bool:
        """See `UserStore.is_empty`."""
        return self._users.is_empty()

    def highest_hash_cost(self) -> int:
        """See `UserStore.highest_hash_cost`."""
        return self._users.highest_hash_cost()

    def page(self, query: UserQuery) -> UserPage:
        """See `UserStore.page`."""
        return self._users.page(query)

    def purge_unproven(self, made_before: datetime) -> int:
        """See `UserStore.purge_unproven`."""
        return self._users.purge_unproven(made_before)


class CachingUserStore(InvalidatingUserStore):
    """The same, but an account is read again only after a while. Never for a password's check."""

    def get(self, user_id: str) -> UserRecord | None:
        """See `UserStore.get`."""
        known = self._answers.find(user_id)
        if known is not None:
            return known
        record = super().get(user_id)
        if record is not None:
            self._answers.keep(user_id, record)
        return record


class CachingTokenStore:
    """Sign-ins, read again only after a while. Everything else is asked at once."""

    def __init__(self, tokens: TokenStore, lifetime: timedelta, *, clock: Clock) -> None:
        """Wrap a store."""
        self._tokens = tokens
        self._sessions: TTLCache[TokenRecord] = TTLCache(lifetime, clock=clock)
        self._ids: TTLCache[str] = TTLCache(lifetime, clock=clock)

    def put(self, record: TokenRecord) -> None:
        """See `TokenStore.put`."""
        try:
            self._tokens.put(record)
        finally:
            self._sessions.forget(record.session_id)

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.find`."""
        if token_type is not TokenType.SESSION:
            return self._tokens.find(token_type, token_hash)
        known = self._sessions.find(self._ids.find(token_hash) or "")
        if known is not None and known.token_hash == token_hash:
            return known
        return self._keep(self._tokens.find(token_type, token_hash))

    def find_session(self, session_id: str) -> TokenRecord | None:
        """See `TokenStore.find_session`."""
        return self._sessions.find(session_id) or self._keep(self._tokens.find_session(session_id))

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """See `TokenStore.find_sessions`. Always asked, so open pages learn of an end in time."""
        records = self._tokens.find_sessions(session_ids)
        fresh = {record.session_id: record for record in records}
        self._sessions.forget_changed(session_ids, fresh)
        return records

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """See `TokenStore.swap`."""
        try:
            return self._tokens.swap(old, new)
        finally:
            self._sessions.forget(old.session_id)

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """See `TokenStore.consume`."""
        record = self._tokens.consume(token_type, token_hash)
        if record is not None:
            self._sessions.forget(record.session_id)
        return record

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """See `TokenStore.list_sessions`."""
        return self._tokens.list_sessions(user_id)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        """See `TokenStore.page_sessions`."""
        return self._tokens.page_sessions(now, offset=offset, limit=limit)

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        """See `TokenStore.sessions_per_agent`."""
        return self._tokens.sessions_per_agent(now, limit=limit)

    def end_session(self, session_id: str) -> int:
        """See `TokenStore.end_session`."""
        try:
            return self._tokens.end_session(session_id)
        finally:
            self._sessions.forget(session_id)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """See `TokenStore.end_user`."""
        try:
            return self._tokens.end_user(user_id, keep=keep)
        finally:
            known = self._sessions.items()
            self._sessions.forget(*[key for key, item in known if item.user_id == user_id])

    def count(self, key: str) -> CounterRecord | None:
        """See `TokenStore.count`."""
        return self._tokens.count(key)

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        """See `TokenStore.swap_count`."""
        return self._tokens.swap_count(key, old, new)

    def purge(self, expired_before: datetime) -> int:
        """See `TokenStore.purge`."""
        return self._tokens.purge(expired_before)

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        """See `TokenStore.tally`."""
        return self._tokens.counts(now)

    def _keep(self, record: TokenRecord | None) -> TokenRecord | None:
        if record is not None:
            self._sessions.keep(record.session_id, record)
            self._ids.keep(record.token_hash, record.session_id)
        return record
