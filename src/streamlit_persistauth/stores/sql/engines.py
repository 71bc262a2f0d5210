"""Engines: opened by a URL, or an app's own."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from typing import Any, Final, Protocol
from weakref import WeakSet

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from streamlit_persistauth.errors import ConfigError

BUSY_TIMEOUT_MILLISECONDS: Final = 5000
RECYCLE_SECONDS: Final = 1800
"""How old a connection gets: less than the eight hours after which MySQL hangs up."""
PING_AFTER_SECONDS: Final = 1.0
"""A connection that was in use so lately is not asked whether it still stands."""


DRIVERS: Final = {
    "postgres": "postgresql+psycopg",  # as hosts of databases write it
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""What a URL means that names no driver: the ones that the extras bring."""
EXTRAS: Final = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
"""Which extra brings the driver for a kind of database."""


class HasEngine(Protocol):
    """What a Streamlit SQL connection offers."""

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine behind it."""
        ...


def find_engine(database: str | Engine | HasEngine) -> Engine:
    """Return the engine behind a URL, an engine or a Streamlit SQL connection.

    Raises:
        ConfigError: It is none of these, or the URL can't be used.
    """
    if isinstance(database, Engine):
        return database
    if isinstance(database, str):
        return open_engine(database)
    engine = getattr(database, "engine", None)
    if isinstance(engine, Engine):
        return engine
    raise ConfigError(
        "database", "a URL, an SQLAlchemy Engine or a Streamlit SQL connection is expected."
    )


def is_ours(engine: Engine) -> bool:
    """Return whether an engine was opened here, by a URL of a file or a server."""
    return engine in _opened


def is_autocommit(engine: Engine) -> bool:
    """Return whether connections of an engine open no transaction unless they are told to."""
    return is_ours(engine) and engine.dialect.name != "sqlite"


def open_engine(url: str, setting: str = "PERSISTAUTH_DATABASE_URL") -> Engine:
    """Return an engine for a database URL; nothing is connected yet.

    Args:
        url: By the rules of SQLAlchemy.
        setting: What to name where it can't be used.

    Raises:
        ConfigError: The URL can't be read, or its driver isn't installed.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in DRIVERS:
            parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
        is_file = parsed.get_backend_name() == "sqlite"
        return _open_sqlite(parsed) if is_file else _open_server(parsed)
    except NoSuchModuleError:
        raise ConfigError(setting, "no driver is known for this kind of database.") from None
    except (ArgumentError, ValueError):
        raise ConfigError(
            setting, "this is no database URL; one looks like sqlite:///persistauth.db."
        ) from None
    except ImportError as error:
        raise ConfigError(setting, _missing_driver(url, error)) from None


def _missing_driver(url: str, error: ImportError) -> str:
    """Return which driver is missing, and what to do for a database with this URL."""
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
    """Leave the connections of the parent process to it: both would read one answer."""
    for engine in _opened:
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)


def _open_server(url: URL) -> Engine:
    """Return an engine whose connections survive a restart of the server, and a fork."""
    # Most of what we ask is one statement, which needs no transaction, and so no end of one either:
    # to switch or to end it is a question to MySQL each time.
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_recycle=RECYCLE_SECONDS,
        pool_reset_on_return=None,
    )
    _opened.add(engine)
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

    # SQLAlchemy's own pool_pre_ping asks at every use, which is as slow as the question itself.
    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", ping)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    """Have times without a zone, in tables that were there before, read and written in UTC."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")


def _open_sqlite(url: URL) -> Engine:
    """Return an engine for SQLite: WAL, a busy timeout, and foreign keys that count."""
    if url.database in {None, "", ":memory:"}:
        # One connection for all threads: each further one would be an empty database.
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            connect_args={"check_same_thread": False},
        )
    else:
        engine = create_engine(url)
        _opened.add(engine)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    # It stays with the file. Where it can't be set now, another process is setting it, or the file
    # can only be read.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()
