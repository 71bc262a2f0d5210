"""Single-use tokens that represent a session in a URL, which must not contain a credential."""

from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import DOUBT, Clock
from streamlit_persistauth.core.secrets import fingerprint, fingerprint_of_token, new_id, new_secret
from streamlit_persistauth.core.sessions.sessions import Sessions, SignedIn
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client, Session

LIFETIME: Final = timedelta(minutes=30)
"""The lifetime of an unused token."""
GRACE: Final = timedelta(seconds=60)
"""The time for which the same browser may redeem a used token again, if the next one got lost."""


@dataclass(frozen=True, eq=False, repr=False)
class UrlTokens:
    """Creates and redeems URL tokens: 256 random bits, stored as SHA-256 only.

    The reuse of a token shows that two parties have it, so it revokes the session
    (RFC 9700 4.14.2).
    """

    tokens: TokenStore
    sessions: Sessions
    events: Events
    _: KW_ONLY
    clock: Clock

    def create(self, session: Session, *, client: Client) -> str:
        """Return a new token for a session, bound to the client's browser."""
        text, now = new_secret(), self.clock()
        self.tokens.put(
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
        """Use up a token; return its session and user.

        Raises:
            InvalidToken: The token is unknown, expired or reused; `reason` says which.
            StoreError: The store failed.
        """
        record, now = self._find(text), self.clock()
        if record.bound_to != _browser(client):
            self._revoke(record, client)
        if record.last_used_at is None:
            if record.expires_at <= now:
                by_clock = record.expires_at > now - DOUBT
                raise InvalidToken("URL token expired", by_clock=by_clock)
            signed_in = self.sessions.resume_session(record.session_id)
            # The record is kept as long as the session, to detect reuse.
            used = replace(record, last_used_at=now, expires_at=signed_in.session.expires_at)
            if self.tokens.swap(record, used):
                return signed_in
            record = self._find(text)
        if not _is_in_grace(record, now):
            self._revoke(record, client)
        return self.sessions.resume_session(record.session_id)

    def _find(self, text: str) -> TokenRecord:
        token_hash = fingerprint_of_token(text)
        record = self.tokens.find(TokenType.URL_TOKEN, token_hash) if token_hash else None
        if record is None:
            raise InvalidToken("unknown URL token")
        return record

    def _revoke(self, record: TokenRecord, client: Client) -> None:
        self.sessions.end(record.session_id)
        self.events.record(EventType.REUSE_DETECTED, user_id=record.user_id, client=client)
        raise InvalidToken("reused")


def _browser(client: Client) -> str:
    """Return the hash of the `User-Agent` header, which distinguishes browsers without a cookie."""
    return fingerprint(client.user_agent or "")


def _is_in_grace(record: TokenRecord, now: datetime) -> bool:
    # A use in the future does not extend the grace period: a clock was ahead.
    return record.last_used_at is not None and abs(now - record.last_used_at) < GRACE
