"""The parts of one app: made once in a process, shared by every `Authenticator` of that app."""

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Lock, Thread
from time import sleep
from types import NoneType
from typing import Final

from sqlalchemy import Engine

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.caches.named import Caches, NamedCaches
from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.confirmations import Confirmations
from streamlit_persistauth.core.accounts.imports import Imports
from streamlit_persistauth.core.accounts.invitations import Invitations
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Mailer, Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.accounts.registrations import Registrations
from streamlit_persistauth.core.accounts.resets import Resets
from streamlit_persistauth.core.arguments import implements
from streamlit_persistauth.core.audit.event_log import EventLog
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.jwt_signer import TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.session_queries import SessionQueries
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.core.sessions.url_tokens import UrlTokens
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import EventStore, Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.purge import Purge, Rules
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.languages import ENGLISH
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.mail.queue import MailQueue
from streamlit_persistauth.mail.smtp import SMTPMailer
from streamlit_persistauth.runtime.script_run import base_path
from streamlit_persistauth.settings import AuthSettings, environment, read_settings
from streamlit_persistauth.stores.caching import (
    CachingTokenStore,
    CachingUserStore,
    InvalidatingUserStore,
    TTLCache,
)
from streamlit_persistauth.stores.memory import MemoryTokenStore
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import HasEngine, find_engine, is_ours, open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.tables import ALL, WITHOUT_USERS
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.wiring.key_file import open_key_ring, open_peppers

MAX_APPS: Final = 16
"""How many apps one process keeps parts for; the one not asked for longest goes first."""


@dataclass(frozen=True, eq=False)
class Services:
    """Everything one app needs, wired."""

    settings: AuthSettings
    database: Database
    users: UserStore
    tokens: TokenStore
    accounts: Accounts
    password_changes: PasswordChanges
    user_admin: UserAdmin
    registrations: Registrations
    confirmations: Confirmations
    invitations: Invitations
    imports: Imports
    resets: Resets
    links: Links
    mails: Mails
    policy: PasswordPolicy
    sessions: Sessions
    session_queries: SessionQueries
    purge: Purge
    events: Events
    event_log: EventLog
    url_tokens: UrlTokens
    cookies: Cookies
    cache: CacheBackend
    clock: Clock
    identity: int


@dataclass(frozen=True)
class AppConfig:
    """The arguments of an `Authenticator`; equal ones share their parts."""

    database: str | Engine | HasEngine | None = None
    settings: AuthSettings | None = None
    users: UserStore | None = None
    tokens: TokenStore | str | None = None
    cache: Caches | None = None
    mailer: Mailer | None = None


logger = logging.getLogger("streamlit_persistauth")

_made: OrderedDict[Hashable, Services] = OrderedDict()
_lock = Lock()


def services_for(app_config: AppConfig) -> Services:
    """Return the parts for these arguments; made at the first call, found at the next.

    The environment and the working directory count as arguments where the settings come from
    them.

    Raises:
        ConfigError: A setting is missing, malformed or unsafe, or an argument has the wrong type.
    """
    _check(app_config)
    source = app_config.settings or (environment(), os.getcwd())  # noqa: PTH109 - a plain string
    key = (app_config, source)
    with _lock:
        services = _made.get(key)
        if services is None:
            services = _made[key] = _make(app_config)
        _made.move_to_end(key)
        if len(_made) > MAX_APPS:
            _release(*_made.popitem(last=False))
    return services


def _check(app_config: AppConfig) -> None:
    """Refuse arguments that can't be what they have to be.

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
    """Close what parts have opened, and say why there are so many."""
    logger.warning(
        "parts of %d Authenticators were made; if this is one app, an argument of it is made anew "
        "at every run: make it once, in a module of its own",
        MAX_APPS + 1,
    )
    if is_ours(services.database.engine):
        services.database.engine.dispose()


def _make(app_config: AppConfig) -> Services:
    settings = app_config.settings or read_settings()
    if settings.debug_auth:
        _log_everything()
    source = app_config.database
    engine = find_engine(settings.database_url if source is None else source)
    keys = open_key_ring(settings, engine.url)
    hasher = PasswordHasher(settings.bcrypt_rounds, peppers=open_peppers(settings))
    database, users, tokens, event_store = _stores(app_config, settings, engine)
    _refuse_accounts_that_cannot_wait(users, settings)
    users_of_sessions: UserStore = users
    if settings.revalidate_seconds:
        users, users_of_sessions, tokens = _remembering(users, tokens, settings)
    lookup = _lookup(database, tokens, users_of_sessions)
    events = Events(event_store, clock=utc_now)
    purge = _purge(users, tokens, event_store, settings)
    events.connect(purge.purge_when_due)
    make_accounts, make_sessions = _makers(settings, purge, events)
    throttle = Throttle(tokens, events, clock=utc_now)
    mails = _mails(app_config.mailer, settings, events)
    policy = PasswordPolicy(min_length=settings.password_min_length, app_name=settings.app_name)
    passwords = PasswordChecks(users, hasher=hasher, events=events, clock=utc_now)
    accounts = make_accounts(
        users,
        passwords=passwords,
        policy=policy,
        throttle=throttle,
        events=events,
        clock=utc_now,
    )
    password_changes = PasswordChanges(
        accounts, users, tokens, passwords=passwords, policy=policy, mails=mails, events=events
    )
    lifetime = _lifetime(settings)
    sessions = make_sessions(
        tokens,
        users_of_sessions,
        TokenSigner(keys, audience=settings.cookie_name, clock=utc_now),
        events,
        lookup=lookup,
        lifetime=lifetime,
        max_per_user=settings.max_sessions,
        email_claim="email" in settings.token_claims,
        clock=utc_now,
    )
    cookies = Cookies.below(
        base_path(),
        name=settings.cookie_name,
        embedded=settings.embedded,
    )
    links = Links(tokens, users, clock=utc_now)
    resets = Resets(
        accounts, password_changes, links, throttle=throttle, mails=mails, events=events
    )
    leases = LeaseLock(tokens, clock=utc_now, wait=sleep)
    user_admin = UserAdmin(users, tokens, resets, events, leases=leases)
    confirmations = Confirmations(
        accounts,
        users,
        tokens,
        links,
        user_admin=user_admin,
        throttle=throttle,
        mails=mails,
        events=events,
    )
    invitations = Invitations(
        accounts, password_changes, users, links, mails=mails, events=events, clock=utc_now
    )
    return Services(
        settings=settings,
        database=database,
        users=users,
        tokens=tokens,
        accounts=accounts,
        password_changes=password_changes,
        user_admin=user_admin,
        registrations=Registrations(
            accounts,
            users,
            confirmations,
            invitations,
            throttle=throttle,
            mails=mails,
            events=events,
            must_confirm=_confirmation_rule(settings, accounts, mails),
        ),
        confirmations=confirmations,
        invitations=invitations,
        imports=Imports(users, hasher=hasher, events=events, clock=utc_now),
        links=links,
        resets=resets,
        mails=mails,
        policy=policy,
        sessions=sessions,
        session_queries=SessionQueries(tokens, lifetime=lifetime, clock=utc_now),
        url_tokens=UrlTokens(tokens, sessions, events, clock=utc_now),
        purge=purge,
        events=events,
        event_log=EventLog(event_store),
        cookies=cookies,
        cache=NamedCaches(cookies, clock=utc_now).find(app_config.cache),
        clock=utc_now,
        identity=_identity(app_config, engine, cookies),
    )


def _identity(app_config: AppConfig, engine: Engine, cookies: Cookies) -> int:
    """Return the hash of what two `Authenticator`s share that are one app: stores and cookies.

    Stores that can't be compared are taken for the same where they are of one class: an app may
    make one at each run.
    """
    stores = (
        store if type(store).__eq__ is not object.__eq__ else type(store)
        for store in (app_config.users, app_config.tokens)
    )
    return hash((cookies.name, engine.url if is_ours(engine) else engine, *stores))


def _makers(
    settings: AuthSettings, purge: Purge, events: Events
) -> tuple[Callable[..., Accounts], Callable[..., Sessions]]:
    """Return what makes accounts and sessions: with instruments where they are asked for."""
    if not settings.metrics:
        return Accounts, Sessions
    from streamlit_persistauth.wiring.metrics import (
        MeasuredAccounts,
        MeasuredSessions,
        open_metrics,
    )

    counted = open_metrics().watch(settings.cookie_name, purge)
    events.connect(counted.count_event)
    return partial(MeasuredAccounts, counted=counted), partial(MeasuredSessions, counted=counted)


def _mails(mailer: Mailer | None, settings: AuthSettings, events: Events) -> Mails:
    """Return what writes to people: by the app's own mailer, or by the mail server that is set."""
    if mailer is None and settings.smtp_url is not None:
        if settings.mail_from is None:
            raise ConfigError("PERSISTAUTH_MAIL_FROM", "it is needed with PERSISTAUTH_SMTP_URL.")
        mailer = SMTPMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    url = settings.public_url
    return Mails(
        mailer,
        events,
        post=MailQueue().post,
        public_url=str(url).rstrip("/") if url else None,
        app_name=settings.app_name,
        language=ENGLISH if settings.language == "browser" else settings.language,
    )


def _confirmation_rule(
    settings: AuthSettings, accounts: Accounts, mails: Mails
) -> Callable[[], bool]:
    """Return what tells whether the next address to be registered has to be proven."""
    if not settings.email_verification:
        return lambda: False
    if not mails.can_link:
        raise ConfigError(
            "PERSISTAUTH_EMAIL_VERIFICATION",
            "it needs mail: set PERSISTAUTH_SMTP_URL or pass a mailer, and set "
            "PERSISTAUTH_PUBLIC_URL.",
        )
    # Whoever installs an app makes its first account, which must not wait for a stranger's.
    return lambda: settings.registration != "first" or not accounts.is_empty()


def _lifetime(settings: AuthSettings) -> Lifetime:
    renewal = timedelta(days=settings.refresh_token_expiry_days)
    idle = timedelta(minutes=settings.idle_timeout_minutes)
    return Lifetime(
        access=timedelta(hours=settings.token_expiry_hours),
        renewal=renewal if settings.renewal else None,
        idle=idle or None,
    )


def _stores(
    app_config: AppConfig, settings: AuthSettings, engine: Engine
) -> tuple[Database, UserStore, TokenStore, EventStore]:
    """Return the database and the stores. What isn't kept elsewhere is kept in the database."""
    users = app_config.users
    database = Database(engine, tables=ALL if users is None else WITHOUT_USERS)
    tokens = settings.token_store_url if app_config.tokens is None else app_config.tokens
    return (
        database,
        SQLUserStore(database) if users is None else users,
        SQLTokenStore(database) if tokens is None else open_token_store(tokens),
        SQLEventStore(database),
    )


def _lookup(database: Database, tokens: TokenStore, users: UserStore) -> Lookup:
    """Return what finds a sign-in with its account; by one statement where both are in there."""
    stores = (tokens, users)
    if all(getattr(store, "database", None) is database for store in stores):
        return JoinedLookup(database)
    return SplitLookup(*stores)


def _refuse_accounts_that_cannot_wait(users: UserStore, settings: AuthSettings) -> None:
    """Refuse a table of an app's own that can't say that an account waits for something."""
    wait = settings.email_verification or settings.registration == "invited"
    if wait and isinstance(users, SQLUserStore) and not users.has("pending"):
        raise ConfigError(
            "users",
            "accounts that wait for a proof or an invitation need a column: name one for "
            '"pending" in SQLUserStore(columns=...).',
        )


def open_token_store(tokens: TokenStore | str) -> TokenStore:
    """Return a store of sign-ins, also by its URL.

    Raises:
        ConfigError: The URL can't be read, or its driver isn't installed.
    """
    if not isinstance(tokens, str):
        return tokens
    if tokens == "memory://":
        return MemoryTokenStore()
    if tokens.startswith(("redis://", "rediss://", "unix://")):
        return _redis_store(tokens)
    setting = "PERSISTAUTH_TOKEN_STORE_URL"
    return SQLTokenStore(Database(open_engine(tokens, setting), tables=WITHOUT_USERS))


def _remembering(
    users: UserStore, tokens: TokenStore, settings: AuthSettings
) -> tuple[UserStore, UserStore, TokenStore]:
    """Return the accounts, the accounts as pages may see them, and the sign-ins."""
    lifetime = timedelta(seconds=settings.revalidate_seconds)
    answers = TTLCache[UserRecord](lifetime, clock=utc_now)
    return (
        InvalidatingUserStore(users, answers),
        CachingUserStore(users, answers),
        CachingTokenStore(tokens, lifetime, clock=utc_now),
    )


def _purge(
    users: UserStore, tokens: TokenStore, events: EventStore, settings: AuthSettings
) -> Purge:
    rules = Rules(
        interval=timedelta(hours=settings.auto_purge_hours) or None,
        events=timedelta(days=settings.event_retention_days) or None,
    )
    return Purge(users, tokens, events, rules=rules, post=_post_aside, clock=utc_now)


def _post_aside(job: Callable[[], None]) -> None:
    """Run a job on a thread that keeps no process from ending."""
    Thread(target=job, name="persistauth-purge", daemon=True).start()


def _redis_store(url: str) -> TokenStore:
    try:
        from streamlit_persistauth.stores.redis import RedisTokenStore, open_redis
    except ImportError:
        raise ConfigError(
            "PERSISTAUTH_TOKEN_STORE_URL",
            "redis is not installed; try pip install 'streamlit-persistauth[redis]'.",
        ) from None
    return RedisTokenStore(open_redis(url))


def _log_everything() -> None:
    """Let the log show every event, also where the app has set up no logging."""
    logger.setLevel(logging.DEBUG)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
