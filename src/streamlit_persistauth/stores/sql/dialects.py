"""What each database says in its own words."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, insert, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from streamlit_persistauth.stores.sql.tables import MYSQL

LOCK: Final = 0x7065727369737461
"""The number of our lock in PostgreSQL: "persista"."""
LOCK_SECONDS: Final = 60
MYSQL_DEADLOCK: Final = 1213
"""ER_LOCK_DEADLOCK."""

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
        raise TimeoutError("another process is making the tables")
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
