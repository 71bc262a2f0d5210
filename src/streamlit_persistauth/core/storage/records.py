"""What stores keep: the rows behind users, sign-ins, counters and events."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypedDict

from streamlit_persistauth.models import User


class Pending(str, Enum):
    """What an account still waits for; until then it can't sign in."""

    CONFIRMATION = "confirmation"
    """It was registered, and its address has not been proven."""
    INVITATION = "invitation"
    """Its owner was invited, and has chosen no password."""


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user together with what only the library needs to know.

    Attributes:
        user: What an app sees.
        password_hash: The stored hash.
        email_key: Equal for addresses that look alike, so that one excludes the other.
        security_stamp: Random, and new whenever a password or address changes or the account is
            disabled: whatever was begun under another one no longer counts.
        pending: What it still waits for; None for an account that is complete.
    """

    user: User
    password_hash: str = field(repr=False)
    email_key: str | None = None
    security_stamp: str | None = None
    pending: Pending | None = None


class UserChanges(TypedDict, total=False):
    """The columns of a user that may change."""

    email: str
    email_key: str
    full_name: str
    password_hash: str
    roles: tuple[str, ...]
    is_active: bool
    created_at: datetime
    last_login_at: datetime
    security_stamp: str
    pending: Pending | None


class TokenType(str, Enum):
    """What a row of `auth_tokens` stands for."""

    SESSION = "session"
    HANDOFF = "handoff"
    RESET = "reset"
    CONFIRMATION = "confirmation"
    INVITATION = "invitation"
    URL_TOKEN = "url_token"  # noqa: S105 - a kind, no secret


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A row of `auth_tokens`. A secret itself is never stored, only its SHA-256.

    Attributes:
        id: Of the row.
        user_id: Whose it is.
        session_id: The sign-in it belongs to; empty for a token that went out in a link.
        token_hash: SHA-256 of the secret, 64 hexadecimal digits.
        token_type: What it stands for.
        created_at: When it was made (UTC).
        expires_at: When it stops counting (UTC).
        security_stamp: The user's stamp when it was made; it counts while that is still the one.
        remember: For a session: whether a browser may keep a credential of it.
        last_used_at: For a session: when it was last used (UTC), written once a minute at most.
            For a handle: when it was spent.
        successor_hash: For a session: SHA-256 of the next secret, handed out but not yet seen.
        successor_at: When that was handed out (UTC).
        previous_hash: For a session: SHA-256 of the secret before the present one.
        rotated_at: When the present one took its place (UTC).
        bound_to: SHA-256 of what a browser is known by: for a handoff code its own cookie, for a
            handle what it calls itself.
        email: For a link: the address it was sent to.
        ip_address: Where the sign-in came from.
        user_agent: The browser it came from.
        revision: Counts the changes of the row.
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


@dataclass(frozen=True, slots=True)
class SessionWithOwner:
    """A session record with the account it belongs to.

    Attributes:
        session: The record.
        owner: The account; None where there is no such account any more.
    """

    session: TokenRecord
    owner: UserRecord | None


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """A row of `auth_throttle`: how often something was tried lately.

    Attributes:
        tries: How often.
        allowed_at: When the next try may be (UTC).
        expires_at: When all of it is forgotten (UTC).
    """

    tries: int
    allowed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A row of `auth_events`.

    Attributes:
        event_type: What happened.
        user_id: To whom, where known.
        created_at: When (UTC).
        details: More, as short texts.
        ip_address: From where, where known.
        user_agent: By which browser, in its own words.
        id: Of the row; None for an event that has not been read from a store.
    """

    event_type: str
    user_id: str | None
    created_at: datetime
    details: dict[str, str]
    ip_address: str | None = None
    user_agent: str | None = None
    id: int | None = field(default=None, compare=False)
