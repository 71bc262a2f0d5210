"""Tokens for links in mails, at most one per user and purpose."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
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
"""The lifetime of a link by its purpose."""


@dataclass(frozen=True, slots=True)
class Link:
    """The content of a link: the current account, and the address that the link was sent to."""

    owner: UserRecord
    email: str


@dataclass(frozen=True, eq=False, repr=False)
class Links:
    """Creates and reads link tokens: 256 random bits, stored as SHA-256 only (ASVS 6.5.2).

    A token is valid once, because each change that a link allows replaces the security stamp of its
    account. Of simultaneous changes, one succeeds (`AccountChanges`).
    """

    tokens: TokenStore
    users: UserStore
    _: KW_ONLY
    clock: Clock

    def create(self, purpose: TokenType, owner: UserRecord, *, email: str) -> str:
        """Return a new token, and revoke the previous one for this user and purpose.

        Args:
            purpose: The purpose of the link.
            owner: The account. A change of its security stamp revokes the token.
            email: The address to send the link to.
        """
        token = new_secret()
        now = self.clock()
        self.tokens.put(
            TokenRecord(
                # The same id for every token of this user and purpose, so a new one replaces it.
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
        """Return the content of a token, after checking its expiry and its user.

        Raises:
            InvalidLink: The token is unknown, expired or revoked.
        """
        token_hash = fingerprint_of_token(token)
        record = self.tokens.find(purpose, token_hash) if token_hash else None
        if record is None or self.clock() >= record.expires_at:
            raise InvalidLink
        owner = self.users.get(record.user_id)
        if owner is None or not owner.user.is_active:
            raise InvalidLink
        if owner.security_stamp != record.security_stamp:
            raise InvalidLink
        return Link(owner, record.email or owner.user.email)
