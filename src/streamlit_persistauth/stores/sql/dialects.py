"""What each database says in its own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, insert, text

from streamlit_persistauth.stores.sql.tables import MYSQL

LOCK: Final = 0x7065727369737461
"""The number of our lock in PostgreSQL: "persista"."""
LOCK_SECONDS: Final = 60


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


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction, while no other process is in one of this kind.

    A database that can't lock so lets them all in.
    """
    with engine.begin() as connection:
        name = connection.dialect.name
        if name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if name in MYSQL:
            yield from _exclusive_in_mysql(connection)
        else:
            yield connection


def _exclusive_in_mysql(connection: Connection) -> Iterator[Connection]:
    """Hold a lock by name, which unlike a transaction outlives a change of the tables."""
    lock = {"lock": f"persistauth {connection.engine.url.database}"[:64], "wait": LOCK_SECONDS}
    connection.execute(text("SELECT GET_LOCK(:lock, :wait)"), lock)
    try:
        yield connection
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:lock)"), lock)
