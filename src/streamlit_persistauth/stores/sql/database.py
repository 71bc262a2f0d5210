"""One database: its engine, its tables, and what its faults are called."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Executable, PoolProxiedConnection, Row, Select, Table
from sqlalchemy.exc import DBAPIError, NoSuchTableError, OperationalError, SQLAlchemyError

from streamlit_persistauth.stores.faults import unavailable
from streamlit_persistauth.stores.sql.accounts import MissingColumn
from streamlit_persistauth.stores.sql.dialects import exclusive, is_deadlock
from streamlit_persistauth.stores.sql.engines import is_autocommit
from streamlit_persistauth.stores.sql.file_watch import FileWatch
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.schema import LocalTimes, prepare
from streamlit_persistauth.stores.sql.tables import ALL, MYSQL

FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError)
"""What a database that fails raises; the last two for a row that can't be read."""
TELLING: Final = (
    OperationalError,
    sqlite3.OperationalError,
    OSError,
    NoSuchTableError,
    MissingColumn,
    LocalTimes,
)
"""Those whose text holds nothing that is stored."""
ATTEMPTS: Final = 20
"""How often a change is made anew that the database undid for another one's sake."""

R = TypeVar("R")


class Database:
    """Connections to one database, and the tables in it, made at first use."""

    def __init__(self, engine: Engine, *, tables: Collection[Table] = ALL) -> None:
        """Use an engine; nothing is opened yet.

        Args:
            engine: Of the database.
            tables: Which of our tables it is to have.
        """
        self.engine = engine
        self._tables = tables
        self._reader, self._writer = _reader(engine), _writer(engine)
        self._driver_error = engine.dialect.loaded_dbapi.Error
        self._faults = (*FAULTS, self._driver_error)
        self._file = FileWatch.of(engine)
        self._created_in: int | None = None
        self._lock = Lock()

    def first(
        self,
        query: Executable,
        parameters: Mapping[str, object],
        convert: Callable[[Row[Any]], R],
    ) -> R | None:
        """Return what the first row of a query stands for, or None.

        Raises:
            StoreError: The database did not answer, or the row can't be read.
        """
        found = self.read(query, parameters, convert)
        return found[0] if found else None

    def read(
        self,
        query: Executable,
        parameters: Mapping[str, object],
        convert: Callable[[Row[Any]], R],
    ) -> list[R]:
        """Return what the rows of a query stand for.

        No text of ours has a NUL, and PostgreSQL refuses to look for one.

        Raises:
            StoreError: The database did not answer, or a row can't be read.
        """
        if any("\0" in value for value in parameters.values() if isinstance(value, str)):
            return []
        with self.guarded():
            self.create_tables()
            return [convert(row) for row in self._twice(lambda: self._ask(query, parameters))]

    def prepare(self, query: Select[Any]) -> Prepared:
        """Compile a query whose parameters are texts, for `first_of`.

        Raises:
            StoreError: The database did not answer.
        """
        self.create_tables()
        return Prepared(query, self.engine.dialect)

    def first_of(
        self,
        query: Prepared,
        parameters: Mapping[str, str],
        convert: Callable[[list[Any]], R],
    ) -> R | None:
        """Do as `first` does, with less between us and the driver.

        Raises:
            StoreError: The database did not answer, or the row can't be read.
        """
        if any("\0" in value for value in parameters.values()):
            return None
        with self.guarded():
            self.create_tables()
            row = self._twice(lambda: self._fetch(query, parameters))
            return convert(query.read(row)) if row else None

    def write(self, change: Callable[[Connection], R], *, exclusively: bool = False) -> R:
        """Make a change in a transaction that commits at its end, or not at all.

        It is made anew where the database undid it for the sake of another one, so it must not
        change anything else.

        Args:
            change: Gets the connection.
            exclusively: Run it while no other process runs a change of this kind.

        Returns:
            What the change returns.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        with self.guarded():
            self.create_tables()
            for _ in range(ATTEMPTS - 1):
                try:
                    return self._write_once(change, exclusively)
                except DBAPIError as error:
                    if not is_deadlock(error):
                        raise
            return self._write_once(change, exclusively)

    def execute(self, statement: Executable) -> int:
        """Run one statement that changes rows; return how many it changed.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        return self.write(lambda connection: connection.execute(statement).rowcount)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn whatever a database raises into what a page may know.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        try:
            yield
        except self._faults as error:
            raise unavailable("database", _describe(error)) from None

    def create_tables(self) -> None:
        """Create the tables that are not there yet; safe for several processes at once.

        A file of SQLite that was replaced is looked at again.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        generation = self._file.look()
        if self._created_in == generation:
            return
        with self._lock, self.guarded():
            if self._created_in != generation:
                prepare(self._writer, self._tables)
                self._file.note()
                self._created_in = generation

    def _write_once(self, change: Callable[[Connection], R], exclusively: bool) -> R:  # noqa: FBT001
        with exclusive(self._writer) if exclusively else self._writer.begin() as connection:
            return change(connection)

    def _twice(self, ask: Callable[[], R]) -> R:
        """Ask, and ask once more where a restart had cut the connection."""
        try:
            return ask()
        except self._faults as error:
            # SQLAlchemy lets a driver's own error through where it sets up a connection.
            if isinstance(error, SQLAlchemyError) and not _is_cut(error):
                raise
            return ask()

    def _ask(self, query: Executable, parameters: Mapping[str, object]) -> list[Row[Any]]:
        with self._reader.connect() as connection:
            return list(connection.execute(query, parameters).all())

    def _fetch(self, query: Prepared, parameters: Mapping[str, str]) -> Sequence[Any] | None:
        """Return the first row by a cursor of the driver's."""
        with self._without_transaction() as connection:
            try:
                with closing(connection.cursor()) as cursor:
                    cursor.execute(query.text, query.bind(parameters))
                    row: Sequence[Any] | None = cursor.fetchone()
                    return row
            except self._driver_error as error:
                if self.engine.dialect.is_disconnect(error, connection.dbapi_connection, None):
                    connection.invalidate(error)
                    self.engine.dispose()  # the others in the pool are cut too
                raise

    @contextmanager
    def _without_transaction(self) -> Iterator[PoolProxiedConnection]:
        """Yield a connection of the driver's on which a question sees what is there now.

        An app's own engine may leave transactions open, in which it would see what was there.
        """
        if self._reader is self.engine:
            with closing(self.engine.raw_connection()) as connection:
                yield connection
        else:
            with self._reader.connect() as switched:
                yield switched.connection


def _reader(engine: Engine) -> Engine:
    """Return an engine whose connections open no transaction for a query.

    SQLite's driver opens none by itself; the others would send BEGIN and ROLLBACK around each.
    """
    if engine.dialect.name == "sqlite" or is_autocommit(engine):
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _writer(engine: Engine) -> Engine:
    """Return an engine whose transactions see what others have committed, and lock little."""
    if engine.dialect.name in {"postgresql", *MYSQL}:
        return engine.execution_options(isolation_level="READ COMMITTED")
    return engine


def _is_cut(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _describe(error: Exception) -> str:
    """Return the kind of a fault, and its first line where that can hold no stored value."""
    cause = getattr(error, "orig", None) or error
    kind = type(cause).__name__
    if not isinstance(error, TELLING):
        return kind
    return f"{kind}: {str(cause).partition(chr(10))[0]!a}"
