"""Single-use tokens that go out in links: one live one per user and purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint, fingerprint_of_token, new_secret
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType, UserRecord
from streamlit_persistauth.errors import InvalidLink

LIFETIMES: Final[Mapping[TokenType, timedelta]] = {
    TokenType.RESET: timedelta(hours=1),
    TokenType.CONFIRMATION: timedelta(hours=24),
    TokenType.INVITATION: timedelta(days=7),
}
"""How long a link counts."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for: an account as it is now, and the address that got the link."""

    owner: UserRecord
    email: str


class Links:
    """Makes and redeems link tokens: 256 random bits, stored as SHA-256 only (ASVS 6.5.2)."""

    def __init__(self, tokens: TokenStore, users: UserStore, *, clock: Clock) -> None:
        """Keep the tokens here, and know whose they are from there."""
        self._tokens = tokens
        self._users = users
        self._clock = clock

    def create(self, purpose: TokenType, owner: UserRecord, *, email: str) -> str:
        """Return a new token for a user. One made before for this purpose stops counting.

        Args:
            purpose: What the link is for.
            owner: Whose it is. When their security stamp changes, it stops counting.
            email: Where it goes.
        """
        token = new_secret()
        now = self._clock()
        self._tokens.put(
            TokenRecord(
                # The same id for every token of this user and purpose: there can't be two.
                id=fingerprint(f"{purpose.value}\n{owner.user.id}")[:32],
                user_id=owner.user.id,
                session_id="",
                token_hash=fingerprint(token),
                token_type=purpose,
                created_at=now,
                expires_at=now + LIFETIMES[purpose],
                security_stamp=owner.security_stamp,
                email=email,
            )
        )
        return token

    def look_up(self, purpose: TokenType, token: str) -> Link:
        """Return what a token stands for, without spending it.

        Raises:
            InvalidLink: It does not count.
        """
        token_hash = fingerprint_of_token(token)
        return self._read(self._tokens.find(purpose, token_hash) if token_hash else None)

    def redeem(self, purpose: TokenType, token: str) -> Link:
        """Spend a token and return what it stood for. Of several at once, one succeeds.

        Raises:
            InvalidLink: It does not count.
        """
        token_hash = fingerprint_of_token(token)
        return self._read(self._tokens.consume(purpose, token_hash) if token_hash else None)

    def _read(self, record: TokenRecord | None) -> Link:
        """Return what a record stands for, if it and its user are still what they were."""
        if record is None or self._clock() >= record.expires_at:
            raise InvalidLink
        owner = self._users.get(record.user_id)
        if owner is None or not owner.user.is_active:
            raise InvalidLink
        if owner.security_stamp != record.security_stamp:
            raise InvalidLink
        return Link(owner, record.email or owner.user.email)
