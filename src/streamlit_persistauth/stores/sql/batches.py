"""Deleting many rows without holding a lock for long."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, delete, select

from streamlit_persistauth.stores.sql.database import Database

BATCH: Final = 1000
"""Rows that one transaction deletes."""


def delete_in_batches(
    database: Database, key: Column[Any], *conditions: ColumnElement[bool]
) -> int:
    """Delete the rows that meet all conditions; return how many there were.

    Args:
        database: Where they are.
        key: The primary key of their table.
        *conditions: What they have in common.
    """
    deleted, batch = 0, select(key).where(*conditions).limit(BATCH)
    while True:
        with database.writing() as connection:
            keys = connection.execute(batch).scalars().all()
            # The conditions again: one of them may have been renewed meanwhile.
            doomed = delete(key.table).where(key.in_(keys), *conditions)
            deleted += connection.execute(doomed).rowcount
        if len(keys) < BATCH:
            return deleted
