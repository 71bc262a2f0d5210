"""The floor: two statements with a plain driver, on one open connection."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Address:
    """The address of a database.

    Attributes:
        backend: `sqlite`, `postgresql` or `mysql`.
        database: Its name; of SQLite, its file.
        host: Of the server.
        port: Of the server.
        user: Whom the server lets in without a password.
    """

    backend: str
    database: str
    host: str = ""
    port: int = 0
    user: str = ""


class Statements:
    """Reads a row of one table and a row of another, all columns, without a transaction."""

    def __init__(self, address: Address, record: tuple[str, str], user: tuple[str, str]) -> None:
        """Connect.

        Args:
            address: The database.
            record: Table and key column of what is read first.
            user: Table and key column of what is read then.
        """
        mark = "?" if address.backend == "sqlite" else "%s"
        self._statements = [
            f"SELECT * FROM {table} WHERE {key} = {mark}"  # noqa: S608 - our own names
            for table, key in (record, user)
        ]
        self._connection = connect(address)

    def read(self, key: str, user_id: object) -> Sequence[Any]:
        """Return both rows.

        Raises:
            LookupError: One of them is missing.
        """
        cursor = self._connection.cursor()
        cursor.execute(self._statements[0], (key,))
        record = cursor.fetchone()
        cursor.execute(self._statements[1], (user_id,))
        rows = (record, cursor.fetchone())
        if None in rows:
            raise LookupError(key)
        return rows

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


def connect(address: Address) -> Any:  # noqa: ANN401 - of three drivers
    """Return a connection that commits by itself."""
    if address.backend == "sqlite":
        return sqlite3.connect(address.database, isolation_level=None)
    where: dict[str, Any] = {"host": address.host, "port": address.port, "user": address.user}
    if address.backend == "postgresql":
        import psycopg

        # Times without a time zone are in UTC.
        utc = "-c timezone=UTC"
        return psycopg.connect(dbname=address.database, autocommit=True, options=utc, **where)
    import pymysql

    return pymysql.connect(database=address.database, autocommit=True, charset="utf8mb4", **where)
