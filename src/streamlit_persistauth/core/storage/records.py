"""The records that stores hold: users, tokens, counters and events."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypedDict

from streamlit_persistauth.models import Session, User


class Pending(str, Enum):
    """What an incomplete account waits for. It cannot sign in until then."""

    CONFIRMATION = "confirmation"
    """The account was registered, and its email address is not confirmed."""
    INVITATION = "invitation"
    """The user was invited and has not set a password."""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user with the columns that only the library reads.

    Attributes:
        user: The part that an app sees.
        password_hash: The password hash; empty for an account without a password.
        email_key: A key that is equal for addresses that look alike. It is unique; None without an
            address.
        security_stamp: A random value. It is replaced when the password or the address changes or
            the account is disabled, which revokes all sessions and links with the former value.
        pending: What an incomplete account waits for; None for a complete one.
        username_key: As `email_key`, for the username.
    """

    user: User
    password_hash: str = field(repr=False)
    email_key: str | None = None
    security_stamp: str | None = None
    pending: Pending | None = None
    username_key: str | None = None

    def changed(self, changes: "UserChanges") -> "UserRecord":
        """Return the account with these columns changed."""
        own: Any = {name: new for name, new in changes.items() if name in _OWN_COLUMNS}
        seen: Any = {name: new for name, new in changes.items() if name not in _OWN_COLUMNS}
        return replace(self, user=replace(self.user, **seen), **own)


_OWN_COLUMNS: Final = ("password_hash", "security_stamp", "email_key", "username_key", "pending")
"""The columns that an app does not see."""


class UserChanges(TypedDict, total=False):
    """The columns of a user that an update may contain.

    An empty `email` or `username`, with the key None, removes it.
    """

    email: str
    email_key: str | None
    username: str
    username_key: str | None
    full_name: str
    password_hash: str
    roles: tuple[str, ...]
    is_active: bool
    created_at: datetime
    last_login_at: datetime
    security_stamp: str
    pending: Pending | None


class TokenType(str, Enum):
    """The type of a row of `auth_tokens`."""

    SESSION = "session"
    HANDOFF = "handoff"
    RESET = "reset"
    CONFIRMATION = "confirmation"
    INVITATION = "invitation"
    URL_TOKEN = "url_token"  # noqa: S105 - a type, not a secret


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A row of `auth_tokens`. It contains the SHA-256 of a secret and never the secret itself.

    Attributes:
        id: The id of the row.
        user_id: The id of the user.
        session_id: The id of the session; empty for the token of a link.
        token_hash: The SHA-256 of the secret, 64 hexadecimal digits.
        token_type: The type of the token.
        created_at: The time of creation (UTC).
        expires_at: The time at which the token expires (UTC).
        security_stamp: The user's security stamp at the time of creation. The token is valid while
            the user still has it.
        remember: For a session: whether a browser may keep a credential.
        last_used_at: For a session: the time of the last use (UTC), updated at most once a minute.
            For a URL token: the time at which it was redeemed.
        successor_hash: For a session: the SHA-256 of the next secret, which was issued and has not
            been presented yet.
        successor_at: The time at which the next secret was issued (UTC).
        previous_hash: For a session: the SHA-256 of the secret before the current one.
        rotated_at: The time at which the current secret replaced the previous one (UTC).
        bound_to: The SHA-256 of a property of the browser: for a handoff code its own cookie, for a
            URL token its `User-Agent` header.
        email: For a link: the address that it was sent to.
        ip_address: The network address of the sign-in.
        user_agent: The `User-Agent` header of the sign-in.
        revision: The number of updates of the row.
    """

    id: str
    user_id: str
    session_id: str
    token_hash: str = field(repr=False)
    token_type: TokenType
    created_at: datetime
    expires_at: datetime
    security_stamp: str | None = None
    remember: bool = False
    last_used_at: datetime | None = None
    successor_hash: str | None = field(default=None, repr=False)
    successor_at: datetime | None = None
    previous_hash: str | None = field(default=None, repr=False)
    rotated_at: datetime | None = None
    bound_to: str | None = field(default=None, repr=False)
    email: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    revision: int = 0

    def to_session(self) -> Session:
        """Return the part of a session record that an app sees."""
        return Session(
            id=self.session_id,
            user_id=self.user_id,
            created_at=self.created_at,
            expires_at=self.expires_at,
            last_used_at=self.last_used_at or self.created_at,
            remember=self.remember,
            ip_address=self.ip_address,
            user_agent=self.user_agent,
        )


@dataclass(frozen=True, slots=True)
class Revocation:
    """An entry of a `RevocationLog`.

    Attributes:
        number: The position in the log.
        subject_id: The id of the revoked session, or of the user whose sessions may be revoked.
    """

    number: int
    subject_id: str


@dataclass(frozen=True, slots=True)
class SessionWithOwner:
    """A session record with the account of its user.

    Attributes:
        session: The session record.
        owner: The account, or None if it no longer exists.
    """

    session: TokenRecord
    owner: UserRecord | None


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What was read of a session that was valid.

    Attributes:
        session_id: Its id.
        user_id: The id of its user.
        security_stamp: The security stamp of the session and of its user.
    """

    session_id: str
    user_id: str
    security_stamp: str | None


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """A row of `auth_throttle`: the number of recent attempts.

    Attributes:
        tries: The number of attempts.
        allowed_at: The earliest time of the next attempt (UTC).
        expires_at: The time at which all attempts are forgotten (UTC).
    """

    tries: int
    allowed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A row of `auth_events`.

    Attributes:
        event_type: The type of the event, a value of `EventType`.
        user_id: The id of the user concerned, if known.
        created_at: The time of the event (UTC).
        details: Further details as short texts.
        ip_address: The network address, if known.
        user_agent: The `User-Agent` header, if known.
        id: The id of the row; None for an event that was not read from a store.
    """

    event_type: str
    user_id: str | None
    created_at: datetime
    details: dict[str, str]
    ip_address: str | None = None
    user_agent: str | None = None
    id: int | None = field(default=None, compare=False)
