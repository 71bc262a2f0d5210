"""The SQLite file of an app under test."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Database:
    """Runs the SQL that an operator would type."""

    path: Path

    @property
    def url(self) -> str:
        """The address for `PERSISTAUTH_DATABASE_URL`."""
        return f"sqlite:///{self.path}"

    def empty(self) -> None:
        """Delete every row, except the version of the schema."""
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'auth_schema'"
        with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
            for (table,) in connection.execute(tables).fetchall():
                connection.execute(f'DELETE FROM "{table}"')

    def rows(self, sql: str, *parameters: str) -> list[tuple[object, ...]]:
        """Run a query and return its rows."""
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def events(self) -> list[object]:
        """Return the types of the events of accounts, in order.

        Without refusals, which a page of the previous test may still cause on this server.
        """
        query = "SELECT event_type FROM auth_events WHERE user_id IS NOT NULL ORDER BY id"
        return [row[0] for row in self.rows(query)]

    def execute(self, sql: str, *parameters: str) -> int:
        """Run a statement, commit it, and return how many rows it changed."""
        with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
            return connection.execute(sql, parameters).rowcount
