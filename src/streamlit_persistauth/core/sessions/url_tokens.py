"""Single-use handles: what may stand where a credential must not, in the address of a page."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import (
    fingerprint,
    fingerprint_of_token,
    new_id,
    new_secret,
)
from streamlit_persistauth.core.sessions.sessions import Sessions, SignedIn
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client, Session

LIFETIME: Final = timedelta(minutes=30)
"""How long a handle waits to be used."""
GRACE: Final = timedelta(seconds=60)
"""How long a spent handle still counts, for the same browser: the next one may have been lost."""


class UrlTokens:
    """Makes and redeems handles: 256 random bits each, stored as SHA-256 only.

    A handle that is used a second time has been seen by two; so its sign-in ends, for both
    (RFC 9700 4.14.2).
    """

    def __init__(
        self, tokens: TokenStore, sessions: Sessions, events: Events, *, clock: Clock
    ) -> None:
        """Keep the handles here; they stand for these sign-ins."""
        self._tokens = tokens
        self._sessions = sessions
        self._events = events
        self._clock = clock

    def create(self, session: Session, *, client: Client) -> str:
        """Return a new handle of a sign-in, for the browser that asks."""
        text, now = new_secret(), self._clock()
        self._tokens.put(
            TokenRecord(
                id=new_id(),
                user_id=session.user_id,
                session_id=session.id,
                token_hash=fingerprint(text),
                token_type=TokenType.URL_TOKEN,
                created_at=now,
                expires_at=min(now + LIFETIME, session.expires_at),
                bound_to=_browser(client),
            )
        )
        return text

    def redeem(self, text: str, *, client: Client) -> SignedIn:
        """Return who a handle signs in. It is spent.

        Raises:
            InvalidToken: It is unknown, too old, or has been used before; `reason` says which.
            StoreError: It can't be told for now.
        """
        record, now = self._find(text), self._clock()
        if record.bound_to != _browser(client):
            self._end(record, client)
        if not _is_spent(record):
            if record.expires_at <= now:
                raise InvalidToken("handle expired")
            found = self._sessions.resume_session(record.session_id)
            # Kept as long as the sign-in, so that a second use is recognised.
            spent = replace(record, last_used_at=now, expires_at=found.session.expires_at)
            if self._tokens.swap(record, spent):
                return found
            record = self._find(text)
        if not _may_come_again(record, now):
            self._end(record, client)
        return self._sessions.resume_session(record.session_id)

    def _find(self, text: str) -> TokenRecord:
        token_hash = fingerprint_of_token(text)
        record = self._tokens.find(TokenType.URL_TOKEN, token_hash) if token_hash else None
        if record is None:
            raise InvalidToken("unknown handle")
        return record

    def _end(self, record: TokenRecord, client: Client) -> None:
        self._sessions.end(record.session_id)
        self._events.record(EventType.REUSE_DETECTED, user_id=record.user_id, client=client)
        raise InvalidToken("reused")


def _browser(client: Client) -> str:
    """Return what tells one browser from another where it keeps nothing: what it calls itself."""
    return fingerprint(client.user_agent or "")


def _is_spent(record: TokenRecord) -> bool:
    return record.last_used_at is not None


def _may_come_again(record: TokenRecord, now: datetime) -> bool:
    return record.last_used_at is not None and now < record.last_used_at + GRACE
