"""Opens engines by URL, and finds those of an app."""

import math
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import Any, Final, Protocol
from weakref import WeakSet

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.stores.faults import STORE_TIMEOUT_SECONDS
from streamlit_persistauth.stores.sql.deadlines import limit_connecting, watch
from streamlit_persistauth.stores.sql.poolers import without_prepared_statements

RECYCLE_SECONDS: Final = 1800
"""How long a connection is used at most; MySQL closes idle ones after eight hours."""
PING_AFTER_SECONDS: Final = 1.0
"""A connection is tested before use if it was idle for longer than this."""


DRIVERS: Final = {
    "postgres": "postgresql+psycopg",  # as many hosting services write it
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The driver for a URL that names none: the one that the extra installs."""
EXTRAS: Final = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
"""The extra that installs the driver of each database."""


class HasEngine(Protocol):
    """An object with an engine, such as a Streamlit SQL connection."""

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine."""
        ...


def find_engine(
    database: str | Engine | HasEngine, timeout_seconds: float = STORE_TIMEOUT_SECONDS
) -> Engine:
    """Return the engine for a URL, an engine or a Streamlit SQL connection.

    Args:
        database: One of these.
        timeout_seconds: How long it may take to get a connection, for a URL.

    Raises:
        ConfigError: The argument has another type, or the URL is invalid.
    """
    if isinstance(database, Engine):
        return database
    if isinstance(database, str):
        return open_engine(database, timeout_seconds=timeout_seconds)
    engine = getattr(database, "engine", None)
    if isinstance(engine, Engine):
        return engine
    raise ConfigError(
        "database", "a URL, an SQLAlchemy Engine or a Streamlit SQL connection is expected."
    )


def is_ours(engine: Engine) -> bool:
    """Return whether `open_engine` opened an engine, for a file or a server."""
    return engine in _opened


def is_autocommit(engine: Engine) -> bool:
    """Return whether connections of an engine open no transaction by themselves."""
    return is_ours(engine) and engine.dialect.name != "sqlite"


def open_engine(
    url: str,
    setting: str = "PERSISTAUTH_DATABASE_URL",
    *,
    timeout_seconds: float = STORE_TIMEOUT_SECONDS,
) -> Engine:
    """Return an engine for a database URL; no connection is opened yet.

    Args:
        url: A URL of SQLAlchemy.
        setting: The setting that an error names.
        timeout_seconds: How long it may take to get a connection, and with SQLite to get a lock.

    Raises:
        ConfigError: The URL is invalid, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in DRIVERS:
            parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
        is_file = parsed.get_backend_name() == "sqlite"
        if is_file:
            return _open_sqlite(parsed, timeout_seconds)
        return _open_server(parsed, setting, timeout_seconds)
    except NoSuchModuleError:
        raise ConfigError(setting, "no driver is known for this kind of database.") from None
    except (ArgumentError, ValueError):
        raise ConfigError(
            setting, "a database URL such as sqlite:///persistauth.db is expected."
        ) from None
    except ImportError as error:
        raise ConfigError(setting, _missing_driver(url, error)) from None


def _missing_driver(url: str, error: ImportError) -> str:
    """Return a sentence about the missing driver and how to install it."""
    backend, _, named = make_url(url).drivername.partition("+")
    extra = EXTRAS.get(backend)
    if extra is None:
        remedy = "install it"
    else:
        remedy = f"run pip install 'streamlit-persistauth[{extra}]'"
        if named and f"{backend}+{named}" not in DRIVERS.values():
            remedy = f"name no driver, as in {backend}://, and {remedy}"
    return f"the driver {error.name or named} is not installed; {remedy}."


_opened: WeakSet[Engine] = WeakSet()


def _forget_connections() -> None:
    """Drop the connections of the parent process; sharing them would mix up the results."""
    for engine in _opened:
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)


def _libpq_options(seconds: float) -> dict[str, int]:
    """Return options of libpq, which also close a connection whose other end is gone."""
    return {
        "connect_timeout": math.ceil(seconds),
        "tcp_user_timeout": math.ceil(seconds * 1000),
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


CONNECT_OPTIONS: Final[dict[str, Callable[[float], dict[str, int]]]] = {
    "psycopg": _libpq_options,
    "psycopg2": _libpq_options,
    "pymysql": lambda seconds: {
        "connect_timeout": math.ceil(seconds),
        "read_timeout": math.ceil(seconds),
    },
    "mysqldb": lambda seconds: {"connect_timeout": math.ceil(seconds)},
    "mariadbconnector": lambda seconds: {"connect_timeout": math.ceil(seconds)},
}
"""The options by which a driver gives up connecting, by its name; those of a URL come first."""


def _connect_options(url: URL, seconds: float) -> dict[str, int]:
    """Return the options of a driver that a URL does not set itself."""
    options_of = CONNECT_OPTIONS.get(url.get_driver_name())
    options = options_of(seconds) if options_of else {}
    return {name: value for name, value in options.items() if name not in url.query}


def _open_server(url: URL, setting: str, timeout_seconds: float) -> Engine:
    """Return an engine whose connections survive a restart of the server, and a fork."""
    url, options = without_prepared_statements(url, setting)
    # Most reads and writes are one statement, which needs no transaction. To change the isolation
    # level or to end a transaction takes MySQL a round trip each.
    engine = create_engine(
        url,
        connect_args=_connect_options(url, timeout_seconds) | options,
        isolation_level="AUTOCOMMIT",
        pool_recycle=RECYCLE_SECONDS,
        pool_reset_on_return=None,
        pool_timeout=timeout_seconds,
    )
    _opened.add(engine)
    watch(engine)
    limit_connecting(engine)
    if url.get_driver_name() == "pymysql" and "read_timeout" not in url.query:
        event.listen(engine, "connect", _read_without_limit)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql)

    def note(_connection: object, record: Any) -> None:  # noqa: ANN401 - of SQLAlchemy's pool
        record.info["returned"] = time.monotonic()

    def ping(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - of any driver
        returned = record.info.get("returned")
        if returned is None or time.monotonic() - returned < PING_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    # pool_pre_ping of SQLAlchemy tests at every use, which takes as long as the query itself.
    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", ping)
    return engine


def _read_without_limit(connection: Any, _record: object) -> None:  # noqa: ANN401 - of PyMySQL
    """Limit reads by the deadlines of calls alone: to upgrade tables may take minutes."""
    connection._read_timeout = None  # noqa: SLF001 - PyMySQL limits the handshake by it too


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    """Read and write times without a zone, in existing tables of an app, as UTC."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")


def _open_sqlite(url: URL, timeout_seconds: float) -> Engine:
    """Return an engine for SQLite with WAL, a busy timeout and enforced foreign keys."""
    if url.database in {None, "", ":memory:"}:
        # One connection for all threads, because each further one would open an empty database.
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            pool_timeout=timeout_seconds,
            connect_args={"check_same_thread": False},
        )
    else:
        engine = create_engine(url, pool_timeout=timeout_seconds)
        _opened.add(engine)
    if "timeout" not in url.query:
        event.listen(engine, "connect", partial(_set_busy_timeout, timeout_seconds))
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _set_busy_timeout(seconds: float, connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    connection.execute(f"PRAGMA busy_timeout = {math.ceil(seconds * 1000)}")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # The mode is stored in the file. If it can't be set now, another process is setting it, or the
    # file is read-only.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
