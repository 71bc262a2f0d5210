"""What stores keep: the rows behind users, sign-ins and events."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypedDict

from streamlit_persistauth.models import User


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user together with the stored hash of the password."""

    user: User
    password_hash: str = field(repr=False)


class UserChanges(TypedDict, total=False):
    """The columns of a user that may change."""

    full_name: str
    password_hash: str
    roles: tuple[str, ...]
    is_active: bool
    last_login_at: datetime


class TokenType(str, Enum):
    """What a row of `auth_tokens` stands for."""

    SESSION = "session"
    HANDOFF = "handoff"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A row of `auth_tokens`. The secret itself is never stored, only its SHA-256.

    Attributes:
        id: Of the row.
        user_id: Whose it is.
        session_id: The sign-in it belongs to.
        token_hash: SHA-256 of the secret, 64 hexadecimal digits.
        token_type: What it stands for.
        created_at: When it was made (UTC).
        expires_at: When it stops counting (UTC).
        remember: For a session: whether a browser may keep a credential of it.
        bound_to: For a handoff code: SHA-256 of the browser's own cookie.
        ip_address: Where the sign-in came from.
        user_agent: The browser it came from.
    """

    id: str
    user_id: str
    session_id: str
    token_hash: str = field(repr=False)
    token_type: TokenType
    created_at: datetime
    expires_at: datetime
    remember: bool = False
    bound_to: str | None = field(default=None, repr=False)
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A row of `auth_events`."""

    event_type: str
    user_id: str | None
    created_at: datetime
    details: dict[str, str]
    ip_address: str | None = None
    user_agent: str | None = None
