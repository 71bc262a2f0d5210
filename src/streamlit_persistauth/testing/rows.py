"""Records for tests of stores."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Final

from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType, UserRecord
from streamlit_persistauth.models import User

START: Final = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
"""The time of the tests: far in the future, to find code that reads the system clock."""
INJECTIONS: Final = [
    "' OR '1'='1",
    "x'; DROP TABLE users; --",
    'x" OR ""="',
    "%",
    "_da@example.com",
    "ada@example.com' --",
    "ADA@EXAMPLE.COM",
    "ada@example.com ",
    "\\",
]
"""Texts that a store must treat as data."""


def user_record(email: str = "ada@example.com", username: str = "") -> UserRecord:
    """Return an account; with an empty address or username it has none."""
    user = User(
        id=new_id(),
        email=email,
        full_name="Zoë <b>Ödegård</b> 😀",
        roles=("admin", "editor"),
        created_at=START + timedelta(microseconds=123456),
        last_login_at=None,
        username=username,
    )
    return UserRecord(
        user,
        "$bcrypt-sha256$not-a-real-hash",
        email_key=fingerprint(email) if email else None,
        security_stamp=new_id(),
        username_key=fingerprint(username) if username else None,
    )


def person(
    email: str, full_name: str, *, roles: tuple[str, ...] = (), is_active: bool = True
) -> UserRecord:
    """Return an account with a given name, roles and state."""
    record = user_record(email)
    user = replace(record.user, full_name=full_name, roles=roles, is_active=is_active)
    return replace(record, user=user)


def session_record(
    user_id: str, *, session_id: str | None = None, created_at: datetime = START
) -> TokenRecord:
    """Return a sign-in."""
    return TokenRecord(
        id=new_id(),
        user_id=user_id,
        session_id=session_id or new_id(),
        token_hash=fingerprint(new_secret()),
        token_type=TokenType.SESSION,
        created_at=created_at,
        expires_at=created_at + timedelta(hours=24),
        security_stamp="0" * 32,
        remember=True,
        ip_address="2001:db8::1",
        user_agent="Mozilla/5.0",
    )


def handoff_record(session: TokenRecord) -> TokenRecord:
    """Return a handoff code of a sign-in."""
    return TokenRecord(
        id=new_id(),
        user_id=session.user_id,
        session_id=session.session_id,
        token_hash=fingerprint(new_secret()),
        token_type=TokenType.HANDOFF,
        created_at=session.created_at,
        expires_at=session.created_at + timedelta(seconds=55),
        bound_to=fingerprint("browser"),
    )
