"""Changes of tables that SQLite can only make by a new table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

_TABLE: Final = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
_PARTS: Final = text(
    "SELECT sql FROM sqlite_master"
    " WHERE type IN ('index', 'trigger') AND tbl_name = :table AND sql IS NOT NULL"
)


def allow_null(connection: Connection, table: str, column: str) -> None:
    """Remove NOT NULL from a column, if the table defines it as this package did.

    The table is copied with its indexes and triggers (sqlite.org/lang_altertable.html, 7).
    Nothing happens while foreign keys are enforced, because dropping the former table would delete
    the rows that refer to it.

    Args:
        connection: A connection in a transaction.
        table: The name of the table.
        column: The name of the column.
    """
    definition = str(connection.execute(_TABLE, {"table": table}).scalar())
    relaxed = definition.replace(f"{column} VARCHAR(254) NOT NULL", f"{column} VARCHAR(254)", 1)
    if relaxed == definition or connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        return
    parts = connection.execute(_PARTS, {"table": table}).scalars().all()
    copy = f"persistauth_{table}"
    stored = connection.exec_driver_sql(f"PRAGMA table_info({table})").all()  # none generated
    quote = connection.dialect.identifier_preparer.quote_identifier
    columns = ", ".join(quote(row.name) for row in stored)
    with _legacy_alter_table(connection):
        for statement in (
            relaxed.replace(table, copy, 1),
            f"INSERT INTO {copy} ({columns}) SELECT {columns} FROM {table}",  # noqa: S608 - no input
            f"DROP TABLE {table}",
            f"ALTER TABLE {copy} RENAME TO {table}",
        ):
            connection.exec_driver_sql(statement)
    for part in parts:
        connection.exec_driver_sql(part)


@contextmanager
def _legacy_alter_table(connection: Connection) -> Iterator[None]:
    """Allow views to refer to a table that is missing for a moment.

    The end of the transaction does not reset this option of the connection.
    """
    before = connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar()
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA legacy_alter_table = {before}")
