"""The services of the library for one database, as in an app."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import rows
from pydantic import SecretStr

from streamlit_persistauth.core.sessions.jwt_signer import Claims, KeyRing, TokenSigner
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

KEY = secrets.token_urlsafe(48)


@contextmanager
def opened(url: str) -> Iterator[Services]:
    """Yield the services of an app with its tables; at the end, close the connections."""
    services = wired(url)
    services.database.create_tables()
    release(services)
    try:
        yield services
    finally:
        release(services)


def wired(url: str) -> Services:
    """Return the services of an app, which are the same for all calls in one process."""
    settings = AuthSettings(database_url=url, jwt_secret_key=SecretStr(KEY))
    return services_for(AppConfig(settings=settings))


def release(services: Services) -> None:
    """Close unused connections; new ones are opened when needed."""
    services.database.engine.dispose()


def credential(services: Services, number: int, users: int) -> str:
    """Return the credential of a made-up sign-in.

    Args:
        services: Of the app that it is for.
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
    signer = TokenSigner(KeyRing(KEY), audience=services.settings.cookie_name, clock=services.clock)
    return signer.sign(claims)
