"""What each database says in its own words."""

from typing import Any

from sqlalchemy import Connection, Table, delete, insert

from streamlit_persistauth.stores.tables import MYSQL


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
