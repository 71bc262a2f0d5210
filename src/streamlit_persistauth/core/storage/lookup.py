"""Looking up a sign-in and its account in any two stores."""

from collections.abc import Collection

from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import SessionWithOwner, TokenRecord, TokenType


class SplitLookup:
    """Asks first for the sign-in, then for its account."""

    def __init__(self, tokens: TokenStore, users: UserStore) -> None:
        """Ask these stores."""
        self._tokens = tokens
        self._users = users

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        """See `Lookup.by_hash`."""
        return self._with_owner(self._tokens.find(TokenType.SESSION, token_hash))

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        """See `Lookup.by_session`."""
        return self._with_owner(self._tokens.find_session(session_id))

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        """See `Lookup.by_sessions`."""
        records = self._tokens.find_sessions(session_ids)
        if not records:
            return []
        owners = self._users.get_many({record.user_id for record in records})
        by_id = {owner.user.id: owner for owner in owners}
        return [SessionWithOwner(record, by_id.get(record.user_id)) for record in records]

    def _with_owner(self, record: TokenRecord | None) -> SessionWithOwner | None:
        return SessionWithOwner(record, self._users.get(record.user_id)) if record else None
