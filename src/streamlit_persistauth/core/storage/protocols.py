"""The protocols that stores implement.

Every method may raise `StoreError`, and nothing else but what its docstring names. A call that
raised has changed nothing.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from streamlit_persistauth.core.storage.queries import (
    AddressCount,
    DayCount,
    EventQuery,
    UserPage,
    UserQuery,
)
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    EventRecord,
    SessionWithOwner,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.models import TokenCounts


class UserStore(Protocol):
    """Where accounts live."""

    def get(self, user_id: str) -> UserRecord | None:
        """Return the account of this id, or None."""
        ...

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        """Return the accounts of these ids that exist, in any order; one read for all of them."""
        ...

    def find(self, email: str) -> UserRecord | None:
        """Return the account of this canonical address, compared byte for byte, or None."""
        ...

    def add(self, record: UserRecord) -> None:
        """Add an account. Atomic: of several at once with one address, one succeeds.

        Raises:
            EmailTaken: Another account has the address or, by its `email_key`, one that looks
                like it.
        """
        ...

    def add_first(self, record: UserRecord) -> bool:
        """Add an account if there is none at all, complete or not.

        Atomic: of several at once, in threads or processes, one succeeds.

        Returns:
            Whether it was added.
        """
        ...

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        """Change the named columns and no other.

        Atomic: with `was`, nothing changes unless password hash and security stamp are still those
        of this record. Of several changes to one address, one succeeds.

        Returns:
            Whether there is such an account.

        Raises:
            EmailTaken: Another account has the new address, or one that looks like it.
        """
        ...

    def delete(self, user_id: str) -> bool:
        """Delete an account; return whether there was one."""
        ...

    def is_empty(self) -> bool:
        """Return whether there is no account at all, complete or not."""
        ...

    def highest_hash_cost(self) -> int:
        """Return the highest cost of a password hash, as `core.stored_hash.cost_of` reads it.

        0 without any hash. Every refused sign-in does as much work as the most expensive hash.
        """
        ...

    def page(self, query: UserQuery) -> UserPage:
        """Return some of the accounts that a query finds, and how many there are.

        Where a column is missing that is sorted by, ids are. `core.queries.page_of` does it for a
        store that has all accounts at hand anyway.
        """
        ...

    def purge_unproven(self, made_before: datetime) -> int:
        """Delete accounts made before this moment whose address was never proven.

        Returns:
            How many there were. A store that keeps no such accounts returns 0.
        """
        ...


class TokenStore(Protocol):
    """Where sign-ins, single-use tokens and counters live: whatever two replicas must share."""

    def put(self, record: TokenRecord) -> None:
        """Add a record, in place of the one with the same id if there is one. Atomic."""
        ...

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Return the record of this type and hash, or None. An expired one may have gone."""
        ...

    def find_session(self, session_id: str) -> TokenRecord | None:
        """Return the session record of this sign-in, or None. An expired one may have gone."""
        ...

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """Return the session records of these sign-ins, in any order, as `find_session` does."""
        ...

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """Put `new` in the place of `old`; `id` and `token_type` are the same.

        Atomic: nothing changes if the record has gone or has another revision than `old`. What is
        stored afterwards has the next revision.

        Returns:
            Whether it was swapped.
        """
        ...

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Delete the record and return it. Atomic: of several callers, one gets it."""
        ...

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """Return a user's session records, newest first. Expired ones may have gone."""
        ...

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        """Return session records of all users that expire after `now`, newest first.

        Args:
            now: The present moment.
            offset: How many to leave out.
            limit: How many to return at most.
        """
        ...

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        """Return how many session records that expire after `now` each `user_agent` has.

        Those with the most come first; records without one are counted by an empty text. Whether
        texts that differ in case alone are counted as one is up to the store.

        Args:
            now: The present moment.
            limit: How many to return at most.
        """
        ...

    def end_session(self, session_id: str) -> int:
        """Delete all records of a sign-in; return how many there were."""
        ...

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Delete all records of a user but those of the sign-in `keep`; return how many."""
        ...

    def count(self, key: str) -> CounterRecord | None:
        """Return the counter of this key, or None. An expired one may have gone."""
        ...

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        """Put a counter in the place of another; None stands for none.

        Atomic: nothing changes if what is stored is not `old`.

        Returns:
            Whether it was swapped.
        """
        ...

    def purge(self, expired_before: datetime) -> int:
        """Delete records and counters that expired before this moment; return how many.

        No other call waits long for it. One that is renewed meanwhile stays.
        """
        ...

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        """Return what there is of each type of record: at `expires_at` one no longer counts."""
        ...


class Lookup(Protocol):
    """What every run of a page asks: a sign-in together with its account."""

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        """Return the session of this secret's hash, or None. An expired one may have gone."""
        ...

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        """Return the session of this sign-in, or None. An expired one may have gone."""
        ...

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        """Return the sessions of these sign-ins, in any order; at most one read of each store."""
        ...


class EventStore(Protocol):
    """Where events are kept."""

    def add(self, record: EventRecord) -> None:
        """Add an event; the store gives it an id, greater than those it gave before."""
        ...

    def find(self, query: EventQuery) -> list[EventRecord]:
        """Return the events that a query finds, newest first; of one moment, by their ids."""
        ...

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        """Return how many events of each of these types each day had since a moment.

        Days are those of UTC, in order; what there was none of is left out.
        """
        ...

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int
    ) -> list[AddressCount]:
        """Return from which addresses most events of these types came since a moment.

        Those with the most come first; of equal ones the smaller address. Events from nowhere
        are left out.
        """
        ...

    def purge(self, before: datetime) -> int:
        """Delete events from before this moment; return how many. No other call waits long."""
        ...
