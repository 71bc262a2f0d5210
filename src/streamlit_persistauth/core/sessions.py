"""Start, resume and end sign-ins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.records import TokenRecord, TokenType
from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.core.storage import TokenStore, UserStore
from streamlit_persistauth.core.tokens import Claims, TokenSigner
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client, Credential, Session, User

HANDOFF_LIFETIME: Final = timedelta(seconds=55)
"""How long a page may take to fetch its cookie."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that counts, with the user it belongs to as stored at this moment."""

    session: Session
    user: User


class Sessions:
    """The life of sign-ins. The store's record decides; a token alone never does."""

    def __init__(
        self,
        tokens: TokenStore,
        users: UserStore,
        signer: TokenSigner,
        *,
        lifetime: timedelta,
        clock: Clock,
    ) -> None:
        """Wire the parts.

        Args:
            tokens: Where sign-ins are kept.
            users: Where users are looked up.
            signer: Makes and checks the credential.
            lifetime: How long a sign-in lasts.
            clock: Where the time comes from.
        """
        self._tokens = tokens
        self._users = users
        self._signer = signer
        self._lifetime = lifetime
        self._clock = clock

    def start(self, user: User, *, remember: bool, client: Client) -> Session:
        """Begin a sign-in. Until `issue` or `redeem`, no secret of it exists anywhere."""
        now = self._clock()
        record = TokenRecord(
            id=new_id(),
            user_id=user.id,
            session_id=new_id(),
            token_hash=fingerprint(new_secret()),
            token_type=TokenType.SESSION,
            created_at=now,
            expires_at=now + self._lifetime,
            remember=remember,
            ip_address=client.ip_address,
            user_agent=client.user_agent,
        )
        self._tokens.add(record)
        return to_session(record)

    def issue(self, session_id: str) -> Credential:
        """Make the credential of a sign-in; one made before stops counting.

        Raises:
            InvalidToken: The sign-in has ended, or is not one that a browser may keep.
        """
        token_id = new_secret()
        record = self._tokens.rekey(session_id, fingerprint(token_id))
        if record is None or record.expires_at <= self._clock():
            raise InvalidToken("ended")
        if not record.remember:
            raise InvalidToken("not remembered")
        claims = Claims(record.user_id, session_id, token_id, self._clock(), record.expires_at)
        return Credential(self._signer.sign(claims), record.expires_at)

    def hand_off(self, session_id: str, user_id: str, *, browser: str) -> str:
        """Return a single-use code for which this browser, and no other, gets the credential.

        Args:
            session_id: The sign-in.
            user_id: Whose it is.
            browser: The secret that the browser sends with every request.
        """
        code = new_secret()
        now = self._clock()
        self._tokens.add(
            TokenRecord(
                id=new_id(),
                user_id=user_id,
                session_id=session_id,
                token_hash=fingerprint(code),
                token_type=TokenType.HANDOFF,
                created_at=now,
                expires_at=now + HANDOFF_LIFETIME,
                bound_to=fingerprint(browser),
            )
        )
        return code

    def redeem(self, code: str, *, browser: str) -> Credential:
        """Return the credential for a handoff code. The code is spent, whoever brings it.

        Raises:
            InvalidToken: The code is unknown, spent, too old, or from another browser.
        """
        record = self._tokens.consume(TokenType.HANDOFF, fingerprint(code))
        if record is None:
            raise InvalidToken("unknown handoff code")
        if record.expires_at <= self._clock():
            raise InvalidToken("handoff code expired")
        if record.bound_to != fingerprint(browser):
            raise InvalidToken("handoff code of another browser")
        return self.issue(record.session_id)

    def resume(self, text: str) -> SignedIn:
        """Return who a credential signs in: one check of the token, one read, the user.

        Raises:
            InvalidToken: Nobody; `reason` says why.
            StoreError: It can't be told for now.
        """
        claims = self._signer.verify(text)
        record = self._tokens.find(TokenType.SESSION, fingerprint(claims.token_id))
        if record is None:
            raise InvalidToken("ended")
        if (record.session_id, record.user_id) != (claims.session_id, claims.subject):
            raise InvalidToken("mismatch")
        return self._admit(record)

    def resume_session(self, session_id: str) -> SignedIn:
        """Return who a sign-in belongs to, for a caller that already knows it is theirs.

        Raises:
            InvalidToken: The sign-in has ended.
            StoreError: It can't be told for now.
        """
        record = self._tokens.find_session(session_id)
        if record is None:
            raise InvalidToken("ended")
        return self._admit(record)

    def list(self, user_id: str) -> list[Session]:
        """Return a user's live sign-ins, newest first."""
        now = self._clock()
        records = self._tokens.list_sessions(user_id)
        return [to_session(record) for record in records if record.expires_at > now]

    def end(self, session_id: str) -> bool:
        """End a sign-in; return whether there was one."""
        return self._tokens.end_session(session_id) > 0

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End every sign-in of a user but `keep`; return how many records that were."""
        return self._tokens.end_user(user_id, keep=keep)

    def purge(self, *, older_than: timedelta) -> int:
        """Delete records that expired longer ago than this; return how many."""
        return self._tokens.purge(self._clock() - older_than)

    def _admit(self, record: TokenRecord) -> SignedIn:
        """Return session and user of a live record, read fresh on every run."""
        if is_over(record, self._clock()):
            raise InvalidToken("expired")
        stored = self._users.get(record.user_id)
        if stored is None or not stored.user.is_active:
            raise InvalidToken("no active user")
        return SignedIn(to_session(record), stored.user)


def is_over(record: TokenRecord, now: datetime) -> bool:
    """Return whether a record has stopped counting."""
    return record.expires_at <= now


def to_session(record: TokenRecord) -> Session:
    """Return what an app may see of a session record."""
    return Session(
        id=record.session_id,
        user_id=record.user_id,
        created_at=record.created_at,
        expires_at=record.expires_at,
        remember=record.remember,
        ip_address=record.ip_address,
        user_agent=record.user_agent,
    )
