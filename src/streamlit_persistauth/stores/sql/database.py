"""Runs statements on one database, creates its tables, and turns its errors into `StoreError`."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    PoolProxiedConnection,
    Row,
    Table,
)
from sqlalchemy.exc import DBAPIError, NoSuchTableError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.faults import STORE_TIMEOUT_SECONDS, Availability
from streamlit_persistauth.stores.sql.accounts import MissingColumn
from streamlit_persistauth.stores.sql.answers import (
    Query,
    WrongAnswer,
    count_changed,
    fetch_all,
    to_only,
)
from streamlit_persistauth.stores.sql.deadlines import (
    Call,
    DeadlineExceeded,
    current_call,
    deadline,
    watch,
)
from streamlit_persistauth.stores.sql.dialects import (
    TIMES,
    as_utc,
    exclude_other_nodes,
    exclusive,
    waiting_for_standbys,
)
from streamlit_persistauth.stores.sql.driver_errors import (
    MADE_ELSEWHERE,
    is_conflict,
    is_unconvertible,
)
from streamlit_persistauth.stores.sql.engines import is_autocommit
from streamlit_persistauth.stores.sql.file_watch import FileWatch
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.retries import drop_if_refused, run_transaction
from streamlit_persistauth.stores.sql.schema import LocalTimes, prepare
from streamlit_persistauth.stores.sql.tables import ALL, MYSQL

FAULTS: Final = (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError)
"""What a failing database raises; the last two for a row that can't be converted."""
LATE: Final = (DeadlineExceeded, PoolTimeout)
LOGGED: Final = (
    OperationalError,
    sqlite3.OperationalError,
    OSError,
    NoSuchTableError,
    MissingColumn,
    LocalTimes,
    WrongAnswer,
)
"""Errors whose message holds no stored value, so it can be logged."""

R = TypeVar("R")


class Unreachable(ConnectionError):
    """The driver could not connect, or has lost the connection.

    Attributes:
        orig: The error of the driver.
    """

    def __init__(self, orig: Exception) -> None:
        super().__init__()
        self.orig = orig


class Database:
    """One database. Its tables are created at first use."""

    def __init__(
        self,
        engine: Engine,
        *,
        tables: Collection[Table] = ALL,
        timeout_seconds: float = STORE_TIMEOUT_SECONDS,
        synchronous_revocations: bool = False,
    ) -> None:
        """Configure the database; no connection is opened yet.

        Args:
            engine: The engine of the database.
            tables: Those of our tables that it needs.
            timeout_seconds: How long a call may take. SQLite has its own limit for locks.
            synchronous_revocations: Whether revocations wait for the standbys of PostgreSQL.
        """
        self.engine = engine
        self._tables = tables
        self._waits = synchronous_revocations and engine.dialect.name == "postgresql"
        self._timeout = timeout_seconds
        self._has_deadlines = engine.dialect.name != "sqlite"
        if self._has_deadlines:
            watch(engine)
        self.availability = Availability("database", self._ping)
        self._reader, self._writer = _reader(engine), _writer(engine)
        self._driver_error = engine.dialect.loaded_dbapi.Error
        self._faults = (*FAULTS, self._driver_error)
        self._file = FileWatch.of(engine)
        self._created_in: int | None = None
        self._lock = Lock()

    def first(
        self,
        query: Query,
        parameters: Mapping[str, object],
        convert: Callable[[Row[Any]], R],
    ) -> R | None:
        """Return the converted first row of a query, or None.

        Raises:
            StoreError: The database fails, or the row can't be converted.
        """
        found = self.read(query, parameters, convert)
        return found[0] if found else None

    def read(
        self,
        query: Query,
        parameters: Mapping[str, object],
        convert: Callable[[Row[Any]], R],
    ) -> list[R]:
        """Return the converted rows of a query.

        A parameter that the database can't hold matches no row.

        Raises:
            StoreError: The database fails, or a row can't be converted.
        """
        if _has_nul(parameters):
            return []
        with self.guarded():
            return [convert(row) for row in self._rows(query, parameters) or ()]

    def can_hold(self, query: Query, parameters: Mapping[str, object]) -> bool:
        """Return whether the columns that a query compares can hold its parameters.

        Raises:
            StoreError: The database fails.
        """
        if _has_nul(parameters):
            return False
        with self.guarded():
            return self._rows(query, parameters) is not None

    def only(self, query: Query, kind: type[R]) -> R:
        """Return the value of a query that selects one row of one column.

        Args:
            query: The query.
            kind: The type of the value.

        Raises:
            StoreError: The database fails, or the answer is something else.
        """
        with self.guarded():
            self.create_tables()
            return to_only(self._with_retry(lambda: self._fetch_all(query, {})), kind)

    def count(self, query: Query) -> int:
        """Return the number that a query counts; 0 if a character set lacks a character of it.

        Raises:
            StoreError: The database fails, or the answer is something else.
        """
        with self.guarded():
            rows = self._rows(query, {})
            return 0 if rows is None else to_only(rows, int)

    def prepare(self, query: Query) -> Prepared:
        """Compile a query whose parameters are texts, for `first_of`.

        Raises:
            StoreError: The database fails.
        """
        self.create_tables()
        return Prepared(query, self.engine.dialect)

    def first_of(
        self,
        query: Prepared,
        parameters: Mapping[str, str],
        convert: Callable[[list[Any]], R],
    ) -> R | None:
        """Return the converted first row of a compiled query, or None.

        Raises:
            StoreError: The database fails, or the row can't be converted.
        """
        if _has_nul(parameters):
            return None
        with self.guarded():
            self.create_tables()
            row = self._with_retry(lambda: self._fetch_first(query, parameters))
            return convert(query.read(row)) if row else None

    def write(
        self,
        change: Callable[[Connection], R],
        *,
        exclusively: bool = False,
        revokes: bool = False,
    ) -> R:
        """Run a function in a transaction.

        The function may be called again, as `run_transaction` says, so it must change nothing but
        the database.

        Args:
            change: Takes the connection.
            exclusively: Whether to wait until no other process runs an exclusive change.
            revokes: Whether the change revokes something, and waits for standbys by setting.

        Returns:
            The result of the function.

        Raises:
            StoreError: The database fails, or refuses the change.
        """
        if revokes and self._waits:
            change = waiting_for_standbys(change)
        with self.guarded("writing"):
            self.create_tables()
            return run_transaction(
                self.engine,
                lambda: self._write_once(change, exclusively),
                # The others commit each statement, or release a lock of MySQL after the commit.
                ends_with_commit=self._writer is not self.engine and not exclusively,
            )

    @property
    def has_clock(self) -> bool:
        """Whether the database has a clock of its own."""
        return self.engine.dialect.name in TIMES

    def read_clock(self) -> datetime:
        """Return the time of the database in UTC.

        Raises:
            StoreError: The database fails.
        """
        return as_utc(self.only(TIMES[self.engine.dialect.name], datetime))

    def execute(self, statement: Executable, *, revokes: bool = False) -> int:
        """Run one statement that changes rows; return their number.

        Args:
            statement: The statement.
            revokes: As in `write`.

        Raises:
            StoreError: The database fails, or refuses the statement.
        """
        return self.write(
            lambda connection: count_changed(connection.execute(statement)), revokes=revokes
        )

    @contextmanager
    def guarded(self, operation: str = "reading") -> Iterator[None]:
        """Limit the time of a call, and turn every error of the database into a `StoreError`.

        Args:
            operation: What the call does, for the log.

        Raises:
            StoreError: The block raised an error of the database, or the database has not
                answered earlier calls.
        """
        self.availability.require(operation)
        with self._deadline() as call:
            try:
                yield
            except self._faults as error:
                drop_if_refused(self.engine, error)
                raise self._note(error, operation, call) from None
        self.availability.answered()

    def create_tables(self) -> None:
        """Create the tables that are missing; safe for several processes at once.

        They are created again if the file of an SQLite database was replaced.

        Raises:
            StoreError: The database fails, or refuses.
        """
        generation = self._file.check()
        if self._created_in == generation:
            return
        operation = "creating the tables"
        # Guarded twice, so that a caller that waited for one without an answer is refused.
        with self.guarded(operation), self._locked(), self.guarded(operation):
            if self._created_in != generation:
                run_transaction(
                    self.engine,
                    lambda: prepare(self._writer, self._tables),
                    ends_with_commit=False,
                    conflicts=MADE_ELSEWHERE,
                )
                self._file.note()
                self._created_in = generation

    def _deadline(self) -> AbstractContextManager[Call | None]:
        return deadline(self._timeout) if self._has_deadlines else nullcontext()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Wait for other threads that create the tables, until the deadline."""
        call = current_call()
        if not self._lock.acquire(timeout=-1 if call is None else call.remaining):
            raise DeadlineExceeded
        try:
            yield
        finally:
            self._lock.release()

    def _ping(self) -> None:
        """Send the shortest query; raise the error of the driver if it fails."""
        with self._deadline(), closing(self.engine.raw_connection()) as connection:
            try:
                self.engine.dialect.do_ping(connection.dbapi_connection)  # type: ignore[arg-type]
            except self._faults as error:
                connection.invalidate(error)  # or the next ping may get it again
                raise

    def _note(self, error: Exception, operation: str, call: Call | None) -> StoreError:
        """Note an error of the database; return the one to raise."""
        if call is not None and (call.is_over or isinstance(error, LATE)):
            return self.availability.timed_out(operation, call.began)
        if _is_unreachable(error):
            return self.availability.unreachable(operation, _describe(error))
        return self.availability.refused(operation, _describe(error))

    def _write_once(self, change: Callable[[Connection], R], exclusively: bool) -> R:  # noqa: FBT001
        with exclusive(self._writer) if exclusively else self._writer.begin() as connection:
            if exclusively and self._tables:
                exclude_other_nodes(connection)
            return change(connection)

    def _with_retry(self, query: Callable[[], R]) -> R:
        """Run a query, and once more if the connection was closed or the server refused it."""
        try:
            return query()
        except self._faults as error:
            call = current_call()
            if call is not None and call.is_over:
                raise
            # While SQLAlchemy sets up a connection, it does not wrap errors of the driver.
            is_repeatable = _is_repeatable(error) or drop_if_refused(self.engine, error)
            if not is_repeatable and isinstance(error, SQLAlchemyError | WrongAnswer):
                raise
            return query()

    def _rows(self, query: Query, parameters: Mapping[str, object]) -> Sequence[Row[Any]] | None:
        """Return the rows of a query, or None if a character set lacks a character of it."""
        self.create_tables()
        try:
            return self._with_retry(lambda: self._fetch_all(query, parameters))
        except self._faults as error:
            if is_unconvertible(error):
                return None
            raise

    def _fetch_all(self, query: Query, parameters: Mapping[str, object]) -> list[Row[Any]]:
        with self._reader.connect() as connection:
            return fetch_all(connection, query, parameters)

    def _fetch_first(self, query: Prepared, parameters: Mapping[str, str]) -> Sequence[Any] | None:
        """Return the first row, read with a cursor of the driver."""
        with self._without_transaction() as connection:
            try:
                with closing(connection.cursor()) as cursor:
                    cursor.execute(query.text, query.bind(parameters))
                    query.check(cursor.description)
                    row: Sequence[Any] | None = cursor.fetchone()
                    return row
            except self._driver_error as error:
                if self.engine.dialect.is_disconnect(error, connection.dbapi_connection, None):
                    connection.invalidate(error)
                    self.engine.dispose()  # the others in the pool are closed too
                    raise Unreachable(error) from None
                raise

    @contextmanager
    def _without_transaction(self) -> Iterator[PoolProxiedConnection]:
        """Yield a connection of the driver on which a query sees the present state.

        An engine of the app may leave transactions open, in which a query sees an old state.
        """
        if self._reader is self.engine:
            with closing(self._connect()) as connection:
                yield connection
        else:
            with self._reader.connect() as switched:
                yield switched.connection

    def _connect(self) -> PoolProxiedConnection:
        """Return a connection of the driver.

        Raises:
            Unreachable: The driver could not connect.
        """
        try:
            return self.engine.raw_connection()
        except self._driver_error as error:
            raise Unreachable(error) from None


def _reader(engine: Engine) -> Engine:
    """Return an engine whose connections open no transaction for a query.

    The driver of SQLite opens none; the others would send BEGIN and ROLLBACK with each query.
    """
    if engine.dialect.name == "sqlite" or is_autocommit(engine):
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _writer(engine: Engine) -> Engine:
    """Return an engine whose transactions see what others have committed, and lock few rows."""
    if engine.dialect.name in {"postgresql", *MYSQL}:
        return engine.execution_options(isolation_level="READ COMMITTED")
    return engine


def _has_nul(parameters: Mapping[str, object]) -> bool:
    """Return whether a text has a NUL, which PostgreSQL stores in none; it is not asked then."""
    return any("\0" in value for value in parameters.values() if isinstance(value, str))


def _is_repeatable(error: Exception) -> bool:
    return is_conflict(error) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _is_unreachable(error: Exception) -> bool:
    """Return whether an error means that there is no connection to the database."""
    if isinstance(error, DBAPIError):
        # Without a statement, the error is one of connecting or of ending a transaction.
        return error.connection_invalidated or error.statement is None
    return isinstance(error, OSError)


def _describe(error: Exception) -> str:
    """Return the kind of an error, and its first line if that can hold no stored value."""
    cause = getattr(error, "orig", None) or error
    kind = type(cause).__name__
    if not isinstance(error, LOGGED):
        return kind
    return f"{kind}: {str(cause).partition(chr(10))[0]!a}"
