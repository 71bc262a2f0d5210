"""Deletes many rows without holding locks for long."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, delete, select

from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.tables import MYSQL

BATCH: Final = 1000
"""Rows that one transaction deletes."""


def delete_in_batches(
    database: Database, key: Column[Any], *conditions: ColumnElement[bool]
) -> int:
    """Delete the rows that meet all conditions; return their number.

    Args:
        database: The database.
        key: The primary key of the table.
        *conditions: SQL conditions.
    """
    batch = delete(key.table).where(*conditions)
    if database.engine.dialect.name in MYSQL:
        batch = batch.with_dialect_options(mysql_limit=BATCH, mariadb_limit=BATCH)
    else:
        # The conditions are repeated outside: PostgreSQL checks only those again for a row that it
        # had to wait for, and that may have been renewed meanwhile.
        batch = batch.where(key.in_(select(key).where(*conditions).limit(BATCH)))
    deleted = 0
    while count := database.execute(batch):
        deleted += count
    return deleted
