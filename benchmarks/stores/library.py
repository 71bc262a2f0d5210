"""The library, wired for one database as an app has it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import rows
from pydantic import SecretStr

from streamlit_persistauth.core.tokens import Claims, KeyRing, TokenSigner
from streamlit_persistauth.parts import Blueprint, Parts, parts_for
from streamlit_persistauth.settings import AuthSettings

KEY = secrets.token_urlsafe(48)


@contextmanager
def opened(url: str) -> Iterator[Parts]:
    """Have the parts of an app, with its tables; at the end its connections are closed."""
    parts = wired(url)
    parts.database.create_tables()
    release(parts)
    try:
        yield parts
    finally:
        release(parts)


def wired(url: str) -> Parts:
    """Return the parts of an app; within one process always the same."""
    settings = AuthSettings(database_url=url, jwt_secret_key=SecretStr(KEY))
    return parts_for(Blueprint(settings=settings))


def release(parts: Parts) -> None:
    """Close the connections that are not in use; new ones are opened as needed."""
    parts.database.engine.dispose()


def credential(parts: Parts, number: int, users: int) -> str:
    """Return the credential of a made-up sign-in.

    Args:
        parts: Of the app that it is for.
        number: Of the sign-in.
        users: How many users there are.
    """
    now = datetime.now(timezone.utc)
    claims = Claims(
        rows.user_id(rows.owner_of(number, users)),
        rows.session_id(number),
        rows.secret(number),
        now,
        now + timedelta(days=10),
    )
    signer = TokenSigner(KeyRing(KEY), audience=parts.settings.cookie_name, clock=parts.clock)
    return signer.sign(claims)
