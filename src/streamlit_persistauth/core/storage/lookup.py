"""The lookup of a session with its account in two independent stores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from streamlit_persistauth.core.storage.protocols import (
    AccountCounter,
    SessionCounter,
    TokenStore,
    UserStore,
)
from streamlit_persistauth.core.storage.records import (
    KnownSession,
    SessionWithOwner,
    TokenRecord,
    TokenType,
)


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

    def are_valid(self, sessions: Collection[KnownSession], now: datetime) -> bool | None:
        if not (hasattr(self.tokens, "count_sessions") and hasattr(self.users, "count_active")):
            return None
        stamps = {known.user_id: known.security_stamp for known in sessions}
        if any(stamps[known.user_id] != known.security_stamp for known in sessions):
            return False  # an account has one stamp
        active = cast("AccountCounter", self.users).count_active(stamps)
        if active is None:
            return None
        counter = cast("SessionCounter", self.tokens)
        session_ids = [known.session_id for known in sessions]
        return active == len(stamps) and counter.count_sessions(session_ids, now) == len(sessions)

    def _with_owner(self, record: TokenRecord | None) -> SessionWithOwner | None:
        return SessionWithOwner(record, self.users.get(record.user_id)) if record else None
