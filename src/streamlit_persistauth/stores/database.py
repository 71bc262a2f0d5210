"""One database: its engine, its tables, and what its faults are called."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.schema import create_missing

logger = logging.getLogger("streamlit_persistauth")

BUSY_TIMEOUT_MILLISECONDS: Final = 5000
RECYCLE_SECONDS: Final = 1800
FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError)
"""What a database that fails raises; the last two for a row that can't be read."""


class Database:
    """Connections to one database, and the tables in it, made at first use."""

    def __init__(self, engine: Engine) -> None:
        """Use an engine; nothing is opened yet."""
        self.engine = engine
        self._reader = _reader(engine)
        self._created = False
        self._lock = Lock()

    def first(self, query: Select[Any], parameters: dict[str, str]) -> Row[Any] | None:
        """Return the first row of a query, or None.

        No text of ours has a NUL, and PostgreSQL refuses to look for one.

        Raises:
            StoreError: The database did not answer.
        """
        if any("\0" in value for value in parameters.values()):
            return None
        try:
            self.create_tables()
            with self._reader.connect() as connection:
                return connection.execute(query, parameters).first()
        except FAULTS as error:
            raise _told(error) from None

    def all(self, query: Select[Any], parameters: dict[str, Any]) -> Sequence[Row[Any]]:
        """Return all rows of a query.

        Raises:
            StoreError: The database did not answer.
        """
        try:
            self.create_tables()
            with self._reader.connect() as connection:
                return connection.execute(query, parameters).all()
        except FAULTS as error:
            raise _told(error) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that commits at the end, or not at all.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        try:
            self.create_tables()
            with self.engine.begin() as connection:
                yield connection
        except FAULTS as error:
            raise _told(error) from None

    def create_tables(self) -> None:
        """Create the tables that are not there yet; safe for several processes at once.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        if self._created:
            return
        try:
            self._create_once()
        except FAULTS as error:
            raise _told(error) from None

    def _create_once(self) -> None:
        with self._lock:
            if not self._created:
                create_missing(self.engine)
                self._created = True


def open_engine(url: str) -> Engine:
    """Return an engine for a database URL; nothing is connected yet.

    Raises:
        ConfigError: The URL can't be read, or its driver isn't installed.
    """
    setting = "PERSISTAUTH_DATABASE_URL"
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        return create_engine(parsed, pool_pre_ping=True, pool_recycle=RECYCLE_SECONDS)
    except NoSuchModuleError:
        raise ConfigError(setting, "no driver is known for this kind of database.") from None
    except (ArgumentError, ValueError):
        raise ConfigError(
            setting, "this is no database URL; one looks like sqlite:///persistauth.db."
        ) from None
    except ImportError as error:
        raise ConfigError(
            setting,
            f"the driver {error.name} is not installed; try "
            "pip install 'streamlit-persistauth[all]'.",
        ) from None


def _open_sqlite(url: str) -> Engine:
    """Return an engine for SQLite: WAL, a busy timeout, and foreign keys that count."""
    if make_url(url).database in {None, "", ":memory:"}:
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
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _reader(engine: Engine) -> Engine:
    """Return an engine whose connections open no transaction for a query.

    SQLite's driver opens none by itself; the others would send BEGIN and ROLLBACK around each.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _told(error: Exception) -> StoreError:
    """Log what an operator needs to know of a fault, and return what a page may know."""
    logger.error("the database did not answer: %s", _describe(error))
    return StoreError("Sign-in is unavailable right now. Please try again later.")


def _describe(error: Exception) -> str:
    """Return the kind of a fault, and its first line where that can hold no stored value."""
    cause = getattr(error, "orig", None) or error
    kind = type(cause).__name__
    if not isinstance(error, (OperationalError, sqlite3.OperationalError, OSError)):
        return kind
    return f"{kind}: {str(cause).partition(chr(10))[0]!a}"
