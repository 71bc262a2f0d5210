"""Start, resume, renew and end sign-ins."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Final

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.devices import Device, device_of
from streamlit_persistauth.core.observer import UNOBSERVED, Observer, Operation
from streamlit_persistauth.core.secrets import (
    fingerprint,
    fingerprint_of_token,
    new_id,
    new_secret,
)
from streamlit_persistauth.core.sessions.jwt_signer import Claims, TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime, end_reason
from streamlit_persistauth.core.sessions.rotation import (
    RotationStatus,
    awaits_successor,
    promoted,
    status,
    with_successor,
)
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
"""How long a page may take to fetch its cookie."""
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""How often the time of last use is written, at most."""
BATCH: Final = 1000
"""Sign-ins that are read at once, where all are asked for."""
AGENTS: Final = 1000
"""Different texts of browsers that are told apart when sign-ins are counted."""
ATTEMPTS: Final = 20
"""How often a change is tried again because another one came first."""

NO_USER: Final = "no active user"


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
        events: Events,
        *,
        lookup: Lookup,
        lifetime: Lifetime,
        max_per_user: int,
        email_claim: bool,
        clock: Clock,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """Wire the parts.

        Args:
            tokens: Where sign-ins are kept.
            users: Where users are looked up.
            signer: Makes and checks the credential.
            events: Told of renewals, and of old credentials that come back.
            lookup: Finds sign-ins together with their accounts.
            lifetime: How long a sign-in lasts.
            max_per_user: How many a user may have; 0 for any number.
            email_claim: Whether a credential names the user's address.
            clock: Where the time comes from.
            observer: Measures look-ups.
        """
        self._tokens = tokens
        self._users = users
        self._signer = signer
        self._events = events
        self._lookup = lookup
        self._lifetime = lifetime
        self._max_per_user = max_per_user
        self._email_claim = email_claim
        self._clock = clock
        self._observer = observer

    def start(self, owner: UserRecord, *, remember: bool, client: Client) -> Session:
        """Begin a sign-in. Until `issue` or `redeem`, no secret of it exists anywhere.

        Args:
            owner: The account as it was when the password was proven. If its password has changed
                since, the sign-in never counts.
            remember: Whether a browser may keep a credential of it.
            client: Where it comes from.
        """
        now = self._clock()
        record = TokenRecord(
            id=new_id(),
            user_id=owner.user.id,
            session_id=new_id(),
            token_hash=fingerprint(new_secret()),
            token_type=TokenType.SESSION,
            created_at=now,
            expires_at=self._lifetime.end_of(now, remember=remember),
            security_stamp=owner.security_stamp,
            remember=remember,
            ip_address=client.ip_address and shorten(client.ip_address, MAX_ADDRESS),
            user_agent=client.user_agent and shorten(client.user_agent, MAX_AGENT),
        )
        self._tokens.put(record)
        self._end_oldest(owner.user.id)
        return to_session(record)

    def issue(self, session_id: str) -> Credential:
        """Make the credential of a sign-in; one made before stops counting.

        Raises:
            InvalidToken: The sign-in has ended, or is not one that a browser may keep.
        """
        token_id = new_secret()
        record = self._change(
            session_id, lambda old: replace(old, token_hash=fingerprint(token_id))
        )
        if record is None or end_reason(record, self._lifetime, self._clock()):
            raise InvalidToken("ended")
        if not record.remember:
            raise InvalidToken("not remembered")
        return self._sign(record, token_id)

    def hand_off(self, session_id: str, user_id: str, *, browser: str) -> str:
        """Return a single-use code for which this browser, and no other, gets the credential.

        Args:
            session_id: The sign-in.
            user_id: Whose it is.
            browser: The secret that the browser sends with every request.
        """
        code = new_secret()
        now = self._clock()
        self._tokens.put(
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
        token_hash = fingerprint_of_token(code)
        record = self._tokens.consume(TokenType.HANDOFF, token_hash) if token_hash else None
        if record is None:
            raise InvalidToken("unknown handoff code")
        if record.expires_at <= self._clock():
            raise InvalidToken("handoff code expired")
        if record.bound_to != fingerprint(browser):
            raise InvalidToken("handoff code of another browser")
        return self.issue(record.session_id)

    def resume(self, text: str, *, client: Client = NOBODY, used: bool = True) -> SignedIn:
        """Return who a credential signs in: one check of the token, one look-up.

        A renewed credential that comes back for the first time takes its parent's place. One that
        has been replaced longer ago ends the sign-in, for whoever holds the newer one too.

        Args:
            text: The credential.
            client: Where it comes from.
            used: Whether a person presents it. What a page requests by itself does not update
                `last_used_at`; the idle timeout still applies.

        Raises:
            InvalidToken: Nobody; `reason` says why.
            StoreError: It can't be told for now.
        """
        with self._observer.measure(Operation.RESUME):
            claims = self._signer.verify(text)
            presented = fingerprint(claims.token_id)
            found = self._lookup.by_hash(presented) or self._recognise(claims, presented, client)
            record = found.session
            if (record.session_id, record.user_id) != (claims.session_id, claims.subject):
                raise InvalidToken("mismatch")
            return self._admit(found) if used else self._check(found)

    def resume_session(self, session_id: str) -> SignedIn:
        """Return who a sign-in belongs to, for a caller that already knows it is theirs.

        Raises:
            InvalidToken: The sign-in has ended.
            StoreError: It can't be told for now.
        """
        with self._observer.measure(Operation.RESUME):
            return self._admit(self._find(session_id))

    def peek(self, session_id: str) -> SignedIn:
        """Return the same as `resume_session`, for a page that asks without anybody's doing.

        This is no use of the sign-in: it keeps none from ending for want of use.

        Raises:
            InvalidToken: The sign-in has ended.
            StoreError: It can't be told for now.
        """
        return self._check(self._find(session_id))

    def renew(self, text: str) -> Credential | None:
        """Return a successor for a credential that is due; None where there is nothing to do.

        One at a time: while a successor may be on its way back, there is no other.

        Raises:
            InvalidToken: The credential does not count.
            StoreError: It can't be told for now.
        """
        now = self._clock()
        claims = self._signer.verify(text)
        if not self._lifetime.is_due(claims.issued_at, now):
            return None
        found = self._lookup.by_hash(fingerprint(claims.token_id))
        if found is None or awaits_successor(found.session, now):
            return None
        record = found.session
        self._admit(found)
        token_id = new_secret()
        offered = self._change(
            record.session_id,
            lambda old: (
                None
                if old.token_hash != record.token_hash or awaits_successor(old, now)
                else with_successor(old, fingerprint(token_id), now)
            ),
        )
        return self._sign(offered, token_id) if offered else None

    def live(self, user_id: str) -> list[Session]:
        """Return a user's live sign-ins, newest first."""
        return [to_session(record) for record in self._live_records(user_id)]

    def page(self, *, offset: int, limit: int) -> list[Session]:
        """Return live sign-ins of all users, newest first; fewer where some were not used lately.

        Args:
            offset: How many to leave out.
            limit: How many to return at most.
        """
        records = self._tokens.page_sessions(self._clock(), offset=offset, limit=limit)
        return [to_session(record) for record in self._counting(records)]

    def every(self) -> Iterator[Session]:
        """Yield the live sign-ins of all users, newest first; read in batches."""
        now = self._clock()
        for offset in count(0, BATCH):
            records = self._tokens.page_sessions(now, offset=offset, limit=BATCH)
            yield from map(to_session, self._counting(records))
            if len(records) < BATCH:
                return

    def live_per_device(self) -> dict[Device, int]:
        """Return how many live sign-ins there are on which devices, but for the rarest ones."""
        agents = self._tokens.sessions_per_agent(self._clock(), limit=AGENTS)
        counts: Counter[Device] = Counter()
        for agent, number in agents.items():
            counts[device_of(agent)] += number
        return dict(counts)

    def find_live(self, session_ids: Collection[str]) -> set[str]:
        """Return which of these sign-ins are valid, as `resume_session` decides; one read for all.

        Raises:
            StoreError: It can't be told for now.
        """
        found = self._lookup.by_sessions(session_ids)
        return {one.session.session_id for one in found if self._refusal(one) is None}

    def end(self, session_id: str) -> bool:
        """End a sign-in; return whether there was one."""
        return self._tokens.end_session(session_id) > 0

    def end_own(self, user_id: str, session_id: str, *, client: Client = NOBODY) -> bool:
        """Revoke a sign-in of this user, and of no other one; return whether there was one."""
        record = self._tokens.find_session(session_id)
        if record is None or record.user_id != user_id or not self.end(session_id):
            return False
        self._events.record(EventType.SESSIONS_REVOKED, user_id=user_id, client=client)
        return True

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End every sign-in of a user but `keep`; return how many records that were."""
        return self._tokens.end_user(user_id, keep=keep)

    def _find(self, session_id: str) -> SessionWithOwner:
        found = self._lookup.by_session(session_id)
        if found is None:
            raise InvalidToken("ended")
        return found

    def _admit(self, found: SessionWithOwner) -> SignedIn:
        """Return session and user of a live record, and note that it is used."""
        admitted = self._check(found)
        self._touch(found.session)
        return admitted

    def _check(self, found: SessionWithOwner) -> SignedIn:
        """Return session and user of a live record, read fresh on every run."""
        reason = self._refusal(found)
        if reason is not None or found.owner is None:
            raise InvalidToken(reason or NO_USER)
        return SignedIn(to_session(found.session), found.owner.user)

    def _refusal(self, found: SessionWithOwner) -> str | None:
        """Return why a sign-in is invalid, by its record or by its account; None if it is valid."""
        record, owner = found.session, found.owner
        reason = end_reason(record, self._lifetime, self._clock())
        if reason is not None:
            return reason
        if owner is None or not owner.user.is_active:
            return NO_USER
        if record.security_stamp != owner.security_stamp:
            return "password or address changed"
        return None

    def _touch(self, record: TokenRecord) -> None:
        """Note that a sign-in is used. If that fails it only ends the sooner."""
        now = self._clock()
        if now >= (record.last_used_at or record.created_at) + TOUCH_INTERVAL:
            with suppress(StoreError):
                self._tokens.swap(record, replace(record, last_used_at=now))

    def _recognise(self, claims: Claims, presented: str, client: Client) -> SessionWithOwner:
        """Return the session of a secret that is not its current one, if it counts all the same.

        Raises:
            InvalidToken: It does not.
        """
        for _ in range(ATTEMPTS):
            found = self._lookup.by_session(claims.session_id)
            if found is None:
                raise InvalidToken("ended")
            record, now = found.session, self._clock()
            match status(record, presented, now):
                case RotationStatus.CURRENT | RotationStatus.PARENT:
                    return found
                case RotationStatus.OLD:
                    self._end_reused(record, client)
                case RotationStatus.SUCCESSOR:
                    renewed = promoted(record, presented, now)
                    if self._tokens.swap(record, renewed):
                        self._events.record(
                            EventType.SESSION_RENEWED, user_id=record.user_id, client=client
                        )
                        stored = replace(renewed, revision=record.revision + 1)
                        return SessionWithOwner(stored, found.owner)
        raise StoreError("Sign-in is busy right now. Please try again.")

    def _end_reused(self, record: TokenRecord, client: Client) -> None:
        self._tokens.end_session(record.session_id)
        self._events.record(EventType.REUSE_DETECTED, user_id=record.user_id, client=client)
        raise InvalidToken("reused")

    def _change(
        self, session_id: str, change: Callable[[TokenRecord], TokenRecord | None]
    ) -> TokenRecord | None:
        """Change a session, whatever else changes it; return it, or None if it is not to be."""
        for _ in range(ATTEMPTS):
            old = self._tokens.find_session(session_id)
            new = change(old) if old else None
            if old is None or new is None:
                return None
            if self._tokens.swap(old, new):
                return new
        raise StoreError("Sign-in is busy right now. Please try again.")

    def _sign(self, record: TokenRecord, token_id: str) -> Credential:
        owner = self._users.get(record.user_id) if self._email_claim else None
        claims = Claims(
            record.user_id,
            record.session_id,
            token_id,
            self._clock(),
            record.expires_at,
            owner.user.email if owner else None,
        )
        return Credential(self._signer.sign(claims), record.expires_at)

    def _live_records(self, user_id: str) -> list[TokenRecord]:
        return self._counting(self._tokens.list_sessions(user_id))

    def _counting(self, records: Iterable[TokenRecord]) -> list[TokenRecord]:
        """Return those records that have not ended."""
        now = self._clock()
        return [record for record in records if end_reason(record, self._lifetime, now) is None]

    def _end_oldest(self, user_id: str) -> None:
        """End the oldest sign-ins beyond the limit.

        Every sign-in does this after it has been stored, so of several at once the last one sees
        them all.
        """
        if self._max_per_user:
            for record in self._live_records(user_id)[self._max_per_user :]:
                self._tokens.end_session(record.session_id)
                self._events.record(
                    EventType.SESSIONS_REVOKED, user_id=user_id, reason="too many sessions"
                )


def to_session(record: TokenRecord) -> Session:
    """Return what an app may see of a session record."""
    return Session(
        id=record.session_id,
        user_id=record.user_id,
        created_at=record.created_at,
        expires_at=record.expires_at,
        last_used_at=record.last_used_at or record.created_at,
        remember=record.remember,
        ip_address=record.ip_address,
        user_agent=record.user_agent,
    )
