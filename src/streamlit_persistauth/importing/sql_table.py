"""Reads accounts from a table of another database."""

from collections.abc import Mapping
from typing import Final
from warnings import catch_warnings, simplefilter

from sqlalchemy import inspect, select
from sqlalchemy.exc import SAWarning

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.importing.fields import choose_columns, to_account
from streamlit_persistauth.stores.sql.accounts import AccountTable
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine

READ_SECONDS: Final = 600.0
"""How long it may take to read the table, which may be large."""


def read_table(url: str, table: str, columns: Mapping[str, str]) -> list[ImportedAccount]:
    """Return the accounts in a table.

    Args:
        url: The SQLAlchemy URL of the database.
        table: The name of the table, with its schema if that is not the default.
        columns: The columns of fields that do not have their usual column.

    Raises:
        ConfigError: There is no such table, or it lacks a column.
        StoreError: The database did not answer.
    """
    engine = open_engine(url, "URL")
    schema, _, name = table.rpartition(".")
    try:
        with Database(engine, tables=(), timeout_seconds=READ_SECONDS).guarded():
            found = inspect(engine)
            if not found.has_table(name, schema=schema or None):
                raise ConfigError("table", f"there is no {table} in this database.")
            existing = [column["name"] for column in found.get_columns(name, schema=schema or None)]
            chosen = choose_columns(existing, columns)
            # Ids are not imported, so the login name can replace a missing one.
            login_name = chosen.get("email") or chosen["username"]
            key = "id" if "id" in existing else login_name
            with catch_warnings():
                simplefilter("ignore", SAWarning)  # about columns and indexes that are not imported
                accounts = AccountTable.reflected(engine, table, {"id": key, **chosen})
            labelled = [accounts.columns[field].label(field) for field in ("id", *chosen)]
            with engine.connect() as connection:
                rows = [row._asdict() for row in connection.execute(select(*labelled))]
        return [to_account(row, f"{name} {row['id']}") for row in rows]
    finally:
        engine.dispose()
