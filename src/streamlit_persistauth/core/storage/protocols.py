"""The protocols that stores implement.

Every method may raise `StoreError`. Other errors are named in the docstring of the method. A call
that raises has changed nothing, unless its answer was lost, or replicas did not confirm it.
"""

from collections.abc import Collection, Mapping
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
    KnownSession,
    Revocation,
    SessionWithOwner,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.models import TokenCounts


class UserStore(Protocol):
    """Stores accounts.

    An account may have no address, or no username: the field is empty then, as often as needed.
    """

    def get(self, user_id: str) -> UserRecord | None:
        """Return the account with this id, or None."""
        ...

    def get_many(self, user_ids: Collection[str]) -> list[UserRecord]:
        """Return the accounts with these ids that exist, in any order, by one read."""
        ...

    def find(self, email: str) -> UserRecord | None:
        """Return the account with this canonical address, compared byte for byte, or None.

        An empty text finds no account.
        """
        ...

    def find_username(self, username: str) -> UserRecord | None:
        """Return the account with this canonical username, compared byte for byte, or None.

        An empty text finds no account.
        """
        ...

    def find_username_key(self, username_key: str) -> UserRecord | None:
        """Return the account with this `username_key`, or None; a store may have no such keys."""
        ...

    def add(self, record: UserRecord) -> None:
        """Add an account.

        Atomic: of simultaneous calls with one address, or one username, one succeeds.

        Raises:
            EmailTaken: Another account has the address, or the same `email_key`.
            UsernameTaken: Another account has the username, or the same `username_key`.
        """
        ...

    def add_first(self, record: UserRecord) -> bool:
        """Add an account if the store is empty; pending accounts count too.

        Atomic: of simultaneous calls, in threads or processes, one succeeds.

        Returns:
            Whether it was added.
        """
        ...

    def update(self, user_id: str, changes: UserChanges, *, was: UserRecord | None = None) -> bool:
        """Change the given columns and no others.

        Atomic: of simultaneous changes to one address, or one username, one succeeds.

        Args:
            user_id: The account.
            changes: New values by column.
            was: If given, change the account only if its password hash and security stamp are
                still those of this record.

        Returns:
            Whether such an account exists.

        Raises:
            EmailTaken: Another account has the new address, or the same `email_key`.
            UsernameTaken: Another account has the new username, or the same `username_key`.
        """
        ...

    def delete(self, user_id: str) -> bool:
        """Delete an account; return whether it existed."""
        ...

    def is_empty(self) -> bool:
        """Return whether there is no account; pending accounts count too."""
        ...

    def highest_hash_cost(self) -> int:
        """Return the highest cost of a password hash, or 0 without any hash.

        `core.passwords.hash_format.cost_of` reads the cost. Every refused sign-in does as much
        work as the most expensive hash.
        """
        ...

    def page(self, query: UserQuery) -> UserPage:
        """Return one page of the accounts that a query finds, and their total number.

        A store without the column to sort by sorts by id. A store that holds all accounts in
        memory can use `core.storage.queries.page_of`.
        """
        ...

    def purge_unproven(self, made_before: datetime) -> int:
        """Delete accounts created before this moment whose address was never confirmed.

        Returns:
            The number of deleted accounts; 0 if the store does not support pending accounts.
        """
        ...


class TokenStore(Protocol):
    """Stores what replicas share: sessions, single-use tokens and counters.

    A store on another machine should also have a method `read_clock`, which returns its time as an
    aware datetime in UTC or raises `StoreError`. Then its clock is the one of all replicas.
    """

    def put(self, record: TokenRecord) -> None:
        """Add a record, or replace the one with the same id. Atomic."""
        ...

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Return the record of this type and hash, or None; expired ones may be missing."""
        ...

    def find_session(self, session_id: str) -> TokenRecord | None:
        """Return the record of this session, or None; expired ones may be missing."""
        ...

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        """Return the records of these sessions, in any order; expired ones may be missing."""
        ...

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        """Replace `old` by `new`, which has the same `id` and `token_type`.

        Atomic: nothing changes if the record is missing or has another revision than `old`. The
        stored record gets the revision after that of `old`.

        Returns:
            Whether the record was replaced.
        """
        ...

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Delete the record and return it, or None. Atomic: one of several callers gets it."""
        ...

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """Return a user's session records, newest first; expired ones may be missing."""
        ...

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        """Return session records of all users that expire after `now`, newest first.

        Args:
            now: The present time.
            offset: The number of records to skip.
            limit: The highest number of records to return.
        """
        ...

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        """Return the number of session records that expire after `now`, by `user_agent`.

        The most frequent ones come first. Records without a user agent are counted under the empty
        string. A store may count user agents that differ only in case as one.

        Args:
            now: The present time.
            limit: The highest number of user agents to return.
        """
        ...

    def end_session(self, session_id: str) -> int:
        """Delete all records of a session; return their number."""
        ...

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Delete all records of a user except those of the session `keep`; return their number."""
        ...

    def count(self, key: str) -> CounterRecord | None:
        """Return the counter of this key, or None; expired ones may be missing."""
        ...

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        """Replace the counter `old` by `new`; None stands for no counter.

        Atomic: nothing changes unless the stored counter is `old`.

        Returns:
            Whether the counter was replaced.
        """
        ...

    def purge(self, expired_before: datetime) -> int:
        """Delete records and counters that expired before this moment; return their number.

        It does not block other calls for long, and keeps a record that is renewed meanwhile.
        """
        ...

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        """Return the numbers of records by type; from `expires_at` on, a record is expired."""
        ...


class RevocationLog(Protocol):
    """What a `TokenStore` may offer besides, so that open pages are checked with few reads.

    `end_session`, if it deletes a record, and every call of `end_user` add an entry, atomically
    with the deletion. The store keeps at least the newest 1,000 entries. Numbers ascend, with
    gaps. An entry may become visible later than one with a higher number.
    """

    def last_revocation(self) -> int:
        """Return the number of the newest entry, or 0 without any."""
        ...

    def revocations_after(self, number: int, *, limit: int) -> list[Revocation]:
        """Return the entries with a higher number, in ascending order.

        Args:
            number: The number to start after.
            limit: The highest number of entries to return.
        """
        ...


class SessionCounter(Protocol):
    """What a `TokenStore` may offer besides, so that idle pages are checked without their rows."""

    def count_sessions(self, session_ids: Collection[str], now: datetime) -> int:
        """Return how many of these sessions have a record that expires after `now`.

        Args:
            session_ids: The ids, each once; 500 at most.
            now: The present time.
        """
        ...


class AccountCounter(Protocol):
    """What a `UserStore` may offer besides, so that idle pages are checked without their rows."""

    def count_active(self, stamps: Mapping[str, str | None]) -> int | None:
        """Return how many of these accounts are active and have this security stamp.

        Args:
            stamps: The stamp by the id of the account; 500 at most.

        Returns:
            The number, or None if only the accounts themselves can tell it.
        """
        ...


class Lookup(Protocol):
    """Reads sessions together with their accounts, at every run of a page."""

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        """Return the session of this secret's hash, or None; expired ones may be missing."""
        ...

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        """Return the session with this id, or None; expired ones may be missing."""
        ...

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        """Return the sessions with these ids, in any order, by one read of each store at most."""
        ...

    def are_valid(self, sessions: Collection[KnownSession], now: datetime) -> bool | None:
        """Return whether all these sessions are still valid; None if counts cannot tell it.

        They are valid if each exists, expires after `now`, and belongs to an active account with
        the same security stamp. The idle timeout is not checked.

        Args:
            sessions: Sessions that were valid, each once.
            now: The present time.
        """
        ...


class EventStore(Protocol):
    """Stores events."""

    def add(self, record: EventRecord) -> None:
        """Add an event. The store assigns an id greater than all ids before."""
        ...

    def find(self, query: EventQuery) -> list[EventRecord]:
        """Return the events that a query finds, newest first, then by descending id."""
        ...

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        """Return the number of events of these types since a moment, by day and type.

        Days are UTC days in ascending order. Days and types without an event are left out.
        """
        ...

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int
    ) -> list[AddressCount]:
        """Return the IP addresses with most events of these types since a moment.

        They are sorted by descending number, then by address. Events without an address are left
        out.
        """
        ...

    def purge(self, before: datetime) -> int:
        """Delete events before this moment; return their number.

        It does not block other calls for long.
        """
        ...
