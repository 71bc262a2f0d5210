"""What each database says in its own words."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    String,
    Table,
    cast,
    delete,
    func,
    insert,
    inspect,
    literal,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from streamlit_persistauth.stores.sql.tables import MYSQL

LOCK: Final = 0x7065727369737461
"""The number of our lock in PostgreSQL: "persista"."""
LOCK_SECONDS: Final = 60
MYSQL_DEADLOCK: Final = 1213
"""ER_LOCK_DEADLOCK."""

_OF_EXPRESSIONS: Final = "*?[]\\.+(){}|^$"
"""Signs that are special in PostgreSQL's regular expressions."""
_COLLATION: Final = text(
    "SELECT collation_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = :table AND column_name = :column"
)


def upsert(connection: Connection, table: Table, columns: dict[str, Any]) -> None:
    """Insert a row, in place of the one with the same primary key if there is one; in one step."""
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
    """Return whether a column has a text somewhere in it, without regard to case.

    No character of the text is a pattern.
    """
    if dialect == "sqlite":
        return column.op("GLOB", is_comparison=True)(f"*{_either_case(text, '*?[', '[{}]')}*")
    if dialect == "postgresql" and not text.isascii():
        return column.regexp_match(_either_case(text, _OF_EXPRESSIONS, "\\{}"))
    return column.icontains(text, autoescape=True)


def contains_exactly(dialect: str, column: Column[Any], text: str) -> ColumnElement[bool]:
    """Return whether a column has a text somewhere in it, byte for byte.

    No character of the text is a pattern.
    """
    if dialect == "sqlite":
        return func.instr(column, text) > 0
    if dialect in MYSQL:
        return func.instr(cast(column, LargeBinary), cast(literal(text), LargeBinary)) > 0
    return column.contains(text, autoescape=True)


def _either_case(text: str, special: str, escaped: str) -> str:
    """Return a pattern of a text with each letter in either case.

    The databases' own ways to overlook case know ASCII alone: SQLite's always, PostgreSQL's in
    some locales. There it is three times as quick, and so is left what is ASCII.

    Args:
        text: In which each other character stands for itself.
        special: The signs that would not.
        escaped: How they are made to.
    """
    return "".join(
        escaped.format(character) if character in special else _letter(character)
        for character in text
    )


def _letter(character: str) -> str:
    """Return what matches a letter in either case, where there are two."""
    cases = sorted({character, character.lower(), character.upper()})
    single = [case for case in cases if len(case) == 1]
    return f"[{''.join(single)}]" if len(single) > 1 else character


def utc_day(dialect: str, column: Column[Any]) -> ColumnElement[Any]:
    """Return the day of a time in UTC, as a date or its text."""
    here = func.timezone("UTC", column) if dialect == "postgresql" else column
    return func.date(here, type_=String)


def is_deadlock(error: DBAPIError) -> bool:
    """Return whether a transaction was undone because it and another one stood in each other's way.

    That is no fault: the database asks to do it again.
    """
    if getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}:  # PostgreSQL, appendix A
        return True
    number = error.orig.args[0] if error.orig and error.orig.args else None
    return number == MYSQL_DEADLOCK


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction, while no other process is in one of this kind.

    A database that can't lock so lets them all in.
    """
    name = engine.dialect.name
    with (
        engine.connect() as connection,
        _named_lock(connection) if name in MYSQL else nullcontext(),
        connection.begin(),
    ):
        if name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


@contextmanager
def _named_lock(connection: Connection) -> Iterator[None]:
    """Hold a lock of MySQL by name: each change of a table ends the transaction it is made in.

    Raises:
        TimeoutError: Another process has held it for a minute.
    """
    name = f"persistauth {connection.engine.url.database}"[:64]
    lock = {"lock": name, "wait": LOCK_SECONDS}
    got = connection.execute(text("SELECT GET_LOCK(:lock, :wait)"), lock).scalar()
    connection.commit()  # the lock is the connection's, not the transaction's
    if not got:
        raise TimeoutError("another process holds the lock")
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:lock)"), lock)
        connection.commit()


def exact_type(connection: Connection, table: str, column: str) -> TypeEngine[Any]:
    """Return the type of a column of MySQL, with the collation that it has from its table."""
    from sqlalchemy.dialects import mysql

    kinds = {item["name"]: item["type"] for item in inspect(connection).get_columns(table)}
    collation = connection.execute(_COLLATION, {"table": table, "column": column}).scalar()
    length = getattr(kinds[column], "length", None)
    return mysql.VARCHAR(length, collation=collation) if collation else kinds[column]
