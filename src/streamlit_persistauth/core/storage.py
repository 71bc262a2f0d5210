"""The protocols that stores implement.

Every method may raise `StoreError`, and nothing else but what its docstring names. A call that
raised has changed nothing.
"""

from datetime import datetime
from typing import Protocol

from streamlit_persistauth.core.records import (
    EventRecord,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)


class UserStore(Protocol):
    """Where accounts live."""

    def get(self, user_id: str) -> UserRecord | None:
        """Return the account of this id, or None."""
        ...

    def find(self, email: str) -> UserRecord | None:
        """Return the account of this canonical address, compared byte for byte, or None."""
        ...

    def add(self, record: UserRecord) -> None:
        """Add an account. Atomic: of several at once with one address, one succeeds.

        Raises:
            EmailTaken: Another account has the address.
        """
        ...

    def update(self, user_id: str, changes: UserChanges) -> bool:
        """Change the named columns and no other; return False where there is no such account."""
        ...

    def is_empty(self) -> bool:
        """Return whether there is no account at all."""
        ...


class TokenStore(Protocol):
    """Where sign-ins and single-use codes live: whatever two replicas must share."""

    def add(self, record: TokenRecord) -> None:
        """Add a record."""
        ...

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Return the record of this type and hash, expired or not, or None."""
        ...

    def find_session(self, session_id: str) -> TokenRecord | None:
        """Return the session record of this sign-in, expired or not, or None."""
        ...

    def rekey(self, session_id: str, token_hash: str) -> TokenRecord | None:
        """Give the session a new secret and return the record, or None if it has ended.

        Atomic: a session that ends at the same moment stays ended.
        """
        ...

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        """Delete the record and return it. Atomic: of several callers, one gets it."""
        ...

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        """Return a user's session records, newest first, expired ones included."""
        ...

    def end_session(self, session_id: str) -> int:
        """Delete all records of a sign-in; return how many there were."""
        ...

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Delete all records of a user but those of the sign-in `keep`; return how many."""
        ...

    def purge(self, expired_before: datetime) -> int:
        """Delete records that expired before this moment; return how many."""
        ...


class EventStore(Protocol):
    """Where events are kept."""

    def add(self, record: EventRecord) -> None:
        """Add an event."""
        ...
