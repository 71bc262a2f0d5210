"""Opens the stores of an app: its own, or those that the settings name."""

from dataclasses import replace
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import Engine

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.clock import Clock, SharedClock, steady_now
from streamlit_persistauth.core.storage.charsets import can_hold_all
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import Lookup, TokenStore, UserStore
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.caching import (
    CachingLookup,
    InvalidatingTokenStore,
    InvalidatingUserStore,
)
from streamlit_persistauth.stores.faults import STORE_TIMEOUT_SECONDS, Availability
from streamlit_persistauth.stores.memory import MemoryTokenStore
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.tables import ALL, WITHOUT_USERS
from streamlit_persistauth.wiring.build import Stores

_SETTING: Final = "PERSISTAUTH_TOKEN_STORE_URL"
_REDIS_SCHEMES: Final = ("redis", "unix:", "valkey")
"""How URLs begin that are Redis's, or meant to be."""


def open_stores(
    engine: Engine,
    settings: AuthSettings,
    *,
    users: UserStore | None,
    tokens: TokenStore | str | None,
) -> tuple[Database, Stores]:
    """Return the database and the stores; what an app does not keep elsewhere is in the database.

    Args:
        engine: The database.
        settings: The settings of the app.
        users: The app's own accounts; None for those in the database.
        tokens: The store of sessions, or its URL; None for the one that the settings name.

    Raises:
        ConfigError: The URL of a store is invalid, its driver is not installed, or the app's own
            accounts can't be pending where the settings need that.
    """
    seconds, is_synchronous = settings.store_timeout_seconds, settings.synchronous_revocations
    database = Database(
        engine,
        tables=ALL if users is None else WITHOUT_USERS,
        timeout_seconds=seconds,
        synchronous_revocations=is_synchronous,
    )
    wanted = settings.token_store_url if tokens is None else tokens
    user_store = SQLUserStore(database) if users is None else users
    token_store = open_token_store(
        SQLTokenStore(database) if wanted is None else wanted,
        timeout_seconds=seconds,
        redis_replicas=settings.redis_replicas,
        synchronous_revocations=is_synchronous,
    )
    _require_pending(user_store, settings)
    _require_login_names(user_store, settings)
    stores = Stores(
        user_store,
        token_store,
        SQLEventStore(database),
        _lookup(database, token_store, user_store),
        has_roles=has_field(user_store, "roles"),
        can_hold=user_store.can_hold if isinstance(user_store, SQLUserStore) else can_hold_all,
    )
    if settings.revalidate_seconds:
        stores = _cached(stores, timedelta(seconds=settings.revalidate_seconds))
    return database, stores


def clock_of(tokens: TokenStore) -> SharedClock:
    """Return the clock that all replicas with a store of sign-ins share."""
    return SharedClock(read_clock_of(tokens))


def read_clock_of(tokens: TokenStore) -> Clock | None:
    """Return what reads the time of a store, or None if it has no clock of its own."""
    read_clock: Clock | None = getattr(tokens, "read_clock", None)
    return read_clock


def open_token_store(
    tokens: TokenStore | str,
    *,
    timeout_seconds: float = STORE_TIMEOUT_SECONDS,
    redis_replicas: int = 0,
    synchronous_revocations: bool = False,
) -> TokenStore:
    """Return a store of sessions, given as such or by its URL.

    Args:
        tokens: One of these.
        timeout_seconds: How long a call may take, for a URL.
        redis_replicas: The number of replicas that confirm a revocation, for a URL of Redis.
        synchronous_revocations: As in the settings, for a URL of PostgreSQL.

    Raises:
        ConfigError: The URL is invalid, its driver is not installed, or another store than Redis
            has no replicas to wait for.
    """
    if isinstance(tokens, str) and tokens.startswith(_REDIS_SCHEMES):
        return _open_redis_store(tokens, timeout_seconds, redis_replicas)
    if redis_replicas:
        raise ConfigError(
            "PERSISTAUTH_REDIS_REPLICAS", f"it needs the URL of a Redis in {_SETTING}."
        )
    if not isinstance(tokens, str):
        return tokens
    if tokens == "memory://":
        return MemoryTokenStore()
    engine = open_engine(tokens, _SETTING, timeout_seconds=timeout_seconds)
    return SQLTokenStore(
        Database(
            engine,
            tables=WITHOUT_USERS,
            timeout_seconds=timeout_seconds,
            synchronous_revocations=synchronous_revocations,
        )
    )


def availabilities(database: Database, stores: Stores) -> list[Availability]:
    """Return what notes whether the stores of an app answer; a store of its own has none."""
    holders = [getattr(store, "database", store) for store in (stores.users, stores.tokens)]
    found = [getattr(holder, "availability", None) for holder in (database, *holders)]
    return list(dict.fromkeys(item for item in found if item is not None))


def _open_redis_store(url: str, timeout_seconds: float, replicas: int) -> TokenStore:
    try:
        from streamlit_persistauth.stores.redis import RedisTokenStore
    except ImportError:
        raise ConfigError(
            _SETTING, "redis is not installed; run pip install 'streamlit-persistauth[redis]'."
        ) from None
    return RedisTokenStore(url, timeout_seconds=timeout_seconds, replicas=replicas)


def _lookup(database: Database, tokens: TokenStore, users: UserStore) -> Lookup:
    """Return a lookup that reads both stores with one statement if this database holds both."""
    if all(getattr(store, "database", None) is database for store in (tokens, users)):
        return JoinedLookup(database)
    return SplitLookup(tokens, users)


def _cached(stores: Stores, lifetime: timedelta) -> Stores:
    """Return the same stores with a cache in front of the lookup."""
    cache = CachingLookup(stores.lookup, lifetime, clock=steady_now)
    return replace(
        stores,
        users=cast("UserStore", InvalidatingUserStore(stores.users, cache)),
        tokens=cast("TokenStore", InvalidatingTokenStore(stores.tokens, cache)),
        lookup=cache,
    )


def _require_pending(users: UserStore, settings: AuthSettings) -> None:
    """Refuse a table of an app's own that can't mark accounts as pending where some will be."""
    needed = settings.email_verification or settings.registration == "invited"
    if needed and not has_field(users, "pending"):
        raise ConfigError(
            "users",
            "accounts that wait for a confirmation or an invitation need a column: name one for "
            '"pending" in SQLUserStore(columns=...).',
        )


def _require_login_names(users: UserStore, settings: AuthSettings) -> None:
    """Refuse a table of an app's own without the login names that users sign in with."""
    by = settings.login_by
    needed = ("email", "username") if by is LoginBy.EITHER else (by.value,)
    for field in needed:
        if not has_field(users, field):
            raise ConfigError(
                "users",
                f"with PERSISTAUTH_LOGIN_BY={by.value}, name a column for {field!r} in "
                "SQLUserStore(columns=...).",
            )
    needs_email = {
        "PERSISTAUTH_EMAIL_VERIFICATION=on": settings.email_verification,
        "PERSISTAUTH_REGISTRATION_DOMAINS": settings.registration_domains,
    }
    for setting, is_set in needs_email.items():
        if is_set and not has_field(users, "email"):
            raise ConfigError(
                "users",
                f"with {setting}, name a column for 'email' in SQLUserStore(columns=...).",
            )


def has_field(users: UserStore | None, field: str) -> bool:
    """Return whether a store keeps a field of accounts; a table of the app may lack its column."""
    return not isinstance(users, SQLUserStore) or users.has(field)
