"""The lookup of a session with its account in two independent stores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import SessionWithOwner, TokenRecord, TokenType


@dataclass(frozen=True, eq=False, repr=False)
class SplitLookup:
    """Implements `Lookup` with one read of the token store and one of the user store."""

    tokens: TokenStore
    users: UserStore

    def by_hash(self, token_hash: str) -> SessionWithOwner | None:
        return self._with_owner(self.tokens.find(TokenType.SESSION, token_hash))

    def by_session(self, session_id: str) -> SessionWithOwner | None:
        return self._with_owner(self.tokens.find_session(session_id))

    def by_sessions(self, session_ids: Collection[str]) -> list[SessionWithOwner]:
        records = self.tokens.find_sessions(session_ids)
        if not records:
            return []
        owners = self.users.get_many({record.user_id for record in records})
        by_id = {owner.user.id: owner for owner in owners}
        return [SessionWithOwner(record, by_id.get(record.user_id)) for record in records]

    def are_valid(self, session_ids: Collection[str], now: datetime) -> None:  # noqa: ARG002
        return None

    def _with_owner(self, record: TokenRecord | None) -> SessionWithOwner | None:
        return SessionWithOwner(record, self.users.get(record.user_id)) if record else None
