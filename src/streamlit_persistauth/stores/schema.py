"""The life of the tables: made where they are missing, completed where they are older."""

from typing import Final

from sqlalchemy import Connection, Engine, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateColumn

from streamlit_persistauth.stores.tables import metadata

ATTEMPTS: Final = 20
"""More than there are tables and indexes that several processes could be making at once."""


def create_missing(engine: Engine) -> None:
    """Create missing tables, and add missing columns and indexes to those that are there.

    A table that an app has already is adopted: columns are added to it, as nullable ones, and
    nothing of it is changed. Safe for several processes at once: one that finds another's work
    half done starts over.

    Raises:
        SQLAlchemyError: The database refused, for another reason than another process.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                _complete(connection)
        except DBAPIError:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def _complete(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there:
            _adopt(table, connection)
        else:
            table.create(connection)


def _adopt(table: Table, connection: Connection) -> None:
    """Add what an existing table lacks."""
    found = inspect(connection)
    columns = {column["name"] for column in found.get_columns(table.name)}
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in columns:
            nullable = column._copy(nullable=True)  # noqa: SLF001 - SQLAlchemy has no public copy
            definition = CreateColumn(nullable).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {definition}")
    indexes = {index["name"] for index in found.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexes:
            index.create(connection)
