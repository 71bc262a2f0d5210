import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import Engine, create_engine, inspect
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.forgery import KEY

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.caches.chain import ChainCache
from streamlit_persistauth.caches.cookie import CookieCache
from streamlit_persistauth.caches.session import SessionCache
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.mail.console import ConsoleMailer
from streamlit_persistauth.mail.smtp import SMTPMailer
from streamlit_persistauth.stores.caching import (
    CachingLookup,
    InvalidatingTokenStore,
    InvalidatingUserStore,
)
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.testing.rows import session_record
from streamlit_persistauth.wiring import services
from streamlit_persistauth.wiring.services import MAX_APPS, AppConfig, Services, services_for

pytestmark = pytest.mark.usefixtures("clean_machine")


class CountedUserStore(MemoryUserStore):
    """A store of the app that has a length."""

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self._records)


class CountedTokenStore(MemoryTokenStore):
    """A store of the app that has a length."""

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._records)


def test_built_once() -> None:
    """Equal arguments return the same services; another database has its own."""
    assert services_for(AppConfig("sqlite:///a.db")) is services_for(AppConfig("sqlite:///a.db"))
    assert services_for(AppConfig("sqlite:///a.db")) is not services_for(
        AppConfig("sqlite:///b.db")
    )


def test_opens_no_database(clean_machine: Path) -> None:
    """Building the services opens no database."""
    services_for(AppConfig("sqlite:///a.db"))
    assert [path.name for path in clean_machine.iterdir()] == ["a.key"]


def test_another_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another environment has services of its own."""
    first = services_for(AppConfig())
    monkeypatch.setenv("PERSISTAUTH_COOKIE_NAME", "other")
    assert services_for(AppConfig()) is not first
    monkeypatch.delenv("PERSISTAUTH_COOKIE_NAME")
    assert services_for(AppConfig()) is first


def test_another_folder(monkeypatch: pytest.MonkeyPatch, clean_machine: Path) -> None:
    """Another working directory has services of its own, because `.env` and database differ."""
    first = services_for(AppConfig())
    (clean_machine / "other").mkdir()
    monkeypatch.chdir(clean_machine / "other")
    assert services_for(AppConfig()) is not first


def test_equal_settings() -> None:
    """Equal settings share their services."""
    settings = AuthSettings(cookie_name="a")
    first = services_for(AppConfig(settings=settings))
    assert services_for(AppConfig(settings=AuthSettings(cookie_name="a"))) is first
    assert services_for(AppConfig(settings=AuthSettings(cookie_name="b"))) is not first


def test_error_is_not_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a setting is corrected the next call succeeds."""
    monkeypatch.setenv("JWT_SECRET_KEY", "weak")
    with pytest.raises(ConfigError):
        services_for(AppConfig())
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    assert services_for(AppConfig())


def test_number_of_apps_is_bounded() -> None:
    """A process keeps the services of a limited number of apps, the most recently used ones."""
    made = [services_for(AppConfig(f"sqlite:///{number}.db")) for number in range(MAX_APPS)]
    assert services_for(AppConfig("sqlite:///0.db")) is made[0]
    services_for(AppConfig("sqlite:///one-more.db"))
    assert len(services._made) == MAX_APPS
    assert services_for(AppConfig("sqlite:///0.db")) is made[0]
    assert services_for(AppConfig("sqlite:///1.db")) is not made[1]


def test_new_arguments_at_each_run(caplog: pytest.LogCaptureFixture) -> None:
    """If the arguments are new at each run, a warning is logged, and old connections are closed."""
    first = services_for(AppConfig(users=MemoryUserStore()))
    first.database.create_tables()
    pool = first.database.engine.pool
    for _ in range(MAX_APPS):
        services_for(AppConfig(users=MemoryUserStore()))
    assert "in a module of its own" in caplog.text
    assert first.database.engine.pool is not pool


def test_equal_arguments() -> None:
    """Equal arguments return the same services, even if they are created at each run."""

    def run(sender: str) -> Services:
        users = SQLUserStore("sqlite:///a.db", table="members")
        tokens = SQLTokenStore("sqlite:///b.db")
        mailer = SMTPMailer("smtp://mail.example.com", sender)
        return services_for(AppConfig(users=users, tokens=tokens, mailer=mailer))

    assert run("a@example.com") is run("a@example.com")
    assert run("a@example.com") is not run("b@example.com")
    consoles = [services_for(AppConfig(mailer=ConsoleMailer())) for _ in range(2)]
    assert consoles[0] is consoles[1]


@pytest.mark.parametrize(
    "setting", ["PERSISTAUTH_EMAIL_VERIFICATION=on", "PERSISTAUTH_REGISTRATION=invited"]
)
def test_table_without_pending(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table without a column for pending accounts is refused where accounts can be pending."""
    monkeypatch.setenv(*setting.split("="))
    columns = {"pending": "waits_for"}
    with pytest.raises(ConfigError, match="pending"):
        services_for(AppConfig(users=SQLUserStore("sqlite:///a.db", table="members")))
    users = SQLUserStore("sqlite:///a.db", table="members", columns=columns)
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    assert services_for(AppConfig(users=users, mailer=ConsoleMailer()))


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://ada@host/db", "psycopg"),
        ("postgresql://ada@host/db", "psycopg"),
        ("mysql://ada@host/db", "pymysql"),
        ("mariadb://ada@host/db", "pymysql"),
        ("postgresql+psycopg://ada@host/db", "psycopg"),
    ],
)
def test_url_without_a_driver(url: str, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL without a driver uses the driver that the extra installs."""
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    assert services_for(AppConfig(url)).database.engine.dialect.driver == driver


MISSING = [
    ("postgresql://ada@host/db", "psycopg", "psycopg is not installed; run", "[postgres]'."),
    ("postgresql+psycopg://ada@host/db", "psycopg", "psycopg is not installed; run", "[postgres]'"),
    ("mariadb://ada@host/db", "pymysql", "pymysql is not installed; run", "[mysql]'."),
    (
        "postgresql+psycopg2://ada@host/db",
        "psycopg2",
        "psycopg2 is not installed; name no driver, as in postgresql://, and run",
        "[postgres]'.",
    ),
    ("oracle+oracledb://ada@host/db", "oracledb", "oracledb is not installed; install it.", ""),
]


@pytest.mark.parametrize(("url", "driver", "says", "ends"), MISSING)
def test_driver_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str, says: str, ends: str
) -> None:
    """The error about a missing driver says what to install, or what to change in the URL."""
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(url))
    assert f"the driver {says}" in str(caught.value)
    assert ends in str(caught.value)
    assert ("name no driver" in says) == ("name no driver" in str(caught.value))


def test_token_store_on_another_engine() -> None:
    """Sessions may be in a database that the app's own engine opens."""
    engine = create_engine("sqlite:///b.db")
    made = services_for(AppConfig("sqlite:///a.db", tokens=SQLTokenStore(engine)))
    assert isinstance(made.tokens, SQLTokenStore)
    assert made.tokens.database.engine is engine
    assert made.tokens.list_sessions("nobody") == []
    assert "users" not in inspect(engine).get_table_names()
    assert services_for(AppConfig("sqlite:///a.db", tokens=SQLTokenStore(engine))) is made


def test_engines_and_connections() -> None:
    """An engine, or a Streamlit SQL connection with one, is used as it is."""
    engine = create_engine("sqlite:///own.db")
    assert services_for(AppConfig(engine)).database.engine is engine
    connection = _Connection(engine)
    assert services_for(AppConfig(connection)).database.engine is engine
    engine.dispose()


class _Connection:
    """An object like a Streamlit SQL connection."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


@pytest.mark.parametrize("database", [5, 5.0, ("sqlite://",), object()])
def test_odd_database(database: object) -> None:
    """An argument that is not a database is refused in one sentence."""
    with pytest.raises(ConfigError, match="Streamlit SQL connection"):
        services_for(AppConfig(database))  # type: ignore[arg-type]


def test_default_stores() -> None:
    """By default accounts and sessions are in the database, credentials in a cookie."""
    made = services_for(AppConfig())
    assert isinstance(made.users, SQLUserStore)
    assert isinstance(made.tokens, SQLTokenStore)
    assert isinstance(made.cache, CookieCache)


def test_own_stores() -> None:
    """Stores of the app are used."""
    users, tokens = MemoryUserStore(), MemoryTokenStore()
    made = services_for(AppConfig(users=users, tokens=tokens))
    assert (made.users, made.tokens) == (users, tokens)


def test_empty_own_stores() -> None:
    """Stores of the app are used even if they are empty and have a length."""
    users, tokens = CountedUserStore(), CountedTokenStore()
    made = services_for(AppConfig(users=users, tokens=tokens))
    assert made.users is users
    assert made.tokens is tokens


def test_own_users_alone() -> None:
    """With the app's own users, sessions are in the database, which has no table of users."""
    made = services_for(AppConfig("sqlite:///a.db", users=MemoryUserStore()))
    assert isinstance(made.tokens, SQLTokenStore)
    user = made.accounts.register(EMAIL, PASSWORD).user
    made.tokens.put(session_record(user.id))
    tables = inspect(made.database.engine).get_table_names()
    assert "auth_tokens" in tables
    assert "users" not in tables


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "rediss://:secret@127.0.0.1:1"])
def test_redis(url: str) -> None:
    """A Redis URL is enough, and no connection is opened."""
    assert isinstance(services_for(AppConfig(tokens=url)).tokens, RedisTokenStore)


def test_malformed_redis_url() -> None:
    """The error about a malformed URL does not repeat it."""
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(tokens="redis://:canary@host:port"))
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"
    assert "canary" not in str(caught.value)


def test_token_store_in_another_database(clean_machine: Path) -> None:
    """Sessions may have a database of their own, which has no table of users."""
    made = services_for(AppConfig("sqlite:///a.db", tokens="sqlite:///b.db"))
    user = made.accounts.register(EMAIL, PASSWORD).user
    session = session_record(user.id)
    made.tokens.put(session)
    assert made.tokens.find_session(session.session_id) == session
    with closing(sqlite3.connect(clean_machine / "b.db")) as connection:
        assert connection.execute("SELECT count(*) FROM auth_tokens").fetchone() == (1,)


def test_streamlit_connection() -> None:
    """A Streamlit SQL connection is used by its engine."""
    connection = st.connection("accounts", type="sql", url="sqlite:///own.db")
    made = services_for(AppConfig(connection))
    assert made.database.engine is connection.engine
    assert made.users.is_empty()


def test_caching_of_sessions() -> None:
    """With PERSISTAUTH_REVALIDATE_SECONDS sessions are cached, and changes drop them."""
    made = services_for(AppConfig(settings=AuthSettings(revalidate_seconds=5)))
    assert isinstance(made.sessions.lookup, CachingLookup)
    assert isinstance(made.sessions.lookup._lookup, JoinedLookup)
    assert isinstance(made.tokens, InvalidatingTokenStore)
    assert isinstance(made.users, InvalidatingUserStore)


def test_token_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are in the store that the argument or the setting names."""
    assert isinstance(services_for(AppConfig(tokens="memory://")).tokens, MemoryTokenStore)
    monkeypatch.setenv("PERSISTAUTH_TOKEN_STORE_URL", "memory://")
    assert isinstance(services_for(AppConfig()).tokens, MemoryTokenStore)


def test_unknown_token_store() -> None:
    """The error about an unknown store does not repeat the URL."""
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(tokens="unknown://:canary@host"))
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"
    assert "canary" not in str(caught.value)


def test_caches() -> None:
    """A cache is given by name or as an object."""
    assert isinstance(services_for(AppConfig(cache="session")).cache, SessionCache)
    assert isinstance(services_for(AppConfig(cache="cookie")).cache, CookieCache)
    several = services_for(AppConfig(cache=("session", "cookie"))).cache
    assert isinstance(several, ChainCache)
    own = SessionCache()
    assert services_for(AppConfig(cache=own)).cache is own
    with pytest.raises(ConfigError, match="cache"):
        services_for(AppConfig(cache="nonsense"))


def write_secrets(folder: Path, text: str) -> None:
    """Write the `secrets.toml` of the app."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(text)


@pytest.fixture
def fresh_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Streamlit read the secrets of this folder, and forget them."""
    import streamlit as st
    from streamlit.runtime.secrets import Secrets

    monkeypatch.setattr(st, "secrets", Secrets())


@pytest.mark.usefixtures("fresh_secrets")
def test_streamlit_secrets(clean_machine: Path) -> None:
    """Settings are read from the section `persistauth` of the secrets."""
    write_secrets(clean_machine, '[persistauth]\npersistauth_cookie_name = "from-secrets"\n')
    assert services_for(AppConfig()).settings.cookie_name == "from-secrets"


@pytest.mark.usefixtures("fresh_secrets")
def test_other_streamlit_secrets(clean_machine: Path) -> None:
    """Other secrets are ignored."""
    write_secrets(clean_machine, 'other = "x"\n')
    assert services_for(AppConfig()).settings.cookie_name == "persistauth"


@pytest.mark.usefixtures("fresh_secrets")
def test_secret_instead_of_section(clean_machine: Path) -> None:
    """A secret `persistauth` that is not a section is refused without repeating it."""
    write_secrets(clean_machine, 'persistauth = "canary"\n')
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig())
    assert "canary" not in str(caught.value)


def test_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """With DEBUG_AUTH the log shows every event."""
    logger = logging.getLogger("streamlit_persistauth")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    monkeypatch.setattr(logger, "handlers", [])
    services_for(AppConfig(settings=AuthSettings(debug_auth=True)))
    assert logger.level == logging.DEBUG
    assert logger.hasHandlers()


def test_settings_are_applied() -> None:
    """Hash cost, password length and lifetime come from the settings."""
    settings = AuthSettings(bcrypt_rounds=4, password_min_length=15, token_expiry_hours=0.5)
    made: Services = services_for(AppConfig("sqlite://", settings=settings))
    stored = made.accounts.register("ada@example.com", "plum-kettle-on-the-orbit")
    assert ",r=4$" in stored.password_hash
    from streamlit_persistauth.models import Client

    session = made.sessions.start(stored, remember=True, client=Client())
    assert (session.expires_at - session.created_at).total_seconds() == 1800
    with pytest.raises(Exception, match="15 characters"):
        made.accounts.register("bob@example.com", "x" * 14)
