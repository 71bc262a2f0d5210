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
from streamlit_persistauth.testing.rows import session_record
from streamlit_persistauth.wiring import services
from streamlit_persistauth.wiring.services import MAX_APPS, AppConfig, Services, services_for

pytestmark = pytest.mark.usefixtures("clean_machine")


class CountedUserStore(MemoryUserStore):
    """A store of an app's own that knows how many accounts it has."""

    def __len__(self) -> int:
        """Return how many."""
        return len(self._records)


class CountedTokenStore(MemoryTokenStore):
    """A store of an app's own that knows how many records it has."""

    def __len__(self) -> int:
        """Return how many."""
        return len(self._records)


def test_made_once() -> None:
    """The same arguments find the same parts; another database has others."""
    assert services_for(AppConfig("sqlite:///a.db")) is services_for(AppConfig("sqlite:///a.db"))
    assert services_for(AppConfig("sqlite:///a.db")) is not services_for(
        AppConfig("sqlite:///b.db")
    )


def test_opens_no_database(clean_machine: Path) -> None:
    """Making the parts opens no database."""
    services_for(AppConfig("sqlite:///a.db"))
    assert [path.name for path in clean_machine.iterdir()] == ["a.key"]


def test_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another environment is another app."""
    first = services_for(AppConfig())
    monkeypatch.setenv("PERSISTAUTH_COOKIE_NAME", "other")
    assert services_for(AppConfig()) is not first
    monkeypatch.delenv("PERSISTAUTH_COOKIE_NAME")
    assert services_for(AppConfig()) is first


def test_folder_counts(monkeypatch: pytest.MonkeyPatch, clean_machine: Path) -> None:
    """Another working directory is another app: its `.env` and its database are others."""
    first = services_for(AppConfig())
    (clean_machine / "other").mkdir()
    monkeypatch.chdir(clean_machine / "other")
    assert services_for(AppConfig()) is not first


def test_settings_count() -> None:
    """Equal settings share their parts."""
    settings = AuthSettings(cookie_name="a")
    first = services_for(AppConfig(settings=settings))
    assert services_for(AppConfig(settings=AuthSettings(cookie_name="a"))) is first
    assert services_for(AppConfig(settings=AuthSettings(cookie_name="b"))) is not first


def test_error_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a mended setting the next call works."""
    monkeypatch.setenv("JWT_SECRET_KEY", "weak")
    with pytest.raises(ConfigError):
        services_for(AppConfig())
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    assert services_for(AppConfig())


def test_only_so_many() -> None:
    """A process keeps the parts of so many apps, those asked for latest."""
    made = [services_for(AppConfig(f"sqlite:///{number}.db")) for number in range(MAX_APPS)]
    assert services_for(AppConfig("sqlite:///0.db")) is made[0]
    services_for(AppConfig("sqlite:///one-more.db"))
    assert len(services._made) == MAX_APPS
    assert services_for(AppConfig("sqlite:///0.db")) is made[0]
    assert services_for(AppConfig("sqlite:///1.db")) is not made[1]


def test_arguments_made_at_each_run(caplog: pytest.LogCaptureFixture) -> None:
    """Where the arguments are new at each run, the log says what to do, and connections close."""
    first = services_for(AppConfig(users=MemoryUserStore()))
    first.database.create_tables()
    pool = first.database.engine.pool
    for _ in range(MAX_APPS):
        services_for(AppConfig(users=MemoryUserStore()))
    assert "in a module of its own" in caplog.text
    assert first.database.engine.pool is not pool


def test_equal_arguments() -> None:
    """What says the same is the same, though it is made anew at each run."""

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
def test_accounts_that_cannot_wait(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table without a column for what accounts wait for is refused where they have to."""
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
    """A URL that names no driver means the one that comes with the library."""
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
    ("oracle://ada@host/db", "oracledb", "oracledb is not installed; install it.", ""),
]


@pytest.mark.parametrize(("url", "driver", "says", "ends"), MISSING)
def test_driver_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str, says: str, ends: str
) -> None:
    """A missing driver is named with what to do, which fits what the URL says."""
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(url))
    assert f"the driver {says}" in str(caught.value)
    assert ends in str(caught.value)
    assert ("name no driver" in says) == ("name no driver" in str(caught.value))


def test_sign_ins_by_another_engine() -> None:
    """Sign-ins may be in a database that is reached by an app's own engine."""
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
    """What a Streamlit SQL connection offers."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine."""
        self.engine = engine


@pytest.mark.parametrize("database", [5, 5.0, ("sqlite://",), object()])
def test_odd_database(database: object) -> None:
    """What is no database is refused in one sentence."""
    with pytest.raises(ConfigError, match="Streamlit SQL connection"):
        services_for(AppConfig(database))  # type: ignore[arg-type]


def test_default_stores() -> None:
    """Accounts and sign-ins are kept in the database, credentials in a cookie."""
    made = services_for(AppConfig())
    assert isinstance(made.users, SQLUserStore)
    assert isinstance(made.tokens, SQLTokenStore)
    assert isinstance(made.cache, CookieCache)


def test_own_stores() -> None:
    """Stores of an app's own are used."""
    users, tokens = MemoryUserStore(), MemoryTokenStore()
    made = services_for(AppConfig(users=users, tokens=tokens))
    assert (made.users, made.tokens) == (users, tokens)


def test_own_stores_that_are_empty() -> None:
    """Stores of an app's own are used also while they are empty and have a length."""
    users, tokens = CountedUserStore(), CountedTokenStore()
    made = services_for(AppConfig(users=users, tokens=tokens))
    assert made.users is users
    assert made.tokens is tokens


def test_own_users_alone() -> None:
    """Sign-ins of an app's own users are in the database, which has no table of users then."""
    made = services_for(AppConfig("sqlite:///a.db", users=MemoryUserStore()))
    assert isinstance(made.tokens, SQLTokenStore)
    user = made.accounts.register(EMAIL, PASSWORD).user
    made.tokens.put(session_record(user.id))
    tables = inspect(made.database.engine).get_table_names()
    assert "auth_tokens" in tables
    assert "users" not in tables


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "rediss://:secret@127.0.0.1:1"])
def test_redis(url: str) -> None:
    """A URL of a Redis is enough, and nothing is opened."""
    assert isinstance(services_for(AppConfig(tokens=url)).tokens, RedisTokenStore)


def test_redis_that_is_none() -> None:
    """A URL that can't be read is refused without repeating it."""
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(tokens="redis://:canary@host:port"))
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"
    assert "canary" not in str(caught.value)


def test_sign_ins_in_another_database(clean_machine: Path) -> None:
    """Sign-ins may have a database of their own, which has no table of users."""
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


def test_rereading() -> None:
    """With PERSISTAUTH_REVALIDATE_SECONDS sessions are cached, and changes drop them."""
    made = services_for(AppConfig(settings=AuthSettings(revalidate_seconds=5)))
    assert isinstance(made.sessions._lookup, CachingLookup)
    assert isinstance(made.tokens, InvalidatingTokenStore)
    assert isinstance(made.users, InvalidatingUserStore)


def test_token_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign-ins are kept where the argument or the setting says."""
    assert isinstance(services_for(AppConfig(tokens="memory://")).tokens, MemoryTokenStore)
    monkeypatch.setenv("PERSISTAUTH_TOKEN_STORE_URL", "memory://")
    assert isinstance(services_for(AppConfig()).tokens, MemoryTokenStore)


def test_unknown_token_store() -> None:
    """A place that is none is refused without repeating it."""
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig(tokens="unknown://:canary@host"))
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"
    assert "canary" not in str(caught.value)


def test_caches() -> None:
    """A cache has a name, or is one."""
    assert isinstance(services_for(AppConfig(cache="session")).cache, SessionCache)
    assert isinstance(services_for(AppConfig(cache="cookie")).cache, CookieCache)
    several = services_for(AppConfig(cache=("session", "cookie"))).cache
    assert isinstance(several, ChainCache)
    own = SessionCache()
    assert services_for(AppConfig(cache=own)).cache is own
    with pytest.raises(ConfigError, match="cache"):
        services_for(AppConfig(cache="nonsense"))


def write_secrets(folder: Path, text: str) -> None:
    """Write the app's `secrets.toml`."""
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
    """Settings are read from the section `persistauth` of the app's secrets."""
    write_secrets(clean_machine, '[persistauth]\npersistauth_cookie_name = "from-secrets"\n')
    assert services_for(AppConfig()).settings.cookie_name == "from-secrets"


@pytest.mark.usefixtures("fresh_secrets")
def test_other_streamlit_secrets(clean_machine: Path) -> None:
    """Secrets of other things are left alone."""
    write_secrets(clean_machine, 'other = "x"\n')
    assert services_for(AppConfig()).settings.cookie_name == "persistauth"


@pytest.mark.usefixtures("fresh_secrets")
def test_secret_that_is_no_section(clean_machine: Path) -> None:
    """A secret `persistauth` that is no section is refused without repeating it."""
    write_secrets(clean_machine, 'persistauth = "canary"\n')
    with pytest.raises(ConfigError) as caught:
        services_for(AppConfig())
    assert "canary" not in str(caught.value)


def test_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEBUG_AUTH lets the log show every event."""
    logger = logging.getLogger("streamlit_persistauth")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    monkeypatch.setattr(logger, "handlers", [])
    services_for(AppConfig(settings=AuthSettings(debug_auth=True)))
    assert logger.level == logging.DEBUG
    assert logger.hasHandlers()


def test_parts_are_what_the_settings_say() -> None:
    """Cost, length and lifetime come from the settings."""
    settings = AuthSettings(bcrypt_rounds=4, password_min_length=15, token_expiry_hours=0.5)
    made: Services = services_for(AppConfig("sqlite://", settings=settings))
    stored = made.accounts.register("ada@example.com", "plum-kettle-on-the-orbit")
    assert ",r=4$" in stored.password_hash
    from streamlit_persistauth.models import Client

    session = made.sessions.start(stored, remember=True, client=Client())
    assert (session.expires_at - session.created_at).total_seconds() == 1800
    with pytest.raises(Exception, match="15 characters"):
        made.accounts.register("bob@example.com", "x" * 14)
