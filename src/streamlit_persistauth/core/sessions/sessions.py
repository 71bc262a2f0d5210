"""Start, resume, renew and revoke sessions."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import DOUBT, Clock
from streamlit_persistauth.core.observer import UNOBSERVED, Observer, Operation
from streamlit_persistauth.core.secrets import fingerprint, fingerprint_of_token, new_id, new_secret
from streamlit_persistauth.core.sessions.jwt_signer import Claims, TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.open_sessions import OpenSessions
from streamlit_persistauth.core.sessions.revocation_reader import RevocationReader, find_log
from streamlit_persistauth.core.sessions.rotation import Rotation, update_session
from streamlit_persistauth.core.storage.protocols import Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.records import (
    SessionWithOwner,
    TokenRecord,
    TokenType,
    UserRecord,
)
from streamlit_persistauth.core.text.measure import MAX_ADDRESS, MAX_AGENT, shorten
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import NOBODY, Client, Credential, Session, User

HANDOFF_LIFETIME: Final = timedelta(seconds=55)
"""The time that a page has to fetch its cookie."""
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""The minimum time between two updates of `last_used_at`."""
NO_USER: Final = "no active user"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A valid session with its user as stored now."""

    session: Session
    user: User


@dataclass(frozen=True, eq=False, repr=False)
class Sessions:
    """Starts, resumes, renews and revokes sessions.

    The record in the store decides whether a session is valid; a signed credential alone does not.

    Attributes:
        max_per_user: The maximum number of sessions per user; 0 for no limit.
        email_claim: Whether a credential contains the user's email address.
    """

    tokens: TokenStore
    users: UserStore
    signer: TokenSigner
    events: Events
    _: KW_ONLY
    lookup: Lookup
    lifetime: Lifetime
    max_per_user: int
    email_claim: bool
    clock: Clock
    observer: Observer = UNOBSERVED

    def start(self, owner: UserRecord, *, remember: bool, client: Client) -> Session:
        """Start a session. It has no usable secret before `issue` or `redeem`.

        Args:
            owner: The account when the password was checked. A later change voids the session.
            remember: Whether a browser may keep a credential.
            client: The origin of the sign-in.
        """
        now = self.clock()
        record = TokenRecord(
            id=new_id(),
            user_id=owner.user.id,
            session_id=new_id(),
            token_hash=fingerprint(new_secret()),
            token_type=TokenType.SESSION,
            created_at=now,
            expires_at=self.lifetime.expires_at(now, remember=remember),
            security_stamp=owner.security_stamp,
            remember=remember,
            ip_address=client.ip_address and shorten(client.ip_address, MAX_ADDRESS),
            user_agent=client.user_agent and shorten(client.user_agent, MAX_AGENT),
        )
        self.tokens.put(record)
        try:
            self._revoke_oldest(owner.user.id)
        except StoreError:
            with suppress(StoreError):  # else the failed sign-in would count towards the limit
                self.tokens.end_session(record.session_id)
            raise
        return record.to_session()

    def issue(self, session_id: str) -> Credential:
        """Return a new credential for a session. It replaces an earlier one.

        Raises:
            InvalidToken: The session is not valid, or a browser may not keep a credential for it.
        """
        return self._issue(session_id, new_secret())

    def _issue(self, session_id: str, token_id: str) -> Credential:
        """Return the credential of a session with this secret."""
        record = update_session(
            self.tokens, session_id, lambda old: replace(old, token_hash=fingerprint(token_id))
        )
        if record is None or self.lifetime.expiry_reason(record, self.clock()):
            raise InvalidToken("ended")
        if not record.remember:
            raise InvalidToken("not remembered")
        return self._sign(record, token_id)

    def hand_off(self, session_id: str, user_id: str, *, browser: str) -> str:
        """Return a single-use code that this browser can exchange for a credential.

        Args:
            session_id: The id of the session.
            user_id: The id of its user.
            browser: The secret that the browser sends with every request.
        """
        code = new_secret()
        now = self.clock()
        self.tokens.put(
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
        """Return the credential for a handoff code, and use up the code.

        The code is used up after the credential is issued, and its credential always has the same
        secret. So if the store fails, the call can be repeated, and simultaneous calls issue one
        credential.

        Raises:
            InvalidToken: The code is unknown, used, expired, or belongs to another browser, which
                uses it up too.
            StoreError: The store failed; the code is still valid.
        """
        token_hash = fingerprint_of_token(code)
        record = self.tokens.find(TokenType.HANDOFF, token_hash) if token_hash else None
        if record is None:
            raise InvalidToken("unknown handoff code")
        if record.expires_at <= self.clock():
            raise InvalidToken("handoff code expired")
        if record.bound_to != fingerprint(browser):
            self.tokens.consume(TokenType.HANDOFF, record.token_hash)
            raise InvalidToken("handoff code of another browser")
        # The code does not reveal the credential, which only the key can sign.
        credential = self._issue(record.session_id, fingerprint(f"credential\n{code}"))
        with suppress(StoreError):  # the code expires by itself
            if self.tokens.consume(TokenType.HANDOFF, record.token_hash) is None:
                raise InvalidToken("unknown handoff code")
        return credential

    def resume(self, text: str, *, client: Client = NOBODY, used: bool = True) -> SignedIn:
        """Return the session and user of a credential, with one lookup.

        When a renewed credential is presented for the first time, it replaces its predecessor. A
        credential that was replaced before the grace period revokes the session, including the
        newer credential.

        Args:
            text: The credential.
            client: The origin of the request.
            used: Whether a user action caused the request. Other requests do not update
                `last_used_at`; the idle timeout still applies.

        Raises:
            InvalidToken: The credential is not valid; `reason` gives the cause.
            StoreError: The store failed.
        """
        with self.observer.measure(Operation.RESUME):
            stored = self._read(text, partial(self._rotation.find, client=client))
            return self._admit(stored) if used else self._check(stored)

    def verify(self, text: str) -> SignedIn:
        """Return the session and user of a credential; change nothing.

        The same credentials are valid as in `resume`. No credential replaces another, a reused one
        revokes no session, and `last_used_at` stays as it is.

        Raises:
            InvalidToken: The credential is not valid; `reason` gives the cause.
            StoreError: The store failed.
        """
        with self.observer.measure(Operation.RESUME):
            return self._check(self._read(text, self._rotation.peek))

    def resume_session(self, session_id: str) -> SignedIn:
        """Return a session with its user, for a caller that has already verified the credential.

        Raises:
            InvalidToken: The session is not valid.
            StoreError: The store failed.
        """
        with self.observer.measure(Operation.RESUME):
            return self._admit(self._find(session_id))

    def peek(self, session_id: str) -> SignedIn:
        """Return the same as `resume_session`, for a page that reruns without a user action.

        This does not update `last_used_at`; the idle timeout still applies.

        Raises:
            InvalidToken: The session is not valid.
            StoreError: The store failed.
        """
        return self._check(self._find(session_id))

    def renew(self, text: str) -> Credential | None:
        """Return the successor of a credential that is due for renewal, or None.

        No further successor is issued while the browser may still present the last one.

        Raises:
            InvalidToken: The credential is not valid.
            StoreError: The store failed.
        """
        claims = self.signer.verify(text)
        if not self.lifetime.is_due(claims.issued_at, self.clock()):
            return None
        stored = self.lookup.by_hash(fingerprint(claims.token_id))
        if stored is None or not self._rotation.accepts_successor(stored.session):
            return None
        self._admit(stored)
        token_id = new_secret()
        renewed = self._rotation.add_successor(stored.session, fingerprint(token_id))
        return self._sign(renewed, token_id) if renewed else None

    def live(self, user_id: str) -> list[Session]:
        """Return the live sessions of a user, newest first."""
        records = self.lifetime.unexpired(self.tokens.list_sessions(user_id), self.clock())
        return [record.to_session() for record in records]

    def find_live(self, session_ids: Collection[str]) -> set[str]:
        """Return the ids of the valid sessions among these, with one lookup for all."""
        sessions = self.lookup.by_sessions(session_ids)
        return {one.session.session_id for one in sessions if self._refusal(one) is None}

    def watched(self) -> OpenSessions:
        """Return what finds out at short intervals which sessions of open pages are valid."""
        log = find_log(self.tokens)
        return OpenSessions(
            self.lookup,
            RevocationReader(log) if log else None,
            is_valid=lambda one: self._refusal(one) is None,
            earliest_expiry=lambda one: self.lifetime.earliest_expiry(one.session),
            clock=self.clock,
        )

    def end(self, session_id: str) -> bool:
        """Revoke a session; return whether it existed."""
        return self.tokens.end_session(session_id) > 0

    def end_own(self, user_id: str, session_id: str, *, client: Client = NOBODY) -> bool:
        """Revoke a session of this user, and of no other user; return whether it existed."""
        record = self.tokens.find_session(session_id)
        if record is None or record.user_id != user_id or not self.end(session_id):
            return False
        self.events.record(EventType.SESSIONS_REVOKED, user_id=user_id, client=client)
        return True

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Revoke all sessions of a user except `keep`; return the number of deleted records."""
        return self.tokens.end_user(user_id, keep=keep)

    @cached_property
    def _rotation(self) -> Rotation:
        return Rotation(self.tokens, self.lookup, self.events, clock=self.clock)

    def _find(self, session_id: str) -> SessionWithOwner:
        stored = self.lookup.by_session(session_id)
        if stored is None:
            raise InvalidToken("ended")
        return stored

    def _admit(self, stored: SessionWithOwner) -> SignedIn:
        """Return a valid session with its user, and update the time of its last use."""
        signed_in, record, now = self._check(stored), stored.session, self.clock()
        # Also if the time of the last use is one of a clock that was ahead.
        if abs(now - (record.last_used_at or record.created_at)) >= TOUCH_INTERVAL:
            with suppress(StoreError):  # a failure only makes the idle timeout earlier
                self.tokens.swap(record, replace(record, last_used_at=now))
        return signed_in

    def _check(self, stored: SessionWithOwner) -> SignedIn:
        """Return a valid session with its user."""
        reason = self._refusal(stored)
        if reason is not None or stored.owner is None:
            raise InvalidToken(
                reason or NO_USER, by_clock=self._is_by_clock(stored.session, reason)
            )
        return SignedIn(stored.session.to_session(), stored.owner.user)

    def _is_by_clock(self, record: TokenRecord, reason: str | None) -> bool:
        """Return whether a session has expired, and would be valid by a clock that is behind."""
        now = self.clock()
        has_expired = reason is not None and reason == self.lifetime.expiry_reason(record, now)
        return has_expired and self.lifetime.expiry_reason(record, now - DOUBT) is None

    def _refusal(self, stored: SessionWithOwner) -> str | None:
        """Return why a session is invalid, or None for a valid session."""
        record, owner = stored.session, stored.owner
        reason = self.lifetime.expiry_reason(record, self.clock())
        if reason is not None:
            return reason
        if owner is None or not owner.user.is_active:
            return NO_USER
        if record.security_stamp != owner.security_stamp:
            return "password or address changed"
        return None

    def _read(self, text: str, find: Callable[[str, str], SessionWithOwner]) -> SessionWithOwner:
        """Return the stored session of a credential.

        Args:
            text: The credential.
            find: Returns the session with an id whose current secret is another one than this.

        Raises:
            InvalidToken: The credential is not valid, or its session has another user.
        """
        claims = self.signer.verify(text)
        presented = fingerprint(claims.token_id)
        stored = self.lookup.by_hash(presented) or find(claims.session_id, presented)
        record = stored.session
        if (record.session_id, record.user_id) != (claims.session_id, claims.subject):
            raise InvalidToken("mismatch")
        return stored

    def _sign(self, record: TokenRecord, token_id: str) -> Credential:
        owner = self.users.get(record.user_id) if self.email_claim else None
        email = owner.user.email or None if owner else None
        expires_at = record.expires_at
        claims = Claims(
            record.user_id, record.session_id, token_id, self.clock(), expires_at, email
        )
        return Credential(self.signer.sign(claims), expires_at)

    def _revoke_oldest(self, user_id: str) -> None:
        """Revoke the oldest sessions beyond the limit.

        This runs after a new session is stored, so the last of several concurrent sign-ins sees
        them all.
        """
        if self.max_per_user:
            for session in self.live(user_id)[self.max_per_user :]:
                self.tokens.end_session(session.id)
                self.events.record(
                    EventType.SESSIONS_REVOKED, user_id=user_id, reason="too many sessions"
                )
