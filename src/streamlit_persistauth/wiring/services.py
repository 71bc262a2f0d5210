"""The services of an app: built once in a process, shared by every `Authenticator` of that app."""

import logging
import os
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from types import NoneType
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.registry import Caches, NamedCaches
from streamlit_persistauth.core.accounts.mails import Mailer
from streamlit_persistauth.core.arguments import implements
from streamlit_persistauth.core.clock import Clock, SharedClock
from streamlit_persistauth.core.observer import UNOBSERVED
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.runtime.script_run import base_path
from streamlit_persistauth.settings import AuthSettings, environment, read_settings
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import HasEngine, find_engine, is_ours
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.wiring.build import Core, Stores, build_core
from streamlit_persistauth.wiring.config import config_of
from streamlit_persistauth.wiring.stores import (
    availabilities,
    clock_of,
    has_field,
    open_stores,
)

if TYPE_CHECKING:
    from streamlit_persistauth.wiring.metrics import AppMetrics

MAX_APPS: Final = 16
"""How many apps one process keeps services for; the least recently used is dropped first."""

logger = logging.getLogger("streamlit_persistauth")


@dataclass(frozen=True, eq=False, repr=False)
class Services(Core):
    """The services of the core with those of an app around it.

    Attributes:
        settings: The settings of the app.
        shared_clock: The clock, with its difference to that of this machine.
        database: Its database.
        cookies: The names and attributes of its cookies.
        cache: Where browsers keep its credentials.
        identity: Equal for `Authenticator`s that share stores and cookies.
    """

    settings: AuthSettings
    shared_clock: SharedClock
    database: Database
    cookies: Cookies
    cache: CacheBackend
    identity: int


@dataclass(frozen=True)
class AppConfig:
    """The arguments of an `Authenticator`; equal ones share their services."""

    database: str | Engine | HasEngine | None = None
    settings: AuthSettings | None = None
    users: UserStore | None = None
    tokens: TokenStore | str | None = None
    cache: Caches | None = None
    mailer: Mailer | None = None


_made: OrderedDict[Hashable, Services] = OrderedDict()
_lock = Lock()


def services_for(app_config: AppConfig) -> Services:
    """Return the services for these arguments; the first call builds them.

    Where the settings come from the environment, it counts as an argument, and so does the working
    directory.

    Raises:
        ConfigError: A setting is missing, malformed or unsafe, or an argument has the wrong type.
    """
    _check(app_config)
    source = app_config.settings or (environment(), os.getcwd())  # noqa: PTH109 - a plain string
    key = (app_config, source)
    with _lock:
        services = _made.get(key)
        if services is None:
            services = _made[key] = _build(app_config)
        _made.move_to_end(key)
        if len(_made) > MAX_APPS:
            _release(*_made.popitem(last=False))
    return services


def find_services(identity: int) -> Services | None:
    """Return the services of this process with an identity, or None if they were released."""
    with _lock:
        return next((made for made in _made.values() if made.identity == identity), None)


def _check(app_config: AppConfig) -> None:
    """Refuse arguments of the wrong type.

    Raises:
        ConfigError: The message names the argument.
    """
    if not isinstance(app_config.settings, (AuthSettings, NoneType)):
        raise ConfigError("settings", "an AuthSettings is expected.")
    implements(app_config.users, UserStore, "users")
    implements(app_config.mailer, Mailer, "mailer")
    if not isinstance(app_config.tokens, str):
        implements(app_config.tokens, TokenStore, "tokens")
    for name, value in vars(app_config).items():
        try:
            hash(value)
        except TypeError:
            raise ConfigError(name, "a value that can be hashed is expected.") from None


def _release(_key: Hashable, services: Services) -> None:
    """Close the connections of services, and log why there may be so many."""
    logger.warning(
        "services for %d Authenticators were built; if this is one app, an argument of it is "
        "created at every run: create it once, in a module of its own",
        MAX_APPS + 1,
    )
    if is_ours(services.database.engine):
        services.database.engine.dispose()


def _build(app_config: AppConfig) -> Services:
    settings = app_config.settings or read_settings()
    if settings.debug_auth:
        _log_everything()
    source = app_config.database
    engine = find_engine(
        settings.database_url if source is None else source, settings.store_timeout_seconds
    )
    database, stores = open_stores(
        engine, settings, users=app_config.users, tokens=app_config.tokens
    )
    clock = clock_of(stores.tokens)
    metrics = _metrics(settings, stores, database, clock)
    config = config_of(
        settings,
        engine.url,
        users=stores.users,
        has_emails=has_field(app_config.users, "email"),
        mailer=app_config.mailer,
        observer=metrics or UNOBSERVED,
        clock=clock,
    )
    core = build_core(stores, config)
    if metrics is not None:
        core.events.connect(metrics.count_event)
    cookies = Cookies.below(base_path(), name=settings.cookie_name, embedded=settings.embedded)
    return Services(
        **vars(core),
        settings=settings,
        shared_clock=clock,
        database=database,
        cookies=cookies,
        cache=NamedCaches(cookies, clock=core.clock).find(app_config.cache),
        identity=_identity(app_config, engine, cookies),
    )


def _metrics(
    settings: AuthSettings, stores: Stores, database: Database, clock: Clock
) -> "AppMetrics | None":
    """Return the metrics of an app if PERSISTAUTH_METRICS is on."""
    if not settings.metrics:
        return None
    from streamlit_persistauth.wiring.metrics import open_metrics

    return open_metrics().for_app(
        settings.cookie_name,
        stores.tokens,
        clock,
        availabilities=availabilities(database, stores),
    )


def _identity(app_config: AppConfig, engine: Engine, cookies: Cookies) -> int:
    """Return a hash that is equal for `Authenticator`s of one app: by stores and cookies.

    Stores without `__eq__` are compared by class, because an app may create one at each run.
    """
    stores = (
        store if type(store).__eq__ is not object.__eq__ else type(store)
        for store in (app_config.users, app_config.tokens)
    )
    return hash((cookies.name, engine.url if is_ours(engine) else engine, *stores))


def _log_everything() -> None:
    """Log every event, even where the app has configured no logging."""
    logger.setLevel(logging.DEBUG)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
