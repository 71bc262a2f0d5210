"""Statements and expressions that differ between the databases."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime, timezone
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Select,
    String,
    Table,
    case,
    cast,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from streamlit_persistauth.stores.sql.tables import MYSQL, auth_schema

TIMES: Final[Mapping[str, Select[Any]]] = {
    "postgresql": select(func.clock_timestamp().label("time_now")),
    **dict.fromkeys(MYSQL, select(func.utc_timestamp(6).label("time_now"))),
}
"""Queries for the time, by dialect; SQLite uses the clock of this machine."""
LOCK: Final = 0x7065727369737461
"""The number of our lock in PostgreSQL: "persista"."""
LOCK_SECONDS: Final = 60

R = TypeVar("R")
_REGEX_SPECIAL: Final = "*?[]\\.+(){}|^$"
"""The special characters of regular expressions in PostgreSQL."""
_COLLATION: Final = text(
    "SELECT collation_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = :table AND column_name = :column"
)


def upsert(connection: Connection, table: Table, columns: dict[str, Any]) -> None:
    """Insert a row, or replace the one with the same primary key, in one statement."""
    name = connection.dialect.name
    if name in MYSQL:
        from sqlalchemy.dialects import mysql

        connection.execute(mysql.insert(table).values(columns).on_duplicate_key_update(columns))
    elif name in {"sqlite", "postgresql"}:
        from sqlalchemy.dialects import postgresql, sqlite

        native = sqlite.insert if name == "sqlite" else postgresql.insert
        keys = [column.name for column in table.primary_key]
        connection.execute(
            native(table).values(columns).on_conflict_do_update(index_elements=keys, set_=columns)
        )
    else:
        key = [column == columns[column.name] for column in table.primary_key]
        connection.execute(delete(table).where(*key))
        connection.execute(insert(table), columns)


def contains(dialect: str, column: Column[Any], text: str) -> ColumnElement[bool]:
    """Return whether a column contains a text, in any case.

    No character of the text has a special meaning.
    """
    if dialect == "sqlite":
        return column.op("GLOB", is_comparison=True)(f"*{_either_case(text, '*?[', '[{}]')}*")
    if dialect == "postgresql" and not text.isascii():
        return column.regexp_match(_either_case(text, _REGEX_SPECIAL, "\\{}"))
    return column.icontains(text, autoescape=True)


def contains_exactly(dialect: str, column: Column[Any], text: str) -> ColumnElement[bool]:
    """Return whether a column contains a text, byte for byte.

    No character of the text has a special meaning.
    """
    if dialect == "sqlite":
        return func.instr(column, text) > 0
    if dialect in MYSQL:
        return func.instr(cast(column, LargeBinary), cast(literal(text), LargeBinary)) > 0
    return column.contains(text, autoescape=True)


def missing_last(
    dialect: str, column: Column[Any], ordered: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Return the order by a key of a column with rows without a value last.

    Args:
        dialect: The name of the SQL dialect.
        column: The column.
        ordered: The key, ascending or descending.
    """
    if not column.nullable:
        return [ordered]
    if dialect in {"sqlite", "postgresql"}:  # an index can serve this
        return [ordered.nulls_last()]
    return [case((column.is_(None), 1), else_=0), ordered]


def _either_case(text: str, special: str, escaped: str) -> str:
    """Return a pattern that matches a text with each letter in either case.

    The case-insensitive operators of SQLite, and of PostgreSQL in some locales, handle ASCII only.
    PostgreSQL's is three times as fast, so it is used for ASCII texts.

    Args:
        text: The text to find.
        special: Characters with a special meaning in the pattern.
        escaped: A format that escapes them.
    """
    return "".join(
        escaped.format(character) if character in special else _letter(character)
        for character in text
    )


def _letter(character: str) -> str:
    """Return a pattern for a letter in either case; other characters stay as they are."""
    cases = sorted({character, character.lower(), character.upper()})
    single = [case for case in cases if len(case) == 1]
    return f"[{''.join(single)}]" if len(single) > 1 else character


def utc_day(dialect: str, column: Column[Any]) -> ColumnElement[Any]:
    """Return the day of a time in UTC, as a date or its text."""
    here = func.timezone("UTC", column) if dialect == "postgresql" else column
    return func.date(here, type_=String)


def as_utc(moment: datetime) -> datetime:
    """Return the result of a query of `TIMES` as an aware datetime."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


_AT_LEAST_ON: Final = text(
    "SELECT set_config('synchronous_commit', 'on', true)"
    " WHERE current_setting('synchronous_commit') <> 'remote_apply'"
)


def waiting_for_standbys(change: Callable[[Connection], R]) -> Callable[[Connection], R]:
    """Return a change of PostgreSQL whose commit waits for the synchronous standbys."""

    def waiting(connection: Connection) -> R:
        connection.execute(_AT_LEAST_ON)
        return change(connection)

    return waiting


@contextmanager
def exclusive(engine: Engine, *, alters: bool = False) -> Iterator[Connection]:
    """Yield a connection in a transaction that excludes other exclusive transactions.

    Databases other than SQLite, PostgreSQL, MySQL and MariaDB have no such lock.

    Args:
        engine: The engine of the database.
        alters: Whether tables may be replaced: SQLite does not enforce foreign keys then.
    """
    name = engine.dialect.name
    with (
        engine.connect() as connection,
        _named_lock(connection) if name in MYSQL else nullcontext(),
        _without_foreign_keys(connection) if alters and name == "sqlite" else nullcontext(),
        connection.begin(),
    ):
        if name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


def exclude_other_nodes(connection: Connection) -> None:
    """Let one of simultaneous transactions on several nodes of Galera succeed.

    A named lock of MySQL excludes those on the same node only. Galera rolls back all but one of the
    transactions that change the same row, which this one adds and removes again.
    """
    if connection.dialect.name in MYSQL:
        row = {"version": -1}
        connection.execute(insert(auth_schema), row)
        connection.execute(delete(auth_schema).where(auth_schema.c.version == row["version"]))


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Do not enforce foreign keys of SQLite, which can be switched outside a transaction only."""
    enforced = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.commit()
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {enforced}")
        connection.commit()


@contextmanager
def _named_lock(connection: Connection) -> Iterator[None]:
    """Hold a named lock of MySQL, because each change of a table commits the transaction there.

    Raises:
        TimeoutError: Another process has held the lock for a minute.
    """
    name = f"persistauth {connection.engine.url.database}"[:64]
    lock = {"lock": name, "wait": LOCK_SECONDS}
    got = connection.execute(text("SELECT GET_LOCK(:lock, :wait)"), lock).scalar()
    connection.commit()  # the lock belongs to the connection, not to the transaction
    if not got:
        raise TimeoutError("another process holds the lock")
    try:
        yield
    finally:
        try:
            connection.execute(text("SELECT RELEASE_LOCK(:lock)"), lock)
            connection.commit()
        except SQLAlchemyError:  # says nothing about the transaction, which is complete
            connection.invalidate()


def index_names(connection: Connection, table: str) -> set[str | None]:
    """Return the names of the indexes of a table, including those on expressions."""
    if connection.dialect.name == "sqlite":  # SQLAlchemy leaves them out
        query = text("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table")
        return set(connection.execute(query, {"table": table}).scalars())
    return {index["name"] for index in inspect(connection).get_indexes(table)}


def exact_type(connection: Connection, table: str, column: str) -> TypeEngine[Any]:
    """Return the type of a column of MySQL, including its collation."""
    from sqlalchemy.dialects import mysql

    kinds = {item["name"]: item["type"] for item in inspect(connection).get_columns(table)}
    collation = connection.execute(_COLLATION, {"table": table, "column": column}).scalar()
    length = getattr(kinds[column], "length", None)
    return mysql.VARCHAR(length, collation=collation) if collation else kinds[column]
